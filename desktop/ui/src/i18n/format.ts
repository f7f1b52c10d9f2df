/** Days, times and figures as the language writes them. A day is never put through a time zone. */
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Day, Timestamp } from "@/backend/contract";

const locales = { en: "en-US", es: "es-ES" };

/** Day before month also in English, the month as a word: a birth date must not be mistaken. */
function dayFormat(locale: string, month: "short" | "long", timeZone?: "UTC"): (time: Date) => string {
  const parts = new Intl.DateTimeFormat(locale, {
    day: "numeric",
    month,
    year: "numeric",
    ...(timeZone && { timeZone }),
  });
  if (locale !== locales.en) return (time) => parts.format(time);
  return (time) => {
    const value = (type: string) => parts.formatToParts(time).find((part) => part.type === type)?.value ?? "";
    return `${value("day")} ${value("month")} ${value("year")}`;
  };
}

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
  /** Gigabytes of 10⁹ bytes, as plans count them. */
  bytes(bytes: number): string;
  /** `3,229.20 USD`. */
  money(cents: number, currency: string): string;
  /** `November 2026` of `2026-11-01`. */
  month(month: string): string;
  /** `Nov` of `2026-11-01`. */
  monthShort(month: string): string;
  /** `39 s`, `4 min`, `2 h 10 min`. */
  duration(seconds: number): string;
}

export function formatOf(language: string): Format {
  const locale = language.startsWith("es") ? locales.es : locales.en;
  const short = dayFormat(locale, "short");
  const plain = dayFormat(locale, "short", "UTC");
  const long = dayFormat(locale, "long");
  const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const number = (value: number, digits = 0) =>
    new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
  return {
    day: (day) => plain(new Date(`${day}T00:00:00Z`)),
    dayOf: (time) => short(new Date(time)),
    dayLong: (time) => long(new Date(time)),
    time: (time) => clock.format(new Date(time)),
    dateTime: (time) => `${long(new Date(time))}, ${clock.format(new Date(time))}`,
    number,
    percent: (value) => `${number(value)}${nbsp}%`,
    size: (kilobytes) =>
      kilobytes >= 1024 ? `${number(kilobytes / 1024, 1)}${nbsp}MB` : `${number(Math.max(1, kilobytes))}${nbsp}kB`,
    bytes: (bytes) => {
      const gigabytes = bytes / 1_000_000_000;
      if (gigabytes < 0.1) return `${number(Math.round(bytes / 1_000_000))}${nbsp}MB`;
      return `${number(gigabytes, Number.isInteger(gigabytes) ? 0 : 1)}${nbsp}GB`;
    },
    money: (cents, currency) => `${number(cents / 100, 2)}${nbsp}${currency.toUpperCase()}`,
    month: (month) =>
      new Intl.DateTimeFormat(locale, { month: "long", year: "numeric", timeZone: "UTC" }).format(
        new Date(`${month}T00:00:00Z`),
      ),
    monthShort: (month) =>
      new Intl.DateTimeFormat(locale, { month: "short", timeZone: "UTC" }).format(new Date(`${month}T00:00:00Z`)),
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
