//! The advice of each reject and each warning, followed.

use std::collections::BTreeSet;

use super::tests::{row, table, take, taken};
use super::{Encoding, Intake, IntakeSettings};

/// Columns and values.
pub(super) type Changes = Vec<(&'static str, &'static str)>;

/// A row, and what its finding's advice makes of it.
pub(super) struct Case {
    pub code: &'static str,
    pub bad: Changes,
    /// The changes that follow the advice, after those of `bad`.
    pub followed: Changes,
}

/// The advice leaves the choice: `followed` is one.
fn chosen(
    code: &'static str,
    bad: &[(&'static str, &'static str)],
    followed: &[(&'static str, &'static str)],
) -> Case {
    Case { code, bad: bad.to_vec(), followed: followed.to_vec() }
}

/// The advice quotes what to write in the column.
fn quoted(code: &'static str, column: &'static str, bad: &'static str) -> Case {
    Case { code, bad: vec![(column, bad)], followed: Vec::new() }
}

/// What advice tells to write: its last text in backticks, or its last word.
fn advised(message: &str) -> String {
    let quotes: Vec<&str> = message.split('`').collect();
    let told = message.rfind("write `").or(message.rfind("before it: `")).or(message.rfind("read `"));
    match told {
        Some(index) => message[index..].split('`').nth(1).unwrap_or_default().to_owned(),
        None if quotes.len() > 2 && message.ends_with('`') => quotes[quotes.len() - 2].to_owned(),
        None => message.rsplit(' ').next().unwrap_or_default().to_owned(),
    }
}

const RENEWAL: [(&str, &str); 3] =
    [("reason", "renewal"), ("expiry_date", "2026-12-31"), ("replaced_card_number", "2400000001")];

pub(super) fn rejects() -> Vec<Case> {
    let cpf: Changes = RENEWAL.into_iter().chain([("card_family", "CPF")]).collect();
    let late: Changes = RENEWAL.into_iter().chain([("issue_date", "2027-01-01")]).collect();
    let long = "RESIDENCE LES JARDINS SUSPENDUS BATIMENT 12";
    let name = "Anne Anne Anne Anne Anne Anne Anne Anne Anne Anne Anne Sophie";
    let organisation: &'static str = "Clinique de la Baie Clinique de la Baie Clinique de la Baie Clinique de la Baie Clinique de la Baie C";
    vec![
        chosen("control_character", &[("address_2", "RES\u{200b}IDENCE")], &[("address_2", "RESIDENCE")]),
        quoted("mojibake", "last_name", "CHÃŠNE"),
        chosen("missing_value", &[("last_name", "")], &[("last_name", "MARTIN")]),
        chosen("card_number", &[("card_number", "2400 15848")], &[("card_number", "2400158480")]),
        chosen("replaced_card_number", &[("replaced_card_number", "NULL")], &[("replaced_card_number", "")]),
        chosen(
            "replaced_same_card",
            &[("replaced_card_number", "2400158480")],
            &[("replaced_card_number", "2400158481")],
        ),
        chosen("card_family", &[("card_family", "cps")], &[("card_family", "CPS")]),
        chosen("reason", &[("reason", "lost")], &[("reason", "incident")]),
        chosen("status", &[("status", "Issued")], &[("status", "issued")]),
        chosen("civility", &[("civility", "Mlle")], &[("civility", "MME")]),
        chosen("title", &[("title", "ME")], &[("title", "DR")]),
        chosen(
            "replaced_generation",
            &[("replaced_generation", "CPS2")],
            &[("replaced_generation", "CPS2TER")],
        ),
        quoted("date", "issue_date", "23/11/2023"),
        quoted("date_time", "requested_at", "23/11/2026 9:30"),
        quoted("date_time_no_time", "requested_at", "2026-11-23"),
        chosen(
            "date_time_offset",
            &[("requested_at", "2026-11-23T09:30Z")],
            &[("requested_at", "2026-11-23T10:30")],
        ),
        chosen("date_range", &[("issue_date", "1889-11-23")], &[("issue_date", "1998-11-23")]),
        chosen("date_order", &late, &[("issue_date", "2023-12-31")]),
        chosen("renewal_not_for_cpf", &cpf, &[("reason", "change")]),
        chosen("ps_id_nat_type", &[("ps_id_nat", "710005678908")], &[("ps_id_nat", "810005678908")]),
        chosen(
            "ps_id_nat_deprecated_type",
            &[("ps_id_nat", "91234567890")],
            &[("ps_id_nat", "810005678908")],
        ),
        chosen("ps_id_nat_not_on_cards", &[("ps_id_nat", "3010000024")], &[("ps_id_nat", "3010000024/1")]),
        chosen("ps_id_nat_internal_id", &[("ps_id_nat", "3630781003")], &[("ps_id_nat", "3630781003/12")]),
        chosen("ps_id_nat_length", &[("ps_id_nat", "8100056789")], &[("ps_id_nat", "810005678908")]),
        chosen("ps_id_nat_character", &[("ps_id_nat", "8 10005678908")], &[("ps_id_nat", "810005678908")]),
        chosen("ps_id_nat_check_digit", &[("ps_id_nat", "10005678901")], &[("ps_id_nat", "810005678908")]),
        chosen("ps_id_nat_departement", &[("ps_id_nat", "3961781003/1")], &[("ps_id_nat", "3630781003/1")]),
        chosen(
            "ps_id_nat_third_character",
            &[("ps_id_nat", "3631781002/1")],
            &[("ps_id_nat", "3630781003/1")],
        ),
        chosen("ps_id_nat_zeros", &[("ps_id_nat", "800000000000")], &[("ps_id_nat", "810005678908")]),
        quoted("ps_id_nat_bare", "ps_id_nat", "10005678908"),
        quoted("ps_id_nat_bare", "ps_id_nat", "310099991"),
        chosen("structure_id_type", &[("structure_id", "7630781003")], &[("structure_id", "1630781003")]),
        chosen(
            "structure_id_deprecated_type",
            &[("structure_id", "5630781003")],
            &[("structure_id", "1630781003")],
        ),
        chosen("structure_id_not_on_cards", &[("structure_id", "40123")], &[("structure_id", "1630781003")]),
        chosen("structure_id_length", &[("structure_id", "163078100")], &[("structure_id", "1630781003")]),
        chosen(
            "structure_id_character",
            &[("structure_id", "1630781003/4")],
            &[("structure_id", "1630781003")],
        ),
        chosen("address_character", &[("address_4", "\\N")], &[("address_4", "")]),
        chosen("address_character", &[("address_4", "9 RUE <b>HAUTE</b>")], &[("address_4", "9 RUE HAUTE")]),
        chosen(
            "structure_id_check_digit",
            &[("structure_id", "311122233344455")],
            &[("structure_id", "373282932000074")],
        ),
        chosen(
            "structure_id_departement",
            &[("structure_id", "1960000005")],
            &[("structure_id", "1630781003")],
        ),
        chosen(
            "structure_id_third_character",
            &[("structure_id", "1631781002")],
            &[("structure_id", "1630781003")],
        ),
        chosen("structure_id_zeros", &[("structure_id", "2000000000")], &[("structure_id", "2732829320")]),
        quoted("structure_id_bare", "structure_id", "73282932000074"),
        chosen("profession_unknown", &[("profession_code", "11")], &[("profession_code", "10")]),
        chosen("profession_deprecated", &[("profession_code", "35")], &[("profession_code", "10")]),
        quoted("name_character", "last_name", "d`Almeida"),
        quoted("name_character", "last_name", "MARTIN\u{2010}DURAND"),
        chosen("name_no_letter", &[("first_name", "-")], &[("first_name", "Anne")]),
        chosen("name_length", &[("first_name", name)], &[("first_name", "Anne Sophie")]),
        chosen("organisation_length", &[("organisation", organisation)], &[("organisation", "Clinique")]),
        chosen("address_length", &[("address_3", long)], &[("address_3", "LES JARDINS SUSPENDUS BAT 12")]),
        chosen(
            "address_length",
            &[("address_1", ""), ("last_name", "DE LA ROCHEFOUCAULD DE MONTMORENCY")],
            &[("address_1", "MME DE LA ROCHEFOUCAULD")],
        ),
        quoted("address_character", "address_4", "12/14 RUE HAUTE"),
        quoted("address_character", "address_6", "F-67000 STRASBOURG"),
        quoted("address_postcode", "address_6", "F 67000 STRASBOURG"),
        quoted("address_postcode", "address_6", "75 015 PARIS"),
        chosen("address_postcode", &[("address_6", "D-10115 BERLIN")], &[("country", "DE")]),
        chosen(
            "address_postcode_unknown",
            &[("address_6", "20300 AJACCIO")],
            &[("address_6", "20000 AJACCIO")],
        ),
        chosen("address_locality", &[("address_6", "75015")], &[("address_6", "75015 PARIS")]),
        chosen(
            "address_cedex",
            &[("address_6", "38043 CEDEX GRENOBLE")],
            &[("address_6", "38043 GRENOBLE CEDEX")],
        ),
        chosen("country_unknown", &[("country", "Syldavie")], &[("country", "BE")]),
    ]
}

pub(super) fn warnings() -> Vec<Case> {
    vec![
        chosen("address_recipient_supplied", &[("address_1", "")], &[("address_1", "DR MARTIN")]),
        quoted("address_not_capitals", "address_4", "5 bis rue de l Église"),
        chosen("address_no_street", &[("address_4", "")], &[("address_4", "9 RUE HAUTE")]),
        chosen("country_mismatch", &[("country", "MC")], &[("country", "")]),
        chosen("postcode_other_town", &[("address_6", "33000 ARCACHON")], &[("address_6", "33120 ARCACHON")]),
        chosen("postcode_unknown", &[("address_6", "33998 BORDEAUX")], &[("address_6", "33000 BORDEAUX")]),
        chosen(
            "departement_mismatch",
            &[("structure_id", "1630781003")],
            &[("address_6", "63000 CLERMONT FERRAND")],
        ),
        chosen("replaced_card_missing", &[("reason", "change")], &[("replaced_card_number", "2400000001")]),
        chosen("no_value_word", &[("address_3", "NULL")], &[("address_3", "")]),
        chosen("sheet_error", &[("address_3", "#REF!")], &[("address_3", "")]),
        chosen("formula", &[("address_2", "=A1")], &[("address_2", "A1")]),
        chosen("markup", &[("address_2", "H<br>")], &[("address_2", "H")]),
        chosen("escape", &[("address_2", "H%C3%B4pital")], &[("address_2", "Hôpital")]),
        chosen("question_marks", &[("address_2", "H?pital")], &[("address_2", "Hôpital")]),
        chosen("stray_accent", &[("last_name", "\u{301}ETIENNE")], &[("last_name", "E\u{301}TIENNE")]),
        chosen("odd_character", &[("address_2", "H√pital")], &[("address_2", "Hôpital")]),
        chosen(
            "request_in_future",
            &[("requested_at", "2062-11-20T09:00")],
            &[("requested_at", "2026-11-20T09:00")],
        ),
        chosen(
            "request_long_ago",
            &[("requested_at", "1999-11-20T09:00")],
            &[("requested_at", "2026-11-20T09:00")],
        ),
        chosen(
            "expired_long_ago",
            &[("reason", "renewal"), ("expiry_date", "2015-01-31"), ("replaced_card_number", "2400000001")],
            &[("expiry_date", "2027-01-31")],
        ),
        chosen(
            "expiry_far_ahead",
            &[("reason", "renewal"), ("expiry_date", "2062-01-31"), ("replaced_card_number", "2400000001")],
            &[("expiry_date", "2027-01-31")],
        ),
        chosen(
            "generation_contradicted",
            &[
                ("reason", "change"),
                ("expiry_date", "2013-01-31"),
                ("replaced_card_number", "2400000001"),
                ("replaced_generation", "CPS3"),
            ],
            &[("replaced_generation", "CPS2TER")],
        ),
    ]
}

fn intake(changes: &[(&str, &str)]) -> Intake {
    let night = Some(jiff::civil::date(2026, 11, 23));
    let settings = IntakeSettings { night, ..IntakeSettings::default() };
    take(&[&table(&[row(changes)])], &settings).expect("a record file")
}

/// Follows a case's advice. Nothing is left to find.
fn follow(case: &Case, findings: fn(Intake) -> Vec<super::Finding>) {
    let found = findings(intake(&case.bad));
    let finding = found.iter().find(|finding| finding.code == case.code);
    let finding = finding.unwrap_or_else(|| panic!("{}: {found:?}", case.code));
    let written = advised(&finding.message);
    let mut changes: Vec<(&str, &str)> = case.bad.iter().chain(&case.followed).copied().collect();
    if case.followed.is_empty() {
        changes.push((&finding.field, &written));
    }
    let again = intake(&changes);
    assert_eq!(again.records.len(), 1, "{}: {:?}", finding.message, again.rejects);
    assert_eq!(findings(again), vec![], "{}", finding.message);
}

/// The codes in the table at the head of the intake, of rejects or of warnings.
fn table_codes(part: usize) -> BTreeSet<String> {
    let source = include_str!("mod.rs");
    let part = source.split("| meaning |").nth(part).unwrap_or_default();
    let cells = part.lines().filter_map(|line| line.strip_prefix("//! | `")?.split('|').next());
    let codes = cells.flat_map(|cell| {
        let mut codes: Vec<&str> = cell.split('`').step_by(2).collect();
        let prefix = if codes[0].ends_with('_') { codes.remove(0) } else { "" };
        codes.into_iter().filter(|code| !code.trim().is_empty()).map(move |code| format!("{prefix}{code}"))
    });
    codes.collect()
}

/// Codes whose advice is about bytes, several rows or files; tests of their own follow it.
const ELSEWHERE: [&str; 13] = [
    "field_count",
    "unclosed_quote",
    "stray_quote",
    "field_too_long",
    "nul_byte",
    "encoding",
    "fixed_short",
    "fixed_outside",
    "duplicate_card_number",
    "address_unprintable",
    "civility_without_name",
    "file_not_taken",
    "file_may_hold_codes",
];

#[test]
fn the_advice_of_every_reject_is_accepted() {
    let cases = rejects();
    let tried: BTreeSet<String> = cases.iter().map(|case| case.code.to_owned()).collect();
    let left: Vec<String> = table_codes(1).difference(&tried).cloned().collect();
    assert!(left.iter().all(|code| ELSEWHERE.contains(&code.as_str())), "{left:?}");
    cases.iter().for_each(|case| follow(case, |intake| intake.rejects));
}

#[test]
fn the_advice_of_every_warning_ends_it() {
    let cases = warnings();
    let tried: BTreeSet<String> = cases.iter().map(|case| case.code.to_owned()).collect();
    let left: Vec<String> = table_codes(2).difference(&tried).cloned().collect();
    assert!(left.iter().all(|code| ELSEWHERE.contains(&code.as_str())), "{left:?}");
    cases.iter().for_each(|case| follow(case, |intake| intake.warnings));
}

#[test]
fn the_advice_on_a_wrong_encoding_is_accepted() {
    let text = table(&[row(&[("last_name", "CHÊNE")])]);
    let settings = IntakeSettings { encoding: Encoding::Windows1252, ..IntakeSettings::default() };
    let wrong = take(&[&text], &settings).expect("a record file");
    assert!(wrong.rejects[0].message.contains("set input.encoding = \"utf-8\""), "{:?}", wrong.rejects);
    assert_eq!(taken(&text).records.len(), 1);
}
