//! Clinics' data keys, opened, for as long as the process lives.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use maneiro_api::{OrgId, seal::Key};

/// Above this many clinics the memory is emptied; filling it again costs each of them one call.
const MAX_KEPT: usize = 10_000;

/// Clinics' keys, opened. They are cleared from memory when dropped.
#[derive(Default)]
pub struct ClinicKeys(Mutex<HashMap<OrgId, Key>>);

impl ClinicKeys {
    /// A clinic's key, if it is kept.
    #[must_use]
    pub fn get(&self, org: OrgId) -> Option<Key> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&org).cloned()
    }

    /// Keeps a clinic's key.
    pub fn keep(&self, org: OrgId, key: Key) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert(org, key);
    }
}
