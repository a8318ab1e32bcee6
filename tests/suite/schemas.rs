//! Our own files are valid under the schemas of `docs/schemas`, and wrong ones are not. Python's `jsonschema` judges.

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

#[test]
fn our_own_files_are_valid() {
    let sample = tempfile::tempdir().unwrap();
    let folder = sample.path().join("job");
    let made = pli(&["sample", "--count", "20", "--seed", "7", "--out", text(&folder)]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let ran = pli(&["run", text(&folder), "--date", "2026-11-23"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let night = folder.join("out/2026-11-23");
    let (job, run) = (folder.join("job.toml"), night.join("run.json"));
    let proof = night.join("letters/26327A.proof.json");
    let fixture = root().join("fixtures/night/job.toml");
    let mut files: Vec<(&str, &Path)> =
        vec![("job", &job), ("job", &fixture), ("run", &run), ("proof", &proof)];
    let templates = ["card-letter", "mailer-igc-sante", "mailer-legacy"];
    let templates = templates.map(|name| root().join("templates").join(name).join("template.toml"));
    files.extend(templates.iter().map(|file| ("template", file.as_path())));
    let book = fs_err::read_dir(root().join("docs/templates")).unwrap().map(|entry| entry.unwrap().path());
    let book: Vec<_> = book.map(|folder| folder.join("template.toml")).filter(|file| file.exists()).collect();
    assert!(book.len() > 5, "the book's templates were found");
    files.extend(book.iter().map(|file| ("template", file.as_path())));
    judged(&files);
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
