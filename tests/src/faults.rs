//! The ports, breakable: each passes calls on until it is told to fail, and refuses calls while a transaction is open.

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
use maneiro_analysis::{ModelError, Progress, Request, SourcePage};
use maneiro_api::{
    OrgId,
    analysis::{DiscardedOutput, Findings},
    seal::Key,
};
use maneiro_cloud::{
    ports::{KeyService, KeyServiceError, LanguageModel, ObjectStore, ObjectStoreError},
    store::Db,
};
use tokio::sync::watch;
use url::Url;

/// A port that can be down.
pub struct Breakable<T: ?Sized> {
    inner: Arc<T>,
    is_down: AtomicBool,
    db: OnceLock<Db>,
}

impl<T: ?Sized> Breakable<T> {
    /// Works as `inner` does, until told otherwise.
    pub fn new(inner: Arc<T>) -> Self {
        Self { inner, is_down: AtomicBool::new(false), db: OnceLock::new() }
    }

    /// From now on every call fails as if nobody answered.
    pub fn break_down(&self) {
        self.is_down.store(true, Ordering::SeqCst);
    }

    /// From now on calls get through again.
    pub fn repair(&self) {
        self.is_down.store(false, Ordering::SeqCst);
    }

    /// Makes it refuse calls of tasks that have a transaction of this database open.
    pub(crate) fn watch(&self, db: &Db) {
        let _ = self.db.set(db.clone());
    }

    fn reach(&self) -> Result<&T, anyhow::Error> {
        refuse_within_transaction(&self.db);
        if self.is_down.load(Ordering::SeqCst) {
            Err(anyhow!("the test took it down"))
        } else {
            Ok(&self.inner)
        }
    }
}

fn refuse_within_transaction(db: &OnceLock<Db>) {
    let is_open = db.get().is_some_and(Db::has_open_transaction_in_task);
    assert!(!is_open, "something outside was called while a transaction was open");
}

#[async_trait]
impl ObjectStore for Breakable<dyn ObjectStore> {
    async fn put(&self, key: &str, sealed: Bytes) -> Result<(), ObjectStoreError> {
        self.reach().map_err(ObjectStoreError::Unavailable)?.put(key, sealed).await
    }

    async fn get(&self, key: &str) -> Result<Bytes, ObjectStoreError> {
        self.reach().map_err(ObjectStoreError::Unavailable)?.get(key).await
    }

    async fn size(&self, key: &str) -> Result<u64, ObjectStoreError> {
        self.reach().map_err(ObjectStoreError::Unavailable)?.size(key).await
    }

    async fn delete(&self, key: &str) -> Result<(), ObjectStoreError> {
        self.reach().map_err(ObjectStoreError::Unavailable)?.delete(key).await
    }

    async fn presign_put(&self, key: &str, ttl: Duration) -> Result<Url, ObjectStoreError> {
        self.reach().map_err(ObjectStoreError::Unavailable)?.presign_put(key, ttl).await
    }

    async fn check(&self) -> Result<(), ObjectStoreError> {
        self.reach().map_err(ObjectStoreError::Unavailable)?.check().await
    }
}

#[async_trait]
impl KeyService for Breakable<dyn KeyService> {
    async fn wrap(&self, org: OrgId, key: &Key) -> Result<Vec<u8>, KeyServiceError> {
        self.reach().map_err(KeyServiceError::Unavailable)?.wrap(org, key).await
    }

    async fn unwrap(&self, org: OrgId, wrapped: &[u8]) -> Result<Key, KeyServiceError> {
        self.reach().map_err(KeyServiceError::Unavailable)?.unwrap(org, wrapped).await
    }
}

/// What a [`FakeModel`] does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Finds what the built-in analyser finds.
    Answers,
    /// Says nothing until the behaviour changes.
    Hangs,
    /// Its server is down.
    Unavailable,
    /// Its server refuses with this status.
    Refuses(u16),
    /// Fails as code does that has a fault.
    Panics,
}

/// A language model that behaves as the test says.
pub struct FakeModel {
    behaviours: watch::Sender<Behaviours>,
    asked: watch::Sender<u32>,
    db: OnceLock<Db>,
}

struct Behaviours {
    usual: Behaviour,
    by_focus: HashMap<String, Behaviour>,
}

impl Behaviours {
    fn of(&self, request: &Request) -> Behaviour {
        let special = request.focus.as_deref().and_then(|focus| self.by_focus.get(focus));
        *special.unwrap_or(&self.usual)
    }
}

impl FakeModel {
    /// A model that begins like this.
    #[must_use]
    pub fn new(usual: Behaviour) -> Self {
        let behaviours = Behaviours { usual, by_focus: HashMap::new() };
        Self { behaviours: watch::Sender::new(behaviours), asked: watch::Sender::new(0), db: OnceLock::new() }
    }

    /// Changes how it usually behaves, also for requests that hang.
    pub fn set(&self, usual: Behaviour) {
        self.behaviours.send_modify(|behaviours| behaviours.usual = usual);
    }

    /// Changes how it behaves when asked to look at `focus`, also for requests that hang.
    pub fn when_asked_for(&self, focus: &str, behaviour: Behaviour) {
        self.behaviours.send_modify(|behaviours| {
            behaviours.by_focus.insert(focus.to_owned(), behaviour);
        });
    }

    /// Waits until it was asked this often in all.
    pub async fn asked(&self, times: u32) {
        let enough = self.asked.subscribe().wait_for(|asked| *asked >= times).await.map(|asked| *asked);
        enough.expect("the model outlives the test");
    }

    pub(crate) fn watch(&self, db: &Db) {
        let _ = self.db.set(db.clone());
    }
}

#[async_trait]
impl LanguageModel for FakeModel {
    fn name(&self) -> &str {
        "fake-1"
    }

    async fn analyse(
        &self,
        pages: &[SourcePage],
        request: &Request,
        progress: &Progress,
    ) -> Result<(Findings, DiscardedOutput), ModelError> {
        refuse_within_transaction(&self.db);
        self.asked.send_modify(|asked| *asked += 1);
        let mut behaviours = self.behaviours.subscribe();
        let settled = behaviours.wait_for(|behaviours| behaviours.of(request) != Behaviour::Hangs).await;
        let behaviour = settled.map_or(Behaviour::Unavailable, |behaviours| behaviours.of(request));
        match behaviour {
            Behaviour::Answers => {
                Ok((maneiro_analysis::extract(pages, request, progress), DiscardedOutput::default()))
            }
            Behaviour::Unavailable | Behaviour::Hangs => Err(ModelError::Unavailable),
            Behaviour::Refuses(status) => Err(ModelError::Refused { status }),
            Behaviour::Panics => panic!("the test asked for it"),
        }
    }
}
