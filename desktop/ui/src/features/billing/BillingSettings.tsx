/** The clinic's plan: what it is, what comes next and when, how much is used, and every way to change it. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useToast } from "@/app/toast";
import { useErrorText } from "@/app/useErrorText";
import { useMe } from "@/app/useSession";
import type { BackendError } from "@/backend/backend";
import { useBackendQueries, useCommand } from "@/backend/context";
import type { BillingInterval, SubscriptionOrder, SubscriptionStatus } from "@/backend/contract";
import { queryKeys } from "@/backend/queryKeys";
import { Act } from "@/components/Act";
import { Banner } from "@/components/Banner";
import { SectionHead } from "@/components/SectionHead";
import { Segments } from "@/components/Segments";
import { Failed, Loading } from "@/components/States";
import { SettingsHead } from "@/features/settings/SettingsHead";
import { useFormat } from "@/i18n/format";
import { AddOns } from "./AddOns";
import classes from "./Billing.module.css";
import { CancelDialog } from "./CancelDialog";
import { ChangeDialog } from "./ChangeDialog";
import { Invoices } from "./Invoices";
import { LimitBars } from "./LimitBars";
import { PlanTable } from "./PlanTable";
import { usePlanName } from "./usePlanName";

/** The present plan in words: what it is, what happens next and when. */
function useStateInWords(): (subscription: SubscriptionStatus) => string {
  const { t } = useTranslation();
  const format = useFormat();
  const nameOf = usePlanName();
  return (it) => {
    const plan = nameOf(it.subscribed_plan);
    const every = it.interval ? t(`billing.every.${it.interval}`) : "";
    const day = it.period_ends_at ? format.dayOf(it.period_ends_at) : "";
    switch (it.state) {
      case "trialing":
        return t("billing.now.trialing", { day: it.trial_ends_at ? format.dayOf(it.trial_ends_at) : "" });
      case "active":
        if (it.cancels_at_period_end) return t("billing.now.cancelling", { plan, day });
        if (it.next) {
          return t("billing.now.next", { plan, every, day: format.dayOf(it.next.at), next: nameOf(it.next.plan) });
        }
        return t("billing.now.active", { plan, every, day });
      case "past_due":
      case "suspended":
        return t(`billing.now.${it.state}`, { plan, every });
      case "cancelled":
      case "free":
        return t(`billing.now.${it.state}`);
    }
  };
}

function Billing({ subscription }: { subscription: SubscriptionStatus }) {
  const { t } = useTranslation();
  const format = useFormat();
  const text = useErrorText();
  const toast = useToast();
  const cache = useQueryClient();
  const { readOnly } = useMe();
  const words = useStateInWords();
  const { data: offers } = useQuery(useBackendQueries().plans());
  const [interval, setInterval] = useState<BillingInterval>(subscription.interval ?? "year");
  const [order, setOrder] = useState<SubscriptionOrder | null>(null);
  const [cancelling, setCancelling] = useState(false);
  const buy = useCommand("buy_plan");
  const portal = useCommand("open_payment_portal");
  const resume = useCommand("resume_subscription", {
    onSuccess: (resumed) => {
      cache.setQueryData(queryKeys.subscription, resumed);
      toast({ text: t("billing.resumed") });
    },
  });
  const paid = subscription.interval !== null;
  const sells = Boolean(offers?.can_buy) && !readOnly;
  const error = buy.error ?? portal.error ?? resume.error;
  const lookAgain = () => {
    buy.reset();
    portal.reset();
    void cache.invalidateQueries({ queryKey: ["billing"] });
  };
  const choose = (plan: { key: string }) => {
    const wanted = {
      plan: plan.key,
      interval,
      extra_seats: subscription.extra_seats,
      extra_storage: subscription.extra_storage,
    };
    if (paid) setOrder(wanted);
    else buy.mutate(wanted);
  };
  const payment = { label: t("billing.pay_now"), onAct: () => portal.mutate(undefined) };

  return (
    <>
      <SettingsHead
        title={t("billing.billing")}
        right={
          <div className={classes.headActs}>
            {paid && sells && !subscription.cancels_at_period_end && (
              <Act kind="quiet" onClick={() => setCancelling(true)}>
                {t("billing.cancel_plan")}
              </Act>
            )}
            {sells && (subscription.cancels_at_period_end || subscription.next) && (
              <Act kind="primary" busy={resume.isPending} onClick={() => resume.mutate(undefined)}>
                {subscription.cancels_at_period_end ? t("billing.resume") : t("billing.undo_change")}
              </Act>
            )}
            {subscription.has_customer && sells && (
              <Act busy={portal.isPending} onClick={() => portal.mutate(undefined)}>
                {t("billing.portal")}
              </Act>
            )}
          </div>
        }
      >
        {words(subscription)}
      </SettingsHead>
      <div className={classes.banner}>
        {error && <Banner kind="danger">{text(error)}</Banner>}
        {!error && (buy.isSuccess || portal.isSuccess) && (
          <Banner act={{ label: t("billing.look_again"), onAct: lookAgain }}>{t("billing.browser")}</Banner>
        )}
        {!error && !buy.isSuccess && !portal.isSuccess && subscription.state === "past_due" && (
          <Banner kind="warning" act={payment}>
            {t("billing.failed", { count: subscription.failed_payments })}
          </Banner>
        )}
        {!error && !buy.isSuccess && !portal.isSuccess && subscription.state === "suspended" && (
          <Banner kind="danger" act={payment}>
            {t("billing.suspended_banner")}
          </Banner>
        )}
      </div>
      <LimitBars
        limits={subscription.limits}
        {...(paid &&
          sells && { onAddOns: () => document.getElementById("add-ons")?.scrollIntoView({ block: "center" }) })}
      />
      {offers && (
        <section className={classes.section}>
          <SectionHead
            right={
              <Segments<BillingInterval>
                label={t("billing.plans")}
                value={interval}
                onChange={setInterval}
                segments={[
                  { value: "month", label: t("billing.monthly") },
                  { value: "year", label: t("billing.yearly") },
                ]}
              />
            }
          >
            {t("billing.plans")}
          </SectionHead>
          {!offers.can_buy && <p className={classes.note}>{t("billing.cannot_buy")}</p>}
          <PlanTable
            plans={offers.plans}
            interval={interval}
            subscription={subscription}
            onChoose={sells ? choose : undefined}
          />
        </section>
      )}
      {offers && paid && sells && (
        <AddOns key={subscription.plan} offers={offers.add_ons} subscription={subscription} />
      )}
      <Invoices />
      {order && <ChangeDialog order={order} onClose={() => setOrder(null)} />}
      {cancelling && (
        <CancelDialog
          day={subscription.period_ends_at ? format.dayOf(subscription.period_ends_at) : ""}
          onClose={() => setCancelling(false)}
        />
      )}
    </>
  );
}

export function BillingSettings() {
  const { t } = useTranslation();
  const { me } = useMe();
  const admin = me.role === "admin";
  const { data, error, refetch } = useQuery({ ...useBackendQueries().subscription(), enabled: admin });
  if (data && admin) return <Billing subscription={data} />;
  return (
    <>
      <SettingsHead title={t("billing.billing")} />
      {!admin && <Banner>{t("settings.admins_only")}</Banner>}
      {error && <Failed error={error as BackendError} onRetry={() => void refetch()} />}
      {admin && !error && <Loading />}
    </>
  );
}
