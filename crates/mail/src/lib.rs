//! The words of the trade as types: cards, the people and structures that hold them, the identifiers that
//! name them, the addresses and days that their letters depend on.
//!
//! Takes text, as a record or a job file spells it. Gives values that are right by construction, or a fault
//! with a stable code and a sentence that says what is wrong and what to write instead.
//! Never reads a file, asks a clock or knows a PIN: codes live in the vault.

pub mod address;
pub mod calendar;
pub mod card;
pub mod country;
pub mod holder;
pub mod identifiers;
pub mod inserter;

pub mod lot;
pub mod piece;
pub mod profession;
pub mod reason;
pub mod tracking;

/// How many characters of a value a message repeats.
const EXCERPT_CHARACTERS: usize = 40;

/// A value as a message may show it: at most 40 characters, then `…`; control and invisible characters
/// escaped (`\u{1b}`), backticks turned into apostrophes so that the quotation stays closed.
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

/// Whether a character leaves no mark of its own on paper: control characters, and the format characters that
/// hide, join or turn text (soft hyphen, zero-width and direction marks, separators, byte-order mark,
/// replacement mark).
pub fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}')
        || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(character, '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}')
        || matches!(character, '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..)
}

/// Whether a character is a letter of the Latin script, with or without accents, or an accent set apart from
/// its letter (a decomposed text).
pub fn is_latin_letter(character: char) -> bool {
    let latin = matches!(character, 'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
    (latin && character.is_alphabetic()) || matches!(character, '\u{300}'..='\u{36f}')
}

/// A value without spaces at its ends, every run of spaces (no-break spaces included) made one. Control
/// characters stay where they are, to be found.
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
