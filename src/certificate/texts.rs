//! Which texts of a piece are digested, and how.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use preflight::{Paint, ShownPage};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Bytes of a salt.
pub(crate) const SALT_LENGTH: usize = 16;

/// Bytes of a text's digest: the first of an HMAC-SHA-256.
const DIGEST_LENGTH: usize = 12;

/// The salt of a piece. Who has it can try texts; without it the digests say nothing.
pub(crate) type Salt = Zeroizing<[u8; SALT_LENGTH]>;

/// Parses a salt in hexadecimal.
pub(crate) fn parse_salt(text: &str) -> Option<Salt> {
    if text.len() != 2 * SALT_LENGTH || !text.is_ascii() {
        return None;
    }
    let mut salt = Salt::default();
    for (byte, pair) in salt.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(salt)
}

/// The column (1 left, 2 right) of a side of a piece whose front is in `column`: on sheets that turn on the long edge,
/// backs lie in the other one. Sides count from 0.
pub(crate) fn column_of_side(turn: &str, column: u8, side: usize) -> u8 {
    let mirrored = turn == "long_edge" && side % 2 == 1;
    if mirrored { 3_u8.saturating_sub(column) } else { column }
}

/// The part of a page that belongs to the piece in a column, from and to this distance from the left, in points.
pub(crate) fn part_of_page(page: &ShownPage, imposed: bool, column: u8) -> (f64, f64) {
    let middle = page.size.0 / 2.0;
    match (imposed, column) {
        (false, _) => (f64::NEG_INFINITY, f64::INFINITY),
        (true, 1) => (f64::NEG_INFINITY, middle),
        (true, _) => (middle, f64::INFINITY),
    }
}

/// Digests the texts of one piece, page after page.
pub(crate) struct PieceTexts {
    keyed: Hmac<Sha256>,
    /// Their digests in hexadecimal, joined by blanks.
    digests: String,
    count: u64,
}

impl PieceTexts {
    /// Begins a piece; `None` never happens, since HMAC takes a key of any length.
    pub(crate) fn begin(salt: &Salt) -> Option<PieceTexts> {
        let keyed = Hmac::new_from_slice(&**salt).ok()?;
        Some(PieceTexts { keyed, digests: String::new(), count: 0 })
    }

    /// Adds the texts of a page in the order in which they are painted. `side` is the part of the page that is the piece's,
    /// from and to this distance from the left, in points. Drawings, of which the file says that they are no text, are left
    /// out.
    pub(crate) fn page(&mut self, page: &ShownPage, side: (f64, f64)) {
        for paint in &page.paint {
            let Paint::Text(shown) = paint else { continue };
            if shown.drawing || !(side.0..side.1).contains(&shown.origin.0) {
                continue;
            }
            self.text(&shown.text);
        }
    }

    /// Adds a text. Its digest covers its number in the piece, from 1, too: two equal texts of a piece don't show as equal.
    fn text(&mut self, text: &str) {
        self.count += 1;
        if self.count > 1 {
            self.digests.push(' ');
        }
        let number = format!("{}:", self.count);
        let digest = self.keyed.clone().chain_update(number).chain_update(text).finalize().into_bytes();
        for byte in &digest[..DIGEST_LENGTH] {
            let _ = write!(self.digests, "{byte:02x}");
        }
    }

    /// The digests, joined by blanks, and their number.
    pub(crate) fn finish(self) -> (String, u64) {
        (self.digests, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digest is what `printf '1:DURAND' | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102…0f` prints.
    #[test]
    fn a_digest_is_of_its_salt_its_number_and_its_text() {
        let salt = parse_salt("000102030405060708090a0b0c0d0e0f").unwrap();
        let digests = |salt: &Salt, texts: &[&str]| {
            let mut piece = PieceTexts::begin(salt).unwrap();
            texts.iter().for_each(|text| piece.text(text));
            piece.finish()
        };
        let (both, count) = digests(&salt, &["DURAND", "DURAND"]);
        let (first, second) = both.split_once(' ').unwrap();
        assert_eq!((count, first.len()), (2, 2 * DIGEST_LENGTH));
        assert_ne!(first, second);
        assert_ne!(digests(&salt, &["DURANT"]).0, first);
        assert_ne!(digests(&parse_salt(&"0".repeat(32)).unwrap(), &["DURAND"]).0, first);
        for wrong in ["", "0", &"0".repeat(31), &"g".repeat(32), &"é".repeat(16)] {
            assert!(parse_salt(wrong).is_none(), "{wrong}");
        }
    }
}
