//! Writing a secret to the wire: the one place where it has to be shown.

use secrecy::{ExposeSecret, SecretString};
use serde::Serializer;

/// For `#[serde(serialize_with)]` on the fields that carry a secret to the one it belongs to.
pub(crate) fn expose<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}
