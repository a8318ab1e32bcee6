//! Our own files and answers are valid under the schemas of `docs/schemas`, and wrong ones are not. Python's `jsonschema` judges.
//!
//! Tests of each command hand its answers to `answers`; a test here says which schema none of them has judged.

use std::path::Path;

use crate::job::pli;
use crate::tools::{python, text};

const JUDGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/schemas.py");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Asks the judge about files, each a schema's name and a path. Each must be valid, and must not be once a value is of another
/// kind or, where the schema has all keys, a further key is there.
pub fn judged(files: &[(&str, &Path)]) {
    let mut arguments = vec![JUDGE.to_owned()];
    arguments.extend(files.iter().map(|(schema, file)| format!("{schema}={}", text(file))));
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if let Some(said) = python("jsonschema", &arguments) {
        assert_eq!(said.trim(), format!("{} valid", files.len()));
    }
}

/// Asks the judge about what a command printed with `--json`.
pub fn answers(schema: &str, said: &str) {
    let folder = tempfile::tempdir().unwrap();
    // A line each, where a command prints several documents.
    let lines = said.lines().count() > 1 && said.lines().all(|line| line.starts_with("{\""));
    let file = folder.path().join(if lines { "answer.jsonl" } else { "answer.json" });
    fs_err::write(&file, said).unwrap();
    judged(&[(schema, &file)]);
}

/// Each schema is in the hands of a test: as `answers("NAME", …)`, or in a list as `("NAME", …)`.
#[test]
fn every_schema_is_held_against_what_the_program_says() {
    let mut tests = String::new();
    for entry in fs_err::read_dir(root().join("tests/suite")).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_some_and(|ending| ending == "rs") {
            tests += &fs_err::read_to_string(file).unwrap();
        }
    }
    let schemas = fs_err::read_dir(root().join("docs/schemas")).unwrap();
    let names = schemas.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names: Vec<String> = names.map(|name| name.trim_end_matches(".schema.json").to_owned()).collect();
    assert!(names.len() > 50, "the schemas were found");
    let judged = |name: &String| {
        ["answers(", "judged(&[("].iter().any(|asked| tests.contains(&format!("{asked}\"{name}\",")))
    };
    let missing: Vec<&String> = names.iter().filter(|name| !judged(name)).collect();
    assert!(missing.is_empty(), "no test asks about {missing:?}");
}

#[test]
fn our_own_files_and_answers_are_valid() {
    let sample = tempfile::tempdir().unwrap();
    let folder = sample.path().join("job");
    let said = |arguments: &[&str], code: i32| {
        let ran = pli(&[arguments, &["--json"]].concat());
        assert_eq!(ran.code, code, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        ran.stdout
    };
    let made = said(&["sample", "--count", "20", "--seed", "7", "--out", text(&folder)], 0);
    answers("sample", &made);
    answers("error", &said(&["status", text(&folder)], 2));
    answers("error", &said(&["template", "check", "no-such-one", "no-such-other"], 2));
    answers("template-check", &said(&["template", "check", "card-letter", "mailer-legacy"], 0));
    answers("check", &said(&["check", text(&folder), "--date", "2026-11-23"], 0));
    let doctor = pli(&["doctor", text(&folder), "--date", "2026-11-23", "--json"]);
    answers("doctor", &doctor.stdout);
    let key = sample.path().join("own.pem");
    answers("key", &said(&["keys", "new", "signing", "--output", text(&key)], 0));
    answers("run", &said(&["run", text(&folder), "--date", "2026-11-23"], 0));
    let night = folder.join("out/2026-11-23");
    judged(&[("run", &night.join("run.json"))]);
    judged(&[("proof", &night.join("letters/26327A.proof.json"))]);
    judged(&[("job", &folder.join("job.toml")), ("job", &root().join("fixtures/night/job.toml"))]);
}

#[test]
fn our_own_templates_are_valid() {
    let own = fs_err::read_dir(root().join("templates")).unwrap();
    let book = fs_err::read_dir(root().join("docs/templates")).unwrap();
    let folders = own.chain(book).map(|entry| entry.unwrap().path().join("template.toml"));
    let files: Vec<_> = folders.filter(|file| file.exists()).collect();
    assert!(files.len() > 8, "the templates were found");
    files.iter().for_each(|file| judged(&[("template", file)]));
}

/// The announcement of `docs/inbox.md`.
#[test]
fn the_announcement_of_its_document_is_valid() {
    let document = fs_err::read_to_string(root().join("docs/inbox.md")).unwrap();
    let block =
        document.split("```toml\n").find(|block| block.starts_with("night = ")).expect("an announcement");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("day.announce.toml");
    fs_err::write(&file, block.split("```").next().unwrap_or_default()).unwrap();
    judged(&[("announcement", &file)]);
}
