//! Registration, sign-in, sessions, and the signed-in user.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::{OrgId, SessionId, UserId};

/// What a member may do in a clinic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Manages the clinic's account, and may do what a doctor may.
    Admin,
    /// Reads, analyses, signs.
    Doctor,
    /// Prepares records for a doctor.
    Assistant,
}

/// How a user proved who they are when a session began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionLevel {
    /// With the password alone.
    Password,
    /// With the password and a second factor.
    SecondFactor,
}

/// The language of a mail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailLanguage {
    /// English.
    #[default]
    En,
    /// Spanish.
    Es,
}

/// `POST /v1/auth/register`: mails a code that proves whose address this is. Nothing else is stored before the code
/// comes back. The response is the same whether or not the address has an account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// The e-mail address of the admin of the new clinic.
    #[schema(
        max_length = 254,
        pattern = "^[^@\\s\\x00-\\x1F\\x7F-\\x9F]+@[^@\\s\\x00-\\x1F\\x7F-\\x9F.][^@\\s\\x00-\\x1F\\x7F-\\x9F]*$"
    )]
    pub email: String,
    /// The language of the mail.
    #[serde(default)]
    pub language: MailLanguage,
}

/// `POST /v1/auth/register/confirm`: a new clinic with its first admin, whose address the mailed code proves.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmRegistration {
    /// The e-mail address that the code was mailed to.
    #[schema(
        max_length = 254,
        pattern = "^[^@\\s\\x00-\\x1F\\x7F-\\x9F]+@[^@\\s\\x00-\\x1F\\x7F-\\x9F.][^@\\s\\x00-\\x1F\\x7F-\\x9F]*$"
    )]
    pub email: String,
    /// The eight characters of the mailed code. Case, spaces and hyphens do not matter.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String, format = Password)]
    pub code: SecretString,
    /// The clinic's name, 1 to 200 characters.
    #[schema(
        max_length = 200,
        pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]*[^\\s\\x00-\\x1F\\x7F-\\x9F][^\\x00-\\x1F\\x7F-\\x9F]*$"
    )]
    pub clinic: String,
    /// The admin's name, 1 to 200 characters.
    #[schema(
        max_length = 200,
        pattern = "^[^\\x00-\\x1F\\x7F-\\x9F]*[^\\s\\x00-\\x1F\\x7F-\\x9F][^\\x00-\\x1F\\x7F-\\x9F]*$"
    )]
    pub name: String,
    /// The password of the new account, 12 to 256 characters.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String, format = Password, min_length = 12, max_length = 256)]
    pub password: SecretString,
}

/// `POST /v1/auth/login`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The e-mail address of the account.
    pub email: String,
    /// The password of the account.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String, format = Password)]
    pub password: SecretString,
    /// The clinic to act in. Without it, a member of several clinics acts in the one they joined first.
    #[serde(default)]
    pub organization: Option<OrgId>,
}

/// What a session that began with a password alone lacks: until then it reaches nothing but this and sign-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum SecondFactorStep {
    /// A code of the user's authenticator, or a recovery code.
    Prove,
    /// The clinic requires a second factor, and the user has none yet.
    Enrol,
}

/// A new session. The token is returned this once and is stored nowhere in clear text.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LoginResponse {
    /// To be sent as `Authorization: Bearer …`.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String)]
    pub token: SecretString,
    /// When the session ends at the latest.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    /// The user and the clinic of the session.
    pub me: Me,
    /// What the session lacks before it reaches anything else; absent once it lacks nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_factor: Option<SecondFactorStep>,
}

/// `POST /v1/me/password`. Ends every other session of the user.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The password until now.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String, format = Password)]
    pub current_password: SecretString,
    /// The password from now on, 12 to 256 characters.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String, format = Password)]
    pub new_password: SecretString,
}

/// `GET /v1/sessions`: a session of the user that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActiveSession {
    /// The session's id.
    pub id: SessionId,
    /// The clinic it acts in.
    pub organization: OrgId,
    /// How it began.
    pub level: SessionLevel,
    /// Whether it is the one that asks.
    pub is_current: bool,
    /// Whether an operator of the platform acts as the user in it.
    pub is_support: bool,
    /// The IP address that signed in.
    pub address: Option<String>,
    /// What the client that signed in said of itself.
    pub device: Option<String>,
    /// When it began.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it was last used, to ten seconds.
    #[serde(with = "time::serde::rfc3339")]
    pub last_used_at: OffsetDateTime,
    /// When it ends at the latest.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

/// `GET /v1/me`: the user of the session and the clinic it acts in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// The user's id.
    pub user: UserId,
    /// The user's name.
    pub name: String,
    /// The user's e-mail address.
    pub email: String,
    /// The clinic's id.
    pub organization: OrgId,
    /// The clinic's name.
    pub clinic: String,
    /// The user's role in the clinic.
    pub role: Role,
    /// Whether the user signs reports of the clinic.
    pub signs: bool,
    /// Minutes without use after which the clinic's policy has the session end and the window lock itself.
    pub idle_minutes: u32,
    /// The clinic's plan and what is left of it in this period.
    pub usage: Usage,
}

/// A clinic's plan and how much of it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// The plan's key in the catalogue, such as `trial`.
    pub plan: String,
    /// When the trial ends or ended; absent if there was none.
    #[serde(with = "time::serde::rfc3339::option")]
    pub trial_ends_at: Option<OffsetDateTime>,
    /// Analyses used in the period.
    pub analyses_used: u32,
    /// Analyses in a period that the plan allows; absent means unlimited.
    pub analyses_limit: Option<u32>,
    /// When `analyses_used` starts again at 0.
    #[serde(with = "time::serde::rfc3339")]
    pub resets_at: OffsetDateTime,
}
