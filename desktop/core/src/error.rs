//! Everything that can go wrong on the workstation: one clear sentence, a documented code, and a class to branch on.
//! Names of the user's own files appear in sentences for that user; content of pages never does.

use maneiro_api::{
    ErrorCode, JobId,
    client::{ClientError, ServerUrlError},
    job::JobError,
};

use crate::{
    cloud::session::SessionError, files::FileError, keychain::KeychainError, searchable_pdf::PlaceError,
    store::StoreError,
};

/// What kind of thing went wrong; the command line's exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorClass {
    /// A fault of ours.
    Fault,
    /// The command was given wrongly.
    Usage,
    /// A file cannot be used.
    Input,
    /// Not signed in, or not allowed.
    Access,
    /// The cloud cannot be reached or does not speak our language.
    Cloud,
    /// A limit of the plan or the service is reached.
    Limit,
    /// The local store or the disk refused.
    Store,
    /// The cloud refused the request for what it holds.
    Refused,
    /// The job did not come to an analysis.
    Job,
    /// The user or the system stopped the command.
    Stopped,
}

/// Anything that can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file of the user.
    #[error(transparent)]
    File(#[from] FileError),
    /// Where a copy was to go.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The local store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Sign-in.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The address of the cloud.
    #[error(transparent)]
    Address(#[from] ServerUrlError),
    /// A call to the cloud.
    #[error(transparent)]
    Cloud(#[from] ClientError),
    /// The keychain.
    #[error(transparent)]
    Keychain(#[from] KeychainError),
    /// Scans cannot be recognised in the languages asked for.
    #[error("{0}")]
    Recogniser(String),
    /// A page worker cannot be started.
    #[error("a page worker cannot be started")]
    Worker(#[source] std::io::Error),
    /// A page worker spoke out of turn.
    #[error("a page worker gave an answer that makes no sense")]
    Protocol,
    /// The job ended without an analysis.
    #[error("the analysis {job} failed: {}", .error.message)]
    JobFailed {
        /// Which.
        job: JobId,
        /// Why.
        error: JobError,
    },
    /// The job was cancelled.
    #[error("the analysis {job} was cancelled")]
    JobCancelled {
        /// Which.
        job: JobId,
    },
    /// The job has no outcome yet.
    #[error("the analysis {job} is not finished yet")]
    JobUnfinished {
        /// Which.
        job: JobId,
    },
    /// The operating system ended the reading.
    #[error("reading was stopped; run the command again to go on where it stopped")]
    Stopped,
}

impl Error {
    /// What a program acts on; documented in the command line's help.
    #[must_use]
    pub fn code(&self) -> String {
        match self {
            Self::File(error) => error.problem.code().to_owned(),
            Self::Place(error) => error.code().to_owned(),
            Self::Store(error) => error.code().to_owned(),
            Self::Session(error) => error.code().to_owned(),
            Self::Address(ServerUrlError::Invalid) => "bad_cloud_address".to_owned(),
            Self::Address(ServerUrlError::NotEncrypted) => "cloud_address_not_encrypted".to_owned(),
            Self::Cloud(ClientError::Api(body)) => wire_name(body.code),
            Self::Cloud(ClientError::Unreachable(_)) => "cloud_unreachable".to_owned(),
            Self::Cloud(ClientError::Unavailable) => "cloud_unavailable".to_owned(),
            Self::Cloud(ClientError::InvalidResponse(_)) => "cloud_broken_answer".to_owned(),
            Self::Cloud(ClientError::File(_)) => "file_not_readable".to_owned(),
            Self::Keychain(KeychainError::Absent) => "no_keychain".to_owned(),
            Self::Keychain(KeychainError::Locked) => "keychain_locked".to_owned(),
            Self::Keychain(KeychainError::Refused) => "keychain_refused".to_owned(),
            Self::Recogniser(_) => "language_not_installed".to_owned(),
            Self::Worker(_) | Self::Protocol => "internal".to_owned(),
            Self::JobFailed { .. } => "job_failed".to_owned(),
            Self::JobCancelled { .. } => "job_cancelled".to_owned(),
            Self::JobUnfinished { .. } => "job_unfinished".to_owned(),
            Self::Stopped => "stopped".to_owned(),
        }
    }

    /// What kind of thing went wrong.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::File(_) => ErrorClass::Input,
            Self::Place(PlaceError::Taken { .. } | PlaceError::Original { .. }) => ErrorClass::Usage,
            Self::Place(PlaceError::DiskFull | PlaceError::NotWritten { .. }) | Self::Store(_) => {
                ErrorClass::Store
            }
            Self::Session(_) | Self::Keychain(_) => ErrorClass::Access,
            Self::Address(_) | Self::Recogniser(_) => ErrorClass::Usage,
            Self::Cloud(error) => cloud_class(error),
            Self::Worker(_) | Self::Protocol => ErrorClass::Fault,
            Self::JobFailed { .. } | Self::JobCancelled { .. } | Self::JobUnfinished { .. } => {
                ErrorClass::Job
            }
            Self::Stopped => ErrorClass::Stopped,
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
        ErrorCode::Unauthenticated | ErrorCode::InvalidCredentials | ErrorCode::PermissionDenied => {
            ErrorClass::Access
        }
        ErrorCode::LimitReached | ErrorCode::TooManyRequests => ErrorClass::Limit,
        ErrorCode::Unavailable | ErrorCode::Internal => ErrorClass::Cloud,
        ErrorCode::InvalidInput
        | ErrorCode::NotFound
        | ErrorCode::MethodNotAllowed
        | ErrorCode::EmailTaken
        | ErrorCode::RecordIncomplete
        | ErrorCode::NotCancellable
        | ErrorCode::NotRetryable
        | ErrorCode::DocumentConflict
        | ErrorCode::IdempotencyKeyReused
        | ErrorCode::TooLarge
        | ErrorCode::UnsupportedMediaType => ErrorClass::Refused,
    }
}

/// The code as the wire writes it.
fn wire_name(code: ErrorCode) -> String {
    match serde_json::to_value(code) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(_) | Err(_) => unreachable!("error codes are written as strings"),
    }
}
