/** What the address of Records says: which record is chosen, and what the list is narrowed to. */
import { type RecordState, recordStates } from "@/backend/contract";

export interface RecordsSearch {
  record?: string;
  search?: string;
  state?: RecordState;
  owner?: string;
}

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

export function recordsSearch(raw: Record<string, unknown>): RecordsSearch {
  const state = recordStates.find((it) => it === raw.state);
  const search: RecordsSearch = {};
  const record = text(raw.record);
  const typed = text(raw.search);
  const owner = text(raw.owner);
  if (record) search.record = record;
  if (typed) search.search = typed;
  if (state) search.state = state;
  if (owner) search.owner = owner;
  return search;
}
