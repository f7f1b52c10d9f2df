import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useToast } from "@/app/toast";
import type { BackendError } from "@/backend/backend";
import { useBackendQueries, useCommand } from "@/backend/context";
import type { SubscriptionOrder } from "@/backend/contract";
import { queryKeys } from "@/backend/queryKeys";
import { Dialog } from "@/components/Dialog";
import { Failed, Loading } from "@/components/States";
import account from "@/features/account/Account.module.css";
import { Fault } from "@/features/session/Fault";
import { useFormat } from "@/i18n/format";
import classes from "./Billing.module.css";
import { usePlanName } from "./usePlanName";

/** What a change does and costs, or what stands in its way, before it is made. */
export function ChangeDialog({ order, onClose }: { order: SubscriptionOrder; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const nameOf = usePlanName();
  const toast = useToast();
  const cache = useQueryClient();
  const { data, error, refetch } = useQuery(useBackendQueries().changePreview(order));
  const change = useCommand("change_plan", {
    onSuccess: (subscription) => {
      cache.setQueryData(queryKeys.subscription, subscription);
      const { next } = subscription;
      toast({ text: next ? t("billing.changes_later", { day: format.dayOf(next.at) }) : t("billing.changed") });
      onClose();
    },
  });
  const blocked = (data?.obstacles.length ?? 0) > 0;
  const plan = nameOf(order.plan);
  return (
    <Dialog
      title={t("billing.change_title", { plan })}
      opened
      onClose={onClose}
      {...(data &&
        !blocked && {
          act: {
            label: t("billing.change_to", { plan }),
            busy: change.isPending,
            onAct: () => change.mutate(order),
          },
        })}
    >
      <div className={account.stack}>
        {data && !blocked && (
          <p>
            {data.when === "now"
              ? t("billing.change_now", { amount: format.money(data.due_cents, data.currency) })
              : t("billing.change_later", { day: format.dayOf(data.at) })}
          </p>
        )}
        {data && blocked && (
          <>
            <p>{t("billing.change_blocked")}</p>
            <ul className={classes.obstacles}>
              {data.obstacles.map((it) => {
                const figure = (value: number | null) =>
                  it.limit === "storage_bytes" ? format.bytes(value ?? 0) : format.number(value ?? 0);
                return (
                  <li key={it.limit}>
                    {t(`billing.too_many.${it.limit}`, { used: figure(it.used), maximum: figure(it.maximum) })}
                  </li>
                );
              })}
            </ul>
          </>
        )}
        {error && <Failed error={error as BackendError} onRetry={() => void refetch()} />}
        {!data && !error && <Loading rows={1} />}
        <Fault error={change.error} />
      </div>
    </Dialog>
  );
}
