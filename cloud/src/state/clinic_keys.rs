//! The keys of a clinic in memory, for a few minutes: each version as its subkeys, and the one that seals now.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use hkdf::Hkdf;
use maneiro_api::{OrgId, seal::SealingKey};
use sha2::Sha256;
use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

use crate::domain::clinic_key::{CACHE_LIFETIME, KeyVersion};

/// A full cache is emptied; filling it again costs one call to the key service for each clinic.
const MAX_CACHED_CLINICS: usize = 10_000;

/// One version of a clinic's key, of which only subkeys are kept: one to seal with, and one to derive from.
pub struct ClinicKey {
    sealing: SealingKey,
    derivation: Zeroizing<[u8; 32]>,
}

impl ClinicKey {
    /// Makes the subkeys of a key (HKDF-SHA256, RFC 5869).
    #[must_use]
    pub fn new(version: KeyVersion, key: &[u8; 32]) -> Self {
        let extracted = Hkdf::<Sha256>::new(None, key);
        let subkey = |purpose: &str| {
            let mut subkey = Zeroizing::new([0; 32]);
            extracted.expand(purpose.as_bytes(), subkey.as_mut_slice()).expect("32 bytes can be expanded");
            subkey
        };
        Self { sealing: SealingKey::new(version, *subkey("seal")), derivation: subkey("derive") }
    }

    #[must_use]
    pub const fn version(&self) -> KeyVersion {
        self.sealing.id()
    }

    /// 32 bytes that only the holder of the key can compute, for one purpose.
    #[must_use]
    pub fn derive(&self, purpose: &str, input: &[u8]) -> [u8; 32] {
        let mut derived = [0; 32];
        Hkdf::<Sha256>::new(None, self.derivation.as_slice())
            .expand(&[purpose.as_bytes(), input].concat(), &mut derived)
            .expect("32 bytes are within what SHA-256 expands to");
        derived
    }
}

/// All versions of a clinic's key.
pub struct ClinicKeys {
    current: ClinicKey,
    others: Vec<ClinicKey>,
}

impl ClinicKeys {
    /// `current` seals; it and `others` open.
    #[must_use]
    pub const fn new(current: ClinicKey, others: Vec<ClinicKey>) -> Self {
        Self { current, others }
    }

    /// The version that seals now.
    #[must_use]
    pub const fn current(&self) -> &ClinicKey {
        &self.current
    }

    /// The key to seal with now.
    #[must_use]
    pub const fn sealing_key(&self) -> &SealingKey {
        &self.current.sealing
    }

    /// The key of a version, to open what was sealed with it.
    #[must_use]
    pub fn opening_key(&self, version: KeyVersion) -> Option<&SealingKey> {
        self.versions().map(|key| &key.sealing).find(|key| key.id() == version)
    }

    /// All versions, first the one that seals now.
    pub fn versions(&self) -> impl Iterator<Item = &ClinicKey> {
        std::iter::once(&self.current).chain(&self.others)
    }
}

struct CachedKeys {
    keys: Arc<ClinicKeys>,
    loaded_at: OffsetDateTime,
}

/// The keys of clinics, for [`CACHE_LIFETIME`] or until they are evicted. They are cleared from memory when dropped.
#[derive(Default)]
pub struct ClinicKeyCache(Mutex<HashMap<OrgId, CachedKeys>>);

impl ClinicKeyCache {
    #[must_use]
    pub fn get(&self, org: OrgId, now: OffsetDateTime) -> Option<Arc<ClinicKeys>> {
        let mut cached = self.lock();
        let age = now - cached.get(&org)?.loaded_at;
        if (Duration::ZERO..CACHE_LIFETIME).contains(&age) {
            return cached.get(&org).map(|found| Arc::clone(&found.keys));
        }
        cached.remove(&org);
        None
    }

    pub fn insert(&self, org: OrgId, keys: Arc<ClinicKeys>, loaded_at: OffsetDateTime) {
        let mut cached = self.lock();
        if cached.len() >= MAX_CACHED_CLINICS {
            cached.clear();
        }
        cached.insert(org, CachedKeys { keys, loaded_at });
    }

    /// Forgets the keys of a clinic, because they changed.
    pub fn evict(&self, org: OrgId) {
        self.lock().remove(&org);
    }

    /// Forgets all keys, because a change may have been missed.
    pub fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<OrgId, CachedKeys>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;
    use uuid::Uuid;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-03-02 09:00 UTC);

    fn keys() -> Arc<ClinicKeys> {
        Arc::new(ClinicKeys::new(ClinicKey::new(2, &[2; 32]), vec![ClinicKey::new(1, &[1; 32])]))
    }

    #[test]
    fn cached_keys_expire_and_can_be_evicted() {
        let (org, other) = (OrgId::from_uuid(Uuid::from_u128(1)), OrgId::from_uuid(Uuid::from_u128(2)));
        let cache = ClinicKeyCache::default();
        cache.insert(org, keys(), NOW);
        cache.insert(other, keys(), NOW);
        assert!(cache.get(org, NOW + CACHE_LIFETIME - Duration::nanoseconds(1)).is_some());
        assert!(cache.get(org, NOW + CACHE_LIFETIME).is_none());
        assert!(cache.get(org, NOW).is_none(), "expired keys are no longer in memory");
        cache.evict(other);
        assert!(cache.get(other, NOW).is_none());
        cache.insert(org, keys(), NOW);
        cache.clear();
        assert!(cache.get(org, NOW).is_none());
    }

    #[test]
    fn no_subkey_is_the_key_or_another_subkey() {
        let key = ClinicKey::new(1, &[7; 32]);
        let sealed = maneiro_api::seal::seal(&key.sealing, [0; 24], b"", b"content");
        for other in [[7; 32], *key.derivation, key.derive("purpose", b"")] {
            let other = SealingKey::new(1, other);
            assert!(maneiro_api::seal::open(&other, b"", &sealed, 100).is_err());
        }
        assert!(maneiro_api::seal::open(&key.sealing, b"", &sealed, 100).is_ok());
    }

    #[test]
    fn each_version_opens_and_the_current_one_seals() {
        let keys = keys();
        assert_eq!(keys.sealing_key().id(), 2);
        assert_eq!(keys.opening_key(1).map(SealingKey::id), Some(1));
        assert!(keys.opening_key(3).is_none());
        assert_eq!(keys.versions().map(ClinicKey::version).collect::<Vec<_>>(), [2, 1]);
    }
}
