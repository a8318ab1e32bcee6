//! Permitted characters, and the transliteration of names to them.
//!
//! The specification asks for "lettres majuscules non accentuées", with a space between the parts of a compound name,
//! and prints no transliteration table. [`transliterate`] therefore applies rules of its own, in this order:
//!
//! 1. Canonical decomposition, without the combining marks: É → E, Ç → C, Ñ → N.
//! 2. Letters that do not decompose: Œ → OE, Æ → AE, ß → SS, Ø → O, Ł → L, Đ and Ð → D, Þ → TH, Ħ → H, ı → I, ĸ → K,
//!    Ŋ → NG, Ŧ → T, Ĳ → IJ, ª → A, º → O.
//! 3. Capitals. `&` becomes `ET` between spaces, every hyphen and dash `-`, every apostrophe `'`.
//! 4. Hyphen, apostrophe, full stop, comma and slash are kept if the alphabet has them, and become a space otherwise.
//!    Spaces at both ends are removed, and several in a row become one.
//!
//! Characters that are still outside the alphabet are an error. None is dropped.

use std::fmt;
use thiserror::Error;
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// A set of ASCII characters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Alphabet(u128);

/// Text with characters that an alphabet does not have, after transliteration if there was one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("no rule brings {} to the permitted characters", quoted(.characters))]
pub struct ForbiddenCharacters {
    /// The characters, in the order of the text.
    pub characters: Vec<char>,
}

impl Alphabet {
    /// The alphabet of a character class such as `" 0-9A-Z/-"`: characters and ranges. A literal hyphen comes last.
    ///
    /// # Panics
    /// If the class has a character outside ASCII.
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
    pub(super) fn forbidden_in(self, text: &str) -> impl Iterator<Item = char> {
        text.chars().filter(move |c| !self.contains(*c))
    }
}

impl fmt::Debug for Alphabet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let characters: String = ('\0'..='\x7f').filter(|c| self.contains(*c)).collect();
        write!(formatter, "Alphabet({characters:?})")
    }
}

/// Transliterates `text` to `alphabet` by the rules of this [module](self).
///
/// ```
/// use twoddoc::alphabet::{Alphabet, transliterate};
/// let names = Alphabet::of(" A-Z");
/// assert_eq!(transliterate("d’Ormesson-Lefèvre", names).unwrap(), "D ORMESSON LEFEVRE");
/// assert_eq!(transliterate("François Œuvrard", names).unwrap(), "FRANCOIS OEUVRARD");
/// assert!(transliterate("Ли", names).is_err());
/// ```
///
/// # Errors
/// [`ForbiddenCharacters`], with every character that no rule brings to the alphabet.
pub fn transliterate(text: &str, alphabet: Alphabet) -> Result<String, ForbiddenCharacters> {
    let mut written = String::with_capacity(text.len());
    let mut characters = Vec::new();
    for character in text.chars() {
        if character.is_ascii() {
            transliterate_letter(character, alphabet, &mut written, &mut characters);
            continue;
        }
        // Characters are decomposed one by one: decomposing the whole text would only sort the marks, and marks are
        // removed.
        decompose_canonical(character, |letter| {
            if !is_combining_mark(letter) {
                transliterate_letter(letter, alphabet, &mut written, &mut characters);
            }
        });
    }
    written.truncate(written.trim_end_matches(' ').len());
    match characters.is_empty() {
        true => Ok(written),
        false => Err(ForbiddenCharacters { characters }),
    }
}

/// Appends a decomposed character by rules 2 to 4.
fn transliterate_letter(letter: char, alphabet: Alphabet, written: &mut String, forbidden: &mut Vec<char>) {
    match transliteration(letter) {
        Some(letters) => letters.chars().for_each(|c| push(c, alphabet, written, forbidden)),
        None if letter.is_ascii() => push(letter.to_ascii_uppercase(), alphabet, written, forbidden),
        None => letter.to_uppercase().for_each(|c| push(c, alphabet, written, forbidden)),
    }
}

/// Appends a character or a space by rule 4, or adds it to `forbidden`.
fn push(character: char, alphabet: Alphabet, written: &mut String, forbidden: &mut Vec<char>) {
    let spaced = matches!(character, '-' | '\'' | '.' | ',' | '/') && alphabet.contains(' ');
    match character {
        ' ' if alphabet.contains(' ') => push_space(written),
        c if alphabet.contains(c) => written.push(c),
        _ if spaced => push_space(written),
        c => forbidden.push(c),
    }
}

fn push_space(written: &mut String) {
    if !written.is_empty() && !written.ends_with(' ') {
        written.push(' ');
    }
}

/// The replacement of a character that does not decompose.
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
    fn every_documented_letter_is_transliterated() {
        for (text, expected) in [
            ("ÉéÈêëÇçÀâÏîÔÙÜÿÑ", "EEEEECCAAIIOUUYN"),
            ("Œœ Ææ ß ẞ Øø Łł Đđ Ðð Þþ", "OEOE AEAE SS SS OO LL DD DD THTH"),
            ("Ħı Ŋ Ŧ ĳ", "HI NG T IJ"),
            ("Martin & fils", "MARTIN ET FILS"),
            ("  L’HÉRITIER‑du\u{a0}Bois, Jr. ", "L HERITIER DU BOIS JR"),
        ] {
            assert_eq!(transliterate(text, NAMES).unwrap(), expected);
        }
    }

    #[test]
    fn hyphen_and_apostrophe_are_kept_if_the_alphabet_has_them() {
        let exercise = Alphabet::of(" '-A-Z");
        let exercise_names = Alphabet::of(" 'A-Z-");
        assert_ne!(exercise, exercise_names);
        assert_eq!(transliterate("d’Ormesson–Martin", exercise_names).unwrap(), "D'ORMESSON-MARTIN");
        assert_eq!(transliterate("MME/DUPONT", Alphabet::of(" A-Z/")).unwrap(), "MME/DUPONT");
    }

    #[test]
    fn a_character_without_a_rule_is_reported() {
        let fault = transliterate("Ли 2@", NAMES).unwrap_err();
        assert_eq!(fault.characters, ['Л', 'И', '2', '@']);
        assert!(fault.to_string().contains("`@` (U+0040)"));
        assert_eq!(transliterate("12 3", Alphabet::of("0-9")).unwrap_err().characters, [' ']);
    }
}
