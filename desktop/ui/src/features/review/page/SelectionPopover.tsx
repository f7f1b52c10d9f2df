/** Beside the chosen words: what can be made of them, and what rests on them already. */
import { Anchor } from "@mantine/core";
import { IconCopy, IconPlus } from "@tabler/icons-react";
import { useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Statement } from "@/backend/contract";
import { Act, IconAct } from "@/components/Act";
import { icon, iconSmall } from "@/components/icon";
import classes from "./SelectionPopover.module.css";

interface Props {
  /** The chosen words, in the coordinates of what scrolls. */
  anchor: DOMRect;
  side: HTMLElement;
  resting: Statement[];
  mayEdit: boolean;
  /** There is a chosen statement that the words can be added to. */
  mayQuote: boolean;
  onAdd: () => void;
  onQuote: () => void;
  onCopy: () => void;
  onShow: (statement: Statement) => void;
}

const air = 10;
const shownAtMost = 3;

/** Below the words or above, where it hides less: inside of the side, never over the words or what is lit. */
function placeOf(anchor: DOMRect, side: HTMLElement, width: number, height: number): { left: number; top: number } {
  const left = Math.max(
    side.scrollLeft + air,
    Math.min(anchor.left + Math.min(40, anchor.width / 4), side.scrollLeft + side.clientWidth - width - air),
  );
  const origin = side.getBoundingClientRect();
  const lit = [...side.querySelectorAll("[data-lit]")].map((strip) => strip.getBoundingClientRect());
  const hides = (top: number) => {
    const y = top - side.scrollTop + origin.top;
    const x = left - side.scrollLeft + origin.left;
    const over = lit.filter(
      (box) => box.bottom > y && box.top < y + height && box.right > x && box.left < x + width,
    ).length;
    const outside = y < origin.top || y + height > origin.bottom;
    return over + (outside ? 100 : 0);
  };
  const below = anchor.bottom + air;
  const above = anchor.top - height - air;
  const top = hides(below) <= hides(above) ? below : above;
  // Neither fits: the edge of the side is nearer than nothing.
  return {
    left,
    top: Math.max(side.scrollTop + air, Math.min(top, side.scrollTop + side.clientHeight - height - air)),
  };
}

export function SelectionPopover({ anchor, side, resting, mayEdit, mayQuote, onAdd, onQuote, onCopy, onShow }: Props) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<{ left: number; top: number } | null>(null);
  const count = resting.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another number of statements is another height
  useLayoutEffect(() => {
    const element = box.current;
    if (element) setPlace(placeOf(anchor, side, element.offsetWidth, element.offsetHeight));
  }, [anchor, side, count]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form
    <div
      ref={box}
      className={classes.popover}
      data-popover
      role="group"
      aria-label={t("review.chosen_words")}
      style={place ?? { left: anchor.left, top: anchor.bottom + air, visibility: "hidden" }}
    >
      <div className={classes.acts}>
        {mayEdit && (
          <Act kind="primary" command="add_statement" icon={<IconPlus {...iconSmall} />} onClick={onAdd}>
            {t("review.add_statement")}
          </Act>
        )}
        {mayEdit && mayQuote && (
          <Act kind="quiet" command="add_quote" onClick={onQuote}>
            {t("review.add_quote")}
          </Act>
        )}
        <IconAct label={t("review.copy_words")} onClick={onCopy}>
          <IconCopy {...icon} />
        </IconAct>
      </div>
      <div className={classes.resting}>
        <p>{t("review.resting_on", { count })}</p>
        <ul>
          {resting.slice(0, shownAtMost).map((statement) => (
            <li key={statement.id} className={classes.one}>
              <span className={classes.text}>{statement.text}</span>
              <Anchor component="button" type="button" onClick={() => onShow(statement)}>
                {t("common.show")}
              </Anchor>
            </li>
          ))}
        </ul>
        {count > shownAtMost && <p>{t("review.and_more", { count: count - shownAtMost })}</p>}
      </div>
    </div>
  );
}
