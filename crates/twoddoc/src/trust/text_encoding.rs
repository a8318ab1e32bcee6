//! The dresses that certificates and lists come in besides DER and PEM: UTF-16, as Windows writes text, and Base64
//! without its first and last line.
//!
//! Takes a file, gives its bytes as if it had come in DER or plain PEM.

use super::der::ObjectKind;
use super::pem::decode_base64;
use std::borrow::Cow;

/// The text of a file in UTF-16 with a byte order mark, in UTF-8; other files as they are, without a mark of UTF-8 and
/// without white space before the first byte.
pub(super) fn plain(file: &[u8]) -> Cow<'_, [u8]> {
    let text = match file {
        [0xFF, 0xFE, text @ ..] => utf_8(text, u16::from_le_bytes),
        [0xFE, 0xFF, text @ ..] => utf_8(text, u16::from_be_bytes),
        _ => {
            let text = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file);
            return Cow::Borrowed(text.trim_ascii_start());
        }
    };
    Cow::Owned(text.trim_start().as_bytes().to_vec())
}

fn utf_8(text: &[u8], unit: impl Fn([u8; 2]) -> u16) -> String {
    let units = text.as_chunks::<2>().0.iter().map(|pair| unit(*pair));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// What a file holds that is Base64 from its first byte to its last, if it is an object of ours.
pub(super) fn unarmoured_base64(text: &[u8]) -> Option<Vec<u8>> {
    if text.first() != Some(&b'M') {
        return None;
    }
    decode_base64(text.iter().copied()).filter(|object| is_object(object))
}

/// Whether bytes begin with an object in DER that is reported by its shape.
pub(super) fn is_object(bytes: &[u8]) -> bool {
    ObjectKind::of(bytes) != ObjectKind::Unknown
}

/// What follows the last block of PEM: DER, if somebody put the two into one file.
pub(super) fn after_last_block(text: &[u8]) -> &[u8] {
    let last = text.windows(9).rposition(|window| window == b"-----END ").unwrap_or(text.len());
    let rest = text.get(last..).unwrap_or_default();
    let end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len());
    rest.get(end..).unwrap_or_default().trim_ascii_start()
}
