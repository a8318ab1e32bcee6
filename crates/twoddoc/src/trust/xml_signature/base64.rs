//! Base64 in XML (RFC 4648 §4, with white space): certificates, digests, signatures.
//!
//! Strict: apart from white space, each byte string has one encoding.

/// Decodes Base64. White space is ignored; padding is required, and unused bits must be zero.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let symbols: Vec<u8> = text.bytes().filter(|byte| !b" \t\r\n".contains(byte)).collect();
    let body = symbols.strip_suffix(b"==").or_else(|| symbols.strip_suffix(b"=")).unwrap_or(&symbols);
    if !symbols.len().is_multiple_of(4) {
        return None;
    }
    let mut bytes = Vec::with_capacity(body.len() / 4 * 3 + 2);
    for quad in body.chunks(4) {
        let bits = quad.iter().try_fold(0u32, |bits, symbol| Some(bits << 6 | value(*symbol)?))?;
        let [_, first, second, third] = (bits << (6 * (4 - quad.len()))).to_be_bytes();
        let kept = quad.len() - 1;
        bytes.extend([first, second, third].iter().take(kept));
        if [first, second, third].iter().skip(kept).any(|unused| *unused != 0) {
            return None;
        }
    }
    Some(bytes)
}

/// The six bits of a symbol.
fn value(symbol: u8) -> Option<u32> {
    Some(u32::from(match symbol {
        b'A'..=b'Z' => symbol - b'A',
        b'a'..=b'z' => symbol - b'a' + 26,
        b'0'..=b'9' => symbol - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::decode_base64;

    /// RFC 4648 §10.
    #[test]
    fn vectors_of_rfc_4648_are_decoded() {
        let vectors: [(&str, &[u8]); 7] = [
            ("", b""),
            ("Zg==", b"f"),
            ("Zm8=", b"fo"),
            ("Zm9v", b"foo"),
            ("Zm9vYg==", b"foob"),
            ("Zm9vYmE=", b"fooba"),
            (" Zm9v\r\n\tYmFy ", b"foobar"),
        ];
        for (text, bytes) in vectors {
            assert_eq!(decode_base64(text).as_deref(), Some(bytes), "{text}");
        }
    }

    #[test]
    fn non_canonical_base64_is_refused() {
        for text in
            ["Zh==", "Zm9=", "Zg=", "Zg", "Z===", "====", "=", "Zm9v=", "Zm9vY", "Zg==Zg==", "Zm9-", "é"]
        {
            assert_eq!(decode_base64(text), None, "{text}");
        }
    }
}
