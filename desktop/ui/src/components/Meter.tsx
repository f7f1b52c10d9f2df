import classes from "./Meter.module.css";

interface Props {
  done: number;
  total: number;
  label: string;
  /** Places, from 1 to `total`, that failed: red marks on the bar. */
  failed?: number[];
}

/** How far something of known length is; failed places stay marked. */
export function Meter({ done, total, label, failed = [] }: Props) {
  const share = (value: number) => (total > 0 ? `${Math.min(100, (value / total) * 100)}%` : "0%");
  return (
    <div
      className={classes.meter}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={done}
      aria-valuetext={label}
    >
      <span className={classes.done} style={{ width: share(done) }} />
      {failed.map((place) => (
        <span key={place} className={classes.failed} style={{ left: share(place) }} />
      ))}
    </div>
  );
}
