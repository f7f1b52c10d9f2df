//! What is outside the service, as traits, so that tests can make it fail. Contains no implementation.

pub mod payments;

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use maneiro_analysis::model::ModelRequest;
use maneiro_api::OrgId;
use time::OffsetDateTime;
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

pub trait Clock: Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> OffsetDateTime;
}

/// The source of ids and random bytes.
pub trait Random: Send + Sync {
    /// A new UUIDv7.
    fn uuid(&self) -> Uuid;

    /// Fills `bytes` from a cryptographically secure source.
    fn fill(&self, bytes: &mut [u8]);
}

/// Why a call to the object store failed.
#[derive(Debug, thiserror::Error)]
pub enum ObjectStoreError {
    #[error("no object has this key")]
    NotFound,
    /// The store did not answer or refused; the source says how.
    #[error("the object store is unavailable")]
    Unavailable(#[source] anyhow::Error),
}

/// Size and SHA-256 of sealed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedContent {
    pub bytes: u64,
    pub sha256: [u8; 32],
}

/// A URL that takes a PUT with these headers.
#[derive(Clone)]
pub struct PresignedPut {
    pub url: Url,
    pub headers: BTreeMap<String, String>,
}

/// An object in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedObject {
    pub key: String,
    pub bytes: u64,
    pub last_modified: OffsetDateTime,
}

/// The object store. Every object is sealed before it is stored.
#[async_trait]
pub trait ObjectStore: Send + Sync {
    /// Stores an object, in place of one with the same key.
    async fn put(&self, key: &str, sealed: Bytes) -> Result<(), ObjectStoreError>;

    async fn get(&self, key: &str) -> Result<Bytes, ObjectStoreError>;

    /// Size and SHA-256 of an object; `NotFound` if there is none.
    async fn content(&self, key: &str) -> Result<SealedContent, ObjectStoreError>;

    /// Objects in the order of their keys, the first of them after `after`; none at the end.
    async fn list(&self, after: &str) -> Result<Vec<ListedObject>, ObjectStoreError>;

    /// Deletes an object in all its versions. Not an error if there is none.
    async fn delete_all_versions(&self, key: &str) -> Result<(), ObjectStoreError>;

    /// A URL that takes a PUT of this key for `ttl`, at most five minutes, if its body has exactly this content.
    async fn presign_put(
        &self,
        key: &str,
        ttl: Duration,
        content: SealedContent,
    ) -> Result<PresignedPut, ObjectStoreError>;

    /// Succeeds if the store can be reached and its bucket exists.
    async fn check(&self) -> Result<(), ObjectStoreError>;
}

/// The rate limiter did not answer; the source says how.
#[derive(Debug, thiserror::Error)]
#[error("the rate limiter is unavailable")]
pub struct RateLimiterUnavailable(#[source] pub anyhow::Error);

/// What a rate limiter counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateCount {
    pub is_admitted: bool,
    /// Requests that are still admitted now.
    pub remaining: u32,
    /// When the oldest counted request leaves the window.
    pub reset_after: Duration,
}

/// Counts requests under keys, for all processes that share it. No key is ever counted beyond `max_requests` in any window
/// of this length, however many processes count at the same time.
#[async_trait]
pub trait RateLimiter: Send + Sync {
    /// Counts a request, unless `max_requests` were counted in the last `window`.
    async fn count(
        &self,
        key: &str,
        max_requests: u32,
        window: Duration,
    ) -> Result<RateCount, RateLimiterUnavailable>;

    /// Takes the latest counted request of a key back.
    async fn discount(&self, key: &str) -> Result<(), RateLimiterUnavailable>;

    /// Takes all counted requests of a key back.
    async fn forget(&self, key: &str) -> Result<(), RateLimiterUnavailable>;
}

/// Why a clinic's key could not be wrapped or unwrapped.
#[derive(Debug, thiserror::Error)]
pub enum KeyServiceError {
    /// The wrapped key was altered, or belongs to another clinic or another master key.
    #[error("a clinic's key does not open with this master key")]
    Refused,
    /// The key service did not answer; the source says how.
    #[error("the key service is unavailable")]
    Unavailable(#[source] anyhow::Error),
}

/// Holds the master key, which never leaves it.
#[async_trait]
pub trait KeyService: Send + Sync {
    /// Encrypts a version of a clinic's key, bound to the clinic and the version, to be stored in the database.
    async fn wrap(&self, org: OrgId, version: u32, key: &[u8; 32]) -> Result<Vec<u8>, KeyServiceError>;

    /// Decrypts a version of a clinic's key, also one that was wrapped under a retired master key.
    async fn unwrap(
        &self,
        org: OrgId,
        version: u32,
        wrapped: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>, KeyServiceError>;

    /// Encrypts a secret that belongs to no clinic, bound to what `associated_data` names, to be stored in the database.
    async fn seal(&self, associated_data: &str, secret: &[u8]) -> Result<Vec<u8>, KeyServiceError>;

    /// Decrypts what was sealed with the same `associated_data`, also under a retired master key.
    async fn open(&self, associated_data: &str, sealed: &[u8])
    -> Result<Zeroizing<Vec<u8>>, KeyServiceError>;

    /// A message authentication code of `input` for one purpose, which nobody without the master key can compute.
    async fn mac(&self, purpose: &str, input: &[u8]) -> Result<[u8; 32], KeyServiceError>;
}

/// A mail, ready to be sent. Holds no patient data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMail {
    /// The same cause has the same id, by which a mail that was sent twice after all is recognised as one.
    pub id: Uuid,
    /// An e-mail address.
    pub to: String,
    pub subject: String,
    pub text: String,
    /// The same content as `text`.
    pub html: String,
    pub sent_at: OffsetDateTime,
}

/// Why a mail was not sent. The cause names no address.
#[derive(Debug, thiserror::Error)]
pub enum MailerError {
    /// It may be sent later: there is no connection, or the server answered 4xx.
    #[error("the mail server is unavailable")]
    Unavailable(#[source] anyhow::Error),
    /// The server answered 5xx, or the mail cannot be written: it will never be sent.
    #[error("the mail was refused")]
    Refused(#[source] anyhow::Error),
}

/// Hands mails to whatever delivers them.
#[async_trait]
pub trait Mailer: Send + Sync {
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailerError>;
}

/// Why the language model gave no answer. Never contains text of the record or of a response.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The server could not be reached or kept failing, after all retries.
    #[error("the language model's server did not answer")]
    Unavailable,
    /// The server rejected the request (an HTTP status in the 3xx or 4xx range, except 408 and 429).
    #[error("the language model's server refused the request with status {status}")]
    Refused {
        /// The HTTP status.
        status: u16,
    },
    /// The request could not be built.
    #[error("the request for the language model could not be built")]
    InvalidRequest,
}

/// A language model that answers questions about pages.
#[async_trait]
pub trait LanguageModel: Send + Sync {
    /// The name of the model on its server.
    fn name(&self) -> &str;

    /// The host that the pages are sent to.
    fn host(&self) -> &str;

    /// The content of the model's message; none if the response has none or exceeds the size limit.
    async fn answer(&self, request: &ModelRequest) -> Result<Option<String>, ModelError>;
}
