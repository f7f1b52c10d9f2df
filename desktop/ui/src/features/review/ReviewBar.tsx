/** The tool bar of Review: which record, undo, search, focus, report. */
import {
  IconAdjustmentsHorizontal,
  IconArrowBackUp,
  IconArrowForwardUp,
  IconChevronLeft,
  IconSearch,
} from "@tabler/icons-react";
import type { Ref } from "react";
import { useTranslation } from "react-i18next";
import type { ReviewRecord } from "@/backend/contract";
import { Act, IconAct } from "@/components/Act";
import { ToolBar, ToolTitle } from "@/components/Bars";
import { icon, iconLarge } from "@/components/icon";
import { useFormat } from "@/i18n/format";
import { windowText } from "./analysis/RunStrip";
import { FindField } from "./find/FindField";
import classes from "./Review.module.css";

interface Props {
  data: ReviewRecord;
  pages: number;
  finding: boolean;
  find: string;
  hit: number | null;
  hits: number;
  field: Ref<HTMLInputElement>;
  onBack: () => void;
  onUndo: () => void;
  onRedo: () => void;
  onOpenFind: () => void;
  onFind: (find: string) => void;
  onHit: (step: 1 | -1) => void;
  onCloseFind: () => void;
  onFocus: () => void;
  onReport: () => void;
}

export function ReviewBar(props: Props) {
  const { data, pages, finding } = props;
  const { t } = useTranslation();
  const format = useFormat();
  const { review, fields, may_edit } = data;
  const undo = may_edit && review?.undo.undo ? review.undo.undo : null;
  const redo = may_edit && review?.undo.redo ? review.undo.redo : null;
  const facts = [
    fields.birth_date && format.day(fields.birth_date),
    fields.number,
    t("common.pages", { count: pages }),
  ].filter(Boolean);
  const focus = [review?.focus, windowText(review?.window ?? null, format)].filter(Boolean).join(", ");
  return (
    <ToolBar>
      <IconAct label={t("review.back")} onClick={props.onBack}>
        <IconChevronLeft {...iconLarge} />
      </IconAct>
      <ToolTitle>{data.title}</ToolTitle>
      <span className={classes.facts} title={facts.join(" · ")}>
        {facts.join("\u2002·\u2002")}
      </span>
      <IconAct
        label={undo ? t("review.undo_what", { what: t(`review.changes_short.${undo}`) }) : t("review.nothing_to_undo")}
        command="undo"
        disabled={!undo}
        onClick={props.onUndo}
      >
        <IconArrowBackUp {...iconLarge} />
      </IconAct>
      <IconAct
        label={redo ? t("review.redo_what", { what: t(`review.changes_short.${redo}`) }) : t("review.nothing_to_redo")}
        command="redo"
        disabled={!redo}
        onClick={props.onRedo}
      >
        <IconArrowForwardUp {...iconLarge} />
      </IconAct>
      {!finding && (
        <span className={classes.narrowFind}>
          <IconAct label={t("review.search")} command="search" onClick={props.onOpenFind}>
            <IconSearch {...icon} />
          </IconAct>
        </span>
      )}
      <FindField
        ref={props.field}
        value={props.find}
        opened={finding}
        now={props.hit}
        all={props.hits}
        onChange={props.onFind}
        onNext={props.onHit}
        onClose={props.onCloseFind}
      />
      <span className={classes.focus}>
        <Act icon={<IconAdjustmentsHorizontal {...icon} />} onClick={props.onFocus} aria-keyshortcuts="F">
          {focus ? t("review.focus_is", { focus }) : t("keys.commands.focus_window")}
        </Act>
      </span>
      <span className={classes.focusShort}>
        <IconAct label={t("keys.commands.focus_window")} command="focus_window" onClick={props.onFocus}>
          <IconAdjustmentsHorizontal {...icon} />
        </IconAct>
      </span>
      <Act onClick={props.onReport} disabled={!review} title={review ? undefined : t("review.no_analysis")}>
        {t("review.report")}
      </Act>
    </ToolBar>
  );
}
