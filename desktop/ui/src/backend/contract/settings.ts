/** Settings of the clinic and of the person, about, and the support bundle. */
import type { Timestamp } from "./common";

/** A picture that the shell checked and re-encoded. */
export interface Picture {
  /** What to name it by when saving. */
  handle: string;
  /** For an <img>: an address of the page protocol. */
  url: string;
  width: number;
  height: number;
}

export interface ClinicSettings {
  name: string;
  /** Lines of the letterhead beside or below the picture, at most four. */
  letterhead: { lines: string[]; picture: Picture | null };
  may_edit: boolean;
}

export interface SignatureBlock {
  name: string;
  line: string;
  licence: string;
  phone: string;
  picture: Picture | null;
}

export interface SignatureSettings {
  block: SignatureBlock | null;
  signs: boolean;
  signs_since: Timestamp | null;
}

export interface Licence {
  name: string;
  version: string;
  licence: string;
  text: string;
}

export interface About {
  version: string;
  commit: string;
  built_at: Timestamp;
  server: { url: string; version: string | null };
  components: { name: string; version: string }[];
  licences: Licence[];
}

/** What a support bundle will hold, as text, before it is saved. No patient data. */
export interface SupportBundle {
  id: string;
  name: string;
  files: { name: string; text: string }[];
}

export interface SettingsCommands {
  clinic: { in: undefined; out: ClinicSettings };
  save_clinic: {
    in: { name: string; letterhead: { lines: string[]; picture: string | null } };
    out: ClinicSettings;
  };
  signature: { in: undefined; out: SignatureSettings };
  /** `picture` names a handle; null takes the picture away. */
  save_signature: {
    in: { name: string; line: string; licence: string; phone: string; picture: string | null };
    out: SignatureSettings;
  };
  /** The system's dialog, then check, cut, re-encode; null if it was closed. */
  choose_picture: { in: { purpose: "letterhead" | "signature" }; out: Picture | null };
  about: { in: undefined; out: About };
  support_bundle: { in: undefined; out: SupportBundle };
  /** Saves the bundle just shown; null if the dialog was closed. */
  save_support_bundle: { in: { id: string }; out: { name: string } | null };
  copy_text: { in: { text: string }; out: null };
  /** Opens one of a few known addresses in the browser. */
  open_page: { in: { page: "help" | "upgrade" | "terms" }; out: null };
}
