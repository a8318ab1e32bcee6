//! Plain text: excerpts for messages, spaces, Latin characters, capitals for sorting machines.

use foreign::is_unprintable;

/// How many characters of a value a message quotes.
const EXCERPT_CHARACTERS: usize = 40;

/// A value as a message quotes it: its first 40 characters, then `…`. Control and invisible characters are escaped
/// (`\u{1b}`), and backticks become apostrophes, so that the quotation stays closed.
pub fn excerpt(value: &str) -> String {
    let mut shown = String::new();
    for (position, character) in value.chars().enumerate() {
        if position == EXCERPT_CHARACTERS {
            shown.push('…');
            break;
        }
        match character {
            '`' => shown.push('\''),
            c if is_unprintable(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
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
    fn latin_letters() {
        assert!("ÉéœŒßÿŁ\u{301}".chars().all(is_latin_letter));
        assert!(!"×÷ЖΩ漢ªº5- ".chars().any(is_latin_letter));
    }
}
