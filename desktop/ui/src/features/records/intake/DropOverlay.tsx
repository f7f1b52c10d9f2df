import clsx from "clsx";
import { useTranslation } from "react-i18next";
import classes from "./DropOverlay.module.css";
import type { Target, Wish } from "./Intake";

export interface Hover {
  count: number;
  x: number;
  y: number;
}

/** What a drop at this place means, as the part of the window below says it with `data-drop`. */
export function zoneAt({ x, y }: { x: number; y: number }): Wish | null {
  const below = document.elementsFromPoint?.(x, y) ?? [];
  const zone = below.map((element) => element.closest<HTMLElement>("[data-drop]")).find(Boolean);
  const wish = zone?.dataset.drop;
  return wish === "new" || wish === "add" ? wish : null;
}

/** While files hover: what a drop here would do. */
export function DropOverlay({ hover, target }: { hover: Hover; target: Target | null }) {
  const { t } = useTranslation();
  const adds = zoneAt(hover) === "add" && target !== null;
  return (
    <div className={classes.overlay} aria-hidden="true">
      <div className={clsx(classes.card, adds && classes.adds)}>
        <p className={classes.title}>{t("records.drop_title", { count: hover.count })}</p>
        <p className={classes.text}>{adds ? t("records.drop_add", { title: target.title }) : t("records.drop_new")}</p>
      </div>
    </div>
  );
}
