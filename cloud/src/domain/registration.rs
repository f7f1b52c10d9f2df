//! The registration of a clinic before its first admin has proved an e-mail address with a mailed code. Until then nothing
//! is known of the person but the address.

use std::fmt;

use maneiro_api::{RegistrationId, account::MailLanguage};
use time::{Duration, OffsetDateTime};

use super::{error::Error, validation::Email};

/// How long a code can be used.
pub const CODE_LIFETIME: Duration = Duration::minutes(30);

/// Codes that can be tried for one mailed code. Of the 2⁴⁰ codes this is too few to guess one.
pub const MAX_CODE_TRIES: u32 = 5;

/// How long after a mail to an address there is no other, so that nobody's mailbox is flooded.
pub const RESEND_DELAY: Duration = Duration::minutes(1);

/// Crockford's Base32: no I, L, O or U, which are mistaken for other characters or make words.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const CODE_CHARS: usize = 8;
/// Eight characters of five bits.
const CODE_BYTES: usize = 5;

/// A code of eight characters. It is computed from the registration's id with a key that is not in the database, and so
/// stored nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct MailedCode([u8; CODE_BYTES]);

impl MailedCode {
    /// The code of a message authentication code.
    #[must_use]
    pub fn from_mac(mac: &[u8; 32]) -> Self {
        let (code, _) = mac.split_first_chunk().expect("32 bytes are more than a code has");
        Self(*code)
    }

    /// Reads a code as people type it: in any case, with spaces or hyphens, with O for 0 and I or L for 1.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut bits = 0_u64;
        let mut chars = 0;
        for character in text.chars().filter(|character| !matches!(character, ' ' | '-')) {
            let digit = match character.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let value = ALPHABET.iter().position(|known| char::from(*known) == digit)?;
            bits = bits << 5 | value as u64;
            chars += 1;
            if chars > CODE_CHARS {
                return None;
            }
        }
        let [_, _, _, code @ ..] = bits.to_be_bytes();
        (chars == CODE_CHARS).then_some(Self(code))
    }

    /// Whether two codes are equal, in a time that does not depend on where they differ.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        self.0.iter().zip(other.0).fold(0, |differences, (ours, theirs)| differences | (ours ^ theirs)) == 0
    }
}

impl fmt::Display for MailedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.0.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        for position in 0..CODE_CHARS {
            if position == CODE_CHARS / 2 {
                f.write_str("-")?;
            }
            let value = bits >> (5 * (CODE_CHARS - 1 - position)) & 0b1_1111;
            write!(f, "{}", char::from(ALPHABET[value as usize]))?;
        }
        Ok(())
    }
}

impl fmt::Debug for MailedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailedCode(…)")
    }
}

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
    fn code_has_two_groups_of_four_characters_and_is_never_debugged() {
        let code = MailedCode::from_mac(&[0xff; 32]);
        assert_eq!(code.to_string(), "ZZZZ-ZZZZ");
        assert_eq!(MailedCode([0, 0, 0, 0, 1]).to_string(), "0000-0001");
        assert_eq!(format!("{code:?}"), "MailedCode(…)");
    }

    #[test]
    fn code_is_read_as_people_type_it() {
        let code = MailedCode([0x12, 0x34, 0x56, 0x78, 0x9a]);
        let text = code.to_string();
        for typed in [text.clone(), text.to_lowercase(), text.replace('-', ""), format!(" {text} ")] {
            assert_eq!(MailedCode::parse(&typed), Some(code.clone()), "{typed}");
        }
        assert_eq!(MailedCode::parse("OIL0-1111"), MailedCode::parse("0110-1111"));
        for wrong in ["", "1234-567", "1234-56789", "1234-567U", "1234-567ß"] {
            assert_eq!(MailedCode::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn right_code_is_accepted_in_time_and_for_a_new_address_only() {
        let expires_at = datetime!(2026-11-27 09:30 UTC);
        let (right, wrong) = (MailedCode([1; CODE_BYTES]), MailedCode([2; CODE_BYTES]));
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

    #[test]
    fn codes_match_only_if_every_byte_does() {
        let code = MailedCode([1, 2, 3, 4, 5]);
        assert!(code.matches(&code.clone()));
        for byte in 0..CODE_BYTES {
            let mut other = code.clone();
            other.0[byte] ^= 0x80;
            assert!(!code.matches(&other), "byte {byte}");
        }
    }
}
