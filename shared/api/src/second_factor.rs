//! The second factor of a user: an authenticator whose codes change every 30 seconds (RFC 6238), and recovery codes.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::{account::LoginResponse, operator::OperatorToken};

/// `GET /v1/me/second-factor`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SecondFactorStatus {
    /// When the authenticator was confirmed; absent if there is none.
    #[serde(with = "time::serde::rfc3339::option")]
    #[cfg_attr(feature = "typescript", ts(type = "Timestamp | null"))]
    pub enrolled_at: Option<OffsetDateTime>,
    /// Recovery codes that were not used yet.
    pub recovery_codes_left: u32,
    /// Whether a clinic of the user, or being an operator, requires a second factor: it cannot be removed then.
    pub is_required: bool,
}

/// The password of the account, asked for again before something that a thief of the session must not do.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmPassword {
    /// The password of the account.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String, format = Password)]
    pub password: SecretString,
}

/// `POST /v1/me/second-factor`: what an authenticator needs. Shown this once; nothing is asked for before a code of it was
/// given.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SecondFactorEnrolment {
    /// The shared secret in Base32, to be typed where no picture can be taken.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String)]
    pub secret: SecretString,
    /// The same as an `otpauth://` URI.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String)]
    pub uri: SecretString,
    /// The URI as a QR code, an SVG document.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String)]
    pub qr_svg: SecretString,
}

/// `POST /v1/auth/second-factor` and others: a code of the authenticator.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondFactorCode {
    /// Six digits of the authenticator. To prove a second factor, also a recovery code. Case, spaces and hyphens do not
    /// matter.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String, format = Password)]
    pub code: SecretString,
}

/// Recovery codes, each of which is accepted once in place of a code of the authenticator. Shown this once.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecoveryCodes {
    /// Ten codes.
    #[serde(serialize_with = "crate::secret::expose_all")]
    #[schema(value_type = Vec<String>)]
    pub recovery_codes: Vec<SecretString>,
}

/// `POST /v1/me/second-factor/confirm`: the authenticator is asked for from now on. Every other session of the user has ended,
/// and this one is replaced.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EnrolledSecondFactor {
    /// The recovery codes, whose member is one of this.
    #[serde(flatten)]
    pub codes: RecoveryCodes,
    /// The session that replaces the one that asked.
    pub session: LoginResponse,
}

/// `POST /v1/admin/second-factor/confirm`: as [`EnrolledSecondFactor`], for an operator.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct EnrolledOperator {
    /// The recovery codes, whose member is one of this.
    #[serde(flatten)]
    pub codes: RecoveryCodes,
    /// The session that replaces the one that asked.
    pub session: OperatorToken,
}
