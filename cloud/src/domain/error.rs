//! Every way a use case can fail. The public code and the private cause are different things: clients get the code,
//! the log gets the chain.

use std::time::Duration;

use maneiro_api::{ErrorCode, FieldError, error::LimitReached};

/// What was not found. Another clinic's thing is not found, never forbidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noun {
    /// A patient's record.
    Record,
    /// A file of a record.
    Document,
    /// A page of a document that has arrived.
    Page,
    /// The sealed original of a document, in the object store.
    Original,
    /// A request for an analysis.
    Job,
    /// The result of a job.
    Analysis,
}

impl Noun {
    const fn name(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Document => "document",
            Self::Page => "page",
            Self::Original => "uploaded original",
            Self::Job => "job",
            Self::Analysis => "analysis",
        }
    }
}

/// Why a use case failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No token, or one that is unknown, expired or revoked.
    #[error("sign in first")]
    Unauthenticated,
    /// The e-mail address and password do not belong together.
    #[error("this e-mail address and password do not belong together")]
    WrongCredentials,
    /// This role may not do this.
    #[error("your role may not do this")]
    Denied,
    /// It does not exist, or belongs to another clinic.
    #[error("there is no such {}", .0.name())]
    NotFound(Noun),
    /// Parts of the input are refused.
    #[error("some of the input is not as it must be")]
    Invalid(Vec<FieldError>),
    /// What is asked for does not fit what is there; the code says why.
    #[error("{}", conflict_message(*.0))]
    Conflict(ErrorCode),
    /// The plan's limit is reached.
    #[error("the plan's analyses of this month are used up")]
    LimitReached(LimitReached),
    /// A worker no longer holds the job it works on: it was cancelled, or its lease lapsed.
    #[error("the job is no longer held by this worker")]
    LeaseLost,
    /// Something the service depends on is down.
    #[error("a part of the service is not available, try again in a moment")]
    Unavailable {
        /// How long to wait.
        retry_after: Duration,
        /// What is down and how, for the log.
        #[source]
        cause: anyhow::Error,
    },
    /// A fault of ours.
    #[error("a fault on our side")]
    Bug(#[source] anyhow::Error),
}

/// How long a client waits before it tries again what failed for want of a dependency.
const RETRY_AFTER: Duration = Duration::from_secs(2);

impl Error {
    /// Refuses one part of the input.
    #[must_use]
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError { field: field.into(), message: message.into() }])
    }

    /// Something the service depends on is down.
    #[must_use]
    pub fn unavailable(cause: impl Into<anyhow::Error>) -> Self {
        Self::Unavailable { retry_after: RETRY_AFTER, cause: cause.into() }
    }

    /// A fault of ours. `cause` goes to the log, so it must hold no patient data.
    #[must_use]
    pub fn bug(cause: impl Into<anyhow::Error>) -> Self {
        Self::Bug(cause.into())
    }

    /// The code that clients act on.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Unauthenticated => ErrorCode::Unauthenticated,
            Self::WrongCredentials => ErrorCode::InvalidCredentials,
            Self::Denied => ErrorCode::PermissionDenied,
            Self::NotFound(_) => ErrorCode::NotFound,
            Self::Invalid(_) => ErrorCode::InvalidInput,
            Self::Conflict(code) => *code,
            Self::LimitReached(_) => ErrorCode::LimitReached,
            Self::Unavailable { .. } => ErrorCode::Unavailable,
            // Only workers meet a lost lease; over HTTP it would be a fault of ours.
            Self::LeaseLost | Self::Bug(_) => ErrorCode::Internal,
        }
    }
}

const fn conflict_message(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::EmailTaken => "this e-mail address already has an account",
        ErrorCode::RecordIncomplete => {
            "the record has no document, or pages of a document have not arrived yet"
        }
        ErrorCode::NotCancellable => "the job already has an outcome",
        ErrorCode::NotRetryable => "only a job that ended in error or was cancelled can be retried",
        ErrorCode::DocumentConflict => "the document's first upload described the file differently",
        ErrorCode::IdempotencyKeyReused => "this Idempotency-Key was used with a different request",
        ErrorCode::InvalidInput
        | ErrorCode::Unauthenticated
        | ErrorCode::InvalidCredentials
        | ErrorCode::PermissionDenied
        | ErrorCode::NotFound
        | ErrorCode::MethodNotAllowed
        | ErrorCode::TooLarge
        | ErrorCode::UnsupportedMediaType
        | ErrorCode::LimitReached
        | ErrorCode::TooManyRequests
        | ErrorCode::Unavailable
        | ErrorCode::Internal => "the request does not fit what is there",
    }
}
