/** What each event of the shell does to the cache. Events that only a screen cares about do nothing here. */
import type { QueryClient } from "@tanstack/react-query";
import type { EventName, RecordDetail, ReviewRecord, SessionState, ShellEvent, Start } from "./contract";
import { queryKeys } from "./queryKeys";

type Event<N extends EventName> = Extract<ShellEvent, { event: N }>;
type Effects = { [N in EventName]: (cache: QueryClient, event: Event<N>) => void };

const invalidate = (cache: QueryClient, queryKey: readonly unknown[]) => void cache.invalidateQueries({ queryKey });

/** What may be seen and done: nothing that was answered before holds after another of these. */
const rightsOf = (session: SessionState | undefined) =>
  session?.state === "open"
    ? [session.me.role, session.me.signs, session.me.clinic, session.me.usage.plan, session.read_only].join()
    : null;

const clinicOf = (session: SessionState | undefined) => (session?.state === "open" ? session.me.organization : null);

const effects: Effects = {
  session: (cache, { session }) => {
    const before = cache.getQueryData<Start>(queryKeys.start)?.session;
    // Nothing of a record may outlive the session that opened it, or be seen in another clinic.
    if (clinicOf(session) === null || clinicOf(session) !== clinicOf(before)) {
      cache.removeQueries({ predicate: (query) => query.queryKey[0] !== "start" });
    }
    cache.setQueryData<Start>(queryKeys.start, (start) => start && { ...start, session });
    if (rightsOf(session) !== rightsOf(before)) {
      void cache.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "start" });
    }
  },
  records_changed: (cache) => invalidate(cache, queryKeys.records),
  record_changed: (cache, { record }) => {
    invalidate(cache, queryKeys.recordDetail(record));
    invalidate(cache, queryKeys.pages(record));
    invalidate(cache, queryKeys.records);
  },
  // Up to 20 a second: written where it is shown, without asking again.
  reading: (cache, { record, reading }) => {
    cache.setQueryData<RecordDetail>(
      queryKeys.recordDetail(record),
      (detail) => detail && { ...detail, summary: { ...detail.summary, reading } },
    );
    cache.setQueriesData<{ pages: { items: { id: string }[] }[]; pageParams: unknown[] }>(
      { queryKey: queryKeys.records },
      (list) =>
        list && {
          ...list,
          pages: list.pages.map((page) => ({
            ...page,
            items: page.items.map((item) => (item.id === record ? { ...item, reading } : item)),
          })),
        },
    );
  },
  run: (cache, { record, run }) => {
    cache.setQueryData<ReviewRecord>(queryKeys.review(record), (review) => review && { ...review, run });
  },
  review_changed: (cache, { record }) => {
    invalidate(cache, queryKeys.review(record));
    invalidate(cache, queryKeys.recordDetail(record));
    invalidate(cache, ["record", record, "history"]);
    invalidate(cache, ["record", record, "report"]);
    invalidate(cache, queryKeys.records);
  },
  outbox_changed: (cache) => {
    invalidate(cache, queryKeys.outbox);
    invalidate(cache, queryKeys.records);
  },
  clinic_changed: (cache) => {
    invalidate(cache, queryKeys.clinic);
    invalidate(cache, queryKeys.signature);
  },
  drag: () => {},
  files_offered: () => {},
};

export function applyEvent(cache: QueryClient, event: ShellEvent): void {
  (effects[event.event] as (cache: QueryClient, event: ShellEvent) => void)(cache, event);
}
