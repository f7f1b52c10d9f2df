import type { ReactNode } from "react";
import classes from "./SectionHead.module.css";

/** A serif head on a line of the accent; `quiet` in grey, for what is left out. */
export function SectionHead({
  children,
  note,
  right,
  quiet = false,
  id,
}: {
  children: ReactNode;
  note?: ReactNode;
  /** What is chosen for the whole section. */
  right?: ReactNode;
  quiet?: boolean;
  id?: string;
}) {
  return (
    <div className={classes.head} data-quiet={quiet || undefined}>
      <h2 className={classes.title} id={id}>
        {children}
      </h2>
      {note !== undefined && <span className={classes.note}>{note}</span>}
      {right !== undefined && <span className={classes.right}>{right}</span>}
    </div>
  );
}
