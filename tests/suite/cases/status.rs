//! What `pli status` answers after two nights: by every filter, in every form, from a backup, and about what is late.

use serde_json::Value;

use crate::job::{FRIDAY, MONDAY, Ran, TestJob, pli};

/// The fixture after its two nights.
fn job() -> TestJob {
    let job = TestJob::new();
    job.both_nights();
    job
}

fn rows(ran: &Ran) -> Vec<Value> {
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.json()["pieces"].as_array().expect("pieces").clone()
}

fn csv(job: &TestJob, arguments: &[&str]) -> Vec<csv::StringRecord> {
    let path = job.path("job.toml");
    let all = [&["status", path.to_str().unwrap(), "--csv"], arguments].concat();
    let ran = pli(&all);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let mut reader = csv::Reader::from_reader(ran.stdout.as_bytes());
    assert_eq!(reader.headers().unwrap().iter().next(), Some("piece_id"));
    reader.records().map(|row| row.unwrap()).collect()
}

fn error(ran: &Ran) -> (i32, String) {
    (ran.code, ran.json()["error"]["code"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_lot_is_listed_piece_by_piece_in_every_form() {
    let job = job();
    let listed = job.pli("status", &["--lot", "L26324A"]);
    let (report, pieces) = (listed.json(), rows(&listed));
    assert_eq!(report["lots"][0]["states"]["released"], report["lots"][0]["pieces"]);
    assert_eq!(pieces.len() as u64, report["lots"][0]["pieces"].as_u64().unwrap());
    let manifest = job.table("out/2026-11-20/letters/26324A.manifest.csv");
    for (piece, row) in pieces.iter().zip(&manifest) {
        assert_eq!(piece["piece_id"], row["piece_id"]);
        assert_eq!(piece["file"].as_str().unwrap(), format!("letters/{}", row["file"]));
        assert_eq!(piece["first_page"].to_string(), row["first_page"]);
        assert_eq!(piece["pages"].to_string(), row["pages"]);
        let since = piece["since"].as_str().unwrap();
        assert!(since.ends_with('Z') && since.len() == 20, "{since}");
    }
    let lines = csv(&job, &["--lot", "L26324A"]);
    let ids = |row: &csv::StringRecord| row.iter().next().unwrap_or_default().to_owned();
    assert_eq!(
        lines.iter().map(ids).collect::<Vec<_>>(),
        manifest.iter().map(|row| row["piece_id"].clone()).collect::<Vec<_>>()
    );
    let path = job.path("job.toml");
    let table = pli(&["status", path.to_str().unwrap(), "--lot", "L26324A"]);
    assert_eq!(table.stdout.lines().count(), 2 + manifest.len(), "the lot, the header, a line a piece");
    assert!(table.stdout.lines().nth(2).unwrap().starts_with("26324A000001"), "{}", table.stdout);
}

#[test]
fn filters_combine() {
    let job = job();
    let count = |arguments: &[&str]| rows(&job.pli("status", arguments)).len();
    let of_friday = |state| count(&["--day", FRIDAY, "--state", state]);
    assert!(of_friday("released") > 0);
    assert_eq!(of_friday("planned"), 1, "a mailer whose codes are missing");
    assert_eq!(count(&["--day", FRIDAY]), of_friday("released") + of_friday("planned"));
    assert_eq!(count(&["--day", FRIDAY, "--state", "missing"]), 0);
    assert_eq!(count(&["--lot", "L26324A", "--state", "planned"]), 0);
    let (letters, mailers) =
        (count(&["--day", MONDAY, "--kind", "letter"]), count(&["--day", MONDAY, "--kind", "mailer"]));
    assert_eq!(letters + mailers, count(&["--day", MONDAY]));
    let waiting = job.pli("status", &[]).json();
    let planned = rows(&job.pli("status", &["--state", "planned"]));
    assert_eq!(planned.len() as u64, waiting["waiting"].as_u64().unwrap());
    assert!(planned.iter().all(|piece| piece["piece_id"].is_null() && piece["state"] == "planned"));
    let by_day = waiting["waiting_by_day"].as_array().unwrap();
    let sum: u64 = by_day.iter().map(|day| day["pieces"].as_u64().unwrap()).sum();
    assert_eq!(sum, waiting["waiting"].as_u64().unwrap());
    let tuesday: u64 = by_day
        .iter()
        .filter(|day| day["due"] == "2026-11-24")
        .map(|day| day["pieces"].as_u64().unwrap())
        .sum();
    assert!(tuesday > 0);
    assert_eq!(count(&["--day", "2026-11-24"]) as u64, tuesday);
    assert_eq!(error(&job.pli("status", &["--state", "lost"])), (2, "arguments".to_owned()));
    assert_eq!(error(&job.pli("status", &["--csv"])), (2, "arguments".to_owned()), "of which pieces?");
    assert_eq!(error(&job.pli("status", &["--csv", "--late"])), (2, "arguments".to_owned()), "and JSON");
}

#[test]
fn a_card_shows_letter_and_mailer_and_a_mailer_alone_leads_to_no_card() {
    let job = TestJob::new();
    job.replace("inbox/cards.csv", "status\n", "status,client_ref\n");
    let records = job.read("inbox/cards.csv");
    let rows: Vec<String> =
        (records.lines().skip(1).enumerate()).map(|(line, row)| format!("{row},REF-{}", line + 2)).collect();
    job.records(&rows);
    job.both_nights();
    let manifest = job.table("out/2026-11-20/letters/26324A.manifest.csv");
    let cards: Vec<Value> = (manifest.iter())
        .map(|row| job.pli("status", &["--card", &row["card_number"]]).json()["pieces"].clone())
        .collect();
    let both = cards.iter().find(|pieces| {
        pieces.as_array().is_some_and(|pieces| pieces.len() == 2 && pieces[1]["piece_id"].is_string())
    });
    let both = both.expect("a card whose mailer left on Monday");
    assert_eq!([&both[0]["kind"], &both[1]["kind"]], ["letter", "mailer"]);
    let reference = both[0]["client_ref"].as_str().expect("a reference");
    assert!(reference.starts_with("REF-"), "{both}");
    assert_eq!(both[1]["client_ref"], reference, "asked for by its card");
    let history: Vec<&str> = (both[0]["history"].as_array().unwrap().iter())
        .map(|event| event["state"].as_str().unwrap())
        .collect();
    assert_eq!(history, ["composed", "released"]);
    let mailer = both[1]["piece_id"].as_str().unwrap();
    let alone = job.pli("status", &["--piece", mailer]).json();
    assert_eq!((&alone["kind"], &alone["client_ref"]), (&"mailer".into(), &Value::Null));
    let tracking = alone["tracking_id"].as_str().expect("a tracking identifier");
    assert_eq!(job.pli("status", &["--tracking", tracking]).json()["piece_id"], mailer);
    assert_eq!(job.pli("status", &["--tracking", &tracking.replace(' ', "")]).json()["piece_id"], mailer);
    let (rest, key) = tracking.split_at(tracking.len() - 1);
    let wrong = format!("{rest}{}", (key.parse::<u8>().unwrap() + 1) % 10);
    assert_eq!(error(&job.pli("status", &["--tracking", &wrong])), (2, "arguments".to_owned()), "its key");
    let other = format!("ZZ{}", &tracking[2..]);
    assert_eq!(error(&job.pli("status", &["--tracking", &other])), (2, "tracking_prefix".to_owned()));
    for row in &manifest {
        let said = job.pli("status", &["--card", &row["card_number"]]).stdout;
        assert!(!said.contains(&row["card_number"]), "{said}");
    }
    assert_eq!(error(&job.pli("status", &["--card", "2409999999"])), (2, "unknown_card".to_owned()));
}

#[test]
fn the_account_of_a_released_lot_balances_and_one_that_does_not_needs_a_person() {
    let job = job();
    let account = job.pli("status", &["--lot", "L26324A", "--account"]);
    assert_eq!(account.code, 0, "{}", account.stderr);
    let account = account.json();
    assert_eq!((&account["balances"], &account["not_reported"]), (&true.into(), &account["pieces"]));
    let db = rusqlite::Connection::open(job.path("ledger.db")).unwrap();
    db.execute_batch("UPDATE piece SET state = 'missing' WHERE lot = 1 AND sequence = 1").unwrap();
    drop(db);
    let account = job.pli("status", &["--lot", "L26324A", "--account"]);
    assert_eq!((account.code, &account.json()["balances"]), (1, &false.into()));
    let path = job.path("job.toml");
    let sheet = pli(&["status", path.to_str().unwrap(), "--lot", "L26324A", "--account"]);
    assert!(sheet.stdout.contains("piece 1 is missing, and no event says so"), "{}", sheet.stdout);
}

#[test]
fn what_waits_beyond_ten_working_days_is_late() {
    let job = job();
    let late = |date: &str| rows(&job.pli("status", &["--late", "--date", date]));
    assert_eq!(late(MONDAY).len(), 0);
    let later = late("2027-03-01");
    assert!(!later.is_empty() && later.iter().all(|piece| piece["state"] == "planned"), "{later:?}");
    assert!(later.iter().all(|piece| piece["working_days"].as_u64() > Some(10)), "{later:?}");
    // Letters that wait are named by their cards, since they have no reference; mailers never are.
    let file = job.path("job.toml");
    let text = |form: &[&str]| {
        let asked = ["status", file.to_str().unwrap(), "--late", "--date", "2027-03-01"];
        let ran = pli(&[&asked[..], form].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stdout
    };
    let (table, csv) = (text(&[]), text(&["--csv"]));
    let mut letters = 0;
    for piece in &later {
        match (piece["kind"].as_str(), piece["card_number"].as_str()) {
            (Some("letter"), Some(card)) => {
                letters += 1;
                assert!(
                    table.contains(&format!("card {card}")) && csv.contains(card),
                    "{card}: {table}{csv}"
                );
            }
            (Some("mailer"), None) => {}
            wrong => panic!("{wrong:?}"),
        }
    }
    assert!(letters > 0 && csv.lines().next().is_some_and(|head| head.ends_with(",card_number,client_ref")));
    let overview = job.pli("status", &["--date", "2027-03-01"]).json();
    assert_eq!(overview["late"], later.len());
    job.replace("job.toml", "[limits]", "[limits]\nmax_working_days = 1");
    let friday = rows(&job.pli("status", &["--late", "--day", FRIDAY]));
    let days = |piece: &Value| piece["working_days"].as_u64();
    assert!(!friday.is_empty() && friday.iter().all(|piece| days(piece) > Some(1)), "released too late");
}

#[test]
fn a_backup_answers_as_the_ledger_did() {
    let job = job();
    let before = job.pli("status", &["--lot", "L26324A"]).stdout;
    fs_err::copy(job.path("ledger.db"), job.path("monday.backup")).unwrap();
    fs_err::remove_file(job.path("ledger.db")).unwrap();
    let backup = job.path("monday.backup");
    let backup = backup.to_str().unwrap();
    assert_eq!(job.pli("status", &["--lot", "L26324A", "--ledger", backup]).stdout, before);
    let failed = job.pli("status", &["--ledger", "nowhere.db"]);
    assert_eq!(error(&failed), (2, "no_ledger".to_owned()));
    assert!(failed.stderr.contains("such as a backup"), "{}", failed.stderr);
    assert_eq!(error(&job.pli("status", &[])), (2, "no_ledger".to_owned()));
}
