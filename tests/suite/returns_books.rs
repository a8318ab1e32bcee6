//! The books of returned mail: what a return holds, what a person lets go, what is destroyed, and what the client is told.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::Value;

use crate::job::{FRIDAY, MONDAY, Ran, TestJob, program};
use crate::killing::{KILL, Killer};
use crate::schemas::answers;
use crate::tools::{self, text};

const DAY: &str = "2026-11-24";

/// A job after the Friday of its letters.
fn printed() -> TestJob {
    let job = TestJob::new();
    let ran = job.run(FRIDAY, &["--only", "letters", "--prove", "none"]);
    assert!(ran.code <= 1, "{}", ran.stderr);
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    fs_err::remove_file(job.path("reissues.csv")).unwrap();
    job
}

/// Reference and card of each letter, in their order.
fn letters(job: &TestJob) -> Vec<(String, String)> {
    let rows = job.table("out/2026-11-20/letters/26324A.manifest.csv");
    rows.iter().map(|row| (row["piece_id"].clone(), row["card_number"].clone())).collect()
}

/// Runs a hand scanner over these lines, by a clerk on a day.
fn wand(job: &TestJob, lines: &[&str], day: &str, arguments: &[&str]) -> Ran {
    let mut command = program();
    command.arg("scan").arg(job.path("job.toml")).args(["-", "--json", "--by", "clerk", "--date", day]);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    child.stdin.take().unwrap().write_all((lines.join("\n") + "\n").as_bytes()).unwrap();
    child.wait_with_output().expect("it ends").into()
}

fn done(ran: &Ran, code: i32) -> Value {
    assert_eq!(ran.code, code, "{}{}", ran.stdout, ran.stderr);
    ran.json()
}

fn refused(ran: &Ran, exit: i32, code: &str) {
    assert_eq!((ran.code, ran.json()["error"]["code"].as_str()), (exit, Some(code)), "{}", ran.stdout);
}

/// `pli returns ACT JOB --json …`
fn returns(job: &TestJob, act: &str, arguments: &[&str]) -> Ran {
    let file = job.path("job.toml");
    let mut all = vec!["returns", act, text(&file), "--json"];
    all.extend(arguments);
    crate::job::pli(&all)
}

#[test]
fn a_returned_letter_holds_its_mailer_until_a_person_lets_it_go() {
    let job = printed();
    job.in_english();
    let letters = letters(&job);
    let cards: Vec<&str> = letters.iter().map(|(_, card)| card.as_str()).collect();
    let booked = wand(&job, &cards, DAY, &["--reason", "unknown"]);
    assert!(booked.code <= 1, "{}{}", booked.stdout, booked.stderr);
    let ran = job.run(MONDAY, &["--prove", "none"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let warnings = job.table(&format!("out/{MONDAY}/warnings.csv"));
    let held: Vec<_> = warnings.iter().filter(|row| row["code"] == "held_for_letter").collect();
    assert!(!held.is_empty() && held.iter().all(|row| cards.contains(&row["card_number"].as_str())));
    let first = held[0];
    let (piece, _) = letters.iter().find(|(_, card)| *card == first["card_number"]).unwrap();
    assert!(first["message"].contains("returned") && first["message"].contains("pli returns release"));
    let let_go = done(&returns(&job, "release", &[piece, "--kind", "letter", "--reason", "fetched"]), 0);
    answers("let-go", &let_go.to_string());
    assert_eq!(let_go["letter"], piece.as_str());
    refused(&returns(&job, "release", &["26324A999999", "--reason", "fetched"]), 2, "unknown_piece");
    let before = ran.json()["mailers"].as_u64().unwrap_or_default();
    let ran = job.run(MONDAY, &["--prove", "none"]);
    assert_eq!(ran.json()["mailers"].as_u64(), Some(1), "after {before}: {}", ran.stdout);
    job.assert_sound();
}

#[test]
fn an_address_from_which_mail_comes_back_is_rejected_until_it_is_confirmed() {
    let job = printed();
    let header =
        fs_err::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/night/inbox/cards.csv"));
    let header = header.unwrap();
    let mut lines = header.lines();
    let (columns, row) = (lines.next().unwrap(), lines.next().unwrap());
    let card = row.split(',').next().unwrap();
    let (piece, _) = letters(&job).into_iter().find(|(_, found)| found == card).expect("its letter left");
    done(&wand(&job, &[&piece], DAY, &["--reason", "access_or_address"]), 0);
    let settings = job.read("job.toml") + "\n[returns]\nhold_after = 1\non_hold = \"reject\"\n";
    job.write("job.toml", &settings);
    let held = done(&returns(&job, "held", &[]), 0);
    answers("held", &held.to_string());
    let address = &held["addresses"][0];
    assert_eq!((&address["returns"], &address["card_number"]), (&1.into(), &card.into()));
    assert_eq!(address["pieces"][0], piece.as_str());
    // The holder's next card, to the same address.
    let next = row.replacen(card, "2400140999", 1);
    job.write("inbox/cards-2.csv", &format!("{columns}\n{next}\n"));
    let check = |job: &TestJob| job.pli("check", &["--date", MONDAY]);
    let rejected = check(&job);
    assert!(rejected.stdout.contains("address_on_hold"), "{}{}", rejected.stdout, rejected.stderr);
    job.replace("job.toml", "on_hold = \"reject\"", "on_hold = \"warn\"");
    let warned = check(&job);
    assert!(warned.stdout.contains("address_on_hold"), "{}", warned.stdout);
    // What the message says, done.
    let let_go = ["--address-of", &piece, "--kind", "letter", "--reason", "confirmed", "--by", "A. Martin"];
    let report = done(&returns(&job, "release", &let_go), 0);
    assert_eq!((&report["addresses"], &report["returns"]), (&1.into(), &1.into()));
    assert!(!check(&job).stdout.contains("address_on_hold"));
    assert_eq!(done(&returns(&job, "held", &[]), 0)["addresses"], Value::Array(Vec::new()));
}

#[test]
fn what_came_back_is_destroyed_by_two_persons_who_did_not_book_it() {
    let job = printed();
    let letters = letters(&job);
    let pieces: Vec<&str> = letters.iter().take(3).map(|(piece, _)| piece.as_str()).collect();
    let booked = wand(&job, &pieces[..2], DAY, &["--reason", "unknown", "--box", "7"]);
    assert!(booked.code <= 1, "{}{}", booked.stdout, booked.stderr);
    let destroy = |piece: &str, by: &str, witness: &str| {
        returns(
            &job,
            "destroy",
            &[piece, "--kind", "letter", "--by", by, "--witness", witness, "--date", DAY],
        )
    };
    refused(&destroy(pieces[0], "A. Martin", " a.  martin "), 3, "same_person");
    refused(&destroy(pieces[0], "Clerk", "B. Petit"), 3, "booked_by_same");
    refused(&destroy(pieces[2], "A. Martin", "B. Petit"), 3, "not_returned");
    let empty = ["--box", "8", "--by", "A. Martin", "--witness", "B. Petit"];
    refused(&returns(&job, "destroy", &empty), 2, "box_empty");
    let of_box = ["--box", "7", "--by", "A. Martin", "--witness", "B. Petit", "--date", DAY];
    let report = done(&returns(&job, "destroy", &of_box), 0);
    answers("destroyed", &report.to_string());
    assert_eq!((report["destroyed"].as_array().unwrap().len(), &report["box"]), (2, &7.into()));
    let minutes = report["minutes"][0].as_str().unwrap().to_owned();
    let again = done(&returns(&job, "destroy", &of_box), 0);
    assert_eq!((again["already"].as_array().unwrap().len(), &again["sha256"]), (2, &report["sha256"]));
    if let Some(pages) = tools::pdf_text(minutes.as_ref()) {
        let shown = pages.concat();
        for word in ["Procès-verbal de destruction", "A. Martin", "B. Petit", "carton 7", pieces[1]] {
            assert!(shown.contains(word), "`{word}` is not in:\n{shown}");
        }
    }
    let rows = job.table(&format!("returns/{DAY}/returns.csv"));
    let row = &rows[0];
    assert_eq!(rows.len(), 2);
    for (column, value) in [
        ("piece_id", pieces[0]),
        ("card_number", &letters[0].1),
        ("reason", "unknown"),
        ("reason_text", "Destinataire inconnu à l'adresse"),
        ("dispatched_on", FRIDAY),
        ("days", "4"),
        ("disposition", "destroy"),
        ("booked_by", "clerk"),
        ("box", "7"),
        ("tracking_id", ""),
    ] {
        assert_eq!(row[column], value, "{column}");
    }
    let told: Vec<String> = job
        .names("feedback")
        .iter()
        .filter(|name| name.starts_with("20"))
        .flat_map(|name| job.table(&format!("feedback/{name}")))
        .filter(|row| row["piece_id"] == pieces[0] && row["event"] != "printed")
        .map(|row| format!("{}: {}", row["event"], row["detail"]))
        .collect();
    assert_eq!(told, ["returned: unknown", "destroyed: before the witness B. Petit"]);
    let second = done(&wand(&job, &pieces[..1], DAY, &["--reason", "unknown"]), 1);
    assert_eq!(second[0]["verdict"], "duplicate", "{second}");
    job.assert_sound();
}

#[test]
fn a_destruction_that_is_killed_is_finished_by_the_same_command() {
    let Some(killer) = Killer::new() else { return };
    let printed = printed();
    let piece = letters(&printed)[0].0.clone();
    assert!(wand(&printed, &[&piece], DAY, &["--reason", "unknown", "--box", "7"]).code <= 1);
    fs_err::remove_dir_all(printed.path("returns")).unwrap();
    let of_box = ["--box", "7", "--by", "A. Martin", "--witness", "B. Petit", "--date", DAY];
    Killer::sweep(11, |change| {
        let job = printed.twin();
        let mut killed = program();
        killed.args(["returns", "destroy"]).arg(job.path("job.toml")).args(of_box).arg("-q");
        let ended = killer.cuts(&mut killed, change, KILL(change), &job.path(""));
        let report = done(&returns(&job, "destroy", &of_box), 0);
        assert_eq!(report["destroyed"][0], piece.as_str(), "{change}");
        let minutes = std::path::Path::new(report["minutes"][0].as_str().unwrap());
        assert!(fs_err::read(minutes).unwrap().starts_with(b"%PDF"), "{change}");
        let book = crate::book::open(&job);
        let events = "SELECT count(*) FROM event WHERE state = 'destroyed'";
        assert_eq!(book.query_row(events, [], |row| row.get::<_, i64>(0)).unwrap(), 1, "{change}");
        ended.is_cut
    });
}

#[test]
fn what_lies_of_returns_goes_with_the_names_and_with_the_person() {
    let job = printed();
    let letters = letters(&job);
    let pieces: Vec<&str> = letters.iter().take(2).map(|(piece, _)| piece.as_str()).collect();
    assert!(wand(&job, &pieces[..1], "2020-01-02", &["--reason", "refused"]).code <= 1);
    assert!(wand(&job, &pieces[1..], DAY, &["--reason", "refused"]).code <= 1);
    job.write(&format!("returns/{DAY}/report.html"), "shows somebody");
    let purged = job.pli("ledger", &["purge"]);
    assert!(purged.code <= 1, "{}{}", purged.stdout, purged.stderr);
    assert!(
        !job.path("returns/2020-01-02").exists() && job.path(&format!("returns/{DAY}/returns.csv")).exists()
    );
    done(&job.pli("dispatch", &["L26324A", "--date", MONDAY]), 0);
    let card = letters[1].1.as_str();
    let found = job.pli("ledger", &["person", card, "export"]);
    assert!(found.stdout.contains("returns.csv"), "{}", found.stdout);
    let erased = job.pli("ledger", &["person", card, "erase"]);
    let report = erased.json();
    if erased.code <= 1 {
        assert!(report["left"].to_string().contains("report.html"), "{}", erased.stdout);
        assert!(!job.read(&format!("returns/{DAY}/returns.csv")).contains(card));
    } else {
        // A mailer of the person waits.
        assert_eq!(report["error"]["code"], "piece_under_way", "{}", erased.stdout);
    }
}
