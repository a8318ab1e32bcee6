//! Encodings of files other than DER and plain PEM: UTF-16, in which Windows saves text, and Base64 without its PEM lines.

use super::der::ObjectKind;
use super::pem::decode_base64;
use std::borrow::Cow;

/// Converts a file in UTF-16 with a byte order mark to UTF-8. Removes the byte order mark of UTF-8, and white space at the
/// start. Other bytes stay the same.
pub(super) fn to_plain_bytes(file: &[u8]) -> Cow<'_, [u8]> {
    let text = match file {
        [0xFF, 0xFE, text @ ..] => utf_16_to_8(text, u16::from_le_bytes),
        [0xFE, 0xFF, text @ ..] => utf_16_to_8(text, u16::from_be_bytes),
        _ => {
            let text = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file);
            return Cow::Borrowed(text.trim_ascii_start());
        }
    };
    Cow::Owned(text.trim_start().as_bytes().to_vec())
}

fn utf_16_to_8(text: &[u8], unit: impl Fn([u8; 2]) -> u16) -> String {
    let units = text.as_chunks::<2>().0.iter().map(|pair| unit(*pair));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// Decodes a file that is Base64 from its first byte to its last. `None` if it is not, or holds no known DER object.
pub(super) fn unarmoured_base64(text: &[u8]) -> Option<Vec<u8>> {
    if text.first() != Some(&b'M') {
        return None;
    }
    decode_base64(text.iter().copied()).filter(|object| is_object(object))
}

/// Whether bytes begin with a DER object of a known kind.
pub(super) fn is_object(bytes: &[u8]) -> bool {
    ObjectKind::of(bytes) != ObjectKind::Unknown
}

/// The bytes after the last PEM block. A file may contain DER there.
pub(super) fn after_last_block(text: &[u8]) -> &[u8] {
    let last = text.windows(9).rposition(|window| window == b"-----END ").unwrap_or(text.len());
    let rest = text.get(last..).unwrap_or_default();
    let end = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(rest.len());
    rest.get(end..).unwrap_or_default().trim_ascii_start()
}
