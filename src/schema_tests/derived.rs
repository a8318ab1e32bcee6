//! Schemas that are derived from types, by `schemars`.

use std::path::Path;

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Value, json};

use super::COMMENT;
use super::trace::{Examples, Shape, traced};
use crate::certificate::SIGNATURE;

/// The schema of what the program prints: each key that is always there is required, and a later version may have more.
pub(crate) fn printed<T: JsonSchema>(title: &str) -> Value {
    let open = RecursiveTransform(|schema: &mut Schema| {
        if schema.get("additionalProperties") == Some(&json!(false)) {
            schema.remove("additionalProperties");
        }
    });
    made::<T>(title, settings().for_serialize().with_transform(open))
}

/// The schema of what the program reads back or is given: a key that it does not know is refused if its type refuses it.
pub(crate) fn read<T: JsonSchema>(title: &str) -> Value {
    made::<T>(title, settings())
}

/// The schema of a document that the program signs: its keys, no others, and its signature.
pub(crate) fn signed<T: JsonSchema>(title: &str) -> Value {
    let said = "The signature of all else, as canonical JSON, in Base64.";
    let mut schema = made::<T>(title, settings().for_serialize());
    schema["properties"][SIGNATURE] = json!({ "type": "string", "description": said });
    if let Value::Array(required) = &mut schema["required"] {
        required.push(json!(SIGNATURE));
    }
    schema
}

fn settings() -> SchemaSettings {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    settings.with_transform(RecursiveTransform(plain))
}

/// Leaves out what only Rust knows.
fn plain(schema: &mut Schema) {
    // Those of its numbers are no formats of JSON Schema.
    let of_rust = ["uint", "int", "float", "double", "partial"];
    let format = schema.get("format").and_then(Value::as_str);
    if format.is_some_and(|format| of_rust.iter().any(|of_rust| format.starts_with(of_rust))) {
        schema.remove("format");
    }
    if let Some(said) = schema.get("description").and_then(Value::as_str) {
        let said = said.replace('\n', " ").replace("[`", "`").replace("`]", "`").replace("`None`", "`null`");
        schema.insert("description".to_owned(), json!(said));
    }
}

fn made<T: JsonSchema>(title: &str, settings: SchemaSettings) -> Value {
    headed(title, settings.into_generator().into_root_schema_for::<T>().to_value())
}

/// The schema of a type of words of another crate, asked by way of serde.
pub(crate) fn foreign<T: for<'de> Deserialize<'de>>(_: &mut SchemaGenerator) -> Schema {
    let words = match traced::<T>(&Examples::new()).shapes.remove("") {
        Some(Shape::Words(words)) => words,
        other => panic!("no words but {other:?}"),
    };
    json!({ "type": "string", "enum": words }).try_into().expect("a schema")
}

/// The same; `null` where there is none.
pub(crate) fn optional_foreign<T: for<'de> Deserialize<'de>>(generator: &mut SchemaGenerator) -> Schema {
    json!({ "anyOf": [foreign::<T>(generator), { "type": "null" }] }).try_into().expect("a schema")
}

/// The schema of a report on a 2D-DOC, which `twoddoc` makes from its own types.
pub(crate) fn code_report() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/twoddoc/fixtures/report.schema.json");
    let text = fs_err::read_to_string(file).expect("the schema that `twoddoc` keeps");
    let mut report: Schema = serde_json::from_str(&text).expect("a schema");
    RecursiveTransform(plain).transform(&mut report);
    report.to_value()
}

/// The same within another document; `null` where there was no code.
pub(crate) fn optional_code_report(_: &mut SchemaGenerator) -> Schema {
    json!({ "anyOf": [bare(code_report()), { "type": "null" }] }).try_into().expect("a schema")
}

/// The schema of a document that is one of several.
pub(crate) fn one_of(title: &str, forms: Vec<Value>) -> Value {
    let forms: Vec<Value> = forms.into_iter().map(bare).collect();
    headed(title, json!({ "anyOf": forms }))
}

/// The schema of a document that is one thing, or a list of several.
pub(crate) fn one_or_several(title: &str, one: Value) -> Value {
    let one_of_them = json!({ "$ref": "#/$defs/one" });
    let forms = json!([one_of_them, { "type": "array", "items": one_of_them }]);
    headed(title, json!({ "$defs": { "one": bare(one) }, "anyOf": forms }))
}

/// The schema of a list.
pub(crate) fn list_of(title: &str, item: Value) -> Value {
    headed(title, json!({ "type": "array", "items": bare(item) }))
}

/// A schema with what each file of one begins with.
fn headed(title: &str, mut schema: Value) -> Value {
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["$comment"] = json!(COMMENT);
    schema["title"] = json!(title);
    schema
}

/// A schema as a part of another.
fn bare(mut schema: Value) -> Value {
    for own in ["$schema", "$comment"] {
        schema.as_object_mut().map(|schema| schema.remove(own));
    }
    schema
}
