/** What the search found, where the analysis stands otherwise: lines by page, or statements. */
import clsx from "clsx";
import { memo, type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Encounter, SearchHit, Statement } from "@/backend/contract";
import { Chip } from "@/components/Chip";
import { Segments } from "@/components/Segments";
import { Empty } from "@/components/States";
import { useFormat } from "@/i18n/format";
import { weakBelow } from "../model/statements";
import classes from "./Hits.module.css";
import { groupsOf, restingCount } from "./hits";

interface LineProps {
  hit: SearchHit;
  index: number;
  now: boolean;
  resting: number;
  onHit: (index: number) => void;
}

/** So many characters before the hit stay: the line is one line. */
const keptBefore = 22;

const Line = memo(function Line({ hit, index, now, resting, onHit }: LineProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const row = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (now) row.current?.scrollIntoView({ block: "nearest" });
  }, [now]);
  const from = hit.start > keptBefore ? hit.text.indexOf(" ", hit.start - keptBefore) + 1 : 0;
  return (
    <li ref={row}>
      <button
        type="button"
        className={clsx(classes.hit, now && classes.now)}
        aria-current={now ? "true" : undefined}
        onClick={() => onHit(index)}
      >
        <span className={classes.text} data-excerpt="">
          {from > 0 && "… "}
          {hit.text.slice(from, hit.start)}
          <mark>{hit.text.slice(hit.start, hit.end)}</mark>
          {hit.text.slice(hit.end)}
        </span>
        {hit.confidence < weakBelow && (
          <Chip kind="doubt">{t("review.doubtful", { read: format.percent(hit.confidence) })}</Chip>
        )}
        {resting > 0 && <span className={classes.resting}>{t("review.statements", { count: resting })}</span>}
      </button>
    </li>
  );
});

function Marked({ text, query }: { text: string; query: string }): ReactNode {
  const start = text.toLowerCase().indexOf(query.trim().toLowerCase());
  if (start < 0) return text;
  const end = start + query.trim().length;
  return (
    <>
      {text.slice(0, start)}
      <mark>{text.slice(start, end)}</mark>
      {text.slice(end)}
    </>
  );
}

interface Props {
  query: string;
  hits: SearchHit[];
  more: boolean;
  statements: Statement[];
  matching: Statement[];
  among: "pages" | "statements";
  current: number | null;
  chosen: string | null;
  encounters: Encounter[];
  total: number;
  onAmong: (among: "pages" | "statements") => void;
  onHit: (index: number) => void;
  onStatement: (id: string) => void;
}

export function Hits(props: Props) {
  const { query, hits, more, statements, matching, among, current, chosen, encounters, total } = props;
  const { t } = useTranslation();
  const format = useFormat();
  const groups = groupsOf(hits);
  const name = (page: number) => {
    const it = encounters.find((encounter) => page >= encounter.first_page && page <= encounter.last_page);
    return it
      ? [it.kind, it.date && format.day(it.date)].filter(Boolean).join(", ")
      : t("review.page_number", { page: String(page) });
  };
  return (
    <>
      <div className={classes.bar}>
        <Segments
          label={t("review.where_found")}
          value={among}
          onChange={props.onAmong}
          segments={[
            { value: "pages", label: t("review.in_pages"), count: hits.length },
            { value: "statements", label: t("review.in_statements"), count: matching.length },
          ]}
        />
        <span className={classes.count} role="status">
          {t("review.hits", { count: hits.length })}{" "}
          {t("review.hits_pages", { pages: format.number(groups.length), total: format.number(total) })}
        </span>
      </div>
      <div className={classes.found}>
        {among === "pages" && hits.length === 0 && (
          <Empty title={t("review.none_found", { query })}>{t("review.none_found_text")}</Empty>
        )}
        {among === "pages" &&
          groups.map((group) => (
            <section key={group.page} aria-label={name(group.page)}>
              <div className={classes.page}>
                <b>{group.page}</b>
                <span>{name(group.page)}</span>
                <span className={classes.ofPage}>{group.hits.length}</span>
              </div>
              <ul>
                {group.hits.map(({ hit, index }) => (
                  <Line
                    key={index}
                    hit={hit}
                    index={index}
                    now={index === current}
                    resting={restingCount(hit, statements)}
                    onHit={props.onHit}
                  />
                ))}
              </ul>
            </section>
          ))}
        {among === "pages" && more && <p className={classes.more}>{t("review.more_hits")}</p>}
        {among === "statements" && matching.length === 0 && (
          <Empty title={t("review.no_statement_found", { query })}>{t("review.none_found_text")}</Empty>
        )}
        {among === "statements" && (
          <ul className={classes.statements}>
            {matching.map((it) => (
              <li key={it.id}>
                <button
                  type="button"
                  className={clsx(classes.hit, it.id === chosen && classes.now)}
                  aria-current={it.id === chosen ? "true" : undefined}
                  onClick={() => props.onStatement(it.id)}
                >
                  <span className={classes.text} data-excerpt="">
                    <Marked text={it.text} query={query} />
                  </span>
                  <span className={classes.resting}>{t(`review.sections.${it.section}`)}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </>
  );
}
