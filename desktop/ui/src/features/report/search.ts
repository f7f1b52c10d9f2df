/** What the address of Report says: form, page of the report, signed version. */
import type { ReportForm } from "@/backend/contract";

export interface ReportSearch {
  form?: ReportForm;
  page?: number;
  version?: number;
}

export function reportSearch(raw: Record<string, unknown>): ReportSearch {
  const search: ReportSearch = {};
  if (raw.form === "short_letter" || raw.form === "full_review") search.form = raw.form;
  if (Number(raw.page) > 0) search.page = Number(raw.page);
  if (Number(raw.version) > 0) search.version = Number(raw.version);
  return search;
}
