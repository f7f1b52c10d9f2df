//! Reads single settings and collects what is wrong with them.

use std::{fmt, ops::RangeInclusive, time::Duration};

use secrecy::SecretString;
use sqlx::postgres::PgConnectOptions;
use url::Url;

use super::checks::{is_encrypted_or_local, is_verified_or_local_database};

/// Everything that is wrong with the settings, one sentence each.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<String>);

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for ConfigErrors {}

/// Returns the value of a variable, if it is set.
type Environment = dyn Fn(&str) -> Option<String>;

/// Reads settings and collects what is wrong with them.
pub struct ConfigReader {
    environment: Box<Environment>,
    errors: Vec<String>,
}

impl ConfigReader {
    /// `environment` returns the value of a variable, if it is set.
    #[must_use]
    pub fn new(environment: impl Fn(&str) -> Option<String> + 'static) -> Self {
        Self { environment: Box::new(environment), errors: Vec::new() }
    }

    /// Returns `config` unless anything was wrong with the settings read so far.
    ///
    /// # Errors
    /// [`ConfigErrors`], one sentence for each.
    pub fn finish<T>(self, config: Option<T>) -> Result<T, ConfigErrors> {
        match config {
            Some(config) if self.errors.is_empty() => Ok(config),
            Some(_) | None => Err(ConfigErrors(self.errors)),
        }
    }

    pub(super) fn error<T>(&mut self, sentence: impl Into<String>) -> Option<T> {
        self.errors.push(sentence.into());
        None
    }

    /// An empty variable counts as not set.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        (self.environment)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    pub(super) fn required(&mut self, name: &str, what: &str) -> Option<String> {
        let value = self.value(name);
        if value.is_none() { self.error(format!("{name} is not set: give {what}.")) } else { value }
    }

    /// `Some(None)` if it is not set, `None` if it is wrong. The value may be a secret, so the error does not repeat it.
    pub(super) fn parsed<T>(
        &mut self,
        name: &str,
        form: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<Option<T>> {
        let Some(value) = self.value(name) else { return Some(None) };
        match parse(&value) {
            Some(parsed) => Some(Some(parsed)),
            None => self.error(format!("{name} is not {form}.")),
        }
    }

    pub(super) fn number(&mut self, name: &str, range: RangeInclusive<u64>, default: u64) -> Option<u64> {
        let form = format!("a whole number from {} to {}", range.start(), range.end());
        let number =
            self.parsed(name, &form, |text| text.parse().ok().filter(|number| range.contains(number)))?;
        Some(number.unwrap_or(default))
    }

    pub(super) fn milliseconds(
        &mut self,
        name: &str,
        range: RangeInclusive<u64>,
        default: u64,
    ) -> Option<Duration> {
        self.number(name, range, default).map(Duration::from_millis)
    }

    /// A URL that is encrypted or on this machine.
    pub(super) fn web_url(&mut self, name: &str) -> Option<Option<Url>> {
        let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
        let form = "a URL such as https://host.example";
        let Some(url) = self.parsed(name, form, |text| Url::parse(text).ok().filter(is_web))? else {
            return Some(None);
        };
        if is_encrypted_or_local(&url) {
            Some(Some(url))
        } else {
            self.error(format!("{name} must begin with https:// unless it is on this machine."))
        }
    }

    /// The URL of a database that proves its identity or is on this machine.
    pub(super) fn database_url(&mut self, name: &str) -> Option<SecretString> {
        let form = "postgres://ROLE:PASSWORD@HOST:PORT/NAME";
        let value = self.required(name, &format!("the database as {form}"))?;
        let is_database = |url: &Url| matches!(url.scheme(), "postgres" | "postgresql");
        let options = self.parsed(name, &format!("of the form {form}"), |text| {
            Url::parse(text).ok().filter(is_database)?;
            text.parse::<PgConnectOptions>().ok()
        })??;
        if is_verified_or_local_database(&options) {
            Some(value.into())
        } else {
            self.error(format!(
                "{name} must end in ?sslmode=verify-full unless the database is on this machine."
            ))
        }
    }
}
