/** The shape of the fake's command tables. */
import type { World } from "../world";

export type Handlers<C extends { [N in keyof C]: { in: unknown; out: unknown } }> = {
  [N in keyof C]: (world: World, input: C[N]["in"]) => C[N]["out"] | Promise<C[N]["out"]>;
};
