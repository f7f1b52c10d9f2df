/** What the screens ask for: one entry per read command, so that key and command never part. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { Backend } from "./backend";
import type { ReportForm } from "./contract";
import { type ListFilter, queryKeys } from "./queryKeys";

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
  about: () => queryOptions({ queryKey: queryKeys.about, queryFn: () => backend.call("about"), staleTime: Infinity }),
  supportBundle: () =>
    queryOptions({ queryKey: queryKeys.supportBundle, queryFn: () => backend.call("support_bundle"), gcTime: 0 }),
});

export type Queries = ReturnType<typeof queriesOf>;
