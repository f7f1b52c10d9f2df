/** The plans side by side, monthly or yearly. */
import { IconCheck } from "@tabler/icons-react";
import clsx from "clsx";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type BillingInterval, type PlanOffer, planFeatures, type SubscriptionStatus } from "@/backend/contract";
import { Act } from "@/components/Act";
import { icon } from "@/components/icon";
import { useFormat } from "@/i18n/format";
import classes from "./Billing.module.css";
import { usePlanName } from "./usePlanName";

const gigabyte = 1_000_000_000;
/** Catalogue prices are in this currency. */
const currency = "usd";

interface Props {
  plans: PlanOffer[];
  interval: BillingInterval;
  subscription: SubscriptionStatus;
  /** Undefined where nothing can be bought. */
  onChoose?: ((plan: PlanOffer) => void) | undefined;
}

export function PlanTable({ plans, interval, subscription, onChoose }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const nameOf = usePlanName();
  const shown = plans.filter((it) => it.yearly_cents !== null || it.key === "free" || it.key === subscription.plan);
  const paid = subscription.interval !== null;
  const isYours = (plan: PlanOffer) =>
    plan.key === subscription.plan && (plan.yearly_cents === null || subscription.interval === interval);
  const figure = (value: number | null) => (value === null ? t("billing.without_limit") : format.number(value));
  const price = (plan: PlanOffer) => {
    if (plan.yearly_cents === null) return t("billing.no_price");
    return interval === "year"
      ? t("billing.a_year", { price: format.money(plan.yearly_cents, currency) })
      : t("billing.a_month", { price: format.money(plan.monthly_cents, currency) });
  };
  const row = (label: string, cell: (plan: PlanOffer) => ReactNode) => (
    <tr key={label}>
      <th scope="row">{label}</th>
      {shown.map((plan) => (
        <td key={plan.key} className={clsx(isYours(plan) && classes.yours)}>
          {cell(plan)}
        </td>
      ))}
    </tr>
  );
  return (
    <div className={classes.scroll}>
      <table className={classes.plans}>
        <thead>
          <tr>
            <td />
            {shown.map((plan) => (
              <th key={plan.key} scope="col" className={clsx(isYours(plan) && classes.yours)}>
                {nameOf(plan.key)}
                <span>{price(plan)}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {row(t("billing.row_analyses"), (plan) => figure(plan.analyses_per_month))}
          {row(t("billing.row_seats"), (plan) => figure(plan.seats))}
          {row(t("billing.row_storage"), (plan) =>
            plan.storage_gb === null ? t("billing.without_limit") : format.bytes(plan.storage_gb * gigabyte),
          )}
          {planFeatures
            .filter((feature) => feature !== "plain_report")
            .map((feature) =>
              row(t(`billing.features.${feature}`), (plan) =>
                plan.features.includes(feature) ? (
                  <IconCheck {...icon} stroke={2} aria-hidden={false} aria-label={t("billing.yes")} role="img" />
                ) : (
                  <>
                    <span aria-hidden="true">–</span>
                    <span className="mn-unseen">{t("billing.no")}</span>
                  </>
                ),
              ),
            )}
        </tbody>
        <tfoot>
          <tr>
            <td />
            {shown.map((plan) => (
              <td key={plan.key} className={clsx(isYours(plan) && classes.yours)}>
                {isYours(plan) && <span className={classes.note}>{t("billing.your_plan")}</span>}
                {!isYours(plan) && plan.yearly_cents !== null && onChoose && (
                  <Act
                    size="xs"
                    aria-label={t(paid ? "billing.change_to" : "billing.buy_plan", { plan: nameOf(plan.key) })}
                    onClick={() => onChoose(plan)}
                  >
                    {paid ? t("billing.change") : t("billing.buy")}
                  </Act>
                )}
              </td>
            ))}
          </tr>
        </tfoot>
      </table>
    </div>
  );
}
