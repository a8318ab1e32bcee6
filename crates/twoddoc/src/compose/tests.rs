//! The rules of composition, one test each.

use super::Value::{Exact, Text};
use super::*;
use jiff::civil::date;

fn header(document_type: &str) -> Header {
    Header::v04("FR00", "0001", document_type, date(2026, 11, 23))
}

/// A message of type P1 with these fields after the mandatory ones, without the start.
fn message(more: &[(&str, Value<'_>)]) -> String {
    let mandatory = [("01", Exact("1")), ("10", Exact("")), ("82", Exact("")), ("83", Exact(""))];
    let block = compose(&header("P1"), &[&mandatory, more].concat()).unwrap();
    block.text["DC04FR000001FFFF265FP101FR011\u{1d}10\u{1d}82\u{1d}83".len()..].to_owned()
}

fn faults(document_type: &str, fields: &[(&str, Value<'_>)]) -> Vec<String> {
    let faults = compose(&header(document_type), fields).unwrap_err();
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn a_fixed_field_has_no_separator() {
    assert_eq!(
        message(&[("I6", Exact("10003461033")), ("69", Exact("00001970"))]),
        "\u{1d}I6100034610336900001970"
    );
}

#[test]
fn a_variable_field_below_its_maximum_ends_with_gs_unless_last() {
    assert_eq!(message(&[("80", Exact("DUPONT")), ("61", Exact("ZOE"))]), "\u{1d}80DUPONT\u{1d}61ZOE");
}

#[test]
fn a_variable_field_at_its_maximum_has_no_separator() {
    let full = "A".repeat(20);
    assert_eq!(message(&[("61", Exact(&full)), ("62", Exact("B"))]), format!("\u{1d}61{full}62B"));
}

#[test]
fn a_truncated_field_is_cut_at_its_maximum_and_ends_with_rs_also_when_last() {
    let long = "Zoé".repeat(8);
    let block = compose(
        &header("A6"),
        &[("80", Text("Dupont")), ("82", Exact("1")), ("83", Exact("X")), ("81", Text(&long.repeat(3)))],
    )
    .unwrap();
    assert_eq!(block.truncated, ["81"]);
    assert!(block.text.ends_with(&format!("81{}\u{1e}", "ZOE".repeat(20))));
}

#[test]
fn numeric_fields_are_never_truncated() {
    let long = "1".repeat(21);
    let fields = [("80", Text("A")), ("81", Text("B")), ("82", Text(&long)), ("83", Text("C"))];
    assert_eq!(faults("A6", &fields), ["`82` (Numéro de carte) holds at most 20 characters, not 21"]);
}

#[test]
fn an_exact_value_is_neither_reduced_nor_truncated() {
    let long = "A".repeat(39);
    let fields = [("80", Exact(long.as_str())), ("81", Exact("Zoé")), ("82", Exact("1")), ("83", Exact("1"))];
    let faults = compose(&header("A6"), &fields).unwrap_err();
    assert!(matches!(faults[0], ComposeError::TooLong { length: 39, max: 38, .. }));
    assert!(matches!(&faults[1], ComposeError::Characters { source, .. } if source.characters == ['o', 'é']));
    assert_eq!(faults[1].id(), Some("81"));
}

#[test]
fn all_errors_are_returned_at_once() {
    let fields = [
        ("80", Text("Ли")),
        ("82", Exact("1")),
        ("82", Exact("2")),
        ("10", Exact("A")),
        ("ZZ", Exact("")),
        ("86", Exact("123")),
    ];
    assert_eq!(
        faults("A6", &fields),
        [
            "`82` stands more than once",
            "`10` has no place in a document of type `A6`",
            "`81` is mandatory and missing",
            "`83` is mandatory and missing",
            "`80` (Nom): no rule brings `Л` (U+041B), `И` (U+0418) to the permitted characters",
            "data identifier `ZZ` is unknown",
            "`86` (Numéro de licence) needs at least 12 characters, not 3",
        ]
    );
    assert_eq!(faults("ZZ", &[]), ["document type `ZZ` is unknown"]);
}

#[test]
fn the_date_of_emission_must_fit_the_type() {
    let mut dated = header("A6");
    dated.emission_date = Some(date(2026, 1, 1));
    let fields = [("80", Exact("A")), ("81", Exact("B")), ("82", Exact("1")), ("83", Exact("C"))];
    let absent = ComposeError::EmissionDate { document_type: "A6", required: false };
    assert_eq!(compose(&dated, &fields), Err(vec![absent]));
    assert!(compose(&header("A6"), &fields).is_ok());
    assert!(faults("08", &[("6F", Exact(""))])[0].contains("need a date of emission"));
}

#[test]
fn a_header_that_can_t_be_written_is_an_error() {
    let broken = Header { country: None, ..header("A6") };
    assert!(matches!(compose(&broken, &[]).unwrap_err()[0], ComposeError::Header(_)));
}
