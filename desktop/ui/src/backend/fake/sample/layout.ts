/** Sets the text of a sheet as a typewriter would: words with boxes, so that image and words agree to the point. */
import type { BBox, Line, PageWords } from "../../contract";
import type { SampleSheet } from "./sheets";

export const pageWidth = 612;
export const pageHeight = 792;
const marginX = 60;
const marginTop = 64;
const lineHeight = 13;
const normalSize = 9.7;
/** Advance of a character of the monospaced face, in em. */
const advance = 0.602;

export interface PlacedWord {
  text: string;
  /** Before the tilt; baseline. */
  x: number;
  y: number;
  width: number;
  size: number;
  bold: boolean;
  confidence: number;
}

/** A line that is drawn, but not understood. */
export interface Scribble {
  x: number;
  y: number;
  width: number;
  reason: "handwriting" | "damaged_picture";
  /** What the reader made of it, and how badly. */
  read: string;
  confidence: number;
}

export interface PlacedPage {
  words: PlacedWord[][];
  scribbles: Scribble[];
  rules: number[];
  tilt: number;
  blank: boolean;
}

/** A number from 0 to 1 that depends on the text alone. */
export function noise(seed: string): number {
  let hash = 2166136261;
  for (let i = 0; i < seed.length; i++) {
    hash = Math.imul(hash ^ seed.charCodeAt(i), 16777619);
  }
  return ((hash >>> 8) & 0xffff) / 0xffff;
}

interface Style {
  size: number;
  bold: boolean;
  centred: boolean;
  wrap: boolean;
}

function styleOf(raw: string): { text: string; style: Style } {
  const plain: Style = { size: normalSize, bold: false, centred: false, wrap: true };
  if (raw.startsWith("#^ ")) return { text: raw.slice(3), style: { ...plain, size: 12, bold: true, centred: true } };
  if (raw.startsWith("^ ")) return { text: raw.slice(2), style: { ...plain, size: 8.6, centred: true } };
  if (raw.startsWith("# ")) return { text: raw.slice(2), style: { ...plain, bold: true } };
  if (raw.startsWith("|* ")) return { text: raw.slice(3), style: { ...plain, bold: true, wrap: false } };
  if (raw.startsWith("| ")) return { text: raw.slice(2), style: { ...plain, wrap: false } };
  if (raw.startsWith("~ ")) return { text: raw.slice(2), style: { ...plain, size: 8 } };
  return { text: raw, style: plain };
}

/** Lines of at most `columns` characters; `*` marks are not counted. */
function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  const length = (it: string) => it.replaceAll("*", "").length;
  for (const word of text.split(" ")) {
    const longer = line ? `${line} ${word}` : word;
    if (line && length(longer) > columns) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

function confidenceOf(sheet: SampleSheet, seed: string, text: string): number {
  if (sheet.tilt === 0) return 100;
  if (text === "650") return 66;
  return Math.round(89 + noise(seed + text) * 9);
}

export function placeSheet(sheet: SampleSheet): PlacedPage {
  const page: PlacedPage = { words: [], scribbles: [], rules: [], tilt: sheet.tilt, blank: sheet.text === "" };
  let y = marginTop;
  let bold = false;
  for (const raw of sheet.text.split("\n")) {
    if (raw === "") {
      y += lineHeight * 0.62;
      continue;
    }
    if (raw === "----") {
      page.rules.push(y + 6);
      y += lineHeight * 0.9;
      continue;
    }
    if (raw.startsWith("& ") || raw.startsWith("% ")) {
      y += lineHeight * 1.5;
      const read = raw.slice(2);
      const reason = raw.startsWith("&") ? "handwriting" : "damaged_picture";
      const confidence = Math.round(24 + noise(read) * 24);
      page.scribbles.push({ x: marginX, y, width: 60 + read.length * 7, reason, read, confidence });
      y += lineHeight * 0.5;
      continue;
    }
    const { text, style } = styleOf(raw);
    const step = style.size * advance;
    const columns = Math.floor((pageWidth - 2 * marginX) / step);
    for (const line of style.wrap ? wrap(text, columns) : [text]) {
      const visible = line.replaceAll("*", "");
      let x = style.centred ? (pageWidth - visible.length * step) / 2 : marginX;
      y += lineHeight * (style.size > normalSize ? 1.25 : 1);
      const words: PlacedWord[] = [];
      for (const token of line.split(/( +)/)) {
        if (token.trim() === "") {
          x += token.length * step;
          continue;
        }
        if (token.startsWith("*")) bold = true;
        const shown = token.replaceAll("*", "");
        const width = shown.length * step;
        const confidence = confidenceOf(sheet, `${sheet.kind}${y}${x}`, shown);
        words.push({ text: shown, x, y, width, size: style.size, bold: bold || style.bold, confidence });
        if (token.slice(1).includes("*")) bold = false;
        x += width;
      }
      page.words.push(words);
    }
    bold = false;
  }
  return page;
}

/** Turns the middle of a box about the middle of the page, as the sheet lay on the glass. */
function tilted(box: BBox, tilt: number): BBox {
  const angle = (tilt * Math.PI) / 180;
  const x = (box.x0 + box.x1) / 2 - pageWidth / 2;
  const y = (box.y0 + box.y1) / 2 - pageHeight / 2;
  const right = x * Math.cos(angle) - y * Math.sin(angle) - x;
  const down = x * Math.sin(angle) + y * Math.cos(angle) - y;
  return { x0: box.x0 + right, y0: box.y0 + down, x1: box.x1 + right, y1: box.y1 + down };
}

export const scribbleBox = (page: PlacedPage, { x, y, width }: Scribble): BBox =>
  tilted({ x0: x - 4, y0: y - 14, x1: x + width + 4, y1: y + 6 }, page.tilt);

export function wordsOf(page: PlacedPage, number: number): PageWords {
  const lines: Line[] = page.words.map((words) => ({
    role: "body",
    words: words.map((word) => ({
      text: word.text,
      confidence: word.confidence,
      bbox: tilted(
        { x0: word.x, y0: word.y - word.size * 0.8, x1: word.x + word.width, y1: word.y + word.size * 0.24 },
        page.tilt,
      ),
    })),
  }));
  for (const scribble of page.scribbles) {
    const box = scribbleBox(page, scribble);
    const words = scribble.read.split(" ");
    const step = (box.x1 - box.x0) / words.length;
    const bbox = (index: number): BBox => ({ ...box, x0: box.x0 + index * step, x1: box.x0 + (index + 1) * step });
    lines.push({
      role: "annotation",
      words: words.map((text, index) => ({ text, confidence: scribble.confidence, bbox: bbox(index) })),
    });
  }
  return { page: number, width: pageWidth, height: pageHeight, lines };
}

/** The boxes of words in reading order, one per line, as `Citation.boxes` on the wire. */
export function boxesOf(words: PageWords, from: [number, number], to: [number, number]): BBox[] {
  const boxes: BBox[] = [];
  words.lines.forEach((line, at) => {
    if (at < from[0] || at > to[0]) return;
    const chosen = line.words.slice(at === from[0] ? from[1] : 0, at === to[0] ? to[1] + 1 : undefined);
    const first = chosen[0]?.bbox;
    if (!first) return;
    boxes.push(
      chosen.reduce<BBox>(
        (all, { bbox }) => ({
          x0: Math.min(all.x0, bbox.x0),
          y0: Math.min(all.y0, bbox.y0),
          x1: Math.max(all.x1, bbox.x1),
          y1: Math.max(all.y1, bbox.y1),
        }),
        first,
      ),
    );
  });
  return boxes;
}

export interface Found {
  from: [number, number];
  to: [number, number];
  confidence: number;
}

/** Where these words stand on the page, apart from line ends; null if they do not. */
export function findWords(words: PageWords, quote: string): Found | null {
  const wanted = quote.split(/\s+/).filter(Boolean);
  const all = words.lines.flatMap((line, at) => line.words.map((word, index) => ({ word, at, index })));
  for (let start = 0; start + wanted.length <= all.length; start++) {
    if (wanted.every((text, offset) => all[start + offset]?.word.text === text)) {
      const hit = all.slice(start, start + wanted.length);
      const first = hit[0];
      const last = hit.at(-1);
      if (!first || !last) return null;
      const sum = hit.reduce((total, { word }) => total + word.confidence, 0);
      return {
        from: [first.at, first.index],
        to: [last.at, last.index],
        confidence: Math.round(sum / hit.length),
      };
    }
  }
  return null;
}
