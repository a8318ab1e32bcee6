//! A ledger that does not know what was released is refused: lost, emptied, older, another one. So are forged shares.

use crate::job::{FRIDAY, MONDAY, Ran, TestJob, pli};

/// A job whose letters left on Friday, with the ledger of that evening as `friday.backup`, and whose mailers left on Monday.
fn after_two_nights() -> TestJob {
    let job = TestJob::new();
    job.run(FRIDAY, &[]);
    fs_err::copy(job.path("ledger.db"), job.path("friday.backup")).unwrap();
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    fs_err::remove_file(job.path("reissues.csv")).unwrap();
    let monday = job.run(MONDAY, &[]);
    assert!(monday.json()["mailers"].as_u64() > Some(5), "{}", monday.stderr);
    fs_err::copy(job.path("ledger.db"), job.path("monday.backup")).unwrap();
    job
}

fn refused(ran: &Ran, code: &str) {
    let error = &ran.json()["error"];
    assert_eq!(
        (ran.code, &error["code"], &error["exit_code"]),
        (3, &code.into(), &3.into()),
        "{}",
        ran.stdout
    );
    assert!(error["advice"].as_str().unwrap().contains("restore the ledger from its backup"), "{error}");
}

/// What lies under `out/`, without the lists of a refused night.
fn released(job: &TestJob) -> Vec<String> {
    let files = job.files().into_iter().map(|file| file.display().to_string());
    files.filter(|file| file.contains("/out/2026") && file.ends_with(".pdf")).collect()
}

#[test]
fn a_ledger_that_knows_less_than_the_outputs_is_refused() {
    let job = after_two_nights();
    let before = released(&job);
    let tuesday = |job: &TestJob| job.run("2026-11-24", &[]);
    // An older copy.
    fs_err::copy(job.path("friday.backup"), job.path("ledger.db")).unwrap();
    refused(&tuesday(&job), "ledger_older");
    refused(&job.run("2026-11-24", &["--dry-run"]), "ledger_older");
    refused(&job.run("2026-11-24", &["--shard", "1/2"]), "ledger_older");
    refused(&job.pli("check", &["--date", "2026-11-24"]), "ledger_older");
    // An empty file, and none.
    job.write("ledger.db", "");
    refused(&tuesday(&job), "ledger_empty");
    fs_err::remove_file(job.path("ledger.db")).unwrap();
    refused(&tuesday(&job), "ledger_empty");
    assert!(!job.path("ledger.db").exists(), "no ledger is begun");
    // A path that is mistyped.
    job.write("job.toml", &format!("{}\n[ledger]\nurl = \"sqlite:legder.db\"\n", job.read("job.toml")));
    refused(&tuesday(&job), "ledger_empty");
    job.replace("job.toml", "legder.db", "ledger.db");
    // The advice, followed.
    fs_err::copy(job.path("monday.backup"), job.path("ledger.db")).unwrap();
    assert_eq!(released(&job), before, "nothing left meanwhile");
    let ran = tuesday(&job);
    assert!(ran.code <= 1 && ran.json()["letters"].as_u64() > Some(0), "{}", ran.stderr);
}

#[test]
fn without_the_stamp_the_reports_of_the_nights_are_held_against_the_ledger() {
    let job = after_two_nights();
    fs_err::remove_file(job.path("out/ledger.stamp")).unwrap();
    fs_err::copy(job.path("friday.backup"), job.path("ledger.db")).unwrap();
    refused(&job.run("2026-11-24", &[]), "ledger_older");
    fs_err::remove_file(job.path("ledger.db")).unwrap();
    refused(&job.run("2026-11-24", &[]), "ledger_empty");
    fs_err::copy(job.path("monday.backup"), job.path("ledger.db")).unwrap();
    assert!(job.run("2026-11-24", &[]).code <= 1);
    assert!(job.path("out/ledger.stamp").exists());
}

#[test]
fn another_ledger_is_refused() {
    let (job, other) = (after_two_nights(), TestJob::new());
    other.records(&[other.row(2)]);
    for night in [FRIDAY, MONDAY, "2026-11-24"] {
        other.run(night, &[]);
    }
    fs_err::copy(other.path("ledger.db"), job.path("ledger.db")).unwrap();
    refused(&job.run("2026-11-24", &[]), "ledger_other");
    // One that went another way from the same beginning.
    let twin = TestJob::new();
    fs_err::copy(job.path("friday.backup"), twin.path("ledger.db")).unwrap();
    fs_err::create_dir_all(twin.path("keys/ledger")).unwrap();
    for key in job.names("keys/ledger") {
        fs_err::copy(job.path("keys/ledger").join(&key), twin.path("keys/ledger").join(&key)).unwrap();
    }
    twin.records(&[twin.row(2).replace("2400140649", "2400140650")]);
    twin.run(MONDAY, &["--only", "letters"]);
    fs_err::copy(twin.path("ledger.db"), job.path("ledger.db")).unwrap();
    refused(&job.run("2026-11-24", &[]), "ledger_other");
}

#[test]
fn a_damaged_ledger_and_a_damaged_stamp_are_told_apart() {
    let job = after_two_nights();
    let sound = fs_err::read(job.path("ledger.db")).unwrap();
    fs_err::write(job.path("ledger.db"), vec![b'x'; 9000]).unwrap();
    let ran = job.run("2026-11-24", &[]);
    refused(&ran, "ledger_damaged");
    assert!(ran.json()["error"]["file"].as_str().unwrap().ends_with("ledger.db"));
    fs_err::write(job.path("ledger.db"), sound).unwrap();
    job.write("out/ledger.stamp", "{");
    let ran = job.run("2026-11-24", &[]);
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (3, &"ledger_stamp".into()));
    // The advice, followed.
    fs_err::remove_file(job.path("out/ledger.stamp")).unwrap();
    assert!(job.run("2026-11-24", &[]).code <= 1);
}

#[test]
fn outputs_name_the_ledger_and_its_release() {
    let job = after_two_nights();
    let stamp: serde_json::Value = serde_json::from_str(&job.read("out/ledger.stamp")).unwrap();
    assert_eq!((&stamp["release"], &stamp["night"]), (&2.into(), &MONDAY.into()));
    for (night, lot, release) in [(FRIDAY, "letters/26324A", 1), (MONDAY, "mailers/26327A", 2)] {
        let report: serde_json::Value =
            serde_json::from_str(&job.read(&format!("out/{night}/run.json"))).unwrap();
        assert_eq!((&report["ledger"]["id"], &report["ledger"]["release"]), (&stamp["id"], &release.into()));
        for row in job.table(&format!("out/{night}/{lot}.manifest.csv")) {
            assert_eq!(
                (&row["ledger_id"], &row["release"]),
                (&stamp["id"].as_str().unwrap().to_owned(), &release.to_string())
            );
        }
    }
}

#[test]
fn a_report_of_the_ledger_leaves_no_trace() {
    let job = after_two_nights();
    let folder = tempfile::tempdir().unwrap();
    fs_err::copy(job.path("job.toml"), folder.path().join("job.toml")).unwrap();
    fs_err::copy(job.path("monday.backup"), folder.path().join("ledger.db")).unwrap();
    let ran = pli(&["status", folder.path().to_str().unwrap(), "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.json()["lots"].as_array().unwrap().len(), 4, "{}", ran.stdout);
    assert_eq!(fs_err::read_dir(folder.path()).unwrap().count(), 2, "no log, no index of a log");
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_and_so_lock_the_lock() {
    let job = TestJob::new();
    job.run(FRIDAY, &[]);
    for (file, expected) in [("ledger.db", 0o600), ("scratch", 0o700), ("scratch/lock", 0o600)] {
        let mode = std::os::unix::fs::PermissionsExt::mode(&job.path(file).metadata().unwrap().permissions());
        assert_eq!(mode & 0o777, expected, "{file}");
    }
    assert_eq!(job.names("scratch"), ["lock", "stock"], "spools lose their names");
}

/// The shares of Friday's night in two.
fn shares() -> TestJob {
    let job = TestJob::new();
    for shard in ["1/2", "2/2"] {
        assert_eq!(job.run(FRIDAY, &["--shard", shard]).code, 0);
    }
    job
}

#[test]
fn a_share_whose_files_and_digests_were_replaced_is_refused() {
    let (job, other) = (shares(), shares());
    for share in ["1-of-2", "2-of-2"] {
        let path = format!("out/.shares-{FRIDAY}/{share}/share.json");
        fs_err::copy(other.path(&path), job.path(&path)).unwrap();
    }
    let ran = job.pli("merge", &["--date", FRIDAY]);
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (3, &"shares_unmergeable".into()), "{}", ran.stdout);
    assert!(ran.stderr.contains("not written by a shard of this job"), "{}", ran.stderr);
}

#[cfg(unix)]
#[test]
fn a_share_that_is_a_link_is_refused() {
    use std::os::unix::fs::symlink;
    let job = shares();
    let share = job.path(&format!("out/.shares-{FRIDAY}/1-of-2"));
    let file = share.join("letters/26324A-0001.pdf");
    let elsewhere = job.path("elsewhere.pdf");
    fs_err::rename(&file, &elsewhere).unwrap();
    symlink(&elsewhere, &file).unwrap();
    let ran = job.pli("merge", &["--date", FRIDAY]);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("is a link"), "{}", ran.stderr);
    fs_err::remove_file(&file).unwrap();
    fs_err::rename(&elsewhere, &file).unwrap();
    // The share's folder itself.
    let aside = job.path("aside");
    fs_err::rename(&share, &aside).unwrap();
    symlink(&aside, &share).unwrap();
    let ran = job.pli("merge", &["--date", FRIDAY]);
    assert!(ran.code == 3 && ran.stderr.contains("share 1: missing"), "{}", ran.stderr);
    fs_err::remove_file(&share).unwrap();
    fs_err::rename(&aside, &share).unwrap();
    assert_eq!(job.pli("merge", &["--date", FRIDAY]).code, 1, "rejects, and released codes");
}

#[test]
fn a_night_in_the_future_is_remarked() {
    let job = TestJob::new();
    let report = job.run("2031-03-03", &["--only", "letters"]);
    assert!(report.stderr.contains("2031-03-03 is in the future"), "{}", report.stderr);
    let alerts = report.json()["alerts"].to_string();
    assert!(alerts.contains("night_in_future"), "{alerts}");
}

#[test]
fn a_demonstration_that_someone_works_in_is_not_cleared() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("demo");
    let demo = || pli(&["demo", "--out", out.to_str().unwrap(), "--json"]);
    assert_eq!(demo().code, 0);
    assert_eq!(demo().code, 0, "a demonstration that nobody touched is cleared");
    fs_err::write(out.join("inbox/cards-mine.csv"), "work").unwrap();
    let ran = demo();
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (2, &"demo_folder".into()), "{}", ran.stdout);
    assert!(ran.stderr.contains("cards-mine.csv"), "{}", ran.stderr);
    assert!(out.join("inbox/cards-mine.csv").exists());
    fs_err::remove_file(out.join("inbox/cards-mine.csv")).unwrap();
    fs_err::write(out.join("job.toml"), "# changed").unwrap();
    assert_eq!(demo().code, 2);
}
