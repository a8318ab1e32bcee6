//! Record files, their folders and their values as they arrive in the world.

use crate::job::{FRIDAY, Ran, TestJob};

/// A good record of the fixture, under another card number and with some text replaced.
fn record(number: u32, from: &str, to: &str) -> String {
    let row = "CPS,first,2026-11-20T09:00,,,,,810005678908,,MME,,MARTIN,Claire,60,,MME MARTIN CLAIRE,,,9 RUE HAUTE,,63000 CLERMONT FERRAND,,issued";
    assert!(row.contains(from), "{from}");
    format!("{number:010},{}", row.replacen(from, to, 1))
}

/// A job without limits on rejects, and with these records.
fn job_of(changes: &[(&str, &str)]) -> TestJob {
    let job = TestJob::new();
    job.replace("job.toml", "max_reject_percent = 25.0", "max_reject_percent = 100.0");
    let records: Vec<String> =
        (2_400_000_001..).zip(changes).map(|(number, (from, to))| record(number, from, to)).collect();
    job.records(&records);
    job
}

fn check(job: &TestJob) -> Ran {
    job.pli("check", &["--date", FRIDAY])
}

fn codes(ran: &Ran, list: &str) -> Vec<String> {
    let findings = ran.json()[list].as_array().unwrap().clone();
    findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_inbox_that_is_not_there_is_a_fault_of_the_configuration() {
    let job = TestJob::new();
    fs_err::rename(job.path("inbox"), job.path("elsewhere")).unwrap();
    for ran in [job.run(FRIDAY, &[]), check(&job)] {
        let error = &ran.json()["error"];
        assert_eq!((ran.code, &error["code"]), (2, &"input_folder_missing".into()), "{}", ran.stderr);
    }
    assert!(!job.path("out").exists());
    fs_err::rename(job.path("elsewhere"), job.path("inbox")).unwrap();
    assert_eq!(job.run(FRIDAY, &[]).json()["letters"], 22, "the advice was followed");
}

#[test]
fn files_of_the_inbox_that_no_pattern_takes_are_named() {
    let job = job_of(&[("", "")]);
    job.in_english();
    let text = job.read("inbox/cards.csv");
    let others = ["CARDS2.CSV", "cards3.csv.filepart", "records.csv", ".cards4.csv", "cards5.tmp"];
    for (name, number) in others.iter().zip(2..) {
        job.write(&format!("inbox/{name}"), &text.replace("2400000001", &format!("240000000{number}")));
    }
    let ran = job.run(FRIDAY, &[]);
    assert_eq!((ran.code, &ran.json()["letters"]), (0, &1.into()), "{}", ran.stderr);
    let warnings = job.table("out/2026-11-20/warnings.csv");
    let of = |name: &str| {
        let file = format!("inbox/{name}");
        warnings
            .iter()
            .find(|row| row["source_file"] == file)
            .unwrap_or_else(|| panic!("{name}: {warnings:?}"))
    };
    for (name, words) in
        others.iter().zip(["capitals", "not finished", "no pattern", "hidden", "not finished"])
    {
        assert_eq!(of(name)["code"], "file_not_taken");
        assert!(of(name)["message"].contains(words), "{:?}", of(name));
        assert!(ran.stderr.contains(name), "{}", ran.stderr);
    }
    job.replace("job.toml", "inbox/cards*.csv\"", "inbox/cards*.csv\", \"inbox/cards*\"");
    let again = check(&job).json().to_string();
    assert!(again.contains("cards3.csv.filepart") && again.contains("not finished"), "{again}");
}

#[test]
fn a_file_name_with_control_characters_is_legible_in_findings() {
    let job = job_of(&[("issued", "Issued")]);
    fs_err::rename(job.path("inbox/cards.csv"), job.path("inbox/cards\u{1b}[31m\n.csv")).unwrap();
    let ran = check(&job);
    assert_eq!(ran.json()["reject_list"][0]["source_file"], "inbox/cards\\u{1b}[31m\\u{a}.csv");
    assert!(!ran.stderr.contains("\u{1b}[31m"), "{}", ran.stderr);
}

#[test]
fn files_as_spreadsheets_save_them_are_read() {
    let semicolons = |text: &str| text.replace(',', ";").replace('\n', "\r\n");
    let forms: [fn(&str) -> String; 5] = [
        |text| text.replace("\r\n", ";\r\n"),
        |text| format!("sep=;\r\n{text}"),
        |text| format!("{text}{}\r\n{}\r\n", ";".repeat(23), ";".repeat(23)),
        |text| format!("{text}\u{1a}"),
        |text| format!("\u{feff}{text}"),
    ];
    for (number, form) in forms.iter().enumerate() {
        let job = job_of(&[("", ""), ("", "")]);
        job.write("inbox/cards.csv", &form(&semicolons(&job.read("inbox/cards.csv"))));
        let ran = job.run(FRIDAY, &[]);
        assert_eq!((ran.code, &ran.json()["letters"]), (0, &2.into()), "{number}: {}", ran.stderr);
    }
}

#[test]
fn faults_of_a_header_are_named_and_the_advice_works() {
    let cases: [(&str, &str, &str); 4] = [
        ("card_family", "card_family\u{200b}", "zero-width space U+200B"),
        ("last_name", "lastname", "did you mean `last_name`"),
        ("replaced_generation", "Replaced Generation", "did you mean `replaced_generation`"),
        ("organisation", "organization", "number 16"),
    ];
    for (right, wrong, words) in cases {
        let job = job_of(&[("", "")]);
        job.replace("inbox/cards.csv", right, wrong);
        let ran = check(&job);
        assert_eq!(ran.code, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
        job.replace("inbox/cards.csv", wrong, right);
        assert_eq!(check(&job).code, 0);
    }
    for (delimiter, words) in [("|", "separated by `|`"), ("\t", "separated by a tab")] {
        let job = job_of(&[("", "")]);
        job.write("inbox/cards.csv", &job.read("inbox/cards.csv").replace(',', delimiter));
        assert!(check(&job).stderr.contains(words));
    }
}

#[test]
fn letters_in_a_wrong_encoding_are_rejected() {
    let job = job_of(&[("MARTIN", "CHÊNE"), ("MARTIN CLAIRE", "LEFÈVRE")]);
    job.replace("job.toml", "[input]", "[input]\nencoding = \"windows-1252\"");
    assert_eq!(codes(&check(&job), "reject_list"), ["mojibake", "mojibake"]);
    let twice = job_of(&[("MARTIN", "CHÃŠNE"), ("MARTIN CLAIRE", "HÃ”PITAL")]);
    assert_eq!(codes(&check(&twice), "reject_list"), ["mojibake", "mojibake"]);
}

#[test]
fn what_programs_left_in_free_lines_is_warned_of() {
    let line = "MME MARTIN CLAIRE";
    let job = job_of(&[
        (line, "\\N"),
        (line, "H&ocirc;pital &amp; Fils"),
        (line, "#REF!"),
        (line, "=CONCATENER(A1;B1)"),
        (line, "???"),
        ("9 RUE HAUTE", ""),
        ("MARTIN", "\u{301}ETIENNE"),
    ]);
    let wanted = [
        "no_value_word",
        "markup",
        "sheet_error",
        "formula",
        "question_marks",
        "address_no_street",
        "stray_accent",
    ];
    assert_eq!(codes(&check(&job), "warning_list"), wanted);
}

#[test]
fn dates_that_may_be_wrong_are_warned_of_and_what_waits_is_seen() {
    let job = job_of(&[
        ("2026-11-20", "2062-11-20"),
        ("2026-11-20", "1999-11-20"),
        ("first,2026-11-20T09:00,,,,", "renewal,2026-11-20T09:00,,2010-01-31,2400999991,"),
    ]);
    let ran = check(&job);
    assert_eq!(codes(&ran, "warning_list"), ["request_in_future", "request_long_ago", "expired_long_ago"]);
    assert_eq!(ran.json()["deferred"], 1);
    assert!(ran.json()["warning_list"][0]["message"].as_str().unwrap().contains("2062-11-20"));
}

#[test]
fn a_renewal_of_an_old_card_sends_new_codes() {
    let job = job_of(&[("first,2026-11-20T09:00,,,,", "renewal,2026-11-20T09:00,,2014-02-28,2400999991,")]);
    assert_eq!(job.run(FRIDAY, &["--only", "letters"]).json()["waiting"], 1, "its mailer");
}

#[test]
fn corsica_and_kosovo_can_be_addressed() {
    let job = job_of(&[
        ("63000 CLERMONT FERRAND", "20401 BASTIA CEDEX 9"),
        ("63000 CLERMONT FERRAND", "20704 AJACCIO CEDEX 9"),
        ("63000 CLERMONT FERRAND,", "10000 PRISHTINA,XK"),
        ("63000 CLERMONT FERRAND,", "10000 PRISHTINA,Kosovo"),
    ]);
    assert_eq!(check(&job).json()["letters"], 4);
}

#[test]
fn identifiers_of_zeros_and_bare_numbers_are_rejected() {
    let job = job_of(&[
        ("810005678908", "800000000000"),
        ("810005678908,", "810005678908,2000000000"),
        ("810005678908,", "810005678908,311122233344455"),
        ("810005678908", "10005678908"),
        ("810005678908", "310099991"),
    ]);
    let wanted = [
        "ps_id_nat_zeros",
        "structure_id_zeros",
        "structure_id_check_digit",
        "ps_id_nat_bare",
        "ps_id_nat_bare",
    ];
    assert_eq!(codes(&check(&job), "reject_list"), wanted);
}

#[test]
fn a_date_on_the_command_line_is_judged() {
    let job = TestJob::new();
    for (date, words) in [
        ("23/11/2026", "write 2026-11-23"),
        ("1850-01-01", "from 2000 to 2099"),
        ("0000-01-01", "from 2000 to 2099"),
        ("9999-12-31", "from 2000 to 2099"),
    ] {
        for command in ["run", "check"] {
            let ran = job.pli(command, &["--date", date]);
            assert_eq!((ran.code, ran.stderr.contains(words)), (2, true), "{date}: {}", ran.stderr);
        }
    }
}

#[test]
fn a_flood_of_bad_rows_is_listed_in_part_and_counted_in_full() {
    let job = job_of(&[("", "")]);
    job.in_english();
    let rows: Vec<String> = (0..20_000).map(|row| format!("{row:07}{}", ",".repeat(23))).collect();
    job.records(&rows);
    let ran = job.run(FRIDAY, &[]);
    assert_eq!((ran.code, &ran.json()["rejects"]), (1, &20_000.into()), "{}", ran.stderr);
    let rejects = job.table("out/2026-11-20/rejects.csv");
    assert!(rejects.len() <= 10_002, "{}", rejects.len());
    assert!(rejects.iter().any(|row| row["message"].contains("and 15000 more of this code")));
}

#[test]
fn more_record_files_than_sixteen_bits_count_are_read_in_time() {
    let job = job_of(&[("", "")]);
    let header = job.read("inbox/cards.csv").lines().next().unwrap().to_owned();
    fs_err::remove_file(job.path("inbox/cards.csv")).unwrap();
    for file in 0..66_000 {
        let row = record(2_400_000_000 + file, "", "");
        fs_err::write(job.path(&format!("inbox/cards{file:05}.csv")), format!("{header}\n{row}\n")).unwrap();
    }
    let ran = check(&job);
    assert_eq!((ran.code, &ran.json()["letters"]), (0, &66_000.into()), "{}", ran.stderr);
}

#[test]
fn no_cell_of_a_findings_table_begins_a_formula() {
    let job = job_of(&[("issued", "x;=cmd"), ("issued", "＝cmd"), ("issued", "\"x\t+1\"")]);
    job.run(FRIDAY, &[]);
    let text = job.read("out/2026-11-20/rejects.csv");
    assert!(text.contains("x;'=cmd") && !text.contains(";=") && !text.contains("\t+"), "{text}");
}

#[test]
fn texts_of_the_job_that_no_sheet_can_show_are_faults_of_the_configuration() {
    let job = TestJob::new();
    job.replace("job.toml", "[bureau]", "[press]\nmedia = \"A4 \u{1f600}\"\n\n[bureau]");
    let ran = job.run(FRIDAY, &[]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(!job.path("out/2026-11-20/letters").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_not_utf_8_ends_in_words() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let job = TestJob::new();
    let named = |name: &[u8]| job.path("inbox").join(OsStr::from_bytes(name));
    for hidden in [&b"relev\xe9.txt"[..], b".cards\xe9.csv", b"cards\xe9.csv.part"] {
        fs_err::write(named(hidden), "x").unwrap();
    }
    let ran = job.run(FRIDAY, &["--dry-run"]);
    assert!(ran.code < 2, "{} {}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("relev\\u{fffd}.txt: not taken: its name is not UTF-8"), "{}", ran.stderr);
    fs_err::write(named(b"cards\xe9.csv"), "x").unwrap();
    for (command, arguments) in
        [("check", &[][..]), ("run", &["--date", FRIDAY]), ("run", &["--date", FRIDAY, "--shard", "1/2"])]
    {
        let ran = job.pli(command, arguments);
        let error = &ran.json()["error"];
        assert_eq!((ran.code, error["code"].as_str()), (2, Some("input_name")), "{}", ran.stdout);
        assert!(error["file"].as_str().unwrap().ends_with("cards\\u{fffd}.csv"), "{error}");
    }
    // The advice: renamed.
    fs_err::remove_file(job.path("inbox/cards.csv")).ok();
    fs_err::rename(named(b"cards\xe9.csv"), job.path("later.csv")).unwrap();
    assert_ne!(job.pli("check", &[]).json()["error"]["code"], "input_name");
}

#[test]
fn a_table_of_codes_in_clear_that_nothing_takes_is_named_as_such() {
    let job = TestJob::new();
    job.write("inbox/plain.csv", "Card_Number;PIN;PUK\n2400140649;4821;90817263\n");
    job.write("inbox/spin.csv", "card_number;spin\n1;2\n");
    let ran = job.pli("check", &["--date", FRIDAY]);
    let report = ran.json();
    let code_of = |name: &str| {
        let list = report["warning_list"].as_array().unwrap();
        let found = list.iter().find(|finding| finding["source_file"].as_str().unwrap().ends_with(name));
        found.map(|finding| finding["code"].as_str().unwrap().to_owned())
    };
    assert_eq!(code_of("/plain.csv").as_deref(), Some("file_may_hold_codes"), "{report}");
    assert_eq!(code_of("/spin.csv").as_deref(), Some("file_not_taken"), "{report}");
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("90817263"), "never a value");
}

#[test]
fn a_check_says_that_the_run_would_be_refused_for_its_rejects() {
    let job = TestJob::new();
    let refused = |ran: &Ran| ran.json()["alerts"].to_string().contains("too_many_rejects");
    assert!(!refused(&job.pli("check", &["--date", FRIDAY])));
    job.replace("job.toml", "max_reject_percent = 25.0", "max_reject_percent = 0.1");
    let ran = job.pli("check", &["--date", FRIDAY]);
    assert!(ran.code == 1 && refused(&ran), "{}", ran.stdout);
    assert_eq!(job.run(FRIDAY, &[]).json()["error"]["code"], "too_many_rejects");
}
