import { describe, expect, it } from "vitest";
import { createCache } from "@/app/App";
import type { RecordDetail, Start } from "./contract";
import { applyEvent } from "./events";
import { fakeBackend } from "./fake";
import { queriesOf } from "./queries";
import { queryKeys } from "./queryKeys";

async function opened() {
  const backend = fakeBackend("reading");
  const cache = createCache(backend);
  const queries = queriesOf(backend);
  backend.listen((event) => applyEvent(cache, event));
  await cache.fetchQuery(queries.start());
  const list = await cache.fetchInfiniteQuery(queries.recordList({ search: "", state: null, owner: null }));
  const record = list.pages[0]?.items[0]?.id ?? "";
  await cache.fetchQuery(queries.record(record));
  const detail = () => cache.getQueryData<RecordDetail>(queryKeys.recordDetail(record));
  return { backend, cache, record, detail };
}

describe("events", () => {
  it("progress is written into what is shown", async () => {
    const { backend, detail } = await opened();
    const before = detail()?.summary.reading.pages_done ?? 0;
    backend.advance(1000);
    expect(detail()?.summary.reading.pages_done).toBeGreaterThan(before);
  });

  it("a changed record is stale, others are not", async () => {
    const { cache, backend, record } = await opened();
    backend.emit({ event: "record_changed", record });
    expect(cache.getQueryState(queryKeys.recordDetail(record))?.isInvalidated).toBe(true);
    expect(cache.getQueryState(queryKeys.start)?.isInvalidated).toBe(false);
  });

  it("nothing of a record outlives a lock", async () => {
    const { backend, cache, detail } = await opened();
    await backend.call("lock");
    expect(detail()).toBeUndefined();
    expect(cache.getQueryData<Start>(queryKeys.start)?.session.state).toBe("locked");
    expect(cache.getQueryCache().getAll()).toHaveLength(1);
  });

  it("another role, right or plan makes what was answered before stale, a used analysis does not", async () => {
    const { backend, cache } = await opened();
    const { me } = backend.world;
    const policy = () => cache.getQueryState(queryKeys.policy)?.isInvalidated;
    await cache.fetchQuery(queriesOf(backend).policy());
    const tell = (changed: Partial<typeof me>) =>
      backend.emit({ event: "session", session: { state: "open", me: { ...me, ...changed }, read_only: false } });
    tell({ usage: { ...me.usage, analyses_used: me.usage.analyses_used + 1 } });
    expect(policy()).toBe(false);
    tell({ role: "doctor" });
    expect(policy()).toBe(true);
    await cache.fetchQuery({ ...queriesOf(backend).policy(), staleTime: 0 });
    tell({ role: "doctor", usage: { ...me.usage, plan: "professional" } });
    expect(policy()).toBe(true);
  });

  it("nothing of a record is seen in another clinic", async () => {
    const { backend, detail } = await opened();
    const { me } = backend.world;
    backend.emit({ event: "session", session: { state: "open", me: { ...me, signs: false }, read_only: false } });
    expect(detail()).toBeDefined();
    backend.emit({
      event: "session",
      session: { state: "open", me: { ...me, organization: "org_2" }, read_only: false },
    });
    expect(detail()).toBeUndefined();
  });
});
