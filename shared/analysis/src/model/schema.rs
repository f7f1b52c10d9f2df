//! The JSON schema of answers. It is strict: every property is required and none may be added.

use serde_json::{Map, Value, json};

/// The JSON schema of an answer.
#[must_use]
pub fn answer_schema() -> Value {
    let text = || json!({"type": "string"});
    let optional = || json!({"type": ["string", "null"]});
    let status = || json!({"type": "string", "enum": ["active", "past"]});
    let flag = || json!({"type": ["string", "null"], "enum": ["low", "normal", "high", "abnormal", null]});
    object_schema([
        (
            "patient",
            object_schema([
                ("name", optional()),
                ("birth_date", optional()),
                ("sex", optional()),
                ("medical_record_number", optional()),
                ("quotes", quotes_schema()),
            ]),
        ),
        ("problems", list_schema([("name", text()), ("status", status())])),
        ("signs_symptoms", list_schema([("name", text()), ("date", optional())])),
        (
            "medications",
            list_schema([
                ("name", text()),
                ("dose", optional()),
                ("route", optional()),
                ("frequency", optional()),
                ("status", status()),
            ]),
        ),
        ("allergies", list_schema([("substance", text()), ("reaction", optional())])),
        (
            "vitals",
            list_schema([("name", text()), ("value", text()), ("unit", optional()), ("date", optional())]),
        ),
        (
            "labs",
            list_schema([
                ("name", text()),
                ("value", text()),
                ("unit", optional()),
                ("reference_range", optional()),
                ("flag", flag()),
                ("date", optional()),
            ]),
        ),
        ("procedures", list_schema([("name", text()), ("date", optional())])),
        ("imaging", list_schema([("study", text()), ("date", optional())])),
        ("timeline", list_schema([("date", text())])),
        ("follow_ups", list_schema([("due", optional())])),
        ("conflicts", list_schema([])),
        ("gaps", list_schema([])),
    ])
}

/// The schema of a list of statements with fields of their own.
fn list_schema<const N: usize>(fields: [(&str, Value); N]) -> Value {
    let statement = [
        ("text", json!({"type": "string"})),
        (
            "assertion",
            json!({"type": "string", "enum": ["present", "negated", "possible", "family", "historical", "planned"]}),
        ),
        ("quotes", quotes_schema()),
    ];
    json!({"type": "array", "items": object_schema_of(statement.into_iter().chain(fields))})
}

fn quotes_schema() -> Value {
    json!({
        "type": "array",
        "items": object_schema([("page", json!({"type": "integer"})), ("quote", json!({"type": "string"}))]),
    })
}

fn object_schema<const N: usize>(fields: [(&str, Value); N]) -> Value {
    object_schema_of(fields)
}

fn object_schema_of<'a>(fields: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    let properties: Map<String, Value> =
        fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let required: Vec<&String> = properties.keys().collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Strict mode requires this of every object at any depth.
    fn is_strict(schema: &Value) -> bool {
        match schema {
            Value::Object(map) => {
                let is_closed = map.get("type") != Some(&json!("object"))
                    || (map["additionalProperties"] == json!(false)
                        && map["required"].as_array().map(Vec::len)
                            == map["properties"].as_object().map(Map::len));
                is_closed && map.values().all(is_strict)
            }
            Value::Array(list) => list.iter().all(is_strict),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
        }
    }

    #[test]
    fn schema_is_strict_at_every_depth() {
        assert!(is_strict(&answer_schema()));
    }
}
