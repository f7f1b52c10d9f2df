/** Records, their files, and the reading of their pages on this computer: the commands. */
import type {
  DocumentId,
  OfferedFile,
  Outbox,
  RecordDetail,
  RecordFields,
  RecordId,
  RecordList,
  RecordState,
  UserId,
} from "../generated/types";

/** Where a record stands on its way to a signed report, in this order. */
export const recordStates = ["reading", "to_review", "to_sign", "signed"] as const satisfies readonly RecordState[];

export interface RecordsCommands {
  /** The list, newest change first; `search` looks in titles, fields and kinds. */
  list_records: {
    in: { search: string; state: RecordState | null; owner: UserId | null; cursor: string | null };
    out: RecordList;
  };
  record: { in: { record: RecordId }; out: RecordDetail };
  /** Makes one record of the files, or one of each, and starts reading. */
  create_records: { in: { handles: string[]; as: "one" | "several" }; out: { records: RecordId[] } };
  /** Adds files to the end of a record and reads them. */
  add_files: { in: { record: RecordId; handles: string[] }; out: null };
  /** Puts the files of a record into this order. */
  arrange_files: { in: { record: RecordId; documents: DocumentId[] }; out: null };
  remove_file: { in: { record: RecordId; document: DocumentId }; out: null };
  /** Opens an encrypted file; fails with `wrong_password`. */
  unlock_file: { in: { record: RecordId; document: DocumentId; password: string }; out: null };
  /** Changes title or fields; what is not named stays. */
  update_record: { in: { record: RecordId; title?: string; fields?: Partial<RecordFields> }; out: null };
  /** Deletes a record here and in the cloud. */
  delete_record: { in: { record: RecordId }; out: null };
  /** Makes the sample record if there is none, and answers it. */
  open_sample: { in: undefined; out: { record: RecordId } };
  /** The system's dialog; an empty list if it was closed. */
  choose_files: { in: undefined; out: OfferedFile[] };
  /** Takes an image from the clipboard, as the web view got it; base64, at most 32 MB. */
  paste_image: { in: { media_type: string; base64: string }; out: OfferedFile };
  /** Forgets offered files that nobody wants. */
  drop_offer: { in: { handles: string[] }; out: null };
  pause_reading: { in: { record: RecordId }; out: null };
  resume_reading: { in: { record: RecordId }; out: null };
  /** Stops reading; what was read stays. */
  cancel_reading: { in: { record: RecordId }; out: null };
  outbox: { in: undefined; out: Outbox };
}
