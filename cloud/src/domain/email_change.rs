//! A user's e-mail address changes once a code that was mailed to the new one comes back.

use maneiro_api::UserId;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{one_time_code::OneTimeCode, validation::Email};

/// A code of 2¹⁰⁰: it bears any number of guesses.
pub type EmailChangeCode = OneTimeCode<20>;

/// How long a code can be used.
pub const EMAIL_CHANGE_LIFETIME: Duration = Duration::hours(1);

/// How long after a request there is no other.
pub const EMAIL_CHANGE_RESEND_DELAY: Duration = Duration::minutes(1);

/// A change that was requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEmailChange {
    /// The mail's too.
    pub id: Uuid,
    pub user: UserId,
    pub new_email: Email,
    /// SHA-256.
    pub code_hash: [u8; 32],
    pub requested_at: OffsetDateTime,
}

impl NewEmailChange {
    #[must_use]
    pub fn expires_at(&self) -> OffsetDateTime {
        self.requested_at + EMAIL_CHANGE_LIFETIME
    }
}
