/** The clinic's plan, its money and its use: the commands. Pages of the payment provider open in the browser. */
import type {
  ChangePreview,
  Day,
  Invoice,
  InvoiceForm,
  PlanFeature,
  PlanOffers,
  SavedFile,
  SubscriptionOrder,
  SubscriptionStatus,
  UsageReport,
} from "../generated/types";

/** In the order of the table of plans. */
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
] as const satisfies readonly PlanFeature[];

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
  open_invoice: { in: { invoice: string; form: InvoiceForm }; out: null };
  usage: { in: { month: Day | null }; out: UsageReport };
  /** The system's save dialog, then the table as CSV; null if it was closed. */
  save_usage: { in: { month: Day | null }; out: SavedFile | null };
}
