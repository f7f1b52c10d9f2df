import clsx from "clsx";
import type { ReactNode } from "react";
import classes from "./Bars.module.css";

/** The bar at the top of a part of the window: left the place and its name, right the acts. */
export function ToolBar({ children, edge = true }: { children: ReactNode; edge?: boolean }) {
  return <header className={clsx(classes.tool, edge && classes.edge)}>{children}</header>;
}

export function ToolTitle({ children }: { children: ReactNode }) {
  return <h1 className={classes.title}>{children}</h1>;
}

/** What is left of a bar. */
export const Grow = () => <span className={classes.grow} />;

/** The keys of a place, under a list that has some. */
export function HintBar({ children }: { children: ReactNode }) {
  return <footer className={classes.hints}>{children}</footer>;
}

/** `spare`: leaves a narrow window first. */
export function Hint({ keys, children, spare = false }: { keys: ReactNode; children: ReactNode; spare?: boolean }) {
  return (
    <span className={clsx(classes.hint, spare && classes.spare)}>
      {keys}
      {children}
    </span>
  );
}
