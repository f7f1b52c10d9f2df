import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync("src/theme/tokens.css", "utf8");

/** The custom properties of a scheme: those of `:root`, and over them its own block. */
function tokensOf(scheme: "light" | "dark"): Map<string, string> {
  const tokens = new Map<string, string>();
  for (const [, selector = "", body = ""] of css.matchAll(/([^{}]*)\{([^{}]*)\}/g)) {
    if (selector.includes("media") || (selector.includes("scheme=") && !selector.includes(`"${scheme}"`))) continue;
    for (const [, name = "", value = ""] of body.matchAll(/(--mn-[\w-]+):\s*([^;]+);/g)) tokens.set(name, value.trim());
  }
  return tokens;
}

function luminance(hex: string): number {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const grounds = ["ground", "surface", "raised", "hover", "press", "tint", "field"];
const inks = ["ink", "ink-2", "muted", "accent-text"];

/** Text and the grounds it stands on, WCAG 1.4.3. */
const texts: [string, string][] = [
  ...inks.flatMap((ink) => grounds.map((ground): [string, string] => [ink, ground])),
  ...["ground", "surface", "raised", "tint", "hover"].map((ground): [string, string] => ["faint", ground]),
  ["on-accent", "accent"],
  ["on-accent", "accent-hover"],
  ["on-danger", "danger"],
  ["on-danger", "danger-hover"],
  ["danger", "danger-tint"],
  ["danger", "surface"],
  ["danger", "raised"],
  ["warning", "warning-tint"],
  ["warning", "surface"],
  ["good", "good-tint"],
  ["good", "surface"],
  ["low", "surface"],
  ["ink", "warning-tint"],
  ["ink", "danger-tint"],
  ["ink", "light-row"],
  ["muted", "light-row"],
  ["on-light", "light-text"],
  ["ink", "seg-on"],
  ["muted", "seg"],
  ["muted", "seg-on"],
  ["on-paper-ink", "paper"],
  ["on-paper-muted", "paper"],
  ["on-paper-accent", "paper"],
  ["on-paper-ink", "light"],
  ["on-paper-ink", "chosen"],
];

/** What its edge alone tells, and the focus ring, WCAG 1.4.11. */
const edges: [string, string][] = [
  ["line-strong", "surface"],
  ["line-strong", "field"],
  ["focus", "surface"],
  ["focus", "ground"],
  ["focus", "tint"],
  ["light-edge", "surface"],
  ["light-edge", "light-row"],
  ["on-paper-line", "paper"],
];

describe.each(["light", "dark"] as const)("%s", (scheme) => {
  const tokens = tokensOf(scheme);
  const value = (name: string) => tokens.get(`--mn-${name}`) ?? "";

  it.each(texts)("%s is legible on %s", (text, ground) => {
    expect(contrast(value(text), value(ground))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(edges)("%s is seen on %s", (edge, ground) => {
    expect(contrast(value(edge), value(ground))).toBeGreaterThanOrEqual(3);
  });
});
