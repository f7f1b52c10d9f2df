import { IconSend } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useBackendQueries } from "@/backend/context";
import type { OutboxItem } from "@/backend/contract";
import { icon } from "@/components/icon";
import { useFormat } from "@/i18n/format";
import classes from "./Outbox.module.css";

/** Rows that are named; the rest is counted. */
const mostRows = 3;

function useWhat() {
  const { t } = useTranslation();
  return ({ what, title, count }: OutboxItem): string => {
    if (what === "edits") return t("records.outbox_items.edits", { title, count });
    return t(`records.outbox_items.${what}`, { title });
  };
}

/** At the foot of the list, only while something waits for the cloud. */
export function Outbox() {
  const { t } = useTranslation();
  const format = useFormat();
  const what = useWhat();
  const { data } = useQuery(useBackendQueries().outbox());
  if (!data || data.items.length === 0) return null;

  const size = (item: OutboxItem) => {
    if (item.what === "analyse" || item.what === "files") return t("common.pages", { count: item.count });
    return item.what === "signed_report" ? format.size(item.kilobytes) : "";
  };
  const more = data.items.length - mostRows;

  return (
    <section className={classes.outbox} aria-label={t("records.outbox")}>
      <div className={classes.head}>
        <IconSend {...icon} size="0.9375rem" />
        <b>{t("records.outbox")}</b>
        <span className={classes.waits}>{t("records.outbox_waits", { count: data.items.length })}</span>
        <span className={classes.network}>
          {data.offline_since
            ? t("records.outbox_offline", { time: format.time(data.offline_since) })
            : t("records.outbox_sending")}
        </span>
      </div>
      <ul className={classes.items}>
        {data.items.slice(0, mostRows).map((item) => (
          <li key={item.id} className={classes.item}>
            <span className={classes.what}>{what(item)}</span>
            <span>{size(item)}</span>
            <time dateTime={item.since}>{format.time(item.since)}</time>
          </li>
        ))}
        {more > 0 && <li className={classes.item}>{t("records.outbox_more", { count: more })}</li>}
      </ul>
    </section>
  );
}
