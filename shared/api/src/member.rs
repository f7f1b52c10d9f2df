//! The members of a clinic, the invitations to it, and the clinics of one user.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::{
    InvitationId, OrgId, UserId,
    account::{MailLanguage, Role},
};

/// `GET /v1/members`: somebody who belongs to the clinic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Member {
    /// The user's id.
    pub user: UserId,
    /// The user's name.
    pub name: String,
    /// The user's e-mail address.
    pub email: String,
    /// The user's role in the clinic.
    pub role: Role,
    /// Whether the user signs reports of the clinic.
    pub signs: bool,
    /// When the user joined, or joined again.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "typescript", ts(type = "Timestamp"))]
    pub joined_at: OffsetDateTime,
    /// When a session of the user in this clinic was last used; absent if never, or unless an admin asks.
    #[serde(default, with = "time::serde::rfc3339::option")]
    #[cfg_attr(feature = "typescript", ts(type = "Timestamp | null"))]
    pub last_seen_at: Option<OffsetDateTime>,
    /// Whether the user has a second factor; absent unless an admin asks.
    pub has_second_factor: Option<bool>,
    /// Records that belong to the user; absent unless an admin asks.
    pub records: Option<u32>,
}

/// `PATCH /v1/members/{user}`: what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateMember {
    /// The role from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Whether the user signs reports from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signs: Option<bool>,
}

/// `POST /v1/members/{user}/remove` and `POST /v1/me/leave`: what becomes of the records of whoever leaves.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    /// The member whom the records belong to from now on. Without one they are kept as they are, and admins see them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records_to: Option<UserId>,
}

/// `POST /v1/invitations`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateInvitation {
    /// The e-mail address to invite.
    #[schema(
        max_length = 254,
        pattern = "^[^@\\s\\x00-\\x1F\\x7F-\\x9F]+@[^@\\s\\x00-\\x1F\\x7F-\\x9F.][^@\\s\\x00-\\x1F\\x7F-\\x9F]*$"
    )]
    pub email: String,
    /// The role of whoever accepts it.
    pub role: Role,
    /// Whether they will sign reports.
    #[serde(default)]
    pub signs: bool,
    /// The language of the mail.
    #[serde(default)]
    pub language: MailLanguage,
}

/// How an invitation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum InvitationState {
    /// It can be accepted.
    Open,
    /// Its time is over; it can be sent again.
    Expired,
    /// The mail server refused the address; it can be sent again or revoked.
    Undeliverable,
}

/// `GET /v1/invitations`: an invitation that was neither accepted nor revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Invitation {
    /// The invitation's id.
    pub id: InvitationId,
    /// The address that is invited.
    pub email: String,
    /// The role of whoever accepts it.
    pub role: Role,
    /// Whether they will sign reports.
    pub signs: bool,
    /// How it stands.
    pub state: InvitationState,
    /// The user who invited.
    pub invited_by: UserId,
    /// When its latest mail was requested.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "typescript", ts(type = "Timestamp"))]
    pub sent_at: OffsetDateTime,
    /// When it ends unless it is accepted.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "typescript", ts(type = "Timestamp"))]
    pub expires_at: OffsetDateTime,
}

/// `POST /v1/auth/invitations/view`: the secret of the mail.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ViewInvitation {
    /// The secret that was mailed.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String, format = Password)]
    pub token: SecretString,
}

/// What whoever was invited sees before they accept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct OfferedMembership {
    /// The clinic's name.
    pub clinic: String,
    /// The address that is invited.
    pub email: String,
    /// The role in the clinic.
    pub role: Role,
    /// Whether the address has an account, whose password then accepts it.
    pub has_account: bool,
    /// When the invitation ends.
    #[serde(with = "time::serde::rfc3339")]
    #[cfg_attr(feature = "typescript", ts(type = "Timestamp"))]
    pub expires_at: OffsetDateTime,
}

/// `POST /v1/auth/invitations/accept`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptInvitation {
    /// The secret that was mailed.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String, format = Password)]
    pub token: SecretString,
    /// The name of a new account, 1 to 200 characters. Not looked at if the address has one.
    #[serde(default)]
    pub name: Option<String>,
    /// The password of the account, or that of a new one, 12 to 256 characters.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String, format = Password)]
    pub password: SecretString,
}

/// `GET /v1/me/clinics`: a clinic that the user is a member of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct OwnClinic {
    /// The clinic's id.
    pub organization: OrgId,
    /// The clinic's name.
    pub name: String,
    /// The user's role in it.
    pub role: Role,
    /// Whether the session acts in it.
    pub is_current: bool,
    /// Whether it requires a second factor, which a switch asks for if the session had none.
    pub requires_second_factor: bool,
}

/// `POST /v1/me/clinic`: the clinic to act in from now on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SwitchClinic {
    /// The clinic's id.
    pub organization: OrgId,
}
