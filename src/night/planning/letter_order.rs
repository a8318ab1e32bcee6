//! The order of the lot of letters, where the job asks for another than that of the record files.

use rayon::prelude::*;

use super::Plan;
use crate::job::LetterOrder;
use mail::issuance::Issuance;
use mail::piece::PieceKind;

/// The longest structure identifier, in bytes: a type digit and 14 digits.
const STRUCTURE: usize = 15;

/// Where a letter lies in its lot: letters are sorted by this, and those of one place stay in the order of their entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct LetterKey {
    /// The structure, where letters lie by structure; `0xff` for a letter without one.
    structure: [u8; STRUCTURE],
    /// The postcode; abroad, after all postcodes, the country.
    place: u32,
}

impl LetterKey {
    /// The key of a record's letter.
    pub(super) fn of(order: LetterOrder, issuance: &Issuance) -> LetterKey {
        let mut structure = [0; STRUCTURE];
        if order == LetterOrder::Structure {
            match &issuance.structure_id {
                None => structure.fill(u8::MAX),
                Some(id) => structure.iter_mut().zip(id.as_str().bytes()).for_each(|(to, from)| *to = from),
            }
        }
        LetterKey { structure, place: place(issuance) }
    }
}

/// A number for the place of an address: its postcode, or 100,000 and more abroad.
fn place(issuance: &Issuance) -> u32 {
    const ABROAD: u32 = 100_000;
    match (issuance.address.postcode(), issuance.address.country()) {
        (Some(postcode), _) => postcode.parse().unwrap_or_default(),
        (None, country) => {
            let code = country.map_or("", |country| country.code());
            code.bytes().fold(1, |number, byte| (number << 8) | u32::from(byte)) + ABROAD
        }
    }
}

impl Plan {
    /// Notes where the letter of the next entry lies.
    pub(super) fn note_letter(&mut self, issuance: &Issuance) {
        if self.rules.letters != LetterOrder::Input {
            self.letter_keys.push(LetterKey::of(self.rules.letters, issuance));
        }
    }

    /// Sorts the letters that leave tonight as the job asks.
    pub(super) fn arrange_letters(&mut self) {
        if self.rules.letters == LetterOrder::Input {
            return;
        }
        let key = |index: u32| (self.letter_keys.get(index as usize).copied(), index);
        let mut sorted: Vec<_> =
            self.pieces(PieceKind::Letter).collect::<Vec<_>>().into_par_iter().map(key).collect();
        sorted.par_sort_unstable();
        self.letters = Some(sorted.into_iter().map(|(_, index)| index).collect());
        self.letter_keys = Vec::new();
    }

    /// Whether letters lie in another order than their entries.
    pub(crate) fn letters_are_sorted(&self) -> bool {
        self.letters.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(structure: &str, last: &str, country: &str) -> Issuance {
        let structure =
            if structure.is_empty() { String::new() } else { format!("\"structure_id\":\"{structure}\",") };
        let country = if country.is_empty() { String::new() } else { format!(",\"country\":\"{country}\"") };
        let json = format!(
            r#"{{"card_number":"2400158480","family":"CPS","reason":"first","requested_at":"2026-11-19T10:00:00",
            "ps_id_nat":"810005678908",{structure}"holder":"structure","organisation":"CHU",
            "address":{{"lines":["CHU","{last}"]{country}}},"status":"issued"}}"#
        );
        serde_json::from_str(&json).expect("a record")
    }

    #[test]
    fn letters_by_postcode_have_those_abroad_last() {
        let keys = [
            ("00800 ARMEES", ""),
            ("01000 BOURG", ""),
            ("75015 PARIS", ""),
            ("98800 NOUMEA", ""),
            ("1000 BRUXELLES", "BE"),
            ("1207 GENEVE", "CH"),
        ]
        .map(|(last, country)| LetterKey::of(LetterOrder::Postcode, &record("1630781003", last, country)));
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
    }

    #[test]
    fn letters_by_structure_have_those_without_one_last() {
        let keys = [
            ("1630781003", "75015 PARIS"),
            ("1630781003", "75016 PARIS"),
            ("373282932000074", "01000 BOURG"),
            ("", "01000 BOURG"),
        ]
        .map(|(structure, last)| LetterKey::of(LetterOrder::Structure, &record(structure, last, "")));
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:?}");
    }
}
