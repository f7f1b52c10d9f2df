//! Calls of a server's chat completions: one request with its retries and a bounded response.
//!
//! Only the request types of `async-openai` are used. Its client reads responses of any length and logs those that it
//! cannot parse, which here are patient data. Its response types require fields that compatible servers leave out.

use std::time::Duration;

use maneiro_api::{RetryPolicy, retry_after};
use reqwest::{
    StatusCode,
    header::{AUTHORIZATION, HeaderMap, HeaderValue},
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use super::settings::{ModelSettings, ModelSetupError};
use crate::ports::ModelError;

/// The chat completions endpoint of a server.
#[derive(Clone)]
pub(super) struct ChatCompletions {
    http: reqwest::Client,
    url: String,
    retry: RetryPolicy,
    max_response_bytes: usize,
}

/// The used fields of a chat completion.
#[derive(Deserialize)]
struct ChatCompletion {
    choices: Vec<CompletionChoice>,
}

#[derive(Deserialize)]
struct CompletionChoice {
    message: CompletionMessage,
}

#[derive(Deserialize)]
struct CompletionMessage {
    content: Option<String>,
}

/// Why an attempt has no response.
enum CompletionError {
    /// A retry may succeed, after the delay that the server requests.
    Transient(Option<Duration>),
    Permanent(ModelError),
}

impl ChatCompletions {
    /// Checks the settings and builds the HTTP client for all calls: without redirects and proxies, so that the checked
    /// host is the only one that is contacted.
    pub(super) fn new(settings: &ModelSettings) -> Result<Self, ModelSetupError> {
        let is_unencrypted = settings.check_host()?;
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .https_only(!is_unencrypted)
            .connect_timeout(Duration::from_secs(10).min(settings.timeout))
            .timeout(settings.timeout)
            .user_agent("maneiro")
            .default_headers(authorization(settings)?)
            .build()
            .map_err(ModelSetupError::Http)?;
        Ok(Self {
            http,
            url: format!("{}/chat/completions", settings.base_url.as_str().trim_end_matches('/')),
            retry: settings.retry,
            max_response_bytes: settings.max_response_bytes,
        })
    }

    /// The content of the completion; none if the response is not a completion or exceeds the size limit.
    pub(super) async fn create(
        &self,
        request: &(impl Serialize + Sync),
    ) -> Result<Option<String>, ModelError> {
        let mut backoff = self.retry.backoff();
        loop {
            let requested = match self.attempt(request).await {
                Ok(body) => return Ok(body.and_then(|body| completion_content(&body))),
                Err(CompletionError::Permanent(error)) => return Err(error),
                Err(CompletionError::Transient(requested)) => requested,
            };
            let attempt = backoff.attempt();
            let requested = requested.map(|delay| delay.min(self.retry.max_delay));
            let Some(delay) = backoff.next_delay(requested) else { return Err(ModelError::Unavailable) };
            tracing::info!(attempt, delay_ms = delay.as_millis(), "retrying the language model");
            tokio::time::sleep(delay).await;
        }
    }

    /// The body of the response; none if it exceeds the size limit.
    async fn attempt(&self, request: &(impl Serialize + Sync)) -> Result<Option<Vec<u8>>, CompletionError> {
        let response = self.http.post(&self.url).json(request).send().await;
        let mut response = response.map_err(|_| CompletionError::Transient(None))?;
        let status = response.status();
        if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT)
            || status.is_server_error()
        {
            return Err(CompletionError::Transient(retry_after(response.headers())));
        }
        // A redirect is a refusal too, since its target is not on the list of allowed hosts.
        if !status.is_success() {
            return Err(CompletionError::Permanent(ModelError::Refused { status: status.as_u16() }));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|_| CompletionError::Transient(None))? {
            if body.len() + chunk.len() > self.max_response_bytes {
                return Ok(None);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Some(body))
    }
}

fn completion_content(body: &[u8]) -> Option<String> {
    let completion: ChatCompletion = serde_json::from_slice(body).ok()?;
    completion.choices.into_iter().next()?.message.content
}

fn authorization(settings: &ModelSettings) -> Result<HeaderMap, ModelSetupError> {
    let key = settings.api_key.expose_secret();
    let mut headers = HeaderMap::new();
    if !key.is_empty() {
        let mut value =
            HeaderValue::from_str(&format!("Bearer {key}")).map_err(|_| ModelSetupError::BadKey)?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    Ok(headers)
}
