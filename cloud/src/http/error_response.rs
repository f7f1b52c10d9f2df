//! Every error becomes an `ErrorBody` here and in `middleware`, which adds the request id. The client gets the code and a
//! sentence, the log gets the causes.

use std::{any::Any, time::Duration};

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use maneiro_api::{ErrorBody, ErrorCode, FieldError, RequestId, error::LimitReached, record::Record};
use tracing::error;

use crate::{domain::error::Error, log::error_chain};

/// An error response without its request id.
#[derive(Debug, Clone)]
pub(super) struct ErrorResponse {
    code: ErrorCode,
    message: String,
    fields: Vec<FieldError>,
    /// Boxed, because every result of a handler has room for an error.
    limit: Option<Box<LimitReached>>,
    record: Option<Box<Record>>,
    retry_after: Option<Duration>,
}

impl ErrorResponse {
    /// An error of the HTTP request itself.
    pub(super) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            fields: Vec::new(),
            limit: None,
            record: None,
            retry_after: None,
        }
    }

    /// The complete response to the request of this id.
    pub(super) fn with_request_id(self, request_id: RequestId) -> Response {
        let Self { code, message, fields, limit, record, retry_after } = self;
        let body = ErrorBody { code, message, fields, limit: limit.map(|limit| *limit), record, request_id };
        let mut response = (status(code), axum::Json(body)).into_response();
        let headers = response.headers_mut();
        if let Some(delay) = retry_after {
            // Rounded up: a client that waits that long is admitted.
            headers.insert(
                header::RETRY_AFTER,
                HeaderValue::from(delay.as_millis().div_ceil(1000).max(1) as u64),
            );
        }
        if status(code) == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<Error> for ErrorResponse {
    fn from(error: Error) -> Self {
        let code = error.code();
        if status(code).is_server_error() {
            error!(code = ?code, error = %error_chain(&error), "request failed");
        }
        let response = Self::new(code, error.to_string());
        match error {
            Error::InvalidInput(fields) => Self { fields, ..response },
            Error::RecordChanged(record) => Self { record: Some(record), ..response },
            Error::LimitReached(limit) => Self { limit: Some(Box::new(limit)), ..response },
            Error::Unavailable { retry_after, .. } | Error::TooManyRequests { retry_after } => {
                Self { retry_after: Some(retry_after), ..response }
            }
            Error::Unauthenticated
            | Error::InvalidCredentials
            | Error::CodeWrong
            | Error::CodeExpired
            | Error::PermissionDenied
            | Error::SecondFactorRequired
            | Error::PasswordRequired
            | Error::SupportSession
            | Error::NotFound(_)
            | Error::Conflict(_)
            | Error::LeaseLost
            | Error::Damaged(_)
            | Error::Rejected(_)
            | Error::Internal(_) => response,
        }
    }
}

impl IntoResponse for ErrorResponse {
    fn into_response(self) -> Response {
        // `middleware`, which knows the request id, writes the body.
        let mut response = status(self.code).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

const fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::InvalidInput => StatusCode::BAD_REQUEST,
        ErrorCode::Unauthenticated
        | ErrorCode::InvalidCredentials
        | ErrorCode::CodeWrong
        | ErrorCode::CodeExpired => StatusCode::UNAUTHORIZED,
        ErrorCode::PermissionDenied
        | ErrorCode::SecondFactorRequired
        | ErrorCode::PasswordRequired
        | ErrorCode::SupportSession => StatusCode::FORBIDDEN,
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::LastAdmin
        | ErrorCode::RecordIncomplete
        | ErrorCode::NotCancellable
        | ErrorCode::NotRetryable
        | ErrorCode::DocumentConflict
        | ErrorCode::OriginalExists
        | ErrorCode::OriginalMismatch
        | ErrorCode::RecordChanged
        | ErrorCode::SubscriptionConflict
        | ErrorCode::PaymentsDisabled
        | ErrorCode::NotASigner
        | ErrorCode::NoSignatureBlock
        | ErrorCode::AnalysisChanged
        | ErrorCode::IdempotencyKeyReused => StatusCode::CONFLICT,
        ErrorCode::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
        ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorCode::LimitReached | ErrorCode::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

pub(super) async fn path_not_found() -> ErrorResponse {
    ErrorResponse::new(ErrorCode::NotFound, "there is no such path")
}

pub(super) async fn method_not_allowed() -> ErrorResponse {
    ErrorResponse::new(ErrorCode::MethodNotAllowed, "this path does not accept this method")
}

/// The response after a panic. Its message may contain anything, so it is not logged; the panic hook logs the location.
pub(super) fn panic_response(_: Box<dyn Any + Send>) -> Response {
    error!("a request panicked");
    let error = Error::internal(anyhow::anyhow!("panic"));
    ErrorResponse::new(ErrorCode::Internal, error.to_string()).into_response()
}
