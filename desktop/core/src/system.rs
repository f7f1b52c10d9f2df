//! Randomness of the operating system. The workstation never reads the time of day: sessions, quotas and upload addresses
//! expire by the cloud's clock, so a wrong clock here breaks nothing.

use rand::Rng as _;

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
