//! The members of the clinic, the invitations to it, and the user's clinics.

use http::Method;

use super::{Client, ClientError, parse, request::Idempotency};
use crate::{
    InvitationId, UserId,
    account::LoginResponse,
    member::{
        AcceptInvitation, CreateInvitation, HandOver, Invitation, Member, OfferedMembership, OwnClinic,
        SwitchClinic, UpdateMember, ViewInvitation,
    },
    record::List,
};

impl Client {
    /// The members of the clinic, by name.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn members(&self) -> Result<Vec<Member>, ClientError> {
        Ok(self.get::<List<Member>>("v1/members").await?.items)
    }

    /// Changes a member's role, or whether they sign.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the clinic has no such member, `InvalidInput` for the last admin.
    pub async fn update_member(&self, user: UserId, update: &UpdateMember) -> Result<Member, ClientError> {
        let path = format!("v1/members/{user}");
        parse(&self.send_json(Method::PATCH, &path, update, Idempotency::Idempotent).await?)
    }

    /// Removes a member. Their sessions in the clinic end.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the clinic has no such member, `InvalidInput` for the last admin.
    pub async fn remove_member(&self, user: UserId, hand_over: &HandOver) -> Result<(), ClientError> {
        let path = format!("v1/members/{user}/remove");
        self.send_json(Method::POST, &path, hand_over, Idempotency::NotIdempotent).await.map(drop)
    }

    /// Leaves the clinic.
    ///
    /// # Errors
    /// [`ClientError`]; `InvalidInput` for the last admin.
    pub async fn leave_clinic(&self, hand_over: &HandOver) -> Result<(), ClientError> {
        self.send_json(Method::POST, "v1/me/leave", hand_over, Idempotency::NotIdempotent).await.map(drop)
    }

    /// Invites an address.
    ///
    /// # Errors
    /// [`ClientError`]; `InvalidInput` if it belongs to a member or is invited already, `LimitReached` without a free seat.
    pub async fn create_invitation(&self, invite: &CreateInvitation) -> Result<Invitation, ClientError> {
        self.post("v1/invitations", invite, Idempotency::NotIdempotent).await
    }

    /// The invitations that were neither accepted nor revoked, newest first.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn invitations(&self) -> Result<Vec<Invitation>, ClientError> {
        Ok(self.get::<List<Invitation>>("v1/invitations").await?.items)
    }

    /// Mails an invitation again, for another seven days. The secret of the earlier mail ends.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if it was accepted or revoked.
    pub async fn resend_invitation(&self, invitation: InvitationId) -> Result<Invitation, ClientError> {
        let path = format!("v1/invitations/{invitation}/resend");
        parse(&self.call(Idempotency::NotIdempotent, || self.request(Method::POST, &path)).await?)
    }

    /// Revokes an invitation.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if it was accepted or revoked.
    pub async fn revoke_invitation(&self, invitation: InvitationId) -> Result<(), ClientError> {
        self.delete(&format!("v1/invitations/{invitation}")).await
    }

    /// What an invitation offers.
    ///
    /// # Errors
    /// [`ClientError`]; `CodeWrong` if the secret is none, `CodeExpired` if it can no longer be accepted.
    pub async fn view_invitation(&self, view: &ViewInvitation) -> Result<OfferedMembership, ClientError> {
        self.post("v1/auth/invitations/view", view, Idempotency::NotIdempotent).await
    }

    /// Accepts an invitation, and signs in.
    ///
    /// # Errors
    /// [`ClientError`]; as [`Client::view_invitation`], and `InvalidCredentials` if the address has an account with another
    /// password, `LimitReached` without a free seat.
    pub async fn accept_invitation(&self, accept: &AcceptInvitation) -> Result<LoginResponse, ClientError> {
        self.post("v1/auth/invitations/accept", accept, Idempotency::NotIdempotent).await
    }

    /// The clinics that the user is a member of, by name.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn own_clinics(&self) -> Result<Vec<OwnClinic>, ClientError> {
        Ok(self.get::<List<OwnClinic>>("v1/me/clinics").await?.items)
    }

    /// Acts in another clinic. The token that was used ends; the response has the one from now on.
    ///
    /// # Errors
    /// [`ClientError`]; `NotFound` if the user is not a member of it.
    pub async fn switch_clinic(&self, switch: &SwitchClinic) -> Result<LoginResponse, ClientError> {
        self.post("v1/me/clinic", switch, Idempotency::NotIdempotent).await
    }
}
