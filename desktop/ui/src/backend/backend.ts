/** What the window needs of the shell. Two implementations: `tauri.ts` for the product, `fake/` for tests and screens. */
import type { BBox, CommandError, CommandName, Commands, ErrorCode, ShellEvent } from "./contract";

export type Input<N extends CommandName> = Commands[N]["in"];
export type Output<N extends CommandName> = Commands[N]["out"];

/** The argument, left away where a command has none. */
export type Args<N extends CommandName> = Input<N> extends undefined ? [] : [Input<N>];

export interface Backend {
  /** Rejects with a `BackendError`, never with anything else. */
  call<N extends CommandName>(name: N, ...args: Args<N>): Promise<Output<N>>;
  /** Whether the shell has this command. A place whose commands are missing is not shown. */
  offers(name: CommandName): boolean;
  /** Hears every event from now on; call the answer to stop. */
  listen(handler: (event: ShellEvent) => void): () => void;
  /** Where an image of a page lies, `pixels` wide: number of the page in its file. */
  pageImage(document: string, page: number, pixels: number): string;
  /** Where an image of a piece of a page lies, the piece `pixels` wide; for lines that were not understood. */
  pageStrip(document: string, page: number, box: BBox, pixels: number): string;
  /** Where an image of a page of a drawn report lies. */
  reportImage(preview: string, page: number, pixels: number): string;
}

/** A command that failed: a code with parameters, to be said in the window's language. */
export class BackendError extends Error {
  readonly code: ErrorCode;
  readonly params: CommandError["params"];
  readonly requestId: string | null;

  constructor(error: CommandError) {
    super(error.code);
    this.name = "BackendError";
    this.code = error.code;
    this.params = error.params;
    this.requestId = error.request_id;
  }
}
