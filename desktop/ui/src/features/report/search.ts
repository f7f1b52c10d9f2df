/** What the address of Report says: form, page of the report, zoom, signed version. */
import type { ReportForm } from "@/backend/contract";

export interface ReportSearch {
  form?: ReportForm;
  page?: number;
  /** Percent; absent: as wide as it is drawn best. */
  zoom?: number;
  version?: number;
}

const count = (value: unknown): number | undefined => {
  const number = Number(value);
  return Number.isInteger(number) && number > 0 ? number : undefined;
};

export function reportSearch(raw: Record<string, unknown>): ReportSearch {
  return {
    form: raw.form === "short_letter" || raw.form === "full_review" ? raw.form : undefined,
    page: count(raw.page),
    zoom: count(raw.zoom),
    version: count(raw.version),
  };
}
