//! The fixture's nights: every reason, family and exception ends as `fixtures/night/README.md` says.

use std::collections::BTreeMap;

use crate::book::mailed;
use crate::job::{FRIDAY, MONDAY, TestJob};

/// Where a card's row of the README's table says it ends, by night.
fn expected() -> Vec<(String, String, String)> {
    let text =
        fs_err::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/night/README.md")).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| ") && line.contains(" | 24"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        (cells[2].to_owned(), cells[4].to_owned(), cells[5].to_owned())
    })
    .collect()
}

fn cards(job: &TestJob, manifest: &str) -> Vec<String> {
    job.table(manifest).iter().map(|row| row["card_number"].clone()).collect()
}

#[test]
fn every_card_ends_as_the_table_says() {
    let job = TestJob::new();
    let (friday, monday) = job.both_nights();
    assert_eq!((friday.code, monday.code), (1, 1), "{}{}", friday.stderr, monday.stderr);
    let letters = [
        cards(&job, "out/2026-11-20/letters/26324A.manifest.csv"),
        cards(&job, "out/2026-11-23/letters/26327A.manifest.csv"),
    ];
    let mailers = [mailed(&job, FRIDAY), mailed(&job, MONDAY)];
    let table = expected();
    assert_eq!(table.len(), 37);
    for (card, on_friday, on_monday) in table {
        if on_friday.contains("duplicate_card_number") {
            continue;
        }
        for (night, said) in [on_friday, on_monday].iter().enumerate() {
            assert_eq!(
                letters[night].contains(&card),
                said.starts_with("letter"),
                "{card} night {night}: {said}"
            );
            assert_eq!(
                mailers[night].contains(&card),
                said.starts_with("mailer"),
                "{card} night {night}: {said}"
            );
        }
    }
}

#[test]
fn rejects_name_file_line_column_and_code() {
    let job = TestJob::new();
    job.both_nights();
    let found: Vec<(String, String, String)> = [FRIDAY, MONDAY]
        .iter()
        .flat_map(|night| job.table(&format!("out/{night}/rejects.csv")))
        .map(|row| (row["line"].clone(), row["field"].clone(), row["code"].clone()))
        .collect();
    let wanted = [
        ("11", "reason", "renewal_not_for_cpf"),
        ("34", "pin", "test_pin"),
        ("37", "ps_id_nat", "ps_id_nat_check_digit"),
        ("37", "address_6", "address_postcode"),
        ("38", "card_number", "duplicate_card_number"),
        ("35", "pin", "test_pin"),
    ];
    let wanted: Vec<_> =
        wanted.iter().map(|(l, f, c)| (l.to_string(), f.to_string(), c.to_string())).collect();
    assert_eq!(found, wanted);
    assert!(
        job.table("out/2026-11-20/rejects.csv")
            .iter()
            .all(|row| row["source_file"].ends_with("inbox/cards.csv"))
    );
}

/// Gives each record a reference of its own, `=ref <line>`, in a column behind the others.
pub fn with_client_refs(job: &TestJob) {
    let cards = job.read("inbox/cards.csv");
    let lines = cards.lines().zip(1..).map(|(line, number)| match number {
        1 => format!("{line},client_ref\n"),
        _ => format!("{line},=ref {number}\n"),
    });
    job.write("inbox/cards.csv", &lines.collect::<String>());
}

#[test]
fn a_client_s_reference_goes_to_every_outcome_and_never_to_the_mailers() {
    let job = TestJob::new();
    with_client_refs(&job);
    let checked = job.pli("check", &["--date", FRIDAY]);
    for list in ["reject_list", "warning_list"] {
        let list = checked.json()[list].as_array().unwrap().clone();
        assert!(!list.is_empty());
        for finding in list.iter().filter(|finding| finding["line"].as_u64() > Some(1)) {
            assert_eq!(finding["client_ref"], format!("=ref {}", finding["line"]), "{finding}");
        }
    }
    job.both_nights();
    for night in [FRIDAY, MONDAY] {
        for file in ["rejects.csv", "warnings.csv"] {
            let path = format!("out/{night}/{file}");
            assert!(job.read(&path).lines().next().unwrap().ends_with(",message,client_ref"));
            for row in job
                .table(&path)
                .iter()
                .filter(|row| row["line"] != "0" && row["source_file"].contains("cards"))
            {
                assert_eq!(row["client_ref"], format!("=ref {}", row["line"]), "{path}: {row:?}");
            }
        }
    }
    let letters = job.table("out/2026-11-20/letters/26324A.manifest.csv");
    let refs: std::collections::BTreeSet<_> = letters.iter().map(|row| &row["client_ref"]).collect();
    assert_eq!(refs.len(), 22, "one for each letter");
    assert!(refs.iter().all(|reference| reference.starts_with("=ref ")));
    for night in [FRIDAY, MONDAY] {
        for file in job.names(&format!("out/{night}/mailers")) {
            let bytes = fs_err::read(job.path(&format!("out/{night}/mailers/{file}"))).unwrap();
            let found = bytes.windows(5).any(|part| part == b"=ref " || part == b"nt_re");
            assert!(!found, "{night}: {file}");
        }
    }
}

/// References change no page: letters with and without them are the same bytes.
#[test]
fn a_client_s_reference_is_not_printed() {
    let plain = TestJob::new();
    let referenced = plain.twin();
    with_client_refs(&referenced);
    for job in [&plain, &referenced] {
        job.run(FRIDAY, &[]);
    }
    let letters = "out/2026-11-20/letters/26324A-0001.pdf";
    assert!(fs_err::read(plain.path(letters)).unwrap() == fs_err::read(referenced.path(letters)).unwrap());
}

#[test]
fn counts_add_up_on_both_nights() {
    let job = TestJob::new();
    let (friday, monday) = job.both_nights();
    for report in [friday.json(), monday.json()] {
        let n = |key: &str| report[key].as_u64().expect(key);
        let ended = n("letters") + n("mailers") + n("deferred") + n("rejects") + n("nothing_to_send");
        assert_eq!(n("rows") + n("carried_over"), ended, "{report}");
    }
    let friday = friday.json();
    assert_eq!(friday["rows"], 37);
    assert_eq!(
        (&friday["letters"], &friday["mailers"], &friday["rejects"]),
        (&22.into(), &1.into(), &4.into())
    );
}

#[test]
fn sequences_have_no_gaps_and_rejects_take_none() {
    let job = TestJob::new();
    job.both_nights();
    for manifest in
        ["out/2026-11-20/letters/26324A", "out/2026-11-23/letters/26327A", "out/2026-11-23/mailers/26327A"]
    {
        let rows = job.table(&format!("{manifest}.manifest.csv"));
        for (index, row) in rows.iter().enumerate() {
            assert_eq!(row["sequence"], (index + 1).to_string());
            let separator = if manifest.contains("mailers") { "\\" } else { "" };
            assert_eq!(row["piece_id"], format!("{}{separator}{:06}", row["lot"], index + 1));
        }
    }
}

#[test]
fn a_mailer_waits_for_its_letter_and_never_shares_its_night() {
    let job = TestJob::new();
    job.both_nights();
    let letters: BTreeMap<String, &str> = cards(&job, "out/2026-11-20/letters/26324A.manifest.csv")
        .into_iter()
        .map(|card| (card, FRIDAY))
        .chain(
            cards(&job, "out/2026-11-23/letters/26327A.manifest.csv").into_iter().map(|card| (card, MONDAY)),
        )
        .collect();
    for night in [FRIDAY, MONDAY] {
        for card in mailed(&job, night) {
            assert_ne!(letters.get(&card), Some(&night), "{card}");
        }
    }
}

#[test]
fn what_waits_comes_out_on_its_day_and_only_once() {
    let job = TestJob::new();
    job.both_nights();
    let mut letters = 0;
    for night in ["2026-11-24", "2026-11-25", "2026-12-31", "2027-01-04"] {
        let report = job.run(night, &[]).json();
        letters += report["letters"].as_u64().unwrap();
    }
    assert_eq!(letters, 3, "lines 16 and 18 on the 24th, line 10 on 31 December");
    let status = job.pli("status", &[]).json();
    assert_eq!(status["waiting"], 1, "the mailer whose codes are missing: {status}");
}

#[test]
fn only_one_kind_leaves_when_asked_and_the_other_waits() {
    let job = TestJob::new();
    job.replace("job.toml", "max_reject_percent = 25.0", "max_reject_percent = 50.0");
    let letters = job.run(FRIDAY, &["--only", "letters"]).json();
    assert_eq!((&letters["letters"], &letters["mailers"]), (&22.into(), &0.into()));
    let mailers = job.run(FRIDAY, &["--only", "mailers"]).json();
    assert_eq!((&mailers["letters"], &mailers["mailers"]), (&0.into(), &1.into()));
    let monday = job.run(MONDAY, &["--only", "mailers"]);
    assert!(
        monday.json()["mailers"].as_u64() > Some(10),
        "the records of Friday are passed over: {}",
        monday.stderr
    );
}

#[test]
fn the_same_night_again_changes_nothing() {
    let job = TestJob::new();
    let first = job.run(FRIDAY, &[]).json();
    let before = job.read("out/2026-11-20/run.json");
    let again = job.run(FRIDAY, &[]);
    assert_eq!(again.json()["already_done"], true);
    assert_eq!(again.json()["files"], first["files"]);
    assert_eq!(job.read("out/2026-11-20/run.json"), before);
}

#[test]
fn new_records_of_the_same_night_make_a_second_lot() {
    let job = TestJob::new();
    job.run(FRIDAY, &[]);
    let row = job.row(2).replace("2400140649", "2499999990");
    let header = job.read("inbox/cards.csv").lines().next().unwrap().to_owned();
    job.write("inbox/cards-2.csv", &format!("{header}\n{row}\n"));
    let report = job.run(FRIDAY, &[]).json();
    assert_eq!(report["lots"][0]["lot"], "26324B", "{report}");
    assert_eq!(report["lots"][0]["first_piece"], "26324B000001");
    assert_eq!(job.table("out/2026-11-20/rejects.csv").len(), 5, "the first run's rejects are kept");
}

#[test]
fn check_tells_what_run_would_and_makes_nothing() {
    let job = TestJob::new();
    let checked = job.pli("check", &["--date", FRIDAY]);
    assert!(!job.path("out").exists());
    let ran = job.run(FRIDAY, &[]).json();
    let checked = checked.json();
    for key in ["rows", "letters", "mailers", "rejects", "warnings", "deferred", "nothing_to_send"] {
        assert_eq!(checked[key], ran[key], "{key}");
    }
}

#[test]
fn a_rehearsal_releases_nothing() {
    let job = TestJob::new();
    let report = job.run(FRIDAY, &["--dry-run", "--prove", "all"]).json();
    assert_eq!(report["proof"]["barcodes"], 45, "two symbols on each of 22 letters, and one on a mailer");
    assert!(!job.path("out/2026-11-20").exists());
    assert_eq!(job.run(FRIDAY, &[]).json()["letters"], 22);
}

#[test]
fn a_revoked_card_is_never_mailed_even_when_its_mailer_waited() {
    let job = TestJob::new();
    job.run(FRIDAY, &[]);
    let revoked = job.row(2).replace(",issued", ",revoked");
    job.records(&[revoked]);
    let report = job.run(MONDAY, &[]).json();
    assert_eq!(report["nothing_to_send"], 2, "the record, and the mailer that waited");
    assert!(!mailed(&job, MONDAY).contains(&"2400140649".to_owned()));
}

#[test]
fn codes_asked_again_wait_while_the_cards_letter_does() {
    let job = TestJob::new();
    // Line 9: a renewal due on Monday, without new codes. Its codes are asked again on Friday, so due on Monday too.
    let renewal = job.row(9);
    job.records(std::slice::from_ref(&renewal));
    job.run(FRIDAY, &[]);
    let mut cells: Vec<&str> = renewal.split(',').collect();
    (cells[2], cells[3]) = ("codes_reissue", "2026-11-20T09:00:00");
    job.records(&[cells.join(",")]);
    let monday = job.run(MONDAY, &[]);
    let report = monday.json();
    assert_eq!((&report["letters"], &report["mailers"], &report["held"]), (&1.into(), &0.into(), &1.into()));
    assert_eq!(monday.code, 1, "a person should know");
    let tuesday = job.run("2026-11-24", &["--only", "mailers"]).json();
    assert_eq!((&tuesday["mailers"], &tuesday["held"]), (&1.into(), &0.into()), "{tuesday}");
}

#[test]
fn codes_asked_again_are_not_sent_twice() {
    let job = TestJob::new();
    job.run(FRIDAY, &[]);
    let again = job.row(2).replace(",first,", ",codes_reissue,");
    job.records(&[again]);
    let report = job.run(MONDAY, &[]).json();
    assert_eq!(report["nothing_to_send"], 1, "its codes leave on Monday anyhow: {report}");
    let sent = mailed(&job, MONDAY);
    assert_eq!(sent.iter().filter(|card| *card == "2400140649").count(), 1);
}

#[test]
fn a_revocation_counts_even_in_a_row_that_is_rejected() {
    // As a duplicate of the very record that asks for the letter.
    let job = TestJob::new();
    job.replace("job.toml", "max_reject_percent = 25.0", "max_reject_percent = 60.0");
    let row = job.row(2);
    job.records(&[row.clone(), job.row(3), row.replace(",issued", ",revoked")]);
    let report = job.run(FRIDAY, &[]).json();
    assert_eq!(
        (&report["letters"], &report["nothing_to_send"], &report["rejects"]),
        (&1.into(), &1.into(), &1.into())
    );
    assert_eq!(cards(&job, "out/2026-11-20/letters/26324A.manifest.csv"), ["2400158480"]);
    // With another fault, on the night when its mailer would leave.
    let revoked = job.row(3).replace(",issued", ",revoked").replace(",CPS,", ",CPX,");
    job.records(&[revoked]);
    job.replace("job.toml", "max_reject_percent = 60.0", "max_reject_percent = 100.0");
    job.run(MONDAY, &[]);
    assert!(mailed(&job, MONDAY).is_empty());
    // And its codes can't be asked for any more.
    job.records(&[row.replace(",first,", ",codes_reissue,")]);
    let late = job.run("2026-11-25", &[]).json();
    assert_eq!((&late["mailers"], &late["rejects"]), (&0.into(), &1.into()), "{late}");
}

#[test]
fn codes_files_that_contradict_each_other_send_nothing() {
    let job = TestJob::new();
    job.records(&[job.row(2), job.row(3)]);
    job.run(FRIDAY, &[]);
    let codes = fs_err::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/night/inbox/codes.csv")).unwrap();
    let text = String::from_utf8(codes.clone()).unwrap();
    let line = text.lines().find(|line| line.starts_with("2400140649")).unwrap();
    let (card, rest) = line.split_once(',').unwrap();
    let other = format!("{card},{}", rest.replacen(&rest[..4], "9876", 1));
    job.seal_codes(text.replace(line, &other).as_bytes());
    fs_err::rename(job.path("inbox/codes.csv.age"), job.path("inbox/codes-2.csv.age")).unwrap();
    job.seal_codes(&codes);
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    job.replace("job.toml", "max_reject_percent = 25.0", "max_reject_percent = 60.0");
    let report = job.run(MONDAY, &[]).json();
    assert_eq!((&report["mailers"], &report["rejects"]), (&1.into(), &1.into()), "{report}");
    assert_eq!(job.table("out/2026-11-23/rejects.csv")[0]["code"], "codes_contradicted");
}

#[test]
fn an_incident_cancels_what_waits_for_the_card_it_replaces() {
    let job = TestJob::new();
    job.run(FRIDAY, &[]);
    let incident = job.row(2).replace("2400140649,CPS,first,", "2408729999,CPS,incident,");
    let incident = incident.replacen("T10:15:00,,,,,", "T10:15:00,,,2400140649,,", 1);
    assert!(incident.contains("2400140649"), "{incident}");
    job.records(&[incident]);
    job.run(MONDAY, &[]);
    assert!(!mailed(&job, MONDAY).contains(&"2400140649".to_owned()), "its new codes are of no use any more");
}
