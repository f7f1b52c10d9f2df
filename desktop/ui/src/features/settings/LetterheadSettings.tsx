import { Textarea } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useToast } from "@/app/toast";
import { useErrorText } from "@/app/useErrorText";
import { useMe } from "@/app/useSession";
import type { BackendError } from "@/backend/backend";
import { useBackendQueries, useCommand } from "@/backend/context";
import type { ClinicSettings, Picture } from "@/backend/contract";
import { queryKeys } from "@/backend/queryKeys";
import { Banner } from "@/components/Banner";
import { Failed, Loading } from "@/components/States";
import classes from "./LetterheadSettings.module.css";
import { PictureField } from "./PictureField";
import { SaveActs } from "./SaveActs";
import settings from "./Settings.module.css";
import { SettingsHead } from "./SettingsHead";

const mostLines = 4;
const linesOf = (text: string) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

function AsPrinted({ name, lines, picture }: { name: string; lines: string[]; picture: Picture | null }) {
  const { t } = useTranslation();
  return (
    <div className={settings.view}>
      <h2 className="mn-label">{t("settings.as_printed")}</h2>
      <div className={settings.paper}>
        <div className={classes.head}>
          {picture && <img className={classes.picture} src={picture.url} alt="" />}
          <b className={classes.name}>{name}</b>
          <div className={classes.lines}>
            {lines.map((line) => (
              <p key={line}>{line}</p>
            ))}
          </div>
        </div>
        <p className={classes.patient}>{t("settings.letterhead_patient")}</p>
        <p className={settings.dim}>{t("settings.letterhead_patient_line")}</p>
      </div>
    </div>
  );
}

function Form({ clinic }: { clinic: ClinicSettings }) {
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
  const form = useForm<{ lines: string; picture: Picture | null }>({
    initialValues: { lines: clinic.letterhead.lines.join("\n"), picture: clinic.letterhead.picture },
    validate: { lines: (value) => (linesOf(value).length > mostLines ? t("settings.letterhead_lines_many") : null) },
  });
  const locked = !clinic.may_edit || readOnly;
  return (
    <div className={settings.columns}>
      <form
        noValidate
        onSubmit={form.onSubmit(({ lines, picture }) =>
          save.mutate({ name: clinic.name, letterhead: { lines: linesOf(lines), picture: picture?.handle ?? null } }),
        )}
      >
        {!clinic.may_edit && <Banner>{t("settings.admins_only")}</Banner>}
        {save.error && <Banner kind="danger">{text(save.error)}</Banner>}
        <div className={settings.group}>
          <p className={settings.label}>
            {t("settings.letterhead_picture")}
            <span className={settings.beside}>{t("settings.not_needed")}</span>
          </p>
          <PictureField
            purpose="letterhead"
            disabled={locked}
            picture={form.values.picture}
            onChange={(picture) => form.setFieldValue("picture", picture)}
          />
          <p className={settings.hint}>{t("settings.letterhead_picture_hint")}</p>
        </div>
        <div className={settings.group}>
          <Textarea
            label={t("settings.letterhead_lines")}
            description={t("settings.letterhead_lines_hint")}
            inputWrapperOrder={["label", "input", "description", "error"]}
            rows={4}
            readOnly={locked}
            {...form.getInputProps("lines")}
          />
          {!locked && <SaveActs busy={save.isPending} dirty={form.isDirty()} onDiscard={form.reset} />}
        </div>
      </form>
      <AsPrinted
        name={clinic.name}
        lines={linesOf(form.values.lines).slice(0, mostLines)}
        picture={form.values.picture}
      />
    </div>
  );
}

export function LetterheadSettings() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(useBackendQueries().clinic());
  return (
    <>
      <SettingsHead title={t("settings.letterhead")}>{t("settings.letterhead_text")}</SettingsHead>
      {data && <Form clinic={data} />}
      {error && <Failed error={error as BackendError} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
    </>
  );
}
