/** The account in the fake. The authenticator always shows `fakeSecondCode`; mailed codes are `fakeMailedCode`. */
import type { AccountCommands, SessionState } from "../../contract";
import { fail, fakePassword, nowOf, type World } from "../world";
import type { Handlers } from "./handlers";
import { openStore, setSession } from "./session";

export const fakeSecondCode = "123456";
export const fakeMailedCode = "KXQT7NRM4PWD2VHC9AZB";

const recoveryCodes = Array.from(
  { length: 10 },
  (_, index) => `${(index * 7919 + 10_007).toString(36)}-k7wq-${index}m2x`,
);

const bare = (code: string) => code.replaceAll(/[^A-Za-z0-9]/g, "").toUpperCase();

function mustKnow(password: string): void {
  if (password !== fakePassword) fail("invalid_input");
}

/** After the second factor: the clinic is chosen where there are several. */
export function enter(world: World): SessionState {
  const { clinics } = world.office;
  if (clinics.length > 1) {
    return setSession(world, { state: "choose_clinic", email: world.me.email, clinics });
  }
  return openStore(world, world.me.email);
}

function qr(): string {
  const cells = Array.from({ length: 25 * 25 }, (_, index) => [index % 25, Math.floor(index / 25)] as const);
  const dark = cells.filter(([x, y]) => {
    const corner = (x < 7 && y < 7) || (x > 17 && y < 7) || (x < 7 && y > 17);
    if (!corner) return (x * 7 + y * 13 + x * y) % 3 === 0;
    const [left, top] = [x > 17 ? x - 18 : x, y > 17 ? y - 18 : y];
    const ring = Math.max(Math.abs(left - 3), Math.abs(top - 3));
    return ring !== 2;
  });
  const path = dark.map(([x, y]) => `M${x + 2} ${y + 2}h1v1h-1z`).join("");
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29"><path fill="#fff" d="M0 0h29v29H0z"/><path d="${path}"/></svg>`;
}

export const accountHandlers: Handlers<AccountCommands> = {
  prove_second_factor: (world, { code }) => {
    if (bare(code) !== fakeSecondCode && !recoveryCodes.some((it) => bare(it) === bare(code))) fail("invalid_input");
    return enter(world);
  },
  begin_second_factor: (world, { password }) => {
    if (password !== null) mustKnow(password);
    else if (!world.passwordJustGiven) fail("password_required");
    const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    return { secret, uri: `otpauth://totp/Maneiro?secret=${secret}`, qr_svg: qr() };
  },
  confirm_second_factor: (world, { code }) => {
    if (bare(code) !== fakeSecondCode) fail("invalid_input");
    world.office.secondFactor = { ...world.office.secondFactor, enrolled_at: nowOf(world), recovery_codes_left: 10 };
    return recoveryCodes;
  },
  finish_second_factor: (world) => (world.passwordJustGiven ? enter(world) : openStore(world, world.me.email)),
  second_factor: (world) => world.office.secondFactor,
  replace_recovery_codes: (world, { password }) => {
    mustKnow(password);
    world.office.secondFactor.recovery_codes_left = 10;
    return recoveryCodes;
  },
  remove_second_factor: (world, { password }) => {
    mustKnow(password);
    world.office.secondFactor = { ...world.office.secondFactor, enrolled_at: null, recovery_codes_left: 0 };
    world.office.sessions = world.office.sessions.filter((session) => session.is_current);
    return null;
  },
  choose_clinic: (world, { organization }) => openStore(switchTo(world, organization), world.me.email),
  own_clinics: (world) => {
    const role = world.office.roleElsewhere;
    if (role && role !== world.me.role) {
      world.me = { ...world.me, role };
      setSession(world, { state: "open", me: world.me, read_only: false });
    }
    return world.office.clinics;
  },
  switch_clinic: (world, { organization }) => {
    const { requires_second_factor } = switchTo(world, organization).office.clinics.find((it) => it.is_current) ?? {};
    if (!requires_second_factor || world.office.secondFactor.enrolled_at) return openStore(world, world.me.email);
    world.passwordJustGiven = false;
    const { email, clinic } = world.me;
    return setSession(world, { state: "second_factor", step: "enrol", email, clinic });
  },
  request_password_reset: () => null,
  reset_password: (world, { code }) => {
    if (bare(code) !== fakeMailedCode) fail("code_wrong");
    return enter(world);
  },
  view_invitation: (_, { code }) => {
    if (bare(code) !== fakeMailedCode) fail("code_wrong");
    return {
      clinic: "Harbor Orthopedics",
      email: "elena.brandt@northgate.example",
      role: "doctor",
      has_account: false,
      expires_at: "2026-12-02T09:00:00Z",
    };
  },
  accept_invitation: (world, { name, password }) => {
    if (password.length < 12) fail("invalid_input");
    world.me = { ...world.me, clinic: "Harbor Orthopedics", role: "doctor", name: name ?? world.me.name };
    return openStore(world, world.me.email);
  },
  change_password: (world, { current_password }) => {
    mustKnow(current_password);
    world.office.sessions = world.office.sessions.filter((session) => session.is_current);
    return null;
  },
  sessions: (world) => world.office.sessions,
  end_session: (world, { session }) => {
    world.office.sessions = world.office.sessions.filter((it) => it.id !== session);
    return null;
  },
  end_all_sessions: (world) => {
    world.office.sessions = [];
    setSession(world, { state: "signed_out" });
    return null;
  },
  change_email: (world, { new_email, password }) => {
    mustKnow(password);
    world.office.newEmail = new_email;
    return null;
  },
  confirm_email_change: (world, { code }) => {
    if (bare(code) !== fakeMailedCode || !world.office.newEmail) fail("code_wrong");
    world.me = { ...world.me, email: world.office.newEmail ?? world.me.email };
    setSession(world, { state: "open", me: world.me, read_only: false });
    return null;
  },
  close_account: (world, { password, close_clinics }) => {
    mustKnow(password);
    if (!close_clinics && world.office.members.length === 1) fail("last_admin");
    setSession(world, { state: "signed_out" });
    return null;
  },
};

function switchTo(world: World, organization: string): World {
  const clinic = world.office.clinics.find((it) => it.organization === organization) ?? fail("not_found");
  world.office.clinics = world.office.clinics.map((it) => ({ ...it, is_current: it === clinic }));
  world.me = { ...world.me, clinic: clinic.name, role: clinic.role, organization };
  world.clinic = { ...world.clinic, name: clinic.name };
  return world;
}
