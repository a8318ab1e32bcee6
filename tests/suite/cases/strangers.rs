//! Records that touch other people's cards: a wrong number in `replaced_card_number`, a file that revokes everybody, codes
//! that go to an unknown card or address.

use crate::book;
use crate::job::{FRIDAY, MONDAY, TestJob};

/// The codes of a night's findings, by card.
fn findings(job: &TestJob, night: &str, list: &str) -> Vec<(String, String)> {
    let rows = job.table(&format!("out/{night}/{list}.csv"));
    rows.iter().map(|row| (row["card_number"].clone(), row["code"].clone())).collect()
}

/// A row of the fixture with some cells changed.
fn changed(row: &str, cells: &[(usize, &str)]) -> String {
    let mut row: Vec<String> = row.split(',').map(str::to_owned).collect();
    for (index, value) in cells {
        (*value).clone_into(&mut row[*index]);
    }
    row.join(",")
}

const CARD: usize = 0;
const REASON: usize = 2;
const REQUESTED: usize = 3;
const REPLACED: usize = 6;

#[test]
fn a_strangers_card_is_not_cancelled() {
    let job = TestJob::new();
    let (first, incident) = (job.row(2), job.row(13));
    job.records(&[first.clone(), incident.clone()]);
    job.run(FRIDAY, &[]);
    job.replace("job.toml", "max_reject_percent = 25.0", "max_reject_percent = 100.0");
    let stranger = changed(&incident, &[(CARD, "2999999901"), (REPLACED, "2400140649")]);
    job.records(std::slice::from_ref(&stranger));
    let ran = job.run(MONDAY, &[]);
    assert_eq!(ran.json()["mailers"], 2, "the stranger's mailer leaves: {}", ran.stderr);
    let rejects = findings(&job, MONDAY, "rejects");
    assert_eq!(rejects, [("2999999901".to_owned(), "replaced_card_of_another".to_owned())]);
    // The advice, followed: the holder's own card.
    job.records(&[changed(&stranger, &[(REPLACED, "2498214730")])]);
    let ran = job.run("2026-11-24", &[]);
    assert_eq!((&ran.json()["letters"], &ran.json()["rejects"]), (&1.into(), &0.into()), "{}", ran.stderr);
}

#[test]
fn a_strangers_card_of_the_same_night_is_not_cancelled() {
    let job = TestJob::new();
    job.replace("job.toml", "max_reject_percent = 25.0", "max_reject_percent = 100.0");
    let stranger = changed(&job.row(13), &[(CARD, "2999999901"), (REPLACED, "2400140649")]);
    job.records(&[stranger, job.row(2)]);
    let ran = job.run(FRIDAY, &[]);
    assert_eq!((&ran.json()["letters"], &ran.json()["rejects"]), (&1.into(), &1.into()), "{}", ran.stderr);
    assert_eq!(findings(&job, FRIDAY, "rejects")[0].1, "replaced_card_of_another");
}

#[test]
fn a_card_that_a_stranger_replaced_before_it_came_is_sent() {
    let job = TestJob::new();
    let first = job.row(2);
    job.records(&[changed(&job.row(13), &[(CARD, "2999999901"), (REPLACED, "2400140649")])]);
    assert_eq!(job.run(FRIDAY, &[]).json()["letters"], 1, "nobody knows card 2400140649 yet");
    job.records(&[first]);
    let ran = job.run(MONDAY, &["--only", "letters"]);
    assert_eq!(ran.json()["letters"], 1, "{}", ran.stderr);
    assert_eq!(findings(&job, MONDAY, "warnings")[0].1, "replaced_by_another");
}

#[test]
fn each_cancelled_piece_is_a_warning_and_many_stop_the_night() {
    let job = TestJob::new();
    let rows: Vec<String> = [2, 3, 4, 5, 8, 12].map(|line| job.row(line)).into();
    job.records(&rows);
    assert_eq!(job.run(FRIDAY, &[]).json()["letters"], 6);
    let revoked: Vec<String> = rows.iter().map(|row| row.replace(",issued", ",revoked")).collect();
    job.records(&revoked[..1]);
    let one = job.run(FRIDAY, &[]);
    assert_eq!((one.code, &one.json()["cancelled"]), (1, &1.into()), "{}", one.stderr);
    let warnings = findings(&job, FRIDAY, "warnings");
    assert!(
        warnings.contains(&("2400140649".to_owned(), "cancelled_by_revocation".to_owned())),
        "{warnings:?}"
    );
    job.records(&revoked[1..]);
    let checked = job.pli("check", &["--date", MONDAY]);
    assert!(checked.json()["alerts"].to_string().contains("too_many_cancelled"), "{}", checked.stdout);
    let all = job.run(MONDAY, &[]);
    assert_eq!((all.code, &all.json()["error"]["code"]), (3, &"too_many_cancelled".into()), "{}", all.stdout);
    let listed = findings(&job, MONDAY, "warnings");
    assert_eq!(listed.iter().filter(|(_, code)| code == "cancelled_by_revocation").count(), 5);
    // The advice, followed: what is wrong is taken out, or the limit is raised.
    job.replace("job.toml", "[limits]", "[limits]\nmax_cancelled_percent = 100.0");
    let meant = job.run(MONDAY, &[]);
    assert_eq!((meant.code, &meant.json()["cancelled"], &meant.json()["mailers"]), (1, &5.into(), &0.into()));
}

#[test]
fn codes_go_to_the_address_that_the_ledger_knows() {
    let job = TestJob::new();
    fs_err::remove_file(job.path("reissues.csv")).unwrap();
    let first = job.row(2);
    job.records(std::slice::from_ref(&first));
    job.run(FRIDAY, &[]);
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    job.run(MONDAY, &[]);
    let again = changed(&first, &[(REASON, "codes_reissue"), (REQUESTED, "2026-11-24T09:00:00")]);
    let header = TestJob::new().read("inbox/cards.csv").lines().next().unwrap().to_owned();
    let send = |row: &str, night: &str, arguments: &[&str]| {
        job.write("inbox/cards.csv", &format!("{header}\n{row}\n"));
        job.run(night, arguments)
    };
    job.replace("job.toml", "max_reject_percent = 25.0", "max_reject_percent = 100.0");
    // The known address.
    let known = send(&again, "2026-11-25", &[]);
    assert_eq!((known.code, &known.json()["mailers"]), (0, &1.into()), "{}", known.stderr);
    // Another address, and a card that the ledger does not know.
    let street = first.split(',').find(|cell| cell.ends_with("PITARD")).expect("a street").to_owned();
    let moved = again.replace(&street, "77 RUE DE L ATTAQUE").replace("T09:00:00", "T09:00:01");
    let unknown =
        changed(&job_row_with_codes(), &[(REASON, "codes_reissue"), (REQUESTED, "2026-11-24T09:00:02")]);
    for row in [&moved, &unknown] {
        let ran = send(row, "2026-11-26", &[]);
        assert_eq!(
            (&ran.json()["mailers"], &ran.json()["rejects"]),
            (&0.into(), &1.into()),
            "{}",
            ran.stderr
        );
    }
    let codes: Vec<String> =
        findings(&job, "2026-11-26", "rejects").into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, ["reissue_address"; 2]);
    // The advice, followed.
    let file = job.path("released.csv");
    for (row, night) in [(&moved, "2026-11-27"), (&unknown, "2026-11-30")] {
        let card = row.split(',').next().unwrap();
        job.write("released.csv", &format!("card_number,reason\n{card},moved; confirmed by telephone\n"));
        let row = row.replace("T09:00:0", "T09:01:0");
        let ran = send(&row, night, &["--release-reissues", file.to_str().unwrap()]);
        assert_eq!((ran.code, &ran.json()["mailers"]), (1, &1.into()), "{}", ran.stderr);
        assert_eq!(ran.json()["released_reissues"], 1);
    }
    let kept = "SELECT count(*) FROM reissue_release WHERE reason = ?1";
    let reason = book::hash(&job, "reason", "moved; confirmed by telephone");
    assert_eq!(book::open(&job).query_row(kept, [reason], |row| row.get::<_, i64>(0)).unwrap(), 2);
}

/// The ledger's state of a card's mailer.
fn mailer_of(job: &TestJob, card: &str) -> String {
    let sql = "SELECT state FROM duty JOIN record ON record.id = duty.record
               WHERE duty.kind = 'mailer' AND card = ?1 ORDER BY duty.id DESC LIMIT 1";
    book::open(job).query_row(sql, [book::hash(job, "card", card)], |row| row.get(0)).unwrap()
}

#[test]
fn a_rejected_incident_stops_the_codes_of_the_card_that_it_replaces() {
    let first = TestJob::new().row(2);
    let incident = changed(
        &first,
        &[
            (CARD, "2400000001"),
            (REASON, "incident"),
            (REQUESTED, "2026-11-20T09:00:00"),
            (REPLACED, "2400140649"),
        ],
    );
    let no_town = incident.replace("75015 PARIS", "NOWHERE");
    // The holder's own identifier: cancelled. One that can't be read: it waits.
    let unreadable = no_town.replace("810003879623", "81000387962");
    for (row, state, code) in
        [(&no_town, "cancelled", "cancelled_by_replacement"), (&unreadable, "waiting", "held_for_incident")]
    {
        let job = TestJob::new();
        job.replace("job.toml", "max_reject_percent = 25.0", "max_reject_percent = 100.0");
        job.records(std::slice::from_ref(&first));
        job.run(FRIDAY, &[]);
        job.records(std::slice::from_ref(row));
        let ran = job.run(MONDAY, &[]);
        assert_eq!((ran.code, &ran.json()["mailers"]), (1, &0.into()), "{}", ran.stderr);
        assert_eq!(mailer_of(&job, "2400140649"), state);
        assert!(findings(&job, MONDAY, "warnings").iter().any(|(_, found)| found == code));
        // The advice, followed: the corrected record.
        job.records(std::slice::from_ref(&incident));
        let ran = job.run("2026-11-24", &[]);
        assert_eq!(
            (&ran.json()["letters"], &ran.json()["rejects"]),
            (&1.into(), &0.into()),
            "{}",
            ran.stderr
        );
        assert_eq!(mailer_of(&job, "2400140649"), "cancelled");
    }
}

#[test]
fn records_that_replace_each_other_s_cards_come_again() {
    let job = TestJob::new();
    job.replace("job.toml", "max_reject_percent = 25.0", "max_reject_percent = 100.0");
    let row = |card: &str, replaced: &str| {
        let cells =
            [(CARD, card), (REASON, "incident"), (REQUESTED, "2026-11-18T09:00:00"), (REPLACED, replaced)];
        changed(&TestJob::new().row(2), &cells)
    };
    job.records(&[row("2400000001", "2400000002"), row("2400000002", "2400000001")]);
    let ran = job.run(FRIDAY, &[]);
    assert_eq!((&ran.json()["letters"], &ran.json()["rejects"]), (&0.into(), &2.into()), "{}", ran.stderr);
    assert_eq!(findings(&job, FRIDAY, "rejects")[0].1, "replaced_in_a_circle");
    // The advice, followed.
    job.records(&[row("2400000002", "2400000001")]);
    let ran = job.run(MONDAY, &["--only", "letters"]);
    assert_eq!((&ran.json()["letters"], &ran.json()["rejects"]), (&1.into(), &0.into()), "{}", ran.stderr);
}

#[test]
fn a_request_of_the_future_can_be_mended() {
    let job = TestJob::new();
    let first = job.row(2);
    job.records(&[changed(&first, &[(REQUESTED, "2062-11-19T10:15:00")])]);
    let ran = job.run(FRIDAY, &[]);
    assert_eq!((&ran.json()["letters"], &ran.json()["waiting"]), (&0.into(), &2.into()), "{}", ran.stderr);
    job.records(&[first]);
    let ran = job.run(MONDAY, &[]);
    assert_eq!((&ran.json()["letters"], &ran.json()["rejects"]), (&1.into(), &0.into()), "{}", ran.stderr);
    assert_eq!(ran.json()["waiting"], 1, "its mailer, and nothing of the earlier record");
    assert!(findings(&job, MONDAY, "warnings").iter().any(|(_, code)| code == "record_superseded"));
}

#[test]
fn a_release_serves_once() {
    let job = TestJob::new();
    fs_err::remove_file(job.path("reissues.csv")).unwrap();
    job.replace("job.toml", "max_reject_percent = 25.0", "max_reject_percent = 100.0");
    let again = changed(&job.row(2), &[(REASON, "codes_reissue"), (REQUESTED, "2026-11-18T09:00:00")]);
    let file = job.path("released.csv");
    job.write("released.csv", "card_number,reason\n2400140649,verified by telephone\n");
    let released = ["--release-reissues", file.to_str().unwrap()];
    job.records(std::slice::from_ref(&again));
    assert_eq!(job.run(FRIDAY, &released).json()["mailers"], 1);
    let elsewhere = again.replace("T09:00:00", "T10:00:00").replace("PITARD", "DE LA FUITE");
    job.records(std::slice::from_ref(&elsewhere));
    let ran = job.run(MONDAY, &released);
    assert_eq!((&ran.json()["mailers"], &ran.json()["rejects"]), (&0.into(), &1.into()), "{}", ran.stderr);
    // The advice, followed: a reason of its own.
    job.write("released.csv", "card_number,reason\n2400140649,verified by telephone on 24 November\n");
    job.records(&[elsewhere.replace("T10:00:00", "T11:00:00")]);
    let ran = job.run("2026-11-24", &released);
    assert_eq!((ran.code, &ran.json()["mailers"]), (1, &1.into()), "{}", ran.stderr);
}

/// A row whose card has codes, for a job that never sent it.
fn job_row_with_codes() -> String {
    TestJob::new().row(3)
}
