/** Draws a placed page as an SVG: the fake's stand-in for the page protocol. */
import type { BBox } from "../../contract";
import { noise, type PlacedPage, pageHeight, pageWidth, type Scribble } from "./layout";

const escapeXml = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const at = (value: number) => value.toFixed(1);

function specks(seed: string): string {
  return Array.from({ length: 26 }, (_, index) => {
    const x = noise(`${seed}x${index}`) * pageWidth;
    const y = noise(`${seed}y${index}`) * pageHeight;
    return `<circle cx="${at(x)}" cy="${at(y)}" r="${at(0.3 + noise(`${seed}r${index}`) * 0.5)}"/>`;
  }).join("");
}

/** Loops of a pen that say nothing. */
function pen({ x, y, width, read }: Scribble): string {
  let path = `M${at(x)} ${at(y)}`;
  let from = x;
  for (let index = 0; from < x + width - 8; index++) {
    const step = 5 + noise(`${read}s${index}`) * 7;
    const up = 5 + noise(`${read}u${index}`) * 9;
    const gap = noise(`${read}g${index}`) > 0.86 ? 7 : 0;
    path += `c${at(step * 0.2)} ${at(-up)} ${at(step * 0.9)} ${at(-up)} ${at(step * 0.5)} ${at(-up * 0.3)}`;
    path += `s${at(step * 0.1)} ${at(up * 0.5)} ${at(step * 0.5)} ${at(up * 0.3)}`;
    if (gap) path += `m${gap} 0`;
    from += step + gap;
  }
  return `<path d="${path}" fill="none" stroke="#2b4a8c" stroke-width="1.1" stroke-linecap="round"/>`;
}

/** A stamp over a printed line. */
function stamp({ x, y, width, read }: Scribble): string {
  const middle = x + width * 0.55;
  return (
    `<text x="${at(x)}" y="${at(y)}" font-size="9.7">${escapeXml(read)}</text>` +
    `<g transform="rotate(-7 ${at(middle)} ${at(y - 3)})" fill="none" stroke="#a3392c" stroke-width="1.4">` +
    `<rect x="${at(middle - 44)}" y="${at(y - 13)}" width="88" height="18" rx="2"/>` +
    `<text x="${at(middle)}" y="${at(y)}" font-size="12" text-anchor="middle" fill="#a3392c" stroke="none"` +
    ` font-weight="700">RECEIVED</text></g>`
  );
}

interface Drawing {
  /** What of the page is shown; all of it if left away. */
  box?: BBox;
}

/** The address of an image of this page, `width` pixels wide. */
export function pageImage(page: PlacedPage, seed: string, width: number, { box }: Drawing = {}): string {
  const scanned = page.tilt !== 0;
  const ink = scanned ? "#23272a" : "#111517";
  const words = page.words
    .flat()
    .map(
      (word) =>
        `<text x="${at(word.x)}" y="${at(word.y)}" font-size="${word.size}" textLength="${at(word.width)}"` +
        ` lengthAdjust="spacingAndGlyphs"${word.bold ? ' font-weight="700"' : ""}>${escapeXml(word.text)}</text>`,
    )
    .join("");
  const scribbles = page.scribbles.map((it) => (it.reason === "handwriting" ? pen(it) : stamp(it))).join("");
  const rules = page.rules
    .map((y) => `<path d="M60 ${at(y)}H${pageWidth - 60}" stroke="${ink}" stroke-width="0.9"/>`)
    .join("");
  const holes = [176, 396, 616].map((y) => `<circle cx="22" cy="${y}" r="9.5" fill="#17191b"/>`).join("");
  const shown = box ?? { x0: 0, y0: 0, x1: pageWidth, y1: pageHeight };
  const [w, h] = [shown.x1 - shown.x0, shown.y1 - shown.y0];
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${Math.round((width * h) / w)}"` +
    ` viewBox="${at(shown.x0)} ${at(shown.y0)} ${at(w)} ${at(h)}">` +
    `<rect width="${pageWidth}" height="${pageHeight}" fill="${scanned ? "#fbfbfa" : "#ffffff"}"/>` +
    `<g fill="${ink}" font-family="DejaVu Sans Mono, monospace" transform="rotate(${page.tilt} ${pageWidth / 2} ${pageHeight / 2})">` +
    `${rules}${words}${scribbles}</g>${scanned ? `<g fill="#55595c">${specks(seed)}</g>${holes}` : ""}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
