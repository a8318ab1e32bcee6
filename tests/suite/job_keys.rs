//! Every key of a job file stands in what `pli sample` and `pli init` write, as a comment where most jobs leave it out.

use std::path::Path;

use serde_json::Value;

use crate::init::ANSWERS;
use crate::job::pli;
use crate::schemas::judged;
use crate::tools::text;

const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/schemas/job.schema.json");

/// A job file with every key that is a comment taken in, without other comments.
fn taken_in(file: &Path) -> String {
    let written = fs_err::read_to_string(file).unwrap();
    let is_key = |line: &&str| {
        line.starts_with('[') || line.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '))
    };
    let lines = written.lines().map(|line| line.trim_start_matches("# ")).filter(is_key);
    lines.collect::<Vec<_>>().join("\n")
}

/// The keys of a schema that a value lacks, with their tables.
fn lacking(schema: &Value, value: Option<&toml::Value>, key: &str, lack: &mut Vec<String>) {
    match schema["properties"].as_object() {
        Some(keys) => keys.iter().for_each(|(name, schema)| {
            lacking(schema, value.and_then(|table| table.get(name)), &format!("{key}.{name}"), lack);
        }),
        None if value.is_none() => lack.push(key.to_owned()),
        None => {}
    }
}

#[test]
fn every_key_stands_in_a_new_job_and_is_valid() {
    let schema = fs_err::read_to_string(SCHEMA).unwrap();
    let mut schema: Value = serde_json::from_str(&schema).unwrap();
    let machines = schema["properties"]["inserter"]["properties"].as_object_mut().unwrap();
    let mailers = machines.remove("mailers").expect("the mailers' machine");
    let same = mailers["properties"] == machines["letters"]["properties"];
    assert!(mailers["properties"].is_object() && same, "both machines have the same keys");
    let place = tempfile::tempdir().unwrap();
    let (sample, bureau) = (place.path().join("sample"), place.path().join("bureau"));
    let made = pli(&["sample", "--count", "1", "--out", text(&sample)]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let mut arguments = vec!["init", text(&bureau)];
    arguments.extend(ANSWERS);
    let made = pli(&arguments);
    assert_eq!(made.code, 0, "{}", made.stderr);
    for job in [sample, bureau] {
        let all = taken_in(&job.join("job.toml"));
        let parsed: toml::Value = toml::from_str(&all).unwrap();
        let mut lack = Vec::new();
        lacking(&schema, Some(&parsed), "", &mut lack);
        assert_eq!(lack, [] as [String; 0], "{} lacks keys", job.display());
        assert!(parsed["inserter"].get("mailers").is_some());
        let file = job.join("all.toml");
        fs_err::write(&file, all).unwrap();
        judged(&[("job", &file)]);
    }
}
