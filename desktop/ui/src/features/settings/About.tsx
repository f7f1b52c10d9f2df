import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { BackendError } from "@/backend/backend";
import { useBackendQueries } from "@/backend/context";
import type { Licence } from "@/backend/contract";
import { SectionHead } from "@/components/SectionHead";
import { Failed, Loading } from "@/components/States";
import { useFormat } from "@/i18n/format";
import about from "./About.module.css";
import classes from "./Settings.module.css";
import { SettingsHead } from "./SettingsHead";

function LicenceRow({ licence }: { licence: Licence }) {
  return (
    <details className={about.licence}>
      <summary className={about.summary}>
        <span>
          {licence.name} <span className={classes.quiet}>{licence.version}</span>
        </span>
        <span className={classes.quiet}>{licence.licence}</span>
      </summary>
      <pre className={classes.plain}>{licence.text}</pre>
    </details>
  );
}

export function About() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error, refetch } = useQuery(useBackendQueries().about());
  return (
    <>
      <SettingsHead title={t("common.app")}>
        {data &&
          t("settings.about_text", {
            version: data.version,
            day: format.dayOf(data.built_at),
            commit: data.commit.slice(0, 10),
          })}
      </SettingsHead>
      {error && <Failed error={error as BackendError} onRetry={() => void refetch()} />}
      {!data && !error && <Loading />}
      {data && (
        <>
          <section className={classes.section}>
            <SectionHead>{t("settings.about_parts")}</SectionHead>
            <ul className={classes.list}>
              <li className={classes.item}>
                {t("settings.about_server")}
                <span className={classes.quiet}>{`${data.server.url} ${data.server.version ?? ""}`}</span>
              </li>
              {data.components.map((part) => (
                <li key={part.name} className={classes.item}>
                  {part.name}
                  <span className={classes.quiet}>{part.version}</span>
                </li>
              ))}
            </ul>
          </section>
          <section className={classes.section}>
            <SectionHead note={t("settings.about_licences_count", { count: data.licences.length })}>
              {t("settings.about_licences")}
            </SectionHead>
            <div className={classes.list}>
              {data.licences.map((licence) => (
                <LicenceRow key={`${licence.name} ${licence.version}`} licence={licence} />
              ))}
            </div>
          </section>
        </>
      )}
    </>
  );
}
