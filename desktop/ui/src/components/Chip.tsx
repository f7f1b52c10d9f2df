import clsx from "clsx";
import type { ReactNode } from "react";
import classes from "./Chip.module.css";

export type ChipKind = "plain" | "negated" | "possible" | "conflict" | "doubt" | "good" | "new";

/** A word or two that changes the meaning (before the words) or lowers the trust (after them). Never colour alone. */
export function Chip({ kind = "plain", icon, children }: { kind?: ChipKind; icon?: ReactNode; children: ReactNode }) {
  return (
    <span className={clsx(classes.chip, classes[kind])}>
      {icon}
      {children}
    </span>
  );
}
