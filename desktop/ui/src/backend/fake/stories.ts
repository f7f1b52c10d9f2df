/** Records in the middle of a review: what screens and flows begin with. */
import type { Statement } from "../contract";
import { file, sampleRecord } from "./building";
import { samplePageCount } from "./sample/record";
import type { FakeRecord } from "./world";

/** The made-up record has this id in every story about it. */
export const holloway = "rec_0197a6b2c3d47e8f9a0b1c2d3e6f0002";

export const ruth = "Ruth Abara";

function change(record: FakeRecord, text: string, more: (statement: Statement) => Partial<Statement>): void {
  const statements = record.review?.review.statements ?? [];
  const index = statements.findIndex((it) => it.text.startsWith(text));
  const statement = statements[index];
  if (!statement) throw new Error(`no statement begins with ${text}`);
  statements[index] = { ...statement, ...more(statement) };
}

const minutesAfter = (time: string, minutes: number) => new Date(Date.parse(time) + minutes * 60_000).toISOString();

function reviewed(time: string): FakeRecord {
  const record = sampleRecord(time, { id: holloway });
  const mine = { author: "Elena Brandt", mine: true };
  const accepted = [
    "Type 2 diabetes mellitus, since",
    "Chronic kidney disease",
    "Essential hypertension",
    "Penicillin",
  ];
  accepted.forEach((text, index) => {
    change(record, text, () => ({ state: "accepted", changed: { ...mine, at: minutesAfter(time, 12 + index) } }));
  });
  change(record, "Losartan 50 mg", (it) => ({
    state: "accepted",
    text: "Losartan 50 mg once daily, held since 20 May",
    text_before: it.text,
    changed: { author: ruth, mine: false, at: minutesAfter(time, 19) },
  }));
  change(record, "Adhesive capsulitis", () => ({
    state: "rejected",
    changed: { ...mine, at: minutesAfter(time, 21) },
  }));
  // Words that the analyser says and the page does not have.
  change(record, "Aspirin 81 mg", (it) => ({
    verified: false,
    checked: false,
    citations: it.citations.map((citation) => ({
      ...citation,
      confidence: null,
      places: citation.places.map((place) => ({ ...place, boxes: [] })),
    })),
  }));
  return record;
}

/** Two pages were added and the analysis runs again; the old result is read meanwhile. */
export function halfReviewed(time: string): FakeRecord {
  const record = reviewed(time);
  if (record.review) record.review.review.focus = "Left shoulder";
  if (record.review) record.review.review.window = { from: "2024-01-01", to: "2024-12-31" };
  return {
    ...record,
    files_changed: { pages_added: 2, pages_removed: 0 },
    run: { job: "job_1", state: "processing", pages_done: 14, pages_total: 19, seconds_left: 12, error: null },
  };
}

/** Edited here without network, and by somebody else at the same time. */
export function twoEdits(time: string): FakeRecord {
  const record = reviewed(time);
  change(record, "Losartan 50 mg", () => ({
    text: "Losartan 50 mg once daily",
    text_before: null,
    state: "open",
    changed: null,
    versions: {
      base: "Losartan 50 mg once daily",
      mine: {
        text: "Losartan 50 mg once daily, held since 20 May",
        author: "Elena Brandt",
        mine: true,
        at: minutesAfter(time, 19),
      },
      theirs: { text: "Losartan 25 mg once daily", author: ruth, mine: false, at: minutesAfter(time, 28) },
    },
  }));
  return record;
}

/** Made by a language model; what it left out was found by the built-in analyser. */
export function byModel(time: string): FakeRecord {
  const record = reviewed(time);
  const review = record.review?.review;
  if (review) {
    review.generator = { kind: "model", name: "medgemma-27b" };
    review.not_stated = ["code_status", "surrogate", "vaccines"];
  }
  for (const text of ["Obstructive sleep apnea", "Atorvastatin 40 mg", "Lisinopril: dry cough"]) {
    change(record, text, () => ({ also_in_record: true }));
  }
  return record;
}

export function withoutResult(time: string): FakeRecord {
  return sampleRecord(time, { id: holloway, review: null, most_important: [], state: "to_review" });
}

/** Two thousand pages with a statement on most of them. */
export function longRecord(time: string): FakeRecord {
  const record = reviewed(time);
  const review = record.review?.review;
  record.files.push(file("Holloway_volumes_2-12.pdf", 2000 - samplePageCount));
  record.title = "Marian T. Holloway, all volumes";
  if (!review) return record;
  const first = review.statements;
  for (let round = 1; round <= 20; round++) {
    const shift = round * samplePageCount * 5;
    for (const it of first.filter((statement) => statement.section !== "summary")) {
      const citations = it.citations.map((citation) => ({
        ...citation,
        places: citation.places.map((place) => ({ ...place, page: place.page + shift })),
      }));
      review.statements = [...review.statements, { ...it, id: `${it.id}_${round}`, citations, state: "open" }];
    }
  }
  return record;
}
