/** The clinic's plan, its money and its use: the commands. Pages of the payment provider open in the browser. */
import type { SavedFile, Timestamp, UserId } from "../generated/types";

export type SubscriptionPhase = "trialing" | "active" | "past_due" | "suspended" | "cancelled" | "free";
export type BillingInterval = "month" | "year";
export type PlanLimit = "analyses" | "seats" | "storage_bytes";

export const planFeatures = [
  "plain_report",
  "letterhead_report",
  "dictation",
  "own_templates",
  "bulk_runs",
  "priority_support",
  "api_keys",
  "outgoing_webhooks",
  "single_sign_on",
  "white_label",
] as const;
export type PlanFeature = (typeof planFeatures)[number];

/** Storage is in bytes. */
export interface LimitUse {
  limit: PlanLimit;
  used: number;
  /** Null: unlimited. */
  maximum: number | null;
  /** Null: it does not start again. */
  resets_at: Timestamp | null;
}

export interface PlanOffer {
  key: string;
  name: string;
  /** US cents. */
  monthly_cents: number;
  /** Null: cannot be bought. */
  yearly_cents: number | null;
  analyses_per_month: number | null;
  seats: number | null;
  storage_gb: number | null;
  features: PlanFeature[];
}

export interface AddOnOffer {
  key: string;
  name: string;
  monthly_cents: number;
  yearly_cents: number;
  seats: number;
  storage_gb: number;
}

export interface PlanOffers {
  plans: PlanOffer[];
  add_ons: AddOnOffer[];
  /** A server without payments sells nothing. */
  can_buy: boolean;
}

export interface SubscriptionStatus {
  /** The plan that applies now. */
  plan: string;
  subscribed_plan: string;
  state: SubscriptionPhase;
  state_since: Timestamp;
  interval: BillingInterval | null;
  trial_ends_at: Timestamp | null;
  period_ends_at: Timestamp | null;
  cancels_at_period_end: boolean;
  next: { plan: string; interval: BillingInterval; at: Timestamp } | null;
  failed_payments: number;
  extra_seats: number;
  /** Units of the add-on. */
  extra_storage: number;
  has_customer: boolean;
  limits: LimitUse[];
  features: PlanFeature[];
}

export interface SubscriptionOrder {
  plan: string;
  interval: BillingInterval;
  extra_seats: number;
  extra_storage: number;
}

export interface ChangePreview {
  when: "now" | "period_end";
  at: Timestamp;
  /** Smallest unit of the currency; negative is a credit. */
  due_cents: number;
  currency: string;
  /** Limits of the new plan that are already exceeded. */
  obstacles: LimitUse[];
}

export interface Invoice {
  id: string;
  number: string | null;
  status: "draft" | "open" | "paid" | "uncollectible" | "void";
  total_cents: number;
  paid_cents: number;
  currency: string;
  created_at: Timestamp;
  has_page: boolean;
  has_pdf: boolean;
}

/** The first day of a month, `2026-11-01`. */
export type Month = string;

export interface MonthUse {
  month: Month;
  analyses: number;
  pages: number;
  dictation_minutes: number;
  storage_bytes: number | null;
  members: number | null;
}

export interface PersonUse {
  user: UserId | null;
  /** Null: they are gone. */
  name: string | null;
  analyses: number;
  pages: number;
  dictation_minutes: number;
  storage_bytes: number;
}

export interface UsageReport {
  /** Twelve at most, the latest first. */
  months: MonthUse[];
  /** Of `month`. */
  persons: PersonUse[];
  month: Month;
}

export interface BillingCommands {
  subscription: { in: undefined; out: SubscriptionStatus };
  plans: { in: undefined; out: PlanOffers };
  /** Opens the payment provider's page in the browser; what was bought arrives by `subscription`. */
  buy_plan: { in: SubscriptionOrder; out: null };
  /** Payment and tax data, in the browser. */
  open_payment_portal: { in: undefined; out: null };
  preview_change: { in: SubscriptionOrder; out: ChangePreview };
  change_plan: { in: SubscriptionOrder; out: SubscriptionStatus };
  set_add_ons: { in: { extra_seats: number; extra_storage: number }; out: SubscriptionStatus };
  cancel_subscription: { in: { reason: string | null }; out: SubscriptionStatus };
  resume_subscription: { in: undefined; out: SubscriptionStatus };
  invoices: { in: undefined; out: Invoice[] };
  /** Opens it in the browser. */
  open_invoice: { in: { invoice: string; form: "page" | "pdf" }; out: null };
  usage: { in: { month: Month | null }; out: UsageReport };
  /** The system's save dialog, then the table as CSV; null if it was closed. */
  save_usage: { in: { month: Month | null }; out: SavedFile | null };
}
