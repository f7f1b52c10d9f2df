/** The account: second factor, password, sessions, address, and the clinics of one person: the commands. */
import type {
  ActiveSession,
  Enrolment,
  OfferedMembership,
  OrgId,
  OwnClinic,
  SecondFactorStatus,
  SessionState,
} from "../generated/types";

export interface AccountCommands {
  /** A code of the authenticator, or a recovery code. `invalid_input` if it is neither. */
  prove_second_factor: { in: { code: string }; out: SessionState };
  /** `password` null at the door, where it was just given; `password_required` if it was not. */
  begin_second_factor: { in: { password: string | null }; out: Enrolment };
  /** Answers the ten recovery codes, which are shown this once. The session goes on with `finish_second_factor` at the door. */
  confirm_second_factor: { in: { code: string }; out: string[] };
  /** The recovery codes are kept: opens the window. */
  finish_second_factor: { in: undefined; out: SessionState };
  second_factor: { in: undefined; out: SecondFactorStatus };
  replace_recovery_codes: { in: { password: string }; out: string[] };
  /** Ends every other session. */
  remove_second_factor: { in: { password: string }; out: null };
  /** Where a person belongs to several clinics, at the door. */
  choose_clinic: { in: { organization: OrgId }; out: SessionState };
  own_clinics: { in: undefined; out: OwnClinic[] };
  /** Goes on in another clinic; what that one asks more is asked now. */
  switch_clinic: { in: { organization: OrgId }; out: SessionState };
  /** Mails a code; the answer is the same whether the address is known. */
  request_password_reset: { in: { email: string }; out: null };
  reset_password: { in: { code: string; new_password: string }; out: SessionState };
  view_invitation: { in: { code: string }; out: OfferedMembership };
  accept_invitation: { in: { code: string; name: string | null; password: string }; out: SessionState };
  /** Ends every other session, and seals this computer's store anew. */
  change_password: { in: { current_password: string; new_password: string }; out: null };
  sessions: { in: undefined; out: ActiveSession[] };
  end_session: { in: { session: string }; out: null };
  /** Every session, this one too. */
  end_all_sessions: { in: undefined; out: null };
  /** Mails a code to the new address and tells the present one. */
  change_email: { in: { new_email: string; password: string }; out: null };
  confirm_email_change: { in: { code: string }; out: null };
  /** Cannot be undone. `last_admin` if a clinic would be left without one. */
  close_account: { in: { password: string; close_clinics: boolean }; out: null };
}
