//! Dates, successors and ends of keys: what a night obeys, and what a verifier makes of it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::job::{FRIDAY, MONDAY, Ran, TestJob, pli, program};
use crate::killing::Killer;
use crate::schemas::{answers, judged};
use crate::tools::{pdf_text, python, text, tool};

/// Reads a private key with python's cryptography and prints its kind.
const READ_KEY: &str = r#"
import sys
try:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
except ImportError:
    sys.exit(77)
key = load_pem_private_key(open(sys.argv[1], "rb").read(), None)
print(type(key).__name__)
"#;

fn keys(arguments: &[&str]) -> Ran {
    pli(&[&["keys"], arguments, &["--json"]].concat())
}

fn error(ran: &Ran, code: &str) -> String {
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (2, &Value::from(code)), "{}", ran.stdout);
    format!("{} {}", ran.json()["error"]["message"], ran.json()["error"]["advice"])
}

/// The blocks of a night's letters.
fn blocks(job: &TestJob, night: &str) -> Vec<String> {
    let folder = format!("out/{night}/letters");
    let manifest = job.names(&folder).into_iter().find(|name| name.ends_with(".manifest.csv")).unwrap();
    job.table(&format!("{folder}/{manifest}"))
        .iter()
        .map(|row: &BTreeMap<_, String>| row["twoddoc"].clone())
        .collect()
}

/// Writes the public half of a key with its days into the trust folder.
fn trust(job: &TestJob, key: &str, name: &str) {
    let exported = pli(&["keys", "export", text(&job.path(key)), "--id", "FR00/0001"]);
    assert_eq!(exported.code, 0, "{}", exported.stderr);
    fs_err::create_dir_all(job.path("trust")).unwrap();
    job.write(&format!("trust/{name}.pem"), &exported.stdout);
}

/// The status and the reason of a block.
fn verdict(job: &TestJob, block: &str) -> (String, String) {
    let said = pli(&["verify", "--trust", text(&job.path("trust")), "--json", block]).json();
    let of = |name: &str| said["signature"][name].as_str().unwrap_or_default().to_owned();
    (of("status"), of("reason"))
}

fn alerts(report: &Value) -> Vec<&str> {
    let alerts = report["alerts"].as_array().map(Vec::as_slice).unwrap_or_default();
    alerts.iter().filter_map(|alert| alert["code"].as_str()).collect()
}

/// A job whose signing key has these days.
fn dated(from: &str, to: &str) -> TestJob {
    let job = TestJob::new();
    let key = job.path("keys/dated.pem");
    let made = keys(&["new", "signing", "--output", text(&key), "--from", from, "--to", to]);
    assert_eq!((made.code, &made.json()["valid_to"]), (0, &Value::from(to)), "{}", made.stderr);
    job.replace("job.toml", "keys/signing.pem", "keys/dated.pem");
    job
}

#[test]
fn a_night_obeys_the_dates_of_its_key_and_tells_of_them_30_days_before() {
    let job = dated("2026-11-21", "2026-12-10");
    let listed = keys(&["list", text(&job.path("keys"))]).json();
    let of_key = listed.as_array().unwrap().iter().find(|key| key["valid_from"] == "2026-11-21");
    let fingerprint = of_key.unwrap()["fingerprint"].as_str().unwrap().to_owned();
    assert_eq!(listed.as_array().unwrap().iter().filter(|key| key["valid_to"].is_string()).count(), 1);

    for command in ["run", "check"] {
        let said = error(&job.pli(command, &["--date", FRIDAY]), "key_not_yet_valid");
        assert!(said.contains("2026-11-21") && said.contains("signing.key"), "{said}");
    }
    assert!(!job.path("out/2026-11-20").exists());
    // Days are written by hand, too.
    job.replace("keys/register.toml", "valid_from = \"2026-11-21\"", "valid_from = \"2026-11-20\"");
    job.replace("keys/register.toml", "valid_to = \"2026-12-10\"", "valid_to = \"2026-11-19\"");
    let said = error(&job.pli("run", &["--date", FRIDAY]), "key_invalid");
    assert!(said.contains("`valid_to` is before `valid_from`"), "{said}");
    job.replace("keys/register.toml", "valid_from = \"2026-11-20\"", "valid_from = \"2026-11-01\"");
    let said = error(&job.pli("run", &["--date", FRIDAY]), "key_expired");
    assert!(said.contains("2026-11-19") && said.contains("`pli keys rotate`"), "{said}");

    job.replace("keys/register.toml", "valid_to = \"2026-11-19\"", "valid_to = \"2026-12-20\"");
    let dry = job.run(FRIDAY, &["--dry-run"]);
    assert!(alerts(&dry.json()).contains(&"key_ends_soon"), "30 days before: {}", dry.stdout);
    job.replace("keys/register.toml", "valid_to = \"2026-12-20\"", "valid_to = \"2026-12-21\"");
    let dry = job.run(FRIDAY, &["--dry-run"]);
    assert!(!alerts(&dry.json()).contains(&"key_ends_soon"), "31 days before: {}", dry.stdout);
    job.replace("keys/register.toml", "valid_to = \"2026-12-21\"", "valid_to = \"2026-12-10\"");
    let friday = job.run(FRIDAY, &[]);
    assert_eq!(friday.code, 1, "{}", friday.stderr);
    assert!(alerts(&friday.json()).contains(&"key_ends_soon"), "{}", friday.stdout);
    assert!(friday.stderr.contains("20 days are left"), "{}", friday.stderr);
    let report: Value = serde_json::from_str(&job.read("out/2026-11-20/run.json")).unwrap();
    assert!(alerts(&report).contains(&"key_ends_soon"), "{report}");
    let Some(pages) = pdf_text(&job.path("out/2026-11-20/letters/26324A.work-order.pdf")) else { return };
    let told = pages[0].lines().find(|line| line.contains("renouveler")).expect("on the work order");
    assert!(told.contains(&fingerprint) && told.contains("jeudi 10 décembre 2026"), "{told}");
}

#[test]
fn a_key_is_followed_by_another_and_both_verify_what_they_signed() {
    let job = TestJob::new();
    let (old, new) = (job.path("keys/signing.pem"), job.path("keys/signing-2.pem"));
    let before = job.read("keys/signing.pem");
    let rotate = ["rotate", text(&old), "--output", text(&new), "--from", MONDAY, "--to", "2028-12-31"];
    let rotated = keys(&rotate);
    assert_eq!(rotated.code, 0, "{}", rotated.stdout);
    answers("rotated-key", &rotated.stdout);
    judged(&[("key-register", &job.path("keys/register.toml"))]);
    let said = rotated.json();
    assert_eq!(
        (&said["old"]["valid_to"], &said["new"]["valid_from"]),
        (&"2026-11-22".into(), &MONDAY.into())
    );
    assert_eq!(said["job_line"], "[signing] key = \"keys/signing-2.pem\"");
    assert_eq!(job.read("keys/signing.pem"), before, "the old key stays as it is");
    let again = error(&keys(&rotate), "key_invalid");
    assert!(again.contains("never overwritten"), "{again}");
    let disorder = ["rotate", text(&old), "--output", "x.pem", "--from", MONDAY, "--to", FRIDAY];
    error(&keys(&disorder), "key_dates");

    let later = job.twin();
    let friday = job.run(FRIDAY, &[]);
    assert!(friday.code == 1 && alerts(&friday.json()).contains(&"key_ends_soon"), "{}", friday.stdout);
    let said = error(&later.run(MONDAY, &["--only", "letters"]), "key_expired");
    assert!(said.contains("keys/signing-2.pem"), "it names the successor: {said}");
    later.replace("job.toml", "keys/signing.pem", "keys/signing-2.pem");
    let monday = later.run(MONDAY, &["--only", "letters"]);
    assert!(monday.code <= 1, "{}", monday.stdout);

    trust(&job, "keys/signing.pem", "old");
    trust(&job, "keys/signing-2.pem", "new");
    for (of, night) in [(&job, FRIDAY), (&later, MONDAY)] {
        // Two keys of one id: the days say which of them signs.
        for block in blocks(of, night) {
            let (status, reason) = verdict(&job, &block);
            assert_eq!(status, "valid", "{night}: {reason}");
        }
        let folder = of.path(&format!("out/{night}"));
        let proved = pli(&["prove", text(&folder), "--trust", text(&job.path("trust")), "--json"]);
        assert_eq!(proved.code, 0, "{night}: {}", proved.stdout);
    }
    tool("openssl", &["pkey", "-in", text(&new), "-noout", "-check"]);
    if let Some(kind) = python("cryptography", &["-c", READ_KEY, text(&new)]) {
        assert_eq!(kind.trim(), "Ed25519PrivateKey");
    }
}

/// Kills a rotation at every `step`-th change that it makes. No key without dates is ever used, and the same command finishes it.
fn a_killed_rotation_is_finished(step: usize, old: &str, new: &str, used: [&str; 2], only: &str) {
    let Some(killer) = Killer::new() else { return };
    let made = TestJob::new();
    let (mut unfinished, mut taken) = (0, 0);
    Killer::sweep(step, |change| {
        let job = made.twin();
        let (old, new) = (job.path(old), job.path(new));
        let rotate =
            ["keys", "rotate", text(&old), "--output", text(&new), "--from", MONDAY, "--to", "2028-12-31"];
        let is_cut = killer.kills(program().args(rotate), change);
        let key = fs_err::read(&new).ok();
        if is_cut {
            // The Friday is before the first day of the new key, whatever the rotation has written so far.
            let other = job.twin();
            other.replace("job.toml", used[0], used[1]);
            let night = other.run(FRIDAY, &["--only", only, "--dry-run"]);
            let code = night.json()["error"]["code"].as_str().unwrap_or_default().to_owned();
            let told = ["key_unreadable", "key_rotation_unfinished", "key_not_yet_valid"];
            // A file of identities holds the old one, too, which opens what was sealed to it.
            let opens = only == "mailers"
                && night.code <= 1
                && !other.read("keys/register.toml").contains("following");
            let is_refused = night.code == 2 && told.contains(&&*code);
            assert!(is_refused || opens, "change {change}: {} {}", night.code, night.stdout);
            unfinished += u32::from(code == "key_rotation_unfinished");
        }
        let again = pli(&rotate);
        let complete = again.code == 2 && again.stderr.contains("never overwritten");
        assert!(again.code == 0 || complete, "change {change}: {}", again.stderr);
        taken += u32::from(again.code == 0 && key.is_some());
        assert!(key.is_none_or(|key| key == fs_err::read(&new).unwrap()), "the key that was made is taken");
        assert!(new.with_extension("pub").exists(), "change {change}: the public half");
        let register = job.read("keys/register.toml");
        let listed = keys(&["list", text(&new)]).json();
        assert_eq!(
            (&listed[0]["valid_from"], &listed[0]["valid_to"]),
            (&MONDAY.into(), &"2028-12-31".into()),
            "{register}"
        );
        assert!(!register.contains("following"), "change {change}: {register}");
        is_cut
    });
    assert!(unfinished > 0 && taken > 0, "{unfinished} {taken}");
}

#[test]
fn a_rotation_that_is_killed_is_finished_by_the_same_command() {
    let used = ["keys/signing.pem", "keys/signing-2.pem"];
    a_killed_rotation_is_finished(1, used[0], used[1], used, "letters");
    let (old, new) = ("keys/codes.identity", "keys/codes-2.identity");
    a_killed_rotation_is_finished(2, old, new, [old, new], "mailers");
}

#[test]
fn a_rotation_that_is_refused_leaves_the_register_as_it_was() {
    let job = TestJob::new();
    let (old, there) = (job.path("keys/signing.pem"), job.path("keys/press.identity"));
    let rotate = ["rotate", text(&old), "--output", text(&there), "--from", MONDAY, "--to", "2028-12-31"];
    let said = error(&keys(&rotate), "key_invalid");
    assert!(said.contains("never overwritten"), "{said}");
    assert!(!job.read("keys/register.toml").contains("[[key]]"), "{}", job.read("keys/register.toml"));
}

#[test]
fn a_retired_key_signs_no_more_and_verifies_what_it_signed_in_time() {
    let job = TestJob::new();
    let (late, fresh) = (job.twin(), job.twin());
    let friday = job.run(FRIDAY, &[]);
    assert_eq!(friday.code, 1, "{}", friday.stderr);
    // The same key signs on the Monday, for somebody who does not know the register.
    let monday = late.run(MONDAY, &["--only", "letters"]);
    assert!(monday.code <= 1, "{}", monday.stdout);
    trust(&job, "keys/signing.pem", "bureau");
    assert_eq!(verdict(&job, &blocks(&late, MONDAY)[0]).0, "valid", "not retired yet");

    let key = job.path("keys/signing.pem");
    let retired = keys(&["retire", text(&key), "--from", MONDAY]);
    assert_eq!((retired.code, &retired.json()["retired_from"]), (0, &MONDAY.into()), "{}", retired.stdout);
    assert_eq!(keys(&["retire", text(&key), "--from", MONDAY]).code, 0, "twice is once");
    let public = job.path("keys/signing.pub");
    let off = error(&keys(&["retire", text(&public), "--from", "2027-01-01"]), "key_retired");
    assert!(off.contains(MONDAY), "{off}");

    trust(&job, "keys/signing.pem", "bureau");
    assert!(
        job.read("trust/bureau.pem").starts_with("2D-DOC: FR00/0001\n2D-DOC until: 2026-11-22\n-----BEGIN")
    );
    tool("openssl", &["pkey", "-pubin", "-in", text(&job.path("trust/bureau.pem")), "-noout"]);
    let (status, reason) = verdict(&job, &blocks(&job, FRIDAY)[0]);
    assert_eq!(status, "valid", "{reason}");
    let (status, reason) = verdict(&job, &blocks(&late, MONDAY)[0]);
    assert!(status == "invalid" && reason.contains("signed until 2026-11-22 only"), "{status}: {reason}");
    let prove = |job: &TestJob, night: &str, trust: &TestJob| {
        pli(&[
            "prove",
            text(&job.path(&format!("out/{night}"))),
            "--trust",
            text(&trust.path("trust")),
            "--json",
        ])
    };
    assert_eq!(prove(&job, FRIDAY, &job).code, 0);
    let refused = prove(&late, MONDAY, &job);
    assert!(refused.code == 1 && refused.stdout.contains("signed until"), "{}", refused.stdout);

    fs_err::copy(job.path("keys/register.toml"), fresh.path("keys/register.toml")).unwrap();
    for night in [FRIDAY, MONDAY] {
        // A date before the end lifts nothing, once that day has come.
        let said = error(&fresh.run(night, &["--only", "letters"]), "key_retired");
        assert!(said.contains("rotate"), "{said}");
    }
    let log = job
        .names("audit")
        .into_iter()
        .filter(|name| name.ends_with(".jsonl"))
        .map(|name| job.read(&format!("audit/{name}")));
    let log: String = log.collect();
    assert!(
        log.contains("keys retire")
            && log.contains("key=signing.pem")
            && log.contains(&format!("from={MONDAY}")),
        "{log}"
    );
}

#[test]
fn a_retirement_that_a_hand_takes_out_of_the_register_is_noticed() {
    let job = TestJob::new();
    let key = job.path("keys/signing.pem");
    assert_eq!(keys(&["retire", text(&key), "--from", MONDAY]).code, 0);
    let register = job.read("keys/register.toml");
    let retired = format!("retired_from = \"{MONDAY}\"");
    assert_eq!(job.pli("audit", &[]).code, 0);
    let later = register.replace(&retired, "retired_from = \"2031-01-01\"");
    for (text_of, words) in
        [(register.replace(&retired, ""), "does not retire it"), (later, "from 2031-01-01 on only")]
    {
        job.write("keys/register.toml", &text_of);
        let night = job.run(MONDAY, &["--only", "letters"]);
        let said = &night.json()["error"];
        assert_eq!((night.code, &said["code"]), (3, &"key_retirement_undone".into()), "{}", night.stdout);
        assert!(said["message"].as_str().unwrap().contains(words), "{said}");
        let audit = job.pli("audit", &[]);
        let fault = &audit.json()["faults"][0];
        assert_eq!((audit.code, &fault["kind"]), (3, &"unretired".into()), "{}", audit.stdout);
        assert!(fault["message"].as_str().unwrap().contains(words), "{fault}");
    }
    fs_err::remove_file(job.path("keys/register.toml")).unwrap();
    assert_eq!(job.run(MONDAY, &["--only", "letters"]).code, 3, "without any register");
    // What the advice says: the register of before, or the retirement once more.
    assert_eq!(keys(&["retire", text(&key), "--from", MONDAY]).code, 0);
    assert_eq!(job.pli("audit", &[]).code, 0);
    error(&job.run(MONDAY, &["--only", "letters"]), "key_retired");
    job.write("keys/register.toml", &register);
    assert_eq!(job.pli("audit", &[]).code, 0);
    // An earlier day than the log's is nobody's to complain of.
    job.write("keys/register.toml", &register.replace(&retired, &format!("retired_from = \"{FRIDAY}\"")));
    assert_eq!(job.pli("audit", &[]).code, 0);
}

#[test]
fn a_retired_key_of_press_or_codes_is_refused_by_the_night_of_mailers() {
    let job = TestJob::new();
    let recipient = job.read("keys/press.pub").trim().to_owned();
    let file = job.path("job.toml");
    let retired = keys(&["retire", &recipient, "--from", FRIDAY, "--job", text(&file)]);
    assert_eq!(retired.code, 0, "{}", retired.stdout);
    // Codes that are sent again would be printed on the Friday.
    fs_err::remove_file(job.path("reissues.csv")).unwrap();
    let friday = job.run(FRIDAY, &[]);
    assert_eq!(friday.code, 1, "letters leave: {}", friday.stderr);
    let told = friday.json()["alerts"].to_string();
    assert!(told.contains("mailer_configuration") && told.contains("is retired"), "{told}");
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    let said = error(&job.run(MONDAY, &[]), "key_retired");
    assert!(said.contains("output.seal_to"), "{said}");

    let (press, next) = (job.path("keys/press.identity"), job.path("keys/press-2.identity"));
    let rotated =
        keys(&["rotate", text(&press), "--output", text(&next), "--from", FRIDAY, "--to", "2028-12-31"]);
    assert_eq!(rotated.json()["job_line"], "[output] seal_to = [\"keys/press-2.pub\"]", "{}", rotated.stdout);
    let said = error(&job.run(MONDAY, &[]), "key_retired");
    assert!(said.contains("press-2.pub"), "its successor is named: {said}");
    job.replace("job.toml", "keys/press.pub", "keys/press-2.pub");

    let (codes, next) = (job.path("keys/codes.identity"), job.path("keys/codes-2.identity"));
    let rotated =
        keys(&["rotate", text(&codes), "--output", text(&next), "--from", FRIDAY, "--to", "2026-12-01"]);
    assert_eq!(
        rotated.json()["job_line"],
        "[input] codes_identity = \"keys/codes-2.identity\"",
        "{}",
        rotated.stdout
    );
    job.replace("job.toml", "keys/codes.identity", "keys/codes-2.identity");
    // The codes are sealed to the old identity, which is in the new file, too.
    let dry = job.run(MONDAY, &["--dry-run"]);
    assert!(dry.code <= 1 && dry.json()["mailers"].as_u64() > Some(0), "{}", dry.stdout);
    let old = job.read("keys/codes.pub").trim().to_owned();
    assert_eq!(keys(&["retire", &old, "--from", MONDAY, "--job", text(&file)]).code, 0);
    let said = error(&job.run(MONDAY, &[]), "key_retired");
    assert!(said.contains("input.codes_identity") && said.contains("take its line"), "{said}");
    // Done as it says, the night reads on with the new one alone; the codes are sealed to the old one.
    let text_of = job.read("keys/codes-2.identity");
    let kept: Vec<&str> = text_of.lines().take(2).collect();
    job.write("keys/codes-2.identity", &format!("{}\n", kept.join("\n")));
    let closed = job.run(MONDAY, &[]);
    assert_ne!(closed.json()["error"]["code"], "key_retired", "{}", closed.stdout);
    job.write("keys/codes-2.identity", &text_of);
    let several = error(&keys(&["retire", text(&next), "--from", MONDAY]), "key_invalid");
    assert!(several.contains("age1"), "{several}");
}

#[test]
fn a_signing_key_lies_alone_and_no_key_among_the_arguments() {
    let job = TestJob::new();
    let (key, other) = (job.path("keys/signing.pem"), job.path("other.pem"));
    fs_err::hard_link(&key, &other).unwrap();
    for ran in [job.run(FRIDAY, &[]), keys(&["export", text(&key)])] {
        let said = error(&ran, "key_hard_linked");
        assert!(said.contains("2 names") && said.contains("-samefile"), "{said}");
    }
    fs_err::remove_file(other).unwrap();
    assert_eq!(keys(&["export", text(&key)]).code, 0, "what the advice says");
    fs_err::hard_link(job.path("keys/codes.identity"), job.path("other.identity")).unwrap();
    error(&job.run(MONDAY, &["--only", "mailers"]), "key_hard_linked");

    let secret = job.read("keys/press.identity").lines().last().unwrap().to_owned();
    for command in [
        &["list", &secret][..],
        &["retire", &secret, "--from", MONDAY],
        &["export", &secret],
        &["nothing", &secret],
    ] {
        let ran = keys(command);
        error(&ran, "key_in_arguments");
        assert!(!ran.stdout.contains(&secret[20..]) && !ran.stderr.contains(&secret[20..]), "it is repeated");
    }
}
