/** The people of the clinic, its policy, its profile and its first steps: the commands. */
import type {
  ClinicPolicy,
  Invitation,
  InvitationId,
  Language,
  Member,
  Role,
  Timestamp,
  UserId,
} from "../generated/types";

export interface ClinicProfile {
  name: string;
  legal_name: string | null;
  address: string | null;
  time_zone: string;
  language: Language;
  footer: string | null;
}

export const specialties = [
  "general_practice",
  "internal_medicine",
  "orthopaedics",
  "neurology",
  "psychiatry",
  "occupational_medicine",
  "medico_legal",
  "other",
] as const;
export type Specialty = (typeof specialties)[number];

export const clinicSizes = ["one", "up_to_ten", "up_to_fifty", "more"] as const;
export type ClinicSize = (typeof clinicSizes)[number];

export const mainUses = ["record_review", "care_preparation", "dictation"] as const;
export type MainUse = (typeof mainUses)[number];

export type OnboardingStep = "answers" | "profile" | "letterhead" | "invitation" | "record";
export type StepState = "open" | "done" | "skipped";

export interface OnboardingAnswers {
  specialty: Specialty;
  size: ClinicSize;
  main_use: MainUse;
}

export interface Onboarding {
  answers: OnboardingAnswers | null;
  answered_at: Timestamp | null;
  /** What follows of the answers. */
  defaults: { report_sections: string[]; retention_days: number; recording_consent: string | null } | null;
  checklist: { step: OnboardingStep; state: StepState }[];
}

export interface PeopleCommands {
  /** By name. */
  members: { in: undefined; out: Member[] };
  /** `invalid_input` for the last admin, who stays one. */
  update_member: { in: { user: UserId; role?: Role; signs?: boolean }; out: Member };
  /** `records_to` null: their records stay as they are, and admins see them. */
  remove_member: { in: { user: UserId; records_to: UserId | null }; out: null };
  /** Leaves the clinic; the session in it ends. */
  leave_clinic: { in: { records_to: UserId | null }; out: null };
  /** Neither accepted nor revoked, newest first. */
  invitations: { in: undefined; out: Invitation[] };
  create_invitation: { in: { email: string; role: Role; signs: boolean }; out: Invitation };
  /** Mails it again for another seven days; the earlier mail no longer works. */
  resend_invitation: { in: { invitation: InvitationId }; out: Invitation };
  revoke_invitation: { in: { invitation: InvitationId }; out: null };
  policy: { in: undefined; out: ClinicPolicy };
  /** Who saved it may lack what it requires from then on: the window is then locked. */
  save_policy: { in: ClinicPolicy; out: ClinicPolicy };
  clinic_profile: { in: undefined; out: ClinicProfile };
  save_clinic_profile: { in: ClinicProfile; out: ClinicProfile };
  onboarding: { in: undefined; out: Onboarding };
  answer_onboarding: { in: OnboardingAnswers; out: Onboarding };
  set_onboarding_step: { in: { step: OnboardingStep; state: StepState }; out: Onboarding };
}
