//! Sends one request, retries it where that is safe, and reads the response up to a limit.

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use reqwest::{RequestBuilder, Response};

use super::error::{ClientError, response_error};
use crate::{ErrorCode, RetryPolicy, retry_after};

/// The largest response that is read into memory: an analysis of thousands of pages with its boxes fits.
const MAX_RESPONSE_BYTES: usize = 256 * 1024 * 1024;

/// Whether a request may be sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Idempotency {
    /// A repeat has no further effect: sent again after every transient error.
    Idempotent,
    /// A repeat has its effect twice: sent again only if the first request never reached the service.
    NotIdempotent,
}

/// A complete response with a success status.
pub(super) struct ApiResponse {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

/// Sends the requests that `build` makes until one succeeds, fails for good, or `policy` ends.
///
/// # Errors
/// Any [`ClientError`] but `File`.
pub(super) async fn send(
    policy: RetryPolicy,
    idempotency: Idempotency,
    build: impl Fn() -> RequestBuilder,
) -> Result<ApiResponse, ClientError> {
    let mut backoff = policy.backoff();
    loop {
        let AttemptError { error, retry_after, was_sent } = match attempt(build()).await {
            Ok(response) => return Ok(response),
            Err(failed) => failed,
        };
        if was_sent && idempotency == Idempotency::NotIdempotent
            || !error.is_transient() && retry_after.is_none()
        {
            return Err(error);
        }
        let Some(delay) = backoff.next_delay(retry_after) else { return Err(error) };
        tokio::time::sleep(delay).await;
    }
}

/// Why one attempt failed.
struct AttemptError {
    error: ClientError,
    /// The delay that the service requests before the next attempt.
    retry_after: Option<std::time::Duration>,
    /// Whether the request may have reached the service.
    was_sent: bool,
}

async fn attempt(request: RequestBuilder) -> Result<ApiResponse, AttemptError> {
    let response = request.send().await.map_err(|error| {
        let was_sent = !error.is_connect();
        AttemptError { error: ClientError::Unreachable(error.without_url()), retry_after: None, was_sent }
    })?;
    let status = response.status();
    let requested = retry_after(response.headers());
    let body = read_body(response).await.map_err(|error| AttemptError {
        error,
        retry_after: None,
        was_sent: true,
    })?;
    if status.is_success() {
        return Ok(ApiResponse { status, body });
    }
    let error = response_error(status, &body);
    let retry_after = match error.api_code() {
        None | Some(ErrorCode::TooManyRequests) => requested,
        Some(_) => None,
    };
    Err(AttemptError { error, retry_after, was_sent: true })
}

async fn read_body(mut response: Response) -> Result<Bytes, ClientError> {
    let mut body = BytesMut::new();
    while let Some(chunk) =
        response.chunk().await.map_err(|error| ClientError::Unreachable(error.without_url()))?
    {
        if body.len() + chunk.len() > MAX_RESPONSE_BYTES {
            return Err(ClientError::InvalidResponse("it is too large"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
