//! The registration of a clinic before its first admin has proved an e-mail address with a mailed code. Until then nothing
//! is known of the person but the address.

use maneiro_api::{RegistrationId, account::MailLanguage};
use time::{Duration, OffsetDateTime};

use super::{error::Error, one_time_code::OneTimeCode, validation::Email};

/// How long a code can be used.
pub const CODE_LIFETIME: Duration = Duration::minutes(30);

/// Codes that can be tried for one mailed code. Of the 2⁴⁰ codes this is too few to guess one.
pub const MAX_CODE_TRIES: u32 = 5;

/// How long after a mail to an address there is no other, so that nobody's mailbox is flooded.
pub const RESEND_DELAY: Duration = Duration::minutes(1);

/// A code of eight characters, of 2⁴⁰ codes. It is computed from the registration's id with a key that is not in the
/// database, and so stored nowhere.
pub type MailedCode = OneTimeCode<8>;

/// A registration that was requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRegistration {
    pub id: RegistrationId,
    pub email: Email,
    /// Of the mails about it.
    pub language: MailLanguage,
    pub requested_at: OffsetDateTime,
}

impl NewRegistration {
    #[must_use]
    pub fn expires_at(&self) -> OffsetDateTime {
        self.requested_at + CODE_LIFETIME
    }
}

/// A registration that waits for its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingRegistration {
    pub id: RegistrationId,
    pub email: Email,
    /// Of the mails about it.
    pub language: MailLanguage,
    /// Whether the address has an account: no code is then mailed, and none confirms the registration.
    pub has_account: bool,
    /// Codes that were tried, the present one included.
    pub code_tries: u32,
    pub expires_at: OffsetDateTime,
}

impl PendingRegistration {
    /// Checks the code that was tried at `now` against the mailed one.
    ///
    /// # Errors
    /// `CodeExpired` after too many tries, or if it is the right one too late; `CodeWrong` for any other, and for an address
    /// that has an account.
    pub fn check_code(
        &self,
        tried: &MailedCode,
        mailed: &MailedCode,
        now: OffsetDateTime,
    ) -> Result<(), Error> {
        if self.code_tries > MAX_CODE_TRIES {
            return Err(Error::CodeExpired);
        }
        if !tried.matches(mailed) || self.has_account {
            return Err(Error::CodeWrong);
        }
        if self.expires_at <= now { Err(Error::CodeExpired) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn right_code_is_accepted_in_time_and_for_a_new_address_only() {
        let expires_at = datetime!(2026-11-27 09:30 UTC);
        let (right, wrong) = (MailedCode::from_mac(&[1; 32]), MailedCode::from_mac(&[2; 32]));
        let email = Email::parse("ada@clinic.example").unwrap();
        let id = RegistrationId::from_uuid(uuid::Uuid::from_u128(1));
        let language = MailLanguage::En;
        let pending =
            PendingRegistration { id, email, language, has_account: false, code_tries: 5, expires_at };
        let in_time = expires_at - Duration::nanoseconds(1);
        assert!(pending.check_code(&right, &right, in_time).is_ok());
        assert!(matches!(pending.check_code(&wrong, &right, in_time), Err(Error::CodeWrong)));
        assert!(matches!(pending.check_code(&right, &right, expires_at), Err(Error::CodeExpired)));
        let tried_often = PendingRegistration { code_tries: 6, ..pending.clone() };
        assert!(matches!(tried_often.check_code(&right, &right, in_time), Err(Error::CodeExpired)));
        let known = PendingRegistration { has_account: true, ..pending };
        assert!(matches!(known.check_code(&right, &right, in_time), Err(Error::CodeWrong)));
    }
}
