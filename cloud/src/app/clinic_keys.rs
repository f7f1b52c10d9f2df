//! Clinics' data keys: wrapped in the database, opened by the master key's holder, kept in memory for a while.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use maneiro_api::{OrgId, seal::Key};

use crate::{
    domain::{actor::OrgActor, error::Error},
    ports::KeysError,
    state::App,
    store::accounts,
};

/// Above this many clinics the memory is emptied; filling it again costs each of them one call.
const MAX_KEPT: usize = 10_000;

/// Clinics' keys, opened. They are cleared from memory when dropped.
#[derive(Default)]
pub struct ClinicKeys(Mutex<HashMap<OrgId, Key>>);

impl ClinicKeys {
    fn get(&self, org: OrgId) -> Option<Key> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&org).cloned()
    }

    fn keep(&self, org: OrgId, key: Key) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert(org, key);
    }
}

/// The key of the actor's clinic. No transaction may be open.
///
/// # Errors
/// `Unavailable` if the database or the key service is; `Bug` if the key does not open with this master key.
pub async fn of(app: &App, who: &OrgActor) -> Result<Key, Error> {
    if let Some(key) = app.clinic_keys.get(who.org()) {
        return Ok(key);
    }
    let mut tx = app.db.begin_org(who).await?;
    let wrapped = accounts::wrapped_key(&mut tx).await?;
    tx.commit().await?;
    let key = app.keys.unwrap(who.org(), &wrapped).await?;
    app.clinic_keys.keep(who.org(), key.clone());
    Ok(key)
}

impl From<KeysError> for Error {
    fn from(error: KeysError) -> Self {
        match error {
            KeysError::Refused => Self::bug(error),
            KeysError::Unavailable(_) => Self::unavailable(error),
        }
    }
}
