//! A copy of `fixtures/night` with keys of its own, and the program run on it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use pli::job::{KeyLocation, SigningProfile};
use pli::vault::{new_identity, new_signing_key, recipients, seal_bytes};
use serde_json::Value;
use tempfile::TempDir;

/// The Friday of the fixture's first night, and the Monday of its second.
pub const FRIDAY: &str = "2026-11-20";
pub const MONDAY: &str = "2026-11-23";
/// With what a torn mailer, which two persons have destroyed, is printed again on the Monday.
pub const TORN: [&str; 8] = ["--reason", "torn", "--destroyed-by", "A", "--witness", "B", "--date", MONDAY];

/// A job in a folder that goes away.
pub struct TestJob {
    folder: TempDir,
}

/// What the program said.
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("{e}: {}\n{}", self.stdout, self.stderr))
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Ran {
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// The program, ready for arguments.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pli"));
    command.env("NO_COLOR", "1");
    command
}

/// Runs the program.
pub fn pli(arguments: &[&str]) -> Ran {
    program().args(arguments).output().expect("the program starts").into()
}

impl TestJob {
    /// The fixture's night with fresh keys and sealed codes.
    pub fn new() -> TestJob {
        let job = TestJob { folder: tempfile::tempdir().expect("a folder") };
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/night");
        fs_err::create_dir_all(job.path("inbox")).unwrap();
        for file in ["job.toml", "inbox/cards.csv", "reissues.csv"] {
            fs_err::copy(fixture.join(file), job.path(file)).unwrap();
        }
        new_signing_key(&KeyLocation::File(job.path("keys/signing.pem")), SigningProfile::Ed25519).unwrap();
        for name in ["codes", "press"] {
            let identity = job.path(&format!("keys/{name}.identity"));
            new_identity(&identity, &job.path(&format!("keys/{name}.pub"))).unwrap();
        }
        job.seal_codes(&fs_err::read(fixture.join("inbox/codes.csv")).unwrap());
        job
    }

    /// Another job with the same records, codes and keys, and what was made so far.
    pub fn twin(&self) -> TestJob {
        let twin = TestJob { folder: tempfile::tempdir().expect("a folder") };
        for file in self.files() {
            let copy = twin.path(file.strip_prefix(self.folder.path()).unwrap().to_str().unwrap());
            fs_err::create_dir_all(copy.parent().unwrap()).unwrap();
            // Who may write a folder is part of what was made.
            let mode = fs_err::metadata(file.parent().unwrap()).unwrap().permissions();
            fs_err::set_permissions(copy.parent().unwrap(), mode).unwrap();
            fs_err::copy(file, copy).unwrap();
        }
        twin
    }

    /// Seals a codes file into the inbox.
    pub fn seal_codes(&self, plain: &[u8]) {
        let recipients = recipients(&["keys/codes.pub".to_owned()], |text| self.path(text)).unwrap();
        fs_err::write(self.path("inbox/codes.csv.age"), seal_bytes(&recipients, plain).unwrap()).unwrap();
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn read(&self, path: &str) -> String {
        fs_err::read_to_string(self.path(path)).unwrap()
    }

    pub fn write(&self, path: &str, text: &str) {
        fs_err::write(self.path(path), text).unwrap();
    }

    /// Changes a text of a file.
    pub fn replace(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "`{from}` is in {path}");
        self.write(path, &text.replacen(from, to, 1));
    }

    /// Has sheets, reports, rejects and warnings in English.
    pub fn in_english(&self) {
        self.replace("job.toml", "[bureau]\n", "[bureau]\nlanguage = \"en\"\n");
    }

    /// Replaces the records by these rows under the fixture's header.
    pub fn records(&self, rows: &[String]) {
        let header = self.read("inbox/cards.csv").lines().next().unwrap_or_default().to_owned();
        self.write("inbox/cards.csv", &format!("{header}\n{}\n", rows.join("\n")));
    }

    /// The fixture's row of a line (the header is line 1).
    pub fn row(&self, line: usize) -> String {
        self.read("inbox/cards.csv").lines().nth(line - 1).expect("a row").to_owned()
    }

    /// The arguments that release the codes of the fixture's reissues, whose cards were sent before its ledger began.
    pub fn releases(&self) -> Vec<String> {
        let file = self.path("reissues.csv");
        let arguments = ["--release-reissues".to_owned(), file.display().to_string()];
        // The first of the cards that it lists.
        let asked = fs_err::read_to_string(self.path("inbox/cards.csv"));
        let asked = asked.is_ok_and(|records| records.contains("2405146238"));
        if asked && file.exists() { arguments.into() } else { Vec::new() }
    }

    /// Runs a command on the job, with `--json`.
    pub fn pli(&self, command: &str, arguments: &[&str]) -> Ran {
        let job = self.path("job.toml");
        let mut all = vec![command, job.to_str().expect("a path"), "--json"];
        all.extend(arguments);
        let released = self.releases();
        if ["run", "check", "merge"].contains(&command) {
            all.extend(released.iter().map(String::as_str));
        }
        pli(&all)
    }

    /// Runs a command on the job, with `--json`, that reads `input` from standard input.
    pub fn pli_with(&self, command: &str, arguments: &[&str], input: &str) -> Ran {
        let job = self.path("job.toml");
        let mut child = program()
            .args([command, job.to_str().expect("a path"), "--json"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("it reads");
        child.wait_with_output().expect("it ends").into()
    }

    /// Runs a night.
    pub fn run(&self, date: &str, arguments: &[&str]) -> Ran {
        let mut all = vec!["--date", date];
        all.extend(arguments);
        self.pli("run", &all)
    }

    /// Asserts that the ledger is sound and agrees with its keys, files and stamp.
    pub fn assert_sound(&self) {
        let ran = self.pli("ledger", &["check"]);
        assert!(ran.code == 0 && ran.json()["sound"] == true, "{}{}", ran.stdout, ran.stderr);
    }

    /// Runs the Friday; then takes the records away and runs the Monday.
    pub fn both_nights(&self) -> (Ran, Ran) {
        let friday = self.run(FRIDAY, &[]);
        fs_err::remove_file(self.path("inbox/cards.csv")).unwrap();
        fs_err::remove_file(self.path("reissues.csv")).unwrap();
        (friday, self.run(MONDAY, &[]))
    }

    /// A table of the night's outputs: its rows as column → value.
    pub fn table(&self, path: &str) -> Vec<std::collections::BTreeMap<String, String>> {
        let mut table = csv::Reader::from_path(self.path(path)).unwrap();
        table.deserialize().map(|row| row.unwrap()).collect()
    }

    /// What a folder holds, by name.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs_err::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Every file of the job's folder.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs_err::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { folders.push(path) } else { found.push(path) }
            }
        }
        found.sort();
        found
    }
}
