//! A clock that tests set, and ids and random bytes that are the same in every run.

use std::sync::{Mutex, MutexGuard, PoisonError};

use maneiro_cloud::ports::{Clock, Random};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;
use time::{Duration, OffsetDateTime, macros::datetime};
use uuid::{Builder, Uuid};

/// The time when every test begins, a Monday.
pub const START_TIME: OffsetDateTime = datetime!(2026-03-02 09:00 UTC);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A clock that stands still until it is set.
#[derive(Debug)]
pub struct TestClock(Mutex<OffsetDateTime>);

impl Default for TestClock {
    fn default() -> Self {
        Self(Mutex::new(START_TIME))
    }
}

impl TestClock {
    pub fn advance(&self, by: Duration) {
        *lock(&self.0) += by;
    }

    pub fn set(&self, to: OffsetDateTime) {
        *lock(&self.0) = to;
    }
}

impl Clock for TestClock {
    fn now(&self) -> OffsetDateTime {
        *lock(&self.0)
    }
}

/// The same ids and bytes in every run. Ids are in the order of their creation.
pub struct TestRandom(Mutex<(ChaCha20Rng, u32)>);

impl TestRandom {
    /// Equal seeds give equal sequences.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new((ChaCha20Rng::seed_from_u64(seed), 0)))
    }
}

impl Random for TestRandom {
    fn uuid(&self) -> Uuid {
        let (rng, count) = &mut *lock(&self.0);
        *count += 1;
        let millis = u64::try_from(START_TIME.unix_timestamp_nanos() / 1_000_000)
            .expect("the test's time is after 1970");
        let mut rest = [0; 10];
        // Version and variant do not overwrite these bits.
        rest[3..7].copy_from_slice(&count.to_be_bytes());
        rng.fill_bytes(&mut rest[7..]);
        Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
    }

    fn fill(&self, bytes: &mut [u8]) {
        lock(&self.0).0.fill_bytes(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_version_7_in_order_and_repeatable() {
        let ids = |seed| {
            let random = TestRandom::new(seed);
            (0..300).map(|_| random.uuid()).collect::<Vec<_>>()
        };
        let first = ids(1);
        assert!(first.is_sorted() && first.iter().all(|id| id.get_version_num() == 7));
        assert_eq!(first, ids(1));
        assert_ne!(first, ids(2));
    }
}
