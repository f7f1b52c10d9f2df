/**
 * What the window asks of the shell, and what the shell tells the window. The types come from Rust (`generated/types`); the
 * commands stand here, and a test of `desktop/app` compares their names with those that are registered.
 */
import type { ShellEvent } from "../generated/types";
import type { AccountCommands } from "./account";
import type { BillingCommands } from "./billing";
import type { PagesCommands } from "./pages";
import type { PeopleCommands } from "./people";
import type { RecordsCommands } from "./records";
import type { ReportCommands } from "./report";
import type { ReviewCommands } from "./review";
import type { SessionCommands } from "./session";
import type { SettingsCommands } from "./settings";

export type * from "../generated/types";
export * from "./account";
export * from "./billing";
export * from "./common";
export * from "./pages";
export * from "./people";
export * from "./records";
export * from "./report";
export * from "./review";
export * from "./session";
export * from "./settings";

/** Every command: the argument `in` (undefined: none) and the answer `out`. */
export interface Commands
  extends SessionCommands,
    RecordsCommands,
    PagesCommands,
    ReviewCommands,
    ReportCommands,
    SettingsCommands,
    AccountCommands,
    PeopleCommands,
    BillingCommands {}

export type CommandName = keyof Commands;

export type EventName = ShellEvent["event"];
