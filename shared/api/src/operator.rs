//! Operators of the platform, and the support sessions in which they act as members of a clinic.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::{OrgId, SessionId, UserId};

/// `POST /v1/admin/login`: the sign-in of an operator, which belongs to no clinic.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OperatorLogin {
    /// The e-mail address of the account.
    pub email: String,
    /// The password of the account.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String, format = Password)]
    pub password: SecretString,
}

/// The token of a session of an operator, returned this once.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OperatorToken {
    /// The session's id.
    pub session: SessionId,
    /// To be sent as `Authorization: Bearer …`.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String)]
    pub token: SecretString,
    /// When the session ends at the latest.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

/// `POST /v1/admin/support-sessions`: an operator acts as a member for everything but patients' content, security settings
/// and money.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartSupportSession {
    /// The clinic.
    pub organization: OrgId,
    /// The member whose rights the operator uses.
    pub user: UserId,
    /// How long, 5 to 240 minutes.
    #[schema(minimum = 5, maximum = 240)]
    pub minutes: u32,
    /// Why, 1 to 500 characters, for the clinic's admins to read. Names no patient.
    pub reason: String,
}

/// `GET /v1/support-sessions`: an operator who acts as a member of the clinic at present.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SupportSession {
    /// The session's id.
    pub id: SessionId,
    /// The operator.
    pub operator: UserId,
    /// The member whose rights the operator uses.
    pub user: UserId,
    /// Why.
    pub reason: String,
    /// When it began.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When it ends at the latest.
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}
