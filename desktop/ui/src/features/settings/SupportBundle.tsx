import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useToast } from "@/app/toast";
import { useErrorText } from "@/app/useErrorText";
import type { BackendError } from "@/backend/backend";
import { useBackendQueries, useCommand } from "@/backend/context";
import { Act } from "@/components/Act";
import { Banner } from "@/components/Banner";
import { SectionHead } from "@/components/SectionHead";
import { Failed, Loading } from "@/components/States";
import classes from "./Settings.module.css";
import { SettingsHead } from "./SettingsHead";

/** What a support bundle holds, to be read before it is saved. */
export function SupportBundle() {
  const { t } = useTranslation();
  const text = useErrorText();
  const toast = useToast();
  const { data, error, refetch } = useQuery(useBackendQueries().supportBundle());
  const save = useCommand("save_support_bundle", {
    onSuccess: (saved) => saved && toast({ text: t("settings.support_saved", { name: saved.name }) }),
  });
  return (
    <>
      <SettingsHead
        title={t("settings.support_title")}
        right={
          data && (
            <Act kind="primary" busy={save.isPending} onClick={() => save.mutate({ id: data.id })}>
              {t("settings.support_save")}
            </Act>
          )
        }
      >
        {t("settings.support_text")}
      </SettingsHead>
      {save.error && <Banner kind="danger">{text(save.error)}</Banner>}
      {error && <Failed error={error as BackendError} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data?.files.map((file) => (
        <section key={file.name} className={classes.section}>
          <SectionHead>{file.name}</SectionHead>
          <pre className={classes.plain}>{file.text}</pre>
        </section>
      ))}
    </>
  );
}
