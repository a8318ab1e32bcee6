//! What programs leave in a text on its way: words for "no value", errors of spreadsheets, formulas, entities of HTML,
//! escapes, question marks for lost letters, and letters that were decoded twice.
//!
//! A person's words are never judged here; each finding is a pattern that no address or name has.

use std::fmt;

use crate::text::{has_stray_accent, is_latin_letter, shown_character, shown_character_in};
use crate::{Language, Worded};

/// Words that databases and scripts write for no value. Compared without regard to case.
const NO_VALUE: [&str; 22] = [
    "NULL",
    "(NULL)",
    "<NULL>",
    "[NULL]",
    "\\N",
    "N/A",
    "#N/A",
    "N.A.",
    "NAN",
    "NIL",
    "NONE",
    "UNDEFINED",
    "(BLANK)",
    "(VIDE)",
    "VIDE",
    "TBD",
    "N/D",
    "N/C",
    "-",
    "--",
    "XXX",
    "NA",
];

/// Those of [`NO_VALUE`] that people are called.
const NAMES_OF_PEOPLE: [&str; 4] = ["NIL", "NONE", "NA", "VIDE"];

/// The errors that spreadsheets show in place of a value, without their end.
const SHEET_ERRORS: [&str; 13] = [
    "#REF!", "#N/A", "#VALUE!", "#VALEUR!", "#NAME?", "#NOM?", "#DIV/0!", "#NUM!", "#NOMBRE!", "#NULL!",
    "#NUL!", "#SPILL!", "###",
];

/// Characters that wrong decodings leave and no address has.
const ODD: &str = "√‡†¬¤¦‰ƒˆ˜‹›¶§∞≈≠∂∑∏π∫Ω";

/// What a program left in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Residue {
    /// A word for no value.
    NoValue,
    /// An error of a spreadsheet.
    SheetError,
    /// The beginning of a formula.
    Formula(char),
    /// An entity or a tag of HTML.
    Markup,
    /// An escape of a programming language, a URL or a template.
    Escape,
    /// Question marks where letters were lost.
    QuestionMarks,
    /// An accent without its letter.
    StrayAccent,
    /// A character that wrong decodings leave.
    OddCharacter(char),
}

impl Residue {
    /// What is left in the text of a field.
    pub fn of(text: &str) -> Option<Residue> {
        // Most texts are letters, digits and spaces, and no short word.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'\'' | b'.' | b',');
        let is_plain = text.bytes().all(plain);
        if text.len() <= 11 && NO_VALUE.iter().any(|word| word.eq_ignore_ascii_case(text)) {
            return Some(Residue::NoValue);
        }
        if is_plain { None } else { Residue::of_signs(text) }
    }

    /// What is left in a name. Words that people are called are names.
    pub fn of_name(text: &str) -> Option<Residue> {
        let is_name = NAMES_OF_PEOPLE.iter().any(|name| name.eq_ignore_ascii_case(text));
        if is_name { None } else { Residue::of(text) }
    }

    fn of_signs(text: &str) -> Option<Residue> {
        let first = text.chars().next()?;
        Some(match () {
            () if SHEET_ERRORS.iter().any(|error| text.contains(error)) => Residue::SheetError,
            () if matches!(first, '=' | '+' | '@' | '＝' | '＋' | '＠') => Residue::Formula(first),
            () if has_markup(text) => Residue::Markup,
            () if has_escape(text) => Residue::Escape,
            () if has_lost_letters(text) => Residue::QuestionMarks,
            () if text.is_ascii() => return None,
            () if has_stray_accent(text) => Residue::StrayAccent,
            () => Residue::OddCharacter(text.chars().find(|c| is_odd(*c))?),
        })
    }

    /// The stable code of this kind of finding.
    pub fn code(self) -> &'static str {
        match self {
            Residue::NoValue => "no_value_word",
            Residue::SheetError => "sheet_error",
            Residue::Formula(_) => "formula",
            Residue::Markup => "markup",
            Residue::Escape => "escape",
            Residue::QuestionMarks => "question_marks",
            Residue::StrayAccent => "stray_accent",
            Residue::OddCharacter(_) => "odd_character",
        }
    }
}

impl fmt::Display for Residue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Residue::NoValue => {
                f.write_str("is a word that programs write for no value; empty the field, or write the value")
            }
            Residue::SheetError => f.write_str(
                "holds an error of a spreadsheet; write the value that it hides, or empty the field",
            ),
            Residue::Formula(first) => {
                write!(f, "begins with `{first}`, as a formula does; write the value alone")
            }
            Residue::Markup => {
                f.write_str("holds code of a web page; write the characters that it stands for")
            }
            Residue::Escape => {
                f.write_str("holds an escape of a program; write the characters that it stands for")
            }
            Residue::QuestionMarks => f.write_str(
                "has question marks where letters may be lost; write the letters, or empty the field",
            ),
            Residue::StrayAccent => {
                f.write_str("has an accent without a letter before it; put it after its letter")
            }
            Residue::OddCharacter(odd) => {
                let odd = shown_character(*odd);
                write!(f, "holds {odd}, which a wrong encoding leaves; write the letter that belongs there")
            }
        }
    }
}

/// `&eacute;`, `&#233;`, `<br>`, `</p>`.
fn has_markup(text: &str) -> bool {
    let entity = text.split('&').skip(1).any(|rest| {
        let name = rest.split(';').next().unwrap_or_default().trim_start_matches('#');
        rest.contains(';') && (2..=8).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric())
    });
    let tag = text.split('<').skip(1).any(|rest| {
        rest.contains('>') && rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'))
    });
    entity || tag
}

/// `\n`, `\u00e9`, `%C3%A9`, `=C3=A9`, `${name}`, `{{name}}`.
fn has_escape(text: &str) -> bool {
    let hexadecimal = |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|b| b.is_ascii_hexdigit());
    text.split('\\').skip(1).any(|rest| rest.starts_with(['n', 'N', 'r', 't', 'u', 'x', '\'', '"']))
        || text.split('%').skip(1).any(hexadecimal)
        || text
            .split('=')
            .skip(1)
            .any(|rest| hexadecimal(rest) && !rest.starts_with(|c: char| c.is_lowercase()))
        || ["${", "{{", "}}", "<%", "%>"].iter().any(|mark| text.contains(mark))
}

/// `???`, or a question mark between letters.
fn has_lost_letters(text: &str) -> bool {
    let letters = |pair: &[char]| matches!(pair, [before, '?', after] if before.is_alphabetic() && after.is_alphabetic());
    let characters: Vec<char> = text.chars().collect();
    text.contains("??") || text == "?" || characters.windows(3).any(letters)
}

fn is_odd(character: char) -> bool {
    ODD.contains(character) || matches!(character, '\u{2500}'..='\u{25ff}')
}

/// The text as it should be where its UTF-8 was taken for Windows-1252 or Latin-1, once or several times: `CHÃŠNE` is
/// `CHÊNE`. `None` for a text that is right as it is.
pub fn decoded_once(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let mut decoded = decode_again(text)?;
    while let Some(further) = decode_again(&decoded) {
        decoded = further;
    }
    Some(decoded)
}

fn decode_again(text: &str) -> Option<String> {
    let characters: Vec<char> = text.chars().collect();
    let mut decoded = String::with_capacity(text.len());
    let mut index = 0;
    let mut found = false;
    while index < characters.len() {
        match sequence(&characters[index..]) {
            Some((character, length)) => {
                decoded.push(character);
                index += length;
                found = true;
            }
            None => {
                decoded.push(characters[index]);
                index += 1;
            }
        }
    }
    found.then_some(decoded)
}

/// The character whose bytes of UTF-8 the first characters are, and how many they are. Only letters and signs of Latin
/// texts count, so that two signs of a real text are not taken for one.
fn sequence(characters: &[char]) -> Option<(char, usize)> {
    let lead = byte_of(*characters.first()?)?;
    let length = match lead {
        0xc2..=0xdf => 2,
        0xe1 | 0xe2 | 0xef => 3,
        _ => return None,
    };
    let bytes: Option<Vec<u8>> = characters.get(..length)?.iter().map(|c| byte_of(*c)).collect();
    let character = std::str::from_utf8(&bytes?).ok()?.chars().next()?;
    let sign = byte_of(character).is_some()
        || matches!(character, '\u{2010}'..='\u{203a}' | '\u{feff}' | '\u{fffd}');
    (sign || is_latin_letter(character) || characters[1..length].iter().all(|c| c.is_control()))
        .then_some((character, length))
}

/// The byte of Windows-1252 that a character is; that of Latin-1 where Windows-1252 has none.
fn byte_of(character: char) -> Option<u8> {
    const HIGH: [char; 27] = [
        '€', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 'Ž', '‘', '’', '“', '”', '•', '–', '—',
        '˜', '™', 'š', '›', 'œ', 'ž', 'Ÿ',
    ];
    const BYTES: [u8; 27] = [
        0x80, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8e, 0x91, 0x92, 0x93, 0x94,
        0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9e, 0x9f,
    ];
    match u32::from(character) {
        code @ 0x80..=0xff => u8::try_from(code).ok(),
        _ => HIGH.iter().position(|high| *high == character).map(|index| BYTES[index]),
    }
}

impl Worded for Residue {
    fn french(&self) -> String {
        let words = match self {
            Residue::NoValue => {
                "est un mot que des programmes écrivent en l’absence de valeur\u{202F}; videz le champ, ou écrivez la valeur"
            }
            Residue::SheetError => {
                "contient une erreur de tableur\u{202F}; écrivez la valeur qu’elle cache, ou videz le champ"
            }
            Residue::Formula(first) => {
                return format!(
                    "commence par «\u{A0}{first}\u{A0}», comme une formule\u{202F}; écrivez la valeur seule"
                );
            }
            Residue::Markup => {
                "contient du code de page web\u{202F}; écrivez les caractères qu’il représente"
            }
            Residue::Escape => {
                "contient un échappement de programme\u{202F}; écrivez les caractères qu’il représente"
            }
            Residue::QuestionMarks => {
                "a des points d’interrogation où des lettres sont peut-être perdues\u{202F}; écrivez les lettres, ou videz le champ"
            }
            Residue::StrayAccent => "a un accent sans lettre devant lui\u{202F}; placez-le après sa lettre",
            Residue::OddCharacter(odd) => {
                let odd = shown_character_in(Language::French, *odd);
                return format!(
                    "contient {odd}, que laisse un mauvais encodage\u{202F}; écrivez la lettre qui convient"
                );
            }
        };
        words.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_leave() {
        for (text, code) in [
            ("\\N", "no_value_word"),
            ("null", "no_value_word"),
            ("#REF!", "sheet_error"),
            ("9 RUE #VALEUR!", "sheet_error"),
            ("########", "sheet_error"),
            ("=CONCATENER(A1;B1)", "formula"),
            ("＝A1", "formula"),
            ("H&ocirc;pital &amp; Fils", "markup"),
            ("RUE &#233;T", "markup"),
            ("MARTIN<br/>", "markup"),
            ("9 RUE\\n75015", "escape"),
            ("H%C3%B4pital", "escape"),
            ("HOP=C3=B4PITAL", "escape"),
            ("{{adresse}}", "escape"),
            ("???", "question_marks"),
            ("H?PITAL", "question_marks"),
            ("\u{301}ETIENNE", "stray_accent"),
            ("Fran√ßois", "odd_character"),
            ("H├┤pital", "odd_character"),
        ] {
            assert_eq!(Residue::of(text).map(Residue::code), Some(code), "{text}");
        }
    }

    #[test]
    fn what_people_write() {
        for text in [
            "",
            "MARTIN & FILS",
            "C/O DUPONT; 2E ETAGE",
            "CAFE \"AU COIN\"",
            "BATIMENT #3",
            "50 % NORD",
            "R&D",
            "Où est-ce ?",
            "BAT. A - ESC. 2",
            "Null & Fils",
            "ÉLÉONORE",
            "N° 5",
            "Ça va",
            "A/B",
            "ŠKODA",
            "São João",
            "Ångström",
            "Ñañez",
        ] {
            assert_eq!(Residue::of(text), None, "{text}");
            assert_eq!(decoded_once(text), None, "{text}");
        }
        assert_eq!(Residue::of_name("Nil"), None);
    }

    #[test]
    fn texts_decoded_twice() {
        let as_1252 = |text: &str| -> String {
            text.bytes()
                .map(|byte| {
                    (0..=0xffff)
                        .filter_map(char::from_u32)
                        .find(|c| match byte {
                            0..=0x7f => u32::from(*c) == u32::from(byte),
                            _ => {
                                byte_of(*c) == Some(byte)
                                    && !(c.is_control()
                                        && byte != 0x81
                                        && byte != 0x8d
                                        && byte != 0x8f
                                        && byte != 0x90
                                        && byte != 0x9d)
                            }
                        })
                        .unwrap()
                })
                .collect()
        };
        for text in ["CHÊNE", "ŒUVRARD", "MÜLLER", "HÔPITAL", "LEFÈVRE", "D’AŸ", "N° 5", "ẼLISE", "Łódź"]
        {
            assert_eq!(decoded_once(&as_1252(text)).as_deref(), Some(text), "{text}");
            assert_eq!(decoded_once(&as_1252(&as_1252(text))).as_deref(), Some(text), "{text}");
        }
        assert_eq!(decoded_once("fran\u{c3}\u{a7}ois").as_deref(), Some("fran\u{e7}ois"));
    }
}
