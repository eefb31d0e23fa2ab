//! The JSON Schema of scenarios, generated from the types.
//!
//! One schema for three readers: editors complete and check with it, `ivrkit schema` prints it, and
//! the shape of every scenario is held against it. Must not describe anything that
//! [the types](super::model) do not say.

use super::{KeySequence, Scenario};
use schemars::{
    JsonSchema, Schema, SchemaGenerator,
    generate::SchemaSettings,
    transform::{RecursiveTransform, Transform as _},
};
use serde_json::Value;

/// The JSON Schema of scenarios, draft 2020-12.
///
/// `patternErrorMessage` is what editors show instead of a pattern; other readers ignore it.
pub fn schema() -> Schema {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    generator.subschema_for::<KeySequence>();
    written_in_yaml::<Scenario>(generator, "ivrkit scenario")
}

/// The schema of a type that is written as YAML.
pub(crate) fn written_in_yaml<T: JsonSchema>(
    generator: SchemaGenerator,
    title: &'static str,
) -> Schema {
    let mut schema = generator.into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    RecursiveTransform(as_written_in_yaml).transform(&mut schema);
    schema
}

/// The schema as it is printed and shipped: indented JSON that ends with a newline.
///
/// # Panics
/// Never: a schema is JSON.
pub fn schema_text() -> String {
    printed(&schema())
}

/// A schema as it is printed.
pub(crate) fn printed(schema: &Schema) -> String {
    let json = serde_json::to_string_pretty(schema).expect("a schema is JSON");
    format!("{json}\n")
}

/// Takes out what is true of the Rust types and not of a scenario: an optional key is left out,
/// never `null`, and the width of an integer is nothing to write about beside its range.
fn as_written_in_yaml(schema: &mut Schema) {
    schema.remove("format");
    let Some(object) = schema.as_object_mut() else { return };
    if let Some(Value::String(text)) = object.get_mut("description") {
        *text = text.replace('\n', " ");
    }
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    let Some(Value::Array(branches)) = object.get("anyOf") else { return };
    let (nulls, others): (Vec<Value>, Vec<Value>) =
        branches.iter().cloned().partition(|branch| branch["type"] == "null");
    if let (1, [Value::Object(only)]) = (nulls.len(), others.as_slice()) {
        object.remove("anyOf");
        object.extend(only.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all_objects<'v>(value: &'v Value, found: &mut Vec<&'v serde_json::Map<String, Value>>) {
        match value {
            Value::Object(object) => {
                found.push(object);
                object.values().for_each(|value| all_objects(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| all_objects(value, found)),
            _ => {}
        }
    }

    #[test]
    fn is_a_valid_draft_2020_12_schema() {
        let value = schema().to_value();
        assert_eq!(value["$schema"], "https://json-schema.org/draft/2020-12/schema");
        jsonschema::draft202012::meta::validate(&value).unwrap();
    }

    #[test]
    fn every_key_is_described_and_nothing_may_be_null() {
        let value = schema().to_value();
        let mut objects = Vec::new();
        all_objects(&value, &mut objects);
        for object in objects {
            let Some(Value::Object(properties)) = object.get("properties") else { continue };
            assert_eq!(object["additionalProperties"], false, "{object:?}");
            for (name, property) in properties {
                let described =
                    property["description"].as_str().is_some_and(|text| !text.is_empty());
                assert!(described, "`{name}` has no description");
            }
        }
        assert!(!value.to_string().contains("\"null\""));
    }

    #[test]
    fn defaults_reach_the_editor() {
        let value = schema().to_value();
        let ivr = &value["$defs"]["Ivr"]["properties"];
        assert_eq!(ivr["plays"]["default"], 1);
        assert_eq!(ivr["on_wrong_key"]["default"], "replay");
        assert_eq!(value["$defs"]["Verification"]["properties"]["attempts"]["default"], 3);
        assert_eq!(ivr["entry"]["$ref"], "#/$defs/Entry");
    }
}
