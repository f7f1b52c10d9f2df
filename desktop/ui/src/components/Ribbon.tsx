import clsx from "clsx";
import { Meter } from "./Meter";
import classes from "./Ribbon.module.css";

/** Above this many pages a tick would be thinner than can be seen. */
const mostTicks = 120;

interface Props {
  done: number;
  total: number;
  failed?: number[];
  label: string;
}

/** One tick a page: done, now, failed, to come. Long records get a plain bar. */
export function Ribbon({ done, total, failed = [], label }: Props) {
  if (total > mostTicks) return <Meter done={done} total={total} failed={failed} label={label} />;
  const bad = new Set(failed);
  const kind = (page: number) => {
    if (bad.has(page)) return classes.failed;
    if (page <= done) return classes.done;
    return page === done + 1 ? classes.now : undefined;
  };
  return (
    <div
      className={classes.ribbon}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={total}
      aria-valuenow={done}
    >
      {Array.from({ length: total }, (_, index) => index + 1).map((page) => (
        <span key={page} className={clsx(classes.tick, kind(page))} />
      ))}
    </div>
  );
}
