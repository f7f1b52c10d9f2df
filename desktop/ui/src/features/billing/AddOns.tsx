import { NumberInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useToast } from "@/app/toast";
import { useCommand } from "@/backend/context";
import type { AddOnOffer, SubscriptionStatus } from "@/backend/contract";
import { queryKeys } from "@/backend/queryKeys";
import { Act } from "@/components/Act";
import { SectionHead } from "@/components/SectionHead";
import { Fault } from "@/features/session/Fault";
import { useFormat } from "@/i18n/format";
import classes from "./Billing.module.css";

const mostAddOns = 1000;

export function AddOns({ offers, subscription }: { offers: AddOnOffer[]; subscription: SubscriptionStatus }) {
  const { t } = useTranslation();
  const format = useFormat();
  const toast = useToast();
  const cache = useQueryClient();
  const save = useCommand("set_add_ons", {
    onSuccess: (saved) => {
      cache.setQueryData(queryKeys.subscription, saved);
      form.resetDirty();
      toast({ text: t("billing.add_ons_saved") });
    },
  });
  const form = useForm({
    initialValues: { extra_seats: subscription.extra_seats, extra_storage: subscription.extra_storage },
    onValuesChange: () => save.reset(),
  });
  const price = (key: string) => {
    const offer = offers.find((it) => it.key === key);
    const cents = (subscription.interval === "year" ? offer?.yearly_cents : offer?.monthly_cents) ?? 0;
    const money = format.money(cents, "usd");
    return subscription.interval === "year"
      ? t("billing.a_year", { price: money })
      : t("billing.a_month", { price: money });
  };
  return (
    <section className={classes.section} id="add-ons">
      <SectionHead>{t("billing.add_ons_title")}</SectionHead>
      <p className={classes.note}>{t("billing.add_ons_text", { seat: price("seat"), storage: price("storage") })}</p>
      <form className={classes.addOns} noValidate onSubmit={form.onSubmit((values) => save.mutate(values))}>
        <NumberInput
          label={t("billing.extra_seats")}
          min={0}
          max={mostAddOns}
          clampBehavior="strict"
          allowDecimal={false}
          {...form.getInputProps("extra_seats")}
        />
        <NumberInput
          label={t("billing.extra_storage")}
          min={0}
          max={mostAddOns}
          clampBehavior="strict"
          allowDecimal={false}
          {...form.getInputProps("extra_storage")}
        />
        <Act type="submit" busy={save.isPending} disabled={!form.isDirty()}>
          {t("billing.add_ons_save")}
        </Act>
      </form>
      <Fault error={save.error} />
    </section>
  );
}
