/** Settings of the clinic and of the person, about, and the support bundle: the commands. */
import type { About, ClinicSettings, Picture, SavedFile, SignatureSettings, SupportBundle } from "../generated/types";

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
  save_support_bundle: { in: { id: string }; out: SavedFile | null };
  copy_text: { in: { text: string }; out: null };
  /** Opens one of a few known addresses in the browser. */
  open_page: { in: { page: "help" | "upgrade" | "terms" }; out: null };
}
