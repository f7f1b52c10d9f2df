/** Sets the report of a record on sheets: letterhead, Most important, sections with page numbers in the margin, signature. */
import type { ReportOptions, Section, Statement } from "../../contract";
import { sections } from "../../contract";
import { pageHeight } from "../sample/layout";
import { type FakeRecord, nowOf, type World } from "../world";
import { emptySheet, type SheetDrawing } from "./sheet";

const left = 60;
const right = 552;
const bottom = pageHeight - 64;
const step = 15.5;

const titles: Record<Section, string> = {
  summary: "Most important",
  conflicts: "Conflicts",
  problems: "Problems",
  signs_symptoms: "Signs and symptoms",
  medications: "Medications",
  allergies: "Allergies",
  vitals: "Vital signs",
  labs: "Laboratory",
  procedures: "Procedures",
  imaging: "Imaging",
  social_history: "Social history",
  immunizations: "Immunizations",
  directives: "Directives",
  timeline: "Course",
  follow_ups: "Follow-up",
  gaps: "Expected, not found",
};

const letterSections: Section[] = ["timeline", "problems", "medications", "allergies", "follow_ups"];

/** Rough width of a text in the serif face. */
const widthOf = (text: string, size: number) => text.length * size * 0.435;

function wrap(text: string, size: number, room: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line ? `${line} ${word}` : word;
    if (line && widthOf(longer, size) > room) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

/** Statements that print: what was rejected or not found on its page does not. */
export const printed = (statements: readonly Statement[]) =>
  statements.filter((it) => it.state !== "rejected" && it.verified);

const pagesOf = (statement: Statement) =>
  [...new Set(statement.citations.flatMap((citation) => citation.places.map((place) => place.page)))].toSorted(
    (a, b) => a - b,
  );

class Setter {
  sheets: SheetDrawing[] = [emptySheet()];
  y = 70;

  get sheet(): SheetDrawing {
    return this.sheets.at(-1) as SheetDrawing;
  }

  room(height: number): void {
    if (this.y + height <= bottom) return;
    this.sheets.push(emptySheet());
    this.y = 82;
  }

  text(text: string, more: Partial<SheetDrawing["texts"][number]> = {}): void {
    this.sheet.texts.push({ x: left, y: this.y, text, size: 10.6, ...more });
  }

  line(text: string, more: Partial<SheetDrawing["texts"][number]> = {}): void {
    for (const part of wrap(text, more.size ?? 10.6, 440)) {
      this.room(step);
      this.text(part, more);
      this.y += step;
    }
  }

  head(title: string): void {
    this.room(step * 3);
    this.y += 9;
    this.text(title, { size: 12.4, weight: 600, ink: "accent" });
    this.sheet.rules.push({ y: this.y + 5, x0: left, x1: right, ink: "accent" });
    this.y += step + 5;
  }

  pages(pages: number[], y: number, x = right): void {
    let end = x;
    const shown = pages.slice(0, 4).toReversed();
    shown.forEach((page, index) => {
      const text = index === 0 ? String(page) : `${page},`;
      const width = widthOf(text, 9) + 1;
      this.sheet.texts.push({ x: end, y, text, size: 9, ink: "accent", anchor: "end" });
      this.sheet.links.push({ x0: end - width - 2, y0: y - 9, x1: end + 2, y1: y + 3, page });
      end -= width + 4;
    });
  }

  statement(statement: Statement, number?: number): void {
    const tag =
      statement.assertion === "negated" || statement.assertion === "possible"
        ? { negated: "Negated", possible: "Possible" }[statement.assertion]
        : statement.assertion === "family"
          ? `Family: ${statement.details.relation ?? "relative"}`
          : null;
    const indent = number === undefined ? 0 : 24;
    const tagWidth = tag ? tag.length * 4.3 + 12 : 0;
    const lines = wrap(statement.text, 10.6, 430 - indent - tagWidth);
    this.room(step * lines.length);
    const first = this.y;
    if (number !== undefined) this.text(String(number), { x: left + 11, weight: 600, ink: "accent" });
    if (tag) this.sheet.tags.push({ x: left + indent, y: this.y, text: tag, danger: false, width: tagWidth - 3 });
    lines.forEach((line, index) => {
      this.text(line, { x: left + indent + (index === 0 ? tagWidth : 0) });
      this.y += step;
    });
    const lastWidth = widthOf(lines.at(-1) ?? "", 10.6);
    if (statement.in_conflict) {
      const x = left + indent + lastWidth + (lines.length === 1 ? tagWidth : 0) + 2;
      this.sheet.tags.push({ x, y: this.y - step, text: "Conflict", danger: true, width: 38 });
    }
    this.pages(pagesOf(statement), first, number === undefined ? right : right - 8);
  }
}

function letterhead(set: Setter, world: World): void {
  const [line, ...address] = world.clinic.letterhead.lines;
  set.sheet.mark = { x: left + 15, y: 66 };
  set.sheet.texts.push(
    { x: left + 40, y: 63, text: world.clinic.name, size: 15, weight: 600, ink: "accent" },
    { x: left + 40, y: 77, text: line ?? "", size: 8.6, ink: "muted" },
    ...address.map((text, index) => ({
      x: right,
      y: 63 + index * 13,
      text,
      size: 8.6,
      ink: "muted" as const,
      anchor: "end" as const,
    })),
  );
  set.sheet.rules.push({ y: 92, x0: left, x1: right, ink: "accent" });
  set.y = 120;
}

const day = (time: string, language: string) =>
  new Intl.DateTimeFormat(language === "es" ? "es-ES" : "en-GB", {
    day: "numeric",
    month: "long",
    year: "numeric",
    timeZone: "UTC",
  }).format(new Date(time));

export function compose(
  world: World,
  record: FakeRecord,
  options: ReportOptions,
  signedAt: string | null,
): SheetDrawing[] {
  const set = new Setter();
  const statements = printed(record.review?.review.statements ?? []);
  if (options.letterhead) letterhead(set, world);
  const letter = options.form === "short_letter";
  const now = nowOf(world);
  set.sheet.texts.push({ x: right, y: set.y, text: day(now, options.language), size: 10.6, anchor: "end" });
  if (options.recipient) for (const line of options.recipient.split("\n")) set.line(line);
  else set.y += step;
  set.y += 16;
  set.text(record.title, { size: 15, weight: 600 });
  set.y += step;
  const { birth_date, number, injury_date, kind } = record.fields;
  const facts = [
    birth_date && `Born ${day(birth_date, options.language)}`,
    number && `No. ${number}`,
    injury_date && `Injury ${day(injury_date, options.language)}`,
    kind,
  ];
  set.line(facts.filter(Boolean).join(" · "), { size: 9.4, ink: "muted" });
  set.y += 8;

  const important = statements.filter((it) => it.section === "summary");
  if (important.length > 0) {
    const y0 = set.y - 6;
    set.y += 8;
    set.text(titles.summary, { x: left + 11, size: 12.4, weight: 600, ink: "accent" });
    set.y += step + 2;
    important.slice(0, 3).forEach((it, index) => {
      set.statement(it, index + 1);
    });
    set.sheet.grounds.push({ y0, y1: set.y - 4 });
    set.y += 4;
  }

  const wanted = options.sections ?? sections.filter((it) => it !== "summary");
  for (const section of letter ? letterSections : wanted) {
    const own = statements.filter((it) => it.section === section);
    if (own.length === 0 || section === "summary") continue;
    set.head(titles[section]);
    for (const it of own) {
      set.statement(it);
      // The full review prints the words that it rests on.
      if (!letter)
        for (const { quote } of it.citations.slice(0, 3))
          set.line(`“${quote}”`, { x: left + 14, size: 9.2, ink: "muted" });
    }
  }

  const block = world.signature.block;
  set.room(90);
  set.y += 44;
  set.sheet.rules.push({ y: set.y - 14, x0: left, x1: left + 168, ink: "hairline" });
  if (block) {
    set.line(block.name, { weight: 600 });
    set.line(block.line);
    set.line(block.licence);
  }
  if (signedAt) set.line(`Signed ${day(signedAt, options.language)}`, { size: 9.4, ink: "muted" });

  set.sheets.forEach((sheet, index) => {
    sheet.texts.push(
      {
        x: left,
        y: pageHeight - 32,
        text: [record.title, number].filter(Boolean).join(" · "),
        size: 8.2,
        ink: "muted",
      },
      {
        x: right,
        y: pageHeight - 32,
        text: `Page ${index + 1} of ${set.sheets.length}`,
        size: 8.2,
        ink: "muted",
        anchor: "end",
      },
    );
  });
  return set.sheets;
}

/** The same as text, for the clipboard. */
export function asText(record: FakeRecord, section: Section | null): string {
  const statements = printed(record.review?.review.statements ?? []);
  return sections
    .filter((it) => section === null || it === section)
    .map((it) => ({ title: titles[it], own: statements.filter((statement) => statement.section === it) }))
    .filter(({ own }) => own.length > 0)
    .map(({ title, own }) => [title, ...own.map((it) => `- ${it.text} (p. ${pagesOf(it).join(", ")})`)].join("\n"))
    .join("\n\n");
}
