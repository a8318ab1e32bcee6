//! The JSON Schemas in `docs/schemas`, made from the types. `PLI_WRITE_SCHEMAS=1` writes them anew.
//!
//! What a person writes (`job.toml`, `template.toml`, announcements) has forms that only its reading knows, in types of several
//! crates: these are asked by way of serde (`trace`). What the program writes is derived from its types (`derived`). The
//! answers of commands are listed in `cli::schema_tests`. `tests/suite/schemas.rs` holds our own files and answers against
//! the schemas, with Python's `jsonschema`.

mod derived;
mod trace;
mod words;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::job::Sections;
use crate::night::intake::Announcement;
pub(crate) use derived::{
    code_report, foreign, list_of, one_of, one_or_several, optional_code_report, optional_foreign, printed,
    read, signed,
};
use trace::{Examples, Shape, Traced, traced};
use words::Words;

/// What each schema says of itself.
const COMMENT: &str =
    "Made from the program's types by `PLI_WRITE_SCHEMAS=1 cargo test --release --lib schema_tests`.";

/// A schema that is made.
struct Schema<'w> {
    traced: Traced,
    examples: Examples,
    words: &'w Words,
    /// Whether a key that is not known is a fault.
    closed: bool,
}

impl Schema<'_> {
    /// The schema of what stands at a place.
    fn at(&self, path: &str) -> Value {
        let within = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        match self.traced.shapes.get(path) {
            None => json!({}),
            Some(Shape::Truth) => json!({ "type": "boolean" }),
            Some(Shape::Whole { unsigned: true }) => json!({ "type": "integer", "minimum": 0 }),
            Some(Shape::Whole { unsigned: false }) => json!({ "type": "integer" }),
            Some(Shape::Number) => json!({ "type": "number" }),
            Some(Shape::Text) => json!({ "type": "string" }),
            Some(Shape::Words(words)) => json!({ "enum": words }),
            Some(Shape::List) => json!({ "type": "array", "items": self.at(&format!("{path}[]")) }),
            Some(Shape::Map) => json!({ "type": "object", "additionalProperties": self.at(&within("*")) }),
            Some(Shape::Forms) => {
                let forms: Vec<Value> = self.examples[path].iter().map(|form| self.form(form)).collect();
                if let [form] = &forms[..] { form.clone() } else { json!({ "anyOf": forms }) }
            }
            Some(Shape::Table(name, keys)) => self.table(name, keys, &within),
        }
    }

    fn table(&self, name: &str, keys: &[&str], within: &impl Fn(&str) -> String) -> Value {
        let words = self.words.of(name, keys);
        let mut properties = Map::new();
        for key in keys {
            let mut schema = self.at(&within(key));
            if let (Some(said), Value::Object(schema)) =
                (words.get(key).filter(|said| !said.is_empty()), &mut schema)
            {
                schema.insert("description".to_owned(), json!(said));
            }
            properties.insert((*key).to_owned(), schema);
        }
        let required: Vec<&&str> =
            keys.iter().filter(|key| self.traced.required.contains(&within(key))).collect();
        let mut schema = json!({ "type": "object", "properties": properties });
        if !required.is_empty() {
            schema["required"] = json!(required);
        }
        if self.closed {
            schema["additionalProperties"] = json!(false);
        }
        schema
    }

    /// The schema of a form, as an example has it.
    fn form(&self, example: &Value) -> Value {
        match example {
            Value::Bool(_) => json!({ "type": "boolean" }),
            Value::Number(number) if number.is_u64() => json!({ "type": "integer", "minimum": 0 }),
            Value::Number(_) => json!({ "type": "number" }),
            Value::Array(items) => {
                json!({ "type": "array", "items": items.first().map_or(json!({}), |item| self.form(item)) })
            }
            Value::Object(entries) => {
                let properties: Map<String, Value> =
                    entries.iter().map(|(key, value)| (key.clone(), self.form(value))).collect();
                json!({ "type": "object", "properties": properties, "additionalProperties": !self.closed })
            }
            Value::String(_) | Value::Null => json!({ "type": "string" }),
        }
    }
}

/// The schema of a type, with its title.
fn schema<T: DeserializeOwned>(title: &str, closed: bool, examples: Examples, words: &Words) -> Value {
    let traced = traced::<T>(&examples);
    let schema = Schema { traced, examples, words, closed };
    let mut made = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": COMMENT,
        "title": title,
    });
    if let (Value::Object(made), Value::Object(whole)) = (&mut made, schema.at("")) {
        made.extend(whole);
    }
    made
}

fn examples(of: &[(&'static str, &[Value])]) -> Examples {
    of.iter().map(|(path, forms)| (*path, forms.to_vec())).collect()
}

/// The examples of the job file.
fn job_examples() -> Examples {
    let templates = [json!("templates/a"), json!([{ "from": "2026-12-01", "path": "templates/b" }])];
    let place = [json!("code"), json!(2), json!({ "start": 1, "length": 12 })];
    let mut found = examples(&[
        ("calendar.closed[]", &[json!("2026-12-24")]),
        ("ledger.url", &[json!("sqlite:ledger.db")]),
        ("press.media", &[json!("A4 blanc 90 g/m²"), json!({ "letters": "A4", "mailers": "A4" })]),
        ("input.dates.*", &[json!("DD/MM/YYYY"), json!({ "form": "DD/MM/YYYY", "time": "08:00" })]),
        ("letters.bundle", &[json!(500), json!("departement")]),
        ("letters.template", &templates),
        ("mailers.template", &templates),
    ]);
    for kind in ["letters", "mailers"] {
        for field in ["value", "read_at", "position", "camera", "card_value", "status"] {
            let path: &'static str = format!("inserter.{kind}.results.fields.{field}").leak();
            found.insert(path, place.to_vec());
        }
    }
    found
}

/// The examples of `template.toml`.
fn template_examples() -> Examples {
    let table = json!({ "name": "dl-window", "play_mm": { "x": 2.0, "y": 1.0 } });
    examples(&[
        ("envelope", &[json!("dl-window"), table]),
        ("fold.kind", &[json!("half")]),
        ("fold.at_mm[]", &[json!(148.5)]),
    ])
}

/// Where a schema is kept.
fn file_of(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas").join(format!("{name}.schema.json"))
}

/// Says whether a schema is kept as it is made, or keeps it with `PLI_WRITE_SCHEMAS=1`.
pub(crate) fn is_kept(name: &str, made: &Value) -> bool {
    let text = serde_json::to_string_pretty(made).expect("JSON") + "\n";
    if std::env::var_os("PLI_WRITE_SCHEMAS").is_some() {
        fs_err::write(file_of(name), &text).expect("written");
    }
    fs_err::read_to_string(file_of(name)).is_ok_and(|there| there == text)
}

/// The schemas of what a person writes, by the names of their files.
pub(crate) fn of_settings() -> BTreeMap<&'static str, Value> {
    let words = Words::of_sources();
    let night = examples(&[("night", &[json!("2026-11-20")])]);
    BTreeMap::from([
        ("job", schema::<Sections>("job.toml of pli", true, job_examples(), &words)),
        ("template", schema::<template::Manifest>("template.toml of pli", true, template_examples(), &words)),
        ("announcement", schema::<Announcement>("an announcement, *.announce.toml", true, night, &words)),
    ])
}

#[test]
fn every_key_is_described_and_the_required_ones_are_known() {
    let made = of_settings();
    let job = &made["job"];
    assert_eq!(job["required"], json!(["bureau", "input"]));
    assert_eq!(job["properties"]["bureau"]["required"], json!(["name"]));
    assert_eq!(job["properties"]["input"]["required"], json!(["cards"]));
    for table in ["bureau", "input", "output", "letters", "mailers", "signing", "limits", "press"] {
        let keys = job["properties"][table]["properties"].as_object().expect("keys");
        for (key, schema) in keys {
            assert!(schema["description"].is_string(), "{table}.{key} has a description");
        }
    }
}
