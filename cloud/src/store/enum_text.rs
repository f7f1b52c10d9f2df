//! Enums of the wire as the database keeps them: by the same names.

use serde::{Serialize, de::DeserializeOwned};

use crate::domain::error::Error;

/// The name of a value, as its JSON has it.
pub(super) fn to_text<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(_) | Err(_) => unreachable!("only enums without content are kept by name"),
    }
}

/// The value of a name that the database gave back.
pub(super) fn from_text<T: DeserializeOwned>(name: &str) -> Result<T, Error> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).map_err(Error::bug)
}
