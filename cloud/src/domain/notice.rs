//! What a mail to a user says, as it is stored until it is sent: no code and nothing of a patient. A code is computed from the
//! mail's id when it is sent.

use std::net::IpAddr;

use maneiro_api::{UserId, account::MailLanguage};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::validation::Email;

/// How long a mail is kept, so that its user and the administrator see what became of it.
pub const MAIL_LIFETIME: Duration = Duration::days(30);

/// What a mail says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum UserNotice {
    /// The clinic is registered and its trial has begun.
    Welcome {
        clinic: String,
        trial_days: Option<i64>,
    },
    /// A code with which another password is set. Goes to nobody if the address has no account.
    PasswordReset,
    PasswordChanged {
        #[serde(with = "time::serde::rfc3339")]
        changed_at: OffsetDateTime,
    },
    /// Somebody signed in with a device or from a network that was not used before.
    NewSignIn {
        client: ClientProgram,
        address: Option<IpAddr>,
        #[serde(with = "time::serde::rfc3339")]
        signed_in_at: OffsetDateTime,
    },
    /// To the new address: a code that proves it.
    EmailChange,
    /// To the new address, if it has an account.
    EmailTaken,
    /// To the address until now.
    EmailChangeRequested {
        new_email: String,
    },
    /// To both.
    EmailChanged {
        new_email: String,
    },
    AccountClosed,
    /// By the administrator of the server.
    SecondFactorReset,
}

impl UserNotice {
    /// Its name in the database and in the API.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Welcome { .. } => "welcome",
            Self::PasswordReset => "password_reset",
            Self::PasswordChanged { .. } => "password_changed",
            Self::NewSignIn { .. } => "new_sign_in",
            Self::EmailChange => "email_change",
            Self::EmailTaken => "email_taken",
            Self::EmailChangeRequested { .. } => "email_change_requested",
            Self::EmailChanged { .. } => "email_changed",
            Self::AccountClosed => "account_closed",
            Self::SecondFactorReset => "second_factor_reset",
        }
    }
}

/// A mail that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMail {
    pub id: Uuid,
    pub user: Option<UserId>,
    pub recipient: Email,
    pub language: MailLanguage,
    pub notice: UserNotice,
    pub created_at: OffsetDateTime,
}

/// The program that somebody signed in with. Its own words are not repeated in a mail: whoever guessed a password chose them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientProgram {
    pub name: ProgramName,
    pub system: OperatingSystem,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProgramName {
    Maneiro,
    Firefox,
    Edge,
    Chrome,
    Safari,
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperatingSystem {
    Windows,
    Macos,
    Linux,
    Ios,
    Android,
    Unknown,
}

impl ClientProgram {
    /// Recognises a program by what it says of itself (`User-Agent`).
    #[must_use]
    pub fn recognise(user_agent: Option<&str>) -> Self {
        let text = user_agent.unwrap_or_default().to_ascii_lowercase();
        let contains = |word: &str| text.contains(word);
        let name = match () {
            () if text.starts_with("maneiro/") => ProgramName::Maneiro,
            () if contains("firefox/") => ProgramName::Firefox,
            () if contains("edg/") => ProgramName::Edge,
            () if contains("chrome/") => ProgramName::Chrome,
            () if contains("safari/") => ProgramName::Safari,
            () => ProgramName::Unknown,
        };
        let system = match () {
            () if contains("windows") => OperatingSystem::Windows,
            () if contains("android") => OperatingSystem::Android,
            () if contains("iphone") || contains("ipad") => OperatingSystem::Ios,
            () if contains("mac") => OperatingSystem::Macos,
            () if contains("linux") => OperatingSystem::Linux,
            () => OperatingSystem::Unknown,
        };
        Self { name, system }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_recognised_and_others_are_not_quoted() {
        let recognised = [
            ("maneiro/0.1.0 (windows)", ProgramName::Maneiro, OperatingSystem::Windows),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15",
                ProgramName::Safari,
                OperatingSystem::Macos,
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                ProgramName::Edge,
                OperatingSystem::Windows,
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                ProgramName::Firefox,
                OperatingSystem::Linux,
            ),
            ("visit https://evil.example", ProgramName::Unknown, OperatingSystem::Unknown),
        ];
        for (text, name, system) in recognised {
            assert_eq!(ClientProgram::recognise(Some(text)), ClientProgram { name, system }, "{text}");
        }
        assert_eq!(ClientProgram::recognise(None), ClientProgram::recognise(Some("")));
    }

    #[test]
    fn kind_is_the_tag_that_is_stored() {
        let notice = UserNotice::EmailChanged { new_email: "ada@clinic.example".to_owned() };
        let stored = serde_json::to_value(&notice).unwrap();
        assert_eq!(stored["kind"], notice.kind());
        assert_eq!(serde_json::from_value::<UserNotice>(stored).unwrap(), notice);
    }
}
