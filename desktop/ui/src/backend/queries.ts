/** What the screens ask for: one entry per read command, so that key and command never part. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Backend } from "./backend";
import type { ReportForm, SubscriptionOrder } from "./contract";
import { type ListFilter, queryKeys } from "./queryKeys";

/** The shell hears nothing of what others of the clinic do there: asked anew each time a place is opened. */
const fresh = { staleTime: 0 } as const;

export const queriesOf = (backend: Backend) => ({
  start: () => queryOptions({ queryKey: queryKeys.start, queryFn: () => backend.call("start") }),
  recordList: (filter: ListFilter) =>
    infiniteQueryOptions({
      queryKey: queryKeys.recordList(filter),
      queryFn: ({ pageParam }) => backend.call("list_records", { ...filter, cursor: pageParam }),
      initialPageParam: null as string | null,
      getNextPageParam: (page) => page.next_cursor,
      placeholderData: keepPreviousData,
    }),
  record: (record: string) =>
    queryOptions({
      queryKey: queryKeys.recordDetail(record),
      queryFn: () => backend.call("record", { record }),
    }),
  outbox: () => queryOptions({ queryKey: queryKeys.outbox, queryFn: () => backend.call("outbox") }),
  pages: (record: string) =>
    queryOptions({ queryKey: queryKeys.pages(record), queryFn: () => backend.call("pages", { record }) }),
  pageWords: (record: string, page: number) =>
    queryOptions({
      queryKey: queryKeys.pageWords(record, page),
      queryFn: () => backend.call("page_words", { record, page }),
      // Words of 2,000 pages would fill the memory: what scrolled away is soon forgotten.
      gcTime: 20_000,
    }),
  search: (record: string, query: string) =>
    queryOptions({
      queryKey: queryKeys.search(record, query),
      queryFn: () => backend.call("search_pages", { record, query }),
      placeholderData: keepPreviousData,
      enabled: query.trim() !== "",
    }),
  review: (record: string) =>
    queryOptions({ queryKey: queryKeys.review(record), queryFn: () => backend.call("review", { record }) }),
  history: (record: string, statement: string | null) =>
    queryOptions({
      queryKey: queryKeys.history(record, statement),
      queryFn: () => backend.call("history", { record, statement }),
    }),
  report: (record: string, form: ReportForm | null, version: number | null) =>
    queryOptions({
      queryKey: queryKeys.report(record, form, version),
      queryFn: () => backend.call("preview_report", { record, options: form ? { form } : {}, version }),
      placeholderData: keepPreviousData,
    }),
  clinic: () => queryOptions({ queryKey: queryKeys.clinic, queryFn: () => backend.call("clinic") }),
  signature: () => queryOptions({ queryKey: queryKeys.signature, queryFn: () => backend.call("signature") }),
  secondFactor: () =>
    queryOptions({ queryKey: queryKeys.secondFactor, queryFn: () => backend.call("second_factor"), ...fresh }),
  sessions: () => queryOptions({ queryKey: queryKeys.sessions, queryFn: () => backend.call("sessions"), ...fresh }),
  ownClinics: () =>
    queryOptions({ queryKey: queryKeys.ownClinics, queryFn: () => backend.call("own_clinics"), ...fresh }),
  members: () => queryOptions({ queryKey: queryKeys.members, queryFn: () => backend.call("members"), ...fresh }),
  invitations: () =>
    queryOptions({ queryKey: queryKeys.invitations, queryFn: () => backend.call("invitations"), ...fresh }),
  policy: () => queryOptions({ queryKey: queryKeys.policy, queryFn: () => backend.call("policy"), ...fresh }),
  clinicProfile: () =>
    queryOptions({ queryKey: queryKeys.clinicProfile, queryFn: () => backend.call("clinic_profile"), ...fresh }),
  onboarding: () =>
    queryOptions({ queryKey: queryKeys.onboarding, queryFn: () => backend.call("onboarding"), ...fresh }),
  subscription: () =>
    queryOptions({ queryKey: queryKeys.subscription, queryFn: () => backend.call("subscription"), ...fresh }),
  plans: () => queryOptions({ queryKey: queryKeys.plans, queryFn: () => backend.call("plans") }),
  changePreview: (order: SubscriptionOrder) =>
    queryOptions({
      queryKey: queryKeys.changePreview(order),
      queryFn: () => backend.call("preview_change", order),
      ...fresh,
    }),
  invoices: () => queryOptions({ queryKey: queryKeys.invoices, queryFn: () => backend.call("invoices"), ...fresh }),
  usage: (month: string | null) =>
    queryOptions({
      queryKey: queryKeys.usage(month),
      queryFn: () => backend.call("usage", { month }),
      placeholderData: keepPreviousData,
      ...fresh,
    }),
  about: () => queryOptions({ queryKey: queryKeys.about, queryFn: () => backend.call("about"), staleTime: Infinity }),
  supportBundle: () =>
    queryOptions({ queryKey: queryKeys.supportBundle, queryFn: () => backend.call("support_bundle"), gcTime: 0 }),
});

export type Queries = ReturnType<typeof queriesOf>;
