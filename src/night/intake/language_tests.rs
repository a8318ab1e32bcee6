//! Every reject and every warning of the intake in both languages: the same finding, with the same values in its message.

use super::advice_tests::{Case, rejects, warnings};
use super::inbox::untaken;
use super::tests::{row, table};
use super::{Encoding, Finding, Intake, IntakeSettings, take_in};
use crate::both_languages::assert_same;
use crate::job::Job;
use mail::{Language, Worded};

const LANGUAGES: [Language; 2] = [Language::English, Language::French];

/// What the intake finds in both languages, English first.
fn in_both(bytes: &[u8], encoding: Encoding) -> [Intake; 2] {
    let night = Some(jiff::civil::date(2026, 11, 23));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cards.csv");
    fs_err::write(&path, bytes).expect("a file");
    LANGUAGES.map(|language| {
        let settings = IntakeSettings { night, language, encoding, ..IntakeSettings::default() };
        take_in(std::slice::from_ref(&path), &settings).expect("a record file")
    })
}

/// Checks that the findings are the same in both languages.
pub(super) fn assert_same_findings(english: &[Finding], french: &[Finding]) {
    assert_eq!(english.len(), french.len());
    for (english, french) in english.iter().zip(french) {
        let plain =
            |finding: &Finding| Finding { message: String::new(), english: String::new(), ..finding.clone() };
        assert_eq!(plain(english), plain(french));
        assert_same(&english.message, &french.message);
        assert_eq!(french.in_english(), english.message, "the terminal is told in English");
    }
}

#[test]
fn every_finding_of_a_row_has_both_languages_with_the_same_values() {
    for Case { code, bad, .. } in rejects().into_iter().chain(warnings()) {
        let [english, french] = in_both(&table(&[row(&bad)]), Encoding::Utf8);
        let all = english.rejects.iter().chain(&english.warnings);
        assert!(all.into_iter().any(|finding| finding.code == code), "{code}");
        assert_same_findings(&english.rejects, &french.rejects);
        assert_same_findings(&english.warnings, &french.warnings);
    }
}

/// Rows whose fault is not a field's value, by their code.
#[test]
fn so_has_every_fault_of_bytes_and_shape() {
    let good = row(&[]);
    let long = "x".repeat(1001);
    let changed = |column: &str, value: &str| row(&[(column, value)]);
    let unclosed = good.replacen(';', ";\"", 1);
    let cases: [(&str, Vec<u8>, Encoding); 13] = [
        ("field_count", table(&[good.replace(';', ",")]), Encoding::Utf8),
        ("field_count", table(&["y;".repeat(1 << 20)]), Encoding::Utf8),
        ("unclosed_quote", table(&[unclosed]), Encoding::Utf8),
        ("stray_quote", table(&[changed("address_3", "\"A\"B")]), Encoding::Utf8),
        ("field_too_long", table(&[changed("address_3", &long)]), Encoding::Utf8),
        ("nul_byte", table(&[changed("address_3", "A\0B")]), Encoding::Utf8),
        (
            "encoding",
            encoding_rs::WINDOWS_1252.encode(&table_text("FRANÇOIS")).0.into_owned(),
            Encoding::Utf8,
        ),
        ("encoding", table_of_bytes(b"A\x81B"), Encoding::Windows1252),
        ("mojibake", table(&[changed("last_name", "CHÊNE")]), Encoding::Windows1252),
        ("control_character", table(&[changed("address_3", "\"A\nB\"")]), Encoding::Utf8),
        ("duplicate_card_number", table(&[good.clone(), good.clone()]), Encoding::Utf8),
        ("address_character", table(&[changed("address_4", "12 RUE\u{2010}HAUTE")]), Encoding::Utf8),
        ("ps_id_nat_not_on_cards", table(&[changed("ps_id_nat", "10a@b")]), Encoding::Utf8),
    ];
    for (code, bytes, encoding) in cases {
        let [english, french] = in_both(&bytes, encoding);
        assert!(english.rejects.iter().any(|finding| finding.code == code), "{code}: {:?}", english.rejects);
        assert_same_findings(&english.rejects, &french.rejects);
    }
    let nameless = [
        ("card_family", "CPE"),
        ("last_name", ""),
        ("first_name", ""),
        ("civility", "M"),
        ("structure_id", "1630781003"),
        ("profession_code", ""),
        ("organisation", "CHU DE CLERMONT"),
    ];
    let [english, french] = in_both(&table(&[row(&nameless)]), Encoding::Utf8);
    assert!(english.warnings.iter().any(|finding| finding.code == "civility_without_name"));
    assert_same_findings(&english.warnings, &french.warnings);
}

fn table_text(last_name: &str) -> String {
    String::from_utf8(table(&[row(&[("last_name", last_name)])])).expect("text")
}

/// A table whose only row has these bytes as its last name.
fn table_of_bytes(name: &[u8]) -> Vec<u8> {
    let text = table_text("@@");
    let (before, after) = text.split_once("@@").expect("the name");
    [before.as_bytes(), name, after.as_bytes()].concat()
}

/// What the French advice tells to write: its last quoted text, or its last word.
fn advised(message: &str) -> String {
    let told = ["écrivez «", ": «", "être «", "écrire «"].iter().find_map(|told| message.rfind(told));
    match told.and_then(|index| message[index..].split(['«', '»']).nth(1)) {
        Some(quoted) => quoted.trim_matches('\u{A0}').to_owned(),
        None => message.rsplit(' ').next().unwrap_or_default().to_owned(),
    }
}

#[test]
fn what_french_advice_says_to_write_is_accepted() {
    for case in rejects().into_iter().chain(warnings()).filter(|case| case.followed.is_empty()) {
        let [_, french] = in_both(&table(&[row(&case.bad)]), Encoding::Utf8);
        let mut all = french.rejects.iter().chain(&french.warnings);
        let finding = all.find(|finding| finding.code == case.code).expect(case.code);
        let written = advised(&finding.message);
        let changes: Vec<(&str, &str)> =
            case.bad.iter().copied().chain([(finding.field.as_str(), written.as_str())]).collect();
        let [again, _] = in_both(&table(&[row(&changes)]), Encoding::Utf8);
        assert_eq!((again.records.len(), again.warnings.len()), (1, 0), "{}: {again:?}", finding.message);
    }
}

#[test]
fn files_that_no_pattern_takes_are_named_in_both_languages() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("job.toml");
    fs_err::create_dir(folder.path().join("inbox")).expect("a folder");
    fs_err::write(&file, "[bureau]\nname = \"Bureau\"\n[input]\ncards = [\"inbox/cards*.csv\"]\n")
        .expect("a job");
    let named = ["CARDS2.CSV", "cards3.csv.filepart", "records.csv", ".cards4.csv", "cards.csv.minisig"];
    let many = (0..100).map(|number| format!("other-{number}.csv"));
    for name in named.into_iter().map(str::to_owned).chain(many) {
        fs_err::write(folder.path().join("inbox").join(name), "").expect("a file");
    }
    let untaken = untaken(&Job::load(&file).expect("a job")).expect("a list");
    assert_eq!(untaken.len(), 101, "the last counts the others");
    for file in untaken {
        assert_same(&file.message.to_string(), &file.message.french());
    }
}
