//! Signed inboxes and mailers at the press, as the documents describe them: files are signed by OpenSSL.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::job::{FRIDAY, MONDAY, Ran, TestJob, pli};
use crate::schemas::answers;
use crate::tools::{text, tool};

/// A job that takes signed files only, and its sender's key.
fn signed_job() -> Option<TestJob> {
    let job = TestJob::new();
    let [private, public] = ["inbox/issuer.pem", "keys/issuer.pub"].map(|name| job.path(name));
    tool("openssl", &["genpkey", "-algorithm", "ed25519", "-out", text(&private)])?;
    tool("openssl", &["pkey", "-in", text(&private), "-pubout", "-out", text(&public)])?;
    job.replace("job.toml", "[input]\n", "[input]\nsigners = [\"keys/issuer.pub\"]\n");
    Some(job)
}

/// Signs a file of the inbox for a night with the commands of `docs/inbox.md`.
fn sign(job: &TestJob, name: &str, night: &str) {
    let document = fs_err::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/inbox.md")).unwrap();
    let (_, commands) = document.split_once("```sh\nprintf").unwrap();
    let (commands, _) = commands.split_once("```").unwrap();
    let commands = format!("set -e\nprintf{commands}").replace("cards.csv", name).replace(FRIDAY, night);
    let ran = Command::new("bash").args(["-c", &commands]).current_dir(job.path("inbox")).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
}

fn error(ran: &Ran) -> (i32, Value) {
    (ran.code, ran.json()["error"]["code"].clone())
}

#[test]
fn a_night_takes_what_its_sender_signed_by_the_documents_commands() {
    let Some(job) = signed_job() else { return };
    let run = |night: &str| job.run(night, &[]);
    assert_eq!(error(&run(FRIDAY)), (3, "signature_missing".into()));
    sign(&job, "cards.csv", MONDAY);
    assert_eq!(error(&run(FRIDAY)), (3, "signature_other_night".into()));
    assert!(!job.path("out").join(FRIDAY).exists(), "nothing was released");
    sign(&job, "cards.csv", FRIDAY);
    sign(&job, "codes.csv.age", FRIDAY);
    let ran = run(FRIDAY);
    assert!(ran.code <= 1, "{}", ran.stderr);
    for gone in ["inbox/cards.csv", "reissues.csv"] {
        fs_err::remove_file(job.path(gone)).unwrap();
    }
    let signature = job.read("inbox/codes.csv.age.sig");
    fs_err::remove_file(job.path("inbox/codes.csv.age.sig")).unwrap();
    assert_eq!(error(&run(MONDAY)), (3, "signature_missing".into()), "codes are signed, too");
    job.write("inbox/codes.csv.age.sig", &signature);
    let ran = run(MONDAY);
    assert!(ran.code <= 1, "{}", ran.stderr);
    assert!(job.path("out/2026-11-23/mailers/26327A-0001.pdf.age").exists());
}

#[test]
fn a_job_that_asks_for_announcements_runs_no_night_without_one() {
    let job = TestJob::new();
    job.replace("job.toml", "[input]\n", "[input]\nannounced = true\n");
    let refused = |ran: &Ran| {
        assert_eq!(error(ran), (3, "announcement".into()), "{}", ran.stderr);
        let advice = ran.json()["error"]["advice"].as_str().unwrap_or_default().to_owned();
        assert!(advice.contains("*.announce.toml") && advice.contains(FRIDAY), "{advice}");
        assert!(!job.path("out").join(FRIDAY).exists(), "nothing was released");
    };
    refused(&job.run(FRIDAY, &[]));
    refused(&job.run(FRIDAY, &["--only", "letters"]));
    let sha256 = |name: &str| {
        let sums = tool("sha256sum", &[text(&job.path(name))])?;
        Some(String::from_utf8_lossy(&sums).split(' ').next()?.to_owned())
    };
    let Some([cards, codes]) =
        sha256("inbox/cards.csv").zip(sha256("inbox/codes.csv.age")).map(<[_; 2]>::from)
    else {
        return;
    };
    let rows = job.read("inbox/cards.csv").lines().count() - 1;
    let announcement = |night: &str, rows: usize| {
        format!(
            "night = {night}\n[[files]]\nname = \"cards.csv\"\nrows = {rows}\nsha256 = \"{cards}\"\n\
             [[files]]\nname = \"codes.csv.age\"\nsha256 = \"{codes}\"\n"
        )
    };
    job.write("inbox/day.announce.toml", &announcement(MONDAY, rows));
    refused(&job.run(FRIDAY, &[]));
    job.write("inbox/day.announce.toml", &announcement(FRIDAY, rows));
    let ran = job.run(FRIDAY, &["--only", "letters"]);
    assert!(ran.code <= 1, "{}", ran.stderr);
}

#[test]
fn mailers_are_opened_with_identities_that_follow_one_another() {
    let job = TestJob::new();
    let Ok(memory) =
        tempfile::Builder::new().permissions(Permissions::from_mode(0o700)).tempdir_in("/dev/shm")
    else {
        return;
    };
    if tool("stat", &["-f", "-c", "%T", text(memory.path())]).is_none_or(|kind| kind != b"tmpfs\n") {
        return;
    }
    job.both_nights();
    let (old, new) = (job.path("keys/press.identity"), job.path("keys/press-2.identity"));
    let rotate =
        ["keys", "rotate", text(&old), "--output", text(&new), "--from", MONDAY, "--to", "2028-12-31"];
    assert_eq!(pli(&rotate).code, 0);
    let opened = |lot: &str, identity: &Path| {
        let (toml, file) = (job.path("job.toml"), format!("{}-0001.pdf", &lot[1..]));
        let target = memory.path().join(&file);
        let ran = pli(&[
            "unseal",
            lot,
            "--json",
            "--job",
            text(&toml),
            "--to",
            text(memory.path()),
            "--identity",
            text(identity),
        ]);
        let bytes = fs_err::read(&target).ok();
        let _ = fs_err::remove_file(&target);
        (ran, bytes.is_some_and(|bytes| bytes.starts_with(b"%PDF-")))
    };
    // Another one's identity opens nothing, and uses nothing up.
    let (ran, is_open) = opened("M26327A", &job.path("keys/codes.identity"));
    assert!(ran.code >= 2 && !is_open, "{}", ran.stdout);
    // What was sealed to the old recipient opens with the new file, which holds both.
    let (ran, is_open) = opened("M26327A", &new);
    assert!(ran.code == 0 && is_open, "{}", ran.stdout);
    answers("unseal", &ran.stdout);
    // A lot that is sealed to the new recipient alone opens with the new file, and not with the old one.
    job.replace("job.toml", "keys/press.pub", "keys/press-2.pub");
    let reprinted = job.pli(
        "reprint",
        &["26327A\\000001", "--reason", "torn", "--destroyed-by", "A", "--witness", "B", "--date", MONDAY],
    );
    assert_eq!(reprinted.code, 0, "{}{}", reprinted.stdout, reprinted.stderr);
    let lots = job.names(&format!("out/{MONDAY}/mailers"));
    let again =
        lots.iter().find_map(|name| name.strip_suffix(".manifest.csv").filter(|lot| *lot != "26327A"));
    let lot = format!("M{}", again.expect("a reprint lot"));
    let (ran, is_open) = opened(&lot, &old);
    assert!(ran.code >= 2 && !is_open, "{}", ran.stdout);
    let (ran, is_open) = opened(&lot, &new);
    assert!(ran.code == 0 && is_open, "{}", ran.stdout);
}

#[test]
fn mailers_are_opened_in_memory_once_and_never_on_a_disk() {
    let job = TestJob::new();
    job.both_nights();
    let folder = job.path("");
    let unseal = |to: &Path, more: &[&str]| {
        let arguments = ["unseal", "M26327A", "--json", "--job", text(&folder), "--to", text(to)];
        pli(&[&arguments[..], more].concat())
    };
    let stat = |path: &Path| tool("stat", &["-f", "-c", "%T", text(path)]).map(|kind| kind == b"tmpfs\n");
    if stat(&folder) == Some(false) {
        assert_eq!(error(&unseal(&folder, &[])), (3, "unseal_disk".into()));
    }
    let Ok(memory) =
        tempfile::Builder::new().permissions(Permissions::from_mode(0o700)).tempdir_in("/dev/shm")
    else {
        return;
    };
    if stat(memory.path()) != Some(true) {
        return;
    }
    let ran = unseal(memory.path(), &["--by", "JD"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let opened = memory.path().join("26327A-0001.pdf");
    assert!(fs_err::read(&opened).unwrap().starts_with(b"%PDF-"));
    assert_eq!(ran.json()["files"][0]["file"], "26327A-0001.pdf.age");
    fs_err::remove_file(&opened).unwrap();
    assert_eq!(error(&unseal(memory.path(), &[])), (3, "unsealed_before".into()));
    assert!(!opened.exists());
    // The folder of the night is no way round the job, and the advice is the way above.
    let night = job.path("out/2026-11-23");
    let identity = job.path("keys/press.identity");
    let arguments =
        ["unseal", "M26327A", "--json", "--identity", text(&identity), "--to", text(memory.path())];
    let around = pli(&[&arguments[..], &["--folder", text(&night)]].concat());
    assert_eq!(error(&around), (3, "unseal_job".into()));
    assert!(around.json()["error"]["advice"].as_str().unwrap().contains("`--job`") && !opened.exists());
    let logged = job.names("audit").into_iter().find(|name| name.ends_with(".jsonl")).unwrap();
    let logged = job.read(&format!("audit/{logged}"));
    let openings = logged.lines().filter(|line| line.contains("\"act\":\"unseal\"")).count();
    assert!(openings >= 2, "openings have lines, refused ones too: {logged}");
    let letters = pli(&["unseal", "L26324A", "--json", "--job", text(&folder), "--to", "/dev/shm"]);
    assert_eq!(error(&letters), (2, "unseal_letters".into()));
}
