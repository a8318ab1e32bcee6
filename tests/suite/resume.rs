//! A run that was cut short anywhere: the same command resumes, no piece is lost, none leaves twice.

use crate::book;
use crate::job::{FRIDAY, MONDAY, TestJob, program};
use crate::killing::{Cut, CutAt, FULL, KILL, Killer, POWER};
use crate::same::assert_same;

#[test]
fn a_release_cut_between_ledger_and_files_is_finished() {
    let job = TestJob::new();
    let report = job.run(FRIDAY, &[]).json();
    let (letters, staging) = ("out/2026-11-20/letters", "out/.staging-2026-11-20/letters");
    fs_err::create_dir_all(job.path(staging)).unwrap();
    let file = "26324A-0001.pdf";
    fs_err::rename(job.path(&format!("{letters}/{file}")), job.path(&format!("{staging}/{file}"))).unwrap();
    book::cut_short(&job);
    fs_err::remove_file(job.path("out/2026-11-20/rejects.csv")).unwrap();
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
    book::cut_short(&job);
    let ran = job.run(FRIDAY, &[]);
    assert_eq!(ran.code, 4);
    assert!(ran.stderr.contains("26324A-0001.pdf") && ran.stderr.contains("backup"), "{}", ran.stderr);
}

/// Cuts runs short at many moments. Where a run was cut does not matter: the outcome is that of one whole run.
fn cut_runs_resume(step: usize, cut: CutAt) {
    let Some(killer) = Killer::new() else { return };
    let made = TestJob::new();
    let whole = made.twin();
    whole.run(FRIDAY, &[]);
    Killer::sweep(step, |change| {
        let job = made.twin();
        let mut command = program();
        command.arg("run").arg(job.path("job.toml")).args(["--date", FRIDAY, "-q"]).args(job.releases());
        let ended = killer.cuts(&mut command, change, cut(change), &job.path(""));
        if ended.is_done {
            assert_same(&whole, &job, FRIDAY);
        }
        let resumed = job.run(FRIDAY, &[]);
        assert_eq!(resumed.code, 1, "{:?} at change {change}: {}", cut(change), resumed.stderr);
        assert_same(&whole, &job, FRIDAY);
        job.assert_sound();
        if cut(change) == Cut::Kill {
            assert_eq!(job.names("out"), [FRIDAY, "ledger.stamp"], "at change {change}");
        }
        ended.is_cut
    });
}

#[test]
fn a_killed_run_resumes_with_the_same_command() {
    cut_runs_resume(47, KILL);
}

#[test]
fn a_run_resumes_after_a_power_loss() {
    cut_runs_resume(331, POWER);
}

#[test]
fn a_run_on_a_full_disk_resumes_once_there_is_room() {
    cut_runs_resume(331, FULL);
}

#[test]
#[ignore = "takes minutes; the tests above try some of the moments"]
fn a_run_cut_at_any_moment_resumes_with_the_same_command() {
    [KILL, POWER, FULL].into_iter().for_each(|cut| cut_runs_resume(1, cut));
}

/// A run that is killed once all is released leaves its staging folder; the next night's takes it away, and no other.
#[test]
fn what_a_killed_run_left_goes_with_the_next_night() {
    let job = TestJob::new();
    job.run(FRIDAY, &[]);
    for night in [FRIDAY, "2026-11-19"] {
        fs_err::create_dir_all(job.path(&format!("out/.staging-{night}/letters"))).unwrap();
    }
    assert!(job.run(MONDAY, &["--only", "mailers"]).json()["mailers"].as_u64() > Some(0));
    assert_eq!(job.names("out"), [".staging-2026-11-19", FRIDAY, MONDAY, "ledger.stamp"]);
}
