//! Validation of input: types that prove what was checked, and a collector that reports every invalid field at once.

use maneiro_api::{
    FieldError,
    limits::{
        MAX_FOCUS_CHARS, MAX_IDEMPOTENCY_KEY_CHARS, MAX_PASSWORD_CHARS, MAX_RECORD_FIELD_CHARS,
        MAX_TITLE_CHARS, MIN_PASSWORD_CHARS,
    },
};
use secrecy::{ExposeSecret, SecretString};

use super::{error::Error, password_strength::weakness};

/// Collects the invalid fields of an input.
#[derive(Debug, Default)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Returns the value of a field, or records why it is invalid.
    pub fn check<T>(&mut self, field: &str, value: Result<T, String>) -> Option<T> {
        value.map_err(|message| self.add(field, message)).ok()
    }

    /// Records that a field is invalid. The message never repeats the value.
    pub fn add(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(FieldError { field: field.into(), message: message.into() });
    }

    /// Succeeds if no field is invalid.
    ///
    /// # Errors
    /// `InvalidInput` with every invalid field.
    pub fn finish(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::InvalidInput(self.0)) }
    }

    /// The error, where a missing value shows that there is one.
    #[must_use]
    pub fn into_error(self) -> Error {
        Error::InvalidInput(self.0)
    }
}

/// 1 to `MAX` characters without surrounding white space and without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundedText<const MAX: usize>(String);

/// The name of a clinic, user or file, or the title of a record.
pub type Title = BoundedText<MAX_TITLE_CHARS>;

/// A free field of a record.
pub type RecordField = BoundedText<MAX_RECORD_FIELD_CHARS>;

/// What an analysis is to look at in particular.
pub type Focus = BoundedText<MAX_FOCUS_CHARS>;

/// What makes a repeated request the same request.
pub type IdempotencyKey = BoundedText<MAX_IDEMPOTENCY_KEY_CHARS>;

impl<const MAX: usize> BoundedText<MAX> {
    /// Takes a text, without the white space around it.
    ///
    /// # Errors
    /// The message for the field if the text is empty, too long or contains control characters.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("must not be empty".to_owned());
        }
        if text.chars().count() > MAX {
            return Err(format!("must have at most {MAX} characters"));
        }
        if text.chars().any(char::is_control) {
            return Err("must not contain control characters".to_owned());
        }
        Ok(Self(text.to_owned()))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Text of the form of an e-mail address. Whether mail arrives there is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Takes an e-mail address, without the white space around it.
    ///
    /// # Errors
    /// The message for the field.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let has_both_sides = text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !domain.contains('@') && !domain.starts_with('.')
        });
        let is_printable = !text.chars().any(|c| c.is_whitespace() || c.is_control());
        // RFC 5321, section 4.5.3.1.3: a path has at most 256 octets with its angle brackets.
        if has_both_sides && is_printable && text.len() <= 254 {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be an e-mail address".to_owned())
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A password of permitted length that is hard to guess.
#[derive(Debug, Clone)]
pub struct NewPassword(SecretString);

impl NewPassword {
    /// Takes a password as it is. `personal` are words that a guesser tries first, such as the user's name and address.
    ///
    /// # Errors
    /// The message for the field if it is too short, too long or easy to guess.
    pub fn parse(password: SecretString, personal: &[&str]) -> Result<Self, String> {
        let length = password.expose_secret().chars().count();
        if !(MIN_PASSWORD_CHARS..=MAX_PASSWORD_CHARS).contains(&length) {
            return Err(format!("must have {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS} characters"));
        }
        match weakness(password.expose_secret(), personal) {
            Some(weakness) => Err(weakness.to_owned()),
            None => Ok(Self(password)),
        }
    }

    #[must_use]
    pub const fn secret(&self) -> &SecretString {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn title_is_trimmed_bounded_and_printable() {
        assert_eq!(Title::parse("  Smith, J. ").unwrap().as_str(), "Smith, J.");
        assert!(Title::parse(&"ä".repeat(200)).is_ok(), "characters count, not bytes");
        for invalid in ["", "   ", "a\nb", "a\0b", &"x".repeat(201)] {
            assert!(Title::parse(invalid).is_err());
        }
    }

    #[test]
    fn email_address_needs_text_on_both_sides_of_one_at_sign() {
        for valid in ["ana@clinic.example", "a+b@c", "müller@praxis.example"] {
            assert!(Email::parse(valid).is_ok(), "{valid}");
        }
        for invalid in ["", "ana", "@clinic.example", "ana@", "a@b@c", "a b@c.example", "a@.example"] {
            assert!(Email::parse(invalid).is_err(), "{invalid}");
        }
    }

    #[test]
    fn password_has_at_least_twelve_characters() {
        assert!(NewPassword::parse("xq7 vmkd 2pl".into(), &[]).is_ok());
        assert!(NewPassword::parse("xq7 vmkd 2p".into(), &[]).is_err());
        assert!(NewPassword::parse("xq7 vmkd 2p ".repeat(22).into(), &[]).is_err());
        let weak = NewPassword::parse("passwordpassword".into(), &[]).unwrap_err();
        assert!(!weak.contains("passwordp"), "the value is not repeated");
    }

    #[test]
    fn every_invalid_field_is_reported_at_once() {
        let mut errors = FieldErrors::default();
        assert!(errors.check("clinic", Title::parse("")).is_none());
        assert!(errors.check("email", Email::parse("x")).is_none());
        let Error::InvalidInput(fields) = errors.into_error() else { panic!("the input is invalid") };
        assert_eq!(fields.iter().map(|field| field.field.as_str()).collect::<Vec<_>>(), ["clinic", "email"]);
    }
}
