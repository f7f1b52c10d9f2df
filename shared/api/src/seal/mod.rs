//! Sealing: how patient data is compressed and encrypted, in the object store and in the database.
//!
//! Sealed data is one version byte, the id of the key (4 bytes, big-endian), a 24-byte nonce, and XChaCha20-Poly1305 of the
//! zstd-compressed content. The id says which of its owner's keys opens it, so that keys can be rotated. The associated
//! data names what the content belongs to (see [`associated_data`]), so that the content of one row does not open in
//! another. Originals do not fit into memory: they are sealed in chunks, see [`stream`].

pub mod associated_data;
mod key;
pub mod stream;

use chacha20poly1305::{
    XNonce,
    aead::{Aead, Payload},
};

pub use key::SealingKey;

const VERSION: u8 = 1;
const KEY_ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 24;
const ZSTD_LEVEL: i32 = 3;

/// The data cannot be opened: it was altered, cut, belongs elsewhere, or was sealed with another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("sealed data does not open with this key and associated data")]
pub struct UnsealError;

/// Compresses and encrypts `content`. `nonce` must be random and used once.
#[must_use]
pub fn seal(key: &SealingKey, nonce: [u8; NONCE_BYTES], associated_data: &[u8], content: &[u8]) -> Vec<u8> {
    let compressed = zstd::bulk::compress(content, ZSTD_LEVEL).expect("compressing into memory cannot fail");
    let payload = Payload { msg: &compressed, aad: associated_data };
    let ciphertext = key
        .cipher()
        .encrypt(&XNonce::from(nonce), payload)
        .expect("content is far below the cipher's limit of 256 GiB");
    let mut sealed = Vec::with_capacity(1 + KEY_ID_BYTES + NONCE_BYTES + ciphertext.len());
    sealed.push(VERSION);
    sealed.extend_from_slice(&key.id().to_be_bytes());
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&ciphertext);
    sealed
}

/// The id of the key that [`seal`] or a [`stream`] was sealed with. It is not authenticated before the content is opened.
///
/// # Errors
/// [`UnsealError`] if the data is too short to have one.
pub fn key_id(sealed: &[u8]) -> Result<u32, UnsealError> {
    let (id, _) = sealed.get(1..).and_then(<[u8]>::split_first_chunk).ok_or(UnsealError)?;
    Ok(u32::from_be_bytes(*id))
}

/// Decrypts and decompresses what [`seal`] returned. `max_bytes` limits the content before it is decompressed.
///
/// # Errors
/// [`UnsealError`] whatever the reason, so that nothing can be learned from it.
pub fn open(
    key: &SealingKey,
    associated_data: &[u8],
    sealed: &[u8],
    max_bytes: usize,
) -> Result<Vec<u8>, UnsealError> {
    let (&version, rest) = sealed.split_first().ok_or(UnsealError)?;
    if version != VERSION || key_id(sealed)? != key.id() {
        return Err(UnsealError);
    }
    let (nonce, ciphertext) =
        rest.get(KEY_ID_BYTES..).and_then(<[u8]>::split_first_chunk::<NONCE_BYTES>).ok_or(UnsealError)?;
    let compressed = key
        .cipher()
        .decrypt(&XNonce::from(*nonce), Payload { msg: ciphertext, aad: associated_data })
        .map_err(|_| UnsealError)?;
    zstd::bulk::decompress(&compressed, max_bytes).map_err(|_| UnsealError)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONCE: [u8; NONCE_BYTES] = [7; NONCE_BYTES];

    fn key(byte: u8) -> SealingKey {
        SealingKey::new(byte.into(), [byte; 32])
    }

    #[test]
    fn content_opens_with_its_own_associated_data_only() {
        let sealed = seal(&key(1), NONCE, b"page 1", b"Metformin 500 mg");
        assert_eq!(open(&key(1), b"page 1", &sealed, 100).unwrap(), b"Metformin 500 mg");
        assert_eq!(open(&key(1), b"page 2", &sealed, 100), Err(UnsealError));
        assert_eq!(open(&key(2), b"page 1", &sealed, 100), Err(UnsealError));
        assert_eq!(open(&SealingKey::new(1, [2; 32]), b"page 1", &sealed, 100), Err(UnsealError));
        assert_eq!(key_id(&sealed), Ok(1));
        assert_eq!(key_id(&sealed[..4]), Err(UnsealError));
    }

    #[test]
    fn any_altered_byte_is_detected() {
        let sealed = seal(&key(1), NONCE, b"page 1", b"Metformin 500 mg");
        for position in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[position] ^= 1;
            assert_eq!(open(&key(1), b"page 1", &altered, 100), Err(UnsealError), "byte {position}");
            assert_eq!(
                open(&key(1), b"page 1", &sealed[..position], 100),
                Err(UnsealError),
                "cut at {position}"
            );
        }
    }

    #[test]
    fn content_above_the_limit_is_refused() {
        let sealed = seal(&key(1), NONCE, b"page 1", &[b'a'; 10_000]);
        assert!(sealed.len() < 200, "repetition compresses");
        assert_eq!(open(&key(1), b"page 1", &sealed, 9_999), Err(UnsealError));
    }
}
