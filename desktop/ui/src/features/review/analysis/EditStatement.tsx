/** A statement while it is written: the same place, face and size. Leaving saves, Esc gives back what was. */
import { Select } from "@mantine/core";
import { IconChevronDown, IconPencil, IconPlus } from "@tabler/icons-react";
import { type FocusEvent, type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Section, sections } from "@/backend/contract";
import { Act } from "@/components/Act";
import { iconSmall } from "@/components/icon";
import classes from "./Statement.module.css";

interface Props {
  text: string;
  section: Section;
  /** The words before the first edit; null for a new statement. */
  was: string | null;
  /** It is there only once it is saved. */
  added?: boolean;
  pages: ReactNode;
  children: ReactNode;
  onSave: (text: string, section: Section) => void;
  onCancel: () => void;
}

/** Statements move between these; Most important and Conflicts are made, not chosen. */
const choices: Section[] = sections.filter((section) => section !== "summary" && section !== "conflicts");

export function EditStatement({
  text: before,
  section: from,
  was,
  added = false,
  pages,
  children,
  onSave,
  onCancel,
}: Props) {
  const { t } = useTranslation();
  const [text, setText] = useState(before);
  const [section, setSection] = useState(from);
  const box = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const done = useRef(false);

  useEffect(() => {
    const element = field.current;
    element?.focus({ preventScroll: true });
    element?.setSelectionRange(element.value.length, element.value.length);
    box.current?.scrollIntoView({ block: "nearest" });
  }, []);

  const finish = (keep: boolean) => {
    if (done.current) return;
    done.current = true;
    const words = text.trim();
    const changed = words !== before || section !== from || was === null;
    if (keep && words !== "" && changed) onSave(words, section);
    else onCancel();
  };
  const onBlur = (event: FocusEvent) => {
    const to = event.relatedTarget;
    // A closed window takes the focus as well: only a move to something else of ours leaves the row.
    if (to instanceof Node && !box.current?.contains(to)) finish(true);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      finish(false);
    }
    if (event.key === "Enter" && !event.shiftKey && event.target === field.current) {
      event.preventDefault();
      event.stopPropagation();
      finish(true);
    }
  };

  const options = choices.includes(from) ? choices : [from, ...choices];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys and focus of the fields within
    <div ref={box} className={classes.edit} onBlur={onBlur} onKeyDown={onKeyDown}>
      <span className={classes.state}>
        {added ? <IconPlus {...iconSmall} stroke={2} /> : <IconPencil {...iconSmall} stroke={1.8} />}
      </span>
      <span className={classes.grower} data-text={`${text} `}>
        <textarea
          ref={field}
          className={classes.textarea}
          aria-label={t("review.statement_words")}
          rows={1}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      </span>
      {pages}
      {was !== null && was !== text && (
        <p className={classes.was}>
          {t("review.was")} <span>{was}</span>
        </p>
      )}
      {children}
      <div className={classes.acts}>
        <Act kind="primary" size="xs" binding="Enter" disabled={text.trim() === ""} onClick={() => finish(true)}>
          {t("common.save")}
        </Act>
        <Act kind="quiet" size="xs" binding="Escape" onClick={() => finish(false)}>
          {t("common.cancel")}
        </Act>
        <span className={classes.grow} />
        <span className={classes.in} aria-hidden="true">
          {t("review.in_section")}
        </span>
        <Select
          className={classes.select ?? ""}
          size="xs"
          variant="unstyled"
          rightSection={<IconChevronDown {...iconSmall} />}
          rightSectionWidth="1rem"
          rightSectionPointerEvents="none"
          aria-label={t("review.section_of")}
          value={section}
          onChange={(next) => next && setSection(next as Section)}
          data={options.map((value) => ({ value, label: t(`review.sections.${value}`) }))}
          comboboxProps={{ width: "max-content", position: "bottom-end" }}
        />
      </div>
    </div>
  );
}
