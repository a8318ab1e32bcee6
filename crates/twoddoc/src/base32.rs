//! Base32 (RFC 4648 §6), the encoding of signatures and of URLs (data identifier 0C).
//!
//! Written without padding (S326 p. 26: "pas nécessaire"), read with or without it.

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Encodes bytes, without padding.
///
/// ```
/// assert_eq!(twoddoc::base32::encode(b"foobar"), "MZXW6YTBOI");
/// ```
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity((bytes.len() * 8).div_ceil(5));
    for group in bytes.chunks(5) {
        let mut padded = [0; 8];
        padded[3..3 + group.len()].copy_from_slice(group);
        let bits = u64::from_be_bytes(padded);
        for index in 0..(group.len() * 8).div_ceil(5) {
            let value = bits >> (35 - 5 * index) & 31;
            text.push(char::from(ALPHABET[value as usize]));
        }
    }
    text
}

/// Decodes capitals and digits, with or without padding; `None` if `text` is not Base32.
///
/// Unused bits of the last character are ignored.
#[must_use]
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let end = text.iter().rposition(|c| *c != b'=').map_or(0, |last| last + 1);
    let (digits, padding) = text.split_at(end);
    let complete = padding.is_empty() || text.len().is_multiple_of(8) && padding.len() < 8;
    if !complete || matches!(digits.len() % 8, 1 | 3 | 6) {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() * 5 / 8);
    let (mut bits, mut count) = (0u32, 0);
    for &digit in digits {
        bits = bits << 5 & 0xFFFF | u32::from(value_of(digit)?);
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Some(bytes)
}

fn value_of(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'2'..=b'7' => Some(digit - b'2' + 26),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn vectors_of_rfc_4648_are_encoded_and_decoded() {
        for (bytes, text) in [
            ("", ""),
            ("f", "MY======"),
            ("fo", "MZXQ===="),
            ("foo", "MZXW6==="),
            ("foob", "MZXW6YQ="),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI======"),
        ] {
            assert_eq!(encode(bytes.as_bytes()), text.trim_end_matches('='));
            assert_eq!(decode(text.as_bytes()).unwrap(), bytes.as_bytes());
        }
    }

    #[test]
    fn the_url_of_the_specification_is_encoded() {
        // S326 §16.2.1, p. 156.
        let text = "NB2WS43TNFSXELLKOVZXI2LDMUXGM4RPGE4DSNRVGQ3TQNJTIFBA";
        assert_eq!(encode(b"huissier-justice.fr/1896547853AB"), text);
    }

    #[test]
    fn encoded_signatures_have_the_length_of_the_specification() {
        // S326 p. 26: 103, 154 and 212 characters.
        assert_eq!([64, 96, 132].map(|n| encode(&vec![0; n]).len()), [103, 154, 212]);
    }

    #[test]
    fn invalid_base32_is_refused() {
        for text in ["A", "ABC", "ABCDEF", "ab", "A1", "A=", "AB=CD===", "========", "é"] {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn encoded_bytes_are_decoded_again(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(decode(encode(&bytes).as_bytes()), Some(bytes));
        }

        #[test]
        fn arbitrary_bytes_are_decoded_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = decode(&bytes);
        }
    }
}
