/** A sheet of a report as things at places in points, and its picture. */
import { pageHeight, pageWidth } from "../sample/layout";

export interface SheetText {
  x: number;
  /** Baseline. */
  y: number;
  text: string;
  size: number;
  weight?: 400 | 600;
  ink?: "ink" | "muted" | "accent" | "danger";
  anchor?: "start" | "end";
}

export interface SheetDrawing {
  texts: SheetText[];
  rules: { y: number; x0: number; x1: number; ink: "accent" | "hairline" }[];
  /** Grounds of Most important. */
  grounds: { y0: number; y1: number }[];
  tags: { x: number; y: number; text: string; danger: boolean; width: number }[];
  links: { x0: number; y0: number; x1: number; y1: number; page: number }[];
  mark: { x: number; y: number } | null;
}

export const emptySheet = (): SheetDrawing => ({ texts: [], rules: [], grounds: [], tags: [], links: [], mark: null });

const inks = { ink: "#1c2227", muted: "#545e66", accent: "#17495b", danger: "#a3281c", hairline: "#dfe5e8" };

const escapeXml = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** The address of a picture of the sheet, `width` pixels wide. */
export function drawSheet(sheet: SheetDrawing | undefined, width: number): string {
  const { texts, rules, grounds, tags, mark } = sheet ?? emptySheet();
  const parts = [
    ...grounds.map(
      ({ y0, y1 }) =>
        `<rect x="60" y="${y0}" width="492" height="${y1 - y0}" fill="#eef4f6"/>` +
        `<rect x="60" y="${y0}" width="2.4" height="${y1 - y0}" fill="${inks.accent}"/>`,
    ),
    ...rules.map(({ y, x0, x1, ink }) => `<path d="M${x0} ${y}H${x1}" stroke="${inks[ink]}" stroke-width="0.8"/>`),
    ...tags.map(
      ({ x, y, text, danger, width: w }) =>
        `<rect x="${x}" y="${y - 8.4}" width="${w}" height="10.6" rx="2.5" fill="none" stroke="${danger ? "#e6b9b3" : "#859198"}" stroke-width="0.8"/>` +
        `<text x="${x + 3}" y="${y - 0.6}" font-size="7.4" font-family="Inter, DejaVu Sans, sans-serif" fill="${danger ? inks.danger : inks.ink}">${escapeXml(text)}</text>`,
    ),
    ...texts.map(
      ({ x, y, text, size, weight = 400, ink = "ink", anchor = "start" }) =>
        `<text x="${x}" y="${y}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}" fill="${inks[ink]}">${escapeXml(text)}</text>`,
    ),
    mark
      ? `<circle cx="${mark.x}" cy="${mark.y}" r="14" fill="none" stroke="${inks.accent}" stroke-width="1.6"/>` +
        `<path d="M${mark.x} ${mark.y + 8}V${mark.y - 8}m-5 5l5-5l5 5" fill="none" stroke="${inks.accent}" stroke-width="1.6"/>`
      : "",
  ];
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${Math.round((width * pageHeight) / pageWidth)}"` +
    ` viewBox="0 0 ${pageWidth} ${pageHeight}"><rect width="${pageWidth}" height="${pageHeight}" fill="#ffffff"/>` +
    `<g font-family="Libertinus Serif, Liberation Serif, DejaVu Serif, serif">${parts.join("")}</g></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
