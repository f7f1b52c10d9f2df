/** Between page and analysis: dragged, moved with the arrow keys, put back by a double click. Its place is remembered. */
import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import { useTranslation } from "react-i18next";
import classes from "./Divider.module.css";

/** As drawn: page 704 of 1280. */
export const usualShare = 0.55;
const least = 0.3;
const most = 0.75;

export const clampShare = (share: number) => Math.min(most, Math.max(least, share));

interface Props {
  share: number;
  /** `kept`: the hand has let go. */
  onShare: (share: number, kept: boolean) => void;
}

export function Divider({ share, onShare }: Props) {
  const { t } = useTranslation();
  const dragging = useRef(false);
  const shareAt = (event: PointerEvent) => {
    const box = event.currentTarget.parentElement?.getBoundingClientRect();
    return clampShare(box ? (event.clientX - box.left) / box.width : share);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -0.02, ArrowRight: 0.02 }[event.key];
    if (step === undefined && event.key !== "Home") return;
    event.preventDefault();
    onShare(step === undefined ? usualShare : clampShare(share + step), true);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> cannot be moved
    <div
      className={classes.divider}
      role="separator"
      aria-orientation="vertical"
      aria-label={t("review.divider")}
      aria-valuemin={least * 100}
      aria-valuemax={most * 100}
      aria-valuenow={Math.round(share * 100)}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onDoubleClick={() => onShare(usualShare, true)}
      onPointerDown={(event) => {
        dragging.current = true;
        event.currentTarget.setPointerCapture?.(event.pointerId);
      }}
      onPointerMove={(event) => dragging.current && onShare(shareAt(event), false)}
      onPointerUp={(event) => {
        if (dragging.current) onShare(shareAt(event), true);
        dragging.current = false;
      }}
    />
  );
}
