//! Serializes a secret: the one place where it is exposed.

use secrecy::{ExposeSecret, SecretString};
use serde::Serializer;

/// For `#[serde(serialize_with)]` on the fields that carry a secret to its owner.
pub(crate) fn expose<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}
