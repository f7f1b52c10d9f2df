//! What only the operating system can give. Nothing of the workstation asks for the time of day: sessions, quotas and
//! upload addresses are judged by the cloud's clock, so that a wrong one here breaks nothing.

use rand::Rng as _;

/// Makes random bytes.
pub trait Random: Send + Sync {
    /// Fills `bytes` from a cryptographically secure source.
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
