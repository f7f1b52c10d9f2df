//! A password that was forgotten is set anew with a mailed code.

use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{one_time_code::OneTimeCode, validation::Email};

/// A code of 2¹⁰⁰: it bears any number of guesses, so that nobody can use up another's tries.
pub type ResetCode = OneTimeCode<20>;

/// How long a code can be used.
pub const RESET_LIFETIME: Duration = Duration::hours(1);

/// How long after a mail to an address there is no other.
pub const RESET_RESEND_DELAY: Duration = Duration::minutes(1);

/// Mails to an address within the lifetime of a code: with each of them its reader gets in.
pub const MAX_RESETS_PER_LIFETIME: i64 = 5;

/// A reset that was requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPasswordReset {
    /// The mail's too.
    pub id: Uuid,
    /// As it was typed.
    pub email: Email,
    /// SHA-256.
    pub code_hash: [u8; 32],
    pub requested_at: OffsetDateTime,
}

impl NewPasswordReset {
    #[must_use]
    pub fn expires_at(&self) -> OffsetDateTime {
        self.requested_at + RESET_LIFETIME
    }
}
