import type { ReactNode } from "react";
import classes from "./SectionHead.module.css";

/** A serif head on a line of the accent; `quiet` in grey, for what is left out. */
export function SectionHead({
  children,
  note,
  quiet = false,
  id,
}: {
  children: ReactNode;
  note?: ReactNode;
  quiet?: boolean;
  id?: string;
}) {
  return (
    <div className={classes.head} data-quiet={quiet || undefined}>
      <h2 className={classes.title} id={id}>
        {children}
      </h2>
      {note !== undefined && <span className={classes.note}>{note}</span>}
    </div>
  );
}
