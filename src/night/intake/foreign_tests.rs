//! Files as issuers send them: read by a mapping, each gives what the same records in our own form give.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::language_tests::assert_same_findings;
use super::tests::{row, table, taken};
use super::*;
use crate::failure::{Explained, Failure};
use crate::job::{Column, Job};
use crate::vault::{new_identity, recipients, seal_bytes};
use mail::Language;

/// An issuer's names, in the order of our columns.
const THEIRS: [&str; Column::COUNT] = [
    "NUM_CARTE",
    "TYPE",
    "MOTIF",
    "DATE DEMANDE",
    "DATE ÉMISSION",
    "DATE FIN",
    "ANCIENNE CARTE",
    "GÉNÉRATION",
    "ID_NAT",
    "STRUCTURE",
    "CIVILITÉ",
    "TITRE",
    "NOM",
    "PRÉNOM",
    "PROFESSION",
    "ORGANISME",
    "LIGNE 1",
    "LIGNE 2",
    "LIGNE 3",
    "LIGNE 4",
    "LIGNE 5",
    "LIGNE 6",
    "PAYS",
    "ÉTAT",
];

/// Our words and the issuer's.
const WORDS: [(&str, &str, &str); 10] = [
    ("card_family", "CPS", "1"),
    ("card_family", "CPF", "2"),
    ("reason", "first", "01"),
    ("reason", "incident", "03"),
    ("reason", "change", "CHGT"),
    ("status", "issued", "É"),
    ("status", "revoked", "O"),
    ("civility", "MME", "Madame"),
    ("civility", "M", "M."),
    ("country", "BE", "Belgique!"),
];

/// The width of each column of the file without delimiters.
const WIDTH: usize = 70;

/// The values of the mapping and the dates, which both forms of files have.
fn words() -> String {
    let mut text = String::new();
    for column in ["card_family", "reason", "status", "civility", "country"] {
        text += &format!("[input.values.{column}]\n");
        let of = WORDS.iter().filter(|(of, _, _)| *of == column);
        of.for_each(|(_, ours, theirs)| text += &format!("\"{theirs}\" = \"{ours}\"\n"));
    }
    text + "[input.dates]\nrequested_at = \"%d/%m/%Y %H:%M:%S\"\nissue_date = \"%d/%m/%Y\"\nexpiry_date = \"%d.%m.%Y\"\n"
}

/// A job's settings, with a mapping.
fn settings(mapping: &str) -> IntakeSettings {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("job.toml");
    let head = "[bureau]\nname = \"B\"\n[input]\ncards = [\"cards.csv\"]\nencoding = \"windows-1252\"\n";
    fs_err::write(&file, format!("{head}{mapping}")).unwrap();
    let job = Job::load(&file).unwrap_or_else(|error| panic!("{}", Failure::from(error)));
    IntakeSettings { language: Language::English, ..IntakeSettings::of_job(&job, None) }
}

fn settings_of_headers() -> IntakeSettings {
    let names = Column::ALL.into_iter().zip(THEIRS);
    let names: String = names.map(|(ours, theirs)| format!("{} = \"{theirs}\"\n", ours.name())).collect();
    settings(&format!("[input.columns]\n{names}{}", words()))
}

pub(super) fn settings_of_places() -> IntakeSettings {
    let place =
        |(index, column): (usize, Column)| format!("{} = [{}, {WIDTH}]\n", column.name(), 1 + WIDTH * index);
    let places: String = Column::ALL.into_iter().enumerate().map(place).collect();
    settings(&format!("{}[input.fixed]\nskip = 1\n[input.fixed.columns]\n{places}", words()))
}

/// A row of ours as the issuer writes its values.
fn theirs(row: &str) -> Vec<String> {
    let value = |(column, ours): (Column, &str)| {
        let word = WORDS.iter().find(|(of, word, _)| *of == column.name() && *word == ours);
        let date = |form: &str| match ours.split_at_checked(10) {
            Some((day, rest)) if day.matches('-').count() == 2 => {
                let parts: Vec<&str> = day.split('-').collect();
                let [year, month, day] = parts.as_slice() else { unreachable!() };
                form.replace('d', day).replace('m', month).replace('y', year) + &rest.replace('T', " ")
            }
            _ => ours.to_owned(),
        };
        match (column, word) {
            (_, Some((_, _, theirs))) => (*theirs).to_owned(),
            (Column::RequestedAt | Column::IssueDate, None) => date("d/m/y"),
            (Column::ExpiryDate, None) => date("d.m.y"),
            _ => ours.to_owned(),
        }
    };
    Column::ALL.into_iter().zip(row.split(';')).map(value).collect()
}

fn latin(text: &str) -> Vec<u8> {
    encoding_rs::WINDOWS_1252.encode(text).0.into_owned()
}

fn foreign_csv(rows: &[String]) -> Vec<u8> {
    let lines: Vec<String> = rows.iter().map(|row| theirs(row).join(";")).collect();
    latin(&format!("{}\r\n{}\r\n", THEIRS.join(";"), lines.join("\r\n")))
}

pub(super) fn fixed(rows: &[String]) -> Vec<u8> {
    let line = |row: &String| -> String {
        theirs(row).iter().map(|value| format!("{value:<WIDTH$}")).collect::<String>()
    };
    let lines: Vec<String> = rows.iter().map(line).collect();
    latin(&format!("00 EN-TÊTE\r\n{}\r\n", lines.join("\r\n")))
}

/// A file under a name, through the intake. What it says in French is held against the English.
pub(super) fn take_named(name: &str, bytes: &[u8], settings: &IntakeSettings) -> Result<Intake, IntakeError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs_err::write(&path, bytes).unwrap();
    let english = take_in(
        std::slice::from_ref(&path),
        &IntakeSettings { language: Language::English, ..settings.clone() },
    )?;
    let french = take_in(
        std::slice::from_ref(&path),
        &IntakeSettings { language: Language::French, ..settings.clone() },
    )?;
    assert_same_findings(&english.rejects, &french.rejects);
    assert_same_findings(&english.warnings, &french.warnings);
    Ok(english)
}

/// A finding's line, column and code.
pub(super) type Place<'i> = (u64, &'i str, &'i str);

/// What an intake found: the records, and each finding's line, column and code.
pub(super) fn found(intake: &Intake) -> (Vec<(u64, &Issuance)>, Vec<Place<'_>>) {
    let records = intake.records.iter().map(|record| (record.line, &record.issuance)).collect();
    let findings = intake.rejects.iter().chain(&intake.warnings);
    let mut findings: Vec<_> =
        findings.map(|finding| (finding.line, &*finding.field, &*finding.code)).collect();
    findings.sort_unstable();
    (records, findings)
}

/// Rows of ours, good and bad.
fn any_row() -> impl Strategy<Value = String> {
    let change = prop::sample::select(vec![
        ("reason", "incident"),
        ("reason", "07"),
        ("reason", ""),
        ("card_family", "CPF"),
        ("card_number", "24001"),
        ("card_number", "2400158481"),
        ("requested_at", "2026-11-20T17:30:00"),
        ("requested_at", "1889-11-20T17:30:00"),
        ("requested_at", "soon"),
        ("issue_date", "2023-02-28"),
        ("expiry_date", "2026-12-31"),
        ("expiry_date", "2013-01-31"),
        ("expiry_date", "never"),
        ("replaced_card_number", "2400000001"),
        ("civility", "M"),
        ("civility", "Mlle"),
        ("country", "BE"),
        ("status", "revoked"),
        ("status", "X"),
        ("last_name", "BÉRANGER-LEFÈVRE"),
        ("last_name", ""),
        ("address_6", "1000 BRUXELLES"),
        ("address_6", "75015"),
    ]);
    prop::collection::vec(change, 0..4).prop_map(|changes| row(&changes))
}

proptest! {
    #[test]
    fn a_foreign_file_gives_what_ours_gives(rows in prop::collection::vec(any_row(), 1..8)) {
        let ours = taken(&table(&rows));
        let (headers, places) = (settings_of_headers(), settings_of_places());
        for (bytes, settings) in [(foreign_csv(&rows), &headers), (fixed(&rows), &places)] {
            let read = take_named("a.txt", &bytes, settings).unwrap();
            prop_assert_eq!(found(&read), found(&ours));
        }
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&foreign_csv(&rows)).unwrap();
        let read = take_named("a.csv.gz", &gzip.finish().unwrap(), &headers).unwrap();
        prop_assert_eq!(found(&read), found(&ours));
    }

    #[test]
    fn any_bytes_in_fixed_places_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let settings = settings_of_places();
        if let Ok(intake) = take_named("a.txt", &bytes, &settings) {
            prop_assert_eq!(intake.rows, intake.rejected_rows);
        }
    }
}

#[test]
fn rejects_name_the_issuer_s_column_and_the_line_to_add() {
    let rows = [row(&[("reason", "07"), ("card_number", "24001")])];
    let places = settings_of_places();
    for (bytes, settings, number, reason) in [
        (foreign_csv(&rows), settings_of_headers(), "column `NUM_CARTE`: ", "column `MOTIF`: "),
        (fixed(&rows), places, "characters 1 to 70: ", "characters 141 to 210: "),
    ] {
        let intake = take_named("a.txt", &bytes, &settings).unwrap();
        let [second, first] = intake.rejects.as_slice() else { panic!("{:?}", intake.rejects) };
        assert_eq!((&*first.field, &*second.field), ("reason", "card_number"));
        assert!(second.message.starts_with(number) && first.message.starts_with(reason), "{first:?}");
        let line = first.message.split("add the line `").nth(1).unwrap().split('`').next().unwrap();
        let added = words().replace(
            "[input.values.reason]\n",
            &format!("[input.values.reason]\n{}\n", line.replace('…', "renewal")),
        );
        assert!(added.contains("\"07\" = \"renewal\""), "{line}");
    }
}

#[test]
fn the_line_that_is_told_is_the_one_that_is_missing() {
    let bytes = foreign_csv(&[row(&[("reason", "07")])]);
    let with = |line: &str| {
        let names: String =
            Column::ALL.into_iter().zip(THEIRS).map(|(o, t)| format!("{} = \"{t}\"\n", o.name())).collect();
        let words = words().replace("[input.values.reason]\n", &format!("[input.values.reason]\n{line}\n"));
        take_named("a.csv", &bytes, &settings(&format!("[input.columns]\n{names}{words}"))).unwrap()
    };
    let rejected = with("");
    let message = &rejected.rejects[0].message;
    let line = message.split("add the line `").nth(1).unwrap().split('`').next().unwrap();
    assert_eq!(with(&line.replace('…', "first")).records.len(), 1, "{message}");
}

#[test]
fn a_date_of_another_form_is_said_in_the_issuer_s_own() {
    let bytes = foreign_csv(&[row(&[("expiry_date", "31/12/2026")])]);
    let intake = take_named("a.csv", &bytes, &settings_of_headers()).unwrap();
    let message = &intake.rejects[0].message;
    assert!(message.starts_with("column `DATE FIN`: `31/12/2026` is not written as `input.dates.expiry_date` says; write it as in 23.11.2026"), "{message}");
    let zeros = foreign_csv(&[row(&[("expiry_date", "00.00.0000")])]);
    let message = take_named("a.csv", &zeros, &settings_of_headers()).unwrap().rejects.remove(0).message;
    let line = message.split("add the line `").nth(1).unwrap().split('`').next().unwrap();
    let names: String =
        Column::ALL.into_iter().zip(THEIRS).map(|(o, t)| format!("{} = \"{t}\"\n", o.name())).collect();
    let told = settings(&format!("[input.columns]\n{names}{}[input.values.expiry_date]\n{line}\n", words()));
    assert_eq!(take_named("a.csv", &zeros, &told).unwrap().records.len(), 1, "{message}");
    let bytes = foreign_csv(&[row(&[("expiry_date", "23.11.2026")])]);
    assert_eq!(take_named("a.csv", &bytes, &settings_of_headers()).unwrap().records.len(), 1);
}

#[test]
fn constants_stand_for_what_is_not_sent_and_never_against_a_column() {
    let mapping = |constants: &str| settings(&format!("[input.constants]\n{constants}"));
    let rows = table(&[row(&[])]);
    let text = String::from_utf8(rows).unwrap().replace(";status\n", "\n").replace(";issued\n", "\n");
    let text = latin(&text);
    let intake = take_named("a.csv", &text, &mapping("status = \"issued\"")).unwrap();
    assert_eq!(intake.records.len(), 1);
    let intake = take_named("a.csv", &text, &mapping("status = \"revoked\"")).unwrap();
    assert_eq!(intake.records[0].issuance.status, mail::card::CardStatus::Revoked);
    let missing = take_named("a.csv", &text, &mapping("")).unwrap_err();
    assert_eq!(missing.code(), "header_missing_columns");
    let whole = latin(&String::from_utf8(table(&[row(&[("status", "revoked")])])).unwrap());
    let both = take_named("a.csv", &whole, &mapping("status = \"issued\"")).unwrap_err();
    assert_eq!((both.code(), both.exit()), ("header_constant_column", crate::failure::Exit::Usage));
    assert!(take_named("a.csv", &whole, &mapping("")).is_ok(), "the advice is followed");
    let alone = IntakeSettings { ignore: vec!["status".into()], ..mapping("status = \"issued\"") };
    let intake = take_named("a.csv", &whole, &alone).unwrap();
    assert_eq!(intake.records[0].issuance.status, mail::card::CardStatus::Issued, "and so is the other");
}

#[test]
fn a_header_without_the_issuer_s_name_says_both_and_where() {
    let text = |from: &str, to: &str| latin(&String::from_utf8_lossy(&foreign_utf8()).replace(from, to));
    let error = take_named("a.csv", &text("NUM_CARTE", "NUM_CARTES"), &settings_of_headers()).unwrap_err();
    let failure = Failure::from(error).to_string();
    assert!(failure.contains("did you mean `NUM_CARTE` for `NUM_CARTES`?"), "{failure}");
    let error = take_named("a.csv", &text("NUM_CARTE;", ""), &settings_of_headers()).unwrap_err();
    let failure = Failure::from(error).to_string();
    assert!(
        failure.contains("`NUM_CARTE` (our `card_number`)") && failure.contains("[input.columns]"),
        "{failure}"
    );
    let ours =
        take_named("a.csv", &latin(&String::from_utf8(table(&[row(&[])])).unwrap()), &settings_of_headers());
    let ours = ours.unwrap_err();
    assert_eq!(ours.code(), "header_unknown_columns", "a column has one name");
    let failure = Failure::from(ours).to_string();
    assert!(
        failure.contains("reads `card_number` from a column `NUM_CARTE`; take that line out"),
        "{failure}"
    );
}

fn foreign_utf8() -> Vec<u8> {
    let bytes = foreign_csv(&[row(&[])]);
    encoding_rs::WINDOWS_1252.decode(&bytes).0.into_owned().into_bytes()
}

#[test]
fn lines_of_fixed_places_are_never_cut_or_filled_in_silence() {
    let settings = settings_of_places();
    let line = String::from_utf8_lossy(&fixed(&[row(&[])])).lines().nth(1).unwrap().replace('\u{fffd}', "e");
    // The state is written with an accent, which is no UTF-8 here.
    let line = line.replace(
        "e                                                                     ",
        "O                                                                     ",
    );
    let take = |line: &str, settings: &IntakeSettings| {
        let text = latin(&format!("header\n\n{line}\n   \n"));
        let intake = take_named("a.txt", &text, settings).unwrap();
        assert_eq!(intake.rows, 1);
        let rejects: Vec<(u64, String, String)> =
            intake.rejects.into_iter().map(|reject| (reject.line, reject.code, reject.message)).collect();
        rejects
    };
    assert_eq!(take(&line, &settings), []);
    let [short] = &take(line.trim_end(), &settings)[..] else { panic!() };
    assert_eq!((short.0, &*short.1), (3, "fixed_short"));
    assert!(short.2.contains("the line has 1611 characters") && short.2.contains("`status`"), "{}", short.2);
    let trimmed = IntakeSettings { mapping: mapping_with("skip = 1\ntrimmed = true"), ..settings.clone() };
    assert_eq!(take(line.trim_end(), &trimmed), [], "the advice is followed");
    let [cut] = &take(&line[..100], &settings)[..] else { panic!() };
    assert!(cut.2.contains("`card_family`, `reason`, `requested_at` and 20 more columns"), "{}", cut.2);
    let [outside] = &take(&format!("{line}  X"), &settings)[..] else { panic!() };
    assert_eq!(&*outside.1, "fixed_outside");
    assert!(outside.2.contains("character 1683 of the line belongs to no column"), "{}", outside.2);
    let ignoring =
        IntakeSettings { mapping: mapping_with("skip = 1\nignore = [[1683, 1]]"), ..settings.clone() };
    assert_eq!(take(&format!("{line}  X"), &ignoring), [], "the advice is followed");
    assert_eq!(take(&format!("{line}   "), &settings), [], "spaces say nothing");
    let utf8 = IntakeSettings { encoding: Encoding::Utf8, ..settings.clone() };
    let [encoding] = &take(&line.replace("MME MARTIN", "MMÉ MARTIN"), &utf8)[..] else { panic!() };
    assert_eq!((&*encoding.1, encoding.0), ("encoding", 3));
    let empty = take_named("a.txt", b"", &settings).unwrap_err();
    assert_eq!(empty.code(), "records_empty");
    assert_eq!(take_named("a.txt", b"header\n", &settings).unwrap().rows, 0);
}

/// The mapping of fixed places with other keys of `[input.fixed]`.
pub(super) fn mapping_with(keys: &str) -> RecordMapping {
    let place =
        |(index, column): (usize, Column)| format!("{} = [{}, {WIDTH}]\n", column.name(), 1 + WIDTH * index);
    let places: String = Column::ALL.into_iter().enumerate().map(place).collect();
    settings(&format!("{}[input.fixed]\n{keys}\n[input.fixed.columns]\n{places}", words())).mapping
}

#[test]
fn accents_take_one_place_in_both_encodings() {
    let rows = [row(&[("last_name", "BÉRANGER-LEFÈVRE")])];
    let utf8 = encoding_rs::WINDOWS_1252.decode(&fixed(&rows)).0.into_owned();
    let settings = IntakeSettings { encoding: Encoding::Utf8, ..settings_of_places() };
    for text in [utf8.clone(), format!("\u{feff}{utf8}")] {
        let intake = take_named("a.txt", text.as_bytes(), &settings).unwrap();
        assert_eq!(found(&intake), found(&taken(&table(&rows))));
    }
}

#[test]
fn sealed_and_compressed_files_give_their_records_and_the_digest_of_what_arrived() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for name in ["cards", "codes"] {
        new_identity(&path(&format!("{name}.identity")), &path(&format!("{name}.pub"))).unwrap();
    }
    let seal = |name: &str, plain: &[u8]| {
        seal_bytes(&recipients(&["it".to_owned()], |_| path(name)).unwrap(), plain).unwrap()
    };
    let rows: Vec<String> =
        (0..3000).map(|n| row(&[("card_number", &format!("{:010}", 2_400_000_000_u64 + n))])).collect();
    let plain = table(&rows);
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&plain).unwrap();
    let gzip = gzip.finish().unwrap();
    let settings = IntakeSettings { identity: path("cards.identity"), ..IntakeSettings::default() };
    let ours = taken(&plain);
    for (name, bytes) in [
        ("a.csv.gz", gzip.clone()),
        ("a.csv.age", seal("cards.pub", &plain)),
        ("a.csv.gz.age", seal("cards.pub", &gzip)),
    ] {
        let intake = take_named(name, &bytes, &settings).unwrap();
        assert_eq!(found(&intake), found(&ours), "{name}");
        assert_eq!(intake.files[0].sha256, crate::files::sha256_of_reader(&bytes[..]).unwrap(), "{name}");
        let cut = take_named(name, &bytes[..bytes.len() - 9], &settings).unwrap_err();
        assert!(["records_gzip_cut_short", "seal_damaged"].contains(&cut.code()), "{name}: {}", cut.code());
        assert!(cut.position().is_some());
    }
    let other = take_named("a.csv.age", &seal("codes.pub", &plain), &settings).unwrap_err();
    assert_eq!((other.code(), other.exit()), ("seal_closed", crate::failure::Exit::Usage));
    let unnamed = take_named("a.csv", &gzip, &settings).unwrap_err();
    assert_eq!((unnamed.code(), unnamed.advice().unwrap().contains("`.gz`")), ("records_packed", true));
    let unnamed = take_named("a.csv", &seal("cards.pub", &plain), &settings).unwrap_err();
    assert_eq!(unnamed.code(), "records_packed");
    let none = take_named("a.csv.gz", &plain, &settings).unwrap_err();
    assert_eq!(none.code(), "records_not_gzip");
    let mut twice = GzEncoder::new(Vec::new(), Compression::best());
    twice.write_all(&gzip).unwrap();
    let twice = twice.finish().unwrap();
    for (name, bytes, advice) in [
        ("a.csv", gzip.clone(), "ends in `.gz`"),
        ("a.csv.age", seal("cards.pub", &gzip), "ends in `.gz.age`"),
        ("a.csv.gz", twice, "compressed once, then sealed once"),
    ] {
        let packed = take_named(name, &bytes, &settings).unwrap_err();
        assert_eq!(packed.code(), "records_packed", "{name}");
        assert!(packed.advice().unwrap().contains(advice), "{name}: {:?}", packed.advice());
    }
}
