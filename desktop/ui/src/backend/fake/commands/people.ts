/** People, policy, profile and first steps in the fake. */
import type { Member, PeopleCommands } from "../../contract";
import { fail, mustWrite, nextId, nowOf, type World } from "../world";
import type { Handlers } from "./handlers";
import { setSession } from "./session";

const weekMs = 7 * 24 * 60 * 60_000;

function memberIn(world: World, user: string): Member {
  return world.office.members.find((member) => member.user === user) ?? fail("not_found");
}

/** The last admin stays one. */
function mustLeaveAdmin(world: World, without: string): void {
  if (!world.office.members.some((member) => member.role === "admin" && member.user !== without)) {
    fail("invalid_input");
  }
}

function invitationIn(world: World, id: string) {
  return world.office.invitations.find((invitation) => invitation.id === id) ?? fail("not_found");
}

export const peopleHandlers: Handlers<PeopleCommands> = {
  members: (world) => world.office.members.toSorted((a, b) => a.name.localeCompare(b.name)),
  update_member: (world, { user, role, signs }) => {
    mustWrite(world);
    const member = memberIn(world, user);
    if (role && role !== "admin" && member.role === "admin") mustLeaveAdmin(world, user);
    Object.assign(member, role && { role }, signs !== undefined && { signs });
    return member;
  },
  remove_member: (world, { user, records_to }) => {
    mustWrite(world);
    const member = memberIn(world, user);
    if (member.role === "admin") mustLeaveAdmin(world, user);
    if (records_to) {
      const heir = memberIn(world, records_to);
      heir.records = (heir.records ?? 0) + (member.records ?? 0);
    }
    world.office.members = world.office.members.filter((it) => it.user !== user);
    return null;
  },
  leave_clinic: (world) => {
    mustLeaveAdmin(world, world.me.user);
    setSession(world, { state: "signed_out" });
    return null;
  },
  invitations: (world) => world.office.invitations,
  create_invitation: (world, { email, role, signs }) => {
    mustWrite(world);
    const { members, invitations, subscription, policy } = world.office;
    if ([...members, ...invitations].some((it) => it.email === email)) fail("invalid_input");
    const domain = email.split("@")[1] ?? "";
    if (policy.mail_domains.length > 0 && !policy.mail_domains.includes(domain)) fail("invalid_input");
    const seats = subscription.limits.find((it) => it.limit === "seats");
    if (seats?.maximum != null && members.length + invitations.length >= seats.maximum + 100) {
      fail("limit_reached", { limit: "seats", used: seats.used, maximum: seats.maximum });
    }
    const invitation = {
      id: nextId(world, "inv"),
      email,
      role,
      signs,
      state: "open" as const,
      invited_by: world.me.user,
      sent_at: nowOf(world),
      expires_at: new Date(world.now + weekMs).toISOString(),
    };
    invitations.unshift(invitation);
    return invitation;
  },
  resend_invitation: (world, { invitation }) => {
    mustWrite(world);
    return Object.assign(invitationIn(world, invitation), {
      state: "open" as const,
      sent_at: nowOf(world),
      expires_at: new Date(world.now + weekMs).toISOString(),
    });
  },
  revoke_invitation: (world, { invitation }) => {
    mustWrite(world);
    const revoked = invitationIn(world, invitation);
    world.office.invitations = world.office.invitations.filter((it) => it !== revoked);
    return null;
  },
  policy: (world) => world.office.policy,
  save_policy: (world, policy) => {
    mustWrite(world);
    world.office.policy = policy;
    return policy;
  },
  clinic_profile: (world) => world.office.profile,
  save_clinic_profile: (world, profile) => {
    mustWrite(world);
    if (!profile.name.trim()) fail("invalid_input");
    world.office.profile = profile;
    world.clinic = { ...world.clinic, name: profile.name };
    world.me = { ...world.me, clinic: profile.name };
    if (world.session.state === "open") setSession(world, { ...world.session, me: world.me });
    return profile;
  },
  onboarding: (world) => world.office.onboarding,
  answer_onboarding: (world, answers) => {
    world.office.onboarding = {
      ...world.office.onboarding,
      answers,
      answered_at: nowOf(world),
      defaults: {
        report_sections: ["summary", "problems", "medications"],
        retention_days: answers.specialty === "medico_legal" ? 365 : 90,
        recording_consent: answers.main_use === "dictation" ? "This conversation is recorded for your record." : null,
      },
    };
    return setStep(world, "answers", "done");
  },
  set_onboarding_step: (world, { step, state }) => setStep(world, step, state),
};

function setStep(world: World, step: string, state: "open" | "done" | "skipped") {
  const { onboarding } = world.office;
  onboarding.checklist = onboarding.checklist.map((item) => (item.step === step ? { ...item, state } : item));
  return onboarding;
}
