//! After the press: what machine, camera and hands report of a lot, what stops it, what leaves, and what the issuer hears.

use std::collections::BTreeMap;
use std::io::Write as _;

use serde_json::Value;

use crate::job::{FRIDAY, MONDAY, Ran, TestJob, program};
use crate::killing::{Cut, CutAt, FULL, KILL, Killer, POWER};
use crate::schemas::answers;
use crate::tools::text;

/// The lot of Friday's letters, and a day after Monday's mailers.
const LOT: &str = "L26324A";
const TUESDAY: &str = "2026-11-24";

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

/// A camera's file: one read a letter, the `n`th at `n` seconds past eight, changed by `change`: none, one or several values.
fn camera(job: &TestJob, name: &str, change: impl Fn(usize, &str) -> Vec<String>) -> String {
    let mut file = String::from("read_at,value,position\n");
    let mut place = 0;
    for (index, (_, card)) in letters(job).iter().enumerate() {
        for value in change(index + 1, card) {
            place += 1;
            let (minute, second) = (index / 60, index % 60);
            file.push_str(&format!("2026-11-23T08:{minute:02}:{second:02},{value},{place}\n"));
        }
    }
    job.write(name, &file);
    job.path(name).display().to_string()
}

fn once(_: usize, card: &str) -> Vec<String> {
    vec![card.to_owned()]
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect()
}

fn done(ran: &Ran, code: i32) -> Value {
    assert_eq!(ran.code, code, "{}{}", ran.stdout, ran.stderr);
    ran.json()
}

fn refused(ran: &Ran, exit: i32, code: &str) -> Value {
    let error = ran.json()["error"].clone();
    assert_eq!((ran.code, error["code"].as_str()), (exit, Some(code)), "{}", ran.stdout);
    error
}

/// The feedback's rows as event → references, of all days.
fn told(job: &TestJob) -> BTreeMap<String, Vec<String>> {
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in job.names("feedback").iter().filter(|name| name.starts_with("20")) {
        for row in job.table(&format!("feedback/{name}")) {
            told.entry(row["event"].clone()).or_default().push(row["piece_id"].clone());
        }
    }
    told
}

#[test]
fn a_lot_of_which_all_was_seen_settles_and_leaves() {
    let job = printed();
    let count = letters(&job).len();
    let report = done(&job.pli("reconcile", &[&camera(&job, "camera.csv", once)]), 0);
    assert_eq!((&report["lot"], &report["kind"]), (&"26324A".into(), &"letter".into()));
    assert_eq!((report["good"].as_u64(), &report["settled"]), (Some(count as u64), &true.into()));
    assert_eq!(report["settled_on"], "2026-11-23", "the day of the last read");
    let list = report["reprint_list"].as_str().unwrap();
    assert_eq!(fs_err::read_to_string(list).unwrap(), "piece_id,cause\n");
    let left = done(&job.pli("dispatch", &[LOT, "--date", MONDAY]), 0);
    assert_eq!(left["dispatched"].as_u64(), Some(count as u64));
    let again = done(&job.pli("dispatch", &[LOT]), 0);
    assert_eq!((&again["already"], &again["day"]), (&true.into(), &MONDAY.into()));
    let told = told(&job);
    for event in ["printed", "inserted", "dispatched"] {
        assert_eq!(told[event].len(), count, "each once: {event}");
    }
    job.assert_sound();
}

#[test]
fn a_piece_that_nobody_reported_is_named_as_its_lot_leaves() {
    let job = printed();
    let pieces = letters(&job);
    let spared = job.twin();
    let hands: String = pieces.iter().skip(1).map(|(id, _)| format!("{id}\n")).collect();
    job.write("scans.txt", &hands);
    done(&job.pli("reconcile", &["--hand", text(&job.path("scans.txt")), "--by", "JD"]), 0);
    let left = done(&job.pli("dispatch", &[LOT, "--date", MONDAY]), 1);
    let missed = pieces[0].0.as_str();
    assert_eq!((strings(&left["unreported"]), &left["pending"]), (vec![missed], &1.into()));
    let ran = crate::job::pli(&["dispatch", text(&job.path("job.toml")), LOT]);
    assert!(ran.stdout.contains(&format!("1 of them was never reported: {missed}")), "{}", ran.stdout);
    // The advice, followed: that piece alone is missing, and the lot has its account.
    let report = done(&job.pli("reconcile", &["--lot", LOT, "--final"]), 1);
    assert_eq!((strings(&report["missing"]), &report["settled"]), (vec![missed], &true.into()));
    let again = done(&job.pli("dispatch", &[LOT]), 0);
    assert_eq!((strings(&again["unreported"]), again["missing"].as_array().map(Vec::len)), (vec![], Some(1)));
    job.assert_sound();
    // A bureau without a camera reports nothing; that it ends is no report.
    done(&spared.pli("reconcile", &["--lot", LOT, "--final"]), 1);
    let left = done(&spared.pli("dispatch", &[LOT, "--date", MONDAY]), 0);
    assert_eq!((strings(&left["unreported"]), strings(&left["missing"])), (vec![], vec![]));
}

#[test]
fn every_piece_has_its_status_and_what_needs_a_person_stops_the_lot() {
    let job = printed();
    let pieces = letters(&job);
    let id = |sequence: usize| pieces[sequence - 1].0.as_str();
    let stranger = "9000000001";
    let file = camera(&job, "camera.csv", |sequence, card| match sequence {
        2 | 3 => vec![],
        5 => vec![card.to_owned(), card.to_owned()],
        7 => vec!["NOREAD".to_owned()],
        9 => vec![card.to_owned(), stranger.to_owned()],
        _ => vec![card.to_owned()],
    });
    let report = done(&job.pli("reconcile", &[&file, "--final"]), 1);
    answers("reconcile", &report.to_string());
    assert_eq!(strings(&report["missing"]), [id(2), id(3)]);
    assert_eq!(strings(&report["duplicate"]), [id(5)]);
    assert_eq!(strings(&report["unread"]), [id(7)]);
    assert_eq!(strings(&report["foreign"]), [stranger]);
    assert_eq!(
        (&report["unreadable"], &report["pending"], &report["settled"]),
        (&1.into(), &0.into(), &true.into())
    );
    assert_eq!(
        done(&job.pli("reconcile", &[&file, "--final"]), 1)["reads"]["reads"],
        report["reads"]["reads"]
    );
    refused(&job.pli("dispatch", &[LOT]), 3, "lot_stopped");

    // The foreman finds one, throws one away, and accepts what he has looked at.
    job.write("scans.txt", &format!("]A0*{}*\r\nSPOILED\r\n{}\r\n", pieces[1].1, id(7)));
    let hands = done(&job.pli("reconcile", &["--hand", text(&job.path("scans.txt")), "--by", "JD"]), 1);
    answers("hand", &hands.to_string());
    assert_eq!((strings(&hands["by_hand"]), strings(&hands["spoiled"])), (vec![id(2)], vec![id(7)]));
    let lot = ["--lot", LOT, "--reason", "looked at", "--by", "JD"];
    let accept = |what: &str| job.pli("reconcile", &[&lot[..], &["--accept", what]].concat());
    refused(&accept(id(1)), 2, "nothing_to_accept");
    done(&accept(id(5)), 1);
    assert!(strings(&done(&accept(stranger), 1)["foreign"]).is_empty());
    done(&accept(stranger), 1);

    // What is left is printed again.
    let list = job.path("inserting/L26324A.reprint.csv");
    let again = ["--list", text(&list), "--reason", "not seen", "--card-in-hand", "--date", MONDAY];
    let reprint = done(&job.pli("reprint", &again), 0);
    answers("reprint", &reprint.to_string());
    assert_eq!(reprint["lots"][0]["lot"], "26324A.1");
    let report = done(&job.pli("reconcile", &["--lot", LOT]), 0);
    assert_eq!((&report["reprinted"], &report["by_hand"]), (&2.into(), &1.into()));
    let left = done(&job.pli("dispatch", &[LOT, "--date", MONDAY]), 0);
    answers("dispatch", &left.to_string());
    let account = done(&job.pli("status", &["--lot", LOT, "--account"]), 0);
    answers("status-account", &account.to_string());
    assert_eq!((&account["balances"], &account["spoiled"]), (&true.into(), &2.into()));

    // The reprints are a lot of their own; an original that turns up is an alarm.
    job.write(
        "again.csv",
        &format!(
            "read_at,value,position\n2026-11-24T08:00:00,{},1\n2026-11-24T08:00:01,{},2\n",
            pieces[2].1, pieces[6].1
        ),
    );
    let report = done(&job.pli("reconcile", &[text(&job.path("again.csv"))]), 0);
    assert_eq!(
        (&report["lot"], &report["good"], &report["settled"]),
        (&"26324A.1".into(), &2.into(), &true.into())
    );
    let report = done(&job.pli("reconcile", &[text(&job.path("again.csv")), "--lot", LOT]), 1);
    assert_eq!(strings(&report["passed"]), [id(3), id(7)]);
    let detail = done(&job.pli("status", &["--piece", id(5)]), 0);
    answers("status-piece", &detail.to_string());
    let card = done(&job.pli("status", &["--card", &pieces[1].1]), 0);
    answers("status-card", &card.to_string());
    let recalled = job.pli("recall", &[id(1), "--kind", "letter", "--reason", "looked at"]);
    answers("recall", &done(&recalled, 1).to_string());
    let told = detail.to_string();
    assert!(told.contains("duplicate") && told.contains("looked at") && told.contains("\"JD\""), "{told}");
    job.assert_sound();
}

#[test]
fn a_file_that_grows_books_only_what_is_new() {
    let job = printed();
    let count = letters(&job).len() as u64;
    let file = camera(&job, "camera.csv", once);
    let whole = job.read("camera.csv");
    let part: Vec<&str> = whole.lines().take(11).collect();
    job.write("camera.csv", &(part.join("\n") + "\n2026-11-23T08:0"));
    let report = done(&job.pli("reconcile", &[&file]), 0);
    assert_eq!((report["good"].as_u64(), report["pending"].as_u64()), (Some(10), Some(count - 10)));
    assert_eq!((&report["settled"], &report["missing"]), (&false.into(), &Value::Array(vec![])));
    let error = refused(&job.pli("dispatch", &[LOT]), 3, "lot_stopped");
    assert!(error["message"].as_str().unwrap().contains("without a status"), "{error}");
    job.write("camera.csv", whole.trim_end());
    let report = done(&job.pli("reconcile", &[&file]), 0);
    assert_eq!(
        (report["good"].as_u64(), &report["settled"]),
        (Some(count), &true.into()),
        "without the last line end too"
    );
    job.write("camera.csv", &whole);
    let report = done(&job.pli("reconcile", &[&file, &file]), 0);
    assert_eq!((report["good"].as_u64(), &report["duplicate"]), (Some(count), &Value::Array(vec![])));
}

#[test]
fn a_missing_piece_that_passes_twice_later_is_a_duplicate_and_good_once_it_is_accepted() {
    let job = printed();
    let pieces = letters(&job);
    let id = pieces[4].0.as_str();
    let early = camera(&job, "early.csv", |of, card| if of == 5 { vec![] } else { once(of, card) });
    assert_eq!(strings(&done(&job.pli("reconcile", &[&early, "--final"]), 1)["missing"]), [id]);
    let late = format!(
        "read_at,value,position\n2026-11-23T09:00:00,{0},1\n2026-11-23T09:00:09,{0},9\n",
        pieces[4].1
    );
    job.write("late.csv", &late);
    let report = done(&job.pli("reconcile", &[text(&job.path("late.csv")), "--lot", LOT]), 1);
    assert_eq!((strings(&report["duplicate"]), strings(&report["missing"])), (vec![id], vec![]));
    assert_eq!(job.read("inserting/L26324A.reprint.csv"), "piece_id,cause\n", "it lies there");
    let accepted = ["--lot", LOT, "--accept", id, "--reason", "one envelope, fed twice"];
    let report = done(&job.pli("reconcile", &accepted), 0);
    assert_eq!(report["good"].as_u64(), Some(pieces.len() as u64));
    let left = done(&job.pli("dispatch", &[LOT, "--date", MONDAY]), 0);
    assert_eq!(left["dispatched"].as_u64(), Some(pieces.len() as u64));
    job.assert_sound();
}

#[test]
fn a_missing_letter_holds_its_mailer_until_a_working_day_after_its_reprint() {
    let job = printed();
    job.in_english();
    let mailers =
        |date: &str| job.run(date, &["--only", "mailers", "--dry-run"]).json()["mailers"].as_u64().unwrap();
    let due = mailers(MONDAY);
    let pieces = letters(&job);
    let of_mailers = crate::book::open(&job);
    let sql = "SELECT letter.sequence FROM duty mailer JOIN duty ON duty.record = mailer.record AND duty.kind = 'letter'
               JOIN piece letter ON letter.duty = duty.id
               WHERE mailer.kind = 'mailer' AND mailer.state = 'waiting' AND mailer.due IS NOT NULL ORDER BY 1 LIMIT 1";
    let sequence: i64 = of_mailers.query_row(sql, [], |row| row.get(0)).unwrap();
    let sequence = usize::try_from(sequence).unwrap();
    drop(of_mailers);
    let lost = |of: usize, card: &str| if of == sequence { vec![] } else { vec![card.to_owned()] };
    done(&job.pli("reconcile", &[&camera(&job, "camera.csv", lost), "--final"]), 1);
    assert_eq!(mailers(MONDAY), due - 1);
    let ran = job.run(MONDAY, &["--only", "mailers", "--prove", "none"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        job.read("out/2026-11-23/warnings.csv")
            .contains(&format!("`{}` does not leave (missing)", pieces[sequence - 1].0))
    );
    let again = [&pieces[sequence - 1].0, "--reason", "lost", "--card-in-hand", "--date", TUESDAY];
    done(&job.pli("reprint", &again), 0);
    assert_eq!((mailers(TUESDAY), mailers("2026-11-25")), (0, 1));
}

#[test]
fn where_the_job_says_so_mailers_wait_for_the_camera() {
    let job = printed();
    job.write("job.toml", &(job.read("job.toml") + "\n[ledger]\ndispatch = \"settled\"\n"));
    let mailers =
        |date: &str| job.run(date, &["--only", "mailers", "--dry-run"]).json()["mailers"].as_u64().unwrap();
    let without_letters = mailers(TUESDAY);
    let error = refused(&job.pli("dispatch", &[LOT]), 3, "lot_unsettled");
    assert!(error["advice"].as_str().unwrap().contains("--final"), "{error}");
    done(&job.pli("reconcile", &[&camera(&job, "camera.csv", once)]), 0);
    assert_eq!(mailers(MONDAY), without_letters, "settled on Monday");
    assert!(mailers(TUESDAY) > without_letters);
}

#[test]
fn a_revoked_card_recalls_its_letter_and_no_code_leaves_without_it() {
    let job = printed();
    let (letter, card) = letters(&job)[0].clone();
    let fixture = TestJob::new();
    let header = fixture.read("inbox/cards.csv").lines().next().unwrap().to_owned();
    let row = fixture.read("inbox/cards.csv").lines().find(|row| row.contains(&card)).unwrap().to_owned();
    let done_monday = job.run(MONDAY, &["--only", "mailers", "--prove", "none"]);
    assert!(done_monday.code <= 1, "{}", done_monday.stderr);
    job.write("inbox/revoked.csv", &format!("{header}\n{}\n", row.replace(",issued", ",revoked")));
    job.replace("job.toml", "inbox/cards", "inbox/*cards");
    job.replace("job.toml", "inbox/*cards*.csv", "inbox/revoked.csv");
    let report = done(&job.run(TUESDAY, &["--prove", "none"]), 1);
    let recalled = report["recalled"].as_u64().unwrap();
    assert!(recalled >= 1, "{report}");
    let warnings = job.read("out/2026-11-24/warnings.csv");
    assert!(warnings.contains("recalled_by_record") && warnings.contains(&letter), "{warnings}");
    let state = done(&job.pli("status", &["--piece", &format!("L{letter}")]), 0);
    assert!(state.to_string().contains("\"recalled\""), "{state}");
    assert!(told(&job)["recalled"].contains(&letter));
    let refused_again = ["--reason", "torn", "--card-in-hand", &format!("L{letter}")];
    refused(&job.pli("reprint", &refused_again), 3, "dead_card");
}

#[test]
fn a_card_that_is_revoked_after_its_letter_left_is_told_to_the_issuer() {
    let job = printed();
    let (_, card) = letters(&job)[0].clone();
    done(&job.pli("dispatch", &[LOT, "--date", MONDAY]), 0);
    let fixture = TestJob::new().read("inbox/cards.csv");
    let header = fixture.lines().next().unwrap();
    let row = fixture.lines().find(|row| row.contains(&card)).unwrap().replace(",issued", ",revoked");
    job.write("inbox/cards.csv", &format!("{header}\n{row}\n"));
    let ran = job.run(TUESDAY, &["--only", "letters", "--prove", "none"]);
    assert!(ran.code <= 1, "{}", ran.stderr);
    let rows = job.table("feedback/2026-11-24.csv");
    let left: Vec<_> = rows.iter().filter(|row| row["event"] == "dispatched").collect();
    assert_eq!(left.len(), 1, "{rows:?}");
    assert_eq!((left[0]["card_number"].as_str(), left[0]["piece_id"].as_str()), (card.as_str(), ""));
}

#[test]
fn a_machine_whose_clock_is_wrong_does_not_hasten_the_mailers() {
    let job = printed();
    job.write("job.toml", &(job.read("job.toml") + "\n[ledger]\ndispatch = \"settled\"\n"));
    let file = camera(&job, "camera.csv", once);
    job.write("camera.csv", &job.read("camera.csv").replace("2026-11-23T", "1999-12-31T"));
    let report = done(&job.pli("reconcile", &[&file, "--date", MONDAY]), 0);
    assert_eq!(report["settled_on"], MONDAY);
}

#[test]
fn a_mailer_leaves_a_working_day_after_its_letter_was_printed_again() {
    let job = printed();
    let monday = job.run(MONDAY, &["--only", "mailers", "--prove", "none"]);
    assert!(monday.code <= 1, "{}", monday.stderr);
    let pieces = letters(&job);
    let lost = |_: usize, _: &str| vec![];
    let report = camera(&job, "camera.csv", lost);
    done(&job.pli("reconcile", &[&report, "--lot", LOT, "--final"]), 1);
    let list = job.path("inserting/L26324A.reprint.csv");
    let again = ["--list", text(&list), "--reason", "lost", "--card-in-hand", "--date", TUESDAY];
    assert_eq!(
        done(&job.pli("reprint", &again), 1)["lots"][0]["pieces"].as_array().unwrap().len(),
        pieces.len()
    );
    let error = refused(&job.pli("dispatch", &["M26327A", "--date", TUESDAY]), 3, "letter_held");
    assert!(error["message"].as_str().unwrap().contains("printed again"), "{error}");
    done(&job.pli("dispatch", &["M26327A", "--date", "2026-11-25"]), 0);
}

#[test]
fn a_machine_that_ends_and_leaves_pieces_without_a_status_needs_a_person() {
    let job = printed();
    let results = "\n[inserter.letters.results]\nformat = \"fixed\"\nlists = \"bad\"\nend_mark = \"TRL\"\n\
        fields = { value = { start = 1, length = 10 }, status = { start = 11, length = 1 } }\nstatus = { E = \"damaged\" }\n";
    job.write("job.toml", &(job.read("job.toml") + results));
    let pieces = letters(&job);
    job.write("bad.txt", &format!("{}E\n{}\nTRL\n", pieces[0].1, pieces[1].1));
    let report = done(&job.pli("reconcile", &[text(&job.path("bad.txt")), "--lot", LOT]), 1);
    let faults = report["faults"].as_array().unwrap();
    assert_eq!((report["good"].as_u64(), faults.len()), (Some(0), 1), "a bad piece is not known: {report}");
    job.write("bad.txt", &format!("{}E\n          E\nTRL\n", pieces[0].1));
    let report = done(&job.pli("reconcile", &[text(&job.path("bad.txt")), "--lot", LOT]), 1);
    assert_eq!((&report["settled"], &report["ended_open"]), (&false.into(), &true.into()));
}

#[test]
fn a_mailer_whose_letter_is_held_does_not_leave() {
    let job = printed();
    let monday = job.run(MONDAY, &["--only", "mailers", "--prove", "none"]);
    assert!(monday.code <= 1, "{}", monday.stderr);
    let (letters, mailers) = (letters(&job), "M26327A");
    let all_lost =
        camera(&job, "camera.csv", |sequence, card| if sequence == 1 { once(1, card) } else { vec![] });
    let report = done(&job.pli("reconcile", &[&all_lost, "--lot", LOT, "--final"]), 1);
    assert_eq!(report["missing"].as_array().unwrap().len(), letters.len() - 1);
    let released = report["mailers_released"].as_array().unwrap();
    assert!(!released.is_empty() && released.iter().all(|row| row["state"] == "released"), "{report}");
    let error = refused(&job.pli("dispatch", &[mailers]), 3, "letter_held");
    assert!(error["advice"].as_str().unwrap().contains("pli recall"), "{error}");
    let held: Vec<String> = released
        .iter()
        .map(|row| row["mailer"].as_str().unwrap().replace('\\', ""))
        .map(|piece| format!("M{piece}"))
        .collect();
    let mut arguments: Vec<&str> = held.iter().map(String::as_str).collect();
    arguments.extend(["--reason", "its letter is lost"]);
    let report = done(&job.pli("recall", &arguments), 0);
    assert_eq!(report["recalled"].as_array().unwrap().len(), held.len());
    assert_eq!(done(&job.pli("recall", &arguments), 0)["already"].as_array().unwrap().len(), held.len());
    done(&job.pli("dispatch", &[mailers]), 0);
    let late = job.pli("recall", &["--lot", mailers, "--reason", "too late"]);
    assert!(!done(&late, 1)["not_recalled"].as_array().unwrap().is_empty());
}

#[test]
fn what_can_t_be_used_says_what_to_do() {
    let job = printed();
    let file = camera(&job, "camera.csv", once);
    refused(&job.pli("reconcile", &[text(&job.path("nothing.csv"))]), 2, "report_unreadable");
    refused(&job.pli("reconcile", &[&file, "--lot", "L26324B"]), 2, "unknown_lot");
    job.write("strangers.csv", "read_at,value,position\n,9000000001,1\n,9000000002,2\n");
    refused(&job.pli("reconcile", &[text(&job.path("strangers.csv"))]), 2, "lot_unclear");
    refused(&job.pli("recall", &["26324A999999", "--reason", "x"]), 2, "unknown_piece");
    refused(&job.pli("recall", &["--card", "9000000001", "--reason", "x"]), 2, "unknown_card");
    refused(&job.pli("dispatch", &["L26324Z"]), 2, "unknown_lot");
    refused(&job.pli("reconcile", &[&file, "--spoiled"]), 2, "arguments");
    let early = ["26324A000001", "--reason", "torn", "--card-in-hand", "--date", "2026-11-19"];
    refused(&job.pli("reprint", &early), 2, "reprint_too_early");
    let bad = camera(&job, "bad.csv", |sequence, card| match sequence {
        3 => vec![format!("{card},3,x,y,z\n2026-11-23T08:00:02,{card}")],
        _ => once(sequence, card),
    });
    let report = job.pli("reconcile", &[&bad]);
    let fault = &report.json()["faults"][0];
    assert_eq!((report.code, fault["line"].as_u64()), (1, Some(4)), "{fault}");
    assert!(fault["advice"].as_str().is_some_and(|advice| !advice.is_empty()));
}

/// A command after the press, what it needs done before, and what it has done.
type Act = (&'static str, fn(&TestJob) -> Vec<String>);

const ACTS: [Act; 5] = [
    ("reconcile", |job| {
        let file = camera(job, "camera.csv", |sequence, card| match sequence {
            2 => vec![],
            4 => vec![card.to_owned(), card.to_owned()],
            _ => once(sequence, card),
        });
        vec![file, "--final".to_owned()]
    }),
    ("reconcile", |job| {
        job.write("scans.txt", "26324A000001\nSPOILED\n26324A000002\n");
        vec!["--hand".to_owned(), job.path("scans.txt").display().to_string()]
    }),
    ("recall", |_| ["26324A000001", "26324A000003", "--reason", "wrong address"].map(str::to_owned).to_vec()),
    ("dispatch", |_| [LOT, "--date", MONDAY].map(str::to_owned).to_vec()),
    ("reprint", |_| {
        let arguments =
            ["26324A000001", "--reason", "torn", "--card-in-hand", "--date", MONDAY, "--prove", "none"];
        arguments.map(str::to_owned).to_vec()
    }),
];

/// What must be the same whether a command was cut short and run again, or ran through: the states of pieces, the alarms, what
/// was told, and the lists.
fn outcome(job: &TestJob) -> (Vec<String>, BTreeMap<String, Vec<String>>, Vec<String>) {
    let book = crate::book::open(job);
    let mut rows = Vec::new();
    for sql in [
        "SELECT lot.name || ' ' || sequence || ' ' || attempt || ' ' || coalesce(piece.state, lot.state) FROM piece JOIN lot ON lot.id = piece.lot ORDER BY piece.lot, sequence",
        "SELECT lot || ' ' || coalesce(sequence, 0) || ' ' || state || ' ' || cause FROM event ORDER BY id",
        "SELECT lot || ' ' || sequence || ' ' || kind || ' ' || coalesce(verdict, 'open') FROM alarm ORDER BY lot, sequence, kind",
        "SELECT lot || ' ' || count(*) FROM passage GROUP BY lot",
        "SELECT lot || ' ' || name || ' ' || day FROM milestone ORDER BY lot, name",
    ] {
        let mut statement = book.prepare(sql).unwrap();
        let found = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.extend(found.map(Result::unwrap));
    }
    let lists = if job.path("inserting").exists() { job.names("inserting") } else { Vec::new() };
    (rows, told(job), lists.into_iter().filter(|name| name.ends_with(".csv")).collect())
}

fn cut_acts_are_finished(acts: &[Act], step: usize, cut: CutAt) {
    let Some(killer) = Killer::new() else { return };
    let printed = printed();
    for (command, arguments) in acts {
        let whole = printed.twin();
        let given = arguments(&whole);
        assert!(
            whole.pli(command, &given.iter().map(String::as_str).collect::<Vec<_>>()).code <= 1,
            "{command}"
        );
        let wanted = outcome(&whole);
        Killer::sweep(step, |change| {
            let job = printed.twin();
            let given = arguments(&job);
            let given: Vec<&str> = given.iter().map(String::as_str).collect();
            let mut killed = program();
            killed.arg(command).arg(job.path("job.toml")).args(&given).arg("-q");
            let ended = killer.cuts(&mut killed, change, cut(change), &job.path(""));
            let finished = job.pli(command, &given);
            assert!(
                finished.code <= 1,
                "{command}, {:?} at change {change}: {}{}",
                cut(change),
                finished.stdout,
                finished.stderr
            );
            assert_eq!(outcome(&job), wanted, "{command}, {:?} at change {change}", cut(change));
            ended.is_cut
        });
    }
}

#[test]
fn a_killed_command_after_the_press_is_finished_by_the_same_command() {
    cut_acts_are_finished(&ACTS[..1], 29, KILL);
    cut_acts_are_finished(&ACTS[2..4], 31, KILL);
}

#[test]
fn a_command_after_the_press_survives_a_full_disk_and_a_power_loss() {
    cut_acts_are_finished(&ACTS[1..2], 31, |change| match change % 2 {
        0 => Cut::Full,
        _ => POWER(change),
    });
}

#[test]
#[ignore = "takes minutes"]
fn commands_after_the_press_are_cut_short_at_every_call() {
    for cut in [KILL, FULL, POWER] {
        cut_acts_are_finished(&ACTS, 1, cut);
    }
}

#[test]
fn a_piece_that_passed_unread_is_good_once_somebody_has_looked_at_it() {
    let job = printed();
    let unread = camera(&job, "camera.csv", |sequence, card| match sequence {
        4 => vec!["?????".to_owned()],
        _ => once(sequence, card),
    });
    let piece = letters(&job)[3].0.clone();
    assert_eq!(strings(&done(&job.pli("reconcile", &[&unread, "--final"]), 1)["unread"]), [&piece]);
    let accept = ["--lot", LOT, "--accept", &piece, "--reason", "its envelope is there"];
    let report = done(&job.pli("reconcile", &accept), 0);
    assert_eq!(report["good"].as_u64(), Some(letters(&job).len() as u64));
    done(&job.pli("dispatch", &[LOT]), 0);
}

#[test]
fn a_card_that_is_found_again_is_made_again_no_more() {
    let job = printed();
    let lost = camera(
        &job,
        "camera.csv",
        |sequence, card| if sequence == 1 { vec![] } else { once(sequence, card) },
    );
    done(&job.pli("reconcile", &[&lost, "--final"]), 1);
    let piece = letters(&job)[0].0.clone();
    done(&job.pli("reprint", &[&piece, "--reason", "not found"]), 1);
    assert_eq!(job.table("feedback/remakes.csv").len(), 1);
    done(
        &job.pli(
            "reprint",
            &[&piece, "--reason", "found under the belt", "--card-in-hand", "--date", MONDAY],
        ),
        0,
    );
    assert!(job.table("feedback/remakes.csv").is_empty());
    assert!(told(&job)["reprinted"].contains(&piece));
}

#[test]
fn a_camera_that_reports_after_the_dispatch_raises_alarms() {
    let job = printed();
    done(&job.pli("dispatch", &[LOT, "--date", MONDAY]), 0);
    let lost = camera(
        &job,
        "camera.csv",
        |sequence, card| if sequence == 2 { vec![] } else { once(sequence, card) },
    );
    let piece = letters(&job)[1].0.clone();
    let report = done(&job.pli("reconcile", &[&lost, "--final"]), 1);
    assert_eq!(strings(&report["missing"]), [&piece]);
    let detail = done(&job.pli("status", &["--piece", &format!("L{piece}")]), 0).to_string();
    assert!(detail.contains("\"dispatched\"") && detail.contains("\"missing\""), "{detail}");
    done(
        &job.pli("reconcile", &["--lot", LOT, "--accept", &piece, "--reason", "seen at the post office"]),
        0,
    );
    job.assert_sound();
}

/// A generator of numbers, the same in each run (Knuth, TAOCP 2, 3.3.4, line 26).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

#[test]
#[ignore = "prints a hundred thousand letters"]
fn a_hundred_thousand_reads_end_where_they_belong() {
    let folder = tempfile::tempdir().unwrap();
    let job = folder.path().join("job");
    let made = crate::job::pli(&[
        "sample",
        "--count",
        "108000",
        "--seed",
        "9",
        "--bad-percent",
        "0",
        "--out",
        text(&job),
    ]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let file = job.join("job.toml");
    let run = ["run", text(&file), "--date", MONDAY, "--only", "letters", "--prove", "none", "-q"];
    assert!(crate::job::pli(&run).code <= 1);
    let mut manifest =
        csv::Reader::from_path(job.join("out/2026-11-23/letters/26327A.manifest.csv")).unwrap();
    let rows: Vec<BTreeMap<String, String>> = manifest.deserialize().map(Result::unwrap).collect();
    let mut numbers = Numbers(12);
    let mut fates: Vec<usize> = (0..rows.len()).map(|_| numbers.below(1000)).collect();
    fates[0] = 999;
    let mut truth: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let (mut reads, mut place) = (String::from("read_at,value,position,camera,card_value\n"), 0);
    for (index, row) in rows.iter().enumerate() {
        let (piece, card) = (&row["piece_id"], &row["card_number"]);
        let mut note = |what| truth.entry(what).or_default().push(piece.clone());
        let alone = index > 0 && index + 1 < rows.len() && fates[index - 1] > 20 && fates[index + 1] > 20;
        let (mut values, mut on_card) = (vec![card.clone()], card.clone());
        match fates[index] {
            0 | 1 => {
                note("missing");
                values.clear();
            }
            2 => {
                note("duplicate");
                values.push(card.clone());
            }
            3 => {
                note("mismatch");
                on_card = rows[(index + 7) % rows.len()]["card_number"].clone();
            }
            4 if alone => {
                note("unread");
                values = vec!["NOREAD".to_owned()];
            }
            5 => {
                let stranger = format!("9000{index:06}");
                truth.entry("foreign").or_default().push(stranger.clone());
                values.push(stranger);
            }
            _ => {}
        }
        for value in values {
            place += 1;
            let at = format!(
                "2026-11-24T{:02}:{:02}:{:02}.{:03}",
                8 + place / 20_000,
                place / 333 % 60,
                place / 5 % 60,
                place % 5 * 200
            );
            let shown = if value == *card { on_card.as_str() } else { "" };
            reads.push_str(&format!("{at},{value},{place},exit,{shown}\n"));
            if (6..12).contains(&fates[index]) {
                let digit = (value.as_bytes()[4] - b'0' + 3) % 10;
                reads.push_str(&format!("{at},{}{digit}{},{place},exit,\n", &value[..4], &value[5..]));
            }
        }
    }
    fs_err::write(job.join("camera.csv"), &reads).unwrap();
    let began = std::time::Instant::now();
    let camera = job.join("camera.csv");
    let report = done(
        &crate::job::pli(&["reconcile", text(&file), text(&camera), "--lot", "L26327A", "--final", "--json"]),
        1,
    );
    let (count, seconds) = (reads.lines().count() - 1, began.elapsed().as_secs_f64());
    let _ = writeln!(std::io::stderr(), "{count} reads in {seconds:.2} s");
    for (status, mut wanted) in truth {
        wanted.sort();
        let mut found: Vec<String> = strings(&report[status]).into_iter().map(str::to_owned).collect();
        found.sort();
        let lost: Vec<&String> = wanted.iter().filter(|piece| !found.contains(piece)).collect();
        assert!(found == wanted, "{status}: {} instead of {}: {lost:?}", found.len(), wanted.len());
    }
}
