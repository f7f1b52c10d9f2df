/** Two edits of one statement: both are kept until somebody chooses. Nobody's version is the default. */
import { Anchor } from "@mantine/core";
import { IconArrowsDiff } from "@tabler/icons-react";
import clsx from "clsx";
import type { Ref } from "react";
import { useTranslation } from "react-i18next";
import type { Statement, Version } from "@/backend/contract";
import { Act } from "@/components/Act";
import { icon } from "@/components/icon";
import { KeyCaps } from "@/components/KeyCaps";
import { useFormat } from "@/i18n/format";
import { differences } from "../model/diff";
import { useActs } from "./acts";
import { EditStatement } from "./EditStatement";
import classes from "./Statement.module.css";
import { PageNumbers, Quotes } from "./StatementRow";

function Words({ version, base }: { version: Version; base: string }) {
  return (
    <span className={classes.versionText}>
      {differences(version.text, base).map((piece, index) => {
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no other name
        return piece.changed ? <b key={index}>{piece.text}</b> : <span key={index}>{piece.text}</span>;
      })}
    </span>
  );
}

interface Props {
  ref: Ref<HTMLLIElement>;
  statement: Statement;
  chosen: boolean;
  editing: boolean;
  mayEdit: boolean;
  here: number | null;
}

export function TwoEdits({ ref, statement, chosen, editing, mayEdit, here }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const acts = useActs();
  const { versions } = statement;
  if (!versions) return null;
  const pages = <PageNumbers statement={statement} here={here} chosen={chosen} />;
  if (editing) {
    return (
      <li ref={ref} className={classes.editing} data-statement={statement.id}>
        <EditStatement
          text={versions.base}
          section={statement.section}
          was={null}
          pages={pages}
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
      ref={ref}
      className={clsx(classes.two, chosen && classes.twoChosen)}
      aria-current={chosen ? "true" : undefined}
      data-statement={statement.id}
      tabIndex={chosen ? 0 : -1}
      onClick={(event) => {
        if (!(event.target as Element).closest("button")) acts.choose(statement.id);
      }}
    >
      <div className={classes.twoHead}>
        <IconArrowsDiff {...icon} />
        <span>
          {t("review.two_edits")} <span className={classes.wide}>{t("review.two_edits_kept")}</span>
        </span>
        {pages}
      </div>
      {([versions.mine, versions.theirs] as const).map((version, index) => (
        <div key={version.mine ? "mine" : "theirs"} className={classes.version}>
          <span className={classes.who}>
            {version.mine ? t("review.you_capital") : version.author}, {format.time(version.at)}
          </span>
          <Words version={version} base={versions.base} />
          {mayEdit && (
            <Act
              size="xs"
              command={chosen ? (index === 0 ? "keep_mine" : "keep_theirs") : undefined}
              onClick={() => acts.keep(index === 0 ? "mine" : "theirs", statement.id)}
            >
              {t(index === 0 ? "keys.commands.keep_mine" : "keys.commands.keep_theirs")}
            </Act>
          )}
        </div>
      ))}
      <p className={classes.base}>
        {t("review.both_began")} <span className={classes.baseText}>{versions.base}</span>
        {mayEdit && (
          <Anchor component="button" type="button" onClick={() => acts.editAnew(statement.id)}>
            {t("review.write_anew")} {chosen && <KeyCaps of="edit" />}
          </Anchor>
        )}
      </p>
    </li>
  );
}
