//! Ports that can fail: each forwards calls until the test breaks it, and panics if it is called while a transaction is
//! open.

use std::{
    collections::HashMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::anyhow;
use async_trait::async_trait;
use bytes::Bytes;
use maneiro_analysis::model::{ModelRequest, ModelTask};
use maneiro_api::OrgId;
use maneiro_cloud::ports::{
    KeyService, KeyServiceError, LanguageModel, ListedObject, Mailer, MailerError, ModelError, ObjectStore,
    ObjectStoreError, OutgoingMail, PresignedPut, RateCount, RateLimiter, RateLimiterUnavailable,
    SealedContent,
};
use tokio::sync::watch;
use zeroize::Zeroizing;

use crate::open_transactions::OpenTransactions;

/// A port that a test can break.
pub struct Breakable<T: ?Sized> {
    inner: Arc<T>,
    is_down: AtomicBool,
    open: OnceLock<Arc<OpenTransactions>>,
}

impl<T: ?Sized> Breakable<T> {
    /// Forwards calls to `inner`.
    pub fn new(inner: Arc<T>) -> Self {
        Self { inner, is_down: AtomicBool::new(false), open: OnceLock::new() }
    }

    /// Makes all calls fail as if the server were down.
    pub fn break_down(&self) {
        self.is_down.store(true, Ordering::SeqCst);
    }

    /// Forwards calls again.
    pub fn repair(&self) {
        self.is_down.store(false, Ordering::SeqCst);
    }

    /// Forbids calls of tasks that have one of these transactions open.
    pub(crate) fn forbid_within_transaction(&self, open: &Arc<OpenTransactions>) {
        let _ = self.open.set(Arc::clone(open));
    }

    fn inner(&self) -> Result<&T, anyhow::Error> {
        assert_no_transaction(&self.open);
        if self.is_down.load(Ordering::SeqCst) { Err(anyhow!("broken by the test")) } else { Ok(&self.inner) }
    }
}

fn assert_no_transaction(open: &OnceLock<Arc<OpenTransactions>>) {
    let is_open = open.get().is_some_and(|open| open.in_current_task());
    assert!(!is_open, "a port was called while a transaction was open");
}

#[async_trait]
impl ObjectStore for Breakable<dyn ObjectStore> {
    async fn put(&self, key: &str, sealed: Bytes) -> Result<(), ObjectStoreError> {
        self.inner().map_err(ObjectStoreError::Unavailable)?.put(key, sealed).await
    }

    async fn get(&self, key: &str) -> Result<Bytes, ObjectStoreError> {
        self.inner().map_err(ObjectStoreError::Unavailable)?.get(key).await
    }

    async fn content(&self, key: &str) -> Result<SealedContent, ObjectStoreError> {
        self.inner().map_err(ObjectStoreError::Unavailable)?.content(key).await
    }

    async fn list(&self, after: &str) -> Result<Vec<ListedObject>, ObjectStoreError> {
        self.inner().map_err(ObjectStoreError::Unavailable)?.list(after).await
    }

    async fn delete_all_versions(&self, key: &str) -> Result<(), ObjectStoreError> {
        self.inner().map_err(ObjectStoreError::Unavailable)?.delete_all_versions(key).await
    }

    async fn presign_put(
        &self,
        key: &str,
        ttl: Duration,
        content: SealedContent,
    ) -> Result<PresignedPut, ObjectStoreError> {
        self.inner().map_err(ObjectStoreError::Unavailable)?.presign_put(key, ttl, content).await
    }

    async fn check(&self) -> Result<(), ObjectStoreError> {
        self.inner().map_err(ObjectStoreError::Unavailable)?.check().await
    }
}

#[async_trait]
impl KeyService for Breakable<dyn KeyService> {
    async fn wrap(&self, org: OrgId, version: u32, key: &[u8; 32]) -> Result<Vec<u8>, KeyServiceError> {
        self.inner().map_err(KeyServiceError::Unavailable)?.wrap(org, version, key).await
    }

    async fn unwrap(
        &self,
        org: OrgId,
        version: u32,
        wrapped: &[u8],
    ) -> Result<Zeroizing<[u8; 32]>, KeyServiceError> {
        self.inner().map_err(KeyServiceError::Unavailable)?.unwrap(org, version, wrapped).await
    }

    async fn seal(&self, associated_data: &str, secret: &[u8]) -> Result<Vec<u8>, KeyServiceError> {
        self.inner().map_err(KeyServiceError::Unavailable)?.seal(associated_data, secret).await
    }

    async fn open(
        &self,
        associated_data: &str,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, KeyServiceError> {
        self.inner().map_err(KeyServiceError::Unavailable)?.open(associated_data, sealed).await
    }

    async fn mac(&self, purpose: &str, input: &[u8]) -> Result<[u8; 32], KeyServiceError> {
        self.inner().map_err(KeyServiceError::Unavailable)?.mac(purpose, input).await
    }
}

#[async_trait]
impl Mailer for Breakable<dyn Mailer> {
    async fn send(&self, mail: &OutgoingMail) -> Result<(), MailerError> {
        self.inner().map_err(MailerError::Unavailable)?.send(mail).await
    }
}

#[async_trait]
impl RateLimiter for Breakable<dyn RateLimiter> {
    async fn count(
        &self,
        key: &str,
        max_requests: u32,
        window: Duration,
    ) -> Result<RateCount, RateLimiterUnavailable> {
        self.inner().map_err(RateLimiterUnavailable)?.count(key, max_requests, window).await
    }

    async fn discount(&self, key: &str) -> Result<(), RateLimiterUnavailable> {
        self.inner().map_err(RateLimiterUnavailable)?.discount(key).await
    }

    async fn forget(&self, key: &str) -> Result<(), RateLimiterUnavailable> {
        self.inner().map_err(RateLimiterUnavailable)?.forget(key).await
    }
}

/// Admits every request.
pub struct NoRateLimiter;

#[async_trait]
impl RateLimiter for NoRateLimiter {
    async fn count(
        &self,
        _: &str,
        max_requests: u32,
        window: Duration,
    ) -> Result<RateCount, RateLimiterUnavailable> {
        Ok(RateCount { is_admitted: true, remaining: max_requests, reset_after: window })
    }

    async fn discount(&self, _: &str) -> Result<(), RateLimiterUnavailable> {
        Ok(())
    }

    async fn forget(&self, _: &str) -> Result<(), RateLimiterUnavailable> {
        Ok(())
    }
}

/// What a [`FakeModel`] does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelBehaviour {
    /// Finds nothing in the pages.
    Answers,
    /// Does not respond until the behaviour changes.
    Hangs,
    /// Answers until it was called this often in total, and then hangs.
    HangsAfter(u32),
    Unavailable,
    /// Responds with this HTTP status.
    Refuses(u16),
    /// Cannot be asked: the request is not one.
    CannotBeAsked,
    Panics,
}

/// A language model whose behaviour the test controls.
pub struct FakeModel {
    behaviours: watch::Sender<Behaviours>,
    calls: watch::Sender<u32>,
    open: OnceLock<Arc<OpenTransactions>>,
}

struct Behaviours {
    default: ModelBehaviour,
    by_focus: HashMap<String, ModelBehaviour>,
}

impl Behaviours {
    fn for_focus(&self, focus: Option<&str>) -> ModelBehaviour {
        let by_focus = focus.and_then(|focus| self.by_focus.get(focus));
        *by_focus.unwrap_or(&self.default)
    }
}

impl FakeModel {
    #[must_use]
    pub fn new(default: ModelBehaviour) -> Self {
        let behaviours = Behaviours { default, by_focus: HashMap::new() };
        Self {
            behaviours: watch::Sender::new(behaviours),
            calls: watch::Sender::new(0),
            open: OnceLock::new(),
        }
    }

    /// Changes the default behaviour, also of requests that hang.
    pub fn set_default(&self, default: ModelBehaviour) {
        self.behaviours.send_modify(|behaviours| behaviours.default = default);
    }

    /// Changes the behaviour for requests with this focus, also of requests that hang.
    pub fn set_for_focus(&self, focus: &str, behaviour: ModelBehaviour) {
        self.behaviours.send_modify(|behaviours| {
            behaviours.by_focus.insert(focus.to_owned(), behaviour);
        });
    }

    /// Waits until it was called this often in total.
    pub async fn wait_for_calls(&self, count: u32) {
        let reached = self.calls.subscribe().wait_for(|calls| *calls >= count).await.map(|calls| *calls);
        reached.expect("the model outlives the test");
    }

    /// How often it was called.
    #[must_use]
    pub fn calls(&self) -> u32 {
        *self.calls.borrow()
    }

    pub(crate) fn forbid_within_transaction(&self, open: &Arc<OpenTransactions>) {
        let _ = self.open.set(Arc::clone(open));
    }
}

#[async_trait]
impl LanguageModel for FakeModel {
    fn name(&self) -> &str {
        "fake-1"
    }

    fn host(&self) -> &str {
        "model.example"
    }

    async fn answer(&self, request: &ModelRequest) -> Result<Option<String>, ModelError> {
        assert_no_transaction(&self.open);
        let mut call = 0;
        self.calls.send_modify(|calls| {
            *calls += 1;
            call = *calls;
        });
        let hangs = |behaviour| match behaviour {
            ModelBehaviour::Hangs => true,
            ModelBehaviour::HangsAfter(calls) => call > calls,
            ModelBehaviour::Answers
            | ModelBehaviour::Unavailable
            | ModelBehaviour::Refuses(_)
            | ModelBehaviour::CannotBeAsked
            | ModelBehaviour::Panics => false,
        };
        let focus = focus(request);
        let mut behaviours = self.behaviours.subscribe();
        let changed = behaviours.wait_for(|behaviours| !hangs(behaviours.for_focus(focus.as_deref()))).await;
        let behaviour =
            changed.map_or(ModelBehaviour::Unavailable, |behaviours| behaviours.for_focus(focus.as_deref()));
        match behaviour {
            ModelBehaviour::Answers | ModelBehaviour::HangsAfter(_) => Ok(Some(empty_answer(request))),
            ModelBehaviour::Unavailable | ModelBehaviour::Hangs => Err(ModelError::Unavailable),
            ModelBehaviour::Refuses(status) => Err(ModelError::Refused { status }),
            ModelBehaviour::CannotBeAsked => Err(ModelError::InvalidRequest),
            ModelBehaviour::Panics => panic!("requested by the test"),
        }
    }
}

/// The focus that a request is about.
fn focus(request: &ModelRequest) -> Option<String> {
    let data: serde_json::Value = serde_json::from_str(&request.user_message).ok()?;
    data["focus"].as_str().map(str::to_owned)
}

/// An answer with no item in any list.
fn empty_answer(request: &ModelRequest) -> String {
    let answer = match request.task {
        ModelTask::Pages => serde_json::json!({
            "patient": {
                "quotes": [], "name": null, "birth_date": null, "sex": null, "medical_record_number": null,
            },
        }),
        ModelTask::Comparison => serde_json::json!({"conflicts": [], "gaps": []}),
    };
    answer.to_string()
}
