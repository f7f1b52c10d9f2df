/** What a read record is: its fields, the three most important statements, its documents and files. */
import { Anchor } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { RecordDetail, RecordFields } from "@/backend/contract";
import { SectionHead } from "@/components/SectionHead";
import { UnreadPages } from "@/features/reading/UnreadPages";
import { useFormat } from "@/i18n/format";
import { DocumentList } from "./DocumentList";
import { FileList } from "./FileList";
import classes from "./RecordBody.module.css";

function Facts({ fields, onEdit }: { fields: RecordFields; onEdit: (() => void) | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  const facts: [string, string | null][] = [
    [t("records.born"), fields.birth_date && format.day(fields.birth_date)],
    [t("records.number"), fields.number],
    [t("records.injury"), fields.injury_date && format.day(fields.injury_date)],
    [t("records.examiner"), fields.examiner],
    [t("records.kind"), fields.kind],
  ];
  const known = facts.filter(([, value]) => value);
  return (
    <div className={classes.facts}>
      <dl className={classes.terms}>
        {known.map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {known.length === 0 && onEdit && (
        <Anchor component="button" type="button" onClick={onEdit}>
          {t("records.edit_fields")}
        </Anchor>
      )}
    </div>
  );
}

function MostImportant({ statements }: { statements: string[] }) {
  const { t } = useTranslation();
  return (
    <section className={classes.top} aria-label={t("records.most_important")}>
      <h2>{t("records.most_important")}</h2>
      <ol>
        {statements.slice(0, 3).map((statement, index) => (
          <li key={statement}>
            <b aria-hidden="true">{index + 1}</b>
            <p>{statement}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}

export function RecordBody({ detail, onEditFields }: { detail: RecordDetail; onEditFields: (() => void) | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { statements, summary } = detail;
  return (
    <>
      <Facts fields={detail.fields} onEdit={onEditFields} />
      {detail.most_important.length > 0 && <MostImportant statements={detail.most_important} />}
      {detail.unread.length > 0 && <UnreadPages detail={detail} />}
      {detail.encounters.length > 0 && (
        <section className={classes.section}>
          <SectionHead
            note={t("records.documents_count", {
              documents: format.number(detail.encounters.length),
              pages: t("common.pages", { count: summary.pages }),
            })}
          >
            {t("records.documents")}
          </SectionHead>
          <DocumentList record={summary.id} encounters={detail.encounters} />
        </section>
      )}
      <FileList detail={detail} />
      <p className={classes.foot}>
        {statements.total > 0 && (
          <>
            <span>
              {t("records.statements", { count: statements.total })}
              {statements.not_found > 0 && `, ${t("records.not_found", { count: statements.not_found })}`}
            </span>
            <span>{t("records.reviewed", { count: statements.reviewed })}</span>
          </>
        )}
        <span>{`${t("records.owner")} ${summary.owner.name}`}</span>
        {detail.kept_until && <span>{t("records.kept_until", { day: format.day(detail.kept_until) })}</span>}
      </p>
    </>
  );
}
