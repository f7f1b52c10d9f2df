/** Plans, money and use in the fake. What is bought in the browser is bought at once. */
import type { BillingCommands, LimitUse, SubscriptionOrder, SubscriptionStatus } from "../../contract";
import { gigabyte } from "../office";
import { fail, mustWrite, nowOf, type World } from "../world";
import type { Handlers } from "./handlers";

const addOns = [
  { key: "seat", name: "One more seat", monthly_cents: 500, yearly_cents: 5400, seats: 1, storage_gb: 0 },
  { key: "storage", name: "10 GB more", monthly_cents: 500, yearly_cents: 5400, seats: 0, storage_gb: 10 },
];

const planOf = (world: World, key: string) => world.office.plans.find((plan) => plan.key === key) ?? fail("not_found");

function limitsOf(world: World, order: SubscriptionOrder): LimitUse[] {
  const plan = planOf(world, order.plan);
  const most = {
    analyses: plan.analyses_per_month,
    seats: plan.seats === null ? null : plan.seats + order.extra_seats,
    storage_bytes: plan.storage_gb === null ? null : (plan.storage_gb + 10 * order.extra_storage) * gigabyte,
  };
  return world.office.subscription.limits.map((it) => ({ ...it, maximum: most[it.limit] }));
}

const price = (world: World, { plan, interval }: Pick<SubscriptionOrder, "plan" | "interval">) => {
  const offer = planOf(world, plan);
  return interval === "year" ? (offer.yearly_cents ?? 0) : offer.monthly_cents;
};

function follow(world: World, order: SubscriptionOrder): SubscriptionStatus {
  const known = world.office.subscription;
  const limits = limitsOf(world, order);
  world.office.subscription = {
    ...known,
    plan: order.plan,
    subscribed_plan: order.plan,
    state: "active",
    state_since: nowOf(world),
    interval: order.interval,
    trial_ends_at: null,
    period_ends_at: known.period_ends_at ?? "2026-12-27T11:42:00Z",
    cancels_at_period_end: false,
    extra_seats: order.extra_seats,
    extra_storage: order.extra_storage,
    has_customer: true,
    limits,
    features: planOf(world, order.plan).features,
  };
  return world.office.subscription;
}

export const billingHandlers: Handlers<BillingCommands> = {
  subscription: (world) => world.office.subscription,
  plans: (world) => ({ plans: world.office.plans, add_ons: addOns, can_buy: world.office.canBuy }),
  buy_plan: (world, order) => {
    mustWrite(world);
    world.office.opened.push("checkout");
    follow(world, order);
    return null;
  },
  open_payment_portal: (world) => {
    world.office.opened.push("portal");
    return null;
  },
  preview_change: (world, order) => {
    const known = world.office.subscription;
    const lower = price(world, order) < price(world, { plan: known.plan, interval: order.interval });
    const obstacles = limitsOf(world, order).filter(
      (it) => it.limit !== "analyses" && it.maximum !== null && it.used > it.maximum,
    );
    return {
      when: lower ? "period_end" : "now",
      at: lower ? (known.period_ends_at ?? nowOf(world)) : nowOf(world),
      due_cents: lower ? 0 : 214_310,
      currency: "usd",
      obstacles,
    };
  },
  change_plan: (world, order) => {
    mustWrite(world);
    const known = world.office.subscription;
    if (price(world, order) >= price(world, { plan: known.plan, interval: order.interval }))
      return follow(world, order);
    world.office.subscription = {
      ...known,
      next: { plan: order.plan, interval: order.interval, at: known.period_ends_at ?? nowOf(world) },
    };
    return world.office.subscription;
  },
  set_add_ons: (world, { extra_seats, extra_storage }) => {
    mustWrite(world);
    const { plan, interval } = world.office.subscription;
    return follow(world, { plan, interval: interval ?? "month", extra_seats, extra_storage });
  },
  cancel_subscription: (world) => {
    mustWrite(world);
    world.office.subscription = { ...world.office.subscription, cancels_at_period_end: true };
    return world.office.subscription;
  },
  resume_subscription: (world) => {
    mustWrite(world);
    world.office.subscription = { ...world.office.subscription, cancels_at_period_end: false, next: null };
    return world.office.subscription;
  },
  invoices: (world) => world.office.invoices,
  open_invoice: (world, { invoice, form }) => {
    world.office.opened.push(`${invoice}.${form}`);
    return null;
  },
  usage: (world, { month }) => ({ ...world.office.usage, month: month ?? world.office.usage.month }),
  save_usage: (world) => {
    world.saved.push("maneiro-usage-2026-11.csv");
    return { name: "maneiro-usage-2026-11.csv" };
  },
};
