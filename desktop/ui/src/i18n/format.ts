/** Days, times and figures as the language writes them. A day is never put through a time zone. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Day, Timestamp } from "@/backend/contract";

/** Day before month also in English: a birth date must not be mistaken. */
const locales = { en: { days: "en-GB", numbers: "en-US" }, es: { days: "es-ES", numbers: "es-ES" } };

const nbsp = "\u00a0";

export interface Format {
  day(day: Day): string;
  dayOf(time: Timestamp): string;
  dayLong(time: Timestamp): string;
  time(time: Timestamp): string;
  dateTime(time: Timestamp): string;
  number(value: number, digits?: number): string;
  percent(value: number): string;
  size(kilobytes: number): string;
  /** `39 s`, `4 min`, `2 h 10 min`. */
  duration(seconds: number): string;
}

export function formatOf(language: string): Format {
  const { days, numbers } = language.startsWith("es") ? locales.es : locales.en;
  const short = new Intl.DateTimeFormat(days, { day: "numeric", month: "short", year: "numeric" });
  const plain = new Intl.DateTimeFormat(days, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  const long = new Intl.DateTimeFormat(days, { day: "numeric", month: "long", year: "numeric" });
  const clock = new Intl.DateTimeFormat(days, { hour: "2-digit", minute: "2-digit", hour12: false });
  const number = (value: number, digits = 0) =>
    new Intl.NumberFormat(numbers, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
  return {
    day: (day) => plain.format(new Date(`${day}T00:00:00Z`)),
    dayOf: (time) => short.format(new Date(time)),
    dayLong: (time) => long.format(new Date(time)),
    time: (time) => clock.format(new Date(time)),
    dateTime: (time) => `${long.format(new Date(time))}, ${clock.format(new Date(time))}`,
    number,
    percent: (value) => `${number(value)}${nbsp}%`,
    size: (kilobytes) =>
      kilobytes >= 1024 ? `${number(kilobytes / 1024, 1)}${nbsp}MB` : `${number(Math.max(1, kilobytes))}${nbsp}kB`,
    duration: (seconds) => {
      if (seconds < 60) return `${number(Math.max(1, Math.round(seconds)))}${nbsp}s`;
      const minutes = Math.round(seconds / 60);
      if (minutes < 60) return `${number(minutes)}${nbsp}min`;
      return `${number(Math.floor(minutes / 60))}${nbsp}h${nbsp}${number(minutes % 60)}${nbsp}min`;
    },
  };
}

export function useFormat(): Format {
  const { i18n } = useTranslation();
  return useMemo(() => formatOf(i18n.language), [i18n.language]);
}
