import { describe, expect, it } from "vitest";
import { sampleWords } from "@/backend/fake/sample/record";
import { sampleStatements } from "@/backend/fake/sample/statements";
import { differences } from "./diff";
import { bandOf, moveWord, rangeOf, textOf, turned, unturned, wordNear } from "./geometry";
import {
  bySection,
  inOrder,
  likelySection,
  marksByPage,
  needsCheck,
  pageRefs,
  placesOf,
  restingOn,
  shownRefs,
} from "./statements";

const statements = sampleStatements();
const named = (begin: string) => {
  const found = statements.find((it) => it.text.startsWith(begin));
  if (!found) throw new Error(begin);
  return found;
};

describe("bands over words", () => {
  const page = sampleWords(6);
  const place = placesOf(named("Ibuprofen stopped"))[0];

  it("follow the slope of their line", () => {
    const band = bandOf(place?.boxes[0] ?? { x0: 0, y0: 0, x1: 0, y1: 0 }, page, page);
    expect(band.angle).toBeCloseTo(0.32, 1);
    // As high as the letters, not as the box around the tilted line.
    expect((band.height / 100) * page.height).toBeLessThan(13);
  });

  it("lie straight while the words are not there yet", () => {
    expect(bandOf({ x0: 61.2, y0: 79.2, x1: 122.4, y1: 158.4 }, page)).toEqual({
      left: 10,
      top: 10,
      width: 10,
      height: 10,
      angle: 0,
    });
  });

  it("keep to their own line on a page askew", () => {
    const words = sampleWords(17);
    for (const [at, line] of words.lines.entries()) {
      const first = line.words[0]?.bbox;
      const last = line.words.at(-1)?.bbox;
      if (!first || !last) continue;
      const box = {
        x0: first.x0,
        x1: last.x1,
        y0: Math.min(first.y0, last.y0),
        y1: Math.max(first.y1, last.y1),
      };
      const band = bandOf(box, words, words);
      const middle = band.top + band.height / 2;
      const own = ((first.y0 + first.y1) / 2 / words.height) * 100;
      expect(Math.abs(middle - own), `line ${at}`).toBeLessThan(0.4);
    }
  });
});

describe("words of a page", () => {
  const page = sampleWords(6);

  it("are found at a point, and nowhere far from any", () => {
    const word = page.lines[4]?.words[2]?.bbox ?? { x0: 0, y0: 0, x1: 0, y1: 0 };
    expect(wordNear(page, (word.x0 + word.x1) / 2, (word.y0 + word.y1) / 2)).toEqual({ line: 4, word: 2 });
    expect(wordNear(page, 300, 750)).toBeNull();
  });

  it("are walked by word and by line", () => {
    const start = { line: 4, word: 0 };
    expect(moveWord(page, start, "right")).toEqual({ line: 4, word: 1 });
    expect(moveWord(page, start, "down").line).toBe(5);
    expect(moveWord(page, { line: 0, word: 0 }, "left")).toEqual({ line: 0, word: 0 });
  });

  it("read in order whichever end was first", () => {
    const range = rangeOf(6, { line: 0, word: 2 }, { line: 0, word: 0 });
    expect(textOf(range, page)).toBe("NORTHGATE FAMILY MEDICINE");
  });

  it.each([0, 90, 180, 270] as const)("are hit on a page turned by %i", (turn) => {
    const seen = turned(0.2, 0.7, turn);
    const back = unturned(seen.u, seen.v, turn);
    expect(back.u).toBeCloseTo(0.2);
    expect(back.v).toBeCloseTo(0.7);
  });
});

describe("statements", () => {
  it("stand in the order of the sections", () => {
    expect(bySection(statements)[0]?.section).toBe("summary");
    expect(inOrder(statements)).toHaveLength(statements.length);
  });

  it("put the newest laboratory day first", () => {
    const labs = bySection(statements).find((group) => group.section === "labs")?.statements ?? [];
    const days = labs.map((it) => it.details.date);
    expect(days).toEqual(days.toSorted().toReversed());
  });

  it("name a quote over two pages by both", () => {
    expect(pageRefs(named("No active elevation")).map((ref) => ref.label)).toEqual(["13–14"]);
  });

  it("show four pages at most, the open one among them", () => {
    const refs = pageRefs(named("Full-thickness tear"));
    expect(shownRefs(refs, null)).toMatchObject({ more: 2 });
    expect(shownRefs(refs, 13).shown.some((ref) => ref.pages.includes(13))).toBe(true);
  });

  it("are to check until somebody looked at them", () => {
    const doubtful = named("Acetaminophen");
    expect(needsCheck(doubtful)).toBe(true);
    expect(needsCheck({ ...doubtful, state: "accepted" })).toBe(false);
    expect(needsCheck(named("Lift-off test"))).toBe(false);
  });

  it("mark each line of a page once", () => {
    const marks = marksByPage(statements).get(6) ?? [];
    const line = marks.find((mark) => mark.statements.includes(named("Ibuprofen stopped").id));
    // The kidney disease rests on the same words.
    expect(line?.statements).toContain(named("Chronic kidney disease stage 3a").id);
  });

  it("are found from the words they rest on", () => {
    const place = placesOf(named("Empty can"))[0];
    const page = sampleWords(6);
    const words = page.lines.flatMap((line) => line.words).filter((word) => word.text === "Empty");
    expect(
      restingOn(
        statements,
        6,
        words.map((word) => word.bbox),
      ).map((it) => it.text),
    ).toEqual(["Empty can test positive, external rotation strength 4/5"]);
    expect(likelySection(statements, 6, place?.boxes[0])).toBe("signs_symptoms");
  });
});

describe("differences of two edits", () => {
  const changed = (text: string, base: string) =>
    differences(text, base)
      .filter((piece) => piece.changed)
      .map((piece) => piece.text);

  it("mark what was added", () => {
    expect(changed("Losartan 50 mg once daily, held since 20 May", "Losartan 50 mg once daily")).toEqual([
      ", held since 20 May",
    ]);
  });

  it("mark what was replaced", () => {
    expect(changed("Losartan 25 mg once daily", "Losartan 50 mg once daily")).toEqual(["25"]);
  });

  it("give the text back whole", () => {
    const text = "Aspirin 81 mg, every second day";
    expect(
      differences(text, "Aspirin 81 mg once daily")
        .map((piece) => piece.text)
        .join(""),
    ).toBe(text);
  });
});
