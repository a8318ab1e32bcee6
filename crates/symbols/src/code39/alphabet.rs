//! The characters of Code 39 as wide and narrow elements.

use std::sync::OnceLock;

/// The 43 data characters; `*` frames the symbol and is never data.
pub(super) const ALPHABET: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";
/// The index of `*` in [`characters`].
pub(super) const FRAME: usize = ALPHABET.len();
/// Bars and spaces of a character. A space, the gap, separates two characters.
pub(super) const ELEMENTS: usize = 9;

/// The elements of each character of the alphabet, then of `*`; `true` for a wide one. Taken from barcoders.
pub(super) fn characters() -> &'static [[bool; ELEMENTS]] {
    static CHARACTERS: OnceLock<Vec<[bool; ELEMENTS]>> = OnceLock::new();
    CHARACTERS.get_or_init(|| {
        let framed = |text: &str| {
            let symbol = barcoders::sym::code39::Code39::new(text).map(|symbol| symbol.encode());
            runs(&symbol.unwrap_or_default())
        };
        let character = |framed: Vec<bool>, index: usize| {
            let begin = index * (ELEMENTS + 1);
            framed.get(begin..begin + ELEMENTS).and_then(|part| part.try_into().ok()).unwrap_or_default()
        };
        let data = ALPHABET.chars().map(|c| character(framed(c.encode_utf8(&mut [0; 4])), 1));
        data.chain([character(framed("0"), 0)]).collect()
    })
}

/// Runs of equal modules as elements: one module is narrow, two are wide.
fn runs(pattern: &[u8]) -> Vec<bool> {
    pattern.chunk_by(|a, b| a == b).map(|run| run.len() > 1).collect()
}
