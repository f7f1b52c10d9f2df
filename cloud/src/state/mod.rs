//! What every use case depends on: the database, the ports and what is cached in memory. Cheap to clone.

pub mod blocking_pool;
pub mod clinic_keys;
pub mod concurrency_limit;
pub mod job_watches;
pub mod passwords;
pub mod session_cache;

use std::{
    ops::Deref,
    path::PathBuf,
    sync::{Arc, Weak},
    time::Duration,
};

use maneiro_api::{AuditEventId, OrgId, SessionId};
use secrecy::SecretString;
use time::OffsetDateTime;
use tokio::sync::{
    Mutex,
    broadcast::{self, error::RecvError},
};
use tokio_util::sync::CancellationToken;
use url::Url;
use uuid::Uuid;

use blocking_pool::BlockingPool;
use clinic_keys::ClinicKeyCache;
use concurrency_limit::ConcurrencyLimit;
use job_watches::JobWatches;
use passwords::PasswordHasher;
use session_cache::SessionCache;

use crate::{
    domain::{
        audit::{AuditAction, AuditEvent},
        client_address::TrustedProxies,
        plan::PlanCatalogue,
    },
    ports::{Clock, KeyService, LanguageModel, Mailer, ObjectStore, Random, RateLimiter, payments::Payments},
    store::{
        Db,
        notifications::{DbNotification, DbNotifications},
    },
};

/// Event streams that are open at the same time in this process: each polls the database.
const MAX_EVENT_STREAMS: usize = 1_000;

/// Event streams of one session: a workstation watches a few jobs.
const MAX_EVENT_STREAMS_PER_SESSION: usize = 20;

/// Reports that wait while others are typeset.
const MAX_WAITING_REPORTS: usize = 32;

/// What the service is composed of.
pub struct AppParts {
    pub db: Db,
    pub notifications: DbNotifications,
    pub objects: Arc<dyn ObjectStore>,
    pub key_service: Arc<dyn KeyService>,
    pub mailer: Arc<dyn Mailer>,
    /// The program that makes analyses, each in a process of its own.
    pub analysis_program: PathBuf,
    /// Without one, analyses are extractive.
    pub model: Option<Arc<dyn LanguageModel>>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub rate_limiter: Arc<dyn RateLimiter>,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// Analyses that a clinic starts in an hour.
    pub analyses_per_hour: u32,
    pub plans: PlanCatalogue,
    /// Without it nothing can be bought.
    pub payments: Option<Arc<dyn Payments>>,
    /// Any of them may sign an event.
    pub stripe_webhook_secrets: Vec<SecretString>,
    /// Whether Stripe Tax computes the taxes of a checkout.
    pub automatic_tax: bool,
    /// The URL by which clients reach the service; every URL in a response begins with it.
    pub public_url: Url,
    /// How often open event streams are polled for, besides being notified.
    pub watch_poll_interval: Duration,
    /// Cancelled when the process is asked to stop: streams end, requests are finished.
    pub stopping: CancellationToken,
}

/// What every use case depends on.
#[derive(Clone)]
pub struct App(Arc<AppInner>);

/// The parts, and what is made from them once.
pub struct AppInner {
    parts: AppParts,
    pub clinic_keys: ClinicKeyCache,
    pub job_watches: JobWatches,
    pub passwords: PasswordHasher,
    pub sessions: SessionCache,
    pub typesetting: BlockingPool,
    pub event_streams: ConcurrencyLimit<SessionId>,
    /// When the servers behind the service were last asked, and whether all of them answered.
    pub last_readiness: Mutex<Option<(OffsetDateTime, bool)>>,
}

impl App {
    #[must_use]
    pub fn new(parts: AppParts) -> Self {
        let passwords = PasswordHasher::new(&*parts.random);
        let app = Self(Arc::new(AppInner {
            parts,
            clinic_keys: ClinicKeyCache::default(),
            job_watches: JobWatches::default(),
            passwords,
            sessions: SessionCache::default(),
            typesetting: BlockingPool::new(blocking_pool::half_of_the_cores(), MAX_WAITING_REPORTS),
            event_streams: ConcurrencyLimit::new(MAX_EVENT_STREAMS, MAX_EVENT_STREAMS_PER_SESSION),
            last_readiness: Mutex::default(),
        }));
        tokio::spawn(evict_on_notifications(Arc::downgrade(&app.0), app.notifications.subscribe()));
        app
    }

    /// Now, in UTC.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// A new UUIDv7.
    #[must_use]
    pub fn new_uuid(&self) -> Uuid {
        self.random.uuid()
    }

    /// Random bytes, such as a nonce or a token.
    #[must_use]
    pub fn random_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes);
        bytes
    }

    /// A new event for the audit log, now.
    #[must_use]
    pub fn audit_event(&self, action: AuditAction, subject: Option<Uuid>) -> AuditEvent {
        AuditEvent::new(AuditEventId::from_uuid(self.new_uuid()), self.now(), action, subject)
    }

    /// The key of an object of a clinic in the object store.
    #[must_use]
    pub fn object_key(org: OrgId, path: &str) -> String {
        format!("{}/{path}", org.uuid().simple())
    }
}

/// Removes from the caches what changed, and everything when a change may have been missed, as long as the app lives.
async fn evict_on_notifications(app: Weak<AppInner>, mut notifications: broadcast::Receiver<DbNotification>) {
    loop {
        let received = notifications.recv().await;
        let Some(app) = app.upgrade() else { return };
        let notification = match received {
            Ok(notification) => notification,
            Err(RecvError::Lagged(_)) => DbNotification::ConnectionLost,
            Err(RecvError::Closed) => return,
        };
        app.sessions.evict(notification);
        match notification {
            DbNotification::ClinicKeysChanged(org) => app.clinic_keys.evict(org),
            DbNotification::ConnectionLost => app.clinic_keys.clear(),
            DbNotification::JobChanged(_) | DbNotification::AccessChanged(_) | DbNotification::TaskDue => {}
        }
    }
}

impl Deref for App {
    type Target = AppInner;

    fn deref(&self) -> &AppInner {
        &self.0
    }
}

impl Deref for AppInner {
    type Target = AppParts;

    fn deref(&self) -> &AppParts {
        &self.parts
    }
}
