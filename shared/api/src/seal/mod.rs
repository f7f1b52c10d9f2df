//! The sealed envelope: how patient data is compressed and encrypted, in the object store and in the database.
//!
//! A sealed text is one version byte, a 24-byte nonce, and XChaCha20-Poly1305 of the zstd-compressed content.
//! The associated data names what the content belongs to, so that one row's content cannot be passed off as another's.
//! Originals are too large to hold in memory: they are sealed piece by piece, see [`stream`].

pub mod stream;

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;
const ZSTD_LEVEL: i32 = 3;

/// A 256-bit key. Cleared from memory when dropped; never printed.
#[derive(Clone)]
pub struct Key(Zeroizing<[u8; 32]>);

impl Key {
    /// Takes 32 uniformly random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, to be wrapped or handed to the one they are meant for.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.0.as_slice().try_into().expect("a key has 32 bytes"))
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

/// The content cannot be had: it was altered, cut short, belongs elsewhere, or was sealed with another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("sealed content does not open with this key in this place")]
pub struct OpenError;

/// Compresses and encrypts `content` as belonging to `belongs_to`. `nonce` must be random and used once.
#[must_use]
pub fn seal(key: &Key, nonce: [u8; NONCE_BYTES], belongs_to: &[u8], content: &[u8]) -> Vec<u8> {
    let packed = zstd::bulk::compress(content, ZSTD_LEVEL).expect("compressing into memory cannot fail");
    let payload = Payload { msg: &packed, aad: belongs_to };
    let body = key
        .cipher()
        .encrypt(&XNonce::from(nonce), payload)
        .expect("content is far below the cipher's limit of 256 GiB");
    let mut sealed = Vec::with_capacity(1 + NONCE_BYTES + body.len());
    sealed.push(VERSION);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&body);
    sealed
}

/// Gives back what [`seal`] took. `max_bytes` bounds the content before it is decompressed.
///
/// # Errors
/// [`OpenError`] whatever the reason, so that nothing can be learned from it.
pub fn open(key: &Key, belongs_to: &[u8], sealed: &[u8], max_bytes: usize) -> Result<Vec<u8>, OpenError> {
    let (&version, rest) = sealed.split_first().ok_or(OpenError)?;
    if version != VERSION {
        return Err(OpenError);
    }
    let (nonce, body) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(OpenError)?;
    let packed = key
        .cipher()
        .decrypt(&XNonce::from(*nonce), Payload { msg: body, aad: belongs_to })
        .map_err(|_| OpenError)?;
    zstd::bulk::decompress(&packed, max_bytes).map_err(|_| OpenError)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCE: [u8; NONCE_BYTES] = [7; NONCE_BYTES];

    fn key(byte: u8) -> Key {
        Key::new([byte; 32])
    }

    #[test]
    fn content_comes_back_from_its_own_place_only() {
        let sealed = seal(&key(1), NONCE, b"page 1", b"Metformin 500 mg");
        assert_eq!(open(&key(1), b"page 1", &sealed, 100).unwrap(), b"Metformin 500 mg");
        assert_eq!(open(&key(1), b"page 2", &sealed, 100), Err(OpenError));
        assert_eq!(open(&key(2), b"page 1", &sealed, 100), Err(OpenError));
    }

    #[test]
    fn any_altered_byte_is_noticed() {
        let sealed = seal(&key(1), NONCE, b"page 1", b"Metformin 500 mg");
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert_eq!(open(&key(1), b"page 1", &altered, 100), Err(OpenError), "byte {at}");
            assert_eq!(open(&key(1), b"page 1", &sealed[..at], 100), Err(OpenError), "cut at {at}");
        }
    }

    #[test]
    fn content_above_the_bound_is_refused() {
        let sealed = seal(&key(1), NONCE, b"page 1", &[b'a'; 10_000]);
        assert!(sealed.len() < 200, "repetition compresses");
        assert_eq!(open(&key(1), b"page 1", &sealed, 9_999), Err(OpenError));
    }

    #[test]
    fn a_key_is_never_printed() {
        assert_eq!(format!("{:?}", key(255)), "Key(…)");
    }
}
