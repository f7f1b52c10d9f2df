/** The shell of the product. The only file that talks to Tauri. */
import { Channel, invoke } from "@tauri-apps/api/core";
import type { Args, Backend, Output } from "./backend";
import type { CommandName, ShellEvent } from "./contract";
import { toBackendError } from "./errors";
import { notOffered } from "./notOffered";

export function tauriBackend(): Backend {
  const handlers = new Set<(event: ShellEvent) => void>();
  let pageBase = "";

  // One channel for everything: events keep their order, and a reloaded window subscribes anew.
  const channel = new Channel<ShellEvent>();
  channel.onmessage = (event) => {
    for (const handler of handlers) handler(event);
  };
  const subscribed = invoke("subscribe", { channel });

  return {
    async call<N extends CommandName>(name: N, ...args: Args<N>): Promise<Output<N>> {
      try {
        await subscribed;
        const output = await invoke<Output<N>>(name, args.length ? { input: args[0] } : undefined);
        if (name === "start") pageBase = (output as Output<"start">).page_base;
        return output;
      } catch (thrown) {
        throw toBackendError(thrown);
      }
    },
    offers: (name) => !notOffered.includes(name),
    listen(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    pageImage: (document, page, pixels) => `${pageBase}/${document}/${page}?w=${pixels}`,
    pageStrip: (document, page, { x0, y0, x1, y1 }, pixels) =>
      `${pageBase}/${document}/${page}?w=${pixels}&box=${[x0, y0, x1, y1].map((it) => it.toFixed(1)).join(",")}`,
    reportImage: (preview, page, pixels) => `${pageBase}/report/${preview}/${page}?w=${pixels}`,
  };
}
