//! PEM (RFC 7468): the blocks of a text, each with the lines before it.
//!
//! Accepts any line length and line end. A block is decoded on demand only, so that private keys never are.

use super::der::SEQUENCE;
use x509_cert::der::pem::Base64Decoder;

/// A PEM block.
#[derive(Debug)]
pub(super) struct Block<'a> {
    /// Its label: `CERTIFICATE`.
    pub(super) label: String,
    /// The lines between the previous block and this one.
    pub(super) before: Vec<&'a [u8]>,
    /// The lines inside it; `None` if the END line is missing or has another label.
    body: Option<Vec<&'a [u8]>>,
}

/// The blocks of a text, in order.
pub(super) fn blocks(text: &[u8]) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut before = Vec::new();
    let mut lines = text.split(|byte| matches!(byte, b'\n' | b'\r')).map(<[u8]>::trim_ascii).peekable();
    while let Some(line) = lines.next() {
        let Some(label) = boundary(line, b"-----BEGIN ") else {
            before.push(line);
            continue;
        };
        let mut body = Vec::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with(b"-----")) {
            body.push(line);
        }
        let ended = lines.next_if(|line| boundary(line, b"-----END ").as_ref() == Some(&label)).is_some();
        blocks.push(Block { label, before: std::mem::take(&mut before), body: ended.then_some(body) });
    }
    blocks
}

/// The label of a BEGIN or END line.
fn boundary(line: &[u8], begin: &[u8]) -> Option<String> {
    let label = line.strip_prefix(begin)?.strip_suffix(b"-----")?;
    String::from_utf8(label.to_vec()).ok()
}

impl Block<'_> {
    /// The decoded block; `None` if it is damaged.
    pub(super) fn decode(&self) -> Option<Vec<u8>> {
        let body = self.body.as_ref()?;
        // RFC 1421 headers (`Proc-Type: …`) hold a colon, which Base64 never does.
        let lines = body.iter().filter(|line| !line.contains(&b':'));
        decode_base64(lines.flat_map(|line| line.iter()).copied())
    }
}

/// Decodes Base64 with white space anywhere. `None` if it is invalid, or does not decode to a DER sequence.
pub(super) fn decode_base64(text: impl Iterator<Item = u8>) -> Option<Vec<u8>> {
    let text: Vec<u8> = text.filter(|byte| !byte.is_ascii_whitespace()).collect();
    let mut bytes = Vec::new();
    Base64Decoder::new(&text).ok()?.decode_to_end(&mut bytes).ok()?;
    bytes.starts_with(&[SEQUENCE]).then_some(bytes)
}
