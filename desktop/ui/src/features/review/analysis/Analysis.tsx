/** The analysis as the report in the making: Most important, sections of statements, what was left out. */
import { memo, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { PageInfo, Review, Section, Statement, UnusedLine } from "@/backend/contract";
import { Meter } from "@/components/Meter";
import { SectionHead } from "@/components/SectionHead";
import { Segments } from "@/components/Segments";
import { Empty } from "@/components/States";
import { useFormat } from "@/i18n/format";
import { byDay, bySection, needsCheck, pageRefs, type SectionGroup } from "../model/statements";
import type { Show } from "../search";
import classes from "./Analysis.module.css";
import { useActs } from "./acts";
import { EditStatement } from "./EditStatement";
import { LeftOut } from "./LeftOut";
import { StatementRow } from "./StatementRow";
import { useGrowing } from "./useGrowing";

/** A statement that is being written from words of a page. */
export interface Draft {
  text: string;
  section: Section;
  quote: string;
  page: number;
}

interface BarProps {
  review: Review;
  show: Show | undefined;
  onShow: (show: Show | undefined) => void;
}

export const FilterBar = memo(function FilterBar({ review, show, onShow }: BarProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { statements } = review;
  const reviewed = statements.filter((it) => it.state !== "open").length;
  const label = t("review.reviewed", { done: format.number(reviewed), count: statements.length });
  return (
    <div className={classes.filter}>
      <Segments
        label={t("review.which")}
        value={show ?? "all"}
        onChange={(next) => onShow(next === "all" ? undefined : next)}
        segments={[
          { value: "all", label: t("review.all"), count: statements.length },
          { value: "to_check", label: t("review.to_check"), count: statements.filter(needsCheck).length },
          {
            value: "left_out",
            label: t("review.left_out"),
            count: review.unused_line_count + review.unused_pages.length + review.not_stated.length,
          },
        ]}
      />
      <span className={classes.reviewed}>
        {label}
        <span className={classes.meter}>
          <Meter done={reviewed} total={statements.length} label={label} />
        </span>
      </span>
    </div>
  );
});

interface RowsProps {
  statements: Statement[];
  chosen: string | null;
  editing: string | null;
  mayEdit: boolean;
  page: number;
  ranked?: boolean;
}

/** Which of its pages is open; null draws the row no more often than needed. */
function hereOf(statement: Statement, page: number): number | null {
  return pageRefs(statement).some((ref) => ref.pages.includes(page)) ? page : null;
}

const Rows = memo(function Rows({ statements, chosen, editing, mayEdit, page, ranked = false }: RowsProps) {
  return (
    <ul>
      {statements.map((statement, index) => (
        <StatementRow
          key={statement.id}
          statement={statement}
          chosen={statement.id === chosen}
          editing={statement.id === editing}
          mayEdit={mayEdit}
          here={hereOf(statement, page)}
          rank={ranked ? index + 1 : null}
        />
      ))}
    </ul>
  );
});

interface Props {
  review: Review;
  pages: PageInfo[];
  /** What is listed: all, or what is to check. */
  statements: Statement[];
  show: Show | undefined;
  chosen: string | null;
  editing: string | null;
  draft: Draft | null;
  mayEdit: boolean;
  page: number;
  onWrite: (line: UnusedLine) => void;
}

function DraftRow({ draft }: { draft: Draft }) {
  const { t } = useTranslation();
  const acts = useActs();
  return (
    <EditStatement
      text={draft.text}
      section={draft.section}
      was={null}
      added
      pages={<span className={classes.draftPage}>{draft.page}</span>}
      onSave={acts.save}
      onCancel={acts.cancelEdit}
    >
      <p className={classes.draftQuote}>
        <q>{draft.quote}</q> {t("review.chosen_by_you")}
      </p>
    </EditStatement>
  );
}

/** The groups as far as so many statements, each with how many it has in all. */
function firstOf(groups: SectionGroup[], most: number): (SectionGroup & { count: number })[] {
  let left = most;
  return groups.flatMap((group) => {
    const own = group.statements.slice(0, left);
    left -= own.length;
    return own.length > 0 ? [{ ...group, statements: own, count: group.statements.length }] : [];
  });
}

export function Analysis(props: Props) {
  const { review, pages, statements, show, chosen, editing, draft, mayEdit, page, onWrite } = props;
  const { t } = useTranslation();
  const format = useFormat();
  const all = useMemo(() => bySection(statements), [statements]);
  const at = useMemo(() => statements.findIndex((it) => it.id === chosen), [statements, chosen]);
  const drawn = useGrowing(statements.length, at);
  const groups = useMemo(() => firstOf(all, drawn), [all, drawn]);
  const whole = drawn >= statements.length;
  const rows = { chosen, editing, mayEdit, page };
  const draftIn = draft && !all.some((group) => group.section === draft.section) ? draft : null;

  if (show === "left_out") {
    return (
      <div className={classes.scroll}>
        <LeftOut review={review} pages={pages} whole mayEdit={mayEdit} onWrite={onWrite} />
      </div>
    );
  }
  return (
    <div className={classes.scroll}>
      {statements.length === 0 &&
        (show === "to_check" ? (
          <Empty title={t("review.nothing_to_check")}>{t("review.nothing_to_check_text")}</Empty>
        ) : (
          <Empty title={t("review.no_statements")}>{t("review.no_statements_text")}</Empty>
        ))}
      {groups.map(({ section, statements: own, count }) =>
        section === "summary" ? (
          <section key={section} className={classes.top} aria-labelledby="section-summary">
            <h2 id="section-summary">{t("review.sections.summary")}</h2>
            <Rows statements={own} {...rows} ranked={show === undefined} />
          </section>
        ) : (
          <section key={section} className={classes.section} aria-labelledby={`section-${section}`}>
            <SectionHead id={`section-${section}`} note={format.number(count)}>
              {t(`review.sections.${section}`)}
            </SectionHead>
            <div className={classes.rows}>
              {section === "labs" ? (
                byDay(own).map((it) => (
                  <div key={it.day}>
                    {it.day && <h3 className={`mn-label ${classes.day}`}>{format.day(it.day)}</h3>}
                    <Rows statements={it.statements} {...rows} />
                  </div>
                ))
              ) : (
                <Rows statements={own} {...rows} />
              )}
              {draft?.section === section && <DraftRow draft={draft} />}
            </div>
          </section>
        ),
      )}
      {draftIn && (
        <section className={classes.section}>
          <SectionHead>{t(`review.sections.${draftIn.section}`)}</SectionHead>
          <div className={classes.rows}>
            <DraftRow draft={draftIn} />
          </div>
        </section>
      )}
      {show === undefined && whole && (
        <LeftOut review={review} pages={pages} whole={false} mayEdit={mayEdit} onWrite={onWrite} />
      )}
      <div className={classes.end} />
    </div>
  );
}
