//! The key that data is sealed with.

use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use zeroize::Zeroizing;

/// A 256-bit key with the id that names it in what it seals. Cleared from memory when dropped; never printed.
#[derive(Clone)]
pub struct SealingKey {
    id: u32,
    bytes: Zeroizing<[u8; 32]>,
}

impl SealingKey {
    /// Makes a key of 32 uniformly random bytes.
    #[must_use]
    pub fn new(id: u32, bytes: [u8; 32]) -> Self {
        Self { id, bytes: Zeroizing::new(bytes) }
    }

    /// Names the key among those of its owner.
    #[must_use]
    pub const fn id(&self) -> u32 {
        self.id
    }

    pub(super) fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.bytes.as_slice().try_into().expect("a key has 32 bytes"))
    }
}

impl std::fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SealingKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_is_never_printed() {
        assert_eq!(format!("{:?}", SealingKey::new(1, [255; 32])), "SealingKey(…)");
    }
}
