//! A run that was cut short anywhere: the same command resumes, no piece is lost, none leaves twice.

use std::time::Duration;

use crate::job::{FRIDAY, TestJob, program};

#[test]
fn a_release_cut_between_ledger_and_files_is_finished() {
    let job = TestJob::new();
    let report = job.run(FRIDAY, &[]).json();
    let (letters, staging) = ("out/2026-11-20/letters", "out/.staging-2026-11-20/letters");
    fs_err::create_dir_all(job.path(staging)).unwrap();
    let file = "26324A-0001.pdf";
    fs_err::rename(job.path(&format!("{letters}/{file}")), job.path(&format!("{staging}/{file}"))).unwrap();
    let db = rusqlite::Connection::open(job.path("ledger.db")).unwrap();
    db.execute_batch("UPDATE lot SET state = 'releasing'; UPDATE run SET state = 'releasing'").unwrap();
    fs_err::remove_file(job.path("out/2026-11-20/rejects.csv")).unwrap();
    drop(db);
    assert_eq!(job.run(FRIDAY, &["--dry-run"]).code, 3, "a rehearsal finishes nothing");
    assert!(!job.path(&format!("{letters}/{file}")).exists());
    let again = job.run(FRIDAY, &[]).json();
    assert_eq!(again["files"], report["files"]);
    assert!(job.path(&format!("{letters}/{file}")).exists(), "the file took its place");
    assert_eq!(job.table("out/2026-11-20/rejects.csv").len(), 5, "the reports are written anew");
    let lots = job.pli("status", &[]).json();
    assert!(lots["lots"].as_array().unwrap().iter().all(|lot| lot["state"] == "released"), "{lots}");
}

#[test]
fn a_release_whose_staged_file_is_gone_says_so() {
    let job = TestJob::new();
    job.run(FRIDAY, &[]);
    fs_err::remove_file(job.path("out/2026-11-20/letters/26324A-0001.pdf")).unwrap();
    let db = rusqlite::Connection::open(job.path("ledger.db")).unwrap();
    db.execute_batch("UPDATE lot SET state = 'releasing'; UPDATE run SET state = 'releasing'").unwrap();
    drop(db);
    let ran = job.run(FRIDAY, &[]);
    assert_eq!(ran.code, 4);
    assert!(ran.stderr.contains("26324A-0001.pdf") && ran.stderr.contains("backup"), "{}", ran.stderr);
}

/// Kills runs at many moments. Where the run was killed does not matter: the outcome is that of one whole run.
#[test]
fn a_killed_run_resumes_with_the_same_command() {
    let whole = TestJob::new();
    let expected = whole.run(FRIDAY, &[]).json();
    for delay in [5, 40, 80, 120, 160, 200, 240, 280, 320, 400, 500, 650] {
        let job = TestJob::new();
        let mut child = program()
            .args(["run", job.path("job.toml").to_str().unwrap(), "--date", FRIDAY, "-q"])
            .spawn()
            .expect("the program starts");
        std::thread::sleep(Duration::from_millis(delay));
        let _ = child.kill();
        let _ = child.wait();
        let resumed = job.run(FRIDAY, &[]);
        let report = resumed.json();
        assert_eq!(resumed.code, 1, "after {delay} ms: {}", resumed.stderr);
        for key in ["letters", "mailers", "rejects", "deferred"] {
            assert_eq!(report[key], expected[key], "{key} after {delay} ms");
        }
        let db = rusqlite::Connection::open(job.path("ledger.db")).unwrap();
        let count = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(count("SELECT count(*) FROM piece"), 23, "after {delay} ms");
        assert_eq!(count("SELECT max(sequence) FROM piece WHERE kind = 'letter'"), 22);
        assert!(!job.path("out/.staging-2026-11-20").exists(), "after {delay} ms");
    }
}
