//! The errors of core and of the cloud as codes of the window.

use maneiro_api::{ErrorCode, client::ClientError, error::PlanLimit};
use time::format_description::well_known::Rfc3339;

use crate::{
    Error,
    contract::common::{CommandError, CommandErrorCode},
    files::{FileProblem, OutputError},
    store::StoreError,
};

fn api_code(code: ErrorCode) -> CommandErrorCode {
    match code {
        ErrorCode::InvalidInput => CommandErrorCode::InvalidInput,
        ErrorCode::Unauthenticated => CommandErrorCode::SessionEnded,
        ErrorCode::InvalidCredentials => CommandErrorCode::InvalidCredentials,
        ErrorCode::CodeWrong => CommandErrorCode::CodeWrong,
        ErrorCode::CodeExpired => CommandErrorCode::CodeExpired,
        ErrorCode::SecondFactorRequired => CommandErrorCode::SecondFactorRequired,
        ErrorCode::LastAdmin => CommandErrorCode::LastAdmin,
        ErrorCode::PermissionDenied | ErrorCode::SupportSession => CommandErrorCode::PermissionDenied,
        ErrorCode::NotFound => CommandErrorCode::NotFound,
        ErrorCode::MethodNotAllowed => CommandErrorCode::MethodNotAllowed,
        ErrorCode::RecordIncomplete => CommandErrorCode::RecordIncomplete,
        ErrorCode::NotCancellable => CommandErrorCode::NotCancellable,
        ErrorCode::NotRetryable => CommandErrorCode::NotRetryable,
        ErrorCode::DocumentConflict | ErrorCode::OriginalExists => CommandErrorCode::DocumentConflict,
        // Sent again, it may arrive whole.
        ErrorCode::OriginalMismatch => CommandErrorCode::Unavailable,
        ErrorCode::RecordChanged | ErrorCode::AnalysisChanged | ErrorCode::SubscriptionConflict => {
            CommandErrorCode::ChangedElsewhere
        }
        ErrorCode::PasswordRequired => CommandErrorCode::PasswordRequired,
        ErrorCode::NoSignatureBlock => CommandErrorCode::NoSignatureBlock,
        ErrorCode::NotASigner => CommandErrorCode::PermissionDenied,
        // The window does not offer what cannot be bought.
        ErrorCode::PaymentsDisabled => CommandErrorCode::PermissionDenied,
        ErrorCode::IdempotencyKeyReused => CommandErrorCode::IdempotencyKeyReused,
        ErrorCode::TooLarge => CommandErrorCode::TooLarge,
        ErrorCode::UnsupportedMediaType => CommandErrorCode::UnsupportedMediaType,
        ErrorCode::LimitReached => CommandErrorCode::LimitReached,
        ErrorCode::TooManyRequests => CommandErrorCode::TooManyRequests,
        ErrorCode::Unavailable | ErrorCode::RequestTimeout => CommandErrorCode::Unavailable,
        ErrorCode::Internal => CommandErrorCode::Internal,
    }
}

impl From<ClientError> for CommandError {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Api(body) => {
                let mut command = Self::from(api_code(body.code));
                command.request_id = Some(body.request_id.to_string());
                if let Some(limit) = body.limit {
                    let name = match limit.limit {
                        PlanLimit::Analyses => "analyses",
                        PlanLimit::Seats => "seats",
                        PlanLimit::StorageBytes => "storage_bytes",
                    };
                    command = command
                        .with_text("limit", name)
                        // As text: bytes do not fit into a number of the window's.
                        .with_text("maximum", limit.maximum.to_string())
                        .with_text("used", limit.used.to_string());
                    let resets_at = limit.resets_at.and_then(|moment| moment.format(&Rfc3339).ok());
                    if let Some(moment) = resets_at {
                        command = command.with_text("resets_at", moment);
                    }
                }
                command
            }
            ClientError::Unreachable(_) => CommandErrorCode::Offline.into(),
            ClientError::Unavailable => CommandErrorCode::Unavailable.into(),
            ClientError::InvalidResponse(_) => CommandErrorCode::Internal.into(),
            ClientError::File(_) => CommandErrorCode::FileMissing.into(),
        }
    }
}

impl From<StoreError> for CommandError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotOpened { .. } | StoreError::Damaged | StoreError::NewerVersion { .. } => {
                CommandErrorCode::StoreDamaged.into()
            }
            StoreError::DiskFull | StoreError::NotWritable => CommandErrorCode::DiskFull.into(),
            StoreError::Busy => CommandErrorCode::Unavailable.into(),
            StoreError::InvalidKey => CommandErrorCode::KeychainUnavailable.into(),
            StoreError::Internal(error) => {
                tracing::error!(error = %error, "a statement of the local store failed");
                CommandErrorCode::Internal.into()
            }
        }
    }
}

impl From<FileProblem> for CommandError {
    fn from(problem: FileProblem) -> Self {
        match problem {
            FileProblem::NotFound
            | FileProblem::PermissionDenied
            | FileProblem::NotReadable(_)
            | FileProblem::Changed => CommandErrorCode::FileMissing,
            FileProblem::IsDirectory | FileProblem::NotRegular | FileProblem::UnsupportedFormat => {
                CommandErrorCode::FileKind
            }
            FileProblem::Empty => CommandErrorCode::FileEmpty,
            FileProblem::TooLarge | FileProblem::TooManyPages { .. } => CommandErrorCode::TooLarge,
            FileProblem::PasswordRequired => CommandErrorCode::FileEncrypted,
            FileProblem::WrongPassword => CommandErrorCode::WrongPassword,
            FileProblem::Damaged(_)
            | FileProblem::NotOpened(_)
            | FileProblem::Signed
            | FileProblem::Encrypted
            | FileProblem::NoOcrText
            | FileProblem::NotConverted(_)
            | FileProblem::NoSuchPage { .. } => CommandErrorCode::FileDamaged,
            FileProblem::Busy => CommandErrorCode::Unavailable,
        }
        .into()
    }
}

impl From<Error> for CommandError {
    fn from(error: Error) -> Self {
        match error {
            Error::File(error) => error.problem.into(),
            Error::Output(OutputError::DiskFull) => CommandErrorCode::DiskFull.into(),
            Error::Output(_) => CommandErrorCode::FileMissing.into(),
            Error::Store(error) => error.into(),
            Error::Session(_) => CommandErrorCode::SessionEnded.into(),
            Error::CloudAddress(_) => CommandErrorCode::InvalidInput.into(),
            Error::Cloud(error) => error.into(),
            Error::Keychain(_) => CommandErrorCode::KeychainUnavailable.into(),
            Error::JobNotFinished { .. } => CommandErrorCode::NoAnalysis.into(),
            error @ (Error::LanguageNotInstalled(_)
            | Error::Worker(_)
            | Error::Protocol
            | Error::JobFailed { .. }
            | Error::JobCancelled { .. }
            | Error::Interrupted) => {
                tracing::error!(code = error.code(), "a command of the window failed");
                CommandErrorCode::Internal.into()
            }
        }
    }
}
