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
    /// It may: in `P1`, which is not national, and in types of which no public text says it.
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
    /// Its name, in French.
    pub name: &'static str,
    /// Whether the header carries a date of issue.
    pub emission_date: EmissionDate,
    /// Mandatory identifiers.
    pub mandatory: &'static [&'static str],
    /// Identifiers that stand for each other: of each choice one form is mandatory too.
    pub choices: &'static [Choice],
    /// Optional identifiers, besides 01 to 0D, which every document may carry.
    pub optional: &'static [&'static str],
    /// Identifiers that are optional although its table does not list them.
    pub(super) unlisted: &'static Unlisted,
    /// Whether the national specification has it.
    pub national: bool,
}

/// The forms in which the same is said, each of one identifier or several: 10, or 11 and 12 and 13; 70, or 71.
pub type Choice = &'static [&'static [&'static str]];

/// Which identifiers are optional in a type although its table in S326 §8 does not list them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unlisted {
    /// The first characters of the groups that are named below the table.
    pub groups: &'static str,
    /// The identifiers that the table lists, for this type or for another.
    pub listed: &'static [&'static str],
}

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
            || self.offers(id)
            || id.chars().next().is_some_and(|group| self.unlisted.groups.contains(group))
                && !self.unlisted.listed.contains(id)
    }

    /// Whether an identifier belongs to a form of a choice.
    fn offers(&self, id: &str) -> bool {
        self.choices.iter().copied().flatten().any(|form| form.contains(&id))
    }

    /// Whether an identifier is mandatory, or belongs to a form of a mandatory choice.
    pub(super) fn requires(&self, id: &str) -> bool {
        self.mandatory.contains(&id) || self.offers(id)
    }

    /// The mandatory identifiers that are not in `present`. Of a choice of which no form is whole, those that the form lacks
    /// that is partly present; those of the first form if none is.
    #[must_use]
    pub fn missing(&self, present: &[&str]) -> Vec<&'static str> {
        let lacking = |wanted: &[&'static str]| -> Vec<&'static str> {
            let absent = wanted.iter().filter(|id| !present.contains(id));
            absent.copied().collect()
        };
        let mut missing = lacking(self.mandatory);
        for choice in self.choices {
            let forms = choice.iter().map(|form| (form.len(), lacking(form)));
            // Whole before partly present before absent; of equals the first.
            let rank = |(length, lacks): &(usize, Vec<_>)| match lacks.len() {
                0 => 0,
                some if some < *length => 1,
                _ => 2,
            };
            missing.extend(forms.min_by_key(rank).into_iter().flat_map(|(_, lacks)| lacks));
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
        for id in TABLE.iter().flat_map(|t| t.mandatory.iter().chain(t.optional).chain(t.unlisted.listed)) {
            assert!(DataIdentifier::find(id).is_some(), "{id}");
        }
        assert!(TABLE.iter().all(|t| !t.name.is_empty()));
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
    fn a_table_s_footnotes_count() {
        let missing = |code, present: &[&str]| DocumentType::find(code).unwrap().missing(present);
        let death = ["72", "73", "77", "78", "7C", "7D", "7E", "7G", "7K", "7M"];
        for time in ["70", "71"] {
            assert!(missing("A4", &[&death[..], &[time]].concat()).is_empty());
        }
        assert_eq!(missing("A4", &death), ["70"]);
        let diploma = ["B6", "B7", "B9", "B2", "BD", "BG", "BH", "BI", "BJ"];
        assert!(missing("B0", &[&diploma[..], &["B0"]].concat()).is_empty());
        assert_eq!(missing("B0", &diploma), ["B0"]);
        assert_eq!(missing("A1", &["AB", "AC", "60", "6G", "6H"]), ["69"]);
    }

    #[test]
    fn identifiers_outside_a_type_are_forbidden_except_01_to_0d() {
        let permits = |code, id| {
            let identifier = DataIdentifier::find(id).unwrap();
            DocumentType::find(code).unwrap().permits(identifier)
        };
        assert!(permits("A6", "86") && permits("A6", "01") && permits("P1", "I6"));
        assert!(!permits("A6", "10"));
        // Listed in the table of vehicles for other types only, and in groups named below it or not.
        assert!(!permits("A0", "AB") && !permits("A0", "60") && !permits("A0", "90") && !permits("A0", "22"));
        assert!(permits("A0", "A8") && permits("A0", "31") && permits("A0", "BB") && permits("A1", "6A"));
        assert!(permits("C4", "DE") && permits("C2", "DV") && !permits("C3", "DI") && !permits("C1", "DE"));
        assert!(permits("28", "4Y") && permits("B3", "F0") && permits("04", "4Z"));
    }
}
