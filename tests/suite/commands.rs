//! The command line's own promises.

use crate::job::{pli, program};

const COMMANDS: [&[&str]; 16] = [
    &[],
    &["keys"],
    &["template"],
    &["demo"],
    &["run"],
    &["check"],
    &["sample"],
    &["keys", "new"],
    &["keys", "list"],
    &["keys", "export"],
    &["keys", "request"],
    &["status"],
    &["verify"],
    &["render"],
    &["template", "check"],
    &["completions"],
];

#[test]
fn every_command_shows_an_example() {
    for command in COMMANDS {
        let mut arguments = command.to_vec();
        arguments.push("--help");
        let help = pli(&arguments);
        assert_eq!(help.code, 0);
        assert!(help.stdout.contains("Example"), "{command:?}: {}", help.stdout);
    }
}

#[test]
fn wrong_usage_leaves_by_door_two() {
    for arguments in
        [&["run"][..], &["walk"], &["run", "nowhere.toml"], &["sample", "--count", "x", "--out", "y"]]
    {
        assert_eq!(pli(arguments).code, 2, "{arguments:?}");
    }
}

#[test]
fn json_is_one_document_even_for_a_failure() {
    let failed = pli(&["run", "nowhere.toml", "--json"]);
    assert_eq!(failed.json()["error"]["exit_code"], 2);
    assert!(failed.stderr.contains("nowhere.toml"));
    let misspelt = pli(&["run", "job.toml", "--date", "tomorrow", "--json"]);
    assert_eq!((misspelt.code, &misspelt.json()["error"]["exit_code"]), (2, &2.into()));
}

#[test]
fn a_reader_that_goes_away_is_no_panic() {
    let mut child = program()
        .args(["completions", "bash"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"));
}

#[test]
fn keys_are_made_described_and_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    for (purpose, file) in
        [("signing", "signing.pem"), ("codes", "codes.identity"), ("press", "press.identity")]
    {
        let made = pli(&["keys", "new", purpose, "--output", &path(file), "--json"]);
        assert_eq!(made.code, 0, "{}", made.stderr);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs_err::metadata(path(file)).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode, 0o600, "{file}");
        }
        let again = pli(&["keys", "new", purpose, "--output", &path(file)]);
        assert_eq!(again.code, 2);
        assert!(again.stderr.contains("never overwritten"), "{}", again.stderr);
    }
    let listed = pli(&["keys", "list", folder.path().to_str().unwrap(), "--json"]);
    assert_eq!(listed.json().as_array().map(Vec::len), Some(3));
    assert!(!listed.stdout.contains("SECRET") && !listed.stdout.contains("PRIVATE"));
    let exported = pli(&["keys", "export", &path("signing.pem")]);
    assert!(exported.stdout.starts_with("-----BEGIN PUBLIC KEY-----"));
}

#[test]
fn the_demonstration_works_on_an_empty_machine() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("demo");
    let demo = pli(&["demo", "--out", out.to_str().unwrap(), "--json"]);
    assert_eq!(demo.code, 0, "{}", demo.stderr);
    let told = demo.json();
    assert_eq!(told["nights"].as_array().map(Vec::len), Some(2));
    assert!(told["pictures"].as_array().unwrap().len() > 20);
    for picture in told["pictures"].as_array().unwrap() {
        assert!(std::path::Path::new(picture.as_str().unwrap()).exists());
    }
    assert_eq!(pli(&["demo", "--out", out.to_str().unwrap(), "-q"]).code, 0, "its own folder is cleared");
    fs_err::remove_file(out.join(".pli-demo")).unwrap();
    assert_eq!(pli(&["demo", "--out", out.to_str().unwrap()]).code, 2, "nobody else's is");
}

#[test]
fn the_same_seed_gives_the_same_records() {
    let folder = tempfile::tempdir().unwrap();
    let mut tables = Vec::new();
    for name in ["a", "b"] {
        let out = folder.path().join(name);
        let made = pli(&[
            "sample",
            "--count",
            "300",
            "--seed",
            "5",
            "--out",
            out.to_str().unwrap(),
            "--bad-percent",
            "4",
        ]);
        assert_eq!(made.code, 0, "{}", made.stderr);
        tables.push(fs_err::read(out.join("inbox/cards.csv")).unwrap());
    }
    assert!(tables[0] == tables[1]);
}
