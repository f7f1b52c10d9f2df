import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { RecordDetail, UnreadPage } from "@/backend/contract";
import { SectionHead } from "@/components/SectionHead";
import { useFormat } from "@/i18n/format";
import classes from "./UnreadPages.module.css";

/** Pages that could not be read: which, why, and what can be looked at all the same. */
export function UnreadPages({ detail, shown }: { detail: RecordDetail; shown?: UnreadPage[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const pages = shown ?? detail.unread;
  if (pages.length === 0) return null;
  return (
    <section className={classes.section}>
      <SectionHead note={t("common.pages", { count: pages.length })}>{t("reading.could_not")}</SectionHead>
      <ul>
        {pages.map((it) => (
          <li key={it.page} className={classes.row}>
            <b className={classes.page}>
              <span className={classes.spoken}>{t("reading.page")}</span>
              {format.number(it.page)}
            </b>
            <p className={classes.why}>{t(`reading.faults.${it.fault}`, { detail: it.detail ?? "" })}</p>
            <Link
              className={classes.act}
              to="/records/$record/review"
              params={{ record: detail.summary.id }}
              search={{ page: it.page }}
            >
              {t("reading.show_what")}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
