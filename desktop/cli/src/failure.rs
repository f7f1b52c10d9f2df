//! How a command fails: a code, one clear sentence, and an exit code that scripts can use.

use std::io;

use maneiro_api::{ErrorBody, client::ClientError};
use maneiro_core::{Error, ErrorClass};
use serde_json::{Value, json};
use time::macros::format_description;

/// A failed command.
#[derive(Debug)]
pub(crate) struct Failure {
    code: String,
    message: String,
    exit: u8,
    /// The refusal as the cloud gave it.
    refusal: Option<Box<ErrorBody>>,
    /// What lies behind a fault of ours, for whoever reports it.
    cause: Option<String>,
}

impl Failure {
    /// The command was given wrongly.
    pub(crate) fn usage(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), exit: 2, refusal: None, cause: None }
    }

    /// A fault of ours, or of this machine.
    pub(crate) fn fault(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), exit: 1, refusal: None, cause: None }
    }

    /// What the command made could not be written.
    pub(crate) fn output(error: io::Error) -> Self {
        let (code, exit) = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ("disk_full", 7),
            _ => ("output_not_written", 7),
        };
        let message = match code {
            "disk_full" => "the disk is full; make room and run the command again",
            _ => "the output could not be written",
        };
        let cause = (code != "disk_full").then(|| error.to_string());
        Self { code: code.to_owned(), message: message.to_owned(), exit, refusal: None, cause }
    }

    /// The user or the system stopped it.
    pub(crate) fn stopped(message: &str) -> Self {
        Self {
            code: "stopped".to_owned(),
            message: message.to_owned(),
            exit: 130,
            refusal: None,
            cause: None,
        }
    }

    /// What a script sees.
    pub(crate) fn exit(&self) -> u8 {
        self.exit
    }

    /// For people: `error[code]: sentence`.
    pub(crate) fn sentence(&self) -> String {
        let mut sentence = format!("error[{}]: {}", self.code, self.message);
        if let Some(cause) = &self.cause {
            sentence.push_str(&format!(" ({cause})"));
        }
        for field in self.refusal.iter().flat_map(|refusal| &refusal.fields) {
            sentence.push_str(&format!("\n  {}: {}", field.field, field.message));
        }
        sentence
    }

    /// For programs.
    pub(crate) fn json(&self) -> Value {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let Some(refusal) = &self.refusal {
            // The service's own body says more: fields, limit and the request's id.
            if let Value::Object(body) = json!(refusal) {
                for (key, value) in body {
                    error[key] = value;
                }
            }
        }
        json!({ "error": error })
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let exit = match error.class() {
            ErrorClass::Fault => 1,
            ErrorClass::Usage => 2,
            ErrorClass::Input => 3,
            ErrorClass::Access => 4,
            ErrorClass::Cloud => 5,
            ErrorClass::Limit => 6,
            ErrorClass::Store => 7,
            ErrorClass::Refused => 8,
            ErrorClass::Job => 9,
            ErrorClass::Stopped => 130,
        };
        let cause = match error.class() {
            ErrorClass::Fault => std::error::Error::source(&error).map(ToString::to_string),
            _ => None,
        };
        let (code, mut message) = (error.code(), error.to_string());
        let refusal = match error {
            Error::Cloud(ClientError::Api(body)) => Some(body),
            _ => None,
        };
        if let Some(limit) = refusal.as_ref().and_then(|body| body.limit.as_ref()) {
            let day =
                limit.resets_at.format(format_description!("[day padding:none] [month repr:long] [year]"));
            message = format!(
                "all {} analyses of this month are used ({}); the count starts again on {}; see {}",
                limit.limit,
                limit.used,
                day.unwrap_or_default(),
                limit.upgrade_url
            );
        }
        Self { code, message, exit, refusal, cause }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Error::from(error).into()
    }
}
