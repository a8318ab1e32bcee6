//! The command line's own promises.

use crate::job::{pli, program};
use crate::schemas::answers;

const COMMANDS: [&[&str]; 17] = [
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
    &["man"],
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

/// Every failure document has these keys (contract: JSON on failure).
const ERROR_KEYS: [&str; 7] = ["exit_code", "code", "message", "advice", "file", "line", "column"];

#[test]
fn json_is_one_document_even_for_a_failure() {
    let failed = pli(&["run", "nowhere.toml", "--json"]);
    let error = &failed.json()["error"];
    assert_eq!((&error["exit_code"], &error["code"]), (&2.into(), &"job_unreadable".into()));
    assert!(ERROR_KEYS.iter().all(|key| error.get(key).is_some()), "{error}");
    assert_eq!(error["file"], "nowhere.toml");
    assert!(failed.stderr.contains("nowhere.toml"));
    let keyless = pli(&["keys", "list", "nowhere.pem", "--json"]);
    let error = &keyless.json()["error"];
    assert_eq!((&error["code"], &error["file"]), (&"key_unreadable".into(), &"nowhere.pem".into()));
    let misspelt = pli(&["run", "job.toml", "--date", "tomorrow", "--json"]);
    let error = &misspelt.json()["error"];
    assert_eq!((misspelt.code, &error["exit_code"], &error["code"]), (2, &2.into(), &"arguments".into()));
    assert!(ERROR_KEYS.iter().all(|key| error.get(key).is_some()), "{error}");
}

#[test]
fn a_failure_in_a_file_says_where_and_keeps_its_advice_apart() {
    let folder = tempfile::tempdir().unwrap();
    let job = folder.path().join("job.toml");
    fs_err::write(&job, "[bureau]\nname = \"B\"\n[input]\ncards = [\"a\"]\ncolour = 1\n").unwrap();
    let job = job.to_str().unwrap();
    let error = &pli(&["check", job, "--json"]).json()["error"];
    assert_eq!((&error["code"], &error["file"]), (&"job_invalid".into(), &job.into()));
    assert_eq!((&error["line"], &error["column"]), (&5.into(), &1.into()));
    let ledger = pli(&["status", concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/night"), "--json"]);
    let error = &ledger.json()["error"];
    assert_eq!((&error["code"], &error["advice"]), (&"no_ledger".into(), &"run a night first".into()));
    assert_eq!(error["message"], "there is no ledger yet");
}

#[test]
fn every_fault_of_a_template_is_a_part_of_its_failure() {
    let folder = tempfile::tempdir().unwrap();
    let template = folder.path().join("letter");
    fs_err::create_dir_all(&template).unwrap();
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/templates/card-letter/template.toml");
    fs_err::copy(source, template.join("template.toml")).unwrap();
    fs_err::write(template.join("card-letter.typ"), "#let x = \n").unwrap();
    let error = &pli(&["template", "check", template.to_str().unwrap(), "--json"]).json()["error"];
    assert_eq!((&error["exit_code"], &error["code"]), (&2.into(), &"template".into()));
    let parts = error["parts"].as_array().expect("parts");
    assert!(parts.iter().any(|part| part["line"].is_u64() && part["message"].is_string()), "{error}");
    assert_eq!(error["line"], parts[0]["line"], "the first part's position stands for the whole");
}

/// Commands that print on standard output.
const PRINTING: [&[&str]; 4] = [
    &["completions", "bash"],
    &["--help"],
    &["verify", "DC04FR000001FFFF265FP101FR"],
    &["keys", "list", "no-such-folder", "--json"],
];

#[test]
fn a_reader_that_closes_the_pipe_is_no_failure() {
    for arguments in PRINTING {
        let whole = pli(arguments);
        let mut child = program()
            .args(arguments)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(whole.code), "{arguments:?}: {said}");
        assert!(!said.contains("panicked") && !said.contains("standard output"), "{said}");
    }
}

#[test]
fn output_that_can_t_be_written_is_a_failure() {
    let sample = tempfile::tempdir().unwrap();
    let folder = sample.path().join("job");
    let made = pli(&["sample", "--count", "5", "--out", folder.to_str().unwrap()]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let check = ["check", folder.to_str().unwrap(), "--date", "2026-11-20", "--json"];
    for arguments in [&check[..], &["completions", "bash"], &["--help"], &["verify", "DC04FR"]] {
        let full = fs_err::OpenOptions::new().write(true).open("/dev/full").unwrap().into_parts().0;
        let output = program().args(arguments).stdout(full).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{arguments:?}: {said}");
        assert!(said.contains("standard output"), "{said}");
    }
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
    answers("demo", &demo.stdout);
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

#[test]
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    let made = pli(&["man", folder.path().to_str().unwrap(), "--json"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    answers("man", &made.stdout);
    let pages: Vec<String> = made.json()["pages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|page| page.as_str().unwrap().to_owned())
        .collect();
    for command in COMMANDS {
        let name = format!("pli-{}.1", command.join("-")).replace("pli-.1", "pli.1");
        assert!(pages.contains(&name), "{name} of {pages:?}");
        let page = fs_err::read_to_string(folder.path().join(&name)).unwrap();
        assert!(page.contains(".SH SYNOPSIS") && page.contains("Example"), "{name}: {page}");
    }
    assert!(!pages.iter().any(|page| page.contains("confined")), "{pages:?}");
    let run = fs_err::read_to_string(folder.path().join("pli-run.1")).unwrap();
    assert!(run.contains("archive") && run.contains("metrics"), "{run}");
}
