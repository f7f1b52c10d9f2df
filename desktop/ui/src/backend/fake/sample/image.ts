/** Draws a placed page as an SVG: the fake's stand-in for the page protocol. */
import { noise, type PlacedPage, pageHeight, pageWidth } from "./layout";

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

/** The address of an image of this page, `width` pixels wide. */
export function pageImage(page: PlacedPage, seed: string, width: number): string {
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
  const rules = page.rules
    .map((y) => `<path d="M60 ${at(y)}H${pageWidth - 60}" stroke="${ink}" stroke-width="0.9"/>`)
    .join("");
  const holes = [176, 396, 616].map((y) => `<circle cx="22" cy="${y}" r="9.5" fill="#17191b"/>`).join("");
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${Math.round((width * pageHeight) / pageWidth)}"` +
    ` viewBox="0 0 ${pageWidth} ${pageHeight}"><rect width="${pageWidth}" height="${pageHeight}" fill="${scanned ? "#fbfbfa" : "#ffffff"}"/>` +
    `<g fill="${ink}" font-family="DejaVu Sans Mono, monospace" transform="rotate(${page.tilt} ${pageWidth / 2} ${pageHeight / 2})">` +
    `${rules}${words}</g>${scanned ? `<g fill="#55595c">${specks(seed)}</g>${holes}` : ""}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
