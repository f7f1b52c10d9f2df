//! The operating system's randomness and time of day. Sessions, quotas and upload addresses expire by the cloud's clock, so
//! a wrong clock here breaks nothing: it only dates what this workstation itself writes down.

use rand::Rng as _;
use time::OffsetDateTime;
use uuid::Uuid;

/// A source of random bytes.
pub trait Random: Send + Sync {
    /// Fills `bytes` with cryptographically secure random bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is where the workstation's randomness comes from"
        )]
        let mut rng = rand::rng();
        rng.fill_bytes(bytes);
    }
}

/// A source of the time of day.
pub trait WallClock: Send + Sync {
    fn now(&self) -> OffsetDateTime;
}

/// The operating system's time of day.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemWallClock;

impl WallClock for SystemWallClock {
    fn now(&self) -> OffsetDateTime {
        #[expect(clippy::disallowed_methods, reason = "this is where the workstation's time comes from")]
        OffsetDateTime::now_utc()
    }
}

/// A UUIDv7 (RFC 9562) of this moment.
pub(crate) fn new_uuid(clock: &dyn WallClock, random: &dyn Random) -> Uuid {
    let milliseconds = clock.now().unix_timestamp_nanos() / 1_000_000;
    let mut bytes = [0; 10];
    random.fill(&mut bytes);
    uuid::Builder::from_unix_timestamp_millis(u64::try_from(milliseconds).unwrap_or(0), &bytes).into_uuid()
}
