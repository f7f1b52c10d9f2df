//! Why a call to the cloud failed.

use http::StatusCode;

use crate::{ErrorBody, ErrorCode};

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The service answered with an error.
    #[error("{}", .0.message)]
    Api(Box<ErrorBody>),
    /// No response came, in all attempts of the client's [`RetryPolicy`](crate::RetryPolicy).
    #[error("the cloud cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// The service was unavailable, in all attempts of the client's [`RetryPolicy`](crate::RetryPolicy).
    #[error("the cloud is not available at the moment")]
    Unavailable,
    /// The response does not follow the API.
    #[error("the cloud sent an invalid response: {0}")]
    InvalidResponse(&'static str),
    /// The file to send could not be read.
    #[error("the file could not be read while it was sent")]
    File(#[source] std::io::Error),
}

impl ClientError {
    /// The code of an error that the service answered with.
    #[must_use]
    pub fn api_code(&self) -> Option<ErrorCode> {
        match self {
            Self::Api(body) => Some(body.code),
            Self::Unreachable(_) | Self::Unavailable | Self::InvalidResponse(_) | Self::File(_) => None,
        }
    }

    /// Whether the same request may succeed later.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Unavailable => true,
            Self::Api(_) | Self::InvalidResponse(_) | Self::File(_) => false,
        }
    }
}

/// The error that a response without success stands for.
pub(super) fn response_error(status: StatusCode, body: &[u8]) -> ClientError {
    match (status, serde_json::from_slice::<ErrorBody>(body)) {
        (_, Ok(body)) if body.code == ErrorCode::Unavailable => ClientError::Unavailable,
        (_, Ok(body)) => ClientError::Api(Box::new(body)),
        // A load balancer answers for the service with a body of its own.
        (StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT, Err(_)) => {
            ClientError::Unavailable
        }
        (_, Err(_)) => ClientError::InvalidResponse("an error without a code"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gateway_error_means_unavailable() {
        let error = response_error(StatusCode::BAD_GATEWAY, b"<html>Bad Gateway</html>");
        assert!(matches!(error, ClientError::Unavailable));
        let error = response_error(StatusCode::NOT_FOUND, b"<html>nginx</html>");
        assert!(matches!(error, ClientError::InvalidResponse(_)));
    }
}
