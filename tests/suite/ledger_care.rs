//! Care of the ledger: backup, restoration, check, export and import, and the drill that shows that all of it holds.

use std::path::Path;
use std::process::Command;

use pli::vault::new_identity;
use sha2::{Digest, Sha256};

use crate::job::{FRIDAY, MONDAY, Ran, TestJob, pli, program};
use crate::killing::{Cut, CutAt, FULL, KILL, Killer, POWER};
use crate::schemas::{answers, judged};
use crate::tools::{picture, text};

/// A job whose ledger's keys can be recovered with `recovery.identity`.
pub fn recoverable() -> TestJob {
    let job = TestJob::new();
    new_identity(&job.path("recovery.identity"), &job.path("keys/recovery.pub")).unwrap();
    let toml = format!("{}\n[ledger]\nrecovery = [\"keys/recovery.pub\"]\n", job.read("job.toml"));
    job.write("job.toml", &toml);
    job
}

/// The same job after its Friday, with a backup of that evening.
fn backed_up() -> TestJob {
    let job = recoverable();
    assert_eq!(job.run(FRIDAY, &["--prove", "none"]).code, 1);
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    fs_err::remove_file(job.path("reissues.csv")).unwrap();
    let ran = care(&job, &["backup", text(&job.path("friday.db"))]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    job
}

fn care(job: &TestJob, arguments: &[&str]) -> Ran {
    job.pli("ledger", arguments)
}

fn restore(job: &TestJob, more: &[&str]) -> Ran {
    let (file, identity) = (job.path("friday.db"), job.path("recovery.identity"));
    let mut all = vec!["restore", text(&file), "--identity", text(&identity)];
    all.extend(more);
    care(job, &all)
}

/// Loses the ledger and its keys.
pub fn lose(job: &TestJob) {
    fs_err::remove_file(job.path("ledger.db")).unwrap();
    fs_err::remove_dir_all(job.path("keys/ledger")).unwrap();
}

fn refused(ran: &Ran, exit: i32, code: &str, advice: &str) {
    let error = &ran.json()["error"];
    assert_eq!((ran.code, &error["code"]), (exit, &code.into()), "{}", ran.stdout);
    assert!(error["advice"].as_str().unwrap_or_default().contains(advice), "{error}");
}

fn sound(job: &TestJob) {
    let ran = care(job, &["check"]);
    assert!(ran.code == 0 && ran.json()["sound"] == true, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.json()["files"].as_u64() > Some(0) && ran.json()["counts"]["pieces"].as_u64() > Some(0));
}

#[test]
fn the_drill_restores_all_and_the_bureau_goes_on() {
    let job = backed_up();
    let spared = job.twin();
    lose(&job);
    // Without the identity no name can be read, and nothing is restored.
    let ran = care(&job, &["restore", text(&job.path("friday.db"))]);
    refused(&ran, 3, "ledger_keys", "--identity");
    assert!(!job.path("ledger.db").exists());
    let ran = restore(&job, &[]);
    assert_eq!((ran.code, &ran.json()["keys"]), (0, &serde_json::json!(["2026-11"])), "{}", ran.stderr);
    answers("ledger-restore", &ran.stdout);
    sound(&job);
    assert_eq!(job.names(".").iter().filter(|name| name.contains("ledger.db")).count(), 1);
    // A letter of Friday, from its restored record and what is kept of its template.
    let again = job.path("again.pdf");
    let (toml, released) = (job.path("job.toml"), job.path(&format!("out/{FRIDAY}/letters/26324A-0001.pdf")));
    let piece = ["--piece", "L26324A000002", "--output", text(&again)];
    let ran = pli(&[&["render", "--json", "--job", text(&toml)], &piece[..]].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    answers("render", &ran.stdout);
    let manifest = job.table(&format!("out/{FRIDAY}/letters/26324A.manifest.csv"));
    let page: u32 = manifest[1]["first_page"].parse().unwrap();
    let whole = [0.0, 0.0, 210.0, 297.0];
    let pictures = [(&released, page, "then.png"), (&again, 1, "now.png")].map(|(pdf, page, name)| {
        let out = job.path(name);
        picture(pdf, page, 150, whole, &out).map(|()| fs_err::read(out).unwrap())
    });
    assert!(pictures[0].is_some() && pictures[0] == pictures[1], "the page is the released one");
    // The next night, as if nothing had happened.
    for job in [&job, &spared] {
        assert!(job.run(MONDAY, &["--prove", "none"]).json()["mailers"].as_u64() > Some(0));
    }
    let manifest = format!("out/{MONDAY}/mailers/26327A.manifest.csv");
    assert_eq!(job.read(&manifest), spared.read(&manifest));
    assert_eq!(care(&job, &["check"]).code, 0);
    // The template is gone.
    fs_err::remove_dir_all(job.path("kept")).unwrap();
    let ran = pli(&[&["render", "--json", "--job", text(&toml)], &piece[..]].concat());
    refused(&ran, 3, "template_gone", "restore");
}

#[test]
fn a_backup_is_one_private_file_that_status_reads() {
    let job = backed_up();
    let names = job.names(".");
    let of_backup: Vec<&String> = names.iter().filter(|name| name.contains("friday.db")).collect();
    assert_eq!(of_backup, ["friday.db", "friday.db.keys.age"]);
    #[cfg(unix)]
    {
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&job.path("friday.db").metadata().unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
    refused(&care(&job, &["backup", text(&job.path("friday.db"))]), 2, "backup_exists", "--force");
    assert_eq!(care(&job, &["backup", text(&job.path("friday.db")), "--force"]).code, 0);
    refused(
        &care(&job, &["backup", text(&job.path("ledger.db")), "--force"]),
        2,
        "backup_file",
        "another file",
    );
    let live = job.pli("status", &[]);
    answers("status", &live.stdout);
    job.replace("job.toml", "[ledger]\n", "[ledger]\nurl = \"sqlite:friday.db\"\n");
    assert_eq!(job.pli("status", &[]).stdout, live.stdout);
    // Nobody could open the keys.
    job.replace("job.toml", "recovery = [\"keys/recovery.pub\"]", "");
    let ran = care(&job, &["backup", text(&job.path("more.db"))]);
    assert_eq!((ran.code, &ran.json()["alerts"][0]["code"]), (1, &"no_recovery".into()), "{}", ran.stderr);
    answers("ledger-backup", &ran.stdout);
    assert!(job.path("more.db").exists() && !job.path("more.db.keys.age").exists());
}

#[test]
fn a_backup_before_the_first_night_is_another_matter_than_that_of_a_lost_ledger() {
    let job = TestJob::new();
    let backup = job.path("backup.db");
    let made = || job.pli("ledger", &["backup", text(&backup)]);
    refused(&made(), 2, "no_ledger", "run a night first");
    job.run(FRIDAY, &["--prove", "none"]);
    // A ledger that is there is backed up whatever became of its outputs; 1 says that its keys are not in the backup.
    let stamp = job.read("out/ledger.stamp");
    job.write("out/ledger.stamp", "damaged");
    assert_eq!(made().code, 1);
    assert!(backup.exists());
    job.write("out/ledger.stamp", &stamp);
    fs_err::remove_file(&backup).unwrap();
    fs_err::remove_file(job.path("ledger.db")).unwrap();
    refused(&made(), 3, "ledger_empty", "");
    assert!(!backup.exists());
}

#[test]
fn a_backup_that_knows_less_than_the_outputs_is_refused() {
    let job = backed_up();
    job.run(MONDAY, &["--prove", "none"]);
    refused(&restore(&job, &["--force"]), 3, "ledger_older", "release 2 would be lost");
    lose(&job);
    refused(&restore(&job, &[]), 3, "ledger_older", "release 2 would be lost");
    assert!(!job.path("ledger.db").exists() && !job.path("keys/ledger").exists());
    // That of another job.
    let other = recoverable();
    other.records(&[other.row(2)]);
    other.run(FRIDAY, &["--prove", "none"]);
    assert_eq!(care(&other, &["backup", text(&job.path("friday.db")), "--force"]).code, 0);
    refused(&restore(&job, &[]), 3, "ledger_other", "backup of the ledger that released these outputs");
}

/// The pieces of the acts that a report says are lacking.
fn lacking(report: &serde_json::Value) -> Vec<String> {
    let acts = report["lacking"]["acts"].as_array().unwrap_or_else(|| panic!("{report}"));
    let named = |act: &serde_json::Value| format!("{} {}", act["act"], act["pieces"]).replace('"', "");
    acts.iter().map(named).collect()
}

#[test]
fn a_backup_that_lacks_later_acts_says_so_until_they_are_done_again() {
    let job = backed_up();
    let recall = |piece: &str| job.pli("recall", &[piece, "--reason", "wrong address"]);
    for piece in ["L26324A000003", "L26324A000004"] {
        assert_eq!(recall(piece).code, 0);
    }
    assert_eq!(job.pli("recall", &["L99999A000001", "--reason", "no such piece"]).code, 2);
    lose(&job);
    let ran = restore(&job, &[]);
    let both = ["recall [L26324A000003]", "recall [L26324A000004]"];
    assert_eq!((ran.code, lacking(&ran.json())), (1, both.map(str::to_owned).to_vec()), "{}", ran.stderr);
    // It stays known while the ledger goes on; nothing leaves.
    let checked = care(&job, &["check"]);
    let fault = &checked.json()["faults"][0];
    assert_eq!((checked.code, &fault["part"]), (1, &"acts".into()), "{}", checked.stdout);
    let doctor = job.pli("doctor", &["--look", "audit"]);
    assert!(doctor.stdout.contains("ledger_lacks_acts") && doctor.stdout.contains("L26324A000004"));
    let leaves = || job.pli("dispatch", &["L26324A", "--date", MONDAY]);
    refused(&leaves(), 3, "ledger_lacks_acts", "recall them again");
    let night = job.run(MONDAY, &["--prove", "none"]);
    assert!(night.json()["alerts"].to_string().contains("ledger_lacks_acts"), "{}", night.stdout);
    // The advice, followed, one after the other.
    assert_eq!(recall("L26324A000003").code, 0);
    let error = leaves().json()["error"].clone();
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("L26324A000004") && !message.contains("L26324A000003"), "{error}");
    assert_eq!(recall("L26324A000004").code, 0);
    sound(&job);
    let left = leaves();
    assert_eq!((left.code, &left.json()["recalled"]), (0, &2.into()), "{}", left.stdout);
    assert!(!job.pli("doctor", &["--look", "audit"]).stdout.contains("ledger_lacks_acts"));
}

#[test]
fn a_copy_that_took_the_ledgers_place_lacks_acts_as_well() {
    let job = backed_up();
    fs_err::copy(job.path("ledger.db"), job.path("copy.db")).unwrap();
    assert_eq!(job.pli("recall", &["L26324A000003", "--reason", "wrong address"]).code, 0);
    fs_err::copy(job.path("copy.db"), job.path("ledger.db")).unwrap();
    refused(&job.pli("dispatch", &["L26324A"]), 3, "ledger_lacks_acts", "recall them again");
    // The refused act had its line: the ledger has gone on, and what it lacks stays known.
    assert_eq!(care(&job, &["check"]).code, 1);
    assert_eq!(job.pli("recall", &["L26324A000003", "--reason", "wrong address"]).code, 0);
    sound(&job);
}

#[test]
fn without_its_audit_log_a_restored_ledger_says_that_later_acts_cannot_be_known() {
    let job = backed_up();
    fs_err::remove_dir_all(job.path("audit")).unwrap();
    fs_err::remove_file(job.path("kept/audit.stamp")).unwrap();
    lose(&job);
    let ran = restore(&job, &[]);
    let report = ran.json();
    assert_eq!((ran.code, &report["lacking"]), (1, &serde_json::Value::Null), "{}", ran.stderr);
    assert!(report["lacking_unknown"].as_str().unwrap().contains("audit log is not there"), "{report}");
    sound(&job);
}

#[test]
fn a_ledger_that_is_there_is_put_aside_only_when_told() {
    let job = backed_up();
    refused(&restore(&job, &[]), 3, "ledger_exists", "--force");
    job.write("ledger.db", &"x".repeat(9000));
    refused(&restore(&job, &[]), 3, "ledger_exists", "--force");
    let ran = restore(&job, &["--force"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let aside = ran.json()["aside"].as_str().expect("a path").to_owned();
    assert_eq!(fs_err::read_to_string(aside).unwrap(), "x".repeat(9000));
    sound(&job);
    // Another program's database is no backup.
    job.write("friday.db", &"x".repeat(9000));
    refused(&restore(&job, &["--force"]), 3, "ledger_damaged", "take the one before");
    sound(&job);
}

#[test]
fn an_act_that_was_killed_behind_its_line_is_not_lacking() {
    let job = TestJob::new();
    job.run(FRIDAY, &["--prove", "none"]);
    let ledger = rusqlite::Connection::open(job.path("ledger.db")).unwrap();
    let head = || -> (i64, Vec<u8>) {
        let sql = "SELECT value, mark FROM note WHERE name = 'audit'";
        ledger.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    };
    let lacking = || job.pli("ledger", &["check"]).json()["faults"].to_string().contains("lacks");
    let (line, hash) = head();
    assert_eq!(job.pli("recall", &["L26324A000003", "--reason", "wrong paper"]).code, 0);
    assert_eq!(head().0, line + 1);
    // As a kill leaves it between the line and the note of it.
    let put_back = "UPDATE note SET value = ?1, mark = ?2 WHERE name = 'audit'";
    ledger.execute(put_back, rusqlite::params![line, hash]).unwrap();
    assert!(!lacking(), "the ledger has the act");
    // A ledger of before the act expects no such line.
    let twin = job.twin();
    let before = rusqlite::Connection::open(twin.path("ledger.db")).unwrap();
    before.execute("DELETE FROM note WHERE name = 'audit_next'", []).unwrap();
    assert!(twin.pli("ledger", &["check"]).json()["faults"].to_string().contains("lacks"));
    // The next act goes on, and takes nothing for lacking either.
    assert_eq!(job.pli("recall", &["L26324A000004", "--reason", "wrong paper"]).code, 0);
    assert!(head().0 == line + 2 && !lacking());
    let lines = job.names("audit").into_iter().filter(|name| name.ends_with(".jsonl"));
    assert!(lines.map(|name| job.read(&format!("audit/{name}"))).all(|log| !log.contains("ledger_at=")));
}

#[test]
fn keys_that_were_lost_come_back_alone() {
    let job = backed_up();
    fs_err::remove_dir_all(job.path("keys/ledger")).unwrap();
    let ran = job.run(MONDAY, &[]);
    refused(&ran, 3, "ledger_keys", "--keys-only");
    let ran = restore(&job, &["--keys-only"]);
    assert_eq!((ran.code, &ran.json()["keys"]), (0, &serde_json::json!(["2026-11"])), "{}", ran.stderr);
    sound(&job);
    let other = backed_up();
    fs_err::remove_dir_all(other.path("keys/ledger")).unwrap();
    fs_err::copy(job.path("friday.db.keys.age"), other.path("friday.db.keys.age")).unwrap();
    fs_err::copy(job.path("recovery.identity"), other.path("recovery.identity")).unwrap();
    refused(&restore(&other, &["--keys-only"]), 2, "keys_of_another", "--keys FILE");
    assert!(!other.path("keys/ledger").exists());
}

#[test]
fn the_check_finds_what_is_damaged_missing_and_changed() {
    let job = backed_up();
    sound(&job);
    let before = job.files();
    let manifest = format!("out/{FRIDAY}/letters/26324A.manifest.csv");
    let kept = job.read(&manifest);
    job.write(&manifest, &kept.replacen("26324A000001", "26324A000009", 1));
    let parts = |ran: &Ran| -> Vec<String> {
        let faults = ran.json()["faults"].as_array().unwrap().clone();
        faults.iter().map(|fault| fault["part"].as_str().unwrap().to_owned()).collect()
    };
    let ran = care(&job, &["check"]);
    assert_eq!((ran.code, parts(&ran)), (1, vec!["files".to_owned()]), "{}", ran.stdout);
    job.write(&manifest, &kept);
    let key = job.path("keys/ledger/2026-11.key");
    fs_err::rename(&key, job.path("key")).unwrap();
    let ran = care(&job, &["check"]);
    assert_eq!((ran.code, parts(&ran).contains(&"keys".to_owned())), (1, true), "{}", ran.stdout);
    fs_err::rename(job.path("key"), &key).unwrap();
    assert_eq!(job.files(), before, "a check leaves nothing");
    let stamp = job.read("out/ledger.stamp");
    job.write("out/ledger.stamp", &stamp.replace("\"release\":1", "\"release\":2"));
    let ran = care(&job, &["check"]);
    assert_eq!((ran.code, parts(&ran)), (3, vec!["stamps".to_owned()]), "{}", ran.stdout);
}

/// The tables that version 5 added, and those of version 6.
const OF_5: [&str; 3] = ["passage", "alarm", "milestone"];
const OF_6: [&str; 4] = ["returned", "return_release", "picture", "picture_piece"];

/// The same export, written before the ledger had these tables.
fn of_version(version: u32, export: &str, without: &[&str]) -> String {
    let mut lines: Vec<String> = export.lines().map(|line| format!("{line}\n")).collect();
    let mut header = lines[0].replacen("\"pli_ledger\":6", &format!("\"pli_ledger\":{version}"), 1);
    for table in without {
        header = header
            .replacen(&format!("\"{table}\":0"), "", 1)
            .replace("{,", "{")
            .replace(",,", ",")
            .replace(",}", "}");
    }
    assert!(without.iter().all(|table| !header.contains(&format!("\"{table}\""))), "{header}");
    lines[0] = header;
    lines.pop();
    let text = lines.concat();
    let digest = Sha256::digest(text.as_bytes());
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{text}{{\"sha256\":\"{digest}\"}}\n")
}

#[test]
fn an_export_comes_back_whole_or_not_at_all() {
    let job = backed_up();
    let export = job.path("ledger.jsonl");
    assert_eq!(care(&job, &["export", text(&export)]).code, 0);
    let lines = job.read("ledger.jsonl");
    let streamed = pli(&["ledger", text(&job.path("job.toml")), "export"]);
    assert!(streamed.code == 0 && streamed.stdout == lines, "{}", streamed.stderr);
    refused(&care(&job, &["import", text(&export)]), 3, "ledger_exists", "ledger.url");
    fs_err::remove_file(job.path("ledger.db")).unwrap();
    let count = lines.lines().count();
    let cases: [(String, usize); 7] = [
        (lines[..lines.len() - 40].to_owned(), count),
        (lines.replacen("\"line\":2", "\"line\":3", 1), count),
        (lines.lines().take(count - 1).map(|line| format!("{line}\n")).collect(), count - 1),
        (format!("{lines}{{}}\n"), count + 1),
        (lines.replacen("{\"t\":\"record\"", "{\"t\":\"records\"", 1), 0),
        (lines.replacen("\"pli_ledger\":6", "\"pli_ledger\":7", 1), 1),
        ("{\n".to_owned(), 1),
    ];
    for (bad, line) in cases {
        job.write("bad.jsonl", &bad);
        let ran = care(&job, &["import", text(&job.path("bad.jsonl"))]);
        refused(&ran, 2, "import_line", "nothing was imported");
        let found = ran.json()["error"]["line"].as_u64().unwrap() as usize;
        assert!(line == 0 || found == line, "{line}: {}", ran.stdout);
        assert!(!job.path("ledger.db").exists());
    }
    for (version, without) in [(4, [&OF_5[..], &OF_6].concat()), (5, OF_6.to_vec())] {
        job.write("earlier.jsonl", &of_version(version, &lines, &without));
        let ran = care(&job, &["import", text(&job.path("earlier.jsonl"))]);
        assert_eq!(ran.code, 0, "{}", ran.stdout);
        fs_err::remove_file(job.path("ledger.db")).unwrap();
    }
    let ran = care(&job, &["import", text(&export)]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    answers("ledger-import", &ran.stdout);
    answers("ledger-check", &care(&job, &["check"]).stdout);
    sound(&job);
    let exported = care(&job, &["export", text(&export), "--force"]);
    assert_eq!(exported.code, 0, "{}", exported.stderr);
    answers("ledger-exported", &exported.stdout);
    judged(&[("ledger-export-line", &export)]);
    assert_eq!(job.read("ledger.jsonl"), lines);
}

fn cut_command(job: &TestJob, arguments: &[&Path]) -> Command {
    let mut command = program();
    command.arg("ledger").arg(job.path("job.toml")).arg("-q").args(arguments);
    command
}

fn cut_backups_go_on(step: usize, cut: CutAt) {
    let Some(killer) = Killer::new() else { return };
    let job = backed_up();
    let backup = job.path("new/backup.db");
    let both = ["backup.db", "backup.db.keys.age"];
    Killer::sweep(step, |change| {
        let at = format!("{:?} at change {change}", cut(change));
        let mut command = cut_command(&job, &[Path::new("backup"), &backup]);
        let ended = killer.cuts(&mut command, change, cut(change), &job.path(""));
        assert!(!ended.is_done || backup.exists(), "{at}");
        if backup.exists() {
            assert!(job.path("new/backup.db.keys.age").exists(), "{at}");
            assert!(fs_err::metadata(&backup).unwrap().len() > 0, "{at}");
        }
        let ran = care(&job, &["backup", text(&backup), "--force"]);
        assert_eq!(ran.code, 0, "{at}: {}", ran.stderr);
        let left = job.names("new");
        assert!(
            left == both
                || (cut(change) != Cut::Kill && both.iter().all(|name| left.contains(&(*name).to_owned()))),
            "{at}: {left:?}"
        );
        sound(&job);
        fs_err::remove_dir_all(job.path("new")).unwrap();
        ended.is_cut
    });
}

fn cut_restorations_go_on(step: usize, cut: CutAt) {
    let Some(killer) = Killer::new() else { return };
    let made = backed_up();
    let lines = |job: &TestJob| pli(&["ledger", text(&job.path("job.toml")), "export"]).stdout;
    let before = lines(&made);
    Killer::sweep(step, |change| {
        let at = format!("{:?} at change {change}", cut(change));
        let job = made.twin();
        lose(&job);
        let (file, identity) = (job.path("friday.db"), job.path("recovery.identity"));
        let order = [Path::new("restore"), &file, Path::new("--identity"), &identity, Path::new("--force")];
        let ended = killer.cuts(&mut cut_command(&job, &order), change, cut(change), &job.path(""));
        assert!(!ended.is_done || lines(&job) == before, "{at}");
        let ran = restore(&job, &["--force"]);
        assert_eq!(ran.code, 0, "{at}: {}", ran.stderr);
        assert_eq!(lines(&job), before, "{at}");
        sound(&job);
        let left: Vec<String> =
            job.names(".").into_iter().filter(|name| name.contains("ledger.db.")).collect();
        let is_aside = |name: &String| name.starts_with("ledger.db.before-restore");
        assert!(cut(change) != Cut::Kill || left.iter().all(is_aside), "{at}: {left:?}");
        ended.is_cut
    });
}

#[test]
fn a_killed_backup_or_restoration_goes_on_with_the_same_command() {
    cut_backups_go_on(9, KILL);
    cut_restorations_go_on(9, KILL);
}

#[test]
fn a_backup_or_restoration_goes_on_after_a_power_loss() {
    cut_backups_go_on(7, POWER);
    cut_restorations_go_on(9, POWER);
}

#[test]
fn a_backup_or_restoration_on_a_full_disk_goes_on_once_there_is_room() {
    cut_backups_go_on(7, FULL);
    cut_restorations_go_on(9, FULL);
}

#[test]
#[ignore = "takes minutes; the tests above try some of the moments"]
fn a_backup_or_restoration_cut_at_any_moment_goes_on() {
    for cut in [KILL, POWER, FULL] {
        cut_backups_go_on(1, cut);
        cut_restorations_go_on(1, cut);
    }
}

#[cfg(unix)]
#[test]
fn a_full_disk_leaves_no_half_of_a_backup_or_ledger() {
    let job = backed_up();
    let limited = |arguments: &str| -> Ran {
        let (binary, toml) = (env!("CARGO_BIN_EXE_pli"), job.path("job.toml"));
        let script = format!("ulimit -f 64; exec '{binary}' ledger '{}' --json {arguments}", toml.display());
        Command::new("sh").args(["-c", &script]).output().expect("a shell").into()
    };
    let ran = limited(&format!("backup '{}'", job.path("new/full.db").display()));
    assert_eq!(ran.code, 4, "{}", ran.stdout);
    assert!(job.names("new").is_empty());
    lose(&job);
    let (file, identity) = (job.path("friday.db"), job.path("recovery.identity"));
    let ran = limited(&format!("restore '{}' --identity '{}'", file.display(), identity.display()));
    assert_eq!(ran.code, 4, "{}", ran.stdout);
    assert!(!job.path("ledger.db").exists());
    assert_eq!(restore(&job, &[]).code, 0);
    sound(&job);
}
