//! Letters in the order of the post, in bundles, with their deposit tables; templates from a day on; postcodes and generations of
//! the job.

use std::collections::BTreeMap;

use crate::job::{FRIDAY, MONDAY, TestJob};
use crate::same::assert_same;
use crate::tools::pdf_text;

const LETTERS: &str = "out/2026-11-20/letters/26324A";
const AGAIN: &str = "out/2026-11-23/letters/26324A.1";
const MAILERS: &str = "out/2026-11-23/mailers/26327A";

type Rows = Vec<BTreeMap<String, String>>;

/// The fixture's job with further keys.
fn job(letters: &str, more: &str) -> TestJob {
    let job = TestJob::new();
    let text = job.read("job.toml");
    assert!(!text.contains("[letters]"), "the fixture has the built-in letter");
    job.replace("job.toml", "[limits]\n", &format!("[letters]\n{letters}\n\n{more}\n\n[limits]\n"));
    job
}

/// The last line of each letter's address, in the order of the manifest.
fn last_lines(job: &TestJob, records: &str, rows: &Rows) -> Vec<(String, String)> {
    let mut table = csv::Reader::from_reader(records.as_bytes());
    let records: Rows = table.deserialize().map(|row| row.unwrap()).collect();
    let of = |card: &str| {
        let record = records.iter().find(|record| record["card_number"] == card);
        let record = record.unwrap_or_else(|| panic!("{card}: {}", job.path("").display()));
        (record["address_6"].clone(), record["structure_id"].clone())
    };
    rows.iter().map(|row| of(&row["card_number"])).collect()
}

/// What a manifest has in common with one of another order: rows without their places.
fn cards(rows: &Rows) -> Vec<String> {
    let mut cards: Vec<String> = rows.iter().map(|row| row["card_number"].clone()).collect();
    cards.sort();
    cards
}

#[test]
fn letters_by_postcode_lie_in_bundles_that_manifest_control_file_and_sheets_show() {
    let plain = TestJob::new();
    assert_eq!(plain.run(FRIDAY, &[]).code, 1);
    let usual = plain.table(&format!("{LETTERS}.manifest.csv"));
    assert!(!usual[0].contains_key("bundle"));

    let job = job("order = \"postcode\"\nbundle = 5", "[press]\nlot_sheets = true");
    let records = job.read("inbox/cards.csv");
    let ran = job.run(FRIDAY, &[]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert_eq!(ran.json()["proof"]["failures"], 0);
    let rows = job.table(&format!("{LETTERS}.manifest.csv"));
    assert_eq!(cards(&rows), cards(&usual), "the same letters");
    let lasts = last_lines(&job, &records, &rows);
    let codes: Vec<&str> = lasts
        .iter()
        .filter(|(last, _)| last.as_bytes()[4].is_ascii_digit() && last != "1050 BRUXELLES")
        .map(|(last, _)| &last[..5])
        .collect();
    assert!(codes.len() > 15 && codes.is_sorted(), "{codes:?}");
    assert_eq!(lasts.last().map(|(last, _)| last.as_str()), Some("1050 BRUXELLES"), "abroad comes last");
    let sequences: Vec<String> = rows.iter().map(|row| row["sequence"].clone()).collect();
    let counted: Vec<String> = (1..=rows.len()).map(|number| number.to_string()).collect();
    assert_eq!(sequences, counted);
    let bundles: Vec<usize> = rows.iter().map(|row| row["bundle"].parse().unwrap()).collect();
    let wanted: Vec<usize> = (0..rows.len()).map(|index| index / 5 + 1).collect();
    assert_eq!(bundles, wanted);
    let control = job.table(&format!("{LETTERS}.control.csv"));
    let told: Vec<usize> = control.iter().map(|row| row["bundle"].parse().unwrap()).collect();
    assert_eq!(told, wanted);
    let state = job.pli("status", &["--piece", &rows[0]["piece_id"]]);
    assert!(state.stdout.contains(&rows[0]["piece_id"]), "{}", state.stdout);
    job.assert_sound();
    let Some(order) = pdf_text(&job.path(&format!("{LETTERS}.work-order.pdf"))) else { return };
    let count = rows.len().div_ceil(5);
    assert!(order[0].contains(&format!("{count} liasses, à partir des plis 1, 6, 11")), "{}", order[0]);
    let Some(pages) = pdf_text(&job.path(&format!("{LETTERS}-0001.pdf"))) else { return };
    assert!(pages[0].contains("de 5 plis"), "{}", pages[0]);
    let trailer = pages.iter().find(|page| page.contains("FIN DE LOT")).expect("the last sheet");
    let line = trailer.lines().find(|line| line.contains("Nombre de liasses")).expect("the count");
    assert!(line.trim().ends_with(&count.to_string()), "{trailer}");
    // What is printed again has no bundle.
    let again = job.pli(
        "reprint",
        &[rows[7]["piece_id"].as_str(), "--reason", "torn", "--card-in-hand", "--date", MONDAY],
    );
    assert_eq!(again.code, 0, "{}", again.stderr);
    let again = job.table(&format!("{AGAIN}.manifest.csv"));
    assert_eq!(again[0]["card_number"], rows[7]["card_number"]);
    assert!(!again[0].contains_key("bundle"));
    assert_eq!(job.table(&format!("{AGAIN}.deposit.csv"))[0]["pieces"], "1");
}

#[test]
fn bundles_by_departement_break_where_it_changes() {
    let job = job("order = \"postcode\"\nbundle = \"departement\"", "");
    let records = job.read("inbox/cards.csv");
    let ran = job.run(FRIDAY, &[]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let rows = job.table(&format!("{LETTERS}.manifest.csv"));
    let lasts = last_lines(&job, &records, &rows);
    for (pair, lines) in rows.windows(2).zip(lasts.windows(2)) {
        let area = |last: &str| match &last[..2] {
            "20" => format!("2{}", if last[..3] <= *"201" { 'A' } else { 'B' }),
            "97" | "98" => last[..3].to_owned(),
            area => area.to_owned(),
        };
        let same = area(&lines[0].0) == area(&lines[1].0);
        assert_eq!(pair[0]["bundle"] == pair[1]["bundle"], same, "{lines:?}");
    }
}

#[test]
fn letters_by_structure_lie_together() {
    let job = job("order = \"structure\"", "");
    let records = job.read("inbox/cards.csv");
    assert_eq!(job.run(FRIDAY, &[]).code, 1);
    let rows = job.table(&format!("{LETTERS}.manifest.csv"));
    let structures: Vec<String> = last_lines(&job, &records, &rows).into_iter().map(|(_, id)| id).collect();
    let (named, without): (Vec<_>, Vec<_>) = structures.iter().partition(|id| !id.is_empty());
    assert!(named.len() > 3 && named.is_sorted(), "{named:?}");
    assert!(structures.ends_with(&without.into_iter().cloned().collect::<Vec<_>>()), "{structures:?}");
}

#[test]
fn an_ordered_night_in_shares_is_the_night_run_whole() {
    let whole = job("order = \"postcode\"\nbundle = \"departement\"", "[press]\nlot_sheets = true");
    whole.replace("job.toml", "[output]\n", "[output]\npieces_per_file = 4\n");
    let merged = whole.twin();
    for night in [FRIDAY, MONDAY] {
        let run = whole.run(night, &[]);
        for share in ["2/2", "1/2"] {
            let ran = merged.run(night, &["--shard", share]);
            assert_eq!(ran.code, 0, "{}", ran.stderr);
        }
        let ran = merged.pli("merge", &["--date", night]);
        assert_eq!((ran.code, run.code), (1, 1), "{}{}", ran.stderr, run.stderr);
        assert_same(&whole, &merged, night);
        for job in [&whole, &merged] {
            let _ = fs_err::remove_file(job.path("inbox/cards.csv"));
        }
    }
    whole.assert_sound();
}

#[test]
fn every_lot_has_a_deposit_table_that_counts_it() {
    let job = job("", "[postage]\nclasses = [20, 50]\nmin_pieces = 400\nproduct = \"Lettre verte\"");
    let names = job.read("inbox/cards.csv");
    let (friday, monday) = job.both_nights();
    for (ran, lot) in [(&friday, LETTERS), (&monday, MAILERS)] {
        let rows = job.table(&format!("{lot}.manifest.csv"));
        let deposit = job.table(&format!("{lot}.deposit.csv"));
        let sum =
            |column: &str| deposit.iter().map(|row| row[column].parse::<usize>().unwrap()).sum::<usize>();
        assert_eq!((sum("pieces"), sum("sheets")), (rows.len(), rows.len()), "{deposit:?}");
        assert!(sum("grams") >= rows.len(), "{deposit:?}");
        assert!(deposit.iter().all(|row| row["product"] == "Lettre verte" && row["weight_class"] == "20"));
        let report = ran.json();
        let alert = report["alerts"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|alert| alert["code"] == "postage_few_pieces");
        assert!(alert.is_some_and(|alert| alert["message"].as_str().unwrap().contains("400")), "{report}");
        assert!(report["lots"][0]["deposit"].as_str().unwrap().ends_with(".deposit.csv"));
        if let Some(order) = pdf_text(&job.path(&format!("{lot}.work-order.pdf"))) {
            assert!(order[0].contains("moins que le minimum de 400"), "{}", order[0]);
        }
    }
    let areas: Vec<String> = job
        .table(&format!("{LETTERS}.deposit.csv"))
        .iter()
        .map(|row| format!("{} {}", row["area"], row["departement"]))
        .collect();
    for area in ["domestic 75", "overseas 974", "military ", "foreign "] {
        assert!(areas.iter().any(|found| found == area), "{area}: {areas:?}");
    }
    // Of mailers it tells no name and no card.
    let mailers = job.read(&format!("{MAILERS}.deposit.csv"));
    let mut table = csv::Reader::from_reader(names.as_bytes());
    let records: Rows = table.deserialize().map(|row| row.unwrap()).collect();
    for record in &records {
        for column in ["card_number", "last_name", "first_name"] {
            assert!(record[column].is_empty() || !mailers.contains(&record[column]), "{}", record[column]);
        }
    }
}

/// The weight classes in the document parts of a print file, as lopdf reads them.
fn weights_in_file(path: &std::path::Path) -> Vec<i64> {
    let file = lopdf::Document::load(path).unwrap();
    let weight = |part: &lopdf::Dictionary| -> Option<i64> {
        let of = |name: &[u8], within: &lopdf::Dictionary| within.get(name).ok()?.as_dict().ok().cloned();
        let cip4 = of(b"CIP4_Root", &of(b"DPM", part)?)?;
        of(b"CIP4_Production", &cip4)?.get(b"PLI_WeightClass").ok()?.as_i64().ok()
    };
    file.objects.values().filter_map(|object| weight(object.as_dict().ok()?)).collect()
}

#[test]
fn the_weight_classes_of_the_job_are_those_of_every_file() {
    // A sheet of 5.6 g, 30 g of card and carrier, and the envelope's 5 g.
    let heavy = |postage: &str| {
        let job = job("template = \"mine\"", postage);
        let mine = job.path("mine");
        let made = crate::job::pli(&["template", "new", mine.to_str().unwrap(), "--from", "card-letter"]);
        assert_eq!(made.code, 0, "{}", made.stderr);
        job.replace("mine/template.toml", "enclosed_g = 5.5", "enclosed_g = 30");
        job
    };
    for (postage, class) in
        [("", "100"), ("[postage]\nclasses = [20, 50, 100]", "50"), ("[postage]\nclasses = [45]", "45")]
    {
        let job = heavy(postage);
        let ran = job.run(FRIDAY, &["--prove", "all"]);
        assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.json()["proof"]["failures"], 0);
        let rows = job.table(&format!("{LETTERS}.manifest.csv"));
        let [piece, other] = [0, 1].map(|row| format!("L{}", rows[row]["piece_id"]));
        let again = ["--reason", "torn", "--card-in-hand", "--date", MONDAY];
        let again = job.pli("reprint", &[&[piece.as_str()], &again[..]].concat());
        assert_eq!(again.code, 0, "{}{}", again.stdout, again.stderr);
        for lot in [LETTERS, AGAIN] {
            for table in ["manifest", "control", "deposit"] {
                let rows = job.table(&format!("{lot}.{table}.csv"));
                assert!(!rows.is_empty() && rows.iter().all(|row| row["weight_class"] == class), "{rows:?}");
            }
            let weights = weights_in_file(&job.path(&format!("{lot}-0001.pdf")));
            assert_eq!(weights.len(), job.table(&format!("{lot}.manifest.csv")).len());
            assert!(weights.iter().all(|weight| weight.to_string() == class), "{postage}: {weights:?}");
            let Some(order) = pdf_text(&job.path(&format!("{lot}.work-order.pdf"))) else { continue };
            let order = order[0].replace("\u{A0}", " ");
            assert!(order.contains(&format!(" {class} g ")), "{order}");
        }
        // Printed again under classes that end below its weight, a piece is refused as a night's is, and the advice works.
        if class == "45" {
            job.replace("job.toml", "classes = [45]", "classes = [20]");
            let again = ["--reason", "torn", "--card-in-hand", "--date", MONDAY];
            let refused = job.pli("reprint", &[&[other.as_str()], &again[..]].concat());
            assert_eq!((refused.code, &refused.json()["error"]["code"]), (2, &"postage_class".into()));
            let advice = refused.json()["error"]["advice"].as_str().unwrap().to_owned();
            let grams = advice.split_whitespace().find_map(|word| word.parse::<u32>().ok()).expect("a class");
            job.replace("job.toml", "classes = [20]", &format!("classes = [20, {grams}]"));
            let again = job.pli("reprint", &[&[other.as_str()], &again[..]].concat());
            assert_eq!(again.code, 0, "{}{}", again.stdout, again.stderr);
        }
    }
}

#[test]
fn a_piece_that_is_too_heavy_and_bundles_without_order_end_with_2_and_the_advice_works() {
    let heavy = job("", "[postage]\nclasses = [5]");
    let ran = heavy.pli("check", &["--date", FRIDAY]);
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (2, &"postage_class".into()), "{}", ran.stdout);
    let advice = ran.json()["error"]["advice"].as_str().unwrap().to_owned();
    let grams = advice.split_whitespace().find_map(|word| word.parse::<u32>().ok()).expect("a class");
    heavy.replace("job.toml", "classes = [5]", &format!("classes = [5, {grams}]"));
    assert_ne!(heavy.pli("check", &["--date", FRIDAY]).code, 2);

    let bundles = job("bundle = \"departement\"", "");
    let ran = bundles.pli("check", &["--date", FRIDAY]);
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (2, &"job_invalid".into()), "{}", ran.stdout);
    bundles.replace("job.toml", "bundle = ", "order = \"postcode\"\nbundle = ");
    assert_ne!(bundles.pli("check", &["--date", FRIDAY]).code, 2);
}

#[test]
fn each_night_is_printed_with_the_template_of_its_day() {
    let job = job("template = [{ path = \"mine\" }, { from = 2026-11-23, path = \"card-letter\" }]", "");
    let made =
        crate::job::pli(&["template", "new", job.path("mine").to_str().unwrap(), "--from", "card-letter"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let rows: Vec<String> = [2, 3].map(|line| job.row(line)).into();
    job.records(&rows[..1]);
    let friday = job.run(FRIDAY, &[]);
    assert!(friday.json()["templates"]["letter"].as_str().unwrap().starts_with("mine "), "{}", friday.stdout);
    // Printed again on a day of the next template, a letter keeps that of its own day.
    let piece = job.table(&format!("{LETTERS}.manifest.csv"))[0]["piece_id"].clone();
    let again = job.pli("reprint", &[piece.as_str(), "--reason", "torn", "--card-in-hand", "--date", MONDAY]);
    assert_eq!(again.code, 0, "{}{}", again.stdout, again.stderr);
    assert_eq!(job.table(&format!("{AGAIN}.manifest.csv"))[0]["template"], "mine");
    let records = job.read("inbox/cards.csv");
    job.write("inbox/cards.csv", &records.replace(&rows[0], &rows[1]));
    let monday = job.run(MONDAY, &[]);
    let letters = monday.json()["templates"]["letter"].as_str().map(str::to_owned);
    assert!(
        letters.is_some_and(|name| name.starts_with("card-letter ")),
        "{}{}",
        monday.stdout,
        monday.stderr
    );
}

#[test]
fn a_night_before_the_first_template_ends_with_2_and_the_advice_works() {
    let job = job("template = [{ from = 2026-11-23, path = \"card-letter\" }]", "");
    for command in ["check", "run"] {
        let ran = job.pli(command, &["--date", FRIDAY]);
        assert_eq!(
            (ran.code, &ran.json()["error"]["code"]),
            (2, &"template_not_yet".into()),
            "{}",
            ran.stdout
        );
        assert!(ran.json()["error"]["message"].as_str().unwrap().contains("2026-11-23"), "{}", ran.stdout);
    }
    job.replace("job.toml", "[{ from", "[{ path = \"card-letter\" }, { from");
    assert_eq!(job.run(FRIDAY, &[]).code, 1);
}

#[test]
fn a_postcode_of_another_town_is_a_warning_or_a_reject_as_the_job_says() {
    for (check, table, other, code) in [
        ("", "warnings.csv", "rejects.csv", 0),
        ("[postcode]\ncheck = \"reject\"", "rejects.csv", "warnings.csv", 1),
        ("[postcode]\ncheck = \"off\"", "", "warnings.csv", 0),
    ] {
        let job = job("", check);
        job.in_english();
        job.replace("job.toml", "max_reject_percent = 25.0", "max_reject_percent = 100.0");
        job.records(&[
            job.row(2).replace("75015 PARIS", "33000 ARCACHON"),
            job.row(2).replace("2400140649", "2400140656").replace("75015 PARIS", "33998 BORDEAUX"),
        ]);
        let ran = job.run(FRIDAY, &[]);
        assert_eq!(ran.code, code, "{}", ran.stderr);
        let found = |name: &str| -> Vec<(String, String)> {
            let rows = job.table(&format!("out/{FRIDAY}/{name}"));
            let of_postcodes = rows.into_iter().filter(|row| row["code"].starts_with("postcode_"));
            of_postcodes
                .map(|row| (row["code"].clone(), format!("{} {}", row["field"], row["message"])))
                .collect()
        };
        assert!(found(other).is_empty());
        if table.is_empty() {
            continue;
        }
        let told = found(table);
        assert_eq!(told.len(), 2, "{told:?}");
        assert_eq!(told[0].0, "postcode_other_town");
        assert!(
            told[0].1.contains("address_6 33000 is BORDEAUX; did you mean `33120 ARCACHON`?"),
            "{told:?}"
        );
        assert_eq!(told[1].0, "postcode_unknown");
    }
}

#[test]
fn the_job_says_which_generations_there_are_and_which_need_new_codes() {
    let renewal = |job: &TestJob, generation: &str| {
        let row = job.row(2).replace(",first,", ",renewal,");
        let mut cells: Vec<String> = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(row.as_bytes())
            .records()
            .next()
            .unwrap()
            .unwrap()
            .iter()
            .map(str::to_owned)
            .collect();
        cells[5] = "2026-12-10".to_owned();
        cells[6] = "2400000001".to_owned();
        cells[7] = generation.to_owned();
        let mut out = csv::Writer::from_writer(Vec::new());
        out.write_record(&cells).unwrap();
        job.records(&[String::from_utf8(out.into_inner().unwrap()).unwrap().trim_end().to_owned()]);
    };
    for (rules, generation, waiting) in [
        ("", "CPS2TER", 1),
        ("", "CPS4", 0),
        ("[rules]\nnew_codes_when_replaced = [\"CPS2TER\", \"CPS4\"]", "CPS4", 1),
        ("[rules]\nnew_codes_when_replaced = []", "CPS2TER", 0),
        ("[rules]\ngenerations = [\"CPS2TER\", \"CPS3\", \"CPS4\", \"CPS5\"]", "CPS5", 0),
    ] {
        let job = job("", rules);
        renewal(&job, generation);
        let ran = job.run(FRIDAY, &[]);
        let report = ran.json();
        assert_eq!(
            (&report["letters"], &report["waiting"]),
            (&1.into(), &waiting.into()),
            "{rules}: {}{}",
            ran.stdout,
            ran.stderr
        );
        assert_eq!(report["proof"]["failures"], 0);
        if waiting == 1 {
            let _ = fs_err::remove_file(job.path("inbox/cards.csv"));
            let monday = job.run(MONDAY, &[]);
            assert_eq!(monday.json()["mailers"], 1, "{rules}: {}{}", monday.stdout, monday.stderr);
        }
    }
    let job = job("", "");
    job.in_english();
    job.replace("job.toml", "max_reject_percent = 25.0", "max_reject_percent = 100.0");
    renewal(&job, "CPS5");
    assert_eq!(job.run(FRIDAY, &[]).code, 1);
    let rejects = job.table(&format!("out/{FRIDAY}/rejects.csv"));
    assert_eq!(rejects[0]["code"], "replaced_generation");
    assert!(rejects[0]["message"].contains("`generations` in `[rules]`"), "{rejects:?}");
}
