//! Base64 as XML carries it (RFC 4648 §4, with white space): certificates, digests, signatures.
//!
//! Takes text, gives bytes. Never lets two texts without white space stand for the same bytes.

/// Reads Base64; white space may stand anywhere, the padding must be there and the unused bits zero.
pub(crate) fn decoded(text: &str) -> Option<Vec<u8>> {
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
    use super::decoded;

    /// RFC 4648 §10.
    #[test]
    fn the_vectors_of_the_standard() {
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
            assert_eq!(decoded(text).as_deref(), Some(bytes), "{text}");
        }
    }

    #[test]
    fn no_second_text_for_the_same_bytes() {
        for text in
            ["Zh==", "Zm9=", "Zg=", "Zg", "Z===", "====", "=", "Zm9v=", "Zm9vY", "Zg==Zg==", "Zm9-", "é"]
        {
            assert_eq!(decoded(text), None, "{text}");
        }
    }
}
