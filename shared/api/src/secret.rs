//! Serializes a secret: the one place where it is exposed.

use secrecy::{ExposeSecret, SecretString};
use serde::{Serializer, ser::SerializeSeq as _};

/// For `#[serde(serialize_with)]` on the fields that carry a secret to its owner.
pub(crate) fn expose<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

/// The same for one that may be absent.
pub(crate) fn expose_optional<S: Serializer>(
    secret: &Option<SecretString>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_some(&secret.as_ref().map(ExposeSecret::expose_secret))
}

/// The same for a list of them.
pub(crate) fn expose_all<S: Serializer>(secrets: &[SecretString], serializer: S) -> Result<S::Ok, S::Error> {
    let mut list = serializer.serialize_seq(Some(secrets.len()))?;
    for secret in secrets {
        list.serialize_element(secret.expose_secret())?;
    }
    list.end()
}
