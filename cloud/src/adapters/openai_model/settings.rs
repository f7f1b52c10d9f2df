//! Where the language model is, how it is called, and which hosts patient data may go to.

use std::time::Duration;

use maneiro_api::{RetryPolicy, is_loopback};
use secrecy::SecretString;
use url::Url;

/// Where the language model is and how it is called.
#[derive(Debug, Clone)]
pub(super) struct ModelSettings {
    /// The base URL of the server's API, such as `https://api.openai.com/v1`. HTTPS, except for this machine.
    pub(super) base_url: Url,
    /// The model's name on its server.
    pub(super) model: String,
    /// The API key; empty if the server needs none.
    pub(super) api_key: SecretString,
    /// The hosts that patient data may go to: names, or `name:port` for one port alone.
    pub(super) allowed_hosts: Vec<String>,
    /// The timeout of one attempt, from the connection to the last byte.
    pub(super) timeout: Duration,
    /// How failed calls are retried. Also a delay that the server requests is limited to `max_delay`.
    pub(super) retry: RetryPolicy,
    /// The size limit of one response.
    pub(super) max_response_bytes: usize,
}

impl ModelSettings {
    /// The default settings for a server, a model and a key. Patient data may go to the listed hosts only.
    #[must_use]
    pub(super) fn new(
        base_url: Url,
        model: String,
        api_key: SecretString,
        allowed_hosts: Vec<String>,
    ) -> Self {
        Self {
            base_url,
            model,
            api_key,
            allowed_hosts,
            // The longest answers have 16,000 tokens, which a server writes at 60 a second.
            timeout: Duration::from_secs(300),
            retry: RetryPolicy {
                max_attempts: 5,
                max_total_delay: Duration::MAX,
                first_delay: Duration::from_secs(1),
                max_delay: Duration::from_secs(60),
            },
            max_response_bytes: 4 * 1024 * 1024,
        }
    }

    /// The host of the server.
    pub(super) fn host(&self) -> Result<&str, ModelSetupError> {
        self.base_url.host_str().filter(|host| !host.is_empty()).ok_or(ModelSetupError::NoHost)
    }

    /// Checks that the host is allowed and that patient data is encrypted on the way. Returns whether the server is on
    /// this machine and not encrypted.
    pub(super) fn check_host(&self) -> Result<bool, ModelSetupError> {
        let host = self.host()?;
        let with_port = self.base_url.port_or_known_default().map(|port| format!("{host}:{port}"));
        let is_allowed = self.allowed_hosts.iter().any(|allowed| {
            allowed.eq_ignore_ascii_case(host)
                || with_port.as_ref().is_some_and(|with_port| allowed.eq_ignore_ascii_case(with_port))
        });
        if !is_allowed {
            return Err(ModelSetupError::HostNotAllowed { host: host.to_owned() });
        }
        match self.base_url.scheme() {
            "https" => Ok(false),
            "http" if is_loopback(&self.base_url) => Ok(true),
            _ => Err(ModelSetupError::NotEncrypted),
        }
    }
}

/// Why a client cannot be made from these settings.
#[derive(Debug, thiserror::Error)]
pub enum ModelSetupError {
    /// The base URL has no host.
    #[error("the language model's address names no host")]
    NoHost,
    /// The host is not on the operator's list.
    #[error("the language model's host {host} is not on the list of allowed hosts")]
    HostNotAllowed {
        /// The host of the base URL.
        host: String,
    },
    /// Patient data would be sent without encryption.
    #[error("the language model's address must begin with https:// unless it is on this machine")]
    NotEncrypted,
    /// The key has characters that no HTTP header can carry.
    #[error("the language model's key has characters that cannot be sent")]
    BadKey,
    /// The HTTP client could not be built.
    #[error("the HTTP client for the language model could not be made")]
    Http(#[source] reqwest::Error),
}
