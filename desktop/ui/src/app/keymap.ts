/** Every act that has a key or stands in the command palette: one table, so that keys, `?` sheet, palette and Settings agree. */

export const places = ["everywhere", "records", "review", "page", "report"] as const;
export type Place = (typeof places)[number];

interface Entry {
  place: Place;
  /** As `KeyCaps` shows and `matchesKey` reads them: `mod` is Ctrl, on macOS ⌘. Several keys do the same. */
  keys: readonly string[];
  /** Shown, but heard by the browser (paste) or by the list that has the focus. */
  shownOnly?: boolean;
}

const entry = (place: Place, ...keys: string[]): Entry => ({ place, keys });
const shown = (place: Place, ...keys: string[]): Entry => ({ place, keys, shownOnly: true });

export const keymap = {
  commands: entry("everywhere", "mod+K"),
  keys: entry("everywhere", "?"),
  lock: entry("everywhere", "mod+L"),
  go_records: entry("everywhere"),
  settings: entry("everywhere", "mod+,"),
  text_larger: entry("everywhere", "mod++"),
  text_smaller: entry("everywhere", "mod+-"),
  text_normal: entry("everywhere", "mod+0"),
  scheme_light: entry("everywhere"),
  scheme_dark: entry("everywhere"),
  scheme_system: entry("everywhere"),
  sign_out: entry("everywhere"),

  records_search: entry("records", "/"),
  record_next: entry("records", "ArrowDown"),
  record_previous: entry("records", "ArrowUp"),
  record_open: entry("records", "Enter"),
  choose_files: entry("records", "mod+O"),
  add_files: entry("records", "mod+shift+O"),
  paste_image: shown("records", "mod+V"),
  record_rename: entry("records", "F2"),
  record_fields: entry("records"),
  reading_pause: entry("records", "mod+."),
  reading_cancel: entry("records"),
  record_delete: entry("records", "Delete"),
  open_sample: entry("records"),

  statement_next: entry("review", "ArrowDown"),
  statement_previous: entry("review", "ArrowUp"),
  accept: entry("review", "Enter"),
  edit: entry("review", "E"),
  reject: entry("review", "X"),
  add_statement: entry("review", "A"),
  add_quote: entry("review", "shift+A"),
  next_lit: entry("review", "N"),
  only_to_check: entry("review", "C"),
  left_out: entry("review", "L"),
  history: entry("review", "H"),
  keep_mine: entry("review", "1"),
  keep_theirs: entry("review", "2"),
  undo: entry("review", "mod+Z"),
  redo: entry("review", "mod+shift+Z"),
  focus_window: entry("review", "F"),
  documents: entry("review", "D"),
  open_report: entry("review", "mod+Enter"),

  search: entry("page", "mod+F"),
  next_hit: entry("page", "F3"),
  previous_hit: entry("page", "shift+F3"),
  choose_words: shown("page", "shift+ArrowRight", "shift+ArrowLeft"),
  copy_words: entry("page", "mod+C"),
  leave: entry("page", "Escape"),
  page_next: entry("page", "ArrowRight"),
  page_previous: entry("page", "ArrowLeft"),
  go_to_page: entry("page", "G"),
  zoom_width: entry("page", "W"),
  zoom_in: entry("page", "+"),
  zoom_out: entry("page", "-"),
  rotate: entry("page", "R"),

  report_page_next: entry("report", "ArrowRight"),
  report_page_previous: entry("report", "ArrowLeft"),
  back_to_analysis: entry("report", "Escape"),
  sign: entry("report", "mod+Enter"),
  save_pdf: entry("report", "mod+S"),
  save_markdown: entry("report"),
  save_json: entry("report"),
  print: entry("report", "mod+P"),
  copy_section: entry("report", "mod+shift+C"),
} as const satisfies Record<string, Entry>;

export type CommandId = keyof typeof keymap;

export const entryOf = (id: CommandId): Entry => keymap[id];

export const commandIds = Object.keys(keymap) as CommandId[];

interface KeyPress {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

/** Splits `mod+shift+Z`; the last part may itself be `+`. */
function partsOf(binding: string): { key: string; mod: boolean; shift: boolean } {
  const mod = binding.startsWith("mod+");
  const rest = mod ? binding.slice(4) : binding;
  const shift = rest.startsWith("shift+");
  return { key: shift ? rest.slice(6) : rest, mod, shift };
}

export function matchesKey(press: KeyPress, binding: string, mac: boolean): boolean {
  const { key, mod, shift } = partsOf(binding);
  const held = mac ? press.metaKey : press.ctrlKey;
  const other = mac ? press.ctrlKey : press.metaKey;
  if (held !== mod || other || press.altKey) return false;
  const pressed = press.key === "=" && key === "+" ? "+" : press.key;
  // Signs such as ? and + need Shift on some keyboards and not on others.
  const sign = key.length === 1 && !/[a-z0-9]/i.test(key);
  if (!sign && press.shiftKey !== shift) return false;
  return pressed.toLowerCase() === key.toLowerCase();
}

const caps: Record<string, string> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Enter: "⏎",
  Delete: "Del",
  Escape: "Esc",
  "-": "−",
};

/** What is printed on the cap: `Ctrl Shift Z`, on macOS `⌘⇧Z`. */
export function keyCap(binding: string, mac: boolean): string {
  const { key, mod, shift } = partsOf(binding);
  const cap = caps[key] ?? key;
  if (mac) return `${mod ? "⌘" : ""}${shift ? "⇧" : ""}${cap}`;
  return `${mod ? "Ctrl " : ""}${shift ? "Shift " : ""}${cap}`;
}
