/** Runs one check in both schemes: what a screen shows must be accessible in each. */
import { describe, it } from "vitest";
import { expectAccessible } from "./axe";
import { type OpenWindow, openWindow } from "./window";

type Options = NonNullable<Parameters<typeof openWindow>[0]>;

export interface ScreenState extends Options {
  name: string;
  /** Waits until the state is shown, and does what leads to it. */
  reach: (opened: OpenWindow) => Promise<unknown>;
}

/** axe without findings, every control named, in light and dark, for each state of a screen. */
export function describeStates(screen: string, states: ScreenState[]): void {
  describe(screen, () => {
    for (const scheme of ["light", "dark"] as const) {
      const named = states.map((state): [string, ScreenState] => [state.name, state]);
      it.each(named)(`%s, ${scheme}`, async (_, { reach, ...options }) => {
        const opened = openWindow({ ...options, preferences: { ...options.preferences, scheme } });
        await reach(opened);
        await expectAccessible();
      });
    }
  });
}
