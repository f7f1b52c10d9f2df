/** The bar above the pages: which page, which document, what is lit, how large. */
import {
  IconArrowAutofitWidth,
  IconChevronDown,
  IconChevronLeft,
  IconChevronRight,
  IconMinus,
  IconPlus,
  IconRotateClockwise,
} from "@tabler/icons-react";
import { type KeyboardEvent, type ReactNode, type Ref, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Encounter } from "@/backend/contract";
import { IconAct } from "@/components/Act";
import { icon, iconSmall } from "@/components/icon";
import { KeyCap, KeyCaps } from "@/components/KeyCaps";
import { useFormat } from "@/i18n/format";
import classes from "./PageBar.module.css";

interface Props {
  page: number;
  /** `13–14` while a quote over two pages is shown. */
  label: string;
  total: number;
  encounter: Encounter | null;
  percent: number;
  fits: boolean;
  lit:
    | { kind: "lit"; now: number; all: number }
    | { kind: "lit_pages"; pages: number }
    | { kind: "hits"; all: number }
    | { kind: "chosen"; words: number }
    | null;
  onPage: (page: number) => void;
  onZoom: (direction: 1 | -1) => void;
  onWidth: () => void;
  onTurn: () => void;
  onNextLit: () => void;
  documents: (target: ReactNode) => ReactNode;
  onDocuments: () => void;
  field: Ref<HTMLInputElement>;
}

export function PageBar(props: Props) {
  const { page, label, total, encounter, percent, fits, lit } = props;
  const { t } = useTranslation();
  const format = useFormat();
  const left = useRef(false);
  const take = (input: HTMLInputElement) => {
    const wanted = Number.parseInt(input.value, 10);
    if (Number.isFinite(wanted)) props.onPage(Math.min(total, Math.max(1, wanted)));
    input.value = label;
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "Escape") event.currentTarget.value = label;
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.stopPropagation();
    left.current = true;
    if (event.key === "Enter") take(event.currentTarget);
    event.currentTarget.blur();
  };
  const documentName = encounter
    ? [encounter.kind, encounter.date && format.day(encounter.date)].filter(Boolean).join(", ")
    : t("review.documents");
  return (
    <div className={classes.bar}>
      <IconAct
        label={t("keys.commands.page_previous")}
        command="page_previous"
        size="sm"
        disabled={page <= 1}
        onClick={() => props.onPage(page - 1)}
      >
        <IconChevronLeft {...icon} />
      </IconAct>
      <input
        key={label}
        ref={props.field}
        className={classes.number}
        style={{ width: `${Math.max(2, label.length) + 0.5}ch` }}
        aria-label={t("review.page_field")}
        aria-keyshortcuts="G"
        inputMode="numeric"
        defaultValue={label}
        onFocus={(event) => event.currentTarget.select()}
        onKeyDown={onKeyDown}
        onBlur={(event) => {
          if (!left.current) take(event.currentTarget);
          left.current = false;
        }}
      />
      <span className={classes.of}>{t("review.of_pages", { total: format.number(total) })}</span>
      <IconAct
        label={t("keys.commands.page_next")}
        command="page_next"
        size="sm"
        disabled={page >= total}
        onClick={() => props.onPage(page + 1)}
      >
        <IconChevronRight {...icon} />
      </IconAct>
      <div className={classes.document}>
        {props.documents(
          <button
            type="button"
            className={classes.name}
            aria-label={documentName}
            aria-keyshortcuts="D"
            title={documentName}
            onClick={props.onDocuments}
          >
            <span className={classes.cut}>{documentName}</span>
            <IconChevronDown {...iconSmall} />
          </button>,
        )}
      </div>
      {lit && (
        <span className={classes.lit} role="status">
          <span className={lit.kind === "chosen" ? classes.chosen : classes.light} aria-hidden="true" />
          {lit.kind === "lit" && t("review.lit", { now: format.number(lit.now), count: lit.all })}
          {lit.kind === "lit_pages" && t("review.lit_pages", { count: lit.pages })}
          {lit.kind === "hits" && t("review.hits_here", { count: lit.all })}
          {lit.kind === "chosen" && t("review.words_chosen", { count: lit.words })}
          {(lit.kind === "lit" || lit.kind === "lit_pages") && (
            <button
              type="button"
              className={classes.key}
              aria-label={t("keys.commands.next_lit")}
              onClick={props.onNextLit}
            >
              <KeyCaps of="next_lit" />
            </button>
          )}
          {lit.kind === "chosen" && (
            <span className={classes.key}>
              <KeyCap binding="Escape" />
            </span>
          )}
        </span>
      )}
      <IconAct label={t("keys.commands.zoom_out")} command="zoom_out" size="sm" onClick={() => props.onZoom(-1)}>
        <IconMinus {...icon} />
      </IconAct>
      <span className={classes.zoom}>
        <span className={classes.percent}>{format.percent(percent)}</span>
        <span className={classes.short}>{fits ? t("review.fits") : format.percent(percent)}</span>
      </span>
      <IconAct label={t("keys.commands.zoom_in")} command="zoom_in" size="sm" onClick={() => props.onZoom(1)}>
        <IconPlus {...icon} />
      </IconAct>
      <IconAct label={t("keys.commands.zoom_width")} command="zoom_width" size="sm" onClick={props.onWidth}>
        <IconArrowAutofitWidth {...icon} />
      </IconAct>
      <IconAct label={t("keys.commands.rotate")} command="rotate" size="sm" onClick={props.onTurn}>
        <IconRotateClockwise {...icon} />
      </IconAct>
    </div>
  );
}
