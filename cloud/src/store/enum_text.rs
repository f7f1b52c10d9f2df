//! Wire enums as text columns, by the names they have on the wire.

use serde::{Serialize, de::DeserializeOwned};

use crate::domain::error::Error;

pub(super) fn to_text<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(_) | Err(_) => unreachable!("only enums without content are stored by name"),
    }
}

pub(super) fn from_text<T: DeserializeOwned>(name: &str) -> Result<T, Error> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).map_err(Error::internal)
}
