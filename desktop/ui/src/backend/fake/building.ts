/** Records of the fake's world, made of parts. Ids count up from `resetIds`, so that every world has the same. */
import { sampleDocument, sampleEncounters, samplePageCount, sampleUnusedLines } from "./sample/record";
import { sampleStatements } from "./sample/statements";
import { elena, type FakeFile, type FakeRecord, type FakeReview } from "./world";

/** The moment at which every story begins, in local time so that screens look the same everywhere. */
export const storyStart = new Date(2026, 10, 27, 11, 42, 0).getTime();

export const at = (day: number, hour: number, minute: number) => new Date(2026, 10, day, hour, minute).toISOString();

let documents = 0;
let serial = 0;

export function resetIds(): void {
  documents = 0;
  serial = 0;
}

export function file(name: string, pages: number, more: Partial<FakeFile> = {}): FakeFile {
  documents += 1;
  return {
    document: `doc_0197a6b2c3d47e8f9a0b1c2d3e5f${documents.toString(16).padStart(4, "0")}`,
    name,
    media_type: name.endsWith(".tif") ? "image/tiff" : "application/pdf",
    kilobytes: pages * 64,
    pages,
    read: pages,
    password: null,
    fault: null,
    ...more,
  };
}

export function record(title: string, kind: string, changed_at: string, more: Partial<FakeRecord> = {}): FakeRecord {
  serial += 1;
  return {
    id: `rec_0197a6b2c3d47e8f9a0b1c2d3e6f${serial.toString(16).padStart(4, "0")}`,
    title,
    fields: { number: null, birth_date: null, injury_date: null, examiner: null, kind },
    owner: elena,
    changed_at,
    state: "to_review",
    files: [],
    reading: null,
    pages_per_second: 6.2,
    unread: [],
    encounters: [],
    most_important: [],
    statements: { total: 0, reviewed: 0, not_found: 0 },
    conflicts: 0,
    new_result: false,
    waits_for_network: false,
    sample: false,
    review: null,
    run: null,
    asked: null,
    files_changed: { pages_added: 0, pages_removed: 0 },
    signed: [],
    report: null,
    ...more,
  };
}

/** The result of the made-up record, as it comes from the cloud. */
export function sampleReview(generated_at: string): FakeReview {
  return {
    review: {
      analysis: "ana_0197a6b2c3d47e8f9a0b1c2d3e4f5a02",
      generated_at,
      generator: { kind: "extractive" },
      focus: null,
      window: null,
      model_failure: null,
      statements: sampleStatements(),
      not_stated: [],
      unused_pages: [
        { page: 10, reason: "blank", kind: null },
        { page: 15, reason: "nothing_clinical", kind: "Therapy progress note" },
        { page: 16, reason: "duplicate", kind: "Operation report" },
      ],
      unused_lines: sampleUnusedLines(),
      unused_line_count: sampleUnusedLines().length,
      newer: null,
    },
    past: [],
    future: [],
    history: [],
    next: null,
  };
}

/** The made-up record with its 19 pages and its result. */
export function sampleRecord(changed_at: string, more: Partial<FakeRecord> = {}): FakeRecord {
  const review = sampleReview(changed_at);
  const statements = review.review.statements;
  return record("Marian T. Holloway", "Left shoulder", changed_at, {
    fields: {
      number: "00482913",
      birth_date: "1966-03-14",
      injury_date: "2024-05-11",
      examiner: "E. Brandt",
      kind: "Left shoulder",
    },
    files: [file("Holloway_Marian_record.pdf", samplePageCount, { document: sampleDocument })],
    encounters: sampleEncounters(),
    most_important: statements.filter((it) => it.section === "summary").map((it) => it.text),
    statements: {
      total: statements.length,
      reviewed: 0,
      not_found: statements.filter((it) => !it.verified).length,
    },
    conflicts: statements.filter((it) => it.section === "conflicts").length,
    review,
    ...more,
  });
}
