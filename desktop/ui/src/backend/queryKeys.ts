/** Names of what the cache holds. Everything of one record lies below `["record", id]`. */
import type { RecordState, ReportForm, SubscriptionOrder } from "./contract";

export interface ListFilter {
  search: string;
  state: RecordState | null;
  owner: string | null;
}

export const queryKeys = {
  start: ["start"],
  records: ["records"],
  recordList: (filter: ListFilter) => ["records", filter],
  outbox: ["outbox"],
  record: (record: string) => ["record", record],
  recordDetail: (record: string) => ["record", record, "detail"],
  pages: (record: string) => ["record", record, "pages"],
  pageWords: (record: string, page: number) => ["record", record, "words", page],
  search: (record: string, query: string) => ["record", record, "search", query],
  review: (record: string) => ["record", record, "review"],
  history: (record: string, statement: string | null) => ["record", record, "history", statement],
  report: (record: string, form: ReportForm | null, version: number | null) => [
    "record",
    record,
    "report",
    form,
    version,
  ],
  clinic: ["clinic"],
  signature: ["signature"],
  account: ["account"],
  secondFactor: ["account", "second-factor"],
  sessions: ["account", "sessions"],
  ownClinics: ["account", "clinics"],
  members: ["people", "members"],
  invitations: ["people", "invitations"],
  policy: ["policy"],
  clinicProfile: ["clinic-profile"],
  onboarding: ["onboarding"],
  subscription: ["billing", "subscription"],
  plans: ["billing", "plans"],
  changePreview: (order: SubscriptionOrder) => ["billing", "preview", order],
  invoices: ["billing", "invoices"],
  usage: (month: string | null) => ["billing", "usage", month],
  about: ["about"],
  supportBundle: ["support-bundle"],
} as const satisfies Record<string, readonly unknown[] | ((...args: never[]) => readonly unknown[])>;
