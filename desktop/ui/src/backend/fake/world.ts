/** The fake's world: what a shell with a store and a cloud would know, in memory. Deterministic: its clock is its own. */

import { BackendError } from "../backend";
import type {
  ClinicSettings,
  CommandName,
  DateWindow,
  Encounter,
  ErrorCode,
  FileFault,
  HistoryEntry,
  Me,
  OfferedFile,
  Preferences,
  RecordFields,
  RecordState,
  ReportOptions,
  Review,
  Run,
  Server,
  SessionState,
  ShellEvent,
  SignatureSettings,
  SignedVersion,
  Statement,
  Timestamp,
  UnreadPage,
} from "../contract";
import type { Office } from "./office";
import type { SheetDrawing } from "./report/sheet";

export interface FakeFile {
  document: string;
  name: string;
  media_type: string;
  kilobytes: number;
  pages: number;
  read: number;
  /** Asks for this password until it is given. */
  password: string | null;
  fault: FileFault | null;
}

/** A review with what undo needs; `past` and `future` hold statements as they were. */
export interface FakeReview {
  review: Omit<Review, "undo">;
  past: Step[];
  future: Step[];
  history: HistoryEntry[];
  /** A newer result that is not shown yet. */
  next: Omit<Review, "undo"> | null;
}

export interface Step {
  kind: HistoryEntry["change"];
  before: Statement[];
  after: Statement[];
}

export interface FakeRecord {
  id: string;
  title: string;
  fields: RecordFields;
  owner: { id: string; name: string };
  changed_at: Timestamp;
  state: RecordState;
  files: FakeFile[];
  /** null: not reading and never stopped. */
  reading: "running" | "paused" | "cancelled" | null;
  pages_per_second: number;
  unread: UnreadPage[];
  encounters: Encounter[];
  most_important: string[];
  statements: { total: number; reviewed: number; not_found: number };
  conflicts: number;
  new_result: boolean;
  waits_for_network: boolean;
  sample: boolean;
  review: FakeReview | null;
  run: Run | null;
  /** What the run was asked for. */
  asked: { focus: string | null; window: DateWindow | null } | null;
  /** Pages that came or went since the result. */
  files_changed: { pages_added: number; pages_removed: number };
  signed: SignedVersion[];
  /** The options of the last report. */
  report: ReportOptions | null;
}

export const elena = { id: "usr_0197a6b2c3d47e8f9a0b1c2d3e4f00e1", name: "Elena Brandt" };
export const tomas = { id: "usr_0197a6b2c3d47e8f9a0b1c2d3e4f00e2", name: "Tomás Keane" };

export const elenaMe: Me = {
  user: elena.id,
  name: elena.name,
  email: "elena.brandt@northgate.example",
  organization: "org_0197a6b2c3d47e8f9a0b1c2d3e4f0c11",
  clinic: "Northgate Family Medicine",
  role: "admin",
  signs: true,
  idle_minutes: 15,
  usage: {
    plan: "trial",
    trial_ends_at: "2026-12-10T09:00:00Z",
    analyses_used: 6,
    analyses_limit: 50,
    resets_at: "2026-12-10T09:00:00Z",
  },
};

export const fakePassword = "correct horse battery";

export interface World {
  now: number;
  server: Server;
  session: SessionState;
  me: Me;
  preferences: Preferences;
  records: FakeRecord[];
  online: boolean;
  offlineSince: Timestamp | null;
  clinic: ClinicSettings;
  signature: SignatureSettings;
  /** Names of the members who sign. */
  signers: string[];
  offers: Map<string, OfferedFile & { pages: number; locked: boolean; fault: FileFault | null }>;
  mailed: Map<string, { code: string; clinic: string; name: string }>;
  keychainWorks: boolean;
  /** At the door the password was given; whoever came from another clinic gave none. */
  passwordJustGiven: boolean;
  /** Commands that fail, and how: what a test or a screen asked for. */
  failing: Map<string, ErrorCode>;
  /** Commands that the shell does not have. */
  missing: Set<CommandName>;
  /** The clinic as the cloud knows it: people, policy, plan. */
  office: Office;
  /** Commands that never answer. */
  hanging: Set<string>;
  /** What the next file dialog answers. */
  choose: () => Promise<{ name: string; kilobytes: number }[]>;
  /** What the window put on the clipboard. */
  clipboard: string;
  saved: string[];
  /** Reports that were drawn, for the page protocol. */
  previews: Map<string, SheetDrawing[]>;
  /** When the password was last given: signing asks again after 15 minutes. */
  passwordAt: number;
  ids: number;
  emit: (event: ShellEvent) => void;
}

export function fail(code: ErrorCode, params: Record<string, string | number> = {}, requestId?: string): never {
  throw new BackendError({ code, params, request_id: requestId ?? null });
}

export function nextId(world: World, prefix: string): string {
  world.ids += 1;
  return `${prefix}_0197a6b2c3d47e8f9a0b1c2d${world.ids.toString(16).padStart(8, "0")}`;
}

export const nowOf = (world: World): Timestamp => new Date(world.now).toISOString();

export function recordOf(world: World, id: string): FakeRecord {
  return world.records.find((record) => record.id === id) ?? fail("not_found");
}

/** Refuses what changes something while nothing may be kept. */
export function mustWrite(world: World): void {
  if (world.session.state === "locked") fail("locked");
  if (world.session.state !== "open") fail("unauthenticated");
  if (world.session.read_only) fail("read_only");
}

export function touch(world: World, record: FakeRecord): void {
  record.changed_at = nowOf(world);
  world.emit({ event: "record_changed", record: record.id });
}
