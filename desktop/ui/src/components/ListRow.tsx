import clsx from "clsx";
import type { ReactNode } from "react";
import classes from "./ListRow.module.css";
import { MiddleEllipsis } from "./MiddleEllipsis";

interface Props {
  name: string;
  time: ReactNode;
  /** Second line, left and right. */
  what: string;
  state: ReactNode;
  chosen: boolean;
  /** The keys are on it: a shortened name is told whole. */
  focused: boolean;
  /** Below the two lines: a bar, a field. */
  children?: ReactNode;
}

/** A record in a list: name in up to two lines, time, kind and state. The list around it owns focus and choice. */
export function ListRow({ name, time, what, state, chosen, focused, children }: Props) {
  return (
    <div className={clsx(classes.row, chosen && classes.chosen)}>
      <div className={classes.first}>
        <span className={classes.name}>
          <MiddleEllipsis focused={focused}>{name}</MiddleEllipsis>
        </span>
        <span className={classes.time}>{time}</span>
      </div>
      <div className={classes.second}>
        <span className={classes.what} title={what}>
          {what}
        </span>
        <span className={classes.state}>{state}</span>
      </div>
      {children}
    </div>
  );
}
