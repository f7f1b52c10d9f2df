//! Bytes that are the same for the same fields, from release to release: what is hashed or authenticated.

use serde_json::Value;

/// A version, then each field that has a value: the lengths of name and value as eight bytes, big-endian, before each. A
/// field of a later release changes nothing for what lacks it.
#[must_use]
pub fn encode_fields<const N: usize>(version: u8, fields: [(&str, Option<Vec<u8>>); N]) -> Vec<u8> {
    let mut encoded = vec![version];
    for (name, value) in fields {
        let Some(value) = value else { continue };
        for part in [name.as_bytes(), &value] {
            encoded.extend((part.len() as u64).to_be_bytes());
            encoded.extend(part);
        }
    }
    encoded
}

/// JSON as RFC 8785 writes it: no white space, members sorted by name. Whole numbers only, whose form that RFC and
/// `serde_json` share; names are ASCII, so that their bytes sort as its UTF-16 code units do.
#[must_use]
pub fn encode_json(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            let members = members
                .into_iter()
                .map(|(name, value)| format!("{}:{}", json_string(name), encode_json(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(encode_json).collect::<Vec<_>>().join(",")),
        Value::String(text) => json_string(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

fn json_string(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_without_a_value_leave_no_trace() {
        let encoded = encode_fields(1, [("a", Some(vec![7])), ("b", None)]);
        assert_eq!(encoded, [&[1, 0, 0, 0, 0, 0, 0, 0, 1][..], b"a", &[0, 0, 0, 0, 0, 0, 0, 1, 7]].concat());
        assert_eq!(encoded, encode_fields(1, [("a", Some(vec![7]))]));
    }

    #[test]
    fn json_is_sorted_without_white_space() {
        let value = json!({ "pages": [2, 1], "code": "a\"\n", "at": null, "done": true });
        assert_eq!(encode_json(&value), r#"{"at":null,"code":"a\"\n","done":true,"pages":[2,1]}"#);
    }
}
