/** The pages of the made-up record, placed once. */
import type { Encounter, PageInfo, PageWords, UnusedLine } from "../../contract";
import { type PlacedPage, pageHeight, pageWidth, placeSheet, scribbleBox, wordsOf } from "./layout";
import { type SampleSheet, sheets } from "./sheets";

export const sampleDocument = "doc_0197a6b2c3d47e8f9a0b1c2d3e4f0001";
export const samplePageCount = sheets.length;

const sheetAt = (number: number): SampleSheet => {
  const sheet = sheets[number - 1];
  if (!sheet) throw new Error(`the sample has no page ${number}`);
  return sheet.duplicateOf ? sheetAt(sheet.duplicateOf) : sheet;
};

const placed = new Map<number, PlacedPage>();

export function samplePage(number: number): PlacedPage {
  const known = placed.get(number);
  if (known) return known;
  const page = placeSheet({ ...sheetAt(number), tilt: sheets[number - 1]?.tilt ?? 0 });
  placed.set(number, page);
  return page;
}

/** The words as they were read: a repeated page has none of its own. */
export function sampleWords(number: number): PageWords {
  if (sheets[number - 1]?.duplicateOf) return { page: number, width: pageWidth, height: pageHeight, lines: [] };
  return wordsOf(samplePage(number), number);
}

export function samplePages(): PageInfo[] {
  return sheets.map((sheet, index) => ({
    document: sampleDocument,
    number: index + 1,
    width: pageWidth,
    height: pageHeight,
    state: sheet.duplicateOf ? "duplicate" : sheet.text === "" ? "blank" : "read",
    duplicate_of: sheet.duplicateOf ?? null,
    confidence: sheet.tilt === 0 ? 100 : 94,
  }));
}

export function sampleEncounters(): Encounter[] {
  return sheets.flatMap((sheet, index) =>
    sheet.text === ""
      ? []
      : [
          {
            kind: sheet.kind,
            date: sheet.date,
            author: sheet.author,
            first_line: firstLine(sheet.text),
            first_page: index + 1,
            last_page: index + 1,
          },
        ],
  );
}

function firstLine(text: string): string {
  const line = text.split("\n").find((it) => /^[A-Z0-9*][^|^#~]{30,}/.test(it)) ?? "";
  return line.replaceAll("*", "").slice(0, 120);
}

export const sampleUnusedLines = (): UnusedLine[] =>
  sheets.flatMap((sheet, index) => {
    if (sheet.duplicateOf) return [];
    const page = samplePage(index + 1);
    return page.scribbles.map((scribble) => ({
      page: index + 1,
      bbox: scribbleBox(page, scribble),
      text: scribble.read,
      confidence: scribble.confidence,
      reason: scribble.reason,
    }));
  });
