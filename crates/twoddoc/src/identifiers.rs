//! Data identifiers: the lengths and characters that each permits in its field.

use super::alphabet::Alphabet;
use super::decoded::{DecodedValue, decode};
use super::identifier_table::TABLE;

/// A data identifier of the specification (S326 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataIdentifier {
    /// Its two characters.
    pub id: &'static str,
    /// Its name in the specification, in French.
    pub name: &'static str,
    /// Minimum length of a value, in characters.
    pub(super) min: u16,
    /// Maximum length; `u16::MAX` for none.
    pub(super) max: u16,
    /// The characters that a value may contain.
    pub alphabet: Alphabet,
    /// Whether a value is text that may be truncated (a name, an address), not a number or a code.
    pub truncatable: bool,
}

impl DataIdentifier {
    /// The identifier with these two characters, if the specification has it.
    ///
    /// ```
    /// let card = twoddoc::DataIdentifier::find("82").unwrap();
    /// assert_eq!((card.name, card.max_length()), ("Numéro de carte", Some(20)));
    /// ```
    #[must_use]
    pub fn find(id: &str) -> Option<&'static DataIdentifier> {
        let &[first, second] = id.as_bytes() else { return None };
        let position = POSITIONS[usize::from(rank(first)?)][usize::from(rank(second)?)];
        TABLE.get(usize::from(position))
    }

    /// All identifiers, sorted.
    #[must_use]
    pub fn all() -> &'static [DataIdentifier] {
        &TABLE
    }

    /// Minimum length of a value, in characters.
    #[must_use]
    pub fn min_length(&self) -> usize {
        usize::from(self.min)
    }

    /// Maximum length of a value, in characters; `None` if there is no limit.
    #[must_use]
    pub fn max_length(&self) -> Option<usize> {
        (self.max < u16::MAX).then_some(usize::from(self.max))
    }

    /// Whether all values have the same length, so that no separator follows them (S326 p. 21).
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.min == self.max
    }

    /// Decodes a value whose written form is another: dates in hexadecimal days or as `JJMMAAAA` (S326 p. 34) and times,
    /// numbers in hexadecimal and in base 36, addresses and names with `/` between their parts, URLs in Base32 (p. 35).
    /// `None` for other identifiers and for values that do not decode.
    ///
    /// ```
    /// let expiry = twoddoc::DataIdentifier::find("08").unwrap();
    /// assert_eq!(expiry.decode_value("265C").unwrap().to_string(), "2026-11-20");
    /// ```
    #[must_use]
    pub fn decode_value(&self, value: &str) -> Option<DecodedValue> {
        decode(self, value)
    }

    /// Whether it is one of S326 §7.0 (01 to 0D), which every document may carry.
    pub(super) fn is_general(&self) -> bool {
        ("01".."0E").contains(&self.id)
    }
}

/// Index in the table by the ranks of the two characters; `u16::MAX` for none.
static POSITIONS: [[u16; 36]; 36] = positions();

const fn positions() -> [[u16; 36]; 36] {
    let mut positions = [[u16::MAX; 36]; 36];
    let mut index = 0;
    while index < TABLE.len() {
        if let &[first, second] = TABLE[index].id.as_bytes()
            && let (Some(first), Some(second)) = (rank(first), rank(second))
        {
            positions[first as usize][second as usize] = index as u16;
        }
        index += 1;
    }
    positions
}

/// 0 to 9 for digits, 10 to 35 for capitals.
const fn rank(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'A'..=b'Z' => Some(character - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_its_lengths_are_consistent() {
        assert!(TABLE.is_sorted_by(|a, b| a.id < b.id));
        assert!(TABLE.iter().all(|di| di.min <= di.max && di.id.len() == 2));
    }

    #[test]
    fn every_identifier_is_found_by_its_own_characters_only() {
        assert!(TABLE.iter().all(|di| DataIdentifier::find(di.id) == Some(di)));
        let ids = ('\0'..='\u{ff}').flat_map(|a| ('\0'..='\u{ff}').map(move |b| format!("{a}{b}")));
        assert_eq!(ids.filter(|id| DataIdentifier::find(id).is_some()).count(), TABLE.len());
    }

    #[test]
    fn identifiers_of_the_card_block() {
        let facts = |id| DataIdentifier::find(id).map(|di| (di.min, di.max_length(), di.is_fixed()));
        assert_eq!(facts("01"), Some((0, None, false)));
        assert_eq!(facts("10"), Some((0, Some(38), false)));
        assert_eq!(facts("83"), Some((0, Some(40), false)));
        assert_eq!(facts("I6"), Some((11, Some(11), true)));
        assert_eq!(facts("ZZ"), None);
        assert_eq!(facts(""), None);
    }

    #[test]
    fn general_identifiers_are_01_to_0d() {
        let general = TABLE.iter().filter(|di| di.is_general()).map(|di| di.id);
        assert_eq!(general.collect::<Vec<_>>().join(" "), "01 02 03 04 05 06 07 08 09 0A 0B 0C 0D");
    }

    #[test]
    fn only_text_may_be_truncated() {
        let truncatable = |id| DataIdentifier::find(id).unwrap().truncatable;
        assert!(["10", "80", "81", "83", "I3"].into_iter().all(truncatable));
        assert!(!["01", "82", "86", "I6", "31", "7M"].into_iter().any(truncatable));
    }
}
