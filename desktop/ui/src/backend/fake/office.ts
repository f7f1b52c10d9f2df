/** The clinic as the fake's cloud knows it: people, policy, profile, plan and use. Changed by scenarios and tests. */
import type {
  ActiveSession,
  ClinicPolicy,
  ClinicProfile,
  Invitation,
  Invoice,
  Member,
  Onboarding,
  OnboardingStep,
  OwnClinic,
  PlanOffer,
  Role,
  SecondFactorStatus,
  SubscriptionStatus,
  UsageReport,
} from "../contract";

export interface Office {
  secondFactor: SecondFactorStatus;
  /** Sign-in asks for a code, or for an enrolment. */
  asksAtDoor: "prove" | "enrol" | null;
  sessions: ActiveSession[];
  clinics: OwnClinic[];
  members: Member[];
  invitations: Invitation[];
  policy: ClinicPolicy;
  profile: ClinicProfile;
  onboarding: Onboarding;
  subscription: SubscriptionStatus;
  plans: PlanOffer[];
  canBuy: boolean;
  invoices: Invoice[];
  usage: UsageReport;
  /** The address that waits for its code. */
  newEmail: string | null;
  /** The role that somebody else gave meanwhile: the next answer about clinics tells it, as the shell does. */
  roleElsewhere: Role | null;
  /** What was opened in the browser. */
  opened: string[];
}

const day = (date: number, hour = 9) => new Date(2026, 10, date, hour, 14).toISOString();
const user = (index: number) => `usr_0197a6b2c3d47e8f9a0b1c2d3e4f${(0xe1 + index).toString(16).padStart(4, "0")}`;

type Row = [string, Member["role"], boolean, boolean, number, string | null];
const rows: Row[] = [
  ["Elena Brandt", "admin", true, true, 412, day(27, 11)],
  ["Tomás Keane", "doctor", true, false, 96, day(26, 16)],
  ["Ruth Abara", "doctor", true, true, 233, day(27, 9)],
  [
    "Maximiliana Theodora Oyelaran-Wetherington von Hohenstaufen-Castellanos y Ruiz",
    "doctor",
    true,
    true,
    287,
    day(27),
  ],
  ["Joan Pettibone", "assistant", false, true, 0, day(27, 8)],
  ["Nils Ekström", "assistant", false, true, 0, day(23)],
  ["Farah Haddad", "doctor", true, true, 58, day(21)],
  ["Ingrid Solheim", "doctor", true, true, 171, null],
];

export function memberOf([name, role, signs, factor, records, seen]: Row, index: number): Member {
  const address = name
    .toLowerCase()
    .normalize("NFD")
    .replaceAll(/[^a-z ]/g, "")
    .split(" ")
    .slice(0, 2)
    .join(".");
  return {
    user: user(index),
    name,
    email: `${address}@northgate.example`,
    role,
    signs,
    joined_at: day(3),
    last_seen_at: seen,
    has_second_factor: factor,
    records,
  };
}

const first = ["Abel", "Berit", "Chidi", "Dolores", "Emre", "Fionnuala", "Gustavo", "Hanneke", "Imani", "Jorunn"];
const last = ["Nakamura", "Osei", "Wolstenholme", "Quiroga", "Lindqvist", "Adeyemi", "Castellanos", "Brisk"];

/** Two hundred people: the eight, and others of made-up names. */
export const crowd = (): Member[] =>
  Array.from({ length: 200 }, (_, index) =>
    memberOf(
      rows[index] ?? [
        `${first[index % first.length]} ${last[Math.floor(index / 10) % last.length]}-${last[Math.floor(index / 7) % last.length]}`,
        index % 3 === 0 ? "assistant" : "doctor",
        index % 3 !== 0,
        index % 5 !== 0,
        index % 3 === 0 ? 0 : (index * 7) % 120,
        index % 11 === 0 ? null : day(1 + (index % 26)),
      ],
      index,
    ),
  );

const planOffers: PlanOffer[] = [
  {
    key: "free",
    name: "Free",
    monthly_cents: 0,
    yearly_cents: null,
    analyses_per_month: 5,
    seats: 1,
    storage_gb: 1,
    features: ["plain_report"],
  },
  {
    key: "trial",
    name: "Trial",
    monthly_cents: 0,
    yearly_cents: null,
    analyses_per_month: 50,
    seats: 3,
    storage_gb: 5,
    features: ["plain_report", "letterhead_report", "dictation", "own_templates", "bulk_runs"],
  },
  {
    key: "starter",
    name: "Starter",
    monthly_cents: 9900,
    yearly_cents: 106_920,
    analyses_per_month: 200,
    seats: 5,
    storage_gb: 10,
    features: ["plain_report", "letterhead_report", "dictation"],
  },
  {
    key: "professional",
    name: "Professional",
    monthly_cents: 29_900,
    yearly_cents: 322_920,
    analyses_per_month: 1000,
    seats: 15,
    storage_gb: 100,
    features: ["plain_report", "letterhead_report", "dictation", "own_templates", "bulk_runs", "priority_support"],
  },
  {
    key: "enterprise",
    name: "Enterprise",
    monthly_cents: 99_900,
    yearly_cents: 1_078_920,
    analyses_per_month: null,
    seats: null,
    storage_gb: null,
    features: [
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
    ],
  },
];

export const gigabyte = 1_000_000_000;

export const trial = (endsAt = "2026-12-10T09:00:00Z"): SubscriptionStatus => ({
  plan: "trial",
  subscribed_plan: "trial",
  state: "trialing",
  state_since: day(26),
  interval: null,
  trial_ends_at: endsAt,
  period_ends_at: null,
  cancels_at_period_end: false,
  next: null,
  failed_payments: 0,
  extra_seats: 0,
  extra_storage: 0,
  has_customer: false,
  limits: [
    { limit: "analyses", used: 6, maximum: 50, resets_at: endsAt },
    { limit: "seats", used: 2, maximum: 3, resets_at: null },
    { limit: "storage_bytes", used: 0.42 * gigabyte, maximum: 5 * gigabyte, resets_at: null },
  ],
  features: ["plain_report", "letterhead_report", "dictation", "own_templates", "bulk_runs"],
});

export const professional = (): SubscriptionStatus => ({
  plan: "professional",
  subscribed_plan: "professional",
  state: "active",
  state_since: "2026-03-14T09:00:00Z",
  interval: "year",
  trial_ends_at: null,
  period_ends_at: "2027-03-14T09:00:00Z",
  cancels_at_period_end: false,
  next: null,
  failed_payments: 0,
  extra_seats: 0,
  extra_storage: 0,
  has_customer: true,
  limits: [
    { limit: "analyses", used: 812, maximum: 1000, resets_at: "2026-12-14T09:00:00Z" },
    { limit: "seats", used: 12, maximum: 15, resets_at: null },
    { limit: "storage_bytes", used: 71.4 * gigabyte, maximum: 100 * gigabyte, resets_at: null },
  ],
  features: ["plain_report", "letterhead_report", "dictation", "own_templates", "bulk_runs", "priority_support"],
});

const invoice = (id: string, created_at: string, total: number, status: Invoice["status"] = "paid"): Invoice => ({
  id,
  number: `NGFM-00${id.slice(-1)}`,
  status,
  total_cents: total,
  paid_cents: status === "paid" ? total : 0,
  currency: "usd",
  created_at,
  has_page: true,
  has_pdf: true,
});

export const paidInvoices = (): Invoice[] => [
  invoice("in_4", "2026-03-14T09:00:00Z", 322_920),
  invoice("in_3", "2026-02-14T09:00:00Z", 30_900),
  invoice("in_2", "2026-01-14T09:00:00Z", 29_900),
  invoice("in_1", "2025-12-14T09:00:00Z", 29_900, "open"),
];

export const steps = ["answers", "profile", "letterhead", "invitation", "record"] as const satisfies OnboardingStep[];

const analysesOf = [812, 940, 702, 655, 590, 480, 512, 431, 380, 296, 240, 118];

function usage(): UsageReport {
  return {
    organization: "org_1",
    month: "2026-11-01",
    months: analysesOf.map((analyses, back) => ({
      month: new Date(Date.UTC(2026, 10 - back, 1)).toISOString().slice(0, 10),
      analyses,
      pages: analyses * 47,
      dictation_minutes: Math.round(analyses * 2.8),
      storage_bytes: (71.4 - back * 4.1) * gigabyte,
      members: 12 - Math.floor(back / 3),
    })),
    persons: rows.slice(0, 5).map(([name], index) => ({
      user: user(index),
      name,
      analyses: [301, 96, 204, 211, 0][index] ?? 0,
      pages: [14_102, 4480, 9620, 9962, 3120][index] ?? 0,
      dictation_minutes: [900, 120, 640, 620, 0][index] ?? 0,
      storage_bytes: ([26, 8.4, 17, 15, 5][index] ?? 0) * gigabyte,
    })),
  };
}

export function newOffice(clinic: string): Office {
  return {
    secondFactor: { enrolled_at: day(4), recovery_codes_left: 8, is_required: false },
    asksAtDoor: null,
    sessions: [
      {
        id: "ses_1",
        organization: "org_1",
        is_current: true,
        is_support: false,
        address: "198.51.100.24",
        device: "maneiro/1.4.2 (linux)",
        created_at: day(27, 8),
        last_used_at: day(27, 11),
        expires_at: day(27, 20),
      },
      {
        id: "ses_2",
        organization: "org_1",
        is_current: false,
        is_support: false,
        address: "203.0.113.9",
        device: "maneiro/1.4.2 (windows)",
        created_at: day(26, 17),
        last_used_at: day(26, 18),
        expires_at: day(27, 23),
      },
    ],
    clinics: [
      {
        organization: "org_1",
        name: clinic,
        role: "admin",
        is_current: true,
        requires_second_factor: false,
      },
    ],
    members: rows.slice(0, 8).map(memberOf),
    invitations: [
      {
        id: "inv_1",
        email: "g.lindqvist@northgate.example",
        role: "doctor",
        signs: true,
        state: "open",
        invited_by: user(0),
        sent_at: day(25),
        expires_at: new Date(2026, 11, 2, 9).toISOString(),
      },
      {
        id: "inv_2",
        email: "front.desk@northgate.example",
        role: "assistant",
        signs: false,
        state: "expired",
        invited_by: user(0),
        sent_at: day(12),
        expires_at: day(19),
      },
      {
        id: "inv_3",
        email: "dr.amsel@harbor-ortho.exmaple",
        role: "doctor",
        signs: true,
        state: "undeliverable",
        invited_by: user(0),
        sent_at: day(26),
        expires_at: new Date(2026, 11, 3, 9).toISOString(),
      },
    ],
    policy: {
      requires_second_factor: false,
      idle_minutes: 15,
      session_hours: 12,
      mail_domains: ["northgate.example"],
      retention_days: 90,
      recording_consent: "This conversation is recorded for your record. Is that all right with you?",
      uploads_originals: true,
      model_hosts: null,
    },
    profile: {
      name: clinic,
      legal_name: "Northgate Family Medicine, PLLC",
      address: "22 Mill Street\nLinden Falls, DE 19947",
      time_zone: "America/New_York",
      language: "en",
      footer: "Confidential. For the addressee only.",
    },
    onboarding: {
      answers: null,
      answered_at: null,
      defaults: null,
      checklist: steps.map((step) => ({ step, state: "open" })),
    },
    subscription: trial(),
    plans: planOffers,
    canBuy: true,
    invoices: [],
    usage: usage(),
    newEmail: null,
    roleElsewhere: null,
    opened: [],
  };
}
