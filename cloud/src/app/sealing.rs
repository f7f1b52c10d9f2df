//! Seals what is stored, opens what is read, and derives from a clinic's key. See `maneiro_api::seal`.

use hkdf::Hkdf;
use maneiro_api::seal::{self, SealingKey};
use serde::{Serialize, de::DeserializeOwned};
use sha2::Sha256;

use crate::{domain::error::Error, state::App};

/// The analysis of ten thousand pages with its boxes fits.
const MAX_OPENED_BYTES: usize = 256 * 1024 * 1024;

pub(super) fn seal_text(app: &App, key: &SealingKey, associated_data: &str, text: &str) -> Vec<u8> {
    seal::seal(key, app.random_bytes(), associated_data.as_bytes(), text.as_bytes())
}

/// # Errors
/// `Damaged` if it was altered or belongs elsewhere.
pub(super) fn open_text(key: &SealingKey, associated_data: &str, sealed: &[u8]) -> Result<String, Error> {
    let opened =
        seal::open(key, associated_data.as_bytes(), sealed, MAX_OPENED_BYTES).map_err(Error::damaged)?;
    String::from_utf8(opened).map_err(|_| Error::damaged(anyhow::anyhow!("a sealed text is not UTF-8")))
}

pub(super) fn seal_json<T: Serialize>(
    key: &SealingKey,
    nonce: [u8; 24],
    associated_data: &str,
    value: &T,
) -> Vec<u8> {
    let json = serde_json::to_vec(value).expect("wire types have string keys only");
    seal::seal(key, nonce, associated_data.as_bytes(), &json)
}

/// # Errors
/// As [`open_text`].
pub(super) fn open_json<T: DeserializeOwned>(
    key: &SealingKey,
    associated_data: &str,
    sealed: &[u8],
) -> Result<T, Error> {
    let opened =
        seal::open(key, associated_data.as_bytes(), sealed, MAX_OPENED_BYTES).map_err(Error::damaged)?;
    // The parser's message may repeat content, so it is dropped.
    serde_json::from_slice(&opened)
        .map_err(|_| Error::damaged(anyhow::anyhow!("a sealed value cannot be parsed")))
}

/// 32 bytes that only the holder of `key` can compute, for one purpose (HKDF-SHA256, RFC 5869).
pub(super) fn derive(key: &SealingKey, purpose: &str, input: &[u8]) -> [u8; 32] {
    let mut derived = [0; 32];
    Hkdf::<Sha256>::new(None, key.expose())
        .expand(&[purpose.as_bytes(), input].concat(), &mut derived)
        .expect("32 bytes are within what SHA-256 expands to");
    derived
}
