//! A failed command: a code, one sentence, and an exit code that scripts can use.

use std::io;

use maneiro_api::{
    ErrorBody,
    client::ClientError,
    error::{LimitReached, PlanLimit},
};
use maneiro_core::{Error, ErrorClass};
use serde_json::{Value, json};
use time::macros::format_description;

#[derive(Debug)]
pub(crate) struct Failure {
    code: String,
    message: String,
    exit_code: u8,
    /// The cloud's error response.
    response: Option<Box<ErrorBody>>,
    /// The cause of an internal error, for a bug report.
    cause: Option<String>,
}

impl Failure {
    fn new(code: &str, message: impl Into<String>, exit_code: u8) -> Self {
        Self { code: code.to_owned(), message: message.into(), exit_code, response: None, cause: None }
    }

    /// The command line is wrong.
    pub(crate) fn usage(code: &str, message: impl Into<String>) -> Self {
        Self::new(code, message, 2)
    }

    /// An error of the program or of this machine.
    pub(crate) fn internal(code: &str, message: impl Into<String>) -> Self {
        Self::new(code, message, 1)
    }

    /// The output could not be written.
    pub(crate) fn output(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::new("disk_full", "the disk is full; free some space and run the command again", 7)
            }
            _ => Self {
                cause: Some(error.to_string()),
                ..Self::new("output_not_written", "the output could not be written", 7)
            },
        }
    }

    /// The user or the system stopped the command.
    pub(crate) fn interrupted(message: &str) -> Self {
        Self::new("interrupted", message, 130)
    }

    pub(crate) fn exit_code(&self) -> u8 {
        self.exit_code
    }

    /// The error for people: `error[code]: sentence`.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("error[{}]: {}", self.code, self.message);
        if let Some(cause) = &self.cause {
            text.push_str(&format!(" ({cause})"));
        }
        for field in self.response.iter().flat_map(|response| &response.fields) {
            text.push_str(&format!("\n  {}: {}", field.field, field.message));
        }
        text
    }

    /// The error for programs.
    pub(crate) fn json(&self) -> Value {
        let mut error = json!({ "code": self.code, "message": self.message });
        if let Some(response) = &self.response {
            // The cloud's response holds more: fields, limit and the request's id.
            if let Value::Object(body) = json!(response) {
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
        let exit_code = match error.class() {
            ErrorClass::Internal => 1,
            ErrorClass::Usage => 2,
            ErrorClass::Input => 3,
            ErrorClass::Access => 4,
            ErrorClass::Cloud => 5,
            ErrorClass::Limit => 6,
            ErrorClass::Store => 7,
            ErrorClass::Refused => 8,
            ErrorClass::Job => 9,
            ErrorClass::Interrupted => 130,
        };
        let cause = match error.class() {
            ErrorClass::Internal => std::error::Error::source(&error).map(ToString::to_string),
            _ => None,
        };
        let (code, mut message) = (error.code(), error.to_string());
        let response = match error {
            Error::Cloud(ClientError::Api(body)) => Some(body),
            _ => None,
        };
        if let Some(limit) = response.as_ref().and_then(|body| body.limit.as_ref()) {
            let LimitReached { limit, used, maximum, resets_at, upgrade_url } = limit;
            let what = match limit {
                PlanLimit::Analyses => format!("all {maximum} analyses of the plan are used ({used})"),
                PlanLimit::Seats => format!("all {maximum} seats of the plan are taken"),
                PlanLimit::StorageBytes => {
                    format!("the plan's storage is full ({used} of {maximum} bytes with this file)")
                }
            };
            let day = format_description!("[day padding:none] [month repr:long] [year]");
            let restart = resets_at.and_then(|at| at.format(day).ok());
            let restart = restart.map(|day| format!("; the count restarts on {day}")).unwrap_or_default();
            message = format!("{what}{restart}; see {upgrade_url}");
        }
        Self { code, message, exit_code, response, cause }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Error::from(error).into()
    }
}
