//! Document types: which identifiers a document must and may carry.

use super::document_type_table::TABLE;
use super::identifiers::DataIdentifier;

/// Whether a type's header carries a date of emission (column O/N of S326 p. 32-33).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmissionDate {
    /// A date.
    Required,
    /// None: `FFFF`.
    Absent,
    /// Either; only our own type.
    Free,
}

/// A type of document.
///
/// All are of perimeter `01`. `P1` is **not national**: it is this program's own, for the letter
/// that carries a card, since no published type holds a person's national id, name, card and
/// structure. Readers outside the bureau parse it and do not know it; §3.4.4 of the specification
/// forbids it in codes that claim conformity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentType {
    /// Its two characters.
    pub code: &'static str,
    /// Its name, in French; empty where no public text gives one.
    pub name: &'static str,
    /// Whether the header is dated.
    pub emission_date: EmissionDate,
    /// Identifiers that must be there.
    pub mandatory: &'static [&'static str],
    /// Whether 10, or 11, 12 and 13 together, must be there too.
    pub beneficiary: bool,
    /// Identifiers that may be there, besides 01 to 0D.
    pub optional: &'static [&'static str],
    /// Whether the national specification has it.
    pub national: bool,
}

/// The two ways to name a beneficiary.
const BENEFICIARY: [&[&str]; 2] = [&["10"], &["11", "12", "13"]];

impl DocumentType {
    /// The type of two characters, if it is known.
    ///
    /// ```
    /// let card = crate::DocumentType::find("A6").unwrap();
    /// assert_eq!(card.mandatory, ["80", "81", "82", "83"]);
    /// ```
    #[must_use]
    pub fn find(code: &str) -> Option<&'static DocumentType> {
        let index = TABLE.binary_search_by(|known| known.code.cmp(code)).ok()?;
        TABLE.get(index)
    }

    /// Every type, in order of code.
    #[must_use]
    pub fn all() -> &'static [DocumentType] {
        &TABLE
    }

    /// Whether an identifier may stand in a document of this type (S326 p. 99). Our own type takes
    /// all that the specification knows.
    #[must_use]
    pub fn permits(&self, identifier: &DataIdentifier) -> bool {
        let id = &identifier.id;
        !self.national
            || identifier.is_general()
            || self.mandatory.contains(id)
            || self.optional.contains(id)
            || self.beneficiary && BENEFICIARY.concat().contains(id)
    }

    /// Whether an identifier is mandatory, or one of the two forms of a mandatory beneficiary.
    #[must_use]
    pub fn requires(&self, id: &str) -> bool {
        let beneficiary = || self.beneficiary && BENEFICIARY.iter().any(|form| form.contains(&id));
        self.mandatory.contains(&id) || beneficiary()
    }

    /// The mandatory identifiers that `present` lacks; of a beneficiary's two forms, what the one
    /// that was begun lacks.
    #[must_use]
    pub fn missing(&self, present: &[&str]) -> Vec<&'static str> {
        let lacking = |wanted: &[&'static str]| -> Vec<&'static str> {
            let absent = wanted.iter().filter(|id| !present.contains(id));
            absent.copied().collect()
        };
        let mut missing = lacking(self.mandatory);
        let [line, parts] = BENEFICIARY.map(lacking);
        if self.beneficiary && !line.is_empty() {
            missing.extend(if parts.len() == 3 { line } else { parts });
        }
        missing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_names_known_identifiers() {
        assert!(TABLE.is_sorted_by(|a, b| a.code < b.code));
        for id in TABLE.iter().flat_map(|t| t.mandatory.iter().chain(t.optional)) {
            assert!(DataIdentifier::find(id).is_some(), "{id}");
        }
    }

    #[test]
    fn our_own_type_says_that_it_is_not_national() {
        let foreign: Vec<_> = TABLE.iter().filter(|t| !t.national).collect();
        assert_eq!(foreign.len(), 1);
        assert_eq!((foreign[0].code, foreign[0].emission_date), ("P1", EmissionDate::Free));
        assert_eq!(foreign[0].mandatory, ["01", "10", "82", "83"]);
    }

    #[test]
    fn undated_types_are_those_of_the_specification() {
        for code in ["03", "04", "05", "16", "18", "A3", "A5", "A6"] {
            assert_eq!(DocumentType::find(code).unwrap().emission_date, EmissionDate::Absent);
        }
        assert_eq!(DocumentType::find("C9").unwrap().emission_date, EmissionDate::Required);
    }

    #[test]
    fn a_beneficiary_is_named_by_10_or_by_11_12_13() {
        let home = DocumentType::find("00").unwrap();
        let with = |more: &[&'static str]| home.missing(&[home.mandatory, more].concat());
        assert_eq!(with(&[]), ["10"]);
        assert_eq!(with(&["12"]), ["11", "13"]);
        assert!(with(&["10"]).is_empty() && with(&["13", "12", "11"]).is_empty());
        assert!(home.permits(DataIdentifier::find("12").unwrap()));
    }

    #[test]
    fn identifiers_outside_a_type_are_forbidden_but_01_to_0d() {
        let permits = |code, id| {
            let identifier = DataIdentifier::find(id).unwrap();
            DocumentType::find(code).unwrap().permits(identifier)
        };
        assert!(permits("A6", "86") && permits("A6", "01") && permits("P1", "I6"));
        assert!(!permits("A6", "10"));
    }
}
