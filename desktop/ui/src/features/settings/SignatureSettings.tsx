import { TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useToast } from "@/app/toast";
import { useErrorText } from "@/app/useErrorText";
import { useNow } from "@/app/useNow";
import { useMe } from "@/app/useSession";
import type { BackendError } from "@/backend/backend";
import { useBackendQueries, useCommand } from "@/backend/context";
import type { Picture, SignatureSettings as Signature } from "@/backend/contract";
import { queryKeys } from "@/backend/queryKeys";
import { Banner } from "@/components/Banner";
import { Failed, Loading } from "@/components/States";
import { useFormat } from "@/i18n/format";
import { PictureField } from "./PictureField";
import { SaveActs } from "./SaveActs";
import settings from "./Settings.module.css";
import { SettingsHead } from "./SettingsHead";
import classes from "./SignatureSettings.module.css";

interface Values {
  name: string;
  line: string;
  licence: string;
  phone: string;
  picture: Picture | null;
}

function AsPrinted({ values }: { values: Values }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  return (
    <div className={settings.view}>
      <h2 className="mn-label">{t("settings.as_printed")}</h2>
      <div className={settings.paper}>
        <p className={settings.dim}>{t("settings.signature_sample")}</p>
        <p className={classes.regards}>{t("settings.signature_regards")}</p>
        {values.picture && <img className={classes.picture} src={values.picture.url} alt="" />}
        <p className={classes.name}>{values.name}</p>
        {values.line && <p>{values.line}</p>}
        {values.licence && <p>{t("settings.signature_licence_printed", { licence: values.licence })}</p>}
        {values.phone && <p>{values.phone}</p>}
        <p className={classes.signed}>{t("settings.signature_signed", { time: format.dateTime(now.toISOString()) })}</p>
      </div>
    </div>
  );
}

function Form({ signature }: { signature: Signature }) {
  const { t } = useTranslation();
  const format = useFormat();
  const text = useErrorText();
  const toast = useToast();
  const cache = useQueryClient();
  const { me, readOnly } = useMe();
  const save = useCommand("save_signature", {
    onSuccess: (saved) => {
      cache.setQueryData(queryKeys.signature, saved);
      form.resetDirty();
      toast({ text: t("settings.saved") });
    },
  });
  const form = useForm<Values>({
    initialValues: signature.block ?? { name: me.name, line: "", licence: "", phone: "", picture: null },
    validate: {
      name: (value) => (value.trim() === "" || value.length > 200 ? t("settings.signature_name_needed") : null),
    },
  });
  return (
    <div className={settings.columns}>
      <form
        noValidate
        onSubmit={form.onSubmit(({ picture, ...block }) =>
          save.mutate({ ...block, name: block.name.trim(), picture: picture?.handle ?? null }),
        )}
      >
        {save.error && <Banner kind="danger">{text(save.error)}</Banner>}
        <div className={settings.group}>
          <div className={settings.fields}>
            <TextInput label={t("settings.signature_name")} readOnly={readOnly} {...form.getInputProps("name")} />
            <TextInput label={t("settings.signature_line")} readOnly={readOnly} {...form.getInputProps("line")} />
            <div className={settings.pair}>
              <TextInput
                label={t("settings.signature_licence")}
                readOnly={readOnly}
                {...form.getInputProps("licence")}
              />
              <TextInput
                label={
                  <>
                    {t("settings.signature_phone")}{" "}
                    <span className={classes.optional}>{t("settings.signature_phone_hint")}</span>
                  </>
                }
                readOnly={readOnly}
                {...form.getInputProps("phone")}
              />
            </div>
          </div>
        </div>
        <div className={settings.group}>
          <p className={settings.label}>
            {t("settings.signature_picture")}
            <span className={settings.beside}>{t("settings.not_needed")}</span>
          </p>
          <PictureField
            purpose="signature"
            disabled={readOnly}
            picture={form.values.picture}
            onChange={(picture) => form.setFieldValue("picture", picture)}
          />
          <p className={settings.hint}>{t("settings.signature_picture_hint")}</p>
        </div>
        <div className={settings.group}>
          <p className={settings.label}>
            {signature.signs ? t("settings.signature_may") : t("settings.signature_may_not")}
            {signature.signs_since && (
              <span className={settings.beside}>
                {t("settings.signature_may_since", { day: format.dayOf(signature.signs_since) })}
              </span>
            )}
          </p>
          <p className={settings.hint}>
            {signature.signs ? t("settings.signature_may_text") : t("settings.signature_may_not_text")}
          </p>
          {!readOnly && <SaveActs busy={save.isPending} dirty={form.isDirty()} onDiscard={form.reset} />}
        </div>
      </form>
      <AsPrinted values={form.values} />
    </div>
  );
}

export function SignatureSettings() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(useBackendQueries().signature());
  return (
    <>
      <SettingsHead title={t("settings.signature")}>{t("settings.signature_text")}</SettingsHead>
      {data && <Form signature={data} />}
      {error && <Failed error={error as BackendError} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
    </>
  );
}
