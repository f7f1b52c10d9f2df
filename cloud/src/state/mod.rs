//! What every use case is given: the database, the ports and what is kept in memory. Cheap to clone.

pub mod clinic_keys;
pub mod passwords;

use std::{ops::Deref, sync::Arc};

use maneiro_api::{AuditEventId, OrgId};
use time::OffsetDateTime;
use tokio_util::sync::CancellationToken;
use url::Url;
use uuid::Uuid;

use clinic_keys::ClinicKeys;
use passwords::Passwords;

use crate::{
    domain::{
        audit::{Deed, Event},
        plan::Catalogue,
    },
    ports::{Clock, Files, Keys, Model, Random},
    store::{Db, notices::Notices},
};

/// What the service is made of.
pub struct Parts {
    /// The database.
    pub db: Db,
    /// What the database tells at once.
    pub notices: Notices,
    /// The object store.
    pub files: Arc<dyn Files>,
    /// The master key's holder.
    pub keys: Arc<dyn Keys>,
    /// The language model; without one, analyses are extractive.
    pub model: Option<Arc<dyn Model>>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids and random bytes.
    pub random: Arc<dyn Random>,
    /// The plans.
    pub plans: Catalogue,
    /// How the outside reaches the service; begins every address it gives out.
    pub public_url: Url,
    /// Cancelled when the process is asked to stop: streams end, requests are finished.
    pub stopping: CancellationToken,
}

/// What every use case is given.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// The parts, and what is made from them once.
pub struct Inner {
    parts: Parts,
    /// Clinics' keys, opened.
    pub clinic_keys: ClinicKeys,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let passwords = Passwords::new(&*parts.random);
        Self(Arc::new(Inner { parts, clinic_keys: ClinicKeys::default(), passwords }))
    }

    /// Now, in UTC.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// A new UUIDv7.
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        self.random.uuid()
    }

    /// Random bytes, such as a nonce or a token.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes);
        bytes
    }

    /// A line for the audit log, now.
    #[must_use]
    pub fn event(&self, deed: Deed, subject: Option<Uuid>) -> Event {
        Event {
            id: AuditEventId::from_uuid(self.uuid()),
            at: self.now(),
            deed,
            subject,
            details: serde_json::json!({}),
        }
    }

    /// Where everything of a clinic lies in the object store.
    #[must_use]
    pub fn object_key(org: OrgId, rest: &str) -> String {
        format!("{}/{rest}", org.uuid().simple())
    }
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Deref for Inner {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}
