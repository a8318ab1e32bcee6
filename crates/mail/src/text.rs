//! Plain text: excerpts for messages, spaces, Latin characters, capitals for sorting machines.

use std::borrow::Cow;

use crate::Language;
use foreign::is_unprintable;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// How many characters of a value a message quotes.
const EXCERPT_CHARACTERS: usize = 40;

/// A value as a message quotes it: its first 40 characters, then `…`. Control and invisible characters are escaped
/// (`\u{1b}`), backticks become apostrophes and guillemets straight quotes, so that the quotation stays closed in both languages.
pub fn excerpt(value: &str) -> String {
    let mut shown = String::new();
    for (position, character) in value.chars().enumerate() {
        if position == EXCERPT_CHARACTERS {
            shown.push('…');
            break;
        }
        match character {
            '`' => shown.push('\''),
            '«' | '»' => shown.push('"'),
            c if is_unprintable(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
}

/// A text whose letters and accents are composed (Unicode NFC), so that one line has one length however it was typed.
pub fn composed(text: &str) -> Cow<'_, str> {
    match text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.nfc().collect()),
    }
}

/// Whether an accent stands before any letter: at the beginning of a text, or after a character that bears none.
pub fn has_stray_accent(text: &str) -> bool {
    let mut bearer = false;
    text.chars().any(|c| {
        let accent = matches!(c, '\u{300}'..='\u{36f}');
        let stray = accent && !bearer;
        bearer = accent || c.is_alphanumeric();
        stray
    })
}

/// A character as an English message shows it: quoted, with its number and name where others look like it or it prints nothing.
pub fn shown_character(character: char) -> String {
    shown_character_in(Language::English, character)
}

/// A character as a message shows it in a language.
pub fn shown_character_in(language: Language, character: char) -> String {
    let number = format!("U+{:04X}", u32::from(character));
    let (french, english) = match character {
        '\t' => ("la tabulation", "the tab"),
        '\n' | '\r' => ("le saut de ligne", "the line break"),
        '`' => ("l’accent grave isolé", "the backtick"),
        '\u{a0}' | '\u{202f}' => ("l’espace insécable", "the no-break space"),
        '\u{ad}' => ("le trait d’union conditionnel", "the soft hyphen"),
        '´' => ("l’accent aigu isolé", "the acute accent"),
        '\u{200b}' => ("l’espace sans largeur", "the zero-width space"),
        '\u{200c}' | '\u{200d}' | '\u{2060}' => ("le liant invisible", "the invisible joiner"),
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' => ("la marque de direction", "the direction mark"),
        '\u{2028}' | '\u{2029}' => ("le saut de ligne", "the line break"),
        '\u{feff}' => ("la marque d’ordre des octets", "the byte-order mark"),
        '\u{fffd}' => ("le caractère de remplacement", "the replacement mark"),
        c if c.is_ascii_graphic() => return language.of(format!("«\u{A0}{c}\u{A0}»"), format!("`{c}`")),
        c if is_unprintable(c) => ("le caractère non imprimable", "the unprintable character"),
        '\u{300}'..='\u{36f}' => ("l’accent", "the accent"),
        c if c.is_whitespace() => ("l’espace", "the space"),
        c => return language.of(format!("«\u{A0}{c}\u{A0}» ({number})"), format!("`{c}` ({number})")),
    };
    format!("{} {number}", language.of(french, english))
}

/// The plain hyphen, apostrophe, full stop or space that a character looks like.
pub(crate) fn look_alike(character: char) -> Option<char> {
    Some(match character {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{ad}' | '－' | '_' => '-',
        '`' | '´' | '‘' | '‛' | 'ʼ' | 'ʹ' | 'ʻ' | '′' | '＇' | '"' | '“' | '”' => '\'',
        '․' | '·' | '．' | ',' => '.',
        '\u{3000}' => ' ',
        _ => return None,
    })
}

/// Whether a character is a Latin letter, with or without accents, or a combining accent.
pub(crate) fn is_latin_letter(character: char) -> bool {
    let latin = matches!(character, 'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
    (latin && character.is_alphabetic()) || matches!(character, '\u{300}'..='\u{36f}')
}

/// Trims a value and collapses each run of spaces, no-break spaces included, into one. Control characters stay, so
/// that a later check finds them.
pub fn tidy(value: &str) -> String {
    let words = value.split(|c: char| c.is_whitespace() && !c.is_control());
    let mut tidied = String::with_capacity(value.len());
    for word in words.filter(|word| !word.is_empty()) {
        if !tidied.is_empty() {
            tidied.push(' ');
        }
        tidied.push_str(word);
    }
    tidied
}

/// A text as sorting machines read it best: capitals without accents, digits and single spaces. Every other character
/// becomes a space.
pub fn postal_capitals(text: &str) -> String {
    let mut capitals = String::with_capacity(text.len());
    if text.is_ascii() {
        // Most texts, and quicker than by the tables of Unicode.
        let capital = |byte: u8| if byte.is_ascii_alphanumeric() { byte.to_ascii_uppercase() } else { b' ' };
        capitals.extend(text.bytes().map(|byte| char::from(capital(byte))));
        return tidy(&capitals);
    }
    for character in text.chars().flat_map(char::to_uppercase) {
        match character {
            'A'..='Z' | '0'..='9' => capitals.push(character),
            'À'..='Å' | 'Ā' | 'Ă' | 'Ą' => capitals.push('A'),
            'Æ' => capitals.push_str("AE"),
            'Ç' | 'Ć' | 'Č' => capitals.push('C'),
            'Ď' | 'Đ' | 'Ð' => capitals.push('D'),
            'È'..='Ë' | 'Ē' | 'Ė' | 'Ę' | 'Ě' => capitals.push('E'),
            'Ğ' => capitals.push('G'),
            'Ì'..='Ï' | 'Ī' | 'İ' => capitals.push('I'),
            'Ł' => capitals.push('L'),
            'Ñ' | 'Ń' | 'Ň' => capitals.push('N'),
            'Ò'..='Ö' | 'Ø' | 'Ō' | 'Ő' => capitals.push('O'),
            'Œ' => capitals.push_str("OE"),
            'Ř' => capitals.push('R'),
            'Ś' | 'Ş' | 'Š' | 'Ș' => capitals.push('S'),
            'Ť' | 'Ț' | 'Ţ' => capitals.push('T'),
            'Ù'..='Ü' | 'Ū' | 'Ů' | 'Ű' => capitals.push('U'),
            'Ý' | 'Ÿ' => capitals.push('Y'),
            'Ź' | 'Ż' | 'Ž' => capitals.push('Z'),
            '\u{300}'..='\u{36f}' => {}
            _ => capitals.push(' '),
        }
    }
    tidy(&capitals)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excerpts_are_short_and_printable() {
        assert_eq!(excerpt("abc"), "abc");
        assert_eq!(excerpt("a\u{1b}[2J`b"), "a\\u{1b}[2J'b");
        let long = excerpt(&"x".repeat(10_000));
        assert_eq!(long.chars().count(), EXCERPT_CHARACTERS + 1);
    }

    #[test]
    fn tidying_keeps_control_characters() {
        assert_eq!(tidy("  9   RUE\u{a0}\u{a0}HAUTE "), "9 RUE HAUTE");
        assert_eq!(tidy("9\tRUE"), "9\tRUE");
    }

    #[test]
    fn composition_is_of_form_only() {
        assert_eq!(composed("E\u{301}LE\u{301}ONORE").chars().count(), 8);
        assert!(matches!(composed("ÉLÉONORE 9"), Cow::Borrowed(_)));
        assert_eq!(composed("G\u{303}"), "G\u{303}", "no composed letter");
    }

    #[test]
    fn stray_accents() {
        assert!(has_stray_accent("\u{301}ETIENNE") && has_stray_accent("RUE \u{300}A"));
        assert!(!has_stray_accent("G\u{303}\u{301}ETIENNE É"));
    }

    #[test]
    fn characters_that_look_alike_have_their_number() {
        assert_eq!(shown_character(','), "`,`");
        assert_eq!(shown_character('`'), "the backtick U+0060");
        assert_eq!(shown_character('‐'), "`‐` (U+2010)");
        assert_eq!(shown_character('\u{200b}'), "the zero-width space U+200B");
        assert_eq!(shown_character('\u{1b}'), "the unprintable character U+001B");
    }

    #[test]
    fn latin_letters() {
        assert!("ÉéœŒßÿŁ\u{301}".chars().all(is_latin_letter));
        assert!(!"×÷ЖΩ漢ªº5- ".chars().any(is_latin_letter));
    }
}
