/** Who changed what and when: of the chosen statement, or of the whole analysis. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { BackendError } from "@/backend/backend";
import { useBackendQueries } from "@/backend/context";
import type { HistoryEntry, Statement } from "@/backend/contract";
import { Segments } from "@/components/Segments";
import { SidePanel } from "@/components/SidePanel";
import { Failed, Loading } from "@/components/States";
import { useFormat } from "@/i18n/format";
import { useActs } from "../analysis/acts";
import classes from "./Panels.module.css";

function Entry({ entry, named }: { entry: HistoryEntry; named: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const acts = useActs();
  const { before, after, statement } = entry;
  const words = after ?? before;
  return (
    <li className={classes.entry}>
      <p className={classes.who}>
        <span>{entry.mine ? t("review.you_capital") : entry.author}</span>
        <time dateTime={entry.at}>{format.dateTime(entry.at)}</time>
      </p>
      <p>{t(`review.changes.${entry.change}`)}</p>
      {named && words && (
        <button
          type="button"
          className={classes.words}
          disabled={statement === null || after === null}
          onClick={() => statement && acts.choose(statement)}
        >
          {words}
        </button>
      )}
      {before !== null && after !== null && before !== after && (
        <p className={classes.before}>
          {t("review.was")} <span>{before}</span>
        </p>
      )}
    </li>
  );
}

function List({ record, statement }: { record: string; statement: string | null }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(useBackendQueries().history(record, statement));
  if (error) return <Failed error={error as BackendError} onRetry={() => void refetch()} />;
  if (!data) return <Loading rows={3} />;
  if (data.length === 0) return <p className={classes.nothing}>{t("review.no_changes")}</p>;
  return (
    <ul>
      {data.map((entry) => (
        <Entry key={entry.id} entry={entry} named={statement === null || entry.before !== entry.after} />
      ))}
    </ul>
  );
}

interface Props {
  record: string;
  statement: Statement | null;
  opened: boolean;
  onClose: () => void;
}

export function HistoryPanel({ record, statement, opened, onClose }: Props) {
  const { t } = useTranslation();
  const [whole, setWhole] = useState(false);
  const one = statement !== null && !whole;
  return (
    <SidePanel title={t("keys.commands.history")} opened={opened} onClose={onClose}>
      {statement && (
        <div className={classes.segments}>
          <Segments
            label={t("review.history_of")}
            value={one ? "one" : "all"}
            onChange={(next) => setWhole(next === "all")}
            segments={[
              { value: "one", label: t("review.this_statement") },
              { value: "all", label: t("review.whole_analysis") },
            ]}
          />
        </div>
      )}
      {one && <p className={classes.of}>{statement.text}</p>}
      <List record={record} statement={one ? statement.id : null} />
    </SidePanel>
  );
}
