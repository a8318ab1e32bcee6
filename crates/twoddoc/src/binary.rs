//! The binary form of header version 04 (S326 p. 20, 23-26). It is read, not written.
//!
//! No public table lists its identifiers, so that ids and values are returned in hexadecimal.

use super::date::from_binary;
use super::fields::Field;
use super::findings::Findings;
use super::header::{Header, HeaderError};
use super::parse::{Code, Form, SIGNATURE_LENGTHS};
use super::version::Version;

/// Length of the header, in bytes.
const HEADER_LENGTH: usize = 19;

/// The identifier of the signature.
const SIGNATURE: u8 = 0xFF;

/// First length byte of a block whose length takes two more bytes.
const LONG_LENGTH: u8 = 0xFF;

/// Parses a binary header, and returns it with its length.
pub(super) fn parse_header(code: &[u8]) -> Result<(Header, usize), HeaderError> {
    let found = code.len();
    let needed = HEADER_LENGTH;
    let Some(bytes) = code.first_chunk::<HEADER_LENGTH>() else {
        return Err(HeaderError::Short { needed, found });
    };
    if bytes[1] != 4 {
        return Err(HeaderError::Version(format!("{:02X} (binary)", bytes[1])));
    }
    let country = c40_part("country", &bytes[2..4])?;
    let signer = c40_part("certification authority and certificate id", &bytes[4..10])?;
    let hexadecimal = |c: u8| c.is_ascii_digit() || matches!(c, b'A'..=b'F');
    let (ca_id, certificate_id) = signer.split_at(4);
    if !certificate_id.bytes().all(hexadecimal) || !letters(&country) || !letters(&ca_id[..2]) {
        let (part, value) = ("binary country, authority and certificate id", country + &signer);
        return Err(HeaderError::Part { part, value });
    }
    let day = |part, bytes| from_binary(bytes).map_err(|source| HeaderError::Date { part, source });
    let header = Header {
        version: Version::V04,
        ca_id: ca_id.to_owned(),
        certificate_id: certificate_id.to_owned(),
        emission_date: day("emission date", [bytes[10], bytes[11], bytes[12]])?,
        signature_date: day("signature date", [bytes[13], bytes[14], bytes[15]])?,
        document_type: hex(&bytes[16..17]),
        perimeter: Some(hex(&bytes[17..19])),
        country: Some(country),
    };
    Ok((header, needed))
}

/// A sequence of binary blocks.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// The fields before the signature.
    pub(super) fields: Vec<Field>,
    /// The signature's raw bytes.
    pub(super) signature: Option<Vec<u8>>,
    /// Number of bytes before the signature's identifier; all if there is no signature.
    pub(super) signed: usize,
    /// The fields after the signature.
    pub(super) annex: Vec<Field>,
}

/// Parses message, signature and annex after a binary header of `length` bytes.
pub(super) fn parse(header: Header, code: &[u8], length: usize, findings: &mut Findings) -> Code {
    let blocks = read_blocks(code.get(length..).unwrap_or_default(), findings);
    Code {
        form: Form::Binary,
        header,
        fields: blocks.fields,
        annex: blocks.annex,
        signature: blocks.signature,
        signed: code.get(..length + blocks.signed).unwrap_or(code).to_vec(),
        scanner: None,
        findings: Vec::new(),
    }
}

/// Reads all blocks; the first with identifier `FF` is the signature.
pub(super) fn read_blocks(message: &[u8], findings: &mut Findings) -> Blocks {
    let mut read = Blocks { signed: message.len(), ..Blocks::default() };
    let mut rest = message;
    while let Some((&id, after)) = rest.split_first() {
        let Some((value, after)) = block(after) else {
            findings.invalid(format!("block `{id:02X}` is longer than the code"));
            break;
        };
        if id == SIGNATURE && read.signature.is_none() {
            read.signed = message.len() - rest.len();
            read.signature = Some(value.to_vec());
        } else {
            let signed = read.signature.is_none();
            if signed { &mut read.fields } else { &mut read.annex }.push(field(id, value));
        }
        rest = after;
    }
    if read.signature.is_none() {
        findings.invalid("no block FF and so no signature");
    }
    read
}

/// For every offset in `message`, its end included: whether blocks that start there run exactly to the end and include a
/// signature of a length that the specification has.
pub(super) fn runs_to_a_signature(message: &[u8]) -> Vec<bool> {
    let end = message.len();
    let (mut ends, mut signed) = (vec![false; end + 1], vec![false; end + 1]);
    if !message.contains(&SIGNATURE) {
        return signed;
    }
    ends[end] = true;
    for offset in (0..end).rev() {
        let Some((value, rest)) = block(&message[offset + 1..]) else { continue };
        let next = end - rest.len();
        ends[offset] = ends[next];
        let signature = message[offset] == SIGNATURE && SIGNATURE_LENGTHS.contains(&value.len());
        signed[offset] = if signature { ends[next] } else { signed[next] };
    }
    signed
}

/// Splits a block's value off: a length (one byte up to FE, or FF and two bytes) and as many bytes.
fn block(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&length, rest) = rest.split_first()?;
    if length != LONG_LENGTH {
        return rest.split_at_checked(usize::from(length));
    }
    let (&length, rest) = rest.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(length)))
}

fn field(id: u8, value: &[u8]) -> Field {
    Field { id: hex(&[id]), name: None, value: hex(value), decoded: None, truncated: false, binary: true }
}

/// Unpacks C40 text, three characters in two bytes; digits and capitals only.
fn c40_part(part: &'static str, bytes: &[u8]) -> Result<String, HeaderError> {
    let unpacked = bytes.chunks_exact(2).flat_map(|pair| {
        let triple = u16::from_be_bytes([pair[0], pair[1]]).wrapping_sub(1);
        [triple / 1600, triple / 40 % 40, triple % 40].map(base_set)
    });
    let text: Option<String> = unpacked.collect();
    let value = || hex(bytes);
    text.ok_or_else(|| HeaderError::Part { part, value: value() })
}

fn base_set(value: u16) -> Option<char> {
    let value = u8::try_from(value).ok()?;
    match value {
        4..14 => Some(char::from(b'0' + value - 4)),
        14..40 => Some(char::from(b'A' + value - 14)),
        _ => None,
    }
}

fn letters(text: &str) -> bool {
    text.bytes().all(|c| c.is_ascii_uppercase())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Algorithm, SigningKey};
    use super::super::{SignatureError, parse, verify};
    use super::*;
    use jiff::civil::date;

    /// The header in the table of S326 p. 20.
    const HEADER: [u8; 19] = [
        0xDC, 0x04, 0x7B, 0xA7, 0x7B, 0x9D, 0x20, 0x0F, 0x2D, 0x0A, 0x5F, 0xB3, 0xE1, 0x99, 0x61, 0xB0, 0x01,
        0x00, 0x01,
    ];

    #[test]
    fn binary_header_of_the_specification() {
        let (header, length) = Header::parse(&HEADER).unwrap();
        assert_eq!(length, 19);
        assert_eq!((header.ca_id.as_str(), header.certificate_id.as_str()), ("FR01", "12345"));
        assert_eq!(header.country.as_deref(), Some("FRA"));
        assert_eq!(header.emission_date, Some(date(1969, 6, 27)));
        assert_eq!(header.signature_date, Some(date(2016, 10, 5)));
        assert_eq!((header.document_type.as_str(), header.perimeter.as_deref()), ("01", Some("0001")));
    }

    #[test]
    fn version_03_and_short_headers_are_refused() {
        let mut erratum = HEADER;
        erratum[1] = 3;
        assert!(Header::parse(&erratum).is_err());
        assert!(Header::parse(&HEADER[..18]).is_err());
    }

    #[test]
    fn the_signature_covers_all_bytes_before_its_identifier() {
        let mut code = HEADER.to_vec();
        code.extend([0x01, 3, 1, 2, 3, 0x02, 0xFF, 0, 1, 9]);
        let key = SigningKey::from_seed(Algorithm::EcdsaP256, &[5; 32]).unwrap();
        let signature = key.sign(&code).unwrap();
        code.extend([0xFF, 64]);
        code.extend(signature);
        code.extend([0x03, 1, 7]);
        let read = parse(&code).unwrap();
        assert_eq!(verify(&read, &key.verifying_key()), Ok(()));
        assert_eq!(read.fields[0].value, "010203");
        assert_eq!((read.fields[1].id.as_str(), read.fields[1].value.as_str()), ("02", "09"));
        assert_eq!(read.annex[0].value, "07");
        let cut = parse(&code[..code.len() - 10]).unwrap();
        assert_eq!(verify(&cut, &key.verifying_key()), Err(SignatureError::Missing));
    }
}
