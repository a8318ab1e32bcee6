//! Foreign text, made legible.

use std::borrow::Cow;

/// Text that a person can read on one line of a terminal, a log or a message.
///
/// Each character that prints nothing of its own ([`is_unprintable`]) becomes its number: `\u{1b}`. So foreign text can
/// neither colour a terminal nor forge a line.
pub fn legible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unprintable) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_unprintable(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// JSON in which no character of a string can colour a terminal or turn its text: each that prints nothing of its own
/// ([`is_unprintable`]) is written by its number, as JSON does it (RFC 8259 §7). Line ends between values stay.
pub fn legible_json(json: &str) -> Cow<'_, str> {
    let escaped = |character| is_unprintable(character) && character != '\n';
    if !json.chars().any(escaped) {
        return Cow::Borrowed(json);
    }
    let mut shown = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if escaped(character) {
            let units = &mut [0; 2];
            shown.extend(character.encode_utf16(units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// Whether a character prints nothing of its own: control characters, and the format characters that hide, join or
/// turn text (soft hyphen, zero-width and direction marks, separators, byte-order mark, replacement mark, private use).
pub fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}')
        || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(character, '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}')
        || matches!(character, '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_stays() {
        assert!(matches!(legible("Élodie D’Aÿ — `x`"), Cow::Borrowed(_)));
    }

    #[test]
    fn json_stays_what_it_was() {
        assert_eq!(
            legible_json("{\n \"a\u{202e}\": \"\u{9b}\u{e0041}é\"\n}"),
            "{\n \"a\\u202e\": \"\\u009b\\udb40\\udc41é\"\n}"
        );
        assert!(matches!(legible_json("{\n}"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_forges_is_shown() {
        assert_eq!(legible("a\x1b[31m\nb"), "a\\u{1b}[31m\\u{a}b");
        assert_eq!(legible("\u{202e}fdp\u{200b}\u{85}"), "\\u{202e}fdp\\u{200b}\\u{85}");
    }
}
