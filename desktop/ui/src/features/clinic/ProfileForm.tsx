/** What stands on the clinic's documents: names, address, time zone, language, footer. */
import { Select, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useToast } from "@/app/toast";
import { useErrorText } from "@/app/useErrorText";
import { useMe } from "@/app/useSession";
import type { BackendError } from "@/backend/backend";
import { useBackendQueries, useCommand } from "@/backend/context";
import type { ClinicProfile, Language } from "@/backend/contract";
import { queryKeys } from "@/backend/queryKeys";
import { Banner } from "@/components/Banner";
import { Failed, Loading } from "@/components/States";
import { SaveActs } from "@/features/settings/SaveActs";
import settings from "@/features/settings/Settings.module.css";
import { timeZones } from "./timeZones";

const mostAddressLines = 6;

function Form({ profile, locked }: { profile: ClinicProfile; locked: boolean }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const toast = useToast();
  const cache = useQueryClient();
  const zones = useMemo(() => timeZones(profile.time_zone), [profile.time_zone]);
  const save = useCommand("save_clinic_profile", {
    onSuccess: (saved) => {
      cache.setQueryData(queryKeys.clinicProfile, saved);
      void cache.invalidateQueries({ queryKey: queryKeys.clinic });
      form.resetDirty();
      toast({ text: t("settings.saved") });
    },
  });
  const form = useForm({
    initialValues: {
      ...profile,
      legal_name: profile.legal_name ?? "",
      address: profile.address ?? "",
      footer: profile.footer ?? "",
    },
    validate: {
      name: (value) => (value.trim() === "" || value.length > 200 ? t("settings.clinic_name_needed") : null),
      address: (value) => (value.split("\n").length > mostAddressLines ? t("people.address_lines_many") : null),
    },
    onValuesChange: () => save.reset(),
  });
  return (
    <form
      noValidate
      onSubmit={form.onSubmit((values) =>
        save.mutate({
          ...values,
          name: values.name.trim(),
          legal_name: values.legal_name.trim() || null,
          address: values.address.trim() || null,
          footer: values.footer.trim() || null,
        }),
      )}
    >
      {locked && <Banner>{t("settings.admins_only")}</Banner>}
      {save.error && <Banner kind="danger">{text(save.error)}</Banner>}
      <div className={settings.fields}>
        <TextInput
          label={t("settings.clinic_name")}
          description={t("settings.clinic_name_hint")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          readOnly={locked}
          {...form.getInputProps("name")}
        />
        <TextInput
          label={t("people.legal_name")}
          description={t("people.legal_name_hint")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          readOnly={locked}
          {...form.getInputProps("legal_name")}
        />
        <Textarea
          label={t("people.address")}
          autosize
          minRows={3}
          readOnly={locked}
          {...form.getInputProps("address")}
        />
        <Select
          label={t("people.time_zone")}
          searchable
          data={zones}
          readOnly={locked}
          limit={200}
          {...form.getInputProps("time_zone")}
        />
        <Select
          label={t("people.clinic_language")}
          description={t("people.clinic_language_hint")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          data={(["en", "es"] as const).map((it) => ({ value: it, label: t(`settings.languages.${it}`) }))}
          readOnly={locked}
          {...form.getInputProps("language")}
          onChange={(value) => form.setFieldValue("language", (value ?? "en") as Language)}
        />
        <Textarea
          label={t("people.footer")}
          description={t("people.footer_hint")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          autosize
          readOnly={locked}
          {...form.getInputProps("footer")}
        />
      </div>
      {!locked && <SaveActs busy={save.isPending} dirty={form.isDirty()} onDiscard={form.reset} />}
    </form>
  );
}

export function ProfileForm() {
  const { me, readOnly } = useMe();
  const { data, error, refetch } = useQuery(useBackendQueries().clinicProfile());
  return (
    <>
      {data && <Form profile={data} locked={me.role !== "admin" || readOnly} />}
      {error && <Failed error={error as BackendError} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
    </>
  );
}
