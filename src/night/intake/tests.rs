//! Whole files through the intake.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::job::Column;
use mail::Language;
use mail::holder::Holder;

const HEADER: &str = "card_number;card_family;reason;requested_at;issue_date;expiry_date;replaced_card_number;\
    replaced_generation;ps_id_nat;structure_id;civility;title;last_name;first_name;profession_code;organisation;\
    address_1;address_2;address_3;address_4;address_5;address_6;country;status";

const GOOD: &str = "2400158480;CPS;first;2026-11-23T09:30:00;;;;;810005678908;;MME;DR;Martin;Françoise;10;;\
    MME MARTIN FRANCOISE;;;9 RUE GEORGES PITARD;;75015 PARIS;;issued";

/// A good row with some fields replaced.
pub(super) fn row(changes: &[(&str, &str)]) -> String {
    let changes: BTreeMap<_, _> = changes.iter().copied().collect();
    let fields = HEADER.split(';').zip(GOOD.split(';'));
    let fields: Vec<_> = fields.map(|(name, value)| *changes.get(name).unwrap_or(&value)).collect();
    assert!(changes.keys().all(|name| HEADER.split(';').any(|column| column == *name)), "{changes:?}");
    fields.join(";")
}

pub(super) fn table(rows: &[String]) -> Vec<u8> {
    format!("{HEADER}\n{}\n", rows.join("\n")).into_bytes()
}

/// Messages are read in English here; `language_tests` hold the French ones against them.
pub(super) fn take(files: &[&[u8]], settings: &IntakeSettings) -> Result<Intake, IntakeError> {
    let settings = &IntakeSettings { language: Language::English, ..settings.clone() };
    let folder = tempfile::tempdir().expect("a folder");
    let paths: Vec<PathBuf> = (0..files.len()).map(|n| folder.path().join(format!("{n}.csv"))).collect();
    for (path, bytes) in paths.iter().zip(files) {
        fs_err::write(path, bytes).expect("a file");
    }
    let intake = take_in(&paths, settings)?;
    assert_eq!(intake.rows, intake.records.len() as u64 + intake.rejected_rows);
    assert_eq!(intake.rows, intake.files.iter().map(|file| file.rows).sum::<u64>());
    let mut rejected: Vec<_> = intake.rejects.iter().map(|f| (&f.source_file, f.line)).collect();
    rejected.dedup();
    assert_eq!(rejected.len() as u64, intake.rejected_rows, "every rejected row says why");
    Ok(intake)
}

pub(super) fn taken(bytes: &[u8]) -> Intake {
    take(&[bytes], &IntakeSettings::default()).expect("a record file")
}

/// The findings about one row: column and code.
fn codes(changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let intake = taken(&table(&[row(changes)]));
    intake.rejects.into_iter().map(|finding| (finding.field, finding.code)).collect()
}

fn file_error(bytes: &[u8]) -> String {
    let error = take(&[bytes], &IntakeSettings::default()).expect_err("no record file");
    crate::failure::Failure::from(error).to_string()
}

#[test]
fn a_good_row() {
    let intake = taken(&table(&[row(&[])]));
    assert_eq!((intake.rows, intake.rejects.len(), intake.warnings.len()), (1, 0, 0));
    let AcceptedRow { file, line, issuance } = &intake.records[0];
    assert_eq!((*file, *line, issuance.card_number.as_str()), (0, 2, "2400158480"));
    assert_eq!(issuance.holder.display_line(""), "Dr MARTIN Françoise");
    assert_eq!(intake.files[0].sha256.len(), 64);
}

#[test]
fn columns_in_any_order_and_delimiter() {
    let (mut names, mut values): (Vec<_>, Vec<_>) = (HEADER.split(';').collect(), GOOD.split(';').collect());
    names.reverse();
    values.reverse();
    let text = format!("\u{feff}{},note\r\n{},\"a, b\r\nc\"\r\n", names.join(","), values.join(","));
    let settings = IntakeSettings { ignore: vec!["note".into()], ..IntakeSettings::default() };
    let intake = take(&[text.as_bytes()], &settings).expect("a record file");
    assert_eq!(intake.records.len(), 1);
}

#[test]
fn windows_1252() {
    let latin: Vec<u8> =
        String::from_utf8(table(&[row(&[])])).expect("text").chars().map(|c| c as u8).collect();
    let settings = IntakeSettings { encoding: Encoding::Windows1252, ..IntakeSettings::default() };
    let intake = take(&[&latin], &settings).expect("a record file");
    assert_eq!(intake.records[0].issuance.holder.display_line(""), "Dr MARTIN Françoise");
    let intake = taken(&latin);
    assert_eq!(
        (intake.rejects[0].field.as_str(), intake.rejects[0].code.as_str()),
        ("first_name", "encoding")
    );
    assert!(intake.rejects[0].message.contains("input.encoding = \"windows-1252\""));
}

#[test]
fn single_faults() {
    let long = "x".repeat(1001);
    let name = "x".repeat(61);
    let organisation = "x".repeat(101);
    let faults = [
        ("card_number", "240015848", "card_number"),
        ("card_number", "", "missing_value"),
        ("card_family", "cps", "card_family"),
        ("reason", "lost", "reason"),
        ("status", "", "missing_value"),
        ("status", "Issued", "status"),
        ("civility", "Mme", "civility"),
        ("title", "Dr", "title"),
        ("replaced_generation", "CPS2", "replaced_generation"),
        ("requested_at", "2026-11-23", "date_time_no_time"),
        ("requested_at", "2026-11-23T10:00:00Z", "date_time_offset"),
        ("requested_at", "", "missing_value"),
        ("issue_date", "2026-02-30", "date"),
        ("expiry_date", "9999-12-31", "date_range"),
        ("replaced_card_number", "1", "replaced_card_number"),
        ("replaced_card_number", "2400158480", "replaced_same_card"),
        ("ps_id_nat", "810005678901", "ps_id_nat_check_digit"),
        ("ps_id_nat", "", "missing_value"),
        ("structure_id", "1630781004", "structure_id_check_digit"),
        ("profession_code", "35", "profession_deprecated"),
        ("profession_code", "", "missing_value"),
        ("last_name", "", "missing_value"),
        ("first_name", "R2D2", "name_character"),
        ("last_name", &name, "name_length"),
        ("organisation", &organisation, "organisation_length"),
        ("organisation", &long, "field_too_long"),
        ("address_2", "a\u{1b}b", "control_character"),
        ("address_2", "a\0b", "nul_byte"),
        ("address_4", "9-11 RUE HAUTE", "address_character"),
        ("address_6", "75015 Paris", "address_character"),
        ("address_6", "", "missing_value"),
        ("country", "Atlantis", "country_unknown"),
    ];
    for (field, value, code) in faults {
        assert_eq!(codes(&[(field, value)]), [(field.to_owned(), code.to_owned())], "{field} = {value}");
    }
}

#[test]
fn rules_between_fields() {
    fn codes(changes: &[(&str, &str)]) -> Vec<String> {
        super::tests::codes(changes).into_iter().map(|(_, code)| code).collect()
    }
    let renewal =
        [("reason", "renewal"), ("expiry_date", "2026-12-31"), ("replaced_card_number", "2400000001")];
    assert_eq!(codes(&renewal), [""; 0]);
    assert_eq!(codes(&[renewal[0]]), ["missing_value"], "the expiry date");
    assert_eq!(codes(&[("reason", "change")]), [""; 0]);
    assert_eq!(codes(&[("reason", "incident")]), [""; 0]);
    let mut cpf = renewal.to_vec();
    cpf.push(("card_family", "CPF"));
    assert_eq!(codes(&cpf), ["renewal_not_for_cpf"]);
    assert_eq!(codes(&[("issue_date", "2026-12-31"), renewal[1]]), ["date_order"]);
    assert_eq!(codes(&[("card_family", "CDE")]), ["missing_value"]);
}

#[test]
fn a_cpe_may_have_no_holder() {
    let nameless = [
        ("card_family", "CPE"),
        ("last_name", ""),
        ("first_name", ""),
        ("civility", ""),
        ("title", ""),
        ("structure_id", "1630781003"),
        ("profession_code", ""),
        ("address_1", ""),
        ("organisation", "CHU DE CLERMONT"),
        ("address_6", "63000 CLERMONT FERRAND"),
    ];
    let intake = taken(&table(&[row(&nameless)]));
    assert_eq!(intake.records[0].issuance.holder, Holder::Structure);
    assert_eq!(intake.records[0].issuance.address.lines().next(), Some("CHU DE CLERMONT"));
    assert_eq!(intake.warnings[0].code, "address_recipient_supplied");
    let mut half = nameless.to_vec();
    half[1].1 = "Martin";
    assert_eq!(codes(&half), [("first_name".to_owned(), "missing_value".to_owned())]);
    half[1].1 = "";
    half[8].1 = "";
    assert_eq!(codes(&half), [("organisation".to_owned(), "missing_value".to_owned())]);
}

#[test]
fn warnings_do_not_reject() {
    let odd = row(&[("structure_id", "1630781003"), ("address_4", "9 rue Haute"), ("country", "MC")]);
    let intake = taken(&table(&[odd]));
    let codes: Vec<_> = intake.warnings.iter().map(|warning| warning.code.as_str()).collect();
    assert_eq!(codes, ["address_not_capitals", "country_mismatch", "departement_mismatch"]);
    assert_eq!(intake.records.len(), 1);
}

#[test]
fn every_fault_of_a_row_is_reported() {
    let bad = [
        ("card_number", "1"),
        ("reason", "?"),
        ("last_name", "R2"),
        ("address_2", "\u{7}"),
        ("address_6", "X"),
    ];
    let mut found: Vec<_> = codes(&bad).into_iter().map(|(field, _)| field).collect();
    found.sort();
    let mut wanted = bad.map(|(field, _)| field);
    wanted.sort();
    assert_eq!(found, wanted);
}

#[test]
fn duplicates_across_files_name_the_first() {
    let faulty_first = table(&[row(&[("reason", "?")])]);
    let second = table(&[row(&[("card_number", "2400000001")]), row(&[])]);
    let intake = take(&[&faulty_first, &second], &IntakeSettings::default()).expect("record files");
    let duplicate = &intake.rejects[1];
    assert_eq!((duplicate.line, duplicate.code.as_str()), (3, "duplicate_card_number"));
    assert!(duplicate.message.contains("0.csv`, line 2"), "{}", duplicate.message);
    assert_eq!(intake.records.len(), 1);
}

#[test]
fn rows_without_the_shape_of_a_record() {
    let rows = [
        "2400158480;CPS".to_owned(),
        format!("{};more", row(&[])),
        ";".repeat(23),
        ";;".to_owned(),
        row(&[("organisation", "\"CHU")]),
        row(&[("organisation", "\"CHU\" DE NANTES")]),
        row(&[]),
    ];
    let intake = taken(&table(&rows));
    let found: Vec<_> = intake.rejects.iter().map(|finding| (finding.line, finding.code.as_str())).collect();
    let wanted = [(2, "field_count"), (3, "field_count"), (6, "unclosed_quote"), (7, "stray_quote")];
    assert_eq!(found, wanted);
    assert_eq!((intake.records[0].line, intake.rows), (8, 5));
    assert_eq!(intake.rejects[0].card_number, "2400158480");
}

#[test]
fn a_field_of_ten_megabytes_is_refused_and_not_repeated() {
    let huge = "x".repeat(10_000_000);
    let intake = taken(&table(&[row(&[("last_name", &huge)]), row(&[])]));
    let reject = &intake.rejects[0];
    assert_eq!(
        (reject.field.as_str(), reject.code.as_str(), reject.line),
        ("last_name", "field_too_long", 2)
    );
    assert!(reject.message.len() < 200);
    assert_eq!(intake.records[0].line, 3);
    let intake = taken(&table(&[huge, row(&[])]));
    assert!(intake.rejects[0].card_number.chars().count() <= 41);
}

#[test]
fn files_that_are_no_record_files() {
    let missing = HEADER.replace(";country", "");
    let unknown = format!("{HEADER};notes;");
    let misspelled = HEADER.replace("last_name", "lastname");
    let hidden = HEADER.replace("card_family", "card_family\u{200b}");
    let marked_within = HEADER.replace("status", "\u{feff}status");
    let french = HEADER.replace("last_name", "NOM");
    let nameless = HEADER.replace("organisation", ";organisation");
    let twice = format!("{HEADER};status");
    let utf16: Vec<u8> = "\u{feff}card".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: [(&[u8], &str); 21] = [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (&utf16, "UTF-16"),
        (&[0; 4096], "zero bytes"),
        (b"PK\x03\x04\n", "an Excel workbook"),
        (b"\x01\x02\n", "control characters"),
        (b"card_number|status|reason\n", "separated by `|`"),
        (b"card_number\tstatus\treason\n", "separated by a tab"),
        (b"sep=\t\ncard_number\tstatus\n", "separated by a tab"),
        (misspelled.as_bytes(), "`lastname` (number 13)\n  did you mean `last_name` for `lastname`?"),
        (
            french.as_bytes(),
            "did you mean `last_name` for `NOM`? map it by a line under `[input.columns]`, our name first (`last_name = \"NOM\"`)",
        ),
        (hidden.as_bytes(), "column 2, `card_family`, holds the zero-width space U+200B"),
        (marked_within.as_bytes(), "column 24, `status`, holds the byte-order mark U+FEFF"),
        (nameless.as_bytes(), "column 16 has no name"),
        (missing.as_bytes(), "no column `country`"),
        (unknown.as_bytes(), "unknown column `notes` (number 25)"),
        (twice.as_bytes(), "`status` stands twice, as number 24 and number 25"),
        (b"caf\xe9;a", "column 1"),
        (b"a\rb\r", "carriage return"),
        (b"\"card_number;status\n", "quote out of place"),
    ];
    for (bytes, words) in cases {
        let message = file_error(bytes);
        assert!(message.contains(words) && message.contains("0.csv"), "{message}");
    }
    let settings = IntakeSettings { encoding: Encoding::Windows1252, ..IntakeSettings::default() };
    let marked = format!("\u{feff}{HEADER}");
    assert!(matches!(take(&[marked.as_bytes()], &settings), Err(IntakeError::EncodingContradicted { .. })));
    let absent = take_in(&["no/such.csv".into()], &settings);
    assert!(matches!(absent, Err(IntakeError::Unreadable { .. })));
}

#[test]
fn what_stands_in_the_place_of_a_header_is_no_column_to_map() {
    let title = format!("Export du 20/11/2026\n{HEADER}\n{}\n", row(&[]));
    for text in
        [&title, "<?xml version=\"1.0\"?>\n", "[{\"card_number\":\"1\"}]\n", "%PDF-1.4\n", "# cards\n"]
    {
        let message = file_error(text.as_bytes());
        assert!(
            message.contains("take out what stands before it") && !message.contains("map it"),
            "{message}"
        );
    }
    let followed = title.split_once('\n').expect("two lines").1;
    assert_eq!(taken(followed.as_bytes()).records.len(), 1, "the advice, followed");
    for codes in ["card_number,pin,puk,assistance_code\n".to_owned(), format!("{HEADER};PIN\n")] {
        let message = file_error(codes.as_bytes());
        assert!(message.contains("codes in clear") && !message.contains("input.ignore"), "{message}");
    }
}

#[test]
fn an_unknown_column_is_mapped_to_one_that_is_missing() {
    for (written, line) in
        [("pays", r#"`country = "pays"`"#), (r#""PAYS ""X""""#, r#"`country = "PAYS \"X\""`"#)]
    {
        let message = file_error(HEADER.replace("country", written).as_bytes());
        assert!(message.contains(line), "{message}");
    }
    let more = file_error(format!("{HEADER};agence").as_bytes());
    assert!(
        more.ends_with("correct its name, or list it in input.ignore") && !more.contains("map it"),
        "{more}"
    );
    let many: String = (0..20_000).map(|number| format!(";c{number}")).collect();
    let message = file_error(format!("{HEADER}{many}").as_bytes());
    assert!(message.contains("and 19970 more") && message.len() < 2_000, "{} bytes", message.len());
}

#[test]
fn files_as_spreadsheets_write_them() {
    let trailing = format!("{HEADER};;\r\n{};;\r\n{}\r\n", row(&[]), row(&[("card_number", "2400000001")]));
    let rows_alone = format!("{HEADER}\r\n{};\r\n", row(&[]));
    let sep = format!("sep=;\r\n{HEADER}\r\n{}\r\n", row(&[]));
    let quoted_sep = format!("\u{feff}\"sep=;\"\r\n{HEADER}\r\n{}\r\n", row(&[]));
    let marked_twice = format!("\u{feff}\u{feff}{HEADER}\n{}\n", row(&[]));
    let double_ends = format!("{HEADER}\r\r\n{}\r\r\n\r\r\n", row(&[]));
    let other_sep = format!("sep=,\r\n{HEADER}\r\n{}\r\n", row(&[]));
    let ended = format!("{HEADER}\r\n{}\r\n\u{1a}", row(&[]));
    let ended_at_once = format!("{HEADER}\r\n{}\u{1a}", row(&[]));
    let blanks = format!("{HEADER}\r\n{}\r\n{}\r\n \t\r\n", row(&[]), ";".repeat(23));
    for (text, records) in [
        (trailing, 2),
        (rows_alone, 1),
        (sep, 1),
        (quoted_sep, 1),
        (marked_twice, 1),
        (double_ends, 1),
        (other_sep, 1),
        (ended, 1),
        (ended_at_once, 1),
        (blanks, 1),
    ] {
        let intake = taken(text.as_bytes());
        assert_eq!((intake.records.len(), intake.rejected_rows), (records, 0), "{:?}", intake.rejects);
    }
    let shifted = format!("{HEADER};\n{};issued\n", row(&[]));
    assert_eq!(taken(shifted.as_bytes()).rejects[0].code, "field_count", "a value under no name");
}

#[test]
fn dates_that_may_be_wrong_are_warned_of() {
    let night = Some(jiff::civil::date(2026, 11, 23));
    let settings = IntakeSettings { night, ..IntakeSettings::default() };
    let renewal =
        |expiry| vec![("reason", "renewal"), ("expiry_date", expiry), ("replaced_card_number", "2400000001")];
    let mut contradicted = renewal("2014-02-28");
    contradicted.push(("replaced_generation", "CPS3"));
    for (changes, codes) in [
        (vec![("requested_at", "2062-11-20T09:00")], vec!["request_in_future"]),
        (vec![("requested_at", "1999-11-20T09:00")], vec!["request_long_ago"]),
        (renewal("2010-01-31"), vec!["expired_long_ago"]),
        (renewal("2062-01-31"), vec!["expiry_far_ahead"]),
        (renewal("2026-12-31"), vec![]),
        (contradicted, vec!["expired_long_ago", "generation_contradicted"]),
    ] {
        let intake = take(&[&table(&[row(&changes)])], &settings).expect("a record file");
        let found: Vec<_> = intake.warnings.iter().map(|warning| warning.code.as_str()).collect();
        assert_eq!(found, codes, "{changes:?}");
    }
}

#[test]
fn a_card_that_expired_before_march_2014_is_a_cps2ter() {
    use mail::card::Generation;
    let generation = |reason, expiry, written| {
        let changes = [
            ("reason", reason),
            ("expiry_date", expiry),
            ("replaced_generation", written),
            ("replaced_card_number", "2400000001"),
        ];
        taken(&table(&[row(&changes)])).records[0].issuance.replaced_generation
    };
    for reason in ["renewal", "change", "incident"] {
        for written in ["", "CPS3", "CPS2TER"] {
            assert_eq!(generation(reason, "2014-02-28", written), Some(Generation::CPS2TER));
        }
    }
    assert_eq!(generation("renewal", "2014-03-01", ""), None);
    assert_eq!(generation("renewal", "2014-03-01", "CPS3"), Some(Generation::CPS3));
}

#[test]
fn what_programs_left_in_a_row_is_warned_of() {
    for (column, text, code) in [
        ("address_2", "\\N", "no_value_word"),
        ("address_3", "NULL", "no_value_word"),
        ("address_2", "\"H&ocirc;pital &amp; Fils\"", "markup"),
        ("address_3", "#REF!", "sheet_error"),
        ("address_2", "???", "question_marks"),
        ("organisation", "\"=CONCATENER(A1;B1)\"", "formula"),
        ("last_name", "\u{301}ETIENNE", "stray_accent"),
    ] {
        let intake = taken(&table(&[row(&[(column, text)])]));
        let found: Vec<_> = intake.warnings.iter().map(|w| (w.field.as_str(), w.code.as_str())).collect();
        assert_eq!(found, [(column, code)], "{text}");
    }
    let reject = &taken(&table(&[row(&[("structure_id", "NULL")])])).rejects[0];
    assert!(reject.message.contains("empty the field"), "{}", reject.message);
}

#[test]
fn one_line_has_one_length_however_its_accents_are_written() {
    let composed = "MME ÉLÉONORE DÉSIRÉE BÉRÉNICE LEFÈVRE";
    let apart = "MME E\u{301}LE\u{301}ONORE DE\u{301}SIRE\u{301}E BE\u{301}RE\u{301}NICE LEFE\u{300}VRE";
    let lines = [composed, apart].map(|line| {
        let intake = taken(&table(&[row(&[("address_1", line)])]));
        intake.records[0].issuance.address.lines().next().map(str::to_owned)
    });
    assert_eq!(lines, [Some(composed.to_owned()), Some(composed.to_owned())]);
    let long = "E\u{301}".repeat(60);
    assert_eq!(codes(&[("last_name", &long)]), []);
}

/// Rows with a column of references behind the others.
fn with_references(name: &str, rows: &[(&str, &str)]) -> Vec<u8> {
    let rows: Vec<String> = rows.iter().map(|(row, reference)| format!("{row};{reference}")).collect();
    format!("{HEADER};{name}\n{}\n", rows.join("\n")).into_bytes()
}

#[test]
fn a_client_s_reference_is_untouched_in_records_and_findings() {
    for (written, reference) in [
        ("", ""),
        ("  A-7 ", "  A-7 "),
        ("=1+1", "=1+1"),
        ("E\u{301}TE\u{301}", "E\u{301}TE\u{301}"),
        ("CHÃŠNE", "CHÃŠNE"),
        ("\"a;b \"\"c\"\"\"", "a;b \"c\""),
        (&"é".repeat(200), &"é".repeat(200)),
    ] {
        let (good, bad) = (row(&[]), row(&[("card_number", "x")]));
        let intake = taken(&with_references("client_ref", &[(&good, written), (&bad, written)]));
        assert_eq!(intake.records[0].issuance.client_ref, reference);
        assert_eq!(intake.rejects[0].client_ref, reference);
    }
    for (written, code) in [
        ("a\u{7}b", "control_character"),
        ("\"a\nb\"", "control_character"),
        (&"é".repeat(201), "field_too_long"),
    ] {
        let intake = taken(&with_references("client_ref", &[(&row(&[]), written)]));
        let reject = &intake.rejects[0];
        assert_eq!((&*reject.field, &*reject.code, &*reject.client_ref), ("client_ref", code, ""));
    }
}

#[test]
fn the_column_of_references_may_be_ignored_and_stands_there_once() {
    let table = with_references("client_ref", &[(&row(&[]), "A-7")]);
    let settings = IntakeSettings { ignore: vec!["client_ref".into()], ..IntakeSettings::default() };
    assert_eq!(take(&[&table], &settings).expect("a record file").records[0].issuance.client_ref, "");
    let twice = with_references("client_ref;client_ref", &[(&row(&[]), "A-7;A-8")]);
    assert!(file_error(&twice).contains("`client_ref`"), "{}", file_error(&twice));
    let misspelled = with_references("clientref", &[(&row(&[]), "A-7")]);
    assert!(file_error(&misspelled).contains("did you mean `client_ref`"), "{}", file_error(&misspelled));
}

#[test]
fn header_alone_and_blank_lines() {
    let intake = taken(format!("\n{HEADER}\r\n\r\n  \n{}\r", row(&[])).as_bytes());
    assert_eq!((intake.rows, intake.records[0].line), (1, 5));
    assert_eq!(taken(HEADER.as_bytes()).rows, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_bytes_end_in_rows_that_add_up(noise in prop::collection::vec(any::<u8>(), 0..300), in_1252 in any::<bool>()) {
        let encoding = if in_1252 { Encoding::Windows1252 } else { Encoding::Utf8 };
        let settings = IntakeSettings { encoding, ..IntakeSettings::default() };
        let mut bytes = table(&[row(&[])]);
        bytes.extend_from_slice(&noise);
        take(&[&bytes], &settings).expect("the header is whole");
        let _ = take(&[&noise], &settings);
    }

    #[test]
    fn damaged_rows_add_up(damage in prop::collection::vec((0usize..600, prop::sample::select(b"\";\n\r\0\xe9 9A".to_vec())), 1..8)) {
        let mut bytes = table(&[row(&[]), row(&[("card_number", "2400000001")]), row(&[("card_number", "2400000002")])]);
        let header = HEADER.len() + 1;
        for (offset, byte) in damage {
            let offset = (header + offset).min(bytes.len() - 1);
            bytes[offset] = byte;
        }
        taken(&bytes);
    }

    #[test]
    fn any_value_in_any_field_is_judged(column in 0usize..Column::COUNT, value in "\\PC{0,50}") {
        let quoted = format!("\"{}\"", value.replace('"', "\"\""));
        taken(&table(&[row(&[(Column::ALL[column].name(), &quoted)])]));
    }

    #[test]
    fn well_formed_tables_survive(
        people in prop::collection::btree_map(0u64..10_000_000_000, ("[A-Z][a-zéèç'-]{0,20}", "[A-Z][a-zïë]{1,15}"), 1..20),
    ) {
        let quoted = |text: &str| format!("\"{text}\"");
        let rows: Vec<String> = people.iter().map(|(number, (last, first))| {
            row(&[("card_number", &format!("{number:010}")), ("last_name", &quoted(last)), ("first_name", first)])
        }).collect();
        let intake = taken(&table(&rows));
        let read: BTreeMap<u64, (String, String)> = intake.records.into_iter().filter_map(|taken| {
            let Holder::Named { last_name, first_name, .. } = taken.issuance.holder else { return None };
            Some((taken.issuance.card_number.as_str().parse().ok()?, (last_name, first_name)))
        }).collect();
        prop_assert_eq!(read, people);
    }
}
