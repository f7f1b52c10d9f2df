/** The door in the fake. The password is always `fakePassword`, the mailed code always `NRTH-4821`. */
import type { SessionCommands, SessionState } from "../../contract";
import { elenaMe, fail, fakePassword, type World } from "../world";
import { enter } from "./account";
import type { Handlers } from "./handlers";

export const fakeCode = "NRTH4821";

export function setSession(world: World, session: SessionState): SessionState {
  world.session = session;
  world.emit({ event: "session", session });
  return session;
}

/** Opens the store, if there is a keychain for its key. */
export function openStore(world: World, email: string): SessionState {
  if (!world.keychainWorks) {
    const fault = { number: "KEYCHAIN-02", reason: "no_answer", seconds: 5 } as const;
    return setSession(world, { state: "no_keychain", fault, email });
  }
  return setSession(world, { state: "open", me: world.me, read_only: false });
}

export const sessionHandlers: Handlers<SessionCommands> = {
  start: (world) => ({
    version: "1.4.2",
    platform: "linux",
    server: world.server,
    session: world.session,
    preferences: world.preferences,
    page_base: "fake:",
  }),
  check_server: (_, { url }) => {
    let address: URL;
    try {
      address = new URL(url.includes("://") ? url : `https://${url}`);
    } catch {
      return fail("invalid_input");
    }
    if (address.hostname.includes("nowhere")) return fail("server_unreachable", { url: address.host });
    if (address.hostname.includes("other")) return fail("server_not_maneiro", { url: address.host });
    if (address.hostname.includes("old")) return fail("server_too_old", { version: "0.8.0" });
    return { url: address.origin, preset: address.hostname === "cloud.maneiro.example", version: "1.4.2" };
  },
  use_server: async (world, { url }) => {
    world.server = await sessionHandlers.check_server(world, { url });
    return world.server;
  },
  register: (world, { email, clinic, name }) => {
    world.mailed.set(email, { code: fakeCode, clinic, name });
    return null;
  },
  mailed_code: (world, { email }) =>
    world.server.url.includes("localhost") ? (world.mailed.get(email)?.code ?? null) : null,
  confirm_registration: (world, { email, code }) => {
    const mailed = world.mailed.get(email);
    if (!mailed || code.replaceAll(/[^A-Za-z0-9]/g, "").toUpperCase() !== mailed.code) return fail("code_wrong");
    world.me = { ...elenaMe, email, clinic: mailed.clinic, name: mailed.name };
    world.clinic = { ...world.clinic, name: mailed.clinic };
    return openStore(world, email);
  },
  sign_in: (world, { email, password }) => {
    if (password !== fakePassword) return fail("invalid_credentials");
    world.me = { ...world.me, email };
    world.passwordJustGiven = true;
    const { asksAtDoor } = world.office;
    if (!asksAtDoor) return enter(world);
    return setSession(world, { state: "second_factor", step: asksAtDoor, email, clinic: world.me.clinic });
  },
  unlock: (world, { password }) => {
    if (password !== fakePassword) return fail("wrong_password");
    return openStore(world, world.me.email);
  },
  lock: (world) => {
    const { name, clinic, email } = world.me;
    setSession(world, { state: "locked", name, clinic, email, reason: "key", idle_minutes: 15, needs_sign_in: false });
    return null;
  },
  sign_out: (world) => {
    setSession(world, { state: "signed_out" });
    return null;
  },
  look_for_keychain: (world) => openStore(world, world.me.email),
  work_in_memory: (world) => setSession(world, { state: "open", me: world.me, read_only: true }),
  set_preferences: (world, changes) => {
    world.preferences = { ...world.preferences, ...changes };
    return world.preferences;
  },
  window_ready: () => null,
  active: () => null,
};
