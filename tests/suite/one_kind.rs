//! Nights of one kind, for bureaus whose letters and mailers have users of their own: `--only` of `pli run` and `pli check`.

use serde_json::Value;

use crate::job::{FRIDAY, MONDAY, TestJob, pli};
use crate::tools::text;

/// The counts of a report, and which kind it is of.
fn counts(report: &Value) -> Vec<(&'static str, Value)> {
    let names = [
        "only",
        "rows",
        "carried_over",
        "letters",
        "mailers",
        "rejects",
        "warnings",
        "deferred",
        "nothing_to_send",
        "held",
        "cancelled",
        "recalled",
        "waiting",
    ];
    names.map(|name| (name, report[name].clone())).into()
}

/// How many pieces of a kind are due, by the ledger's own table.
fn due(job: &TestJob, kind: &str, day: &str) -> i64 {
    let db = rusqlite::Connection::open(job.path("ledger.db")).unwrap();
    let sql = "SELECT count(*) FROM duty WHERE state = 'waiting' AND due <= ?1 AND kind || 's' = ?2";
    db.query_row(sql, [day, kind], |row| row.get(0)).unwrap()
}

#[test]
fn a_check_of_one_kind_counts_as_that_night_does_and_neither_counts_the_other_kind() {
    let job = TestJob::new();
    let both = |command: &str, date: &str, kind: &str| job.pli(command, &["--date", date, "--only", kind]);
    let mut ran = Vec::new();
    for (date, kind, other) in
        [(FRIDAY, "letters", "mailers"), (MONDAY, "mailers", "letters"), (MONDAY, "letters", "mailers")]
    {
        if date == MONDAY && job.path("inbox/cards.csv").exists() {
            // With the records of an earlier night in the inbox, mailers alone can be made.
            assert_eq!(both("check", date, "letters").json()["error"]["code"], "input_other_night");
            assert!(both("check", date, "mailers").code <= 1);
            fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
        }
        let waited = if ran.is_empty() { [0, 0] } else { [kind, other].map(|kind| due(&job, kind, date)) };
        let checked = both("check", date, kind);
        let night = both("run", date, kind);
        assert_eq!(checked.code, night.code, "{kind}: {}{}", checked.stderr, night.stderr);
        let report = night.json();
        assert_eq!(counts(&checked.json()), counts(&report), "{kind}");
        assert_eq!((&report["only"], &report[other]), (&kind.into(), &0.into()));
        assert_eq!(report["carried_over"], waited[0], "{kind}, and not the {} {other}", waited[1]);
        assert!(report[kind].as_u64() > Some(0), "{kind}: {report}");
        ran.push((date, kind, waited, report));
    }
    assert!(ran[1].2[1] > 0, "letters were due beside the mailers");
    // Again, each kind is told what its own night did.
    for (date, kind, _, report) in &ran[1..] {
        let again = both("run", date, kind).json();
        assert_eq!((&again["already_done"], counts(&again)), (&true.into(), counts(report)), "{kind}");
    }
    job.assert_sound();
}

#[test]
fn the_other_kinds_night_is_not_told_as_ones_own() {
    let job = TestJob::new();
    job.records(&[job.row(2)]);
    assert_eq!(job.run(FRIDAY, &["--only", "letters", "--prove", "none"]).json()["letters"], 1);
    let before = job.read(&format!("out/{FRIDAY}/run.json"));
    let idle = job.run(FRIDAY, &["--only", "mailers"]);
    let report = idle.json();
    assert_eq!((idle.code, &report["already_done"]), (0, &true.into()), "{}", idle.stderr);
    let none = ["rows", "carried_over", "letters", "mailers", "rejects"].map(|name| report[name].as_u64());
    assert_eq!((none, &report["only"]), ([Some(0); 5], &"mailers".into()));
    assert_eq!(job.read(&format!("out/{FRIDAY}/run.json")), before, "nothing was released");
    let shown = pli(&["check", text(&job.path("job.toml")), "--date", FRIDAY, "--only", "mailers"]);
    let waiting = shown.stdout.lines().find(|line| line.contains("waiting hereafter")).unwrap();
    assert!(shown.stdout.starts_with(&format!("Night of {FRIDAY}, mailers only\n")), "{}", shown.stdout);
    assert!(waiting.ends_with("  of both kinds"), "{waiting}");
}
