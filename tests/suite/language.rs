//! `bureau.language`: the same nights in French and in English.

use std::collections::{BTreeMap, BTreeSet};

use crate::both_languages::assert_same;
use crate::job::{FRIDAY, MONDAY, TestJob};
use crate::tools::pdf_text;

/// Two jobs with the same records, French and English.
fn twins() -> [TestJob; 2] {
    let french = TestJob::new();
    let english = french.twin();
    english.in_english();
    [french, english]
}

/// Checks that two tables of findings have the same rows, each with its message in its language. Returns their codes.
fn same_findings(
    french: &[BTreeMap<String, String>],
    english: &[BTreeMap<String, String>],
) -> BTreeSet<String> {
    let plain = |rows: &[BTreeMap<String, String>]| -> Vec<BTreeMap<String, String>> {
        let others = |row: &BTreeMap<String, String>| {
            row.iter().filter(|(name, _)| *name != "message").map(|(n, v)| (n.clone(), v.clone())).collect()
        };
        rows.iter().map(others).collect()
    };
    assert_eq!(plain(french), plain(english));
    for (french, english) in french.iter().zip(english) {
        assert_same(&english["message"], &french["message"]);
    }
    french.iter().map(|row| row["code"].clone()).collect()
}

#[test]
fn two_nights_say_the_same_in_both_languages() {
    let jobs = twins();
    let mut codes = BTreeSet::new();
    for job in &jobs {
        let (friday, monday) = job.both_nights();
        assert!(friday.code <= 1 && monday.code <= 1, "{}{}", friday.stderr, monday.stderr);
    }
    for night in [FRIDAY, MONDAY] {
        for table in ["rejects.csv", "warnings.csv"] {
            let path = format!("out/{night}/{table}");
            let [french, english] = jobs.each_ref().map(|job| job.table(&path));
            codes.extend(same_findings(&french, &english));
        }
    }
    for code in ["duplicate_card_number", "codes_missing", "revoked"] {
        assert!(codes.contains(code), "{code} is not in {codes:?}");
    }
    let [french, english] = jobs.each_ref().map(|job| job.files());
    let letters = |files: &[std::path::PathBuf]| -> Vec<(String, Vec<u8>)> {
        let of = files.iter().filter(|file| file.parent().is_some_and(|folder| folder.ends_with("letters")));
        let of = of.filter(|file| !file.to_string_lossy().contains("work-order"));
        let of = of.filter(|file| file.extension().is_some_and(|ending| ending == "pdf"));
        of.map(|file| (file.file_name().unwrap().to_string_lossy().into_owned(), fs_err::read(file).unwrap()))
            .collect()
    };
    assert!(
        !letters(&french).is_empty() && letters(&french) == letters(&english),
        "letters are French in both"
    );
}

#[test]
fn what_planning_says_has_both_languages() {
    let jobs = twins();
    for job in &jobs {
        assert!(job.run(FRIDAY, &["--only", "letters", "--prove", "none"]).code <= 1);
        let text = job.read("inbox/cards.csv");
        let header = text.lines().next().unwrap();
        let columns: Vec<&str> = header.split(',').collect();
        let first = job.row(2);
        let with = |changes: &[(&str, &str)]| {
            let cells = columns.iter().zip(first.split(',')).map(|(name, cell)| {
                changes.iter().find(|(column, _)| column == name).map_or(cell, |(_, value)| value)
            });
            cells.collect::<Vec<_>>().join(",")
        };
        let card =
            first.split(',').nth(columns.iter().position(|name| *name == "card_number").unwrap()).unwrap();
        let rows = [
            with(&[("status", "revoked")]),
            with(&[("card_number", "2411111111"), ("reason", "codes_reissue")]),
            with(&[
                ("card_number", "2411111112"),
                ("reason", "incident"),
                ("replaced_card_number", card),
                ("ps_id_nat", "810003879623"),
                ("last_name", "AUTRE"),
            ]),
        ];
        job.write("inbox/more.csv", &format!("{header}\n{}\n", rows.join("\n")));
        job.replace("job.toml", "inbox/cards*.csv", "inbox/more.csv");
        job.replace("job.toml", "max_reject_percent = 25.0", "max_reject_percent = 100.0");
        let ran = job.run(MONDAY, &["--prove", "none"]);
        assert!(ran.code <= 1, "{}", ran.stderr);
    }
    let mut codes = BTreeSet::new();
    for table in ["rejects.csv", "warnings.csv"] {
        let [french, english] = jobs.each_ref().map(|job| job.table(&format!("out/{MONDAY}/{table}")));
        codes.extend(same_findings(&french, &english));
    }
    for code in ["revoked", "recalled_by_record", "reissue_address"] {
        assert!(codes.contains(code), "{code} is not in {codes:?}");
    }
    for (job, why) in jobs.iter().zip(["sa carte est révoquée", "its card is revoked"]) {
        let files = job.files();
        let is_it = |file: &&std::path::PathBuf| file.to_string_lossy().contains(".recall-");
        let sheet = files.iter().find(is_it).expect("a recall sheet");
        let Some(sheet) = pdf_text(sheet) else { return };
        assert!(sheet[0].contains(why), "{sheet:?}");
    }
}

#[test]
fn what_does_not_fit_a_template_has_both_languages() {
    let jobs = twins();
    for job in &jobs {
        let mine = job.path("mine");
        let made = crate::job::pli(&["template", "new", mine.to_str().unwrap(), "--from", "card-letter"]);
        assert_eq!(made.code, 0, "{}", made.stderr);
        let wide = "field(\"holder\", width: 61mm, fit: \"wrap\", lines: 2)";
        job.replace("mine/textes.typ", wide, "field(\"holder\", width: 22mm, fit: \"shrink\")");
        job.replace("job.toml", "[bureau]\n", "[letters]\ntemplate = \"mine\"\n\n[bureau]\n");
        job.replace("job.toml", "max_reject_percent = 25.0", "max_reject_percent = 100.0");
        let ran = job.run(FRIDAY, &["--only", "letters", "--prove", "none"]);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
    }
    let [french, english] = jobs.each_ref().map(|job| job.table(&format!("out/{FRIDAY}/rejects.csv")));
    let codes = same_findings(&french, &english);
    assert!(codes.contains("too_long_to_print"), "{codes:?}");
}

/// The text of a PDF of the job, its French spaces plain; `None` where poppler is missing.
fn text(job: &TestJob, path: &str) -> Option<String> {
    let pages = pdf_text(&job.path(path))?;
    Some(pages.join("\n").replace(['\u{202F}', '\u{A0}'], " "))
}

#[test]
fn sheets_are_in_the_bureaus_language_and_have_what_a_shift_fills_in() {
    let [french, english] = twins();
    for job in [&french, &english] {
        job.replace("job.toml", "[bureau]\n", "[press]\nlot_sheets = true\n\n[bureau]\n");
        assert!(job.run(FRIDAY, &["--only", "letters"]).code <= 1);
    }
    let [order, letters] =
        ["out/2026-11-20/letters/26324A.work-order.pdf", "out/2026-11-20/letters/26324A-0001.pdf"];
    for (job, words) in [
        (
            &french,
            ["FIN DE LOT", "Bons", "Gâchés", "Manquants", "Compté par", "Date, heure", "Mise sous pli"],
        ),
        (&english, ["END OF LOT", "Good", "Spoiled", "Missing", "Counted by", "At (day, time)", "Inserting"]),
    ] {
        let (Some(order), Some(lot)) = (text(job, order), text(job, letters)) else { return };
        for word in &words[1..] {
            assert!(order.contains(word), "`{word}` is not on the work order: {order}");
        }
        let end = lot.rfind(words[0]).map(|index| &lot[index..]).expect("the sheet at the end");
        for word in words {
            assert!(end.contains(word), "`{word}` is not on the sheet at the end: {end}");
        }
    }
}

#[test]
fn another_language_is_refused_with_advice() {
    let job = TestJob::new();
    job.replace("job.toml", "[bureau]\n", "[bureau]\nlanguage = \"de\"\n");
    let ran = job.run(FRIDAY, &[]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    let error = &ran.json()["error"];
    assert_eq!((error["line"].as_u64(), error["column"].as_u64()), (Some(5), Some(12)), "{error}");
    assert!(error["advice"].as_str().unwrap().contains("fr"), "{error}");
    job.replace("job.toml", "\"de\"", "\"fr\"");
    assert!(job.run(FRIDAY, &["--dry-run"]).code <= 1, "the advice was followed");
}
