//! One call to the model's server, with its retries.
//!
//! The library's own transport is not used: it reads answers of any length, and it writes what it cannot parse,
//! which here is patient data, to the log. So everything is read, bounded and checked here, and the library is
//! handed only what it will understand.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use async_openai::{error::OpenAIError, middleware::HttpRequestFactory};
use futures::StreamExt;
use reqwest::{StatusCode, header::RETRY_AFTER};
use serde::Deserialize;

use super::client::Retry;

/// Why a call gave no answer. Holds nothing of what was sent or received.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    #[error("the server did not answer, after all retries")]
    Unavailable,
    #[error("the server refused with status {status}")]
    Refused { status: u16 },
    #[error("the server's answer was not a chat completion")]
    NotAnAnswer,
}

impl From<CallError> for OpenAIError {
    fn from(error: CallError) -> Self {
        Self::Boxed(Box::new(error))
    }
}

/// What one attempt came to.
enum Outcome {
    Answered(Vec<u8>),
    /// Worth another try, after as long as the server asks for.
    Again(Option<Duration>),
    Failed(CallError),
}

/// Sends requests for the library.
#[derive(Debug, Clone)]
pub(super) struct Transport {
    http: reqwest::Client,
    retry: Retry,
    max_bytes: usize,
}

impl Transport {
    pub(super) fn new(http: reqwest::Client, retry: Retry, max_bytes: usize) -> Self {
        Self { http, retry, max_bytes }
    }

    async fn send(&self, request: &HttpRequestFactory) -> Result<reqwest::Response, CallError> {
        let mut wait = self.retry.first_wait;
        for attempt in 1.. {
            match self.attempt(request).await {
                Outcome::Answered(body) => return completion(&body),
                Outcome::Failed(error) => return Err(error),
                Outcome::Again(asked) => {
                    if attempt >= self.retry.attempts {
                        break;
                    }
                    let pause = asked.unwrap_or(wait).min(self.retry.longest_wait);
                    tracing::info!(attempt, wait_ms = pause.as_millis(), "the language model is asked again");
                    tokio::time::sleep(pause).await;
                    wait = wait.saturating_mul(2);
                }
            }
        }
        Err(CallError::Unavailable)
    }

    async fn attempt(&self, request: &HttpRequestFactory) -> Outcome {
        let Ok(request) = request.build().await else { return Outcome::Failed(CallError::Unavailable) };
        let Ok(response) = self.http.execute(request).await else { return Outcome::Again(None) };
        let status = response.status();
        if status.is_success() {
            return self.body(response).await;
        }
        if status == StatusCode::TOO_MANY_REQUESTS
            || status == StatusCode::REQUEST_TIMEOUT
            || status.is_server_error()
        {
            return Outcome::Again(retry_after(&response));
        }
        // A redirect is a refusal too: its target was never allowed.
        Outcome::Failed(CallError::Refused { status: status.as_u16() })
    }

    /// Reads the answer, never more than the bound. One that breaks off is asked for again.
    async fn body(&self, response: reqwest::Response) -> Outcome {
        let mut body = Vec::new();
        let mut chunks = response.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            let Ok(chunk) = chunk else { return Outcome::Again(None) };
            if body.len() + chunk.len() > self.max_bytes {
                return Outcome::Failed(CallError::NotAnAnswer);
            }
            body.extend_from_slice(&chunk);
        }
        Outcome::Answered(body)
    }
}

/// Seconds, as servers of models send it; a date is answered with our own wait.
fn retry_after(response: &reqwest::Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse::<f64>().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

/// The parts of a chat completion that are used; compatible servers leave others out.
#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    content: Option<String>,
}

/// Gives the library a completion of exactly the form it reads.
fn completion(body: &[u8]) -> Result<reqwest::Response, CallError> {
    let parsed: Completion = serde_json::from_slice(body).map_err(|_| CallError::NotAnAnswer)?;
    let content = parsed.choices.into_iter().next().and_then(|choice| choice.message.content);
    let plain = serde_json::json!({
        "id": "",
        "object": "chat.completion",
        "created": 0,
        "model": "",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": content}}],
    });
    Ok(http::Response::new(reqwest::Body::from(plain.to_string())).into())
}

impl tower::Service<HttpRequestFactory> for Transport {
    type Response = reqwest::Response;
    type Error = CallError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequestFactory) -> Self::Future {
        let transport = self.clone();
        Box::pin(async move { transport.send(&request).await })
    }
}
