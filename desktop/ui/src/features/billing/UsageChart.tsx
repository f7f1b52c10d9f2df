import { useTranslation } from "react-i18next";
import type { MonthUse } from "@/backend/contract";
import { useFormat } from "@/i18n/format";
import classes from "./Billing.module.css";

const width = 640;
const height = 140;
const foot = 18;
const head = 16;

/** Analyses a month as bars, the oldest at the left; the table beside it has the same figures. */
export function UsageChart({ months }: { months: MonthUse[] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const bars = months.toReversed();
  const first = bars[0];
  const last = bars.at(-1);
  if (!first || !last) return null;
  const most = Math.max(1, ...bars.map((bar) => bar.analyses));
  const step = width / bars.length;
  const room = height - foot - head;
  return (
    <svg
      className={classes.chart}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={t("billing.chart_of", { first: format.month(first.month), last: format.month(last.month) })}
    >
      <line x1={0} x2={width} y1={height - foot} y2={height - foot} />
      {bars.map((bar, index) => {
        const tall = (bar.analyses / most) * room;
        const middle = (index + 0.5) * step;
        const isLast = bar === last;
        return (
          <g key={bar.month}>
            <rect
              x={index * step + step * 0.2}
              y={height - foot - tall}
              width={step * 0.6}
              height={tall}
              data-last={isLast || undefined}
            />
            {(isLast || bar.analyses === most) && (
              <text x={middle} y={height - foot - tall - 4} textAnchor="middle">
                {format.number(bar.analyses)}
              </text>
            )}
            <text x={middle} y={height - 5} textAnchor="middle">
              {format.monthShort(bar.month)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
