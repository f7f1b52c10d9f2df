/** Rows of the list with the days above them. */
import type { RecordSummary } from "@/backend/contract";
import { daysAgo } from "@/i18n/days";

export type ListItem = { kind: "day"; day: string } | { kind: "record"; record: RecordSummary };

export interface DayNames {
  today: string;
  yesterday: string;
  day: (time: string) => string;
}

/** Today and yesterday by name, older days by date. The records come newest first. */
export function withDays(records: RecordSummary[], now: Date, names: DayNames): ListItem[] {
  const items: ListItem[] = [];
  let last = "";
  for (const record of records) {
    const ago = daysAgo(record.changed_at, now);
    const day = ago <= 0 ? names.today : ago === 1 ? names.yesterday : names.day(record.changed_at);
    if (day !== last) items.push({ kind: "day", day });
    last = day;
    items.push({ kind: "record", record });
  }
  return items;
}
