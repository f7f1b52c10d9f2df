//! A clock that tests move, and ids and random bytes that are the same in every run.

use std::sync::{Mutex, MutexGuard, PoisonError};

use maneiro_cloud::ports::{Clock, Random};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;
use time::{Duration, OffsetDateTime, macros::datetime};
use uuid::{Builder, Uuid};

/// When every test begins: the second of March 2026, a Monday, at nine in the morning.
pub const START: OffsetDateTime = datetime!(2026-03-02 09:00 UTC);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A clock that stands still until it is moved.
#[derive(Debug)]
pub struct TestClock(Mutex<OffsetDateTime>);

impl Default for TestClock {
    fn default() -> Self {
        Self(Mutex::new(START))
    }
}

impl TestClock {
    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        *lock(&self.0) += by;
    }

    /// Goes to a moment.
    pub fn set(&self, to: OffsetDateTime) {
        *lock(&self.0) = to;
    }
}

impl Clock for TestClock {
    fn now(&self) -> OffsetDateTime {
        *lock(&self.0)
    }
}

/// The same ids and bytes in every run, ids in the order they were made.
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
        let (rng, made) = &mut *lock(&self.0);
        *made += 1;
        let millis =
            u64::try_from(START.unix_timestamp_nanos() / 1_000_000).expect("the test's time is after 1970");
        let mut rest = [0; 10];
        // Bits that version and variant do not overwrite.
        rest[3..7].copy_from_slice(&made.to_be_bytes());
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
    fn ids_are_version_7_and_in_order_and_repeatable() {
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
