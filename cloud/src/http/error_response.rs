//! Everything that goes wrong becomes an `ErrorBody` here and in `envelope`, which adds the request id. The client is
//! told the code and a sentence, the log gets the chain of causes.

use std::{any::Any, time::Duration};

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use maneiro_api::{ErrorBody, ErrorCode, FieldError, RequestId, error::LimitReached};
use tracing::error;

use crate::domain::error::Error;

/// A refusal or failure on its way out.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    code: ErrorCode,
    message: String,
    fields: Vec<FieldError>,
    limit: Option<LimitReached>,
    retry_after: Option<Duration>,
}

impl Problem {
    /// A refusal that concerns how something was said over HTTP.
    pub(super) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), fields: Vec::new(), limit: None, retry_after: None }
    }

    /// The answer to the request of this id.
    pub(super) fn answer(self, request_id: RequestId) -> Response {
        let Self { code, message, fields, limit, retry_after } = self;
        let body = ErrorBody { code, message, fields, limit, request_id };
        let mut response = (status(code), axum::Json(body)).into_response();
        let headers = response.headers_mut();
        if let Some(wait) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        if status(code) == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let (code, message) = (error.code(), error.to_string());
        if status(code).is_server_error() {
            let causes: Vec<String> = anyhow::Chain::new(&error).skip(1).map(ToString::to_string).collect();
            error!(code = ?code, causes = causes.join(": "), "request failed");
        }
        let problem = Self::new(code, message);
        match error {
            Error::Invalid(fields) => Self { fields, ..problem },
            Error::LimitReached(limit) => Self { limit: Some(limit), ..problem },
            Error::Unavailable { retry_after, .. } => Self { retry_after: Some(retry_after), ..problem },
            Error::Unauthenticated
            | Error::WrongCredentials
            | Error::Denied
            | Error::NotFound(_)
            | Error::Conflict(_)
            | Error::LeaseLost
            | Error::Bug(_) => problem,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        // The body is written by `envelope`, which knows the request id.
        let mut response = status(self.code).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

const fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::InvalidInput => StatusCode::BAD_REQUEST,
        ErrorCode::Unauthenticated | ErrorCode::InvalidCredentials => StatusCode::UNAUTHORIZED,
        ErrorCode::PermissionDenied => StatusCode::FORBIDDEN,
        ErrorCode::NotFound => StatusCode::NOT_FOUND,
        ErrorCode::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::EmailTaken
        | ErrorCode::RecordIncomplete
        | ErrorCode::NotCancellable
        | ErrorCode::NotRetryable
        | ErrorCode::DocumentConflict
        | ErrorCode::IdempotencyKeyReused => StatusCode::CONFLICT,
        ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorCode::LimitReached | ErrorCode::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

pub(super) async fn no_such_address() -> Problem {
    Problem::new(ErrorCode::NotFound, "there is no such address")
}

pub(super) async fn no_such_method() -> Problem {
    Problem::new(ErrorCode::MethodNotAllowed, "this address does not take this method")
}

/// A panic is a fault of ours. What it says may hold anything, so it is not logged; the panic hook has the place.
pub(super) fn panicked(_: Box<dyn Any + Send>) -> Response {
    error!("a request panicked");
    Problem::new(ErrorCode::Internal, Error::bug(anyhow::anyhow!("panic")).to_string()).into_response()
}
