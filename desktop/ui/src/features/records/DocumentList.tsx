import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Encounter } from "@/backend/contract";
import { useFormat } from "@/i18n/format";
import classes from "./DocumentList.module.css";

/** The documents in a record: kind, author, date, and the page where each begins. */
export function DocumentList({ record, encounters }: { record: string; encounters: Encounter[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <ul className={classes.list}>
      {encounters.map((encounter) => (
        <li key={encounter.first_page} className={classes.item}>
          <Link
            className={classes.row}
            to="/records/$record/review"
            params={{ record }}
            search={{ page: encounter.first_page }}
          >
            <span className={classes.kind}>{encounter.kind}</span>
            <span className={classes.author} title={encounter.first_line || undefined}>
              {encounter.author}
            </span>
            <span className={classes.day}>{encounter.date && format.day(encounter.date)}</span>
            <span className={classes.page}>
              <span className={classes.spoken}>{t("reading.page")}</span>
              {format.number(encounter.first_page)}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
