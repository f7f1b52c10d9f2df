/** The words of a statement: before them what changes the meaning, after them what lowers the trust. */
import { IconAlertTriangle, IconArrowsDiff, IconBan } from "@tabler/icons-react";
import clsx from "clsx";
import { Fragment, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Assertion, Statement } from "@/backend/contract";
import { Chip } from "@/components/Chip";
import { chipIcon } from "@/components/icon";
import { useFormat } from "@/i18n/format";
import { worstRead } from "../model/statements";
import classes from "./Statement.module.css";

export function AssertionChip({ assertion, relation }: { assertion: Assertion; relation: string | null }): ReactNode {
  const { t } = useTranslation();
  switch (assertion) {
    case "present":
    case "planned":
      return null;
    case "negated":
      return (
        <Chip kind="negated" icon={<IconBan {...chipIcon} />}>
          {t("review.assertions.negated")}
        </Chip>
      );
    case "possible":
      return <Chip kind="possible">{t("review.assertions.possible")}</Chip>;
    case "family":
      return <Chip>{relation ? t("review.family_of", { relation }) : t("review.assertions.family")}</Chip>;
    case "historical":
      return <Chip>{t("review.assertions.historical")}</Chip>;
  }
}

/** The text with its badly read words underlined. */
function Underlined({ text, weak }: { text: string; weak: Statement["weak_words"] }): ReactNode {
  const parts: ReactNode[] = [];
  let at = 0;
  for (const { start, end } of weak.toSorted((a, b) => a.start - b.start)) {
    parts.push(
      <Fragment key={at}>{text.slice(at, start)}</Fragment>,
      <span key={start} className={classes.weak}>
        {text.slice(start, end)}
      </span>,
    );
    at = end;
  }
  return [...parts, text.slice(at)];
}

function Trust({ statement }: { statement: Statement }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const worst = worstRead(statement);
  return (
    <>
      {statement.in_conflict && (
        <Chip kind="conflict" icon={<IconArrowsDiff {...chipIcon} />}>
          {t("review.conflict")}
        </Chip>
      )}
      {worst !== null && <Chip kind="doubt">{t("review.doubtful", { read: format.percent(worst) })}</Chip>}
      {!statement.verified && (
        <Chip kind="doubt" icon={<IconAlertTriangle {...chipIcon} />}>
          {t("review.not_found")}
        </Chip>
      )}
      {statement.verified && !statement.checked && worst === null && (
        <Chip kind="doubt">{t("review.not_checked")}</Chip>
      )}
      {statement.also_in_record && <Chip>{t("review.also_in_record")}</Chip>}
      {statement.is_new && statement.state === "open" && <Chip kind="new">{t("review.is_new")}</Chip>}
    </>
  );
}

/** Who wrote these words, where it was not the analyser. */
function Author({ statement }: { statement: Statement }): ReactNode {
  const { t } = useTranslation();
  const format = useFormat();
  const { changed, added_by_hand, text_before } = statement;
  if (!changed || (!added_by_hand && text_before === null)) return null;
  const time = format.time(changed.at);
  const author = changed.mine ? t("review.you") : changed.author;
  return (
    <span className={classes.author}>
      {added_by_hand && text_before === null
        ? t("review.added_by", { author, time })
        : t("review.edited_by", { author, time })}
    </span>
  );
}

/** Sections whose words begin with their date. */
const dated = new Set(["timeline", "procedures", "imaging", "vitals", "immunizations"]);

export function StatementWords({ statement }: { statement: Statement }) {
  const format = useFormat();
  const { assertion, details, text, weak_words, state, section } = statement;
  return (
    <span className={clsx(classes.words, state === "rejected" && classes.struck)}>
      <AssertionChip assertion={assertion} relation={details.relation} />
      <span className={classes.text}>
        <Underlined text={text} weak={weak_words} />
      </span>
      {details.date && dated.has(section) && <span className={classes.date}>{format.day(details.date)}</span>}
      <Trust statement={statement} />
      <Author statement={statement} />
    </span>
  );
}

/** A laboratory value as a line of a table. */
export function LabWords({ statement }: { statement: Statement }) {
  const { t } = useTranslation();
  const { details, state } = statement;
  const flag = details.flag === "high" || details.flag === "low" || details.flag === "abnormal" ? details.flag : null;
  return (
    <span className={clsx(classes.lab, state === "rejected" && classes.struck)} data-flag={flag ?? undefined}>
      <span className={classes.labName}>
        {details.name}
        {(statement.in_conflict ||
          !statement.verified ||
          statement.weak_words.length > 0 ||
          !statement.checked ||
          statement.also_in_record) && <Trust statement={statement} />}
      </span>
      <span className={classes.value}>
        <b>{details.value}</b> {details.unit}
      </span>
      <span className={classes.range}>{details.reference_range}</span>
      <span className={classes.flag}>{flag && t(`review.flags.${flag}`)}</span>
    </span>
  );
}
