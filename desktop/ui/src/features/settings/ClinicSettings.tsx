import { TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useToast } from "@/app/toast";
import { useErrorText } from "@/app/useErrorText";
import { useMe } from "@/app/useSession";
import type { BackendError } from "@/backend/backend";
import { useBackend, useBackendQueries, useCommand } from "@/backend/context";
import type { ClinicSettings as Clinic } from "@/backend/contract";
import { queryKeys } from "@/backend/queryKeys";
import { Banner } from "@/components/Banner";
import { Failed, Loading } from "@/components/States";
import { ProfileForm } from "@/features/clinic/ProfileForm";
import { SaveActs } from "./SaveActs";
import classes from "./Settings.module.css";
import { SettingsHead } from "./SettingsHead";

function Form({ clinic }: { clinic: Clinic }) {
  const { t } = useTranslation();
  const text = useErrorText();
  const toast = useToast();
  const cache = useQueryClient();
  const { readOnly } = useMe();
  const save = useCommand("save_clinic", {
    onSuccess: (saved) => {
      cache.setQueryData(queryKeys.clinic, saved);
      form.resetDirty();
      toast({ text: t("settings.saved") });
    },
  });
  const form = useForm({
    initialValues: { name: clinic.name },
    validate: {
      name: (value) => (value.trim() === "" || value.length > 200 ? t("settings.clinic_name_needed") : null),
    },
  });
  const locked = !clinic.may_edit || readOnly;
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ name }) =>
        save.mutate({
          name: name.trim(),
          letterhead: { lines: clinic.letterhead.lines, picture: clinic.letterhead.picture?.handle ?? null },
        }),
      )}
    >
      {!clinic.may_edit && <Banner>{t("settings.admins_only")}</Banner>}
      {save.error && <Banner kind="danger">{text(save.error)}</Banner>}
      <div className={classes.group}>
        <TextInput
          label={t("settings.clinic_name")}
          description={t("settings.clinic_name_hint")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          readOnly={locked}
          {...form.getInputProps("name")}
        />
        {!locked && <SaveActs busy={save.isPending} dirty={form.isDirty()} onDiscard={form.reset} />}
      </div>
    </form>
  );
}

export function ClinicSettings() {
  const { t } = useTranslation();
  const profiled = useBackend().offers("clinic_profile");
  const { data, error, refetch } = useQuery(useBackendQueries().clinic());
  return (
    <>
      <SettingsHead title={t("settings.clinic")}>{t("settings.clinic_text")}</SettingsHead>
      <div className={classes.columns}>
        {profiled && <ProfileForm />}
        {!profiled && data && <Form clinic={data} />}
        {!profiled && error && <Failed error={error as BackendError} onRetry={() => void refetch()} />}
        {!profiled && !data && !error && <Loading />}
      </div>
    </>
  );
}
