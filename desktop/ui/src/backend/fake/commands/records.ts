/** Records and reading in the fake. */
import type {
  FileState,
  OfferedFile,
  Outbox,
  RecordDetail,
  RecordFile,
  RecordState,
  RecordSummary,
  RecordsCommands,
} from "../../contract";
import { recordStates } from "../../contract";
import { sampleRecord } from "../building";
import { pagesOf, readingOf } from "../reading";
import { noise } from "../sample/layout";
import { sampleDocument } from "../sample/record";
import {
  elena,
  type FakeFile,
  type FakeRecord,
  fail,
  mustWrite,
  nextId,
  nowOf,
  recordOf,
  touch,
  type World,
} from "../world";
import type { Handlers } from "./handlers";

function summaryOf(record: FakeRecord): RecordSummary {
  const reading = readingOf(record);
  return {
    id: record.id,
    title: record.title,
    kind: record.fields.kind,
    state: record.state,
    owner: record.owner,
    changed_at: record.changed_at,
    files: record.files.length,
    pages: pagesOf(record),
    reading: { ...reading, pages_done: Math.floor(reading.pages_done) },
    pages_not_read: record.reading ? 0 : record.unread.length,
    conflicts: record.state === "to_review" ? record.conflicts : 0,
    new_result: record.new_result,
    analysing: record.run?.state === "processing",
    waits_for_network: record.waits_for_network,
    sample: record.sample,
    locked_files: record.files
      .filter((file) => file.password !== null)
      .map(({ document, name }) => ({ document, name })),
  };
}

function fileState(record: FakeRecord, file: FakeFile, failed: number): FileState {
  if (file.fault) return "failed";
  if (file.password !== null) return "asks_password";
  if (file.read >= file.pages) return failed > 0 ? "partly" : "done";
  return file.read > 0 && record.reading === "running" ? "reading" : "waiting";
}

function filesOf(record: FakeRecord): RecordFile[] {
  let first_page = 1;
  return record.files.map((file) => {
    const last = first_page + file.pages - 1;
    const failed = record.unread.filter((it) => it.page >= first_page && it.page <= last).length;
    const row: RecordFile = {
      document: file.document,
      name: file.name,
      media_type: file.media_type,
      kilobytes: file.kilobytes,
      state: fileState(record, file, failed),
      first_page,
      pages: file.pages,
      pages_read: Math.max(0, Math.floor(file.read) - failed),
      fault: file.fault,
    };
    if (file.password === null && !file.fault) first_page += file.pages;
    return row;
  });
}

function detailOf(record: FakeRecord): RecordDetail {
  const first = record.files.find((file) => file.read >= 1);
  const statements = record.review?.review.statements;
  return {
    summary: summaryOf(record),
    fields: record.fields,
    files: filesOf(record),
    unread: record.unread,
    encounters: record.encounters,
    most_important: record.most_important,
    statements: statements
      ? {
          total: statements.length,
          reviewed: statements.filter((it) => it.state !== "open").length,
          not_found: statements.filter((it) => !it.verified).length,
        }
      : record.statements,
    kept_until: record.reading ? null : "2027-02-25",
    first_page: first ? { document: first.document, page: 1, confidence: 99 } : null,
  };
}

function matches(record: FakeRecord, search: string): boolean {
  const fold = (text: string) => text.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
  const where = [record.title, ...Object.values(record.fields), ...record.files.map((file) => file.name)];
  return fold(where.filter(Boolean).join(" ")).includes(fold(search.trim()));
}

const mediaTypes: Record<string, string> = {
  pdf: "application/pdf",
  tif: "image/tiff",
  tiff: "image/tiff",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
};

/** A file by its name alone: `locked…` asks for a password, `damaged…` cannot be read. */
export function offer(world: World, name: string, kilobytes: number): OfferedFile {
  const media_type = mediaTypes[name.split(".").at(-1)?.toLowerCase() ?? ""] ?? null;
  const file: OfferedFile = { handle: nextId(world, "off"), name, kilobytes, media_type };
  const fault = name.startsWith("damaged")
    ? "damaged"
    : name.startsWith("empty")
      ? "empty"
      : media_type
        ? null
        : "kind";
  const pages = media_type === "application/pdf" ? 4 + Math.floor(noise(name) * 40) : 1;
  world.offers.set(file.handle, { ...file, pages, locked: name.startsWith("locked"), fault });
  return file;
}

function takeOffers(world: World, handles: string[]): FakeFile[] {
  return handles.map((handle) => {
    const offered = world.offers.get(handle) ?? fail("file_missing");
    world.offers.delete(handle);
    return {
      document: nextId(world, "doc"),
      name: offered.name,
      media_type: offered.media_type ?? "application/octet-stream",
      kilobytes: offered.kilobytes,
      pages: offered.pages,
      read: 0,
      password: offered.locked ? "secret" : null,
      fault: offered.fault,
    };
  });
}

function newRecord(world: World, files: FakeFile[]): FakeRecord {
  const name = files[0]?.name ?? "";
  const record: FakeRecord = {
    ...sampleRecord(nowOf(world)),
    id: nextId(world, "rec"),
    title: name.replace(/\.[a-z]+$/i, "").replaceAll("_", " "),
    fields: { number: null, birth_date: null, injury_date: null, examiner: null, kind: null },
    owner: { id: world.me.user, name: world.me.name },
    files,
    state: "reading",
    reading: files.some((file) => file.fault === null) ? "running" : null,
    encounters: [],
    most_important: [],
    statements: { total: 0, reviewed: 0, not_found: 0 },
    conflicts: 0,
    review: null,
  };
  world.records.unshift(record);
  return record;
}

const byChange = (a: FakeRecord, b: FakeRecord) => b.changed_at.localeCompare(a.changed_at);

export function outboxOf(world: World): Outbox {
  const waiting = world.online ? [] : world.records.filter((record) => record.waits_for_network);
  const items: Outbox["items"] = waiting.map((record) => ({
    id: `out_${record.id}`,
    record: record.id,
    title: record.title,
    what: "analyse",
    count: pagesOf(record),
    kilobytes: 0,
    since: record.changed_at,
  }));
  if (!world.online) {
    const since = (minute: number) => new Date(2026, 10, 27, 11, minute).toISOString();
    const edited = world.records.find((record) => record.title.includes("Holloway"));
    const signed = world.records.find((record) => record.title.includes("Brisk"));
    if (edited) {
      items.push({
        id: "out_1",
        record: edited.id,
        title: edited.title,
        what: "edits",
        count: 2,
        kilobytes: 4,
        since: since(24),
      });
    }
    if (signed) {
      items.push({
        id: "out_2",
        record: signed.id,
        title: signed.title,
        what: "signed_report",
        count: 0,
        kilobytes: 1229,
        since: since(31),
      });
    }
  }
  return { online: world.online, offline_since: world.offlineSince, items };
}

export const recordsHandlers: Handlers<RecordsCommands> = {
  list_records: (world, { search, state, owner, cursor }) => {
    const found = world.records.filter((record) => matches(record, search)).sort(byChange);
    const shown = found.filter(
      (record) => (state === null || record.state === state) && (owner === null || record.owner.id === owner),
    );
    const from = cursor === null ? 0 : Number(cursor);
    const by_state = Object.fromEntries(
      recordStates.map((it) => [it, world.records.filter((record) => record.state === it).length]),
    ) as Record<RecordState, number>;
    const owners = [...new Map(world.records.map((record) => [record.owner.id, record.owner])).values()];
    return {
      items: shown.slice(from, from + 200).map(summaryOf),
      next_cursor: shown.length > from + 200 ? String(from + 200) : null,
      counts: {
        all: world.records.length,
        by_state,
        owners: owners.map((it) => ({
          ...it,
          records: world.records.filter((record) => record.owner.id === it.id).length,
        })),
      },
    };
  },
  record: (world, { record }) => detailOf(recordOf(world, record)),
  create_records: (world, { handles, as }) => {
    mustWrite(world);
    const files = takeOffers(world, handles);
    const groups = as === "one" ? [files] : files.map((file) => [file]);
    const records = groups.map((group) => newRecord(world, group).id);
    world.emit({ event: "records_changed" });
    return { records };
  },
  add_files: (world, { record, handles }) => {
    mustWrite(world);
    const to = recordOf(world, record);
    const files = takeOffers(world, handles);
    to.files.push(...files);
    to.files_changed.pages_added += files.reduce((sum, file) => sum + file.pages, 0);
    to.reading = "running";
    touch(world, to);
    return null;
  },
  arrange_files: (world, { record, documents }) => {
    mustWrite(world);
    const it = recordOf(world, record);
    it.files.sort((a, b) => documents.indexOf(a.document) - documents.indexOf(b.document));
    touch(world, it);
    return null;
  },
  remove_file: (world, { record, document }) => {
    mustWrite(world);
    const it = recordOf(world, record);
    const gone = it.files.find((file) => file.document === document) ?? fail("not_found");
    it.files = it.files.filter((file) => file !== gone);
    it.files_changed.pages_removed += gone.pages;
    touch(world, it);
    return null;
  },
  unlock_file: (world, { record, document, password }) => {
    const it = recordOf(world, record);
    const file = it.files.find((candidate) => candidate.document === document) ?? fail("not_found");
    if (file.password !== password) return fail("wrong_password", { name: file.name });
    file.password = null;
    it.reading = "running";
    touch(world, it);
    return null;
  },
  update_record: (world, { record, title, fields }) => {
    mustWrite(world);
    const it = recordOf(world, record);
    if (title !== undefined) it.title = title.trim() || fail("invalid_input");
    it.fields = { ...it.fields, ...fields };
    touch(world, it);
    return null;
  },
  delete_record: (world, { record }) => {
    mustWrite(world);
    recordOf(world, record);
    world.records = world.records.filter((it) => it.id !== record);
    world.emit({ event: "records_changed" });
    return null;
  },
  open_sample: (world) => {
    const known = world.records.find((record) => record.sample);
    if (known) return { record: known.id };
    const sample = { ...sampleRecord(nowOf(world)), id: nextId(world, "rec"), sample: true, owner: elena };
    for (const file of sample.files) file.document = sampleDocument;
    world.records.unshift(sample);
    world.emit({ event: "records_changed" });
    return { record: sample.id };
  },
  choose_files: async (world) => (await world.choose()).map((file) => offer(world, file.name, file.kilobytes)),
  paste_image: (world, { base64 }) => offer(world, "Pasted image.png", Math.ceil((base64.length * 3) / 4096)),
  drop_offer: (world, { handles }) => {
    for (const handle of handles) world.offers.delete(handle);
    return null;
  },
  pause_reading: (world, { record }) => setReading(world, record, "paused"),
  resume_reading: (world, { record }) => setReading(world, record, "running"),
  cancel_reading: (world, { record }) => setReading(world, record, "cancelled"),
  outbox: outboxOf,
};

function setReading(world: World, id: string, reading: FakeRecord["reading"]): null {
  const record = recordOf(world, id);
  record.reading = reading;
  world.emit({ event: "reading", record: id, reading: summaryOf(record).reading });
  touch(world, record);
  return null;
}
