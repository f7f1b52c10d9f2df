//! How requests travel: what is tried again, for how long, and what an answer may be. Knows no call by name.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode, header::RETRY_AFTER};
use reqwest::{RequestBuilder, Response};

use crate::{ErrorBody, ErrorCode};

/// The longest answer that is read into memory: an analysis of thousands of pages with its boxes fits.
const MAX_ANSWER_BYTES: usize = 256 * 1024 * 1024;

/// Why a call gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The service answered, and refused.
    #[error("{}", .0.message)]
    Refused(Box<ErrorBody>),
    /// No answer came, for as long as the client's [`Patience`] lasted.
    #[error("the cloud cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// The service said that it is unavailable, for as long as the client's [`Patience`] lasted.
    #[error("the cloud is not available at the moment")]
    Unavailable,
    /// Something answered that does not speak the contract.
    #[error("the cloud gave an answer that makes no sense: {0}")]
    Broken(&'static str),
    /// The file to send could not be read.
    #[error("the file could not be read while it was sent")]
    File(#[source] std::io::Error),
}

impl ClientError {
    /// The code of a refusal.
    #[must_use]
    pub fn refused(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(body) => Some(body.code),
            Self::Unreachable(_) | Self::Unavailable | Self::Broken(_) | Self::File(_) => None,
        }
    }

    /// A later try may succeed without anything being changed.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Unavailable => true,
            Self::Refused(_) | Self::Broken(_) | Self::File(_) => false,
        }
    }
}

/// For how long a call is tried again. Pauses double from `first` to `longest`; a `Retry-After` is kept to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// The sum of all pauses after which a call is given up.
    pub total: Duration,
    /// The first pause.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
}

impl Patience {
    /// Tries again for `total`, with pauses from 200 ms to 5 s.
    #[must_use]
    pub const fn lasting(total: Duration) -> Self {
        Self { total, first: Duration::from_millis(200), longest: Duration::from_secs(5) }
    }

    /// The pause before try `tried + 1`, if there is to be one after `waited` in all.
    fn pause(self, tried: u32, waited: Duration, asked: Option<Duration>) -> Option<Duration> {
        let doubled = self.first.saturating_mul(2_u32.saturating_pow(tried.saturating_sub(1)));
        let pause = asked.unwrap_or_else(|| doubled.min(self.longest));
        (waited + pause <= self.total).then_some(pause)
    }
}

/// Whether a request may have its effect twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// A repeat changes nothing, so it is sent again whenever no good answer came.
    Harmless,
    /// A repeat would do it again, so it is sent again only if it never arrived.
    OnlyIfNotSent,
}

/// A whole, successful answer.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

/// Sends what `build` makes until there is an answer or `patience` is over.
///
/// # Errors
/// Any [`ClientError`] but `File`.
pub(super) async fn send(
    patience: Patience,
    repeat: Repeat,
    build: impl Fn() -> RequestBuilder,
) -> Result<Answer, ClientError> {
    let mut waited = Duration::ZERO;
    for tried in 1.. {
        let (error, asked) = match attempt(build()).await {
            Ok(answer) => return Ok(answer),
            Err(Failed { error, asked, arrived }) => {
                if arrived && repeat == Repeat::OnlyIfNotSent || !error.is_passing() && asked.is_none() {
                    return Err(error);
                }
                (error, asked)
            }
        };
        let Some(pause) = patience.pause(tried, waited, asked) else { return Err(error) };
        tokio::time::sleep(pause).await;
        waited += pause;
    }
    unreachable!("the loop ends with an answer or an error")
}

/// Why one try failed.
struct Failed {
    error: ClientError,
    /// When the service wants to be asked again.
    asked: Option<Duration>,
    /// The request may have had its effect.
    arrived: bool,
}

async fn attempt(request: RequestBuilder) -> Result<Answer, Failed> {
    let response = request.send().await.map_err(|error| {
        let arrived = !error.is_connect();
        Failed { error: ClientError::Unreachable(error.without_url()), asked: None, arrived }
    })?;
    let status = response.status();
    let asked = retry_after(response.headers());
    let body = whole(response).await.map_err(|error| Failed { error, asked: None, arrived: true })?;
    if status.is_success() {
        return Ok(Answer { status, body });
    }
    let error = refusal(status, &body);
    let wait = match error.refused() {
        None | Some(ErrorCode::TooManyRequests) => asked,
        Some(_) => None,
    };
    Err(Failed { error, asked: wait, arrived: true })
}

/// What an answer that is not a success means.
pub(super) fn refusal(status: StatusCode, body: &[u8]) -> ClientError {
    let refused = serde_json::from_slice::<ErrorBody>(body);
    match (status, refused) {
        (_, Ok(body)) if body.code == ErrorCode::Unavailable => ClientError::Unavailable,
        (_, Ok(body)) => ClientError::Refused(Box::new(body)),
        // A load balancer in front of the service answers in its own words.
        (StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT, Err(_)) => {
            ClientError::Unavailable
        }
        (_, Err(_)) => ClientError::Broken("it refused without a reason"),
    }
}

/// The pause a refusal asks for. Only the form in seconds: a date would depend on this machine's clock.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

async fn whole(mut response: Response) -> Result<Bytes, ClientError> {
    let mut body = BytesMut::new();
    while let Some(chunk) =
        response.chunk().await.map_err(|error| ClientError::Unreachable(error.without_url()))?
    {
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            return Err(ClientError::Broken("it is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_end_when_patience_does() {
        let patience = Patience {
            total: Duration::from_secs(10),
            first: Duration::from_secs(1),
            longest: Duration::from_secs(4),
        };
        let (mut waited, mut pauses) = (Duration::ZERO, Vec::new());
        for tried in 1.. {
            let Some(pause) = patience.pause(tried, waited, None) else { break };
            waited += pause;
            pauses.push(pause.as_secs());
        }
        assert_eq!(pauses, [1, 2, 4]);
    }

    #[test]
    fn a_pause_that_the_service_asks_for_is_kept_to_or_the_call_is_given_up() {
        let patience = Patience::lasting(Duration::from_secs(10));
        let asked = |seconds| Some(Duration::from_secs(seconds));
        assert_eq!(patience.pause(1, Duration::ZERO, asked(7)), asked(7));
        assert_eq!(patience.pause(1, Duration::ZERO, asked(11)), None);
    }

    #[test]
    fn a_gateway_that_answers_for_the_service_means_unavailable() {
        let error = refusal(StatusCode::BAD_GATEWAY, b"<html>Bad Gateway</html>");
        assert!(matches!(error, ClientError::Unavailable));
        let error = refusal(StatusCode::NOT_FOUND, b"<html>nginx</html>");
        assert!(matches!(error, ClientError::Broken(_)));
    }
}
