/** The door: server, clinic, sign-in, lock, keychain. The token and the store's key never cross. */
import type { OrgId, Role, Timestamp, UserId } from "./common";

export interface Usage {
  plan: string;
  trial_ends_at: Timestamp | null;
  analyses_used: number;
  analyses_limit: number | null;
  resets_at: Timestamp;
}

/** Who is signed in, and the clinic the session acts in. */
export interface Me {
  user: UserId;
  name: string;
  email: string;
  organization: OrgId;
  clinic: string;
  role: Role;
  /** Whether this member may sign reports. */
  signs: boolean;
  usage: Usage;
}

/** Why the keychain is refused. `number` is what a user can quote: `KEYCHAIN-02`. */
export interface KeychainFault {
  number: string;
  reason: "no_service" | "no_answer" | "denied" | "not_kept";
  /** How long was waited, for `no_answer`. */
  seconds: number;
}

export type LockReason = "idle" | "key" | "start";

export type SessionState =
  | { state: "signed_out" }
  | { state: "no_keychain"; fault: KeychainFault; email: string }
  | {
      state: "locked";
      name: string;
      clinic: string;
      email: string;
      reason: LockReason;
      idle_minutes: number;
      /** The session ended, or its end can no longer be checked: only a full sign-in opens. */
      needs_sign_in: boolean;
    }
  | { state: "open"; me: Me; read_only: boolean };

export interface Server {
  url: string;
  /** Whether this is the address the app is shipped with. */
  preset: boolean;
  /** As last seen; null if it was never reached. */
  version: string | null;
}

export type ColorScheme = "system" | "light" | "dark";
export type Language = "en" | "es";

/** How this person likes the window on this computer. Kept by the shell, so that the first frame is already right. */
export interface Preferences {
  scheme: ColorScheme;
  /** Percent of the normal text size, 90 to 150. */
  text_size: number;
  language: Language;
  /** `app`: the language of the window. */
  report_language: Language | "app";
  /** Whether the first start stays hidden. */
  first_start_hidden: boolean;
  /** Whether Appearance was opened once: a row of the first start. */
  appearance_seen: boolean;
  /** Share of the window that the page side of Review takes, 0 to 1. */
  review_divider: number;
}

export type Platform = "linux" | "windows" | "macos";

/** All that the first frame needs. Answered from this computer, without network. */
export interface Start {
  version: string;
  platform: Platform;
  server: Server;
  session: SessionState;
  preferences: Preferences;
  /** Where page images are fetched, with the secret of this window in its path and no slash at its end. */
  page_base: string;
}

export interface SessionCommands {
  /** Everything the first frame needs, from this computer alone. */
  start: { in: undefined; out: Start };
  /** Asks an address whether it is a Maneiro server this window can work with, and keeps nothing. */
  check_server: { in: { url: string }; out: Server };
  /** Uses an address from now on; only while signed out. */
  use_server: { in: { url: string }; out: Server };
  /** Asks for a clinic; a code is mailed, and the answer is the same whether the address is known. */
  register: { in: { clinic: string; name: string; email: string; password: string }; out: null };
  /** The mailed code, where the server's mail lies on this computer (embedded cloud); null elsewhere. */
  mailed_code: { in: { email: string }; out: string | null };
  /** Makes clinic, account and session of the mailed code. */
  confirm_registration: { in: { email: string; code: string }; out: SessionState };
  sign_in: { in: { email: string; password: string }; out: SessionState };
  /** Opens the local store again with the password alone, also without network. */
  unlock: { in: { password: string }; out: SessionState };
  /** Closes the store and zeroes the keys; the shell then reloads the web view. */
  lock: { in: undefined; out: null };
  /** Ends the session here and in the cloud. */
  sign_out: { in: undefined; out: null };
  /** Writes a test entry to the keychain, reads it back and removes it. */
  look_for_keychain: { in: undefined; out: SessionState };
  /** Goes on without a keychain: nothing is kept on this computer. */
  work_in_memory: { in: undefined; out: SessionState };
  /** Changes some of the preferences and answers all. */
  set_preferences: { in: Partial<Preferences>; out: Preferences };
  /** The first themed frame is drawn: the shell shows the window. */
  window_ready: { in: undefined; out: null };
  /** Tells the shell that a key or the pointer was used; at most once a minute. */
  active: { in: undefined; out: null };
}
