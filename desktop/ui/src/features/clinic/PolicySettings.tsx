/** What the clinic requires and permits. A stricter choice takes effect at once, in open sessions too. */
import { Checkbox, NumberInput, Radio, TagsInput, Textarea } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useToast } from "@/app/toast";
import { useErrorText } from "@/app/useErrorText";
import { useMe } from "@/app/useSession";
import type { BackendError } from "@/backend/backend";
import { useBackendQueries, useCommand } from "@/backend/context";
import type { ClinicPolicy } from "@/backend/contract";
import { queryKeys } from "@/backend/queryKeys";
import { Banner } from "@/components/Banner";
import { SectionHead } from "@/components/SectionHead";
import { Failed, Loading } from "@/components/States";
import account from "@/features/account/Account.module.css";
import { SaveActs } from "@/features/settings/SaveActs";
import settings from "@/features/settings/Settings.module.css";
import { SettingsHead } from "@/features/settings/SettingsHead";

type Values = Omit<ClinicPolicy, "recording_consent" | "model_hosts"> & {
  recording_consent: string;
  hosts: "all" | "named";
  model_hosts: string[];
};

const valuesOf = (policy: ClinicPolicy): Values => ({
  ...policy,
  recording_consent: policy.recording_consent ?? "",
  hosts: policy.model_hosts === null ? "all" : "named",
  model_hosts: policy.model_hosts ?? [],
});

function policyOf({ hosts, ...values }: Values): ClinicPolicy {
  return {
    ...values,
    recording_consent: values.recording_consent.trim() || null,
    model_hosts: hosts === "all" ? null : values.model_hosts,
  };
}

/** The cloud's bounds of each figure. */
const bounds = { idle_minutes: 720, session_hours: 24, retention_days: 3650 } as const;
const isHost = (text: string) => /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(text);

function Form({ policy, locked }: { policy: ClinicPolicy; locked: boolean }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const toast = useToast();
  const cache = useQueryClient();
  const save = useCommand("save_policy", {
    onSuccess: (saved) => {
      cache.setQueryData(queryKeys.policy, saved);
      form.setInitialValues(valuesOf(saved));
      form.setValues(valuesOf(saved));
      toast({ text: t("settings.saved") });
    },
  });
  const within = (name: keyof typeof bounds) => (value: number) =>
    Number.isInteger(value) && value >= 1 && value <= bounds[name]
      ? null
      : t("people.policy_bounds", { most: bounds[name] });
  const form = useForm<Values>({
    initialValues: valuesOf(policy),
    validate: {
      idle_minutes: within("idle_minutes"),
      session_hours: within("session_hours"),
      retention_days: within("retention_days"),
      mail_domains: (value) => (value.every(isHost) ? null : t("people.policy_domain_needed")),
      model_hosts: (value) => (value.every(isHost) ? null : t("people.policy_host_needed")),
    },
    onValuesChange: () => save.reset(),
  });
  const figure = (name: keyof typeof bounds) => (
    <NumberInput
      className={settings.half ?? ""}
      label={t(`people.policy_${name}`)}
      description={t(`people.policy_${name}_hint`)}
      inputWrapperOrder={["label", "input", "description", "error"]}
      min={1}
      max={bounds[name]}
      clampBehavior="none"
      allowDecimal={false}
      // What is out of bounds is said, not changed unasked.
      readOnly={locked}
      hideControls
      {...form.getInputProps(name)}
    />
  );
  const tick = (name: "requires_second_factor" | "uploads_originals") => (
    <Checkbox
      label={t(`people.policy_${name}`)}
      description={t(`people.policy_${name}_hint`)}
      disabled={locked}
      {...form.getInputProps(name, { type: "checkbox" })}
    />
  );

  return (
    <form noValidate onSubmit={form.onSubmit((values) => save.mutate(policyOf(values)))}>
      {locked && <Banner>{t("settings.admins_only")}</Banner>}
      {save.error && <Banner kind="danger">{text(save.error)}</Banner>}
      <section className={settings.section}>
        <SectionHead>{t("people.policy_signing_in")}</SectionHead>
        <div className={account.form}>
          {tick("requires_second_factor")}
          {figure("idle_minutes")}
          {figure("session_hours")}
          <TagsInput
            label={t("people.policy_mail_domains")}
            description={t("people.policy_mail_domains_hint")}
            inputWrapperOrder={["label", "input", "description", "error"]}
            readOnly={locked}
            splitChars={[",", " "]}
            {...form.getInputProps("mail_domains")}
          />
        </div>
      </section>
      <section className={settings.section}>
        <SectionHead>{t("people.policy_records")}</SectionHead>
        <div className={account.form}>
          {figure("retention_days")}
          {tick("uploads_originals")}
          <Textarea
            label={t("people.policy_recording_consent")}
            description={t("people.policy_recording_consent_hint")}
            inputWrapperOrder={["label", "input", "description", "error"]}
            autosize
            minRows={2}
            readOnly={locked}
            {...form.getInputProps("recording_consent")}
          />
        </div>
      </section>
      <section className={settings.section}>
        <SectionHead>{t("people.policy_models")}</SectionHead>
        <div className={account.form}>
          <Radio.Group
            label={t("people.policy_model_hosts")}
            value={form.values.hosts}
            onChange={(value) => form.setFieldValue("hosts", value as Values["hosts"])}
          >
            <div className={account.radios}>
              <Radio value="all" label={t("people.hosts_all")} disabled={locked} />
              <Radio value="named" label={t("people.hosts_named")} disabled={locked} />
            </div>
          </Radio.Group>
          {form.values.hosts === "named" && (
            <TagsInput
              label={t("people.hosts")}
              description={t("people.hosts_hint")}
              inputWrapperOrder={["label", "input", "description", "error"]}
              readOnly={locked}
              splitChars={[",", " "]}
              {...form.getInputProps("model_hosts")}
            />
          )}
          {!locked && <SaveActs busy={save.isPending} dirty={form.isDirty()} onDiscard={form.reset} />}
        </div>
      </section>
    </form>
  );
}

export function PolicySettings() {
  const { t } = useTranslation();
  const { me, readOnly } = useMe();
  const { data, error, refetch } = useQuery(useBackendQueries().policy());
  return (
    <>
      <SettingsHead title={t("people.policy")}>{t("people.policy_text")}</SettingsHead>
      {data && <Form policy={data} locked={me.role !== "admin" || readOnly} />}
      {error && <Failed error={error as BackendError} onRetry={() => void refetch()} />}
      {!data && !error && <Loading rows={5} />}
    </>
  );
}
