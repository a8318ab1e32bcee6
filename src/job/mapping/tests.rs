//! Mappings that can't be used are refused when the job is read, with the line and what to write.

use proptest::prelude::*;

use super::super::{Job, JobError};
use super::*;
use crate::failure::Failure;

const HEAD: &str = "[bureau]\nname = \"Bureau\"\n[input]\ncards = [\"cards.csv\"]\n";

fn load(extra: &str) -> Result<Job, JobError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("job.toml");
    fs_err::write(&file, format!("{HEAD}{extra}\n")).unwrap();
    Job::load(&file)
}

fn mapping(extra: &str) -> RecordMapping {
    load(extra).unwrap_or_else(|error| panic!("{}", Failure::from(error))).record_mapping()
}

/// A layout with every column, ten characters each, in the order of the columns.
fn places() -> String {
    let place = |(index, column): (usize, Column)| format!("{} = [{}, 10]\n", column.name(), 1 + 10 * index);
    format!("[input.fixed.columns]\n{}", Column::ALL.into_iter().enumerate().map(place).collect::<String>())
}

/// Asks for a fault on a line, with words of its message.
fn refused(extra: &str, line: usize, words: &[&str]) -> String {
    let failure = Failure::from(load(extra).expect_err(extra));
    let message = failure.to_string();
    assert!(message.contains(&format!("job.toml:{line}:")), "{extra}: {message}");
    assert!(words.iter().all(|word| message.contains(word)), "{extra}: {message}");
    message
}

#[test]
fn a_whole_mapping_is_read() {
    let mapping = mapping(
        "[input.columns]\ncard_number = \"NUM_CARTE\"\nclient_ref = \"REF\"\n[input.constants]\nstatus = \"issued\"\ntitle = \"\"\n\
         [input.values.reason]\n\"01\" = \"first\"\n\"\" = \"renewal\"\n[input.values.expiry_date]\n\"00000000\" = \"\"\n\
         [input.dates]\nexpiry_date = \"%Y%m%d\"\nrequested_at = { form = \"%d/%m/%Y\", time = \"12:00\" }",
    );
    assert!(!mapping.is_plain() && self::mapping("").is_plain());
    assert_eq!(
        (mapping.name(Column::CardNumber), mapping.name(Column::LastName)),
        ("NUM_CARTE", "last_name")
    );
    assert_eq!(mapping.client_ref_name(), "REF");
    assert_eq!((mapping.constant(Column::Status), mapping.constant(Column::Reason)), (Some("issued"), None));
    let reason = |theirs| mapping.value(Column::Reason, theirs);
    assert_eq!((reason("01"), reason(""), reason("1")), (Some("first"), Some("renewal"), None));
    assert_eq!(mapping.value(Column::ExpiryDate, "00000000"), Some(""));
    assert_eq!(mapping.layout("cards.csv", "cards.csv"), None);
}

#[test]
fn a_mapping_that_can_t_be_used_is_refused_with_its_line() {
    for (extra, line, words) in [
        (
            "[input.columns]\ncard_nubmer = \"N\"",
            6,
            &["input.columns.card_nubmer", "did you mean `card_number`?"][..],
        ),
        ("[input.columns]\nxyz = \"N\"", 6, &["ours stand before the equals sign", "card_family"]),
        ("[input.columns]\nlast_name = \" \"", 6, &["names no column"]),
        (
            "[input.columns]\nfirst_name = \"NOM\"\nlast_name = \"NOM\"",
            6,
            &["column of `last_name` already", "name another one"],
        ),
        (
            "[input.columns]\nlast_name = \"first_name\"",
            6,
            &["input.columns.last_name", "column of `first_name`"],
        ),
        ("[input.columns]\nclient_ref = \"title\"", 6, &["column of `title`"]),
        (
            "[input.columns]\nstatus = \"S\"\n[input.constants]\nstatus = \"issued\"",
            8,
            &["`S` already", "keep one of the two"],
        ),
        ("[input.constants]\nstatus = \"isued\"", 6, &["did you mean `issued`?", "issued, revoked"]),
        ("[input.constants]\nstatus = \"\"", 6, &["every record needs it"]),
        ("[input.constants]\ncard_number = \"2400000001\"", 6, &["a number of its own"]),
        ("[input.constants]\nclient_ref = \"R\"", 6, &["take the line out"]),
        ("[input.constants]\ncountry = \"Syldavie\"", 6, &["`Syldavie` is no country"]),
        ("[input.constants]\ntitle = \"D\\nR\"", 6, &["take it out"]),
        (
            "[input.values.reason]\n\"01\" = \"frist\"",
            6,
            &["input.values.reason.\"01\"", "did you mean `first`?"],
        ),
        ("[input.values.civility]\n\"M.\" = \"Monsieur\"", 6, &["write one of M, MME"]),
        ("[input.values.status]\n\"\" = \"\"", 6, &["every record needs it"]),
        ("[input.values.resaon]\n\"01\" = \"first\"", 5, &["did you mean `reason`?"]),
        ("[input.values.client_ref]\n\"01\" = \"first\"", 5, &["take the table out"]),
        ("[input.values.reason]\n\"01\" = \"first\"\n\" 01\" = \"first\"", 6, &["only spaces"]),
        ("[input.values.issue_date]\n\"0\" = \"1/1/2020\"", 6, &["write it as in 2026-11-23"]),
        ("[input.values.requested_at]\n\"0\" = \"2020-01-01\"", 6, &["write it as in 2026-11-23T16:45"]),
        ("[input.values.profession_code]\n\"MED\" = \"11\"", 6, &["no profession"]),
        ("[input.values.ps_id_nat]\n\"0\" = \"11\"", 6, &["`11`"]),
        ("[input.values.structure_id]\n\"0\" = \"11\"", 6, &["a FINESS number has 9 characters"]),
        ("[input.values.replaced_card_number]\n\"0\" = \"11\"", 6, &["not a card number"]),
        (
            "[input.values.status]\n\"E\" = \"issued\"\n[input.constants]\nstatus = \"issued\"",
            5,
            &["[input.constants]"],
        ),
        (
            "[input.dates]\nlast_name = \"%d\"",
            6,
            &["no column of dates", "requested_at, issue_date, expiry_date"],
        ),
        ("[input.dates]\nexpiry_dat = \"%d/%m/%Y\"", 6, &["did you mean `expiry_date`?"]),
        ("[input.dates]\nexpiry_date = \"DD/MM/YYYY\"", 6, &["did you mean \"%d/%m/%Y\"?"]),
        ("[input.dates]\nrequested_at = \"%d/%m/%Y\"", 6, &["no hour and minute"]),
        (
            "[input.fixed.columns]\ncard_number = [1, 10]",
            5,
            &["no place for card_family, ", "[input.constants]"],
        ),
    ] {
        refused(extra, line, words);
    }
    assert!(load("[input]\ncolumn = 1").is_err());
}

#[test]
fn a_layout_that_can_t_be_used_is_refused_with_its_line() {
    let places = places();
    assert!(load(&places).is_ok());
    for (from, to, line, word) in [
        ("card_number = [1, 10]", "card_number = [0, 10]", 6, "counted from 1"),
        ("card_number = [1, 10]", "card_number = [1, 0]", 6, "a length of 0"),
        ("card_number = [1, 10]", "card_number = [1, 10, 3]", 6, "two numbers, start and length"),
        ("card_number = [1, 10]", "card_number = [1]", 6, "two numbers, start and length"),
        ("status = [231, 10]", "status = [9999, 10]", 29, "10000 characters at most"),
        ("reason = [21, 10]", "reason = [20, 10]", 8, "overlap with `card_family` (characters 11 to 20)"),
        ("reason = [21, 10]", "raeson = [21, 10]", 8, "did you mean `reason`?"),
        (
            "[input.fixed.columns]",
            "[input.fixed]\nignore = [[0, 3]]\n[input.fixed.columns]",
            6,
            "counted from 1",
        ),
        (
            "[input.fixed.columns]",
            "[input.fixed]\nfiles = [\"a***\"]\n[input.fixed.columns]",
            6,
            "inbox/*.txt",
        ),
        (
            "[input.fixed.columns]",
            "[input.constants]\ntitle = \"\"\n[input.fixed.columns]",
            19,
            "keep one of the two",
        ),
        (
            "[input.fixed.columns]",
            "[input.fixed]\ntrailer = { starts_with = \" \" }\n[input.fixed.columns]",
            6,
            "write how the last line begins",
        ),
        (
            "[input.fixed.columns]",
            "[input.fixed]\ntrailer = { starts_with = \"99\", count = [0, 8] }\n[input.fixed.columns]",
            6,
            "counted from 1",
        ),
    ] {
        assert!(places.contains(from), "{from}");
        refused(&places.replace(from, to), line, &[word]);
    }
    let with_ref = format!("{places}client_ref = [241, 10]");
    let Some((_, last)) = mapping(&with_ref).layout("any", "any").and_then(FixedLayout::last) else {
        panic!()
    };
    assert_eq!(last.to_string(), "characters 241 to 250");
    let only = places
        .replace("[input.fixed.columns]", "[input.fixed]\nfiles = [\"inbox/*.txt\"]\n[input.fixed.columns]");
    let only = mapping(&only);
    let is = |name| only.layout(name, "").is_some();
    assert!(is("inbox/a.txt") && !is("inbox/a.csv") && !is("inbox/b/a.txt") && !is("inbox/.a.txt"));
}

#[test]
fn the_line_that_a_value_lacks_is_offered_where_values_are_mapped() {
    let none = mapping("");
    assert_eq!(none.missing_line(Column::Reason, "07"), None, "a job without a mapping is as it was");
    let mapped =
        mapping("[input.columns]\ncard_number = \"N\"\n[input.values.profession_code]\n\"MED\" = \"10\"");
    let line = mapped.missing_line(Column::Reason, "0\"7").unwrap().to_string();
    let added = line.split('`').nth(1).unwrap().replace('…', "first");
    let again = mapping(&format!("[input.values.reason]\n{added}"));
    assert_eq!(again.value(Column::Reason, "0\"7"), Some("first"), "the advice is followed");
    assert!(mapped.missing_line(Column::ProfessionCode, "PHA").unwrap().to_string().contains("our value"));
    assert_eq!(mapped.missing_line(Column::LastName, "07"), None);
    assert_eq!(mapped.missing_line(Column::Reason, &"x".repeat(99)), None, "too long for a code");
}

proptest! {
    #[test]
    fn any_value_of_theirs_can_be_written_as_a_key(theirs in "[^\u{0}-\u{1f}\u{7f}-\u{9f}]{0,12}") {
        let extra = format!("[input.values.reason]\n{} = \"first\"", quoted(&theirs));
        let theirs = composed(theirs.trim()).into_owned();
        let mapping = mapping(&extra);
        prop_assert_eq!(mapping.value(Column::Reason, &theirs), Some("first"));
    }
}

#[test]
fn names_of_columns_are_compared_as_they_are_seen() {
    assert_eq!(super::header_name(" Pre\u{301}nom\u{a0}usuel\u{202f}"), "Prénom usuel");
    assert_eq!(super::header_name("NUM  CARTE"), "NUM  CARTE");
}

#[test]
fn a_column_without_a_place_may_have_a_constant_where_it_may_be_empty() {
    let places = places();
    for (line, advice) in [
        ("card_number = [1, 10]\n", "add such as `card_number = [1, 10]`"),
        ("reason = [21, 10]\n", "it the value of all records to `[input.constants]`"),
    ] {
        assert!(places.contains(line), "{line}");
        let error = Failure::from(load(&places.replace(line, "")).unwrap_err()).to_string();
        assert!(error.contains(advice) && !error.contains("\"\""), "{error}");
    }
}
