//! Parts of a request's input: types that prove what was checked, and a collector that reports every refusal at once.

use maneiro_api::{
    FieldError,
    limits::{
        MAX_FOCUS_CHARS, MAX_IDEMPOTENCY_KEY_CHARS, MAX_PASSWORD_CHARS, MAX_TITLE_CHARS, MIN_PASSWORD_CHARS,
    },
};
use secrecy::{ExposeSecret, SecretString};

use super::error::Error;

/// Collects what is wrong with an input.
#[derive(Debug, Default)]
pub struct Fields(Vec<FieldError>);

impl Fields {
    /// Keeps the value of a field, or notes why it was refused.
    pub fn take<T>(&mut self, field: &str, value: Result<T, String>) -> Option<T> {
        value.map_err(|message| self.refuse(field, message)).ok()
    }

    /// Notes that a field is refused. The message never repeats the value.
    pub fn refuse(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.0.push(FieldError { field: field.into(), message: message.into() });
    }

    /// Passes if nothing was refused.
    ///
    /// # Errors
    /// `Invalid` with everything that was.
    pub fn done(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(self.0)) }
    }

    /// The refusal, where a value that was not kept shows that there is one.
    #[must_use]
    pub fn refusal(self) -> Error {
        Error::Invalid(self.0)
    }
}

/// 1 to `MAX` characters without white space around them and without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text<const MAX: usize>(String);

/// A clinic's, person's, record's or file's name.
pub type Title = Text<MAX_TITLE_CHARS>;

/// What an analysis is to look at in particular.
pub type Focus = Text<MAX_FOCUS_CHARS>;

/// What makes a repeated request the same request.
pub type IdempotencyKey = Text<MAX_IDEMPOTENCY_KEY_CHARS>;

impl<const MAX: usize> Text<MAX> {
    /// Takes a text, without the white space around it.
    ///
    /// # Errors
    /// What is wrong with it, if it is empty, too long or holds control characters.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if text.is_empty() {
            return Err("must not be empty".to_owned());
        }
        if text.chars().count() > MAX {
            return Err(format!("must have at most {MAX} characters"));
        }
        if text.chars().any(char::is_control) {
            return Err("must not hold control characters".to_owned());
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An e-mail address, as far as its form can tell. Whether mail arrives there is found out by sending some.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Takes an address, without the white space around it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let shaped = text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !domain.contains('@') && !domain.starts_with('.')
        });
        let clean = !text.chars().any(|c| c.is_whitespace() || c.is_control());
        // RFC 5321, section 4.5.3.1.3: a path has at most 256 octets with its angle brackets.
        if shaped && clean && text.len() <= 254 {
            Ok(Self(text.to_owned()))
        } else {
            Err("must be an e-mail address".to_owned())
        }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A password that may be set.
#[derive(Debug, Clone)]
pub struct NewPassword(SecretString);

impl NewPassword {
    /// Takes a password as it is.
    ///
    /// # Errors
    /// What is wrong with it, if it is too short or too long.
    pub fn parse(password: SecretString) -> Result<Self, String> {
        let length = password.expose_secret().chars().count();
        if (MIN_PASSWORD_CHARS..=MAX_PASSWORD_CHARS).contains(&length) {
            Ok(Self(password))
        } else {
            Err(format!("must have {MIN_PASSWORD_CHARS} to {MAX_PASSWORD_CHARS} characters"))
        }
    }

    /// The password.
    #[must_use]
    pub const fn secret(&self) -> &SecretString {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_trimmed_bounded_and_printable() {
        assert_eq!(Title::parse("  Smith, J. ").unwrap().as_str(), "Smith, J.");
        assert!(Title::parse(&"ä".repeat(200)).is_ok(), "characters count, not bytes");
        for refused in ["", "   ", "a\nb", "a\0b", &"x".repeat(201)] {
            assert!(Title::parse(refused).is_err());
        }
    }

    #[test]
    fn an_address_needs_both_sides_of_one_at_sign() {
        for good in ["ana@clinic.example", "a+b@c", "müller@praxis.example"] {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "ana", "@clinic.example", "ana@", "a@b@c", "a b@c.example", "a@.example"] {
            assert!(Email::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_password_has_at_least_twelve_characters() {
        assert!(NewPassword::parse("twelve chars".into()).is_ok());
        assert!(NewPassword::parse("eleven char".into()).is_err());
        assert!(NewPassword::parse("x".repeat(257).into()).is_err());
    }

    #[test]
    fn every_refusal_is_reported_at_once() {
        let mut fields = Fields::default();
        assert!(fields.take("clinic", Title::parse("")).is_none());
        assert!(fields.take("email", Email::parse("x")).is_none());
        let Error::Invalid(refused) = fields.refusal() else { panic!("fields are refused as invalid") };
        assert_eq!(refused.iter().map(|field| field.field.as_str()).collect::<Vec<_>>(), ["clinic", "email"]);
    }
}
