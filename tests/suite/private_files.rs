//! Files of their owner alone, whatever the umask; folders and links that a run refuses.

use std::collections::BTreeSet;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::job::{FRIDAY, MONDAY, Ran, TestJob, program};
use crate::tools::text;

/// Runs the program under a umask, which the shell sets.
fn under(umask: &str, arguments: &[&str]) -> Ran {
    let mut command = Command::new("sh");
    command.args(["-c", "umask \"$1\"; shift; exec \"$@\"", "sh", umask]);
    command.arg(program().get_program()).args(arguments).env("NO_COLOR", "1").output().unwrap().into()
}

/// All that lies in a folder, and the folder itself. Links are not followed.
fn all_of(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::from([folder.to_owned()]);
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match fs_err::symlink_metadata(&path).unwrap().is_dir() {
            true => found.extend(all_of(&path)),
            false => drop(found.insert(path)),
        }
    }
    found
}

fn mode(path: &Path) -> u32 {
    fs_err::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

/// Asserts that what was made since `before` is its owner's alone, except for public keys.
fn assert_private(folder: &Path, before: &BTreeSet<PathBuf>, what: &str) {
    let made: Vec<PathBuf> = all_of(folder).difference(before).cloned().collect();
    assert!(!made.is_empty(), "{what}");
    for path in made {
        let public = path.extension().is_some_and(|ending| ending == "pub");
        let wanted = if public { 0o022 } else { 0o077 };
        assert_eq!(mode(&path) & wanted, 0, "{what}: {} has mode {:o}", path.display(), mode(&path));
    }
}

/// The commands of a job's days, each with the code it ends with.
fn work(job: &TestJob, umask: &str) {
    let path = |name: &str| text(&job.path(name)).to_owned();
    let toml = path("job.toml");
    let ran = |arguments: &[&str], codes: &[i32]| {
        let ran = under(umask, arguments);
        assert!(codes.contains(&ran.code), "{arguments:?}: {}{}", ran.stdout, ran.stderr);
    };
    let released = path("reissues.csv");
    ran(&["check", &toml, "--date", FRIDAY, "--release-reissues", &released], &[1]);
    ran(&["run", &toml, "--date", FRIDAY, "--release-reissues", &released, "--shard", "1/1"], &[0, 1]);
    ran(&["merge", &toml, "--date", FRIDAY, "--release-reissues", &released], &[1]);
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    ran(&["run", &toml, "--date", MONDAY], &[0, 1]);
    let rows = job.table("out/2026-11-20/letters/26324A.manifest.csv");
    let reads: String = rows.iter().skip(1).fold("read_at,value,position\n".to_owned(), |text, row| {
        format!(
            "{text}2026-11-23T08:00:{:02},{},{}\n",
            text.lines().count(),
            row["card_number"],
            row["sequence"]
        )
    });
    job.write("camera.csv", &reads);
    ran(&["reconcile", &toml, &path("camera.csv"), "--final"], &[1]);
    let first = format!("L{}", rows[0]["piece_id"]);
    ran(&["reprint", &toml, &first, "--reason", "torn", "--card-in-hand", "--date", MONDAY], &[0, 1]);
    ran(
        &["recall", &toml, &format!("L{}", rows[1]["piece_id"]), "--reason", "wrong", "--date", MONDAY],
        &[0, 1],
    );
    ran(&["dispatch", &toml, "L26324A", "--date", MONDAY], &[0, 3]);
    let page = path("scan.pdf");
    fs_err::copy(job.path("out/2026-11-20/letters/26324A-0001.pdf"), &page).unwrap();
    fs_err::set_permissions(&page, PermissionsExt::from_mode(0o600)).unwrap();
    ran(&["scan", &toml, &page, "--grade"], &[0, 1]);
    ran(
        &[
            "render",
            "--job",
            &toml,
            "--piece",
            &format!("L{}", rows[2]["piece_id"]),
            "--output",
            &path("again.pdf"),
        ],
        &[0],
    );
    ran(&["ledger", &toml, "backup", &path("backup/ledger.db")], &[0, 1]);
    ran(&["ledger", &toml, "export", &path("export/ledger.jsonl")], &[0]);
    ran(&["ledger", &toml, "person", "2400140649", "export", &path("export/person.json")], &[0]);
    ran(&["audit", &toml], &[0, 1]);
    ran(&["status", &toml], &[0]);
    ran(&["keys", "new", "press", "--output", &path("made/more.identity")], &[0]);
    ran(&["sample", "--count", "5", "--out", &path("sampled")], &[0]);
}

#[test]
fn what_a_job_makes_is_its_owners_alone_whatever_the_umask() {
    for umask in ["000", "077", "022"] {
        let job = TestJob::new();
        let before = all_of(&job.path(""));
        work(&job, umask);
        fs_err::remove_file(job.path("camera.csv")).unwrap();
        assert_private(&job.path(""), &before, umask);
    }
}

#[test]
fn a_demonstration_under_an_open_umask_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let demo = folder.path().join("demo");
    let ran = under("000", &["demo", "--out", text(&demo)]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_private(&demo, &BTreeSet::new(), "demo");
    for public in ["keys/signing.pub", "keys/press.pub"] {
        assert_eq!(mode(&demo.join(public)), 0o644, "{public}");
    }
}

#[test]
fn a_designers_files_follow_the_umask() {
    let folder = tempfile::tempdir().unwrap();
    let new = folder.path().join("letter");
    let ran = under("002", &["template", "new", text(&new), "--from", "card-letter"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(mode(&new.join("template.toml")), 0o664);
}

#[test]
fn requests_for_approval_are_for_the_group_of_their_folder_whatever_the_umask() {
    for umask in ["000", "077"] {
        let job = crate::approvals::office();
        fs_err::create_dir(job.path("approvals")).unwrap();
        fs_err::set_permissions(job.path("approvals"), PermissionsExt::from_mode(0o2770)).unwrap();
        let toml = job.path("job.toml");
        let key = job.path("keys/asks.pem");
        let ran = under(umask, &["ledger", text(&toml), "purge", "--key", text(&key)]);
        let ran = match ran.code {
            // Without a ledger there is nothing to purge; the night itself asks, too.
            2 => under(
                umask,
                &[
                    "run",
                    text(&toml),
                    "--date",
                    FRIDAY,
                    "--key",
                    text(&key),
                    "--release-reissues",
                    text(&job.path("reissues.csv")),
                ],
            ),
            _ => ran,
        };
        assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
        assert_eq!(mode(&job.path("approvals")), 0o2770);
        let names = job.names("approvals");
        assert_eq!(names.len(), 1, "{names:?}");
        assert_eq!(mode(&job.path(&format!("approvals/{}", names[0]))), 0o640);
    }
}

fn refused(ran: &Ran, exit: i32, code: &str) -> String {
    let error = ran.json()["error"].clone();
    assert_eq!((ran.code, error["code"].as_str()), (exit, Some(code)), "{}{}", ran.stdout, ran.stderr);
    error["advice"].as_str().unwrap().to_owned()
}

#[test]
fn a_folder_that_every_user_may_write_is_refused_until_the_advice_is_followed() {
    let job = TestJob::new();
    fs_err::create_dir(job.path("out")).unwrap();
    for (folder, mode, code) in [
        ("inbox", 0o777, "inbox_writable_by_others"),
        // Nobody replaces another's file in such a folder, and everybody adds his own.
        ("inbox", 0o1777, "inbox_writable_by_others"),
        ("out", 0o757, "output_writable_by_others"),
        ("keys", 0o777, "key_replaceable_by_others"),
    ] {
        fs_err::set_permissions(job.path(folder), PermissionsExt::from_mode(mode)).unwrap();
        let ran = job.run(FRIDAY, &["--prove", "none"]);
        let advice = refused(&ran, 2, code);
        assert!(job.names("out").is_empty(), "{folder}");
        if folder != "keys" {
            refused(&job.pli("check", &["--date", FRIDAY]), 2, code);
        }
        let command = advice.split('`').find(|part| part.starts_with("chmod ")).expect("a command");
        assert!(Command::new("sh").args(["-c", command]).status().unwrap().success(), "{command}");
    }
    // The folder above may be everybody's where the sticky bit keeps what lies in it.
    fs_err::set_permissions(job.path(""), PermissionsExt::from_mode(0o1777)).unwrap();
    fs_err::set_permissions(job.path("job.toml"), PermissionsExt::from_mode(0o600)).unwrap();
    let ran = job.run(FRIDAY, &["--prove", "none"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
}

#[test]
fn a_link_that_leads_out_of_the_job_is_refused() {
    let outside = tempfile::tempdir().unwrap();
    let outside = outside.path();
    let job = TestJob::new();
    let night = |exit, code: &str| {
        let advice = refused(&job.run(FRIDAY, &["--prove", "none"]), exit, code);
        assert!(!job.path("out/ledger.stamp").exists() && !outside.join("ledger.stamp").exists());
        advice
    };
    // A file of the inbox, and a codes file.
    for name in ["cards.csv", "codes.csv.age"] {
        let (file, moved) = (job.path(&format!("inbox/{name}")), outside.join(name));
        fs_err::copy(&file, &moved).unwrap();
        fs_err::remove_file(&file).unwrap();
        symlink(&moved, &file).unwrap();
        if name == "cards.csv" {
            night(3, "link_out_of_job");
            refused(&job.pli("check", &["--date", FRIDAY]), 3, "link_out_of_job");
        }
        // A link within the job is no matter.
        let within = job.path(&format!("arrived-{name}"));
        fs_err::copy(&moved, &within).unwrap();
        fs_err::remove_file(&file).unwrap();
        symlink(&within, &file).unwrap();
    }
    // The inbox, the outputs and a key.
    let inbox = job.path("inbox");
    fs_err::rename(&inbox, job.path("arrived")).unwrap();
    fs_err::create_dir(outside.join("inbox")).unwrap();
    symlink(outside.join("inbox"), &inbox).unwrap();
    night(3, "link_out_of_job");
    fs_err::remove_file(&inbox).unwrap();
    fs_err::rename(job.path("arrived"), &inbox).unwrap();
    symlink(outside, job.path("out")).unwrap();
    let advice = night(3, "link_out_of_job");
    assert!(advice.contains("output.dir"), "{advice}");
    fs_err::remove_file(job.path("out")).unwrap();
    fs_err::create_dir_all(job.path("out")).unwrap();
    symlink(outside, job.path(&format!("out/{FRIDAY}"))).unwrap();
    night(3, "link_out_of_job");
    fs_err::remove_file(job.path(&format!("out/{FRIDAY}"))).unwrap();
    fs_err::rename(job.path("keys/signing.pem"), outside.join("signing.pem")).unwrap();
    symlink(outside.join("signing.pem"), job.path("keys/signing.pem")).unwrap();
    night(3, "link_out_of_job");
    // The advice: the job file names the file itself.
    let key = outside.join("signing.pem");
    job.replace("job.toml", "key = \"keys/signing.pem\"", &format!("key = \"{}\"", text(&key)));
    job.replace("job.toml", "dir = \"out\"", &format!("dir = \"{}\"", text(&outside.join("out"))));
    let ran = job.run(FRIDAY, &["--prove", "none"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(outside.join("out").join(FRIDAY).join("letters").exists());
    // Mailers: the codes' file leads out of the job.
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    fs_err::remove_file(job.path("inbox/codes.csv.age")).unwrap();
    symlink(outside.join("codes.csv.age"), job.path("inbox/codes.csv.age")).unwrap();
    refused(&job.run(MONDAY, &["--prove", "none"]), 3, "link_out_of_job");
}
