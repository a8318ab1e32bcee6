//! The audit log of a real job, judged by Python's cryptography.

use crate::job::{FRIDAY, MONDAY, TestJob, pli};
use crate::tools::{python, text};

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
    assert!(job.run(MONDAY, &["--dry-run"]).code <= 1);
    let rehearsal = lines(&job).pop().unwrap();
    assert_eq!((&rehearsal["act"], &rehearsal["options"]), (&"run".into(), &serde_json::json!(["dry_run"])));
    assert_eq!((&logged[2]["outcome"], &logged[2]["code"]), (&"usage".into(), &"unknown_lot".into()));
    assert!(logged[1]["by"].is_string() && !logged[1].to_string().contains("Petit"), "{}", logged[1]);
    assert!(job.read("kept/audit-staff.csv").contains("Petit"));
    let answer = job.pli("audit", &[]);
    assert_eq!((answer.code, &answer.json()["verdict"]), (0, &"consistent, not anchored".into()));
    let head = answer.json()["head"].clone();
    let since = format!("{}-{}", head["total"], head["last"].as_str().unwrap());
    assert_eq!(job.pli("audit", &["--since", &since]).json()["verdict"], "anchored");
    assert_eq!(job.pli("audit", &["incident", "L26324A"]).code, 1);
    let day = logged[0]["at"].as_str().unwrap()[..10].to_owned();
    let exported = job.pli("audit", &["export", "--day", &day]);
    assert_eq!(exported.code, 0, "{}", exported.stderr);
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
    let refused = job.run(FRIDAY, &[]);
    assert_eq!((refused.code, &refused.json()["error"]["code"]), (3, &"audit_broken".into()));
}
