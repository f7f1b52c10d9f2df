//! The people of the clinic, the invitations to it, and what it requires of them.

use maneiro_api::{
    InvitationId, UserId,
    account::Role,
    member::{CreateInvitation, HandOver, Invitation, Member, UpdateMember},
    policy::ClinicPolicy,
};

use super::state::Desktop;
use crate::contract::common::CommandError;

impl Desktop {
    /// The members of the clinic, by name. What it says of this member is what the window shows from then on.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn members(&self) -> Result<Vec<Member>, CommandError> {
        let session = self.session()?;
        let members = session.client.members().await?;
        let mut me = session.member();
        let own = members.iter().find(|member| member.user == me.user);
        if let Some(own) = own.filter(|own| (own.role, own.signs) != (me.role, me.signs)) {
            (me.role, me.signs) = (own.role, own.signs);
            self.set_member(&session, me);
        }
        Ok(members)
    }

    /// Changes a member's role, or whether they sign.
    ///
    /// # Errors
    /// `InvalidInput` if the last admin would be none; `NotFound`; `PermissionDenied` unless an admin asks; those of the call.
    pub async fn update_member(&self, user: UserId, update: &UpdateMember) -> Result<Member, CommandError> {
        let session = self.session()?;
        let member = session.client.update_member(user, update).await?;
        let mut me = session.member();
        if me.user == user {
            (me.role, me.signs) = (member.role, member.signs);
            self.set_member(&session, me);
        }
        Ok(member)
    }

    /// Removes a member. Without somebody to take them their records stay as they are.
    ///
    /// # Errors
    /// As [`Self::update_member`].
    pub async fn remove_member(&self, user: UserId, hand_over: &HandOver) -> Result<(), CommandError> {
        Ok(self.session()?.client.remove_member(user, hand_over).await?)
    }

    /// Leaves the clinic, which ends the session in it.
    ///
    /// # Errors
    /// `InvalidInput` for the last admin; those of the call.
    pub async fn leave_clinic(&self, hand_over: &HandOver) -> Result<(), CommandError> {
        self.session()?.client.leave_clinic(hand_over).await?;
        self.sign_out().await
    }

    /// The invitations that were neither accepted nor revoked, newest first.
    ///
    /// # Errors
    /// `PermissionDenied` unless an admin asks; those of the call.
    pub async fn invitations(&self) -> Result<Vec<Invitation>, CommandError> {
        Ok(self.session()?.client.invitations().await?)
    }

    /// Invites an address, by a mail in the language of the window.
    ///
    /// # Errors
    /// `InvalidInput` if it is no address, belongs to a member or is invited already; `LimitReached` without a free seat; those
    /// of the call.
    pub async fn create_invitation(
        &self,
        email: String,
        role: Role,
        signs: bool,
    ) -> Result<Invitation, CommandError> {
        let invite = CreateInvitation { email, role, signs, language: self.mail_language() };
        Ok(self.session()?.client.create_invitation(&invite).await?)
    }

    /// Mails an invitation again, for another seven days; the earlier mail no longer works.
    ///
    /// # Errors
    /// `NotFound` if it was accepted or revoked; those of the call.
    pub async fn resend_invitation(&self, invitation: InvitationId) -> Result<Invitation, CommandError> {
        Ok(self.session()?.client.resend_invitation(invitation).await?)
    }

    /// Revokes an invitation.
    ///
    /// # Errors
    /// `NotFound` if it was accepted or revoked; those of the call.
    pub async fn revoke_invitation(&self, invitation: InvitationId) -> Result<(), CommandError> {
        Ok(self.session()?.client.revoke_invitation(invitation).await?)
    }

    /// What the clinic requires of its members and permits.
    ///
    /// # Errors
    /// Those of the call.
    pub async fn policy(&self) -> Result<ClinicPolicy, CommandError> {
        Ok(self.session()?.client.policy().await?)
    }

    /// Replaces the policy. If this session lacks what it requires from then on, only a full sign-in opens.
    ///
    /// # Errors
    /// `InvalidInput` if something of it is out of bounds; `PermissionDenied` unless an admin asks; those of the call.
    pub async fn save_policy(&self, policy: &ClinicPolicy) -> Result<ClinicPolicy, CommandError> {
        let session = self.session()?;
        let saved = session.client.set_policy(policy).await?;
        self.check_session(&session).await;
        Ok(saved)
    }
}
