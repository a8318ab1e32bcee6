//! What nobody does alone: asked for, approved by votes that this test makes with a library of its own, done once.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePublicKey};
use ed25519_dalek::{Signer, SigningKey};
use pli::job::{KeyLocation, SigningProfile};
use pli::vault::new_signing_key;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::job::{FRIDAY, MONDAY, Ran, TORN, TestJob};
use crate::schemas::{answers, judged};
use crate::tools::{output, text};

const MAILERS: &str = "out/2026-11-23/mailers/26327A.manifest.csv";

/// A job of which two persons approve, beside the key of whoever asks.
pub fn office() -> TestJob {
    let job = TestJob::new();
    for name in ["asks", "first", "second"] {
        let file = KeyLocation::File(job.path(&format!("keys/{name}.pem")));
        new_signing_key(&file, SigningProfile::Ed25519).unwrap();
    }
    let toml = job.read("job.toml");
    job.write(
        "job.toml",
        &format!("{toml}\n[approvals]\nkeys = [\"keys/first.pub\", \"keys/second.pub\"]\n"),
    );
    job
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes that a request's signature covers; `serde_json` sorts keys, and all of it is ASCII.
fn signed_part(mut document: Value) -> Vec<u8> {
    document.as_object_mut().unwrap().remove("signature").unwrap();
    document.to_string().into_bytes()
}

/// Signs a request as another user of the system.
fn vote(job: &TestJob, request: &Path, name: &str, uid: u32) {
    let key = SigningKey::from_pkcs8_pem(&job.read(&format!("keys/{name}.pem"))).unwrap();
    let der = key.verifying_key().to_public_key_der().unwrap().into_vec();
    let document: Value = serde_json::from_slice(&fs_err::read(request).unwrap()).unwrap();
    let hash = hexadecimal(&Sha256::digest(signed_part(document)));
    let id = request.file_stem().unwrap().to_str().unwrap();
    assert!(hash.starts_with(id), "its name is the beginning of its hash");
    let mut ballot = json!({
        "at": "2026-11-23T08:00:00Z",
        "format": "pli-approval-vote-1",
        "key": STANDARD.encode(&der),
        "request": hash,
        "uid": uid,
        "user": name,
    });
    let signature = key.sign(ballot.to_string().as_bytes());
    ballot["signature"] = STANDARD.encode(signature.to_bytes()).into();
    let fingerprint = &hexadecimal(&Sha256::digest(&der))[..16];
    let file = format!("approvals/{id}.{fingerprint}.vote.json");
    job.write(&file, &ballot.to_string());
    // A vote counts where the user that it names wrote it.
    std::os::unix::fs::chown(job.path(&file), Some(uid), None).expect("tests of approvals run as root");
}

/// Whether the request in this file was used up.
fn used(job: &TestJob, file: &str) -> bool {
    job.path(&format!("approvals/{}.used", &file[..16])).exists()
}

/// Both approvers sign every request.
fn approve(job: &TestJob) {
    for name in job.names("approvals") {
        if name.len() == "0123456789abcdef.json".len() && name.ends_with(".json") {
            let request = job.path(&format!("approvals/{name}"));
            vote(job, &request, "first", 4001);
            vote(job, &request, "second", 4002);
        }
    }
}

/// Runs a command that asks with a key.
fn ask(job: &TestJob, command: &str, arguments: &[&str]) -> Ran {
    let key = job.path("keys/asks.pem");
    job.pli(command, &[arguments, &["--key", text(&key)]].concat())
}

/// Runs a command as often as it needs approvals, and returns its last answer with how often it was refused.
fn approved(job: &TestJob, command: &str, arguments: &[&str]) -> (Ran, usize) {
    for refused in 0..4 {
        let ran = ask(job, command, arguments);
        if ran.code != 3 {
            return (ran, refused);
        }
        needs_approval(&ran);
        approve(job);
    }
    panic!("{command} is refused again and again");
}

fn needs_approval(ran: &Ran) {
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (3, &"approval_needed".into()), "{}", ran.stdout);
}

/// Both nights, approved; the Monday prints mailers.
fn printed(job: &TestJob) {
    let (friday, refused) = approved(job, "run", &["--date", FRIDAY, "--prove", "none"]);
    assert_eq!((friday.code, refused), (1, 1), "{}", friday.stdout);
    clear_inbox(job);
    let (monday, _) = approved(job, "run", &["--date", MONDAY, "--prove", "none"]);
    assert!(monday.code <= 1, "{}", monday.stdout);
}

#[test]
fn templates_and_keys_are_approved_before_production_uses_them() {
    let job = office();
    let unsigned = job.run(FRIDAY, &["--prove", "none"]);
    needs_approval(&unsigned);
    assert!(!job.path("approvals").exists(), "nobody signed a request");
    let asked = ask(&job, "run", &["--date", FRIDAY, "--prove", "none"]);
    needs_approval(&asked);
    assert!(!job.path("out/2026-11-20").exists() && !asked.stdout.contains("PRIVATE"));
    let request = job.names("approvals").remove(0);
    let document: Value = serde_json::from_str(&job.read(&format!("approvals/{request}"))).unwrap();
    assert_eq!(document["subject"]["act"], "first_use");
    let hashes = document["subject"]["hashes"].as_object().unwrap();
    assert!(hashes.contains_key("letter template") && hashes.contains_key("job"), "{hashes:?}");
    let id = &request[..16];
    let shown = job.pli("approve", &["show", id]);
    assert_eq!((shown.code, &shown.json()["missing"]), (0, &2.into()), "{}", shown.stderr);
    answers("request-shown", &shown.stdout);
    judged(&[("approval-request", &job.path(&format!("approvals/{request}")))]);
    // Nothing is signed unread, and never by the user who asked.
    let key = job.path("keys/first.pem");
    let unread = job.pli("approve", &["sign", id, "--key", text(&key)]);
    assert_eq!((unread.code, job.names("approvals").len()), (1, 1));
    let hash = shown.json()["hash"].as_str().unwrap().to_owned();
    let own = job.pli("approve", &["sign", id, "--hash", &hash, "--key", text(&key)]);
    assert_eq!((own.code, &own.json()["error"]["code"]), (3, &"approval_refused".into()), "{}", own.stdout);
    // Another user signs.
    let file = job.path("job.toml");
    let sign = ["approve", text(&file), "--json", "sign", id, "--hash", &hash, "--key", text(&key)];
    if let Some(signed) =
        output("setpriv", &[&["--ruid", "4001", env!("CARGO_BIN_EXE_pli")], &sign[..]].concat())
    {
        let said = String::from_utf8_lossy(&signed.stdout);
        assert!(signed.status.success(), "{said}");
        answers("request-signed", &said);
        let votes = job.names("approvals").into_iter().filter(|name| name.ends_with(".vote.json"));
        let votes: Vec<_> = votes.map(|name| job.path(&format!("approvals/{name}"))).collect();
        judged(&[("approval-vote", &votes[0])]);
        fs_err::remove_file(&votes[0]).unwrap();
    }
    approve(&job);
    let listed = job.pli("approve", &["list"]);
    answers("requests", &listed.stdout);
    assert_eq!(listed.json()["requests"][0]["approved"], true);
    let done = ask(&job, "run", &["--date", FRIDAY, "--prove", "none"]);
    assert_eq!(done.code, 1, "{}", done.stdout);
    assert_eq!(job.pli("approve", &["list"]).json()["requests"][0]["used"], true);
    job.assert_sound();
    // A press key that production has not used.
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    fs_err::remove_file(job.path("reissues.csv")).unwrap();
    fs_err::copy(job.path("keys/codes.pub"), job.path("keys/press.pub")).unwrap();
    needs_approval(&ask(&job, "run", &["--date", MONDAY, "--prove", "none"]));
}

/// Takes away the records of the Friday, which are printed.
fn clear_inbox(job: &TestJob) {
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    fs_err::remove_file(job.path("reissues.csv")).unwrap();
}

#[test]
fn shares_and_rehearsals_use_only_what_production_knows() {
    let job = office();
    let unasked = |date: &str, more: &[&str]| {
        ask(&job, "run", &[&["--date", date, "--prove", "none"][..], more].concat())
    };
    for more in [["--shard", "1/1"].as_slice(), &["--dry-run"]] {
        let refused = unasked(FRIDAY, more);
        needs_approval(&refused);
        assert!(refused.stdout.contains("letter template"), "{}", refused.stdout);
    }
    let (friday, _) = approved(&job, "run", &["--date", FRIDAY, "--prove", "none"]);
    assert_eq!(friday.code, 1, "{}", friday.stdout);
    clear_inbox(&job);
    fs_err::copy(job.path("keys/codes.pub"), job.path("keys/press.pub")).unwrap();
    for more in [["--shard", "1/1"].as_slice(), &["--dry-run"]] {
        let refused = unasked(MONDAY, more);
        needs_approval(&refused);
        assert!(refused.stdout.contains("press key"), "{}", refused.stdout);
    }
    let files = job.files();
    let mut sealed = files.iter().map(|file| text(file)).filter(|file| file.ends_with(".pdf.age"));
    assert!(sealed.all(|file| file.contains(FRIDAY)), "nothing was sealed to a key that nobody approved");
    // What is advised: the night is run whole, and asks.
    let (monday, refused) = approved(&job, "run", &["--date", MONDAY, "--prove", "none"]);
    assert!(monday.code <= 1 && refused == 1, "{}", monday.stdout);
    let known = job.twin();
    assert!(known.run("2026-11-24", &["--dry-run"]).code <= 1, "a rehearsal with what is known");
    assert_eq!(known.run("2026-11-24", &["--shard", "1/1"]).code, 0, "a share with what is known");
}

#[test]
fn a_mailer_is_printed_again_once_for_exactly_what_was_approved() {
    let job = office();
    printed(&job);
    let mailer = job.table(MAILERS)[0]["piece_id"].clone();
    let reprint =
        |reason| ask(&job, "reprint", &[&[mailer.as_str(), "--reason", reason], &TORN[2..]].concat());
    needs_approval(&reprint("torn"));
    let id =
        job.names("approvals").into_iter().find(|name| !name.contains("vote") && !used(&job, name)).unwrap();
    approve(&job);
    needs_approval(&reprint("wet"));
    let done = reprint("torn");
    assert_eq!(done.code, 0, "{}", done.stdout);
    let day = job.names("audit").into_iter().find(|name| name.ends_with(".jsonl")).unwrap();
    let log = job.read(&format!("audit/{day}"));
    let under = |outcome: &str| {
        let named = |line: &&str| line.contains(outcome) && line.contains(&format!("\"{}\"", &id[..16]));
        log.lines().filter(named).count()
    };
    assert_eq!((under("\"refused\""), under("\"done\"")), (1, 1), "{id}: {log}");
    // A recall of a letter takes none, of a mailer it does.
    let recall = |piece: &str| ask(&job, "recall", &[piece, "--reason", "wrong address", "--date", MONDAY]);
    needs_approval(&recall(&format!("{mailer}.1")));
    approve(&job);
    assert_eq!(recall(&format!("{mailer}.1")).code, 0);
    // And so does a purge.
    needs_approval(&ask(&job, "ledger", &["purge"]));
    assert_ne!(ask(&job, "ledger", &["purge", "--dry-run"]).code, 3);
}

#[test]
fn a_mailer_run_that_was_cut_goes_on_once_approved() {
    let job = office();
    approved(&job, "run", &["--date", FRIDAY, "--prove", "none"]);
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    fs_err::remove_file(job.path("reissues.csv")).unwrap();
    let left = job.path("out/.staging-2026-11-23/mailers");
    fs_err::create_dir_all(&left).unwrap();
    fs_err::write(left.join("26327A-0001.pdf.age"), "half").unwrap();
    let cut = ask(&job, "run", &["--date", MONDAY, "--prove", "none"]);
    needs_approval(&cut);
    assert!(cut.stdout.contains("was cut"), "{}", cut.stdout);
    assert!(left.exists(), "what was cut stays until it is approved");
    let (done, _) = approved(&job, "run", &["--date", MONDAY, "--prove", "none"]);
    assert!(done.code <= 1 && !left.exists(), "{}", done.stdout);
    job.assert_sound();
}

#[test]
fn a_share_of_mailers_that_was_cut_is_made_again_once_approved() {
    let job = office();
    approved(&job, "run", &["--date", FRIDAY, "--prove", "none"]);
    clear_inbox(&job);
    let share = |which: &str| ask(&job, "run", &["--date", MONDAY, "--prove", "none", "--shard", which]);
    let attempt = |which: &str| job.path(&format!("out/.shares-{MONDAY}/.{which}.1"));
    let [left, at_work] = ["1-of-2", "2-of-2"].map(attempt);
    for folder in [&left, &at_work] {
        fs_err::create_dir_all(folder.join("mailers")).unwrap();
        fs_err::write(folder.join("mailers/26327A-0001.pdf.age"), "half").unwrap();
    }
    // Another machine makes the second share.
    let lock = std::fs::File::create(job.path(&format!("out/.shares-{MONDAY}/.2-of-2.1.lock"))).unwrap();
    lock.lock().unwrap();
    let cut = share("1/2");
    needs_approval(&cut);
    assert!(cut.stdout.contains("was cut") && cut.stdout.contains("pli merge"), "{}", cut.stdout);
    assert!(cut.stdout.contains("and 1 file of theirs"), "one that is at work is not cut: {}", cut.stdout);
    assert!(left.exists(), "what was cut stays until it is approved");
    // What is advised, followed.
    let merge = || ask(&job, "merge", &["--date", MONDAY]);
    needs_approval(&merge());
    assert_eq!(asked_for(&job, "resume_mailers").len(), 1);
    approve(&job);
    let missing = merge();
    assert_eq!(
        (missing.code, &missing.json()["error"]["code"]),
        (3, &"shares_missing".into()),
        "{}",
        missing.stdout
    );
    assert!(!left.exists() && at_work.exists());
    drop(lock);
    fs_err::remove_dir_all(&at_work).unwrap();
    for which in ["1/2", "2/2"] {
        let made = share(which);
        assert_eq!(made.code, 0, "{}", made.stdout);
    }
    let merged = merge();
    assert!(merged.code <= 1, "{}", merged.stdout);
    job.assert_sound();
}

/// The number of the user that runs this test.
fn own_user() -> String {
    let status = fs_err::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("Uid:")).unwrap();
    line.split_whitespace().next().unwrap().to_owned()
}

#[test]
fn a_user_asks_with_the_key_that_the_job_ties_to_him() {
    let job = office();
    let toml = job.read("job.toml");
    job.write("job.toml", &format!("{toml}\n[roles.keys]\n\"{}\" = \"keys/asks.pem\"\n", own_user()));
    let key = job.path("keys/first.pem");
    let other = job.run(FRIDAY, &["--prove", "none", "--key", text(&key)]);
    assert_eq!((other.code, &other.json()["error"]["code"]), (3, &"approval_key".into()), "{}", other.stdout);
    needs_approval(&job.run(FRIDAY, &["--prove", "none"]));
    approve(&job);
    assert_eq!(job.run(FRIDAY, &["--prove", "none"]).code, 1);
}

#[test]
fn letters_and_mailers_have_operators_of_their_own() {
    let job = TestJob::new();
    let own = own_user();
    let toml = job.read("job.toml");
    job.write("job.toml", &format!("{toml}\n[roles]\nletters = [\"{own}\"]\nmailers = [\"4001\"]\n"));
    let code = |ran: Ran| (ran.code, ran.json()["error"]["code"].as_str().map(str::to_owned));
    assert_eq!(code(job.run(FRIDAY, &[])), (2, Some("roles_need_only".to_owned())));
    assert_eq!(code(job.run(FRIDAY, &["--only", "mailers"])), (3, Some("wrong_user".to_owned())));
    assert_eq!(job.run(FRIDAY, &["--only", "letters", "--prove", "none"]).code, 1);
    // Nor does the operator of the letters open mailers at the press.
    let folder = job.path("");
    let unseal =
        || crate::job::pli(&["unseal", "M26324A", "--json", "--job", text(&folder), "--to", "/dev/shm"]);
    assert_eq!(code(unseal()), (3, Some("wrong_user".to_owned())));
    let toml = job.read("job.toml");
    let swapped = toml.replace("mailers = [\"4001\"]", &format!("mailers = [\"{own}\"]"));
    job.write("job.toml", &swapped.replace(&format!("letters = [\"{own}\"]"), "letters = [\"4001\"]"));
    assert_ne!(code(unseal()).1, Some("wrong_user".to_owned()));
}

/// The pieces of the requests for an act, one list each.
fn asked_for(job: &TestJob, act: &str) -> Vec<Value> {
    let names = job.names("approvals").into_iter();
    let requests = names.filter(|name| name.ends_with(".json") && !name.contains("vote"));
    let requests = requests.map(|name| {
        let text = job.read(&format!("approvals/{name}"));
        serde_json::from_str::<Value>(&text).unwrap()["subject"].clone()
    });
    requests.filter(|subject| subject["act"] == act).map(|subject| subject["pieces"].clone()).collect()
}

#[test]
fn more_codes_sent_again_than_the_job_allows_are_approved_for_exactly_these_records() {
    let job = office();
    let toml = job.read("job.toml");
    job.write("job.toml", &toml.replace("[approvals]\n", "[approvals]\ncodes_reissues = 0\n"));
    printed(&job);
    let asked = asked_for(&job, "many_reissues");
    assert!(!asked.is_empty(), "the fixture sends codes again");
    let records = asked[0].as_array().unwrap();
    assert!(records.iter().all(|record| record.as_str().unwrap().contains("cards.csv:")), "{records:?}");
    job.assert_sound();
}

#[test]
fn a_piece_that_passed_twice_is_accepted_once_approved() {
    let job = office();
    let (friday, _) = approved(&job, "run", &["--date", FRIDAY, "--only", "letters", "--prove", "none"]);
    assert_eq!(friday.code, 1, "{}", friday.stdout);
    let letter = &job.table("out/2026-11-20/letters/26324A.manifest.csv")[4];
    let (id, card) = (letter["piece_id"].as_str(), letter["card_number"].as_str());
    let reads =
        format!("read_at,value,position\n2026-11-23T09:00:00,{card},1\n2026-11-23T09:00:09,{card},9\n");
    job.write("camera.csv", &reads);
    let reconciled = job.pli("reconcile", &[text(&job.path("camera.csv")), "--lot", "L26324A"]);
    assert_eq!(reconciled.json()["duplicate"][0], id, "{}", reconciled.stdout);
    let accept = ["--lot", "L26324A", "--accept", id, "--reason", "one envelope, fed twice"];
    needs_approval(&ask(&job, "reconcile", &accept));
    let first = asked_for(&job, "accept_duplicates").remove(0);
    let named = |piece: &Value| {
        let piece = piece.as_str().unwrap();
        piece.starts_with(&format!("{id} duplicate ")) && piece.contains("camera.csv:")
    };
    assert!(first.as_array().unwrap().iter().all(named) && first[0].is_string(), "{first}");
    approve(&job);
    // Another report, with another double of the piece, is not what was approved.
    let more =
        format!("read_at,value,position\n2026-11-23T10:00:00,{card},11\n2026-11-23T10:00:09,{card},19\n");
    job.write("more.csv", &more);
    let report = job.path("more.csv");
    needs_approval(&ask(&job, "reconcile", &[&[text(&report)][..], &accept[..]].concat()));
    let asked = asked_for(&job, "accept_duplicates");
    assert!(asked.len() == 2 && asked[0] != asked[1], "it is another request: {asked:?}");
    approve(&job);
    let accepted = ask(&job, "reconcile", &accept);
    assert!(accepted.code <= 1, "{}", accepted.stdout);
    assert_eq!(accepted.json()["duplicate"], json!([]));
}

#[test]
fn a_key_of_the_job_is_followed_or_retired_once_two_persons_approve() {
    let job = office();
    let (key, next) = (job.path("keys/signing.pem"), job.path("keys/signing-2.pem"));
    let (asks, file) = (job.path("keys/asks.pem"), job.path("job.toml"));
    let run = |arguments: &[&str]| {
        crate::job::pli(&[&["keys"], arguments, &["--key", text(&asks), "--json"]].concat())
    };
    let approved = |arguments: &[&str]| {
        let refused = run(arguments);
        needs_approval(&refused);
        approve(&job);
        let done = run(arguments);
        assert_eq!(done.code, 0, "{}", done.stdout);
        done.json()
    };
    let rotate = ["rotate", text(&key), "--output", text(&next), "--from", MONDAY, "--to", "2028-12-31"];
    needs_approval(&run(&rotate));
    assert!(!next.exists() && !job.path("keys/register.toml").exists(), "nothing was done");
    approve(&job);
    let other = ["rotate", text(&key), "--output", text(&next), "--from", MONDAY, "--to", "2029-12-31"];
    needs_approval(&run(&other));
    assert_eq!(run(&rotate).json()["new"]["valid_to"], "2028-12-31");
    let retired = approved(&["retire", text(&key), "--from", MONDAY]);
    assert_eq!(retired["retired_from"], MONDAY);
    answers("key", &retired.to_string());
    let recipient = job.read("keys/press.pub").trim().to_owned();
    assert_eq!(approved(&["retire", &recipient, "--from", MONDAY, "--job", text(&file)])["kind"], "age");
    // A key that belongs to no job asks nobody.
    let elsewhere = tempfile::tempdir().unwrap();
    let own = elsewhere.path().join("own.pem");
    new_signing_key(&KeyLocation::File(own.clone()), SigningProfile::Ed25519).unwrap();
    assert_eq!(run(&["retire", text(&own), "--from", MONDAY]).code, 0);
    // Its register might be a job's from then on.
    let unnamed = run(&["retire", text(&own), "--from", FRIDAY]);
    assert_eq!(
        (unnamed.code, &unnamed.json()["error"]["code"]),
        (2, &"key_job".into()),
        "{}",
        unnamed.stdout
    );
    needs_approval(&run(&["retire", text(&own), "--from", FRIDAY, "--job", text(&file)]));
}

#[test]
fn no_path_to_a_key_goes_round_its_job() {
    let job = office();
    let asks = job.path("keys/asks.pem");
    let retire = |key: &Path| {
        crate::job::pli(&["keys", "retire", text(key), "--from", MONDAY, "--key", text(&asks), "--json"])
    };
    let lines = || {
        let days = job.names("audit").into_iter().filter(|name| name.ends_with(".jsonl"));
        days.map(|day| job.read(&format!("audit/{day}")).lines().count()).sum::<usize>()
    };
    needs_approval(&retire(&job.path("keys/signing.pub")));
    let elsewhere = tempfile::tempdir().unwrap();
    fs_err::create_dir_all(job.path("keys/sub")).unwrap();
    let (link, of_key) = (elsewhere.path().join("link"), job.path("keys/moved.pub"));
    std::os::unix::fs::symlink(job.path("keys"), &link).unwrap();
    fs_err::copy(job.path("keys/signing.pub"), elsewhere.path().join("signing.pub")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("signing.pub"), &of_key).unwrap();
    for (key, known) in
        [job.path("keys/sub/../signing.pub"), link.join("signing.pub"), of_key].iter().zip(1..)
    {
        needs_approval(&retire(key));
        assert_eq!(lines(), known + 1, "{} has its line", key.display());
    }
    // A job file of another name.
    fs_err::rename(job.path("job.toml"), job.path("production.toml")).unwrap();
    needs_approval(&retire(&job.path("keys/signing.pub")));
    assert_eq!(lines(), 5);
    // Two jobs in one folder: which of them is meant?
    fs_err::copy(job.path("production.toml"), job.path("other.toml")).unwrap();
    let unnamed = retire(&job.path("keys/signing.pub"));
    assert_eq!(
        (unnamed.code, &unnamed.json()["error"]["code"]),
        (2, &"key_job".into()),
        "{}",
        unnamed.stdout
    );
    assert!(!job.path("keys/register.toml").exists(), "nothing was done");
}
