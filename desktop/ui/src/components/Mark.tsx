import classes from "./Mark.module.css";

/** The mark: three lines, the middle one lit. */
export function Mark({ size = "1.25rem" }: { size?: string }) {
  return (
    <svg className={classes.mark} width={size} height={size} viewBox="0 0 20 20" aria-hidden="true">
      <rect className={classes.ground} width="20" height="20" rx="4.5" />
      <rect className={classes.line} x="4.5" y="5" width="11" height="1.8" rx="0.9" />
      <rect className={classes.lit} x="4.5" y="8.7" width="8" height="2.8" rx="0.8" />
      <rect className={classes.line} x="4.5" y="13.2" width="9.5" height="1.8" rx="0.9" />
    </svg>
  );
}
