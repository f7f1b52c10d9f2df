/** A refusal at a limit: which, how much is used, when it starts again, and where more is to be had. */
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMe } from "@/app/useSession";
import type { BackendError } from "@/backend/backend";
import { useBackend } from "@/backend/context";
import type { PlanLimit } from "@/backend/contract";
import { Banner } from "@/components/Banner";
import { useFormat } from "@/i18n/format";

export function LimitReached({ error }: { error: BackendError }) {
  const { t } = useTranslation();
  const format = useFormat();
  const backend = useBackend();
  const { me } = useMe();
  const { limit, used, maximum, resets_at } = error.params;
  const known = limit === "analyses" || limit === "seats" || limit === "storage_bytes";
  const figure = (value: string | number | undefined) =>
    limit === "storage_bytes" ? format.bytes(Number(value)) : format.number(Number(value));
  const mayBuy = me.role === "admin" && backend.offers("subscription");
  return (
    <Banner kind="warning">
      {known && maximum !== undefined
        ? t(`billing.reached.${limit as PlanLimit}`, { used: figure(used), maximum: figure(maximum) })
        : t("errors.limit_reached")}{" "}
      {typeof resets_at === "string" && t("billing.new_from", { day: format.dayOf(resets_at) })}{" "}
      {mayBuy ? <Link to="/settings/billing">{t("billing.open_billing")}</Link> : t("billing.ask_admin")}
    </Banner>
  );
}
