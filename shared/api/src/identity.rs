//! What keeps an account its owner's: password reset, change of e-mail address, closing, and the mails about it.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use crate::{OrgId, account::LoginResponse};

/// `POST /v1/auth/password/reset`: mails a code with which another password is set. The response is the same whether or not
/// the address has an account.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestPasswordReset {
    /// The e-mail address of the account.
    #[schema(
        max_length = 254,
        pattern = "^[^@\\s\\x00-\\x1F\\x7F-\\x9F]+@[^@\\s\\x00-\\x1F\\x7F-\\x9F.][^@\\s\\x00-\\x1F\\x7F-\\x9F]*$"
    )]
    pub email: String,
}

/// `POST /v1/auth/password/reset/confirm`: sets the password and ends every session of the user.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    /// The twenty characters of the mailed code. Case, spaces and hyphens do not matter.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String, format = Password)]
    pub code: SecretString,
    /// The password from now on, 12 to 256 characters.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String, format = Password, min_length = 12, max_length = 256)]
    pub new_password: SecretString,
    /// The clinic to act in. Without it, a member of several clinics acts in the one they joined first.
    #[serde(default)]
    pub organization: Option<OrgId>,
}

/// The password is set.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PasswordWasReset {
    /// A session that began with it; absent for a user who belongs to no clinic. A second factor is asked for as after any
    /// sign-in.
    pub session: Option<LoginResponse>,
}

/// `POST /v1/auth/login/code`: signs the app in after a proof of identity on a web page.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginWithCode {
    /// The twelve characters that the page shows. Case, spaces and hyphens do not matter.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String, format = Password)]
    pub code: SecretString,
}

/// `POST /v1/me/email`: mails a code to the new address, and tells the present one. Nothing changes before the code comes
/// back.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeEmail {
    /// The e-mail address from then on.
    #[schema(
        max_length = 254,
        pattern = "^[^@\\s\\x00-\\x1F\\x7F-\\x9F]+@[^@\\s\\x00-\\x1F\\x7F-\\x9F.][^@\\s\\x00-\\x1F\\x7F-\\x9F]*$"
    )]
    pub new_email: String,
    /// The password of the account.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String, format = Password)]
    pub password: SecretString,
}

/// `POST /v1/auth/email/confirm`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmEmailChange {
    /// The twenty characters of the code that was mailed to the new address. Case, spaces and hyphens do not matter.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String, format = Password)]
    pub code: SecretString,
}

/// `POST /v1/me/close`: ends the user's account, all its memberships and sessions. Cannot be undone.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseAccount {
    /// The password of the account.
    #[serde(serialize_with = "crate::secret::expose")]
    #[schema(value_type = String, format = Password)]
    pub password: SecretString,
    /// Closes the clinics that have no other member too. Without it such a clinic keeps its last admin.
    #[serde(default)]
    pub close_clinics: bool,
}

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// It has not been sent yet.
    Waiting,
    /// The mail server took it.
    Sent,
    /// The mail server refused it for good: the address may be wrong.
    Rejected,
}

/// `GET /v1/me/mails`: a mail to the user within the last thirty days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SentMail {
    /// What it is about, such as `new_sign_in`.
    pub kind: String,
    /// The address that it is for.
    pub recipient: String,
    /// What became of it.
    pub state: MailState,
    /// What the mail server answered when it refused the mail.
    pub server_answer: Option<String>,
    /// When its cause was.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
}
