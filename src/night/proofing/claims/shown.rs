//! Whether what a page shows is what is claimed. Nothing is forgiven: only the form of composed letters (NFC) is left open,
//! since a reader may take a letter and its accent apart.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::Claim;

impl Claim<'_> {
    /// Whether these lines, in their order, are what is claimed. A symbol has one line, its text; what shows nothing has
    /// none. A code is never shown by a text outside the vault, and marks of a strip are no text.
    pub(in crate::night) fn is_shown_by(&self, lines: &[&str]) -> bool {
        match (self, lines) {
            (Claim::Nothing, lines) => lines.is_empty(),
            (Claim::Text(text), [line]) => is_same(text, line),
            (Claim::Wrapped(text), lines) => are_words(text, lines),
            (Claim::Lines(claimed), lines) => {
                claimed.len() == lines.len()
                    && claimed.iter().zip(lines).all(|(text, line)| is_same(text, line))
            }
            (Claim::Code39(text), [line]) => text == line,
            (Claim::ControlCode(text), [line]) => text == line,
            (Claim::DataMatrix(block), [line]) => block.is_shown_by(line),
            _ => false,
        }
    }
}

/// A text in composed letters.
pub(super) fn nfc(text: &str) -> Cow<'_, str> {
    match text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        true => Cow::Borrowed(text),
        false => Cow::Owned(text.nfc().collect()),
    }
}

/// The claim of a text that may go over several lines: its words, with one space between two.
pub(super) fn words(text: Cow<'_, str>) -> Claim<'_> {
    let single = !text.starts_with(' ') && !text.ends_with(' ') && !text.contains("  ");
    if single {
        return Claim::Wrapped(text);
    }
    let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    if words.is_empty() { Claim::Nothing } else { Claim::Wrapped(words.join(" ").into()) }
}

fn is_same(claimed: &str, line: &str) -> bool {
    claimed == line || claimed == nfc(line)
}

/// Whether the lines, with one space between two, are the text. Each has at least one word.
fn are_words(text: &str, lines: &[&str]) -> bool {
    let mut rest = text;
    for (index, line) in lines.iter().enumerate() {
        let line = nfc(line);
        let after = if index == 0 { Some(rest) } else { rest.strip_prefix(' ') };
        match after.and_then(|after| after.strip_prefix(&*line)) {
            Some(after) if !line.is_empty() => rest = after,
            _ => return false,
        }
    }
    !lines.is_empty() && rest.is_empty()
}
