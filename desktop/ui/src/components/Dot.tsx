import clsx from "clsx";
import classes from "./Dot.module.css";

export type DotKind = "waiting" | "to_do" | "half" | "done" | "partly" | "failed";

/** A state as a dot. Always beside its word. */
export function Dot({ kind }: { kind: DotKind }) {
  return <span className={clsx(classes.dot, classes[kind])} aria-hidden="true" />;
}
