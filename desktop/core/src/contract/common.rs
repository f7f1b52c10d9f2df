//! Times, days and errors as they cross between the window and core.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};
use ts_rs::{Config, TS};

/// A moment, as RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Timestamp(#[serde(with = "time::serde::rfc3339")] pub OffsetDateTime);

impl Timestamp {
    /// As RFC 3339, which sorts by time if the offset is UTC.
    #[must_use]
    pub(crate) fn text(self) -> String {
        self.0.format(&Rfc3339).expect("a time of this age has a form")
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        OffsetDateTime::parse(text, &Rfc3339).ok().map(Self)
    }
}

time::serde::format_description!(iso_day, Date, "[year]-[month]-[day]");

/// A day, such as `2024-03-12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CalendarDay(#[serde(with = "iso_day")] pub Date);

impl CalendarDay {
    /// Such as `2024-03-12`.
    #[must_use]
    pub fn text(self) -> String {
        self.0.format(format_description!("[year]-[month]-[day]")).expect("a date has this form")
    }
}

macro_rules! texts {
    ($($name:ident = $declared:literal),*) => {$(
        impl TS for $name {
            type WithoutGenerics = Self;
            type OptionInnerType = Self;

            fn name(_: &Config) -> String {
                $declared.to_owned()
            }

            fn inline(_: &Config) -> String {
                "string".to_owned()
            }
        }
    )*};
}

texts!(Timestamp = "Timestamp", CalendarDay = "Day");

/// Every code a command may fail with: the cloud's, then the workstation's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(rename = "ErrorCode")]
pub enum CommandErrorCode {
    InvalidInput,
    Unauthenticated,
    InvalidCredentials,
    PermissionDenied,
    SecondFactorRequired,
    LastAdmin,
    NotFound,
    MethodNotAllowed,
    RecordIncomplete,
    NotCancellable,
    NotRetryable,
    DocumentConflict,
    IdempotencyKeyReused,
    TooLarge,
    UnsupportedMediaType,
    LimitReached,
    TooManyRequests,
    Unavailable,
    Internal,
    Offline,
    ServerUnreachable,
    ServerNotManeiro,
    ServerTooOld,
    ServerTooNew,
    CertificateRefused,
    CodeWrong,
    CodeExpired,
    SessionEnded,
    WrongPassword,
    PasswordRequired,
    Locked,
    ReadOnly,
    KeychainUnavailable,
    FileMissing,
    FileDamaged,
    FileEncrypted,
    FileKind,
    FileEmpty,
    FileAlreadyThere,
    DiskFull,
    StoreDamaged,
    PictureKind,
    PictureTooLarge,
    PictureDamaged,
    NothingToUndo,
    NothingToRedo,
    ChangedElsewhere,
    WordsUnreadable,
    NoSignatureBlock,
    NoAnalysis,
    NoPrinter,
}

/// A value for the sentence of a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ErrorParameter {
    Text(String),
    Number(u32),
}

/// What a failed command answers: a code and its parameters, never a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS, thiserror::Error)]
#[error("{code:?}")]
pub struct CommandError {
    pub code: CommandErrorCode,
    /// Values for the sentence of the code, such as `{ name: "imaging_CD.pdf" }`.
    #[ts(type = "Record<string, string | number>")]
    pub params: BTreeMap<&'static str, ErrorParameter>,
    /// Finds the request in the cloud's log; shown as the number to quote.
    pub request_id: Option<String>,
}

impl CommandError {
    #[must_use]
    pub fn with_text(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.params.insert(name, ErrorParameter::Text(value.into()));
        self
    }

    #[must_use]
    pub fn with_number(mut self, name: &'static str, value: u32) -> Self {
        self.params.insert(name, ErrorParameter::Number(value));
        self
    }
}

impl From<CommandErrorCode> for CommandError {
    fn from(code: CommandErrorCode) -> Self {
        Self { code, params: BTreeMap::new(), request_id: None }
    }
}
