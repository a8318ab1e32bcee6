//! Returned mail: a clerk's pile of pictures is scanned, what is doubtful is decided on the report's page, and booked.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::both_languages::assert_same;
use crate::job::{FRIDAY, TestJob};
use crate::tools::{picture, python, text};

const TUESDAY: &str = "2026-12-01";

/// A name that would act in a page that trusts it.
const HOSTILE: &str = "x<script>alert(1)<!--' onload=\"x.png";

/// A job after the Friday of its letters, and the first three of them: print file, page, card number.
fn printed() -> (TestJob, Vec<(PathBuf, u32, String)>) {
    let job = TestJob::new();
    let ran = job.run(FRIDAY, &["--only", "letters", "--prove", "none"]);
    assert!(ran.code <= 1, "{}", ran.stderr);
    let rows = job.table("out/2026-11-20/letters/26324A.manifest.csv");
    let letters = rows.iter().take(3).map(|row| {
        let file = job.path("out/2026-11-20/letters").join(&row["file"]);
        (file, row["first_page"].parse().unwrap(), row["card_number"].clone())
    });
    let letters = letters.collect();
    (job, letters)
}

fn scan(job: &TestJob, arguments: &[&str], code: i32) -> Value {
    let ran = job.pli("scan", &[arguments, &["--date", TUESDAY, "--by", "C. Durand"]].concat());
    assert_eq!(ran.code, code, "{}{}", ran.stdout, ran.stderr);
    ran.json()
}

fn column<'o>(outcomes: &'o Value, key: &str) -> Vec<&'o Value> {
    outcomes.as_array().unwrap().iter().map(|outcome| &outcome[key]).collect()
}

#[test]
fn what_is_doubtful_is_decided_on_the_report_and_booked_once() {
    let (job, letters) = printed();
    fs_err::create_dir_all(job.path("scans")).unwrap();
    let (whole, no_symbol) = ([0.0, 0.0, 210.0, 297.0], [20.0, 110.0, 100.0, 50.0]);
    let files = [("1.png", whole), ("2.png", whole), (HOSTILE, no_symbol)];
    for ((name, part), (pdf, page, _)) in files.iter().zip(&letters) {
        let drawn = job.path("drawn.png");
        if picture(pdf, *page, 200, *part, &drawn).is_none() {
            return;
        }
        fs_err::rename(drawn, job.path("scans").join(name)).unwrap();
    }
    let scans = job.path("scans");
    let pile = [text(&scans), "--reason", "unknown"];
    let outcomes = scan(&job, &pile, 1);
    assert_eq!(column(&outcomes, "verdict"), ["matched", "matched", "unreadable"]);
    assert_eq!(column(&outcomes, "card_number")[..2], [&letters[0].2, &letters[1].2]);

    let folder = format!("returns/{TUESDAY}");
    let report = job.names(&folder).into_iter().find(|name| name.ends_with(".html")).expect("a report");
    let report = job.path(&folder).join(report);
    let html = fs_err::read_to_string(&report).unwrap();
    for outcome in outcomes.as_array().unwrap() {
        let [english, french] = ["reason", "reason_fr"].map(|key| outcome[key].as_str().unwrap());
        assert_same(english, french);
        assert!(html.contains(french) && !html.contains(english), "{french}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs_err::metadata(&report).unwrap().permissions().mode() & 0o077, 0, "for this user alone");
    }
    let Some(judged) = python("html.parser", &["tests/report.py", text(&report)]) else { return };
    assert_eq!(judged.trim(), "1 1 0", "one doubtful page with its picture, and no symbol to outline");

    let doubtful = &outcomes[2];
    let decision = json!([{
        "path": doubtful["path"], "page": doubtful["page"], "sha256": doubtful["sha256"],
        "card_number": letters[2].2, "by": "M. Petit"
    }]);
    job.write("decisions.json", &decision.to_string());
    let decisions = job.path("decisions.json");
    let accepted = scan(&job, &["--accept", text(&decisions)], 0);
    assert_eq!(accepted["accepted"][0]["verdict"], "matched");

    let again = scan(&job, &["--accept", text(&decisions)], 1);
    assert_eq!(again["refused"].as_array().map(Vec::len), Some(1), "it is stale: {again}");
    let seen = scan(&job, &pile, 0);
    assert!(column(&seen, "seen_before").iter().all(|seen| **seen == true));
    let cards = job.table(&format!("{folder}/returns.csv"));
    assert_eq!(cards.len(), 3, "each return once: {cards:?}");
    assert!(cards.iter().all(|row| row["reason"] == "unknown"), "also the decided one: {cards:?}");
}

#[test]
fn decisions_that_can_t_be_used_are_refused_before_anything_is_booked() {
    let (job, _) = printed();
    let path = job.path("decisions.json");
    for (decisions, code) in [("[{\"page\":1}]", "decisions_form"), ("{", "decisions_form")] {
        fs_err::write(&path, decisions).unwrap();
        let failed = scan(&job, &["--accept", text(&path)], 2);
        assert!(failed.to_string().contains(code), "{failed}");
    }
    let missing = job.path("missing.json");
    assert!(scan(&job, &["--accept", text(&missing)], 2).to_string().contains("decisions_unreadable"));
}
