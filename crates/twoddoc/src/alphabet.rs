//! Permitted characters, and how a name is brought to them.
//!
//! Takes free text and an [`Alphabet`], gives text of that alphabet. The specification prints no
//! table (its names are "lettres majuscules non accentuées", compound ones separated by a space),
//! so this is ours, in this order:
//!
//! 1. canonical decomposition; combining marks go: É → E, Ç → C, Ñ → N;
//! 2. letters that do not decompose: Œ → OE, Æ → AE, ß → SS, Ø → O, Ł → L, Đ and Ð → D, Þ → TH,
//!    Ħ → H, ı → I, ĸ → K, Ŋ → NG, Ŧ → T, Ĳ → IJ, ª → A, º → O;
//! 3. capitals; `&` → `ET` between spaces; every hyphen is `-`, every apostrophe `'`;
//! 4. hyphen, apostrophe, full stop, comma and slash stay where the alphabet has them, and are a
//!    space elsewhere; spaces at the ends go, several in a row are one.
//!
//! What remains outside the alphabet is reported, never dropped.

use std::fmt;
use thiserror::Error;
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// A set of ASCII characters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Alphabet(u128);

/// Text that can't be brought to an alphabet.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no rule brings {} to the permitted characters", quoted(.characters))]
pub struct Unreducible {
    /// The characters without a rule, in the order of the text.
    pub characters: Vec<char>,
}

impl Alphabet {
    /// The alphabet of a class such as `" 0-9A-Z/-"`: characters and ranges, a hyphen last.
    ///
    /// # Panics
    /// On a class outside ASCII; classes are constants.
    #[must_use]
    pub const fn of(class: &str) -> Alphabet {
        let class = class.as_bytes();
        let mut set = 0;
        let mut index = 0;
        while index < class.len() {
            let range = index + 2 < class.len() && class[index + 1] == b'-';
            let last = class[if range { index + 2 } else { index }];
            let mut character = class[index];
            while character <= last {
                set |= 1u128 << character;
                character += 1;
            }
            index += if range { 3 } else { 1 };
        }
        Alphabet(set)
    }

    /// Whether a character is permitted.
    #[must_use]
    pub const fn contains(self, character: char) -> bool {
        character.is_ascii() && self.0 >> character as u32 & 1 == 1
    }

    /// The characters of `text` that are not permitted.
    pub fn strangers(self, text: &str) -> impl Iterator<Item = char> {
        text.chars().filter(move |c| !self.contains(*c))
    }
}

impl fmt::Debug for Alphabet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let characters: String = ('\0'..='\x7f').filter(|c| self.contains(*c)).collect();
        write!(formatter, "Alphabet({characters:?})")
    }
}

/// Brings `text` to `alphabet` by the rules at the head of this file.
///
/// ```
/// use crate::alphabet::{Alphabet, reduce};
/// let names = Alphabet::of(" A-Z");
/// assert_eq!(reduce("d’Ormesson-Lefèvre", names).unwrap(), "D ORMESSON LEFEVRE");
/// assert_eq!(reduce("François Œuvrard", names).unwrap(), "FRANCOIS OEUVRARD");
/// assert!(reduce("Ли", names).is_err());
/// ```
///
/// # Errors
/// [`Unreducible`] with every character that no rule brings to the alphabet.
pub fn reduce(text: &str, alphabet: Alphabet) -> Result<String, Unreducible> {
    let mut reduced = String::with_capacity(text.len());
    let mut characters = Vec::new();
    for character in text.chars() {
        if character.is_ascii() {
            reduce_letter(character, alphabet, &mut reduced, &mut characters);
            continue;
        }
        // One by one: decomposition of a whole text would only bring marks in order, and they go.
        decompose_canonical(character, |letter| {
            if !is_combining_mark(letter) {
                reduce_letter(letter, alphabet, &mut reduced, &mut characters);
            }
        });
    }
    reduced.truncate(reduced.trim_end_matches(' ').len());
    match characters.is_empty() {
        true => Ok(reduced),
        false => Err(Unreducible { characters }),
    }
}

/// Adds what stands for a decomposed character: rules 2 to 4.
fn reduce_letter(letter: char, alphabet: Alphabet, reduced: &mut String, strangers: &mut Vec<char>) {
    match transliteration(letter) {
        Some(letters) => letters.chars().for_each(|c| put(c, alphabet, reduced, strangers)),
        None if letter.is_ascii() => put(letter.to_ascii_uppercase(), alphabet, reduced, strangers),
        None => letter.to_uppercase().for_each(|c| put(c, alphabet, reduced, strangers)),
    }
}

/// Adds a character, as itself or as a space, or reports it.
fn put(character: char, alphabet: Alphabet, reduced: &mut String, strangers: &mut Vec<char>) {
    let spaced = matches!(character, '-' | '\'' | '.' | ',' | '/') && alphabet.contains(' ');
    match character {
        ' ' if alphabet.contains(' ') => put_space(reduced),
        c if alphabet.contains(c) => reduced.push(c),
        _ if spaced => put_space(reduced),
        c => strangers.push(c),
    }
}

fn put_space(reduced: &mut String) {
    if !reduced.is_empty() && !reduced.ends_with(' ') {
        reduced.push(' ');
    }
}

/// What stands for a character that has no decomposition.
fn transliteration(character: char) -> Option<&'static str> {
    Some(match character {
        'Œ' | 'œ' => "OE",
        'Æ' | 'æ' => "AE",
        'ß' | 'ẞ' => "SS",
        'Ø' | 'ø' => "O",
        'Ł' | 'ł' => "L",
        'Đ' | 'đ' | 'Ð' | 'ð' => "D",
        'Þ' | 'þ' => "TH",
        'Ħ' | 'ħ' => "H",
        'ı' => "I",
        'ĸ' => "K",
        'Ŋ' | 'ŋ' => "NG",
        'Ŧ' | 'ŧ' => "T",
        'Ĳ' | 'ĳ' => "IJ",
        'ª' => "A",
        'º' => "O",
        '&' => " ET ",
        '‐' | '‑' | '‒' | '–' | '—' | '−' => "-",
        '’' | '‘' | 'ʼ' | '`' | '´' | '′' => "'",
        '\t' | '\u{a0}' | '\u{2009}' | '\u{202f}' => " ",
        _ => return None,
    })
}

fn quoted(characters: &[char]) -> String {
    let quoted: Vec<_> = characters.iter().map(|c| format!("`{c}` (U+{:04X})", *c as u32)).collect();
    quoted.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: Alphabet = Alphabet::of(" A-Z");

    #[test]
    fn classes_are_ranges_and_characters() {
        let class = Alphabet::of(" 0-9A-Z/'-");
        assert!("AZ09 /'-".chars().all(|c| class.contains(c)));
        assert!("az.,é\u{1d}".chars().all(|c| !class.contains(c)));
        assert_eq!(format!("{:?}", Alphabet::of("CA-B-")), "Alphabet(\"-ABC\")");
    }

    #[test]
    fn every_documented_letter() {
        for (text, expected) in [
            ("ÉéÈêëÇçÀâÏîÔÙÜÿÑ", "EEEEECCAAIIOUUYN"),
            ("Œœ Ææ ß ẞ Øø Łł Đđ Ðð Þþ", "OEOE AEAE SS SS OO LL DD DD THTH"),
            ("Ħı Ŋ Ŧ ĳ", "HI NG T IJ"),
            ("Martin & fils", "MARTIN ET FILS"),
            ("  L’HÉRITIER‑du\u{a0}Bois, Jr. ", "L HERITIER DU BOIS JR"),
        ] {
            assert_eq!(reduce(text, NAMES).unwrap(), expected);
        }
    }

    #[test]
    fn hyphen_and_apostrophe_stay_where_the_alphabet_has_them() {
        let exercise = Alphabet::of(" '-A-Z");
        let exercise_names = Alphabet::of(" 'A-Z-");
        assert_ne!(exercise, exercise_names);
        assert_eq!(reduce("d’Ormesson–Martin", exercise_names).unwrap(), "D'ORMESSON-MARTIN");
        assert_eq!(reduce("MME/DUPONT", Alphabet::of(" A-Z/")).unwrap(), "MME/DUPONT");
    }

    #[test]
    fn a_character_without_a_rule_is_reported() {
        let fault = reduce("Ли 2@", NAMES).unwrap_err();
        assert_eq!(fault.characters, ['Л', 'И', '2', '@']);
        assert!(fault.to_string().contains("`@` (U+0040)"));
        assert_eq!(reduce("12 3", Alphabet::of("0-9")).unwrap_err().characters, [' ']);
    }
}
