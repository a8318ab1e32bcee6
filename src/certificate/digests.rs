//! What is digested of a piece's pages, and how: its texts one by one, its stock forms, and where everything stands.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use preflight::{Paint, ShownPage};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::layout::Layout;
use super::stock::{CertifiedFont, FormNumbers};

/// Bytes of a salt.
pub(crate) const SALT_LENGTH: usize = 16;

/// Bytes of a text's digest: the first of an HMAC-SHA-256.
const DIGEST_LENGTH: usize = 12;

/// The salt of a piece. Who has it can try texts; without it the digests of texts and places say nothing.
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

/// Whether paint belongs to the part of a page from and to this distance from the left, in points.
fn is_in(paint: &Paint, (left, right): (f64, f64)) -> bool {
    let at = match paint {
        // Its origin is the edge of its column, as the file rounds it.
        Paint::Form(form) => form.origin.0 + 1.0,
        Paint::Text(text) => text.origin.0,
        Paint::Mask(mask) => (mask.bounds.left + mask.bounds.right) / 2.0,
        Paint::Other(other) => other.bounds.left,
    };
    (left..right).contains(&at)
}

/// The digests of one piece.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct PieceDigest {
    /// The numbers of its stock forms in the certificate's list, from 1, joined by blanks; 0 for another form.
    pub forms: String,
    /// The digests of its texts, joined by blanks.
    pub texts: String,
    /// The number of its texts.
    pub count: u64,
    /// The digest of everything else that its pages show: see [`Layout`].
    pub layout: String,
}

/// What the pieces of a print file are digested with while it is proved.
pub(crate) struct Digester<'d> {
    /// The salt of a piece, by its reference.
    pub salt: &'d (dyn Fn(&str) -> Salt + Sync),
    /// The file's forms by their numbers in the lot's list; `None` where that list is not made yet.
    pub forms: Option<&'d FormNumbers>,
}

/// What a print file is digested to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct FileDigests {
    /// Its pieces, in order.
    pub pieces: Vec<PieceDigest>,
    /// Its fonts.
    pub fonts: Vec<CertifiedFont>,
    /// The lot's list of stock forms and the file's own by their numbers in it, where there was no list yet.
    pub stock: Option<(Vec<String>, FormNumbers)>,
}

/// Digests what one piece shows, page after page.
pub(crate) struct PieceDigests<'f> {
    /// `None` without a salt: texts and places are not digested then.
    keyed: Option<Hmac<Sha256>>,
    forms: &'f FormNumbers,
    layout: Layout,
    digest: PieceDigest,
}

impl PieceDigests<'_> {
    /// Begins a piece of a file with these forms. Without a salt only its forms are noted.
    pub(crate) fn begin<'f>(salt: Option<&Salt>, forms: &'f FormNumbers) -> PieceDigests<'f> {
        // HMAC takes a key of any length.
        let keyed = salt.and_then(|salt| Hmac::new_from_slice(&**salt).ok());
        PieceDigests { keyed, forms, layout: Layout::default(), digest: PieceDigest::default() }
    }

    /// Adds what a page shows in the order in which it is painted. `part` is the part of the page that is the piece's, from and to
    /// this distance from the left, in points. Drawings, of which the file says that they are no text, are no texts.
    pub(crate) fn page(&mut self, page: &ShownPage, part: (f64, f64)) {
        self.layout.page(page);
        for paint in page.paint.iter().filter(|paint| is_in(paint, part)) {
            match paint {
                Paint::Form(form) => self.form(form.object),
                Paint::Text(shown) if !shown.drawing => self.text(&shown.text),
                _ => {}
            }
            if self.keyed.is_some() {
                self.layout.paint(paint);
            }
        }
    }

    fn form(&mut self, object: u32) {
        let blank = if self.digest.forms.is_empty() { "" } else { " " };
        let _ = write!(self.digest.forms, "{blank}{}", self.forms.of_object(object));
    }

    /// Adds a text. Its digest covers its number in the piece, from 1, too: two equal texts of a piece don't show as equal.
    fn text(&mut self, text: &str) {
        let Some(keyed) = &self.keyed else { return };
        self.digest.count += 1;
        if self.digest.count > 1 {
            self.digest.texts.push(' ');
        }
        let number = format!("{}:", self.digest.count);
        let keyed = keyed.clone().chain_update(number).chain_update(text);
        write_digest(keyed, &mut self.digest.texts);
    }

    /// The digests of the piece.
    pub(crate) fn finish(mut self) -> PieceDigest {
        if let Some(keyed) = self.keyed {
            let keyed = keyed.chain_update(b"layout:").chain_update(self.layout.bytes());
            write_digest(keyed, &mut self.digest.layout);
        }
        self.digest
    }
}

/// Appends the first bytes of a digest in hexadecimal.
fn write_digest(keyed: Hmac<Sha256>, out: &mut String) {
    for byte in keyed.finalize().into_bytes().iter().take(DIGEST_LENGTH) {
        let _ = write!(out, "{byte:02x}");
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
            let forms = FormNumbers::default();
            let mut piece = PieceDigests::begin(Some(salt), &forms);
            texts.iter().for_each(|text| piece.text(text));
            let digest = piece.finish();
            (digest.texts, digest.count)
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
