/** A statement: state, words, page numbers. The chosen one opens with its quotes and what can be done. */
import { IconCheck, IconCopy, IconHistory, IconPencil, IconPlus, IconX } from "@tabler/icons-react";
import clsx from "clsx";
import { memo, type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Citation, Statement } from "@/backend/contract";
import { Act, IconAct } from "@/components/Act";
import { iconSmall } from "@/components/icon";
import { useFormat } from "@/i18n/format";
import { type PageRef, pageRefs, placesOf, shownRefs } from "../model/statements";
import { useActs } from "./acts";
import { EditStatement } from "./EditStatement";
import classes from "./Statement.module.css";
import { LabWords, StatementWords } from "./StatementWords";
import { TwoEdits } from "./TwoEdits";

const stateIcon = { ...iconSmall, stroke: 2 } as const;

type StateName = "open" | "accepted" | "edited" | "rejected" | "added";

export function stateOf(statement: Statement): StateName {
  if (statement.state === "rejected") return "rejected";
  if (statement.added_by_hand) return "added";
  if (statement.state === "accepted" && statement.text_before !== null) return "edited";
  return statement.state === "accepted" ? "accepted" : "open";
}

const icons: Record<StateName, ReactNode> = {
  open: <span className={classes.ring} />,
  accepted: <IconCheck {...stateIcon} />,
  edited: <IconPencil {...stateIcon} stroke={1.8} />,
  rejected: <IconX {...stateIcon} />,
  added: <IconPlus {...stateIcon} />,
};

function State({ statement, rank }: { statement: Statement; rank: number | null }) {
  const { t } = useTranslation();
  const state = stateOf(statement);
  return (
    <span className={classes.state}>
      <span className={classes.spoken}>{t(`review.states.${state}`)}</span>
      {rank !== null && state === "open" ? <b aria-hidden="true">{rank}</b> : icons[state]}
    </span>
  );
}

export function PageNumbers({
  statement,
  here,
  chosen,
}: {
  statement: Statement;
  here: number | null;
  chosen: boolean;
}) {
  const { t } = useTranslation();
  const acts = useActs();
  const refs = pageRefs(statement);
  const { shown, more } = shownRefs(refs, here);
  const isHere = (ref: PageRef) => here !== null && ref.pages.includes(here);
  return (
    <span className={classes.pages}>
      {shown.map((ref) => (
        <button
          key={ref.label}
          type="button"
          tabIndex={chosen ? 0 : -1}
          className={clsx(classes.page, isHere(ref) && classes.here, chosen && isHere(ref) && classes.litPage)}
          aria-label={t("review.page_number", { page: ref.label })}
          aria-current={isHere(ref) ? "page" : undefined}
          onClick={() =>
            ref.place === null ? acts.showPage(ref.pages[0] ?? 1) : acts.showPlace(statement.id, ref.place)
          }
        >
          {ref.label}
        </button>
      ))}
      {more > 0 && (
        <span className={classes.more} title={refs.map((ref) => ref.label).join(", ")}>
          +{more}
        </span>
      )}
    </span>
  );
}

/** Where a quote stands and how well it was read. */
function useWhere() {
  const { t } = useTranslation();
  const format = useFormat();
  return (citation: Citation, page: number, part: "first" | "next" | null): string => {
    const words = [
      part === null
        ? t("review.on_page", { page: String(page) })
        : t(part === "first" ? "review.on_page_last" : "review.on_page_on", { page: String(page) }),
      citation.chosen_by_reader ? t("review.chosen_by_you") : null,
      citation.confidence === null
        ? t("review.quote_not_found")
        : t("review.read", { read: format.percent(citation.confidence) }),
    ];
    return words.filter(Boolean).join(" · ");
  };
}

export function Quotes({ statement }: { statement: Statement }) {
  const acts = useActs();
  const where = useWhere();
  const places = placesOf(statement);
  return (
    <ul className={classes.quotes}>
      {statement.citations.map((citation, index) =>
        citation.places.map((place, part) => {
          const over = citation.places.length > 1 ? (part === 0 ? "first" : "next") : null;
          const at = places.findIndex((it) => it.citation === index && it.page === place.page);
          return (
            <li key={`${place.page} ${place.quote}`} className={clsx(classes.quote, over === "next" && classes.goesOn)}>
              <button
                type="button"
                className={clsx(classes.quoted, at < 0 && classes.notFound)}
                onClick={() => (at < 0 ? acts.showPage(place.page) : acts.showPlace(statement.id, at))}
              >
                <q>{place.quote}</q>
              </button>
              <span className={classes.where}>{where(citation, place.page, over)}</span>
            </li>
          );
        }),
      )}
    </ul>
  );
}

function Acts({ statement, mayEdit }: { statement: Statement; mayEdit: boolean }) {
  const { t } = useTranslation();
  const acts = useActs();
  const { state, added_by_hand } = statement;
  return (
    <div className={classes.acts}>
      {mayEdit && state === "open" && !added_by_hand && (
        <Act kind="primary" size="xs" command="accept" onClick={acts.accept}>
          {t("review.accept")}
        </Act>
      )}
      {mayEdit && (
        <Act kind="quiet" size="xs" command="edit" onClick={acts.edit}>
          {t("review.edit")}
        </Act>
      )}
      {mayEdit && (
        <Act kind="quiet" size="xs" command="reject" onClick={acts.reject}>
          {state === "rejected" ? t("review.take_back") : added_by_hand ? t("review.remove") : t("review.reject")}
        </Act>
      )}
      <span className={classes.grow} />
      <IconAct label={t("keys.commands.history")} command="history" size="sm" onClick={acts.history}>
        <IconHistory {...iconSmall} />
      </IconAct>
      <IconAct label={t("review.copy_statement")} size="sm" onClick={() => acts.copy(statement)}>
        <IconCopy {...iconSmall} />
      </IconAct>
    </div>
  );
}

interface Props {
  statement: Statement;
  chosen: boolean;
  editing: boolean;
  mayEdit: boolean;
  /** The open page, if the statement rests on it. */
  here: number | null;
  /** Among the most important. */
  rank?: number | null;
}

export const StatementRow = memo(function StatementRow({
  statement,
  chosen,
  editing,
  mayEdit,
  here,
  rank = null,
}: Props) {
  const acts = useActs();
  const row = useRef<HTMLLIElement>(null);

  // The list follows the choice, and the focus goes with it unless somebody is typing elsewhere.
  useEffect(() => {
    const element = row.current;
    if (!chosen || !element) return;
    const active = document.activeElement;
    const typing = active instanceof HTMLElement && active.closest("input, textarea, [role=dialog], [data-popover]");
    if (!typing && !element.contains(active)) element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest" });
  }, [chosen]);

  if (statement.versions) {
    return <TwoEdits ref={row} statement={statement} chosen={chosen} here={here} editing={editing} mayEdit={mayEdit} />;
  }
  if (editing) {
    return (
      <li ref={row} className={classes.editing} data-statement={statement.id}>
        <EditStatement
          text={statement.text}
          section={statement.section}
          was={statement.text_before ?? statement.text}
          pages={<PageNumbers statement={statement} here={here} chosen />}
          onSave={acts.save}
          onCancel={acts.cancelEdit}
        >
          <Quotes statement={statement} />
        </EditStatement>
      </li>
    );
  }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the arrow keys choose, see the keymap
    <li
      ref={row}
      className={clsx(classes.row, chosen && classes.chosen)}
      aria-current={chosen ? "true" : undefined}
      data-statement={statement.id}
      tabIndex={chosen ? 0 : -1}
      onClick={(event) => {
        if (!(event.target as Element).closest("button")) acts.choose(statement.id);
      }}
    >
      <State statement={statement} rank={rank} />
      {statement.section === "labs" && statement.details.name ? (
        <LabWords statement={statement} />
      ) : (
        <StatementWords statement={statement} />
      )}
      <PageNumbers statement={statement} here={here} chosen={chosen} />
      {chosen && <Quotes statement={statement} />}
      {chosen && statement.details.code && <span className={classes.code}>{statement.details.code}</span>}
      {chosen && <Acts statement={statement} mayEdit={mayEdit} />}
    </li>
  );
});
