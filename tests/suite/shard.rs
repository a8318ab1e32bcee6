//! A night split over machines: shares and their merge make, byte for byte, what one whole run makes.

use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use crate::book;
use crate::job::{FRIDAY, MONDAY, Ran, TestJob, program};
use crate::killing::{Cut, CutAt, FULL, KILL, Killer, POWER};
use crate::same::{assert_same, rows};
use crate::schemas::answers;

/// The fixture with print files of four pieces: six of letters on the Friday.
fn small_files() -> TestJob {
    let job = TestJob::new();
    let text = job.read("job.toml");
    assert!(!text.contains("pieces_per_file"));
    job.replace("job.toml", "[output]\n", "[output]\npieces_per_file = 4\n");
    job
}

fn shard(job: &TestJob, night: &str, share: &str, more: &[&str]) -> Ran {
    let mut arguments = vec!["--shard", share];
    arguments.extend(more);
    job.run(night, &arguments)
}

/// Makes all shares, the last one first.
fn split(job: &TestJob, night: &str, of: u32, more: &[&str]) {
    for number in (1..=of).rev() {
        let ran = shard(job, night, &format!("{number}/{of}"), more);
        assert_eq!(
            (ran.code, &ran.json()["already_done"]),
            (0, &false.into()),
            "{number}/{of}: {}",
            ran.stderr
        );
        if number == 1 {
            answers("share", &ran.stdout);
        }
    }
}

fn merge(job: &TestJob, night: &str) -> Ran {
    job.pli("merge", &["--date", night])
}

fn shares(night: &str) -> String {
    format!("out/.shares-{night}")
}

fn both_nights_agree(whole: &TestJob, of: u32, more: &[&str]) {
    let merged = whole.twin();
    for night in [FRIDAY, MONDAY] {
        let run = whole.run(night, more);
        split(&merged, night, of, more);
        let ran = merge(&merged, night);
        assert_eq!((ran.code, run.code), (1, 1), "{of} shares: {}{}", ran.stderr, run.stderr);
        assert_eq!(ran.json()["merged"]["shares"], of);
        assert_same(whole, &merged, night);
        assert!(!merged.path(&shares(night)).exists(), "the shares are gone");
        for job in [whole, &merged] {
            let _ = fs_err::remove_file(job.path("inbox/cards.csv"));
        }
    }
}

#[test]
fn a_merged_night_is_the_night_run_whole() {
    for of in [1, 3] {
        both_nights_agree(&small_files(), of, &[]);
    }
}

/// The header is in the first share's part of a lot; the trailer, which counts all of it, where the last file is.
#[test]
fn the_sheets_of_a_split_lot_are_those_of_a_whole_one() {
    for (of, imposition) in [(2, ""), (3, "imposition = \"2-up\""), (4, "duplex = \"long-edge\"")] {
        let job = small_files();
        let press = format!("[press]\nlot_sheets = true\n{imposition}\n\n[limits]\n");
        job.replace("job.toml", "[limits]\n", &press);
        both_nights_agree(&job, of, &[]);
    }
}

#[test]
fn more_shares_than_files_and_mailers_in_clear_and_every_letter_proved() {
    let job = small_files();
    job.replace("job.toml", "[output]\n", "[output]\nunsealed = true\n");
    both_nights_agree(&job, 9, &["--prove", "all"]);
}

#[test]
fn machines_may_mount_the_job_in_other_places() {
    let whole = small_files();
    let (here, there) = (whole.twin(), whole.twin());
    whole.run(FRIDAY, &[]);
    // With the file's rejects, which name the codes file.
    assert_eq!(shard(&here, FRIDAY, "1/2", &[]).code, 0);
    // Both have the key of the job's shares; there it lies where an earlier version made it.
    fs_err::copy(here.path("keys/shares.key"), there.path("ledger.db.shares-key")).unwrap();
    assert_eq!(shard(&there, FRIDAY, "2/2", &[]).code, 0);
    assert!(!there.path("keys/shares.key").exists());
    let share = format!("{}/2-of-2", shares(FRIDAY));
    copy_folder(&there.path(&share), &here.path(&share));
    let ran = merge(&here, FRIDAY);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert_same(&whole, &here, FRIDAY);
}

#[test]
fn one_kind_alone_is_merged_as_its_shares_were_made() {
    let whole = small_files();
    let merged = whole.twin();
    whole.run(FRIDAY, &["--only", "letters"]);
    split(&merged, FRIDAY, 2, &["--only", "letters"]);
    let ran = merge(&merged, FRIDAY);
    assert_eq!((&ran.json()["letters"], &ran.json()["mailers"]), (&22.into(), &0.into()), "{}", ran.stderr);
    assert_same(&whole, &merged, FRIDAY);
}

#[test]
fn records_that_come_later_make_a_second_lot_in_shares_too() {
    let whole = small_files();
    let merged = whole.twin();
    whole.run(FRIDAY, &[]);
    split(&merged, FRIDAY, 2, &[]);
    merge(&merged, FRIDAY);
    let header = whole.read("inbox/cards.csv").lines().next().unwrap().to_owned();
    let row = whole.row(2).replace("2400140649", "2499999990");
    for job in [&whole, &merged] {
        job.write("inbox/cards-2.csv", &format!("{header}\n{row}\n"));
    }
    assert!(merge(&merged, FRIDAY).code == 3, "new records are there and no shares of them");
    whole.run(FRIDAY, &[]);
    split(&merged, FRIDAY, 2, &[]);
    let ran = merge(&merged, FRIDAY);
    assert_eq!(ran.json()["lots"][0]["lot"], "26324B", "{}", ran.stderr);
    assert_same(&whole, &merged, FRIDAY);
}

/// Refused: nothing released, nothing entered, and the message says what.
fn assert_refused(job: &TestJob, night: &str, says: &[&str]) {
    let ran = merge(job, night);
    assert_eq!(ran.code, 3, "{}", ran.stderr);
    for text in says {
        assert!(ran.stderr.contains(text), "`{text}` in {}", ran.stderr);
    }
    assert!(!job.path(&format!("out/{night}")).exists(), "nothing was released");
    assert!(rows(job, "run").iter().all(|row| !row[1].contains(night)), "nothing was entered");
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in fs_err::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy_folder(&entry.path(), &to),
            false => {
                fs_err::create_dir_all(to.parent().unwrap()).unwrap();
                fs_err::copy(entry.path(), to).unwrap();
            }
        }
    }
}

#[test]
fn a_share_that_is_missing_or_there_twice_is_told() {
    let job = small_files();
    assert_refused(&job, FRIDAY, &["no share of this night", "--shard K/N"]);
    for share in ["1/3", "3/3"] {
        assert_eq!(shard(&job, FRIDAY, share, &["--prove", "all"]).code, 0);
    }
    assert_refused(&job, FRIDAY, &["share 2: missing", "--date 2026-11-20 --shard 2/3`"]);
    let folder = job.path(&shares(FRIDAY));
    copy_folder(&folder.join("3-of-3"), &folder.join("2-of-3"));
    assert_refused(&job, FRIDAY, &["share 2: missing", "share 3: there twice; remove", "3-of-3"]);
    let mended = shard(&job, FRIDAY, "2/3", &["--prove", "all"]);
    assert_eq!((mended.code, &mended.json()["already_done"]), (0, &false.into()), "{}", mended.stderr);
    assert_eq!(shard(&job, FRIDAY, "2/4", &["--prove", "all"]).code, 0);
    assert_refused(&job, FRIDAY, &["shares of 3 and of 4 lie side by side"]);
    fs_err::remove_dir_all(folder.join("2-of-4")).unwrap();
    assert_eq!(merge(&job, FRIDAY).code, 1);
}

#[test]
fn a_damaged_share_is_told_and_made_anew() {
    let job = small_files();
    split(&job, FRIDAY, 3, &[]);
    let share = format!("{}/2-of-3", shares(FRIDAY));
    for (file, says) in [
        ("letters/26324A-0002.pdf", "other bytes"),
        ("letters/26324A.manifest.csv", "other bytes"),
        ("letters/26324A.control.csv", "other bytes"),
        ("decisions.jsonl", "other bytes"),
        ("share.json", "2-of-3"),
    ] {
        let path = job.path(&format!("{share}/{file}"));
        let sound = fs_err::read(&path).unwrap();
        let mut bytes = sound.clone();
        bytes[sound.len() / 2] ^= 1;
        bytes.truncate(sound.len() - 1);
        fs_err::write(&path, &bytes).unwrap();
        assert_refused(&job, FRIDAY, &[says]);
        fs_err::remove_file(&path).unwrap();
        assert_refused(&job, FRIDAY, &[if file == "share.json" { "2-of-3" } else { "share 2: " }]);
        let again = shard(&job, FRIDAY, "2/3", &[]);
        assert_eq!((again.code, &again.json()["already_done"]), (0, &false.into()), "{}", again.stderr);
        assert!(path.exists());
    }
    let description = format!("{share}/share.json");
    let sound = job.read(&description);
    for (from, to) in
        [("letters/26324A-0002.pdf", "../../../26324A-0002.pdf"), ("\"shard\": 2", "\"shard\": 0")]
    {
        job.write(&description, &sound.replace(from, to));
        assert_refused(&job, FRIDAY, &["share 2: missing", "not written by a shard of this job"]);
    }
    job.write(&description, &sound);
    assert_eq!(merge(&job, FRIDAY).code, 1);
}

#[test]
fn shares_of_another_plan_are_told_one_by_one() {
    let job = small_files();
    split(&job, FRIDAY, 3, &[]);
    let redo = |share: &str| {
        fs_err::remove_dir_all(job.path(&format!("{}/{share}", shares(FRIDAY)))).unwrap();
        let ran = shard(&job, FRIDAY, &share.replace("-of-", "/"), &[]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    };
    // Other records.
    let records = job.read("inbox/cards.csv");
    job.records(&[job.row(2), job.row(3)]);
    redo("2-of-3");
    job.write("inbox/cards.csv", &records);
    assert_refused(&job, FRIDAY, &["share 2: of another plan, by the record files", "--shard 2/3`"]);
    redo("2-of-3");
    // Another press.
    let text = job.read("job.toml");
    job.write("job.toml", &format!("{text}\n[press]\ndpi = 1200\n"));
    redo("3-of-3");
    job.write("job.toml", &text);
    assert_refused(&job, FRIDAY, &["share 3: of another plan, by the job file"]);
    // Another key: the merge has none, and holds the shares against each other.
    let key = job.read("keys/signing.pem");
    fs_err::remove_file(job.path("keys/signing.pem")).unwrap();
    let other = TestJob::new().read("keys/signing.pem");
    job.write("keys/signing.pem", &other);
    private(&job.path("keys/signing.pem"));
    redo("3-of-3");
    job.write("keys/signing.pem", &key);
    assert_refused(&job, FRIDAY, &["share 3: not made like share 1, by the signing key"]);
    redo("3-of-3");
    assert_eq!(merge(&job, FRIDAY).code, 1);
}

#[cfg(unix)]
fn private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs_err::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[cfg(not(unix))]
fn private(_: &Path) {}

#[test]
fn a_ledger_that_has_changed_refuses_shares_and_they_are_made_anew() {
    let job = small_files();
    split(&job, FRIDAY, 2, &[]);
    // A card of the Friday's leaves on the Thursday.
    let records = job.read("inbox/cards.csv");
    job.records(&[job.row(2)]);
    assert_eq!(job.run("2026-11-19", &[]).json()["letters"], 1);
    job.write("inbox/cards.csv", &records);
    assert_refused(&job, FRIDAY, &["share 1: of another plan, by the ledger's last release", "share 2: "]);
    let again = shard(&job, FRIDAY, "1/2", &[]);
    assert_eq!((again.code, &again.json()["already_done"]), (0, &false.into()));
    assert!(again.stderr.contains("made anew"), "{}", again.stderr);
    shard(&job, FRIDAY, "2/2", &[]);
    assert_eq!(merge(&job, FRIDAY).json()["letters"], 21);
}

#[test]
fn a_night_of_shares_is_not_run_whole() {
    let job = small_files();
    assert_eq!(shard(&job, FRIDAY, "1/2", &[]).code, 0);
    let whole = job.run(FRIDAY, &[]);
    assert_eq!(whole.code, 3);
    assert!(
        whole.stderr.contains("1 complete share of this night waits to be merged")
            && whole.stderr.contains(".shares-"),
        "{}",
        whole.stderr
    );
    assert_eq!(job.run(FRIDAY, &["--dry-run"]).code, 1, "a rehearsal takes nothing from them");
    fs_err::remove_dir_all(job.path(&shares(FRIDAY))).unwrap();
    fs_err::create_dir_all(job.path(&format!("{}/.2-of-2.1/letters", shares(FRIDAY)))).unwrap();
    assert_eq!(job.run(FRIDAY, &[]).code, 1);
    assert!(!job.path(&shares(FRIDAY)).exists(), "what killed shards left goes");
    let late = shard(&job, FRIDAY, "2/2", &[]);
    assert_eq!((late.code, &late.json()["already_done"]), (0, &true.into()), "{}", late.stderr);
    assert!(left(&job).is_empty(), "nothing was made");
    job.run(MONDAY, &["--only", "mailers"]);
    assert!(!job.path(&shares(FRIDAY)).exists(), "what a late shard left goes with the next night");
}

#[test]
fn what_is_done_is_not_done_again() {
    let job = small_files();
    split(&job, FRIDAY, 2, &[]);
    let file = job.path(&format!("{}/1-of-2/letters/26324A-0001.pdf", shares(FRIDAY)));
    let made = fs_err::metadata(&file).unwrap().modified().unwrap();
    let again = shard(&job, FRIDAY, "1/2", &[]);
    assert_eq!((again.code, &again.json()["already_done"]), (0, &true.into()));
    assert_eq!(fs_err::metadata(&file).unwrap().modified().unwrap(), made);
    let first = merge(&job, FRIDAY);
    let before = job.read("out/2026-11-20/run.json");
    let second = merge(&job, FRIDAY);
    assert_eq!(
        (second.code, &second.json()["already_done"]),
        (first.code, &true.into()),
        "{}",
        second.stderr
    );
    assert_eq!(job.read("out/2026-11-20/run.json"), before);
}

#[test]
fn shards_read_the_ledger_and_write_nothing_there() {
    let job = small_files();
    split(&job, FRIDAY, 2, &[]);
    assert!(!job.path("ledger.db").exists(), "the first night's ledger is the merge's");
    merge(&job, FRIDAY);
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    let before = fs_err::read(job.path("ledger.db")).unwrap();
    split(&job, MONDAY, 2, &[]);
    assert!(fs_err::read(job.path("ledger.db")).unwrap() == before);
    assert!(!job.path("ledger.db-wal").exists() && !job.path("ledger.db-shm").exists());
    // Left in the middle by a run that was killed.
    job.write("ledger.db-wal", "rows");
    let ran = shard(&job, MONDAY, "1/2", &[]);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("cut short"), "{}", ran.stderr);
}

#[test]
fn shards_run_side_by_side_and_one_share_twice_makes_one() {
    let whole = small_files();
    let merged = whole.twin();
    whole.run(FRIDAY, &[]);
    let children: Vec<Child> =
        ["1/3", "2/3", "3/3", "2/3", "2/3"].iter().map(|share| spawn(&merged, share)).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(left(&merged), ["1-of-3", "2-of-3", "3-of-3"]);
    assert_eq!(merge(&merged, FRIDAY).code, 1);
    assert_same(&whole, &merged, FRIDAY);
}

/// What lies among the shares but locks.
fn left(job: &TestJob) -> Vec<String> {
    let mut names = job.names(&shares(FRIDAY));
    names.retain(|name| !name.ends_with(".lock"));
    names
}

fn spawn(job: &TestJob, share: &str) -> Child {
    command(job, "run", &["--shard", share]).spawn().expect("the program starts")
}

fn command(job: &TestJob, name: &str, more: &[&str]) -> Command {
    let mut command = program();
    command
        .arg(name)
        .arg(job.path("job.toml"))
        .args(["--date", FRIDAY, "-q"])
        .args(job.releases())
        .args(more);
    command
}

#[test]
fn a_killed_shard_is_simply_run_again() {
    let Some(killer) = Killer::new() else { return };
    let whole = small_files();
    let merged = whole.twin();
    whole.run(FRIDAY, &[]);
    let kill = |change: &u32| killer.kills(&mut command(&merged, "run", &["--shard", "2/2"]), *change);
    assert!((1..).step_by(9).take_while(kill).count() > 5);
    split_again(&merged, &["1/2", "2/2"]);
    assert_eq!(left(&merged), ["1-of-2", "2-of-2"], "what was killed is cleared away");
    assert_eq!(merge(&merged, FRIDAY).code, 1);
    assert_same(&whole, &merged, FRIDAY);
}

fn split_again(job: &TestJob, shares: &[&str]) {
    for share in shares {
        let ran = shard(job, FRIDAY, share, &[]);
        assert_eq!(ran.code, 0, "{share}: {}", ran.stderr);
    }
}

#[test]
fn a_killed_merge_resumes_with_the_same_command() {
    cut_merges_resume(47, KILL);
}

#[test]
fn a_merge_resumes_after_a_power_loss() {
    cut_merges_resume(331, POWER);
}

#[test]
fn a_merge_on_a_full_disk_resumes_once_there_is_room() {
    cut_merges_resume(331, FULL);
}

#[test]
#[ignore = "takes minutes; the tests above try some of the moments"]
fn a_merge_cut_at_any_moment_resumes_with_the_same_command() {
    [KILL, POWER, FULL].into_iter().for_each(|cut| cut_merges_resume(1, cut));
}

fn cut_merges_resume(step: usize, cut: CutAt) {
    let Some(killer) = Killer::new() else { return };
    let whole = small_files();
    let made = whole.twin();
    whole.run(FRIDAY, &[]);
    split(&made, FRIDAY, 3, &[]);
    Killer::sweep(step, |change| {
        let merged = made.twin();
        let ended = killer.cuts(&mut command(&merged, "merge", &[]), change, cut(change), &merged.path(""));
        if ended.is_done {
            assert_same(&whole, &merged, FRIDAY);
        }
        let ran = merge(&merged, FRIDAY);
        assert_eq!(ran.code, 1, "{:?} at change {change}: {}", cut(change), ran.stderr);
        assert_same(&whole, &merged, FRIDAY);
        merged.assert_sound();
        if cut(change) == Cut::Kill {
            assert_eq!(merged.names("out"), [FRIDAY, "ledger.stamp"], "at change {change}");
        }
        ended.is_cut
    });
}

#[test]
fn a_merge_cut_between_ledger_and_files_is_finished_from_its_shares_files() {
    let job = small_files();
    split(&job, FRIDAY, 2, &[]);
    let kept = job.path("kept");
    copy_folder(&job.path(&shares(FRIDAY)), &kept);
    let report = merge(&job, FRIDAY).json();
    let (letters, staging) = ("out/2026-11-20/letters", "out/.staging-2026-11-20/letters");
    fs_err::create_dir_all(job.path(staging)).unwrap();
    let file = "26324A-0003.pdf";
    fs_err::rename(job.path(&format!("{letters}/{file}")), job.path(&format!("{staging}/{file}"))).unwrap();
    copy_folder(&kept, &job.path(&shares(FRIDAY)));
    book::cut_short(&job);
    assert_eq!(shard(&job, FRIDAY, "1/2", &[]).code, 3, "a shard does not finish it");
    let again = merge(&job, FRIDAY);
    assert_eq!((&again.json()["files"], &again.json()["already_done"]), (&report["files"], &true.into()));
    assert!(job.path(&format!("{letters}/{file}")).exists() && !job.path(&shares(FRIDAY)).exists());
}

#[test]
fn too_many_rejects_refuse_shards_and_merge_like_a_whole_run() {
    let whole = small_files();
    let merged = whole.twin();
    split(&merged, FRIDAY, 2, &[]);
    for job in [&whole, &merged] {
        job.replace("job.toml", "max_reject_percent = 25.0", "max_reject_percent = 10.0");
    }
    let refused = whole.run(FRIDAY, &[]);
    assert_eq!(refused.code, 3);
    let table = whole.read("out/2026-11-20/rejects.csv");
    assert_eq!(merge(&merged, FRIDAY).code, 3, "the limit was lowered since");
    assert_eq!(merged.read("out/2026-11-20/rejects.csv"), table);
    fs_err::remove_dir_all(merged.path("out")).unwrap();
    let ran = shard(&merged, FRIDAY, "2/2", &[]);
    assert_eq!(ran.code, 3);
    assert!(ran.stderr.contains("records are rejected"), "{}", ran.stderr);
    assert_eq!(merged.read("out/2026-11-20/rejects.csv"), table);
    assert!(left(&merged).is_empty(), "there is no share");
}

#[test]
fn no_share_holds_a_code() {
    let job = small_files();
    job.run(FRIDAY, &[]);
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    let ran: Vec<Ran> = ["1/2", "2/2"].iter().map(|share| shard(&job, MONDAY, share, &["-vv"])).collect();
    let folder = job.path(&shares(MONDAY));
    let files: Vec<PathBuf> = job.files().into_iter().filter(|file| file.starts_with(&folder)).collect();
    assert!(files.iter().any(|file| file.to_string_lossy().ends_with(".pdf.age")), "{files:?}");
    let codes = crate::secrets::long_codes();
    for file in &files {
        crate::secrets::search(&file.display().to_string(), &fs_err::read(file).unwrap(), &codes);
    }
    for said in ran {
        crate::secrets::search(
            "what the shard said",
            format!("{}{}", said.stdout, said.stderr).as_bytes(),
            &codes,
        );
    }
    let merged = job.pli("merge", &["--date", MONDAY, "-vv"]);
    crate::secrets::search(
        "what the merge said",
        format!("{}{}", merged.stdout, merged.stderr).as_bytes(),
        &codes,
    );
}

#[test]
fn a_merge_needs_neither_codes_nor_keys() {
    let job = small_files();
    job.run(FRIDAY, &[]);
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    split(&job, MONDAY, 2, &[]);
    for file in ["keys/signing.pem", "keys/codes.identity", "keys/press.identity", "inbox/codes.csv.age"] {
        fs_err::remove_file(job.path(file)).unwrap();
    }
    let ran = merge(&job, MONDAY);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.json()["mailers"].as_u64() > Some(10));
}

#[test]
fn the_share_is_read_from_the_batch_engine() {
    let job = small_files();
    let path = job.path("job.toml");
    let run = |choice: &str, variables: &[(&str, &str)]| -> Ran {
        let mut command = program();
        command.args(["run", path.to_str().unwrap(), "--json", "--date", FRIDAY, "--shard", choice]);
        command.args(job.releases());
        for name in ["ID", "MIN", "MAX", "STEP", "COUNT"] {
            command.env_remove(format!("SLURM_ARRAY_TASK_{name}"));
        }
        command.env_remove("JOB_COMPLETION_INDEX").envs(variables.iter().copied());
        command.output().unwrap().into()
    };
    let array = [
        ("SLURM_ARRAY_TASK_ID", "20"),
        ("SLURM_ARRAY_TASK_MIN", "10"),
        ("SLURM_ARRAY_TASK_MAX", "30"),
        ("SLURM_ARRAY_TASK_STEP", "10"),
        ("SLURM_ARRAY_TASK_COUNT", "3"),
    ];
    let share = run("auto", &array).json();
    assert_eq!((&share["shard"], &share["shards"]), (&2.into(), &3.into()));
    let share = run("auto/3", &[("JOB_COMPLETION_INDEX", "2")]).json();
    assert_eq!((&share["shard"], &share["shards"]), (&3.into(), &3.into()));
    for (choice, variables) in [
        ("auto", &[][..]),
        ("auto", &[("JOB_COMPLETION_INDEX", "2")][..]),
        ("auto/3", &[("JOB_COMPLETION_INDEX", "3")][..]),
        ("4/3", &[][..]),
        ("0/3", &[][..]),
        ("1/1001", &[][..]),
        ("1-3", &[][..]),
    ] {
        let ran = run(choice, variables);
        assert_eq!(ran.code, 2, "{choice}: {}", ran.stderr);
    }
    assert_eq!(run("1/3", &[]).code, 0);
    assert_eq!(merge(&job, FRIDAY).code, 1);
}
