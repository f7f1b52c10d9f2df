/** Analyses in the fake: pages are done as its clock moves, then a result lies ready. */
import { sampleReview } from "./building";
import { type FakeRecord, nextId, nowOf, type World } from "./world";

const pagesPerSecond = 1.4;

export function advanceRuns(world: World, elapsedMs: number): void {
  for (const record of world.records) {
    const { run } = record;
    if (run?.state !== "processing") continue;
    const done = run.pages_done + (pagesPerSecond * elapsedMs) / 1000;
    if (done < run.pages_total) {
      const seconds_left = Math.ceil((run.pages_total - done) / pagesPerSecond);
      record.run = { ...run, pages_done: done, seconds_left };
      world.emit({ event: "run", record: record.id, run: { ...record.run, pages_done: Math.floor(done) } });
      continue;
    }
    record.run = null;
    finish(world, record);
  }
}

function finish(world: World, record: FakeRecord): void {
  const made = sampleReview(nowOf(world));
  const analysis = nextId(world, "ana");
  const next = { ...made.review, analysis, focus: record.asked?.focus ?? null, window: record.asked?.window ?? null };
  if (record.review) {
    record.review.next = next;
    record.review.review.newer = analysis;
    record.new_result = true;
  } else {
    record.review = { ...made, review: next };
  }
  world.emit({ event: "review_changed", record: record.id });
}
