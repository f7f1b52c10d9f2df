//! The client: its settings, and the way from pages to findings.

use std::{fmt, time::Duration};

use async_openai::{
    Client,
    config::Config,
    error::OpenAIError,
    types::chat::{
        ChatCompletionRequestSystemMessage, ChatCompletionRequestUserMessage, CreateChatCompletionRequest,
        CreateChatCompletionRequestArgs, ResponseFormat, ResponseFormatJsonSchema,
    },
};
use maneiro_api::analysis::{DiscardedOutput, Findings};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{
    answer::Answer,
    grounding,
    merge::Merged,
    prompt, schema,
    transport::{CallError, Transport},
};
use crate::{ModelError, Progress, Request, SourcePage, extract, verify};

/// How calls that failed for now are tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Calls in all, the first included; at least one is made.
    pub attempts: u32,
    /// Wait before the second call; each further wait is twice the one before.
    pub first_wait: Duration,
    /// Longest wait, also where the server asks for more.
    pub longest_wait: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 5, first_wait: Duration::from_secs(1), longest_wait: Duration::from_secs(60) }
    }
}

/// Where the model is and how it is asked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the server's interface begins, such as `https://api.openai.com/v1`. HTTPS, but for this machine.
    pub base_url: Url,
    /// The model's name as its server calls it.
    pub model: String,
    /// The server's key; empty where it asks for none.
    pub api_key: SecretString,
    /// Hosts that patient data may go to: names, or `name:port` for one port alone.
    pub allowed_hosts: Vec<String>,
    /// Time for one call, from the connection to the last byte.
    pub timeout: Duration,
    /// How failed calls are tried again.
    pub retry: Retry,
    /// Characters of page text in one call.
    pub window_chars: usize,
    /// Pages that two calls share, so that what a page break cuts is whole in one of them.
    pub overlap_pages: usize,
    /// Bytes of one answer; more is not read.
    pub max_answer_bytes: usize,
}

impl Settings {
    /// The usual settings for a server, a model and a key. Patient data may go to the hosts named and to no other.
    #[must_use]
    pub fn new(base_url: Url, model: String, api_key: SecretString, allowed_hosts: Vec<String>) -> Self {
        Self {
            base_url,
            model,
            api_key,
            allowed_hosts,
            timeout: Duration::from_secs(180),
            retry: Retry::default(),
            window_chars: 40_000,
            overlap_pages: 1,
            max_answer_bytes: 4 * 1024 * 1024,
        }
    }
}

/// Why a client cannot be made of these settings.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The address names no host.
    #[error("the language model's address names no host")]
    NoHost,
    /// The host is not on the operator's list.
    #[error("the language model's host {host} is not on the list of allowed hosts")]
    HostNotAllowed {
        /// The host that was asked for.
        host: String,
    },
    /// Patient data would travel in clear.
    #[error("the language model's address must begin with https:// unless it is on this machine")]
    NotEncrypted,
    /// The key has characters that no HTTP header can carry.
    #[error("the language model's key has characters that cannot be sent")]
    BadKey,
    /// The HTTP client could not be made.
    #[error("the HTTP client for the language model could not be made")]
    Http(#[source] reqwest::Error),
}

/// A language model that makes findings of pages.
#[derive(Clone)]
pub struct ModelClient {
    client: Client<Endpoint>,
    model: String,
    window_chars: usize,
    overlap_pages: usize,
}

impl fmt::Debug for ModelClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelClient").field("model", &self.model).finish_non_exhaustive()
    }
}

impl ModelClient {
    /// Checks the settings and makes the one HTTP client of all calls: no redirects, no proxy, so that the host
    /// that was checked is the one that is spoken to.
    ///
    /// # Errors
    /// [`SetupError`] says which setting is wrong.
    pub fn new(settings: Settings) -> Result<Self, SetupError> {
        let local = check_host(&settings)?;
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .https_only(!local)
            .connect_timeout(Duration::from_secs(10).min(settings.timeout))
            .timeout(settings.timeout)
            .user_agent("maneiro")
            .build()
            .map_err(SetupError::Http)?;
        let endpoint = Endpoint::new(&settings)?;
        let transport = Transport::new(http.clone(), settings.retry, settings.max_answer_bytes);
        Ok(Self {
            client: Client::build(http, endpoint).with_http_service(transport),
            model: settings.model,
            window_chars: settings.window_chars,
            overlap_pages: settings.overlap_pages,
        })
    }

    /// The model's name as its server calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.model
    }

    /// Makes findings of the pages, window by window. Every citation has been looked up on its page, and a
    /// statement whose numbers or denials its quotes do not bear out is unverified; looking citations up again
    /// would lose that second mark.
    ///
    /// No call sees two distant pages side by side, so the extractive analyser adds the conflicts that it finds
    /// between pages; it also ranks the summary, by its documented rule.
    ///
    /// # Errors
    /// [`ModelError::Unavailable`] after all retries, [`ModelError::Refused`] at once, [`ModelError::Unusable`]
    /// if no answer was of the asked form. A record of no readable page gives empty findings and asks nobody.
    pub async fn analyse(
        &self,
        pages: &[SourcePage],
        request: &Request,
        progress: &Progress,
    ) -> Result<(Findings, DiscardedOutput), ModelError> {
        let windows = prompt::windows(pages, self.window_chars, self.overlap_pages);
        let mut merged = Merged::default();
        let mut discarded = DiscardedOutput::default();
        let (mut done, mut usable) = (0, 0_u32);
        for window in &windows {
            match self.ask(prompt::user(window, request)).await? {
                Some(answer) => {
                    usable += 1;
                    merged.add(answer, window, pages, &mut discarded);
                }
                None => discarded.malformed_outputs += 1,
            }
            progress.add(window.last_page.saturating_sub(done));
            done = done.max(window.last_page);
        }
        if usable == 0 && !windows.is_empty() {
            return Err(ModelError::Unusable);
        }
        let mut findings = merged.into_findings();
        extract::complete(&mut findings, pages, request);
        verify(&mut findings, pages);
        grounding::check(&mut findings);
        extract::summarise(&mut findings, request);
        progress.add(u32::try_from(pages.len()).unwrap_or(u32::MAX).saturating_sub(done));
        Ok((findings, discarded))
    }

    /// One call; none where the answer is not of the asked form.
    async fn ask(&self, user: String) -> Result<Option<Answer>, ModelError> {
        let request = self.request(user).map_err(|_| ModelError::Unusable)?;
        match self.client.chat().create(request).await {
            Ok(response) => {
                let content = response.choices.into_iter().next().and_then(|choice| choice.message.content);
                Ok(content.and_then(|content| serde_json::from_str(&content).ok()))
            }
            Err(OpenAIError::Boxed(cause)) => match cause.downcast_ref::<CallError>() {
                Some(CallError::NotAnAnswer) => Ok(None),
                Some(CallError::Refused { status }) => Err(ModelError::Refused { status: *status }),
                Some(CallError::Unavailable) | None => Err(ModelError::Unavailable),
            },
            Err(_) => Err(ModelError::Unavailable),
        }
    }

    fn request(&self, user: String) -> Result<CreateChatCompletionRequest, OpenAIError> {
        CreateChatCompletionRequestArgs::default()
            .model(&self.model)
            .messages([
                ChatCompletionRequestSystemMessage::from(prompt::SYSTEM).into(),
                ChatCompletionRequestUserMessage::from(user).into(),
            ])
            .response_format(ResponseFormat::JsonSchema {
                json_schema: ResponseFormatJsonSchema {
                    description: None,
                    name: "findings".to_owned(),
                    schema: schema::answer(),
                    strict: Some(true),
                },
            })
            .store(false)
            .build()
    }
}

/// Whether the host is allowed and, if so, whether it is this machine.
fn check_host(settings: &Settings) -> Result<bool, SetupError> {
    let host = settings.base_url.host_str().filter(|host| !host.is_empty()).ok_or(SetupError::NoHost)?;
    let with_port = settings.base_url.port_or_known_default().map(|port| format!("{host}:{port}"));
    let allowed = settings.allowed_hosts.iter().any(|allowed| {
        allowed.eq_ignore_ascii_case(host)
            || with_port.as_ref().is_some_and(|with_port| allowed.eq_ignore_ascii_case(with_port))
    });
    if !allowed {
        return Err(SetupError::HostNotAllowed { host: host.to_owned() });
    }
    let local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
    match settings.base_url.scheme() {
        "https" => Ok(false),
        "http" if local => Ok(true),
        _ => Err(SetupError::NotEncrypted),
    }
}

/// Where calls go. The library's own configuration would read environment variables of other programs.
#[derive(Clone)]
struct Endpoint {
    base: String,
    key: SecretString,
    authorization: Option<HeaderValue>,
}

impl Endpoint {
    fn new(settings: &Settings) -> Result<Self, SetupError> {
        let key = settings.api_key.expose_secret();
        let authorization = if key.is_empty() {
            None
        } else {
            let mut value =
                HeaderValue::from_str(&format!("Bearer {key}")).map_err(|_| SetupError::BadKey)?;
            value.set_sensitive(true);
            Some(value)
        };
        let base = settings.base_url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { base, key: settings.api_key.clone(), authorization })
    }
}

impl Config for Endpoint {
    fn headers(&self) -> HeaderMap {
        self.authorization.iter().map(|value| (AUTHORIZATION, value.clone())).collect()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn query(&self) -> Vec<(&str, &str)> {
        Vec::new()
    }

    fn api_base(&self) -> &str {
        &self.base
    }

    fn api_key(&self) -> &SecretString {
        &self.key
    }
}
