//! Seals what is stored and opens what is read, with the version of the clinic's key that it names. See `maneiro_api::seal`.

use maneiro_api::seal::{self, SealingKey};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    domain::error::Error,
    state::{App, clinic_keys::ClinicKeys},
};

/// The analysis of ten thousand pages with its boxes fits.
const MAX_OPENED_BYTES: usize = 256 * 1024 * 1024;

pub(super) fn seal_text(app: &App, keys: &ClinicKeys, associated_data: &str, text: &str) -> Vec<u8> {
    seal::seal(keys.sealing_key(), app.random_bytes(), associated_data.as_bytes(), text.as_bytes())
}

/// # Errors
/// `Damaged` if it was altered or belongs elsewhere.
pub(super) fn open_text(keys: &ClinicKeys, associated_data: &str, sealed: &[u8]) -> Result<String, Error> {
    String::from_utf8(open(keys, associated_data, sealed)?)
        .map_err(|_| Error::damaged(anyhow::anyhow!("a sealed text is not UTF-8")))
}

pub(super) fn seal_json<T: Serialize>(
    keys: &ClinicKeys,
    nonce: [u8; 24],
    associated_data: &str,
    value: &T,
) -> Vec<u8> {
    let json = serde_json::to_vec(value).expect("wire types have string keys only");
    seal::seal(keys.sealing_key(), nonce, associated_data.as_bytes(), &json)
}

/// # Errors
/// As [`open_text`].
pub(super) fn open_json<T: DeserializeOwned>(
    keys: &ClinicKeys,
    associated_data: &str,
    sealed: &[u8],
) -> Result<T, Error> {
    // The parser's message may repeat content, so it is dropped.
    serde_json::from_slice(&open(keys, associated_data, sealed)?)
        .map_err(|_| Error::damaged(anyhow::anyhow!("a sealed value cannot be parsed")))
}

fn open(keys: &ClinicKeys, associated_data: &str, sealed: &[u8]) -> Result<Vec<u8>, Error> {
    let version = seal::key_id(sealed).map_err(Error::damaged)?;
    let key: &SealingKey = keys.opening_key(version).ok_or_else(|| {
        Error::damaged(anyhow::anyhow!("version {version} of the clinic's key is not there"))
    })?;
    seal::open(key, associated_data.as_bytes(), sealed, MAX_OPENED_BYTES).map_err(Error::damaged)
}
