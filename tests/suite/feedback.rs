//! Word to the issuer: each row and each piece is told of once, whatever was cut short; receipts verify with OpenSSL.

use std::collections::{BTreeMap, BTreeSet};

use pli::job::{KeyLocation, SigningProfile};
use pli::vault::new_signing_key;

use crate::book;
use crate::job::{FRIDAY, MONDAY, TestJob, program};
use crate::killing::{KILL, Killer};
use crate::night::with_client_refs;
use crate::schemas::judged;
use crate::tools::tool;

/// The day of the events that the tests enter.
const LATER: &str = "2026-11-24";
/// Restores what the issuer was told to nothing.
const UNTOLD: &str = "DELETE FROM note WHERE name IN ('feedback', 'feedback_runs', 'receipts')";

/// The fixture's first night with a reference for each record.
fn told() -> TestJob {
    let job = TestJob::new();
    with_client_refs(&job);
    let ran = job.run(FRIDAY, &[]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    job
}

/// Enters events of letters, as stations after the press do: two depart, the others are inserted and leave.
fn enter_events(job: &TestJob) {
    let event = |number: u32, sequence: &str, state: &str, cause: &str| {
        format!(
            "INSERT INTO event SELECT max(id) + 1, '{LATER}T08:{number:02}:00Z', 1, {sequence}, '{state}', '{cause}', NULL,
             'foreman' FROM event; UPDATE note SET value = value + 1 WHERE name = 'events';"
        )
    };
    let script = [
        event(1, "2", "spoiled", "jam"),
        event(2, "2", "card_spoiled", "=cut"),
        event(3, "3", "inserted_by_hand", "wanded"),
        event(4, "NULL", "inserted", "settled"),
        event(5, "NULL", "dispatched", "left"),
        event(6, "3", "dispatched", "left"),
        "UPDATE piece SET state = 'card_spoiled' WHERE lot = 1 AND sequence = 2;
         UPDATE piece SET state = 'dispatched' WHERE lot = 1 AND sequence = 3;
         UPDATE lot SET state = 'dispatched' WHERE id = 1;"
            .to_owned(),
    ];
    book::open(job).execute_batch(&script.concat()).unwrap();
}

/// The rows of a day, without their times.
fn rows(job: &TestJob, day: &str) -> Vec<BTreeMap<String, String>> {
    let mut rows = job.table(&format!("feedback/{day}.csv"));
    rows.iter_mut().for_each(|row| drop(row.remove("event_at")));
    rows
}

fn of<'r>(rows: &'r [BTreeMap<String, String>], event: &str) -> Vec<&'r BTreeMap<String, String>> {
    rows.iter().filter(|row| row["event"] == event).collect()
}

#[test]
fn every_row_and_every_piece_of_a_night_is_told_once() {
    let job = told();
    let report = job.read("out/2026-11-20/run.json");
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let rows = rows(&job, FRIDAY);
    assert_eq!(rows.iter().collect::<BTreeSet<_>>().len(), rows.len(), "each row once");
    let lines =
        |event: &str| of(&rows, event).iter().map(|row| row["client_ref"].clone()).collect::<Vec<_>>();
    let records = job.read("inbox/cards.csv").lines().count() - 1;
    let ends: BTreeSet<String> = lines("accepted").into_iter().chain(lines("rejected")).collect();
    assert_eq!(ends.len(), records, "a row for each record, by its reference");
    assert_eq!(lines("accepted").len() + lines("rejected").len(), records);
    let rejected = &of(&rows, "rejected")[0];
    assert!(rejected["detail"].contains("; inbox/cards.csv:"), "{rejected:?}");

    let letters = job.table("out/2026-11-20/letters/26324A.manifest.csv");
    let printed: Vec<[&str; 3]> = of(&rows, "printed")
        .iter()
        .filter(|row| row["kind"] == "letter")
        .map(|row| [&*row["piece_id"], &row["card_number"], &row["client_ref"]])
        .collect();
    let wanted: Vec<[&str; 3]> =
        letters.iter().map(|row| [&*row["piece_id"], &row["card_number"], &row["client_ref"]]).collect();
    assert_eq!(printed, wanted);
    assert_eq!(Some(of(&rows, "held").len() as u64), report["held"].as_u64());
    let planned: BTreeSet<&str> = of(&rows, "planned").iter().map(|row| &*row["detail"]).collect();
    assert!(planned.contains("due 2026-11-23") && planned.contains("after its letter"), "{planned:?}");
    assert_eq!(Some(of(&rows, "planned").len() as u64), report["waiting"].as_u64());
    let mailers = rows.iter().filter(|row| row["kind"] == "mailer");
    assert!(mailers.clone().count() > 20 && mailers.clone().all(|row| row["card_number"].is_empty()));
    assert!(mailers.clone().all(|row| row["client_ref"].starts_with("=ref ")));

    // A second run of the same night.
    let second = job.row(2).replace("2400140649", "2400149999").replace("=ref 2", "=ref second");
    let header = job.row(1);
    job.write("inbox/cards-2.csv", &format!("{header}\n{second}\n"));
    assert!(job.run(FRIDAY, &[]).code <= 1);
    let both = self::rows(&job, FRIDAY);
    assert!(both.iter().any(|row| row["client_ref"] == "=ref second" && row["event"] == "accepted"));
    assert_eq!(both.iter().collect::<BTreeSet<_>>().len(), both.len(), "each row once");
    assert!(rows.iter().all(|row| both.contains(row)), "and none is taken back");
    assert_eq!(job.names("feedback/receipts").len(), 4);
}

#[test]
fn a_day_follows_from_the_ledger_alone() {
    let job = told();
    enter_events(&job);
    assert!(job.run(FRIDAY, &[]).code <= 1);
    let files = [
        format!("feedback/{FRIDAY}.csv"),
        format!("feedback/{LATER}.csv"),
        "feedback/remakes.csv".to_owned(),
    ];
    let before = files.each_ref().map(|file| job.read(file));
    let again = |job: &TestJob| {
        files.iter().for_each(|file| fs_err::remove_file(job.path(file)).unwrap());
        book::open(job).execute_batch(UNTOLD).unwrap();
        assert!(job.run(FRIDAY, &[]).code <= 1);
        files.each_ref().map(|file| job.read(file))
    };
    assert_eq!(again(&job), before);
    // The next night changes nothing of it.
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    job.run(MONDAY, &[]);
    assert_eq!(files.each_ref().map(|file| job.read(file)), before);
    assert_eq!(of(&rows(&job, MONDAY), "accepted").len(), 0);
    assert!(of(&rows(&job, MONDAY), "printed").iter().any(|row| row["kind"] == "mailer"));
    let with_cards = job.read("job.toml") + "\n[feedback]\nmailer_cards = true\n";
    job.write("job.toml", &with_cards);
    assert_ne!(again(&job), before);
    assert!(
        rows(&job, FRIDAY).iter().all(|row| !row["card_number"].is_empty() || row["event"] == "rejected")
    );
}

#[test]
fn what_happened_to_each_piece_is_told_with_its_day() {
    let job = told();
    enter_events(&job);
    let night = job.read("feedback/2026-11-20.csv");
    assert!(job.run(FRIDAY, &[]).code <= 1);
    assert_eq!(job.read("feedback/2026-11-20.csv"), night);
    let letters = job.table("out/2026-11-20/letters/26324A.manifest.csv");
    let rows = rows(&job, LATER);
    let inserted = of(&rows, "inserted");
    assert_eq!(inserted.len(), letters.len() - 1, "all except the spoiled one");
    assert_eq!(inserted.iter().filter(|row| row["detail"] == "by hand").count(), 1);
    assert_eq!(of(&rows, "dispatched").len(), letters.len() - 1);
    assert!(of(&rows, "spoiled").is_empty());
    let spoiled = of(&rows, "card_spoiled");
    assert_eq!((spoiled.len(), &*spoiled[0]["detail"]), (1, "'=cut"), "no formula");
    let [remake] = &job.table("feedback/remakes.csv")[..] else { panic!("one card is made again") };
    assert_eq!(
        [&remake["client_ref"], &remake["card_number"], &remake["piece_id"]],
        [&letters[1]["client_ref"], &letters[1]["card_number"], &letters[1]["piece_id"]]
    );
    assert_eq!([&*remake["cause"], &remake["day"]], ["card_spoiled: '=cut", LATER]);
}

#[test]
fn a_command_that_was_killed_is_made_up_for_by_the_next() {
    let Some(killer) = Killer::new() else { return };
    let made = told();
    enter_events(&made);
    fs_err::remove_dir_all(made.path("feedback")).unwrap();
    book::open(&made).execute_batch(UNTOLD).unwrap();
    let whole = made.twin();
    assert!(whole.run(FRIDAY, &[]).code <= 1);
    let names =
        |job: &TestJob| -> Vec<String> { [job.names("feedback"), job.names("feedback/receipts")].concat() };
    assert_eq!(names(&whole).len(), 6, "{:?}", names(&whole));
    Killer::sweep(37, |change| {
        let job = made.twin();
        let mut command = program();
        command.arg("run").arg(job.path("job.toml")).args(["--date", FRIDAY, "-q"]).args(job.releases());
        let ended = killer.cuts(&mut command, change, KILL(change), &job.path(""));
        assert!(job.run(FRIDAY, &[]).code <= 1);
        for file in names(&whole).iter().filter(|file| file.ends_with(".csv")) {
            let file = format!("feedback/{file}");
            assert_eq!(job.read(&file), whole.read(&file), "killed before change {change}");
        }
        assert_eq!(names(&job), names(&whole), "what a killed command left is gone");
        ended.is_cut
    });
}

/// Whether OpenSSL verifies a signature; true where it is missing.
fn verifies(job: &TestJob, profile: SigningProfile, file: &str) -> bool {
    let [key, public, file] = ["keys/signing.pem", "signing.pub", file].map(|path| job.path(path));
    let [key, public, file] = [&key, &public, &file].map(|path| path.to_str().unwrap());
    let signature = format!("{file}.sig");
    let Some(pem) = tool("openssl", &["pkey", "-in", key, "-pubout"]) else { return true };
    fs_err::write(public, pem).unwrap();
    let arguments = match profile {
        SigningProfile::Ed25519 => {
            vec![
                "pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", "-in", file, "-sigfile",
                &signature,
            ]
        }
        SigningProfile::EcdsaP256 => {
            vec!["dgst", "-sha256", "-verify", public, "-signature", &signature, file]
        }
    };
    let ran = std::process::Command::new("openssl").args(arguments).output().unwrap();
    ran.status.success()
}

#[test]
fn each_input_file_has_a_receipt_that_openssl_verifies() {
    for profile in [SigningProfile::Ed25519, SigningProfile::EcdsaP256] {
        let job = TestJob::new();
        if profile == SigningProfile::EcdsaP256 {
            for half in ["pem", "pub"] {
                fs_err::remove_file(job.path(&format!("keys/signing.{half}"))).unwrap();
            }
            new_signing_key(&KeyLocation::File(job.path("keys/signing.pem")), profile).unwrap();
            job.replace("job.toml", "[signing]\n", "[signing]\nprofile = \"ecdsa-p256\"\n");
        }
        let run = job.run(FRIDAY, &[]).json();
        let file = "feedback/receipts/2026-11-20-cards.csv.json";
        let receipt: serde_json::Value = serde_json::from_str(&job.read(file)).unwrap();
        let input = &run["inputs"][0];
        assert_eq!(
            [&receipt["sha256"], &receipt["rows"], &receipt["file"]],
            [&input["sha256"], &input["rows"], &input["path"]]
        );
        let rows = rows(&job, FRIDAY);
        let counts = ["accepted", "rejected"].map(|event| Some(of(&rows, event).len() as u64));
        assert_eq!([receipt["accepted"].as_u64(), receipt["rejected"].as_u64()], counts);
        judged(&[("receipt", &job.path(file))]);
        assert!(verifies(&job, profile, file), "{profile:?}");
        job.write(file, &job.read(file).replace("\"rejected\":", "\"rejected\":1"));
        assert!(!verifies(&job, profile, file) || tool("openssl", &["version"]).is_none());
    }
}

#[test]
fn a_receipt_waits_for_the_key_and_is_announced_once() {
    let job = TestJob::new();
    // Nothing is due: no letter asks for the key.
    let (key, aside) = (job.path("keys/signing.pem"), job.path("signing.aside"));
    let nothing = job.row(2).replace("2026-11-19", "2027-03-19");
    job.records(&[nothing]);
    fs_err::rename(&key, &aside).unwrap();
    let ran = job.run(FRIDAY, &[]);
    let says = |ran: &crate::job::Ran| ran.stderr.contains("receipts of tonight's files wait");
    assert!(ran.code <= 1 && says(&ran), "{}", ran.stderr);
    assert!(!job.path("feedback/receipts").exists());
    let again = job.run(FRIDAY, &[]);
    assert!(again.code <= 1 && !says(&again), "said once: {}", again.stderr);
    fs_err::rename(&aside, &key).unwrap();
    assert!(job.run(FRIDAY, &[]).code <= 1);
    assert_eq!(job.names("feedback/receipts").len(), 2);
}

#[test]
fn an_erased_person_is_in_no_row_and_all_other_rows_stay() {
    let job = TestJob::new();
    with_client_refs(&job);
    job.both_nights();
    let (card, own) = ("2400140649", "=ref 2");
    let days = [FRIDAY, MONDAY].map(|day| format!("feedback/{day}.csv"));
    let before = days.each_ref().map(|file| job.read(file));
    let is_own = |line: &&str| line.starts_with(&format!("{own},")) || line.contains(card);
    let rest = before.each_ref().map(|text| {
        text.lines().filter(|line| !is_own(line)).map(|line| format!("{line}\n")).collect::<String>()
    });
    assert!(before.iter().zip(&rest).all(|(before, rest)| before != rest), "both days name the person");
    let exported = job.pli("ledger", &["person", card, "export"]).json();
    let named = exported["files"].as_array().unwrap().iter();
    let named = named.filter(|file| file["path"].as_str().unwrap().contains("feedback/")).count();
    let rows = before.concat().lines().filter(is_own).count();
    assert_eq!(named, rows, "{exported}");
    let erased = job.pli("ledger", &["person", card, "erase"]);
    assert!(erased.code <= 1, "{}{}", erased.stdout, erased.stderr);
    assert_eq!(days.each_ref().map(|file| job.read(file)), rest);
}
