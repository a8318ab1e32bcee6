//! Compares the tables with lists that were derived from the specification independently (`fixtures/specification`).

use super::*;
use std::collections::BTreeSet;

/// The rows of a list.
fn rows(list: &str) -> Vec<csv::StringRecord> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/specification");
    csv::Reader::from_path(folder.join(list)).unwrap().into_records().map(Result::unwrap).collect()
}

fn words(cell: &str) -> BTreeSet<&str> {
    cell.split_whitespace().collect()
}

#[test]
fn identifiers_have_the_names_and_lengths_of_the_list() {
    let rows = rows("data_identifiers.csv");
    assert_eq!((rows.len(), DataIdentifier::all().len()), (402, 402));
    for row in &rows {
        let known = DataIdentifier::find(&row[0]).unwrap_or_else(|| panic!("{}", &row[0]));
        let length = |cell: &str| cell.parse::<usize>().ok();
        assert_eq!(Some(known.min_length()), length(&row[2]), "{}", &row[0]);
        assert_eq!(known.max_length(), length(&row[3]), "{}", &row[0]);
        let plain = |text: &str| text.replace('’', "'").split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(plain(known.name), plain(&row[1]), "{}", &row[0]);
        let permitted = row[5].split_whitespace().all(|set| match set.as_bytes() {
            [first, b'-', last] => [*first, *last].iter().all(|c| known.alphabet.contains(char::from(*c))),
            _ => true,
        });
        // The list derives the characters from types. For I2, which contains words only, they differ.
        assert!(permitted || &row[0] == "I2", "{}: {}", &row[0], &row[5]);
    }
}

#[test]
fn document_types_have_the_identifiers_of_the_list() {
    let rows = rows("document_types.csv");
    assert!(rows.len() > 40, "{}", rows.len());
    for row in &rows {
        let known = DocumentType::find(&row[0]).unwrap_or_else(|| panic!("{}", &row[0]));
        let own = |ids: &[&'static str]| ids.iter().copied().collect::<BTreeSet<_>>();
        assert_eq!(own(known.mandatory), words(&row[3]), "{}", &row[0]);
        let choices: Vec<&str> =
            known.choices.iter().copied().flatten().copied().flatten().copied().collect();
        assert_eq!(choices, row[4].split_whitespace().collect::<Vec<_>>(), "{}", &row[0]);
        // Official specimens have more optional identifiers than the list.
        assert!(own(known.optional).is_superset(&words(&row[5])), "{}", &row[0]);
        let name = known.name.to_lowercase();
        assert!(row[1].is_empty() || name == row[1].to_lowercase(), "{}", &row[0]);
        match &row[2] {
            "yes" => assert_eq!(known.emission_date, EmissionDate::Required, "{}", &row[0]),
            "no" => assert_eq!(known.emission_date, EmissionDate::Forbidden, "{}", &row[0]),
            _ => {}
        }
    }
}
