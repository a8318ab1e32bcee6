//! The night's keeper: `--archive` of `pli run` and `pli merge` moves what was taken in, nothing else, and nothing is lost on the way.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::job::{FRIDAY, MONDAY, Ran, TestJob, program};
use crate::killing::{Cut, Killer};
use crate::tools::text;

fn archived(job: &TestJob, date: &str, more: &[&str]) -> Ran {
    let archive = job.path("archive");
    job.run(date, &[&["--prove", "none", "--archive", text(&archive)], more].concat())
}

#[test]
fn what_was_taken_in_moves_and_nothing_else() {
    let job = TestJob::new();
    let records = job.read("inbox/cards.csv");
    job.write("inbox/stranger.txt", "of nobody");
    job.write("inbox/cards.csv.minisig", "a signature that this job does not ask for");
    let ran = archived(&job, FRIDAY, &[]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let files = ran.json()["archived"].clone();
    assert_eq!(
        files,
        serde_json::json!([format!("{FRIDAY}/cards.csv.minisig"), format!("{FRIDAY}/cards.csv")])
    );
    assert_eq!(job.read(&format!("archive/{FRIDAY}/cards.csv")), records);
    assert_eq!(job.names("inbox"), ["codes.csv.age", "stranger.txt"], "codes wait for their mailers");
    assert_eq!(job.names("archive"), [FRIDAY], "no note is left");
    assert_eq!(fs_err::metadata(job.path("archive")).unwrap().mode() & 0o777, 0o700);
    let again = archived(&job, FRIDAY, &[]).json();
    assert!(again["already_done"] == true && again["archived"].is_null(), "{again}");
    // A later night needs nobody to take the files away.
    let monday = archived(&job, MONDAY, &[]);
    assert!(monday.json()["mailers"].as_u64() > Some(0), "{}", monday.stderr);
    job.assert_sound();
}

/// Makes the two shares of a night.
fn split(job: &TestJob, date: &str, more: &[&str]) {
    for share in ["2/2", "1/2"] {
        let ran = job.run(date, &[&["--prove", "none", "--shard", share], more].concat());
        assert_eq!(ran.code, 0, "{share}: {}", ran.stderr);
    }
}

fn merged(job: &TestJob, date: &str) -> Ran {
    job.pli("merge", &["--date", date, "--archive", text(&job.path("archive"))])
}

#[test]
fn a_merge_moves_what_its_shares_took_in_and_nothing_else() {
    let job = TestJob::new();
    let records = job.read("inbox/cards.csv");
    job.write("inbox/cards.csv.minisig", "a signature that this job does not ask for");
    assert_eq!(merged(&job, FRIDAY).code, 3, "there is no share");
    split(&job, FRIDAY, &[]);
    assert!(job.path("inbox/cards.csv").exists() && !job.path("archive").exists(), "shares move nothing");
    // A file that no share took in: the merge is of another plan, and nothing is moved or noted.
    let header = records.lines().next().unwrap_or_default();
    let late = job.row(2).replace("2400140649", "2499999990");
    job.write("inbox/cards-2.csv", &format!("{header}\n{late}\n"));
    assert_eq!(merged(&job, FRIDAY).json()["error"]["code"], "shares_unmergeable");
    assert_eq!(job.names("inbox"), ["cards-2.csv", "cards.csv", "cards.csv.minisig", "codes.csv.age"]);
    fs_err::rename(job.path("inbox/cards-2.csv"), job.path("later.csv")).unwrap();
    let ran = merged(&job, FRIDAY);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert_eq!(
        ran.json()["archived"],
        serde_json::json!([format!("{FRIDAY}/cards.csv.minisig"), format!("{FRIDAY}/cards.csv")])
    );
    assert_eq!(job.read(&format!("archive/{FRIDAY}/cards.csv")), records);
    assert_eq!(
        (job.names("inbox"), job.names("archive")),
        (vec!["codes.csv.age".into()], vec![FRIDAY.into()])
    );
    let again = merged(&job, FRIDAY).json();
    assert!(again["already_done"] == true && again["archived"].is_null(), "{again}");
    fs_err::rename(job.path("later.csv"), job.path("inbox/cards-2.csv")).unwrap();
    split(&job, MONDAY, &[]);
    let monday = merged(&job, MONDAY);
    assert_eq!(monday.json()["archived"], serde_json::json!([format!("{MONDAY}/cards-2.csv")]));
    job.assert_sound();
}

#[test]
fn what_a_merge_could_not_move_is_moved_by_the_same_command_or_by_the_next_night() {
    let job = TestJob::new();
    split(&job, FRIDAY, &[]);
    fs_err::create_dir(job.path("archive")).unwrap();
    job.write(&format!("archive/{FRIDAY}"), "in the way");
    let ran = merged(&job, FRIDAY);
    assert_eq!((ran.code, ran.json()["error"]["code"].as_str()), (4, Some("archive")), "{}", ran.stderr);
    assert!(job.path(&format!("out/{FRIDAY}/run.json")).exists(), "the night itself is released");
    fs_err::remove_file(job.path(&format!("archive/{FRIDAY}"))).unwrap();
    let (same, next, run) = (job.twin(), job.twin(), job.twin());
    let refused = next.run(MONDAY, &["--shard", "1/2"]);
    assert_eq!(refused.json()["error"]["code"], "input_other_night", "a share moves nothing");
    split(&next, MONDAY, &["--only", "mailers"]);
    for (twin, ran) in
        [(&same, merged(&same, FRIDAY)), (&next, merged(&next, MONDAY)), (&run, archived(&run, MONDAY, &[]))]
    {
        assert!(ran.code <= 1, "{}", ran.stderr);
        assert_eq!(ran.json()["archived"], serde_json::json!([format!("{FRIDAY}/cards.csv")]));
        assert_eq!(
            (twin.names("inbox"), twin.names("archive")),
            (vec!["codes.csv.age".into()], vec![FRIDAY.into()])
        );
    }
}

#[test]
fn a_name_that_is_there_is_not_overwritten_and_what_is_sent_twice_is_refused() {
    let job = TestJob::new();
    let rows = [job.row(2), job.row(3)];
    job.records(&rows[..1]);
    let first = job.read("inbox/cards.csv");
    archived(&job, FRIDAY, &[]);
    let header = first.lines().next().unwrap_or_default();
    let second = format!("{header}\n{}\n", rows[1]);
    job.write("inbox/cards.csv", &second);
    let ran = archived(&job, FRIDAY, &[]);
    assert_eq!(
        ran.json()["archived"],
        serde_json::json!([format!("{FRIDAY}/2/cards.csv")]),
        "{}",
        ran.stderr
    );
    assert_eq!(job.read(&format!("archive/{FRIDAY}/cards.csv")), first);
    assert_eq!(job.read(&format!("archive/{FRIDAY}/2/cards.csv")), second);
    job.write("inbox/cards.csv", &first);
    let twice = archived(&job, MONDAY, &[]);
    assert_eq!((twice.code, twice.json()["error"]["code"].as_str()), (3, Some("input_other_night")));
    assert!(job.path("inbox/cards.csv").exists());
}

#[test]
fn an_announcement_goes_once_its_night_is_over() {
    let job = TestJob::new();
    let rows = job.twin().run(FRIDAY, &["--dry-run", "--prove", "none"]).json()["rows"].clone();
    let sha256: String =
        Sha256::digest(job.read("inbox/cards.csv")).iter().map(|byte| format!("{byte:02x}")).collect();
    let file = format!("name = \"cards.csv\"\nrows = {rows}\nsha256 = \"{sha256}\"\n");
    job.write("inbox/day.announce.toml", &format!("night = {FRIDAY}\n[[files]]\n{file}"));
    job.replace("job.toml", "[input]", "[input]\nannounced = true");
    let friday = archived(&job, FRIDAY, &["--only", "letters"]);
    assert_eq!(friday.code, 1, "{}", friday.stderr);
    assert_eq!(job.names("inbox"), ["codes.csv.age", "day.announce.toml"], "the night can be run again");
    assert_eq!(archived(&job, FRIDAY, &["--only", "letters"]).json()["already_done"], true);
    job.write("inbox/next.announce.toml", &format!("night = {MONDAY}\n"));
    let monday = archived(&job, MONDAY, &["--only", "letters"]);
    assert_eq!(monday.code, 0, "{}", monday.stderr);
    assert_eq!(job.names("inbox"), ["codes.csv.age", "next.announce.toml"]);
    assert_eq!(job.names(&format!("archive/{FRIDAY}")), ["cards.csv", "day.announce.toml"]);
}

#[test]
fn what_could_not_be_moved_is_moved_by_the_same_command_or_by_the_next_night() {
    let job = TestJob::new();
    // No folder can be made where a file lies.
    fs_err::create_dir(job.path("archive")).unwrap();
    job.write(&format!("archive/{FRIDAY}"), "in the way");
    let ran = archived(&job, FRIDAY, &[]);
    assert_eq!((ran.code, ran.json()["error"]["code"].as_str()), (4, Some("archive")), "{}", ran.stderr);
    assert!(job.path(&format!("out/{FRIDAY}/run.json")).exists(), "the night itself is released");
    fs_err::remove_file(job.path(&format!("archive/{FRIDAY}"))).unwrap();
    for (night, twin) in [(FRIDAY, job.twin()), (MONDAY, job.twin())] {
        let ran = archived(&twin, night, &[]);
        assert!(ran.code <= 1, "{night}: {}", ran.stderr);
        assert_eq!(ran.json()["archived"], serde_json::json!([format!("{FRIDAY}/cards.csv")]));
        assert_eq!(
            (twin.names("inbox"), twin.names("archive")),
            (vec!["codes.csv.age".into()], vec![FRIDAY.into()])
        );
    }
}

#[test]
fn an_archive_that_a_night_would_take_in_again_is_refused() {
    let job = TestJob::new();
    let inner = job.path("inbox/old");
    job.replace("job.toml", "inbox/cards*.csv", "inbox/**/cards*.csv");
    let ran = job.run(FRIDAY, &["--archive", text(&inner)]);
    assert_eq!(
        (ran.code, ran.json()["error"]["code"].as_str()),
        (2, Some("archive_in_inbox")),
        "{}",
        ran.stderr
    );
    let outside = archived(&job, FRIDAY, &[]);
    assert_eq!(outside.code, 1, "the advice, followed: {}", outside.stderr);
    let rehearsal = job.run(MONDAY, &["--dry-run", "--archive", text(&inner)]);
    assert_eq!(rehearsal.code, 2, "a rehearsal archives nothing");
}

#[test]
fn an_archive_that_is_no_folder_is_refused_before_the_night() {
    let job = TestJob::new();
    job.write("note", "of somebody");
    std::os::unix::fs::symlink(job.path("nowhere"), job.path("link")).unwrap();
    for (archive, code) in [
        ("s3://bucket/archive".to_owned(), "archive_objects"),
        (text(&job.path("note")).to_owned(), "archive_folder"),
        (text(&job.path("note/archive")).to_owned(), "archive_folder"),
        (text(&job.path("link")).to_owned(), "archive_folder"),
    ] {
        let ran = job.run(FRIDAY, &["--archive", &archive]);
        assert_eq!((ran.code, ran.json()["error"]["code"].as_str()), (2, Some(code)), "{archive}");
    }
    assert!(!job.path("out").join(FRIDAY).exists() && !Path::new("s3:").exists());
    assert_eq!(job.read("note"), "of somebody");
    assert_eq!(archived(&job, FRIDAY, &[]).code, 1, "the advice, followed");
}

/// The commands that archive, with what they are run with here.
const RUN: [&str; 3] = ["run", "--prove", "none"];
const MERGE: [&str; 1] = ["merge"];

/// Cuts a command short and repeats it. At no moment are the records anywhere else than in the inbox or whole in the archive.
fn cut_moves_resume(made: &TestJob, words: &[&str], archive: &Path, step: usize, cut: Cut) {
    let (name, more) = words.split_first().unwrap();
    let Some(killer) = Killer::new() else { return };
    let records = made.read("inbox/cards.csv");
    let place = archive.join(FRIDAY).join("cards.csv");
    Killer::sweep(step, |change| {
        let job = made.twin();
        if archive.exists() {
            fs_err::remove_dir_all(archive).unwrap();
        }
        let mut command = program();
        command.arg(name).arg(job.path("job.toml")).args(["--date", FRIDAY, "-q"]).args(more);
        command.arg("--archive").arg(archive).args(job.releases());
        let ended = killer.cuts(&mut command, change, cut, &job.path(""));
        let inbox = fs_err::read_to_string(job.path("inbox/cards.csv")).unwrap_or_default();
        let moved = fs_err::read_to_string(&place).unwrap_or_default();
        assert!(inbox == records || moved == records, "change {change}: the records are lost");
        assert!(moved.is_empty() || moved == records, "change {change}: half a file has the name");
        let resumed = job.pli(name, &[&["--date", FRIDAY, "--archive", text(archive)], more].concat());
        assert_eq!(resumed.code, 1, "change {change}: {}", resumed.stderr);
        assert_eq!(fs_err::read_to_string(&place).unwrap(), records, "change {change}");
        assert_eq!(job.names("inbox"), ["codes.csv.age"], "change {change}");
        ended.is_cut
    });
}

#[test]
fn moves_that_are_cut_short_are_finished_by_the_same_command() {
    let job = TestJob::new();
    let archive = tempfile::tempdir().unwrap();
    cut_moves_resume(&job, &RUN, &archive.path().join("archive"), 131, Cut::Kill);
    // The night is released already: the command does little else than to move.
    job.run(FRIDAY, &["--prove", "none"]);
    cut_moves_resume(&job, &RUN, &archive.path().join("archive"), 7, Cut::Kill);
}

#[test]
fn moves_of_a_merge_that_are_cut_short_are_finished_by_the_same_command() {
    let job = TestJob::new();
    let archive = tempfile::tempdir().unwrap();
    split(&job, FRIDAY, &[]);
    cut_moves_resume(&job, &MERGE, &archive.path().join("archive"), 61, Cut::Kill);
    // The night is released already: the command does little else than to move.
    job.pli("merge", &["--date", FRIDAY]);
    cut_moves_resume(&job, &MERGE, &archive.path().join("archive"), 5, Cut::Kill);
}

#[test]
fn moves_to_another_file_system_are_finished_by_the_same_command() {
    let job = TestJob::new();
    job.run(FRIDAY, &["--prove", "none"]);
    let archive = tempfile::tempdir_in("/dev/shm").unwrap();
    let device = |folder: &Path| fs_err::metadata(folder).unwrap().dev();
    assert_ne!(device(&job.path("")), device(archive.path()), "the test needs two file systems");
    for cut in [Cut::Kill, Cut::Full] {
        cut_moves_resume(&job, &RUN, &archive.path().join("archive"), 7, cut);
    }
}
