//! Registration, sign-in and who one is.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::{OrgId, UserId};

/// What a member may do in a clinic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the clinic's account, and may do what a doctor may.
    Admin,
    /// Reads, analyses, signs.
    Doctor,
    /// Prepares records for a doctor.
    Assistant,
}

/// `POST /v1/auth/register`: a new clinic with its first admin.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// The clinic's name, 1 to 200 characters.
    pub clinic: String,
    /// The person's name, 1 to 200 characters.
    pub name: String,
    /// The person's e-mail address.
    pub email: String,
    /// At least 12 characters.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String, format = Password)]
    pub password: SecretString,
}

/// `POST /v1/auth/login`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The person's e-mail address.
    pub email: String,
    /// Their password.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String, format = Password)]
    pub password: SecretString,
    /// Which clinic to act in; needed only by members of several, who otherwise get the one they joined first.
    #[serde(default)]
    pub organization: Option<OrgId>,
}

/// A new session. The token is shown this once and is stored nowhere in clear.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SignedIn {
    /// To be sent as `Authorization: Bearer …`.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String)]
    pub token: SecretString,
    /// When the session ends at the latest.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
    /// Who signed in, where.
    pub me: Me,
}

/// `GET /v1/me`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// The person.
    pub user: UserId,
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// The clinic the session acts in.
    pub organization: OrgId,
    /// The clinic's name.
    pub clinic: String,
    /// What they may do there.
    pub role: Role,
    /// The clinic's plan and what is left of it this month.
    pub usage: Usage,
}

/// A clinic's plan and how much of it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Usage {
    /// The plan's key in the catalogue, such as `trial`.
    pub plan: String,
    /// When the trial ends, if this is one.
    #[serde(with = "time::serde::rfc3339::option")]
    pub trial_ends_at: Option<OffsetDateTime>,
    /// Analyses used this month.
    pub analyses_used: u32,
    /// Analyses the plan allows a month; absent means unlimited.
    pub analyses_limit: Option<u32>,
    /// When the count starts again.
    #[serde(with = "time::serde::rfc3339")]
    pub resets_at: OffsetDateTime,
}
