/** Reading in the fake: pages turn read as its clock moves. */
import type { Reading } from "../contract";
import { sampleDocument, sampleEncounters } from "./sample/record";
import { type FakeFile, type FakeRecord, nowOf, type World } from "./world";

const readable = (file: FakeFile) => file.password === null && file.fault === null;

export const pagesOf = (record: FakeRecord) => record.files.filter(readable).reduce((sum, file) => sum + file.pages, 0);

export function readingOf(record: FakeRecord): Reading {
  const pages_total = pagesOf(record);
  const pages_done = record.files.filter(readable).reduce((sum, file) => sum + file.read, 0);
  const running = record.reading === "running";
  const left = pages_total - pages_done;
  return {
    state: record.reading ?? "done",
    pages_done,
    pages_total,
    pages_failed: record.unread.map((it) => it.page).filter((page) => page <= pages_done),
    pages_per_second: running ? record.pages_per_second : 0,
    seconds_left: running && left > 0 ? Math.ceil(left / record.pages_per_second) : null,
    files_locked: record.files.filter((file) => file.password !== null).length,
    counting: false,
  };
}

/** Reads what the elapsed time allows, and tells. */
export function advanceReading(world: World, elapsedMs: number): void {
  for (const record of world.records) {
    if (record.reading !== "running") continue;
    let budget = (record.pages_per_second * elapsedMs) / 1000;
    for (const file of record.files.filter(readable)) {
      const step = Math.min(budget, file.pages - file.read);
      file.read += step;
      budget -= step;
    }
    for (const file of record.files) if (file.pages - file.read < 0.001) file.read = file.pages;
    const reading = readingOf(record);
    reading.pages_done = Math.floor(reading.pages_done);
    if (reading.pages_done < reading.pages_total) {
      world.emit({ event: "reading", record: record.id, reading });
      continue;
    }
    finishReading(world, record);
  }
}

function finishReading(world: World, record: FakeRecord): void {
  record.reading = null;
  record.changed_at = nowOf(world);
  if (record.sample || record.files.some((file) => file.document === sampleDocument)) {
    record.encounters = sampleEncounters();
  }
  record.waits_for_network = !world.online;
  if (world.online) record.state = "to_review";
  world.emit({ event: "reading", record: record.id, reading: readingOf(record) });
  world.emit({ event: "record_changed", record: record.id });
  world.emit({ event: "outbox_changed" });
}
