//! The keys of the job file: `docs/job-file.md` describes each, and no other.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{read, root};

/// The keys in the first cells of a page's tables: `` `bureau.phone`, `.phone_overseas` `` are two of one table.
fn keys(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for row in text.lines().filter(|line| line.starts_with("| `")) {
        let mut table = String::new();
        for name in row.split(" |").next().unwrap_or_default().split('`').skip(1).step_by(2) {
            let name = name.strip_prefix('.').map_or(name.to_owned(), |name| format!("{table}.{name}"));
            table = name.rsplit_once('.').map_or(String::new(), |(table, _)| table.to_owned());
            found.insert(name.trim_end_matches(".*").to_owned());
        }
    }
    found
}

/// The places of a schema that hold no table of known keys.
fn leaves(schema: &Value, path: &str, found: &mut Vec<String>) {
    match schema["properties"].as_object() {
        Some(properties) => {
            for (key, schema) in properties {
                leaves(schema, format!("{path}.{key}").trim_start_matches('.'), found);
            }
        }
        None => found.push(path.to_owned()),
    }
}

#[test]
fn each_key_of_the_job_file_is_described() {
    let described = keys(&read(&root().join("docs/job-file.md")));
    let schema = read(&root().join("docs/schemas/job.schema.json"));
    let mut all = Vec::new();
    leaves(&serde_json::from_str(&schema).unwrap(), "", &mut all);
    assert!(all.len() > 80, "{} keys", all.len());
    for key in &all {
        let plain = |told: &str| told.split(".<").next().unwrap_or_default().to_owned();
        let is_told = |told: &String| *key == plain(told) || key.starts_with(&format!("{}.", plain(told)));
        assert!(described.iter().any(is_told), "docs/job-file.md lacks `{key}`");
    }
    for told in &described {
        let plain = told.split(".<").next().unwrap_or_default();
        let is_there = |key: &String| key == plain || key.starts_with(&format!("{plain}."));
        assert!(all.iter().any(is_there), "docs/job-file.md has `{told}`, which is no key");
    }
}
