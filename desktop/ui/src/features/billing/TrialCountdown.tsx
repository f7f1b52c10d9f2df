/** What is left of the trial: quiet until 7 days, amber to 3, red after. Can be put away for a day. */
import { Anchor } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNow } from "@/app/useNow";
import { useMe } from "@/app/useSession";
import { useBackend } from "@/backend/context";
import { Banner } from "@/components/Banner";
import { daysUntil } from "@/i18n/days";
import classes from "./TrialCountdown.module.css";

/** Days left from which it is a banner, and from which a red one. */
const amberDays = 7;
const redDays = 3;

const putAwayKey = "trial-put-away";
const today = (now: Date) => now.toISOString().slice(0, 10);

/** Days left of a trial that still goes on; null without one. */
function useTrialDays(): number | null {
  const { me } = useMe();
  const now = useNow();
  const { plan, trial_ends_at } = me.usage;
  if (plan !== "trial" || trial_ends_at === null) return null;
  const days = daysUntil(trial_ends_at, now.getTime());
  return days > 0 ? days : null;
}

/** Above the window, in the last week; only for who can choose a plan. */
export function TrialBanner() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const backend = useBackend();
  const now = useNow();
  const { me, readOnly } = useMe();
  const days = useTrialDays();
  const [putAway, setPutAway] = useState(() => localStorage.getItem(putAwayKey));
  if (days === null || days > amberDays || me.role !== "admin" || readOnly) return null;
  if (putAway === today(now)) return null;
  return (
    <Banner
      kind={days <= redDays ? "danger" : "warning"}
      square
      {...(backend.offers("subscription") && {
        act: { label: t("billing.trial_choose"), onAct: () => void navigate({ to: "/settings/billing" }) },
      })}
    >
      {days <= 1 ? t("billing.trial_today") : t("billing.trial_left", { count: days })} {t("billing.trial_then")}{" "}
      <Anchor
        component="button"
        type="button"
        onClick={() => {
          localStorage.setItem(putAwayKey, today(now));
          setPutAway(today(now));
        }}
      >
        {t("billing.trial_later")}
      </Anchor>
    </Banner>
  );
}

/** At the foot of the side bar: the trial while there is time, else the analyses that are left. */
export function WhatIsLeft() {
  const { t } = useTranslation();
  const { me } = useMe();
  const days = useTrialDays();
  const { analyses_limit, analyses_used } = me.usage;
  const left = analyses_limit === null ? null : Math.max(0, analyses_limit - analyses_used);
  if (days === null && left === null) return null;
  return (
    <p className={classes.left}>
      {days !== null && me.role === "admin" && <span>{t("billing.trial_quiet", { count: days })}</span>}
      {left !== null && <span>{t("billing.analyses_left", { count: left })}</span>}
    </p>
  );
}
