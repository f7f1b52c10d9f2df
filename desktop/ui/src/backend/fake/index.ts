/** The fake backend: the whole contract over a world in memory. For tests, screens and development; never in the release build. */
import type { Args, Backend, Output } from "../backend";
import type { CommandName, Commands, ShellEvent } from "../contract";
import { toBackendError } from "../errors";
import { advanceRuns } from "./analysing";
import { accountHandlers } from "./commands/account";
import { billingHandlers } from "./commands/billing";
import type { Handlers } from "./commands/handlers";
import { borrowed, pagesHandlers } from "./commands/pages";
import { peopleHandlers } from "./commands/people";
import { offer, recordsHandlers } from "./commands/records";
import { reportHandlers } from "./commands/report";
import { reviewHandlers } from "./commands/review";
import { sessionHandlers } from "./commands/session";
import { settingsHandlers } from "./commands/settings";
import { advanceReading } from "./reading";
import { drawSheet } from "./report/sheet";
import { pageImage } from "./sample/image";
import { samplePage } from "./sample/record";
import { type Scenario, worldOf } from "./scenarios";
import { fail, type World } from "./world";

const handlers: Handlers<Commands> = {
  ...sessionHandlers,
  ...recordsHandlers,
  ...pagesHandlers,
  ...reviewHandlers,
  ...reportHandlers,
  ...settingsHandlers,
  ...accountHandlers,
  ...peopleHandlers,
  ...billingHandlers,
};

export interface FakeBackend extends Backend {
  world: World;
  /** Moves the clock: pages get read. */
  advance(ms: number): void;
  emit(event: ShellEvent): void;
  /** As if files of these names were dropped onto the window. */
  drop(names: string[], at?: { x: number; y: number }): void;
}

export function fakeBackend(scenario: Scenario = "full"): FakeBackend {
  const listeners = new Set<(event: ShellEvent) => void>();
  const emit = (event: ShellEvent) => {
    const copy = structuredClone(event);
    for (const listener of listeners) listener(copy);
  };
  const world = worldOf(scenario, emit);

  async function run<N extends CommandName>(name: N, input: Commands[N]["in"]): Promise<Output<N>> {
    if (world.hanging.has(name)) return new Promise(() => {});
    const code = world.failing.get(name);
    if (code) fail(code, {}, "req_0197a6b2c3d4");
    const handler = handlers[name] as (world: World, input: Commands[N]["in"]) => Output<N> | Promise<Output<N>>;
    // Copies both ways, as over the real border: nobody may share an object with the world.
    return structuredClone(await handler(world, structuredClone(input)));
  }

  return {
    world,
    emit,
    async call<N extends CommandName>(name: N, ...args: Args<N>) {
      try {
        return await run(name, args[0] as Commands[N]["in"]);
      } catch (thrown) {
        throw toBackendError(thrown);
      }
    },
    offers: (name) => !world.missing.has(name),
    listen(handler) {
      listeners.add(handler);
      return () => listeners.delete(handler);
    },
    advance(ms) {
      world.now += ms;
      advanceReading(world, ms);
      advanceRuns(world, ms);
    },
    drop(names, at = { x: 0, y: 0 }) {
      emit({ event: "drag", count: 0, ...at });
      emit({ event: "files_offered", files: names.map((name) => offer(world, name, 900)), how: "dropped", at });
    },
    pageImage: (document, page, pixels) => pageImage(samplePage(borrowed(page)), document + page, pixels),
    pageStrip: (document, page, box, pixels) => pageImage(samplePage(borrowed(page)), document + page, pixels, { box }),
    reportImage: (preview, page, pixels) => drawSheet(world.previews.get(preview)?.[page - 1], pixels),
  };
}
