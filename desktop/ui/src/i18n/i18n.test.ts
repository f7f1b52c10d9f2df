import { describe, expect, it } from "vitest";
import { en } from "./en";
import { es } from "./es";
import { formatOf } from "./format";
import { createI18n } from "./index";
import { parseDay } from "./parseDay";

type Tree = { readonly [key: string]: string | Tree };

function leaves(tree: Tree, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === "string" ? [[`${path}${key}`, value]] : leaves(value, `${path}${key}.`),
  );
}

const values = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();

describe("words", () => {
  const spanish = new Map(leaves(es));

  it("have the same values in both languages", () => {
    const wrong = leaves(en).filter(([key, text]) => {
      return values(text).join() !== values(spanish.get(key) ?? "").join();
    });
    expect(wrong).toEqual([]);
  });

  it("never shout and never say please", () => {
    const said = [...leaves(en), ...leaves(es)].filter(([, text]) => /[!¡]|\bplease\b|\boops\b|por favor/i.test(text));
    expect(said).toEqual([]);
  });

  it("count in Spanish", () => {
    const t = createI18n("es").t;
    expect(t("common.pages", { count: 1 })).toBe("1 página");
    expect(t("common.pages", { count: 2 })).toBe("2 páginas");
  });
});

describe("figures", () => {
  it("are written as each language writes them", () => {
    expect(formatOf("en").number(1234.5, 1)).toBe("1,234.5");
    expect(formatOf("es").number(12345.5, 1)).toBe("12.345,5");
    expect(formatOf("en").percent(68)).toBe("68\u00a0%");
    expect(formatOf("en").size(1229)).toBe("1.2\u00a0MB");
    expect(formatOf("en").duration(7830)).toBe("2\u00a0h\u00a011\u00a0min");
  });

  it("a day is not moved by a time zone", () => {
    expect(formatOf("en").day("1966-03-14")).toBe("14 Mar 1966");
    expect(formatOf("es").day("1966-03-14")).toBe("14 mar 1966");
  });
});

describe("a typed day", () => {
  it.each([
    ["14 Mar 1966", "en", "1966-03-14"],
    ["March 14, 1966", "en", "1966-03-14"],
    ["1966-03-14", "es", "1966-03-14"],
    ["05/11/2024", "en", "2024-05-11"],
    ["05/11/2024", "es", "2024-11-05"],
    ["11 de mayo de 2024", "es", "2024-05-11"],
    ["30 feb 2024", "en", null],
    ["yesterday", "en", null],
    ["14 1966", "en", null],
  ])("%s in %s is %s", (text, language, day) => {
    expect(parseDay(text, language)).toBe(day);
  });

  it("reads back what the window shows", () => {
    for (const language of ["en", "es"]) {
      for (let month = 1; month <= 12; month++) {
        const day = `2024-${String(month).padStart(2, "0")}-09`;
        expect(parseDay(formatOf(language).day(day), language)).toBe(day);
      }
    }
  });
});
