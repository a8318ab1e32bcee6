//! `pli doctor`: healthy jobs are well, and each broken one is told by its code, mended as it says, and well again. No look changes
//! a file of the job.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::job::{FRIDAY, MONDAY, Ran, pli, program};
use crate::missing::missing;
use crate::tools::text;

/// The looks that take no layout of every variant.
const QUICK: [&str; 17] = [
    "job",
    "bureau",
    "user",
    "modes",
    "clock",
    "calendar",
    "ledger",
    "leftovers",
    "audit",
    "signing_key",
    "key_dates",
    "press_key",
    "inbox",
    "codes",
    "disk",
    "approvals",
    "stores",
];

/// A job in a folder that goes away.
pub struct Patient {
    place: TempDir,
    /// The job's folder within it.
    name: &'static str,
}

/// A finding that is not well.
struct Complaint {
    status: String,
    code: String,
    advice: String,
}

impl Patient {
    /// A sample of a few records.
    fn sample() -> Patient {
        let patient = Patient::in_folder("job");
        let made = pli(&["sample", "--count", "12", "--out", text(&patient.path(""))]);
        assert_eq!(made.code, 0, "{}", made.stderr);
        patient
    }

    /// A folder for a job of this name, which is not there yet.
    pub fn in_folder(name: &'static str) -> Patient {
        Patient { place: tempfile::tempdir().unwrap(), name }
    }

    pub fn place(&self) -> &Path {
        self.place.path()
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.place.path().join(self.name).join(path)
    }

    fn replace(&self, path: &str, from: &str, to: &str) {
        let file = self.path(path);
        let text = fs_err::read_to_string(&file).unwrap();
        assert!(text.contains(from), "`{from}` is in {path}");
        fs_err::write(file, text.replacen(from, to, 1)).unwrap();
    }

    fn chmod(&self, path: &str, mode: u32) {
        fs_err::set_permissions(self.path(path), PermissionsExt::from_mode(mode)).unwrap();
    }

    /// A folder with a `timedatectl` that says `word`.
    fn clock(&self, word: &str) -> PathBuf {
        let folder = self.place.path().join(format!("bin-{word}"));
        fs_err::create_dir_all(&folder).unwrap();
        let tool = folder.join("timedatectl");
        fs_err::write(&tool, format!("#!/bin/sh\necho {word}\n")).unwrap();
        fs_err::set_permissions(&tool, PermissionsExt::from_mode(0o755)).unwrap();
        folder
    }

    fn command(&self, night: &str, looks: &[&str], synchronised: &str) -> Command {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = program();
        command.env("PATH", format!("{}:{path}", text(&self.clock(synchronised))));
        command.args(["doctor", text(&self.path("")), "--json", "--date", night]);
        for look in looks {
            command.args(["--look", look]);
        }
        command
    }

    /// Looks, and sees that nothing changed.
    pub fn doctor(&self, night: &str, looks: &[&str]) -> Ran {
        let mut command = self.command(night, looks, "yes");
        let before = self.tree();
        let ran: Ran = command.output().unwrap().into();
        let after = self.tree();
        assert_eq!(
            before.keys().collect::<Vec<_>>(),
            after.keys().collect::<Vec<_>>(),
            "no file comes or goes"
        );
        let changed: Vec<_> = before.iter().filter(|(path, seen)| after[*path] != **seen).collect();
        assert!(changed.is_empty(), "{changed:?}");
        ran
    }

    /// Every file and folder of the job: mode, time, and bytes.
    fn tree(&self) -> BTreeMap<PathBuf, (u32, i64, i64, Vec<u8>)> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.path("")];
        while let Some(folder) = folders.pop() {
            for entry in fs_err::read_dir(&folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                let seen = fs_err::symlink_metadata(&path).unwrap();
                let bytes = if seen.is_file() { fs_err::read(&path).unwrap() } else { Vec::new() };
                if seen.is_dir() {
                    folders.push(path.clone());
                }
                found.insert(path, (seen.mode(), seen.mtime(), seen.mtime_nsec(), bytes));
            }
        }
        found
    }

    /// What is not well on a night, by these looks.
    fn complaints(&self, night: &str, looks: &[&str]) -> Vec<Complaint> {
        let ran = self.doctor(night, looks);
        complaints(&ran)
    }

    /// Makes the key of the backups, as is advised; otherwise the job is well.
    pub fn name_recovery(&self, night: &str) {
        let [only] = &self.complaints(night, &[])[..] else { panic!("one complaint of {}", self.name) };
        assert_eq!((&*only.code, &*only.status), ("no_recovery", "warning"));
        assert!(only.advice.contains("recovery = [\"keys/recovery.pub\"]"), "{}", only.advice);
        let (command, name) = (command_in(&only.advice, "pli keys new recovery"), self.name);
        let made = self.sh(&format!(
            "{command} && cp recovery.pub {name}/keys/ && sed -i 's|^# recovery = |recovery = |' {name}/job.toml"
        ));
        assert_eq!(made.code, 0, "{}", made.stderr);
        assert!(made.stdout.contains("keep recovery.identity in a safe"), "{}", made.stdout);
    }

    /// Asserts that all is well.
    pub fn assert_well(&self, night: &str, looks: &[&str]) {
        let ran = self.doctor(night, looks);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    }

    /// The one thing that is not well, with this code.
    fn only(&self, night: &str, code: &str) -> Complaint {
        let mut found = self.complaints(night, &QUICK);
        let all: Vec<String> = found.iter().map(|one| format!("{} {}", one.code, one.advice)).collect();
        found.retain(|one| one.code == code);
        assert_eq!((all.len(), found.len()), (1, 1), "{code}: {all:?}");
        found.remove(0)
    }

    /// Runs a shell command in the job's folder, with the program on the path.
    pub fn sh(&self, command: &str) -> Ran {
        let programs = Path::new(env!("CARGO_BIN_EXE_pli")).parent().unwrap();
        let rest = std::env::var("PATH").unwrap_or_default();
        let path = format!("{}:{}:{rest}", text(programs), text(&self.clock("yes")));
        let mut shell = Command::new("bash");
        shell.args(["-ec", command]).current_dir(self.place()).env("PATH", path).env("NO_COLOR", "1");
        shell.output().unwrap().into()
    }

    fn run(&self, night: &str) {
        let ran = pli(&["run", text(&self.path("")), "--date", night, "--prove", "none"]);
        assert!(ran.code <= 1, "{}", ran.stderr);
    }
}

/// What an examination complains of. Its exit code follows from that alone.
fn complaints(ran: &Ran) -> Vec<Complaint> {
    let diagnosis = ran.json();
    let word = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let findings = diagnosis["findings"].as_array().unwrap();
    let bad = findings.iter().filter(|finding| finding["status"] != "ok");
    let found: Vec<Complaint> = bad
        .map(|finding| Complaint {
            status: word(finding, "status"),
            code: word(finding, "code"),
            advice: word(finding, "advice"),
        })
        .collect();
    let worst = match found.iter().any(|one| one.status == "failure") {
        true => 2,
        false => i32::from(!found.is_empty()),
    };
    assert_eq!(ran.code, worst, "{}", ran.stdout);
    assert!(found.iter().all(|one| !one.advice.is_empty()), "a remedy for each: {}", ran.stdout);
    found
}

/// The command that an advice has between backticks and that begins so.
fn command_in(advice: &str, begin: &str) -> String {
    let found = advice.split('`').skip(1).step_by(2).find(|command| command.starts_with(begin));
    found.unwrap_or_else(|| panic!("`{begin} …` in: {advice}")).to_owned()
}

/// Does what the advice says, and sees that it worked.
fn obey(patient: &Patient, advice: &str, begin: &str) {
    let command = command_in(advice, begin);
    let ran = patient.sh(&command);
    assert!(ran.code <= 1, "{command}: {}", ran.stderr);
}

#[test]
fn a_healthy_sample_is_well_before_and_after_its_nights() {
    let patient = Patient::sample();
    patient.assert_well(FRIDAY, &[]);
    patient.run(FRIDAY);
    fs_err::remove_file(patient.path("inbox/cards.csv")).unwrap();
    patient.name_recovery(MONDAY);
    patient.assert_well(MONDAY, &QUICK);
    let listed = patient.doctor(MONDAY, &QUICK).json();
    assert_eq!(listed["findings"].as_array().map(Vec::len), Some(QUICK.len()), "{listed}");
}

#[test]
fn a_text_says_each_finding_in_a_line_and_the_remedy_below() {
    let patient = Patient::sample();
    patient.chmod("keys/signing.pem", 0o644);
    let ran =
        pli(&["doctor", text(&patient.path("")), "--date", FRIDAY, "--look", "signing_key", "--look", "job"]);
    assert_eq!(ran.code, 2);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines[0].starts_with("ok       job  "), "{}", ran.stdout);
    assert!(lines[1].starts_with("failure  signing_key  ") && lines[1].ends_with("[key_readable_by_others]"));
    assert!(lines[2].trim_start().starts_with("run `chmod 600 "), "{}", ran.stdout);
    assert!(
        lines[3].ends_with("well: 1, warnings: 0, failures: 1, for the night of 2026-11-20"),
        "{}",
        ran.stdout
    );
    assert_eq!(pli(&["doctor", "job.toml", "--look", "moon"]).code, 2);
}

#[test]
fn a_job_file_that_can_t_be_read_is_a_finding() {
    let patient = Patient::sample();
    patient.replace("job.toml", "dpi = 600", "dpi = 600\ncolour = true");
    let found = patient.only(FRIDAY, "job_invalid");
    assert_eq!(found.status, "failure");
    patient.replace("job.toml", "colour = true", "");
    patient.assert_well(FRIDAY, &QUICK);
}

#[test]
fn a_bureau_without_facts_is_told_of_each() {
    let patient = Patient::sample();
    patient.replace("job.toml", "website = \"esante.gouv.fr\"", "");
    let found = patient.only(FRIDAY, "bureau_fact_missing");
    assert!(found.status == "warning" && found.advice.contains("`website = \"…\"`"), "{}", found.advice);
    patient.replace("job.toml", "[bureau]", "[bureau]\nwebsite = \"agence.example\"");
    patient.replace("job.toml", "[bureau]", "# [bureau]");
    patient.replace("job.toml", "# [bureau]", "[bureau]");
    patient.assert_well(FRIDAY, &QUICK);
}

#[test]
fn a_signing_key_that_others_can_read_or_that_is_gone() {
    let patient = Patient::sample();
    patient.chmod("keys/signing.pem", 0o640);
    obey(&patient, &patient.only(FRIDAY, "key_readable_by_others").advice, "chmod 600");
    patient.assert_well(FRIDAY, &QUICK);
    let backup = patient.place().join("signing.backup");
    fs_err::rename(patient.path("keys/signing.pem"), &backup).unwrap();
    assert!(patient.only(FRIDAY, "key_unreadable").advice.contains("restore it from its backup"));
    fs_err::rename(&backup, patient.path("keys/signing.pem")).unwrap();
    patient.assert_well(FRIDAY, &QUICK);
}

#[test]
fn a_key_past_its_last_day() {
    let patient = Patient::sample();
    let keys = |command: &str| {
        let ran = patient.sh(&format!("cd job; pli keys {command}"));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    };
    keys("retire keys/signing.pem --from 2026-11-19");
    let advice = patient.only(FRIDAY, "key_retired").advice;
    assert!(advice.contains("`pli keys rotate`") && advice.contains("`signing.key`"), "{advice}");
    keys("rotate keys/signing.pem --output keys/next.pem --from 2026-11-19 --to 2028-11-18");
    patient.replace("job.toml", "keys/signing.pem", "keys/next.pem");
    patient.assert_well(FRIDAY, &QUICK);
    let soon = patient.complaints("2028-11-17", &["key_dates"]).remove(0);
    assert_eq!((&*soon.code, &*soon.status), ("key_ends_soon", "warning"));
    assert!(soon.advice.contains("`pli keys rotate "), "{}", soon.advice);
}

#[test]
fn a_press_that_nobody_named() {
    let patient = Patient::sample();
    fs_err::remove_file(patient.path("keys/press.pub")).unwrap();
    let advice = patient.only(FRIDAY, "seal_recipient").advice;
    assert!(advice.contains("whoever is to open the files makes it with `pli keys new press`"), "{advice}");
    let made = patient.sh("pli keys new press --output press.identity && cp press.pub job/keys/press.pub");
    assert_eq!(made.code, 0, "{}", made.stderr);
    patient.assert_well(FRIDAY, &QUICK);
    patient.replace("job.toml", "seal_to =", "unsealed = true\nseal_to =");
    let found = patient.only(FRIDAY, "mailers_unsealed");
    assert!(found.advice.contains("take `unsealed = true` out"), "{}", found.advice);
    patient.replace("job.toml", "unsealed = true\n", "");
    patient.assert_well(FRIDAY, &QUICK);
}

#[test]
fn codes_that_the_identity_does_not_open() {
    let patient = Patient::sample();
    let codes = patient.path("inbox/codes.csv.age");
    let sound = fs_err::read(&codes).unwrap();
    fs_err::write(&codes, &sound[..sound.len() - 20]).unwrap();
    assert!(patient.only(FRIDAY, "seal_damaged").advice.contains("again"));
    fs_err::write(&codes, &sound).unwrap();
    patient.assert_well(FRIDAY, &QUICK);
    for name in ["identity", "pub"] {
        fs_err::rename(patient.path(&format!("keys/codes.{name}")), patient.place().join(name)).unwrap();
    }
    let made = patient.sh("pli keys new codes --output job/keys/codes.identity");
    assert_eq!(made.code, 0, "{}", made.stderr);
    assert_eq!(patient.only(FRIDAY, "seal_closed").status, "failure");
    for name in ["identity", "pub"] {
        fs_err::rename(patient.place().join(name), patient.path(&format!("keys/codes.{name}"))).unwrap();
    }
    patient.assert_well(FRIDAY, &QUICK);
    let ran = patient.doctor(FRIDAY, &["codes"]);
    assert!(ran.stdout.contains("opened: 1 codes file, "), "{}", ran.stdout);
}

#[test]
fn an_inbox_that_is_missing_or_holds_a_stranger_or_the_same_twice() {
    let patient = Patient::sample();
    let aside = patient.place().join("inbox");
    fs_err::rename(patient.path("inbox"), &aside).unwrap();
    let found = patient.complaints(FRIDAY, &["inbox"]);
    assert_eq!((found.len(), &*found[0].code), (1, "input_folder_missing"));
    fs_err::rename(&aside, patient.path("inbox")).unwrap();
    let records = fs_err::read(patient.path("inbox/cards.csv")).unwrap();
    fs_err::write(patient.path("inbox/cards-2.csv"), &records).unwrap();
    assert!(patient.only(FRIDAY, "input_twice").advice.contains("remove one of the two files"));
    fs_err::rename(patient.path("inbox/cards-2.csv"), patient.path("inbox/list.txt")).unwrap();
    let found = patient.only(FRIDAY, "file_not_taken");
    assert!(
        found.status == "warning" && found.advice.contains("move the file out of the inbox"),
        "{}",
        found.advice
    );
    fs_err::remove_file(patient.path("inbox/list.txt")).unwrap();
    patient.assert_well(FRIDAY, &QUICK);
    patient.run(FRIDAY);
    assert!(patient.only(MONDAY, "input_other_night").advice.contains("remove the file from the inbox"));
    fs_err::remove_file(patient.path("inbox/cards.csv")).unwrap();
    patient.assert_well(MONDAY, &QUICK);
}

#[test]
fn records_that_nights_have_passed_over() {
    let patient = Patient::sample();
    let ran = patient.sh("touch -d '2026-11-17 08:00' job/inbox/cards.csv");
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let found = patient.only(FRIDAY, "inbox_old");
    assert_eq!(found.status, "warning");
    obey(&patient, &found.advice, "pli run");
    patient.assert_well(FRIDAY, &QUICK);
}

#[test]
fn folders_that_others_write_or_read() {
    let patient = Patient::sample();
    fs_err::create_dir(patient.path("out")).unwrap();
    patient.chmod("out", 0o777);
    obey(&patient, &patient.only(FRIDAY, "output_writable_by_others").advice, "chmod o-w");
    patient.chmod("out", 0o700);
    patient.assert_well(FRIDAY, &QUICK);
    // Nobody else comes into the folder above: modes within it say nothing.
    fs_err::set_permissions(patient.place(), PermissionsExt::from_mode(0o700)).unwrap();
    patient.chmod("", 0o755);
    patient.chmod("inbox", 0o755);
    patient.assert_well(FRIDAY, &QUICK);
    fs_err::set_permissions(patient.place(), PermissionsExt::from_mode(0o755)).unwrap();
    let found = patient.only(FRIDAY, "readable_by_others");
    assert_eq!(found.status, "warning");
    obey(&patient, &found.advice, "chmod o-rwx");
    patient.assert_well(FRIDAY, &QUICK);
}

#[test]
fn a_ledger_that_is_not_the_one_of_the_outputs() {
    let patient = Patient::sample();
    patient.run(FRIDAY);
    fs_err::remove_file(patient.path("inbox/cards.csv")).unwrap();
    let backup = patient.sh("pli ledger job backup ledger.backup");
    assert!(backup.code <= 1, "{}", backup.stderr);
    fs_err::remove_file(patient.path("ledger.db")).unwrap();
    let complaints = patient.complaints(MONDAY, &QUICK);
    let codes: Vec<&str> = complaints.iter().map(|one| &*one.code).collect();
    assert_eq!(codes, ["ledger_empty", "not_looked_at"]);
    let advice = command_in(&complaints[0].advice, "pli ledger JOB restore");
    let restored = patient.sh(&advice.replace("JOB", "job").replace("FILE", "ledger.backup"));
    assert_eq!(restored.code, 0, "{}", restored.stderr);
    patient.assert_well(MONDAY, &QUICK);
    assert_eq!(patient.only("2026-11-19", "night_before_last").status, "warning");
}

#[test]
fn a_database_that_is_not_there() {
    let patient = Patient::sample();
    patient.replace("job.toml", "sqlite:ledger.db", "postgres://pli@127.0.0.1:1/ledger?sslmode=disable");
    let complaints = patient.complaints(FRIDAY, &["ledger"]);
    assert_eq!((complaints.len(), &*complaints[0].status), (1, "failure"));
    assert_eq!(complaints[0].code, "ledger_io");
    patient.replace("job.toml", "postgres://pli@127.0.0.1:1/ledger?sslmode=disable", "sqlite:ledger.db");
    patient.assert_well(FRIDAY, &QUICK);
}

#[test]
fn an_object_store_that_does_not_answer() {
    let patient = Patient::sample();
    patient.replace("job.toml", "dir = \"out\"", "dir = \"s3://bureau/nights\"");
    // A port that takes connections and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", silent.local_addr().unwrap());
    let mut command = patient.command(FRIDAY, &["stores"], "yes");
    let began = std::time::Instant::now();
    command.env("AWS_ENDPOINT", endpoint).env("AWS_ALLOW_HTTP", "true").env("AWS_REGION", "local");
    command.env("AWS_ACCESS_KEY_ID", "k").env("AWS_SECRET_ACCESS_KEY", "s");
    let found = complaints(&command.output().unwrap().into());
    assert_eq!((found.len(), &*found[0].code), (1, "no_answer"));
    assert!(began.elapsed().as_secs() < 40, "it is waited for within a limit");
    patient.replace("job.toml", "dir = \"s3://bureau/nights\"", "dir = \"out\"");
    patient.assert_well(FRIDAY, &QUICK);
}

#[cfg(feature = "pkcs11")]
#[test]
fn an_hsm_that_is_not_there() {
    let patient = Patient::sample();
    let uri = "pkcs11:token=bureau;object=signing?module-path=/nowhere/libhsm.so";
    patient.replace("job.toml", "keys/signing.pem", uri);
    let complaints = patient.complaints(FRIDAY, &["signing_key"]);
    assert_eq!((complaints.len(), &*complaints[0].code), (1, "key_invalid"), "{}", complaints[0].advice);
    assert_eq!(complaints[0].status, "failure");
    patient.replace("job.toml", uri, "keys/signing.pem");
    patient.assert_well(FRIDAY, &QUICK);
}

#[test]
fn a_night_that_was_cut_short_and_a_run_under_way() {
    let patient = Patient::sample();
    // A first act that was killed leaves a log without a line.
    fs_err::create_dir(patient.path("audit")).unwrap();
    fs_err::write(patient.path("audit/lock"), "").unwrap();
    fs_err::create_dir_all(patient.path("out/.staging-2026-11-20/letters")).unwrap();
    let found = patient.only(FRIDAY, "night_cut_short");
    assert_eq!(found.status, "warning");
    obey(&patient, &found.advice, "pli run");
    patient.assert_well(FRIDAY, &QUICK);
    let lock = fs_err::File::open(patient.path("scratch/lock")).unwrap().into_parts().0;
    lock.lock().unwrap();
    assert!(patient.only(FRIDAY, "locked").advice.starts_with("wait for its end"));
    drop(lock);
    patient.assert_well(FRIDAY, &QUICK);
}

#[test]
fn a_ledger_whose_last_rows_lie_in_its_log() {
    let patient = Patient::sample();
    patient.run(FRIDAY);
    let log = patient.path("ledger.db-wal");
    fs_err::write(&log, [0; 64]).unwrap();
    let complaints = patient.complaints(FRIDAY, &["ledger"]);
    assert_eq!((&*complaints[0].code, &*complaints[0].status), ("ledger_unsettled", "warning"));
    obey(
        &patient,
        &format!("{} --date {FRIDAY}`", complaints[0].advice.split("`, with").next().unwrap()),
        "pli run",
    );
    patient.assert_well(FRIDAY, &QUICK);
}

#[test]
fn an_audit_log_that_was_changed() {
    let patient = Patient::sample();
    patient.run(FRIDAY);
    let lines = fs_err::read_dir(patient.path("audit")).unwrap().map(|entry| entry.unwrap().path());
    let lines = lines.into_iter().find(|path| path.extension().is_some_and(|e| e == "jsonl")).unwrap();
    let sound = fs_err::read_to_string(&lines).unwrap();
    fs_err::write(&lines, sound.replace("\"done\"", "\"gone\"")).unwrap();
    let found = patient.only(FRIDAY, "audit_broken");
    assert!(found.advice.contains("restore the folder from a backup"), "{}", found.advice);
    fs_err::write(&lines, sound).unwrap();
    patient.assert_well(FRIDAY, &QUICK);
}

#[test]
fn approvers_whose_keys_are_not_there() {
    let patient = Patient::sample();
    let job = fs_err::read_to_string(patient.path("job.toml")).unwrap();
    let listed = format!("{job}\n[approvals]\nkeys = [\"keys/anna.pub\", \"keys/bruno.pub\"]\n");
    fs_err::write(patient.path("job.toml"), listed).unwrap();
    let complaints = patient.complaints(FRIDAY, &["approvals"]);
    assert_eq!((complaints.len(), &*complaints[0].code), (1, "approver_key"));
    assert!(complaints[0].advice.contains("`pli keys new signing`"));
    for name in ["anna", "bruno"] {
        let made = patient.sh(&format!("pli keys new signing --output {name}.pem && cp {name}.pub job/keys"));
        assert_eq!(made.code, 0, "{}", made.stderr);
    }
    patient.assert_well(FRIDAY, &QUICK);
}

#[test]
fn a_template_that_does_not_load() {
    let patient = Patient::sample();
    let made = patient.sh("pli template new job/templates/ours --from card-letter");
    assert_eq!(made.code, 0, "{}", made.stderr);
    patient.replace("job.toml", "templates/card-letter", "templates/ours");
    let source = fs_err::read_dir(patient.path("templates/ours")).unwrap().map(|entry| entry.unwrap().path());
    let source = source.into_iter().find(|path| path.ends_with("card-letter.typ")).expect("its source");
    let sound = fs_err::read_to_string(&source).unwrap();
    fs_err::write(&source, format!("{sound}\n#unknown-name\n")).unwrap();
    let complaints = patient.complaints(FRIDAY, &["templates"]);
    assert_eq!((complaints.len(), &*complaints[0].code), (1, "template"));
    fs_err::write(&source, format!("{sound}\n#text(font: \"No Such Font\")[x]\n")).unwrap();
    let complaints = patient.complaints(FRIDAY, &["templates"]);
    assert!(complaints.iter().any(|one| one.code == "unknown_font"), "fonts have a finding of their own");
    fs_err::write(&source, sound).unwrap();
    patient.assert_well(FRIDAY, &["templates"]);
}

#[test]
fn a_clock_and_a_day_that_can_t_be_meant() {
    let patient = Patient::sample();
    let found = patient.only("2026-11-21", "no_working_day");
    let next = command_in(&found.advice, "--date").replace("--date ", "");
    assert_eq!(next, MONDAY);
    patient.assert_well(&next, &["calendar"]);
    let unsynchronised = complaints(&patient.command(FRIDAY, &["clock"], "no").output().unwrap().into());
    assert_eq!((unsynchronised.len(), &*unsynchronised[0].code), (1, "clock_not_synchronised"));
    assert!(unsynchronised[0].advice.contains("`timedatectl set-ntp true`"));
    assert_eq!(patient.sh("touch -d '+3 days' job/job.toml").code, 0);
    assert_eq!(patient.only(FRIDAY, "clock_behind").status, "warning");
    assert_eq!(patient.sh("touch job/job.toml").code, 0);
    patient.assert_well(FRIDAY, &QUICK);
}

#[test]
fn a_disk_without_room_for_the_night() {
    let patient = Patient::sample();
    fs_err::create_dir(patient.path("out")).unwrap();
    // A small file system in a mount space of its own: the job's outputs lie there.
    let pli = env!("CARGO_BIN_EXE_pli");
    let looked = format!(
        "mount -t tmpfs -o size=1m tmpfs job/out && {pli} doctor job --date {FRIDAY} --look disk --json"
    );
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &looked]).current_dir(patient.place());
    let ran: Ran = match command.output() {
        Ok(output) => output.into(),
        Err(_) => return missing("`unshare`"),
    };
    if ran.stdout.is_empty() {
        return missing("a mount space of its own (`unshare --user --mount`)");
    }
    let found = complaints(&ran);
    assert_eq!((found.len(), &*found[0].code), (1, "disk_full"), "{}", ran.stdout);
    assert!(found[0].advice.contains("make room"), "{}", found[0].advice);
    patient.assert_well(FRIDAY, &["disk"]);
}

/// The document lists every look and every code that these tests meet, and no look that is none.
#[test]
fn the_document_has_every_look_and_code() {
    let page = fs_err::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/doctor.md")).unwrap();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    let listed: Vec<&str> = rows.iter().filter_map(|row| row.split('`').nth(1)).collect();
    let help = pli(&["doctor", "--help"]).stdout;
    let (_, values) = help.split_once("[possible values: ").expect("the looks");
    let looks: Vec<&str> = values.split(']').next().unwrap().split(',').map(str::trim).collect();
    // Beside the quick ones: the templates, and the backup's recipients, whom a sample does not name.
    assert_eq!(looks.len(), QUICK.len() + 2);
    let absent: Vec<&&str> = looks.iter().filter(|look| !listed.contains(*look)).collect();
    assert!(absent.is_empty(), "docs/doctor.md does not list {absent:?}");
    let own = fs_err::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/doctor.rs")).unwrap();
    let is_code = |word: &&str| {
        word.contains('_') && word.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase())
    };
    let codes =
        own.split(".only(").skip(1).filter_map(|call| call.split(')').next()?.split('"').find(is_code));
    for code in codes {
        assert!(page.contains(&format!("`{code}`")), "docs/doctor.md does not list {code}");
    }
}
