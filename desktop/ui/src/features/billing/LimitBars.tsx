import { Anchor } from "@mantine/core";
import clsx from "clsx";
import { useTranslation } from "react-i18next";
import type { LimitUse } from "@/backend/contract";
import { useFormat } from "@/i18n/format";
import classes from "./Billing.module.css";

/** Percent from which a limit is told in colour: the first alert that is mailed. */
const nearPercent = 80;

function levelOf({ used, maximum }: LimitUse): "calm" | "near" | "over" {
  if (maximum === null) return "calm";
  if (used >= maximum) return "over";
  return used * 100 >= maximum * nearPercent ? "near" : "calm";
}

/** Each limit as a figure and a bar. */
export function LimitBars({ limits, onAddOns }: { limits: LimitUse[]; onAddOns?: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <section className={classes.use} aria-label={t("billing.usage")}>
      {limits.map((it) => {
        const figure = (value: number) => (it.limit === "storage_bytes" ? format.bytes(value) : format.number(value));
        const [used, unit] = figure(it.used).split("\u00a0");
        const level = levelOf(it);
        const percent = it.maximum ? Math.floor((it.used / it.maximum) * 100) : 0;
        return (
          <div key={it.limit}>
            <h2 className={clsx("mn-label", classes.what)}>{t(`billing.limits.${it.limit}`)}</h2>
            <p className={classes.figure}>
              {used}{" "}
              <span>
                {[unit, it.maximum !== null && t("billing.of", { maximum: figure(it.maximum) })]
                  .filter(Boolean)
                  .join(" ")}
              </span>
            </p>
            {it.maximum === null ? (
              <p className={classes.note}>{t("billing.unlimited")}</p>
            ) : (
              <>
                <div
                  className={classes.bar}
                  data-level={level}
                  role="progressbar"
                  aria-label={t(`billing.limits.${it.limit}`)}
                  aria-valuemin={0}
                  aria-valuemax={100}
                  aria-valuenow={Math.min(100, percent)}
                >
                  <span className={classes.fill} style={{ width: `${Math.min(100, percent)}%` }} />
                </div>
                <p className={clsx(classes.note, level !== "calm" && classes[level])}>
                  {t("billing.percent_used", { percent: format.percent(percent) })}
                  {it.resets_at && `, ${t("billing.renews", { day: format.dayOf(it.resets_at) })}`}
                  {onAddOns && it.limit !== "analyses" && (
                    <>
                      {" · "}
                      <Anchor component="button" type="button" onClick={onAddOns}>
                        {it.limit === "seats" ? t("billing.add_seats") : t("billing.add_storage")}
                      </Anchor>
                    </>
                  )}
                </p>
              </>
            )}
          </div>
        );
      })}
    </section>
  );
}
