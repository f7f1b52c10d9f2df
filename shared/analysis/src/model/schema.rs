//! The form that answers must have, as a strict JSON schema: every property is required, none may be added.

use serde_json::{Map, Value, json};

/// The schema of an answer.
pub(super) fn answer() -> Value {
    let text = || json!({"type": "string"});
    let optional = || json!({"type": ["string", "null"]});
    let status = || json!({"type": "string", "enum": ["active", "past"]});
    let flag = || json!({"type": ["string", "null"], "enum": ["low", "normal", "high", "abnormal", null]});
    object([
        (
            "patient",
            object([
                ("name", optional()),
                ("birth_date", optional()),
                ("sex", optional()),
                ("medical_record_number", optional()),
                ("quotes", quotes()),
            ]),
        ),
        ("problems", items([("name", text()), ("status", status())])),
        (
            "medications",
            items([
                ("name", text()),
                ("dose", optional()),
                ("route", optional()),
                ("frequency", optional()),
                ("status", status()),
            ]),
        ),
        ("allergies", items([("substance", text()), ("reaction", optional())])),
        ("vitals", items([("name", text()), ("value", text()), ("unit", optional()), ("date", optional())])),
        (
            "labs",
            items([
                ("name", text()),
                ("value", text()),
                ("unit", optional()),
                ("reference_range", optional()),
                ("flag", flag()),
                ("date", optional()),
            ]),
        ),
        ("procedures", items([("name", text()), ("date", optional())])),
        ("imaging", items([("study", text()), ("date", optional())])),
        ("timeline", items([("date", text())])),
        ("follow_ups", items([("due", optional())])),
        ("conflicts", items([])),
        ("gaps", items([])),
    ])
}

/// A list of statements with these fields of their own.
fn items<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let statement = [
        ("text", json!({"type": "string"})),
        (
            "assertion",
            json!({"type": "string", "enum": ["present", "negated", "possible", "family", "historical"]}),
        ),
        ("quotes", quotes()),
    ];
    json!({"type": "array", "items": object_of(statement.into_iter().chain(fields))})
}

fn quotes() -> Value {
    json!({
        "type": "array",
        "items": object([("page", json!({"type": "integer"})), ("quote", json!({"type": "string"}))]),
    })
}

fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    object_of(fields)
}

fn object_of<'a>(fields: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let properties: Map<String, Value> =
        fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let required: Vec<&String> = properties.keys().collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Strict mode of the interface asks for both of every object, however deep.
    fn strict(schema: &Value) -> bool {
        match schema {
            Value::Object(map) => {
                let closed = map.get("type") != Some(&json!("object"))
                    || (map["additionalProperties"] == json!(false)
                        && map["required"].as_array().map(Vec::len)
                            == map["properties"].as_object().map(Map::len));
                closed && map.values().all(strict)
            }
            Value::Array(list) => list.iter().all(strict),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
        }
    }

    #[test]
    fn the_schema_is_strict_at_every_depth() {
        assert!(strict(&answer()));
    }
}
