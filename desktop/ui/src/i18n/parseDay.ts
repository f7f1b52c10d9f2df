/** A day as people type it. In figures alone, English reads month first and Spanish day first, as the records of each do. */
import type { Day } from "@/backend/contract";

const months = {
  en: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  es: ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"],
};

function dayOf(year: number, month: number, day: number): Day | null {
  const time = new Date(Date.UTC(year, month - 1, day));
  const exists = time.getUTCFullYear() === year && time.getUTCMonth() === month - 1 && time.getUTCDate() === day;
  return exists && year > 1850 && year < 2200 ? time.toISOString().slice(0, 10) : null;
}

/** `2024-05-11`, `11 May 2024`, `May 11, 2024`, `05/11/2024`; null if it is no day. */
export function parseDay(text: string, language: string): Day | null {
  const typed = text.trim().toLowerCase();
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(typed);
  if (iso) return dayOf(Number(iso[1]), Number(iso[2]), Number(iso[3]));

  const figures = /^(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})$/.exec(typed);
  if (figures) {
    const [first, second, year] = [Number(figures[1]), Number(figures[2]), Number(figures[3])];
    return language.startsWith("es") ? dayOf(year, second, first) : dayOf(year, first, second);
  }

  const word = /\p{L}{3,}/u.exec(typed.replace(/\bde\b/g, ""))?.[0].slice(0, 3) ?? "";
  const own = language.startsWith("es") ? [months.es, months.en] : [months.en, months.es];
  const month = own.map((names) => names.indexOf(word)).find((index) => index >= 0);
  const numbers = typed.match(/\d+/g)?.map(Number) ?? [];
  const year = numbers.find((number) => number > 31);
  const day = numbers.find((number) => number <= 31);
  if (month === undefined || year === undefined || day === undefined || numbers.length !== 2) return null;
  return dayOf(year, month + 1, day);
}
