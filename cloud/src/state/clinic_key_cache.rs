//! Unwrapped data keys of clinics, for as long as the process lives.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use maneiro_api::{OrgId, seal::SealingKey};

/// A full cache is emptied; filling it again costs one call to the key service for each clinic.
const MAX_CACHED_KEYS: usize = 10_000;

/// Unwrapped keys of clinics. They are cleared from memory when dropped.
#[derive(Default)]
pub struct ClinicKeyCache(Mutex<HashMap<OrgId, SealingKey>>);

impl ClinicKeyCache {
    #[must_use]
    pub fn get(&self, org: OrgId) -> Option<SealingKey> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&org).cloned()
    }

    pub fn insert(&self, org: OrgId, key: SealingKey) {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= MAX_CACHED_KEYS {
            keys.clear();
        }
        keys.insert(org, key);
    }
}
