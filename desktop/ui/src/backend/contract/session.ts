/** The door: server, clinic, sign-in, lock, keychain: the commands. The token and the store's key never cross. */
import type { Preferences, Server, SessionState, Start } from "../generated/types";

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
