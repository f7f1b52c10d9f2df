//! What is outside the service, as traits: tests put something breakable behind them. Never an implementation.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use maneiro_analysis::{ModelError, Progress, Request, SourcePage};
use maneiro_api::{
    OrgId,
    analysis::{DiscardedOutput, Findings},
    seal::Key,
};
use time::OffsetDateTime;
use url::Url;
use uuid::Uuid;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> OffsetDateTime;
}

/// Makes ids and random bytes.
pub trait Random: Send + Sync {
    /// A new UUIDv7.
    fn uuid(&self) -> Uuid;

    /// Fills `bytes` from a cryptographically secure source.
    fn fill(&self, bytes: &mut [u8]);
}

/// Why an object could not be had or kept.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// There is no object of this key.
    #[error("no object of this key")]
    NotFound,
    /// The store did not answer or refused; the source says how.
    #[error("the object store is unavailable")]
    Unavailable(#[source] anyhow::Error),
}

/// The object store. Every object in it is sealed before it gets here.
#[async_trait]
pub trait Files: Send + Sync {
    /// Keeps an object, replacing one of the same key.
    async fn put(&self, key: &str, sealed: Bytes) -> Result<(), FilesError>;

    /// Gives an object back.
    async fn get(&self, key: &str) -> Result<Bytes, FilesError>;

    /// How many bytes an object has; `NotFound` if there is none.
    async fn size(&self, key: &str) -> Result<u64, FilesError>;

    /// Removes an object; not an error if there is none.
    async fn delete(&self, key: &str) -> Result<(), FilesError>;

    /// An address that takes one PUT of this key for `ttl`, at most five minutes.
    async fn presign_put(&self, key: &str, ttl: Duration) -> Result<Url, FilesError>;

    /// Answers if the store can be reached and its bucket exists.
    async fn check(&self) -> Result<(), FilesError>;
}

/// The clinic's key could not be wrapped or unwrapped.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The wrapped key was altered, belongs to another clinic or to another master key.
    #[error("a clinic's key does not open with this master key")]
    Refused,
    /// The key service did not answer; the source says how.
    #[error("the key service is unavailable")]
    Unavailable(#[source] anyhow::Error),
}

/// Holds the master key, which never leaves it.
#[async_trait]
pub trait Keys: Send + Sync {
    /// Encrypts a clinic's key, bound to the clinic, for storing it in the database.
    async fn wrap(&self, org: OrgId, key: &Key) -> Result<Vec<u8>, KeysError>;

    /// Gives a clinic's key back.
    async fn unwrap(&self, org: OrgId, wrapped: &[u8]) -> Result<Key, KeysError>;
}

/// A language model that makes findings from pages.
#[async_trait]
pub trait Model: Send + Sync {
    /// Its name as its server calls it.
    fn name(&self) -> &str;

    /// Makes findings; every citation has been looked up on its page.
    async fn analyse(
        &self,
        pages: &[SourcePage],
        request: &Request,
        progress: &Progress,
    ) -> Result<(Findings, DiscardedOutput), ModelError>;
}
