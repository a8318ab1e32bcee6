//! Document types: the identifiers that each must and may carry.

use super::document_type_table::TABLE;
use super::identifiers::DataIdentifier;

/// Whether the header of a document type carries a date of issue (column O/N of S326 p. 32-33).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmissionDate {
    /// It must.
    Required,
    /// It must not: the header has `FFFF`.
    Forbidden,
    /// It may. Only for `P1`, which is not national.
    Optional,
}

/// A document type of perimeter `01`.
///
/// `P1` is **not national**: this crate defines it for the letter that carries a health professional's card, because no
/// published type has fields for the person's national id, name, card number and structure together. Other readers
/// parse it without knowing its name. S326 §3.4.4 forbids it in codes that claim conformity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DocumentType {
    /// Its two characters.
    pub code: &'static str,
    /// Its name, in French; empty if no public text gives one.
    pub name: &'static str,
    /// Whether the header carries a date of issue.
    pub emission_date: EmissionDate,
    /// Mandatory identifiers.
    pub mandatory: &'static [&'static str],
    /// Whether 10, or 11, 12 and 13 together, are mandatory too.
    pub beneficiary: bool,
    /// Optional identifiers, besides 01 to 0D, which every document may carry.
    pub optional: &'static [&'static str],
    /// Whether the national specification has it.
    pub national: bool,
}

/// The two ways to name a beneficiary.
const BENEFICIARY: [&[&str]; 2] = [&["10"], &["11", "12", "13"]];

impl DocumentType {
    /// The type with a code of two characters, if it is in the table.
    ///
    /// ```
    /// let card = twoddoc::DocumentType::find("A6").unwrap();
    /// assert_eq!(card.mandatory, ["80", "81", "82", "83"]);
    /// ```
    #[must_use]
    pub fn find(code: &str) -> Option<&'static DocumentType> {
        let index = TABLE.binary_search_by(|known| known.code.cmp(code)).ok()?;
        TABLE.get(index)
    }

    /// All types, sorted by code.
    #[must_use]
    pub fn all() -> &'static [DocumentType] {
        &TABLE
    }

    /// Whether a document of this type may carry an identifier (S326 p. 99). `P1` permits all identifiers.
    #[must_use]
    pub fn permits(&self, identifier: &DataIdentifier) -> bool {
        let id = &identifier.id;
        !self.national
            || identifier.is_general()
            || self.mandatory.contains(id)
            || self.optional.contains(id)
            || self.beneficiary && BENEFICIARY.concat().contains(id)
    }

    /// Whether an identifier is mandatory, or belongs to one of the two forms of a mandatory beneficiary.
    pub(super) fn requires(&self, id: &str) -> bool {
        let beneficiary = || self.beneficiary && BENEFICIARY.iter().any(|form| form.contains(&id));
        self.mandatory.contains(&id) || beneficiary()
    }

    /// The mandatory identifiers that are not in `present`. Of a beneficiary's two forms, the missing identifiers of
    /// the form that is partly present; 10 if neither is.
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
    fn p1_is_not_national() {
        let foreign: Vec<_> = TABLE.iter().filter(|t| !t.national).collect();
        assert_eq!(foreign.len(), 1);
        assert_eq!((foreign[0].code, foreign[0].emission_date), ("P1", EmissionDate::Optional));
        assert_eq!(foreign[0].mandatory, ["01", "10", "82", "83"]);
    }

    #[test]
    fn undated_types_are_those_of_the_specification() {
        for code in ["03", "04", "05", "16", "18", "A3", "A5", "A6"] {
            assert_eq!(DocumentType::find(code).unwrap().emission_date, EmissionDate::Forbidden);
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
    fn identifiers_outside_a_type_are_forbidden_except_01_to_0d() {
        let permits = |code, id| {
            let identifier = DataIdentifier::find(id).unwrap();
            DocumentType::find(code).unwrap().permits(identifier)
        };
        assert!(permits("A6", "86") && permits("A6", "01") && permits("P1", "I6"));
        assert!(!permits("A6", "10"));
    }
}
