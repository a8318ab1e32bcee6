//! The audit log of a real job, judged by Python's cryptography.

use std::path::PathBuf;

use crate::job::{FRIDAY, MONDAY, Ran, TestJob, pli, program};
use crate::schemas::{answers, judged};
use crate::tools::{python, text, tool};

/// The lines of the log, all days.
fn lines(job: &TestJob) -> Vec<serde_json::Value> {
    let days = job.names("audit").into_iter().filter(|name| name.ends_with(".jsonl"));
    let all: String = days.map(|day| job.read(&format!("audit/{day}"))).collect();
    all.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn acts_are_logged_also_when_they_are_refused_and_an_auditor_checks_them_alone() {
    let job = TestJob::new();
    let none = job.pli("audit", &[]);
    assert_eq!((none.code, &none.json()["error"]["code"]), (2, &"no_audit_log".into()));
    assert!(job.run(FRIDAY, &["--dry-run", "--only", "letters"]).code <= 1);
    assert!(!job.path("audit").exists(), "a rehearsal of letters is no act");
    assert!(job.run(FRIDAY, &[]).code <= 1);
    let by = ["L26324A", "--reason", "wrong paper", "--by", "Petit"];
    assert_ne!(job.pli("recall", &["--lot", by[0], by[1], by[2], by[3], by[4]]).code, 3);
    assert_ne!(job.pli("dispatch", &["L26325Z"]).code, 0);
    let made = job.path("keys/second.pem");
    assert_eq!(pli(&["keys", "new", "signing", "--output", text(&made)]).code, 0);
    let logged = lines(&job);
    let acts: Vec<&str> = logged.iter().filter_map(|line| line["act"].as_str()).collect();
    assert_eq!(acts, ["run", "recall", "dispatch", "keys new"], "{logged:?}");
    assert!(job.run(MONDAY, &["--dry-run", "--only", "mailers"]).code <= 1);
    let rehearsal = lines(&job).pop().unwrap();
    assert_eq!((&rehearsal["act"], &rehearsal["options"][0]), (&"run".into(), &"dry_run".into()));
    assert_eq!((&logged[2]["outcome"], &logged[2]["code"]), (&"usage".into(), &"unknown_lot".into()));
    assert!(logged[1]["by"].is_string() && !logged[1].to_string().contains("Petit"), "{}", logged[1]);
    assert!(job.read("kept/audit-staff.csv").contains("Petit"));
    let answer = job.pli("audit", &[]);
    assert_eq!((answer.code, &answer.json()["verdict"]), (0, &"consistent, not anchored".into()));
    answers("audit", &answer.stdout);
    let head = answer.json()["head"].clone();
    let since = format!("{}-{}", head["total"], head["last"].as_str().unwrap());
    assert_eq!(job.pli("audit", &["--since", &since]).json()["verdict"], "anchored");
    let incident = job.pli("audit", &["incident", "L26324A"]);
    assert_eq!(incident.code, 1, "{}", incident.stderr);
    answers("incident", &incident.stdout);
    let day = logged[0]["at"].as_str().unwrap()[..10].to_owned();
    judged(&[("audit-line", &job.path(&format!("audit/{day}.jsonl")))]);
    let exported = job.pli("audit", &["export", "--day", &day]);
    assert_eq!(exported.code, 0, "{}", exported.stderr);
    answers("audit-day", &exported.stdout);
    job.write("day.json", &exported.stdout);
    let export = job.path("day.json");
    let judge = ["docs/audit-check.py", text(&export), "--since", &since];
    let Some(said) = python("cryptography", &judge) else { return };
    assert!(said.contains(": anchored"), "{said}");
}

#[test]
fn a_log_that_was_put_back_with_its_stamp_is_shorter_than_the_ledger_says() {
    let job = TestJob::new();
    assert!(job.run(FRIDAY, &[]).code <= 1);
    let kept: Vec<(String, String)> = job
        .names("audit")
        .into_iter()
        .filter(|name| name.ends_with(".jsonl") || name.ends_with(".head"))
        .map(|name| format!("audit/{name}"))
        .chain(["kept/audit.stamp".to_owned()])
        .map(|name| (name.clone(), job.read(&name)))
        .collect();
    assert_ne!(job.pli("dispatch", &["L26325Z"]).code, 0);
    assert_eq!(job.pli("audit", &[]).code, 0);
    for (name, text) in kept {
        job.write(&name, &text);
    }
    let shorter = job.pli("audit", &[]);
    let fault = &shorter.json()["faults"][0];
    assert_eq!((shorter.code, &fault["kind"]), (3, &"shorter".into()), "{}", shorter.stdout);
    assert!(fault["message"].as_str().unwrap().contains("the ledger"), "{fault}");
    // The ledger was left alone: no further act makes the log whole, and each is told of it.
    for lot in ["L26325Y", "L26325X", "L26325W"] {
        // The same act within the second would be the same line.
        let acted = job.pli("dispatch", &[lot]);
        assert!(acted.stderr.contains("is not the one that the ledger knows"), "{}", acted.stderr);
        assert_eq!(job.pli("audit", &[]).code, 3);
    }
    // Another log begins with a line that says which one ended.
    let restarted = job.pli("audit", &["restart"]);
    assert_eq!(restarted.code, 1, "{}", restarted.stdout);
    answers("audit-restarted", &restarted.stdout);
    assert_eq!(job.pli("audit", &[]).code, 0);
    assert_eq!(lines(&job)[0]["act"], "audit restart");
    assert!(job.path("audit-ended-1").is_dir());
    let sound = job.pli("audit", &["restart"]);
    assert_eq!((sound.code, &sound.json()["error"]["code"]), (2, &"audit_sound".into()));
}

#[test]
fn a_stamp_that_can_t_be_read_is_ended_with_its_log_and_kept() {
    type Damage = fn(&std::path::Path);
    let job = TestJob::new();
    assert!(job.run(FRIDAY, &["--only", "letters", "--prove", "none"]).code <= 1);
    let damages: [(&str, Damage); 2] = [
        ("no checkpoint", |stamp| fs_err::write(stamp, "rubbish").unwrap()),
        ("a folder", |stamp| {
            fs_err::remove_file(stamp).unwrap();
            fs_err::create_dir(stamp).unwrap();
        }),
    ];
    for (number, (damage, does)) in (1..).zip(damages) {
        does(&job.path("kept/audit.stamp"));
        let refused = job.pli("dispatch", &["L26325Z"]);
        assert_eq!((refused.code, &refused.json()["error"]["code"]), (3, &"audit_stamp".into()), "{damage}");
        assert!(refused.json()["error"]["advice"].as_str().unwrap().contains("restart"), "{damage}");
        let restarted = job.pli("audit", &["restart"]);
        assert_eq!(restarted.code, 1, "{damage}: {}", restarted.stderr);
        for (key, kept) in [("ended", "audit-ended"), ("stamp", "kept/audit.stamp-ended")] {
            let kept = job.path(&format!("{kept}-{number}"));
            assert!(kept.exists(), "{damage}: {}", kept.display());
            assert_eq!(restarted.json()[key], kept.display().to_string(), "{damage}");
        }
        assert_eq!(job.pli("audit", &[]).code, 0, "{damage}");
        assert_eq!(lines(&job)[0]["act"], "audit restart", "{damage}");
        assert_ne!(job.pli("dispatch", &["L26325Z"]).json()["error"]["code"], "audit_stamp", "{damage}");
        // The log is sound again: nothing ends it.
        assert_eq!(job.pli("audit", &["restart"]).json()["error"]["code"], "audit_sound", "{damage}");
    }
}

#[test]
fn a_log_that_everybody_may_write_is_refused() {
    let job = TestJob::new();
    assert!(job.run(FRIDAY, &[]).code <= 1);
    let mode = |mode| {
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(mode);
        fs_err::set_permissions(job.path("audit"), permissions).unwrap();
    };
    mode(0o777);
    let refused = job.pli("dispatch", &["L26325Z"]);
    assert_eq!((refused.code, &refused.json()["error"]["code"]), (3, &"audit_open_folder".into()));
    mode(0o700);
    assert_eq!(job.pli("dispatch", &["L26325Z"]).json()["error"]["code"], "unknown_lot");
}

#[test]
fn only_an_approver_cosigns_and_only_a_closed_day() {
    let job = TestJob::new();
    let keys = ["approver", "other", "stranger"].map(|name| job.path(&format!("keys/{name}.pem")));
    for key in &keys {
        assert_eq!(pli(&["keys", "new", "signing", "--output", text(key)]).code, 0);
    }
    let toml = job.read("job.toml");
    let listed = "[approvals]\nkeys = [\"keys/approver.pub\", \"keys/other.pub\"]";
    job.write("job.toml", &format!("{toml}\n{listed}\n"));
    let cosigned = |key| job.pli("audit", &["cosign", "--key", text(key)]);
    let answer = |key| (cosigned(key).code, cosigned(key).json()["error"]["code"].clone());
    assert_eq!(answer(&keys[2]), (3, "audit_cosigner".into()));
    assert_eq!(answer(&keys[0]), (2, "audit_day".into()));
    let logged = lines(&job);
    let acts: Vec<&str> = logged.iter().filter_map(|line| line["act"].as_str()).collect();
    assert_eq!(&acts[3..5], ["audit cosign", "audit cosign"], "refused acts have a line");
}

#[test]
fn a_log_that_was_edited_is_named_and_stops_every_act() {
    let job = TestJob::new();
    assert!(job.run(FRIDAY, &[]).code <= 1);
    let day = job.names("audit").into_iter().find(|name| name.ends_with(".jsonl")).unwrap();
    job.replace(&format!("audit/{day}"), "\"act\":\"run\"", "\"act\":\"ran\"");
    let broken = job.pli("audit", &[]);
    let fault = &broken.json()["faults"][0];
    assert_eq!((broken.code, &fault["kind"], &fault["line"]), (3, &"edited".into(), &1.into()));
    // What an inquiry needs is told all the same, and a person must look.
    assert_eq!(job.pli("audit", &["incident", "L26324A"]).code, 1);
    let refused = job.run(FRIDAY, &[]);
    assert_eq!((refused.code, &refused.json()["error"]["code"]), (3, &"audit_broken".into()));
}

/// Another clock of the day for the program.
struct Clock {
    folder: tempfile::TempDir,
}

impl Clock {
    /// Compiles `clock_at.c`. `None` except on Linux, and without a C compiler where a missing judge skips the test.
    fn new() -> Option<Clock> {
        if !cfg!(target_os = "linux") {
            return None;
        }
        let clock = Clock { folder: tempfile::tempdir().unwrap() };
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/clock_at.c");
        tool("cc", &["-shared", "-fPIC", "-O1", "-o", text(&clock.library()), source, "-ldl"])?;
        Some(clock)
    }

    fn library(&self) -> PathBuf {
        self.folder.path().join("clock_at.so")
    }

    /// Runs the program from a time on, of which so many seconds pass in one.
    fn at(&self, time: &str, rate: u32, arguments: &[&str]) -> Ran {
        let at = time.parse::<jiff::Timestamp>().unwrap().as_second();
        let mut command = program();
        command.args(arguments).env("LD_PRELOAD", self.library());
        command.env("CLOCK_AT", at.to_string()).env("CLOCK_RATE", rate.to_string());
        command.output().expect("the program starts").into()
    }
}

#[test]
fn a_night_over_midnight_is_cosigned_day_by_day() {
    let Some(clock) = Clock::new() else { return };
    let job = TestJob::new();
    let (toml, approver) = (job.path("job.toml"), job.path("keys/approver.pem"));
    let made = clock.at("2026-11-20T20:00:00Z", 1, &["keys", "new", "signing", "--output", text(&approver)]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    // It begins three seconds before midnight and works for minutes, by its clock.
    let released = job.path("reissues.csv");
    let night = ["run", text(&toml), "--date", FRIDAY, "--release-reissues", text(&released)];
    let ran = clock.at("2026-11-20T23:59:57Z", 1000, &night);
    assert!(ran.code <= 1, "{}", ran.stderr);
    let logged = lines(&job);
    let of = |line: &serde_json::Value| (line["act"].clone(), line["at"].as_str().unwrap()[..10].to_owned());
    let days = ["2026-11-20", "2026-11-21"].map(str::to_owned);
    assert_eq!(
        logged.iter().map(of).collect::<Vec<_>>(),
        [("keys new".into(), days[0].clone()), ("run".into(), days[1].clone())]
    );
    assert!(job.read("audit/2026-11-20.head").contains("state closed"), "midnight closed the day before");
    let text_of = job.read("job.toml");
    job.write(
        "job.toml",
        &format!("{text_of}\n[approvals]\nkeys = [\"keys/approver.pub\", \"keys/signing.pub\"]\n"),
    );
    let cosign = |time: &str| {
        let ran = clock.at(time, 1, &["audit", text(&toml), "--json", "cosign", "--key", text(&approver)]);
        assert_eq!(ran.code, 0, "{}", ran.stdout);
        answers("audit-cosigned", &ran.stdout);
        ran.json()["day"].as_str().unwrap().to_owned()
    };
    let anchored = |time: &str| {
        let ran = clock.at(time, 1, &["audit", text(&toml), "--json"]);
        assert_eq!(ran.code, 0, "{}", ran.stdout);
        ran.json()["anchored"].as_u64()
    };
    assert_eq!(anchored("2026-11-21T00:20:00Z"), None);
    assert_eq!(cosign("2026-11-21T00:30:00Z"), days[0]);
    assert_eq!(anchored("2026-11-21T00:40:00Z"), Some(1), "the night is of a day that goes on");
    // The first act of the next day closes the night's.
    assert_eq!(cosign("2026-11-22T06:00:00Z"), days[1]);
    let covered = anchored("2026-11-22T06:10:00Z").expect("an anchor");
    assert!(covered >= 2, "the night's line is under a cosignature: {covered}");
    let exported =
        clock.at("2026-11-22T06:20:00Z", 1, &["audit", text(&toml), "--json", "export", "--day", &days[1]]);
    job.write("day.json", &exported.stdout);
    let export = job.path("day.json");
    let Some(said) = python("cryptography", &["docs/audit-check.py", text(&export)]) else { return };
    assert!(said.contains("consistent, not anchored"), "whoever made the export names its cosigners: {said}");
    let known: serde_json::Value = serde_json::from_str(&exported.stdout).unwrap();
    let known = known["cosigners"].as_array().unwrap().iter();
    let known = known.flat_map(|key| ["--cosigner", key.as_str().unwrap()]);
    let judge: Vec<&str> = ["docs/audit-check.py", text(&export)].into_iter().chain(known).collect();
    let Some(said) = python("cryptography", &judge) else { return };
    assert!(said.contains(": anchored"), "{said}");
    // A night that is put into another's place is found, also by who has the log's key: the cosigned head is gone with it.
    job.replace("audit/2026-11-21.jsonl", "\"act\":\"run\"", "\"act\":\"ran\"");
    let edited = clock.at("2026-11-22T06:30:00Z", 1, &["audit", text(&toml), "--json"]);
    assert_eq!(
        (edited.code, &edited.json()["faults"][0]["kind"]),
        (3, &"edited".into()),
        "{}",
        edited.stdout
    );
}
