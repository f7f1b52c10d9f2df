//! The JSON schemas of answers. They are strict: every property is required and none may be added. The order of properties is
//! the order in which a model writes them: the quotes of an item before what they prove, and the patient and the problems before
//! what compares them.

use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap as _};

use SchemaNode::{Choice, Integer, OptionalChoice, OptionalText, Text};

/// What the language model is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelTask {
    /// To list what some pages say.
    Pages,
    /// To find conflicts and gaps among the statements of all pages.
    Comparison,
}

/// The JSON schema of an answer, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerSchema(SchemaNode);

#[derive(Debug, Clone, PartialEq, Eq)]
enum SchemaNode {
    Text,
    OptionalText,
    Integer,
    Choice(&'static [&'static str]),
    OptionalChoice(&'static [&'static str]),
    List { items: Box<SchemaNode>, min_items: Option<u32> },
    Object(Properties),
}

/// Properties in their order, all of them required.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Properties(Vec<(&'static str, SchemaNode)>);

const ASSERTIONS: &[&str] = &["present", "negated", "possible", "family", "historical", "planned"];
const DONE_STATUSES: &[&str] = &["completed", "planned", "cancelled"];
const OBSERVATION_KINDS: &[&str] = &[
    "code_status",
    "goals_of_care",
    "surrogate",
    "social_history",
    "exam_finding",
    "device",
    "blood_product",
    "vaccine",
    "discharge_diagnosis",
    "discharge_condition",
];
const TOPICS: &[&str] = &[
    "allergies",
    "medications",
    "code_status",
    "surrogate",
    "social_history",
    "family_history",
    "vaccines",
    "follow_up",
];

impl AnswerSchema {
    /// The schema of answers to a task.
    pub(super) fn for_task(task: ModelTask) -> Self {
        Self(match task {
            ModelTask::Pages => pages_schema(),
            ModelTask::Comparison => comparison_schema(),
        })
    }
}

impl Serialize for AnswerSchema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

fn pages_schema() -> SchemaNode {
    object([
        (
            "patient",
            object([
                ("quotes", quotes(0)),
                ("name", OptionalText),
                ("birth_date", OptionalText),
                ("sex", OptionalText),
                ("medical_record_number", OptionalText),
            ]),
        ),
        (
            "encounters",
            items([
                ("first_page", Integer),
                ("last_page", Integer),
                ("kind", Text),
                ("author", OptionalText),
                ("facility", OptionalText),
                ("date", OptionalText),
            ]),
        ),
        (
            "problems",
            items([
                ("name", Text),
                ("assertion", Choice(ASSERTIONS)),
                ("status", Choice(&["active", "past"])),
                ("text", Text),
            ]),
        ),
        (
            "signs_symptoms",
            items([("name", Text), ("assertion", Choice(ASSERTIONS)), ("date", OptionalText)]),
        ),
        (
            "medications",
            items([
                ("name", Text),
                ("dose", OptionalText),
                ("route", OptionalText),
                ("frequency", OptionalText),
                ("status", Choice(&["active", "planned", "held", "stopped", "cancelled", "completed"])),
                ("start", OptionalText),
                ("stop", OptionalText),
                ("indication", OptionalText),
            ]),
        ),
        (
            "allergies",
            items([("substance", Text), ("assertion", Choice(ASSERTIONS)), ("reaction", OptionalText)]),
        ),
        (
            "vitals",
            items([
                ("name", Text),
                ("value", Text),
                ("value_as_read", OptionalText),
                ("unit", OptionalText),
                ("date", OptionalText),
            ]),
        ),
        (
            "labs",
            items([
                ("name", Text),
                ("value", Text),
                ("value_as_read", OptionalText),
                ("unit", OptionalText),
                ("reference_range", OptionalText),
                ("flag", OptionalChoice(&["low", "normal", "high", "abnormal"])),
                ("date", OptionalText),
            ]),
        ),
        (
            "procedures",
            items([
                ("name", Text),
                ("status", Choice(DONE_STATUSES)),
                ("date", OptionalText),
                ("text", Text),
            ]),
        ),
        (
            "imaging",
            items([
                ("study", Text),
                ("status", Choice(DONE_STATUSES)),
                ("date", OptionalText),
                ("text", Text),
            ]),
        ),
        (
            "observations",
            items([
                ("kind", Choice(OBSERVATION_KINDS)),
                ("assertion", Choice(ASSERTIONS)),
                ("date", OptionalText),
                ("text", Text),
            ]),
        ),
        ("timeline", items([("date", Text), ("text", Text)])),
        ("follow_ups", items([("due", OptionalText), ("due_date", OptionalText), ("text", Text)])),
        ("conflicts", conflicts_schema()),
        ("gaps", items([("text", Text)])),
        ("not_stated", list(Choice(TOPICS), None)),
    ])
}

fn comparison_schema() -> SchemaNode {
    object([("conflicts", conflicts_schema()), ("gaps", items([("text", Text)]))])
}

/// A conflict has two sides.
fn conflicts_schema() -> SchemaNode {
    list(object([("quotes", quotes(2)), ("text", Text)]), None)
}

/// The schema of a list of items, each with its quotes first.
fn items<const N: usize>(fields: [(&'static str, SchemaNode); N]) -> SchemaNode {
    let mut properties = vec![("quotes", quotes(1))];
    properties.extend(fields);
    list(SchemaNode::Object(Properties(properties)), None)
}

fn quotes(min_items: u32) -> SchemaNode {
    list(object([("page", Integer), ("quote", Text)]), Some(min_items).filter(|count| *count > 0))
}

fn list(items: SchemaNode, min_items: Option<u32>) -> SchemaNode {
    SchemaNode::List { items: Box::new(items), min_items }
}

fn object<const N: usize>(properties: [(&'static str, SchemaNode); N]) -> SchemaNode {
    SchemaNode::Object(Properties(properties.into()))
}

impl Serialize for SchemaNode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Text => map.serialize_entry("type", "string")?,
            Self::OptionalText => map.serialize_entry("type", &["string", "null"])?,
            Self::Integer => map.serialize_entry("type", "integer")?,
            Self::Choice(values) => {
                map.serialize_entry("type", "string")?;
                map.serialize_entry("enum", values)?;
            }
            Self::OptionalChoice(values) => {
                map.serialize_entry("type", &["string", "null"])?;
                let values: Vec<Option<&str>> = values.iter().copied().map(Some).chain([None]).collect();
                map.serialize_entry("enum", &values)?;
            }
            Self::List { items, min_items } => {
                map.serialize_entry("type", "array")?;
                map.serialize_entry("items", items)?;
                if let Some(count) = min_items {
                    map.serialize_entry("minItems", count)?;
                }
            }
            Self::Object(properties) => {
                map.serialize_entry("type", "object")?;
                map.serialize_entry("properties", properties)?;
                let names: Vec<&str> = properties.0.iter().map(|(name, _)| *name).collect();
                map.serialize_entry("required", &names)?;
                map.serialize_entry("additionalProperties", &false)?;
            }
        }
        map.end()
    }
}

impl Serialize for Properties {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, node)| (name, node)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

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
    fn schemas_are_strict_at_every_depth() {
        for task in [ModelTask::Pages, ModelTask::Comparison] {
            assert!(is_strict(&serde_json::to_value(AnswerSchema::for_task(task)).unwrap()));
        }
    }

    #[test]
    fn quotes_come_before_what_they_prove_and_comparisons_last() {
        let written = serde_json::to_string(&AnswerSchema::for_task(ModelTask::Pages)).unwrap();
        let at = |name: &str| written.find(&format!("\"{name}\":{{")).unwrap();
        assert!(at("patient") < at("problems") && at("problems") < at("labs"));
        assert!(at("labs") < at("conflicts") && at("conflicts") < at("gaps"));
        for list in ["encounters", "problems", "medications", "labs", "follow_ups", "gaps"] {
            let item = &written[at(list)..];
            assert!(item.contains(r#""properties":{"quotes":"#), "{list}");
            assert_eq!(item.find(r#""properties":{"#), item.find(r#""properties":{"quotes":"#), "{list}");
        }
        assert!(written.contains(r#""minItems":1"#) && written.contains(r#""minItems":2"#));
    }

    #[test]
    fn measurements_have_no_sentence() {
        let schema = serde_json::to_value(AnswerSchema::for_task(ModelTask::Pages)).unwrap();
        for list in ["vitals", "labs"] {
            assert!(schema["properties"][list]["items"]["properties"]["text"].is_null(), "{list}");
            assert!(schema["properties"][list]["items"]["properties"]["assertion"].is_null(), "{list}");
        }
    }
}
