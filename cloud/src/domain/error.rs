//! Every way a use case can fail. The public code and the private cause are different things: clients get the code,
//! the log gets the causes.

use std::time::Duration;

use maneiro_api::{
    ErrorCode, FieldError,
    error::{LimitReached, PlanLimit},
    record::Record,
};

/// What was not found. A resource of another clinic is not found, never forbidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    Record,
    Document,
    /// A page that was uploaded.
    Page,
    /// The sealed original of a document, in the object store.
    Original,
    Job,
    Analysis,
    /// A version of a record's signed reports.
    SignedReport,
    Member,
    Session,
    /// An invitation that was neither accepted nor revoked.
    Invitation,
    /// A clinic of the user.
    Clinic,
    /// An authenticator that was enrolled, or an enrolment that was begun.
    SecondFactor,
}

impl Resource {
    const fn name(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Document => "document",
            Self::Page => "page",
            Self::Original => "uploaded original",
            Self::Job => "job",
            Self::Analysis => "analysis",
            Self::SignedReport => "signed report",
            Self::Member => "member",
            Self::Session => "session",
            Self::Invitation => "invitation",
            Self::Clinic => "clinic",
            Self::SecondFactor => "second factor",
        }
    }
}

/// Why a use case failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No token, or one that is unknown, expired or revoked.
    #[error("sign in first")]
    Unauthenticated,
    #[error("the e-mail address and password do not match an account")]
    InvalidCredentials,
    #[error("this is not the code that was mailed to this address")]
    CodeWrong,
    /// It expired, or too many others were tried.
    #[error("the mailed code has expired; request a new one")]
    CodeExpired,
    #[error("your role does not permit this")]
    PermissionDenied,
    #[error("this requires a second factor")]
    SecondFactorRequired,
    /// The session has not been given the password for a while.
    #[error("give the password once more")]
    PasswordRequired,
    /// An operator acts as a member, and this is not for operators.
    #[error("a support session does not reach patients' content, security settings or money")]
    SupportSession,
    /// It does not exist, or belongs to another clinic.
    #[error("there is no such {}", .0.name())]
    NotFound(Resource),
    #[error("the input is invalid")]
    InvalidInput(Vec<FieldError>),
    /// The request contradicts the stored state; the code says how.
    #[error("{}", conflict_message(*.0))]
    Conflict(ErrorCode),
    /// The record was changed meanwhile: how it is now.
    #[error("the record has been changed meanwhile")]
    RecordChanged(Box<Record>),
    #[error("{}", limit_message(.0.limit))]
    LimitReached(LimitReached),
    /// More requests than a rate limit admits.
    #[error("too many requests, try again later")]
    TooManyRequests { retry_after: Duration },
    /// A worker no longer holds the lease of its job: the job was cancelled, or the lease expired.
    #[error("the worker no longer holds the lease of the job")]
    LeaseLost,
    /// A dependency of the service is down.
    #[error("a part of the service is not available, try again in a moment")]
    Unavailable {
        retry_after: Duration,
        /// What is down and how, for the log.
        #[source]
        cause: anyhow::Error,
    },
    /// Something stored is missing or does not open: only a fault or an attack does that.
    #[error("a stored content is damaged")]
    Damaged(#[source] anyhow::Error),
    /// Another service refused something of ours for good.
    #[error("another service refused it")]
    Rejected(#[source] anyhow::Error),
    /// A fault of the service.
    #[error("an internal error")]
    Internal(#[source] anyhow::Error),
}

/// How long a client waits before it retries a request that failed because a dependency is down.
const RETRY_AFTER: Duration = Duration::from_secs(2);

impl Error {
    /// One invalid part of the input.
    #[must_use]
    pub fn invalid_field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::InvalidInput(vec![FieldError { field: field.into(), message: message.into() }])
    }

    /// A dependency of the service is down.
    #[must_use]
    pub fn unavailable(cause: impl Into<anyhow::Error>) -> Self {
        Self::Unavailable { retry_after: RETRY_AFTER, cause: cause.into() }
    }

    /// A fault of the service. `cause` goes to the log, so it must hold no patient data.
    #[must_use]
    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        Self::Internal(cause.into())
    }

    /// Something stored is missing or does not open. `cause` goes to the log, so it must hold no patient data.
    #[must_use]
    pub fn damaged(cause: impl Into<anyhow::Error>) -> Self {
        Self::Damaged(cause.into())
    }

    /// The code that clients act on.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Unauthenticated => ErrorCode::Unauthenticated,
            Self::InvalidCredentials => ErrorCode::InvalidCredentials,
            Self::CodeWrong => ErrorCode::CodeWrong,
            Self::CodeExpired => ErrorCode::CodeExpired,
            Self::PermissionDenied => ErrorCode::PermissionDenied,
            Self::SecondFactorRequired => ErrorCode::SecondFactorRequired,
            Self::PasswordRequired => ErrorCode::PasswordRequired,
            Self::SupportSession => ErrorCode::SupportSession,
            Self::NotFound(_) => ErrorCode::NotFound,
            Self::InvalidInput(_) => ErrorCode::InvalidInput,
            Self::Conflict(code) => *code,
            Self::RecordChanged(_) => ErrorCode::RecordChanged,
            Self::LimitReached(_) => ErrorCode::LimitReached,
            Self::TooManyRequests { .. } => ErrorCode::TooManyRequests,
            Self::Unavailable { .. } => ErrorCode::Unavailable,
            // Only workers hold leases; over HTTP a lost one would be a fault of the service.
            Self::LeaseLost | Self::Damaged(_) | Self::Rejected(_) | Self::Internal(_) => ErrorCode::Internal,
        }
    }
}

const fn limit_message(limit: PlanLimit) -> &'static str {
    match limit {
        PlanLimit::Analyses => "the plan's analyses of this period are used up",
        PlanLimit::Seats => "all seats of the plan are taken",
        PlanLimit::StorageBytes => "the plan's storage is full",
    }
}

const fn conflict_message(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::LastAdmin => "a clinic needs an admin: make somebody else one first",
        ErrorCode::RecordIncomplete => "the record has no document, or pages of a document are missing",
        ErrorCode::NotCancellable => "the job already has an outcome",
        ErrorCode::NotRetryable => "only a job that ended in error or was cancelled can be retried",
        ErrorCode::DocumentConflict => "the record has this file with a different description",
        ErrorCode::OriginalExists => "the document has its original already",
        ErrorCode::OriginalMismatch => "what was uploaded is not what was announced",
        ErrorCode::IdempotencyKeyReused => "this Idempotency-Key was used with a different request",
        ErrorCode::SubscriptionConflict => "the subscription is not in a state in which this is possible",
        ErrorCode::PaymentsDisabled => "nothing can be bought here",
        ErrorCode::NotASigner => "you do not sign reports of this clinic; an admin can change that",
        ErrorCode::NoSignatureBlock => "write your signature block first",
        ErrorCode::AnalysisChanged => "the analysis has been edited meanwhile: look at it again",
        ErrorCode::InvalidInput
        | ErrorCode::Unauthenticated
        | ErrorCode::InvalidCredentials
        | ErrorCode::CodeWrong
        | ErrorCode::CodeExpired
        | ErrorCode::PermissionDenied
        | ErrorCode::SecondFactorRequired
        | ErrorCode::PasswordRequired
        | ErrorCode::SupportSession
        | ErrorCode::NotFound
        | ErrorCode::MethodNotAllowed
        | ErrorCode::RecordChanged
        | ErrorCode::RequestTimeout
        | ErrorCode::TooLarge
        | ErrorCode::UnsupportedMediaType
        | ErrorCode::LimitReached
        | ErrorCode::TooManyRequests
        | ErrorCode::Unavailable
        | ErrorCode::Internal => "the request contradicts the stored state",
    }
}
