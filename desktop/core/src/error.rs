//! Everything that can fail on the workstation: a sentence for the user, a documented code, and a class that decides the
//! exit code. Sentences may name the user's own files. They never contain the content of pages.

use maneiro_api::{
    ErrorCode, JobId,
    client::{ClientError, ServerUrlError},
    job::JobError,
};

use crate::{
    cloud::SessionError,
    files::{FileError, OutputError},
    keychain::KeychainError,
    store::StoreError,
};

/// The kind of an error. Each is one exit code of the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// A programming error.
    Internal,
    /// The command line is wrong.
    Usage,
    /// A file cannot be used.
    Input,
    /// Not signed in, or not permitted.
    Access,
    /// The cloud cannot be reached or sends invalid responses.
    Cloud,
    /// A limit of the plan or the service is reached.
    Limit,
    /// The local store or the disk failed.
    Store,
    /// The cloud refused the request.
    Refused,
    /// The job ended without an analysis.
    Job,
    /// The user or the system stopped the command.
    Interrupted,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Output(#[from] OutputError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error(transparent)]
    CloudAddress(#[from] ServerUrlError),
    #[error(transparent)]
    Cloud(#[from] ClientError),
    #[error(transparent)]
    Keychain(#[from] KeychainError),
    /// The engine's message names the model and its package.
    #[error("{0}")]
    LanguageNotInstalled(String),
    #[error("a page worker cannot be started")]
    Worker(#[source] std::io::Error),
    #[error("a page worker sent an unexpected response")]
    Protocol,
    #[error("the analysis {job} failed: {}", .error.message)]
    JobFailed { job: JobId, error: JobError },
    #[error("the analysis {job} was cancelled")]
    JobCancelled { job: JobId },
    #[error("the analysis {job} is not finished yet")]
    JobNotFinished { job: JobId },
    /// The operating system terminated a page worker.
    #[error("reading was interrupted; run the command again to continue")]
    Interrupted,
}

impl Error {
    /// The code that programs act on.
    #[must_use]
    pub fn code(&self) -> String {
        match self {
            Self::File(error) => error.problem.code().to_owned(),
            Self::Output(error) => error.code().to_owned(),
            Self::Store(error) => error.code().to_owned(),
            Self::Session(error) => error.code().to_owned(),
            Self::CloudAddress(ServerUrlError::Invalid) => "invalid_cloud_address".to_owned(),
            Self::CloudAddress(ServerUrlError::NotEncrypted) => "cloud_address_not_encrypted".to_owned(),
            Self::Cloud(ClientError::Api(body)) => api_code_name(body.code),
            Self::Cloud(ClientError::Unreachable(_)) => "cloud_unreachable".to_owned(),
            Self::Cloud(ClientError::Unavailable) => "cloud_unavailable".to_owned(),
            Self::Cloud(ClientError::InvalidResponse(_)) => "cloud_invalid_response".to_owned(),
            Self::Cloud(ClientError::File(_)) => "file_not_readable".to_owned(),
            Self::Keychain(KeychainError::Unavailable) => "no_keychain".to_owned(),
            Self::Keychain(KeychainError::Locked) => "keychain_locked".to_owned(),
            Self::Keychain(KeychainError::Refused) => "keychain_refused".to_owned(),
            Self::LanguageNotInstalled(_) => "language_not_installed".to_owned(),
            Self::Worker(_) | Self::Protocol => "internal".to_owned(),
            Self::JobFailed { .. } => "job_failed".to_owned(),
            Self::JobCancelled { .. } => "job_cancelled".to_owned(),
            Self::JobNotFinished { .. } => "job_not_finished".to_owned(),
            Self::Interrupted => "interrupted".to_owned(),
        }
    }

    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::File(_) => ErrorClass::Input,
            Self::Output(OutputError::Exists { .. } | OutputError::IsInput { .. }) => ErrorClass::Usage,
            Self::Output(OutputError::DiskFull | OutputError::NotWritten { .. }) | Self::Store(_) => {
                ErrorClass::Store
            }
            Self::Session(_) | Self::Keychain(_) => ErrorClass::Access,
            Self::CloudAddress(_) | Self::LanguageNotInstalled(_) => ErrorClass::Usage,
            Self::Cloud(error) => cloud_class(error),
            Self::Worker(_) | Self::Protocol => ErrorClass::Internal,
            Self::JobFailed { .. } | Self::JobCancelled { .. } | Self::JobNotFinished { .. } => {
                ErrorClass::Job
            }
            Self::Interrupted => ErrorClass::Interrupted,
        }
    }
}

fn cloud_class(error: &ClientError) -> ErrorClass {
    let code = match error {
        ClientError::Api(body) => body.code,
        ClientError::Unreachable(_) | ClientError::Unavailable | ClientError::InvalidResponse(_) => {
            return ErrorClass::Cloud;
        }
        ClientError::File(_) => return ErrorClass::Input,
    };
    match code {
        ErrorCode::Unauthenticated
        | ErrorCode::InvalidCredentials
        | ErrorCode::CodeWrong
        | ErrorCode::CodeExpired
        | ErrorCode::PermissionDenied
        | ErrorCode::SecondFactorRequired
        | ErrorCode::PasswordRequired
        | ErrorCode::SupportSession => ErrorClass::Access,
        ErrorCode::LimitReached | ErrorCode::TooManyRequests => ErrorClass::Limit,
        ErrorCode::Unavailable | ErrorCode::RequestTimeout | ErrorCode::Internal => ErrorClass::Cloud,
        ErrorCode::InvalidInput
        | ErrorCode::NotFound
        | ErrorCode::MethodNotAllowed
        | ErrorCode::LastAdmin
        | ErrorCode::RecordIncomplete
        | ErrorCode::NotCancellable
        | ErrorCode::NotRetryable
        | ErrorCode::DocumentConflict
        | ErrorCode::OriginalExists
        | ErrorCode::OriginalMismatch
        | ErrorCode::RecordChanged
        | ErrorCode::IdempotencyKeyReused
        | ErrorCode::SubscriptionConflict
        | ErrorCode::PaymentsDisabled
        | ErrorCode::NotASigner
        | ErrorCode::NoSignatureBlock
        | ErrorCode::AnalysisChanged
        | ErrorCode::TooLarge
        | ErrorCode::UnsupportedMediaType => ErrorClass::Refused,
    }
}

/// The code as the API spells it.
fn api_code_name(code: ErrorCode) -> String {
    match serde_json::to_value(code) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(_) | Err(_) => unreachable!("error codes are written as strings"),
    }
}
