//! Parses the content of a symbol (S326 §3 and §4): header versions 01 to 04, in C40, in binary and mixed.
//!
//! The parser verifies no signature and repairs nothing: the bytes to verify are exactly those that were read.

use super::conformance;
use super::document_types::DocumentType;
use super::fields::{Field, characters, split};
use super::findings::{Finding, Findings, Level};
use super::header::{BINARY_MARK, Header, HeaderError};
use super::scanner::{self, ScannerFault};
use super::version::Version;
use super::{GS, US, base32, binary, mixed};
use serde::Serialize;
use thiserror::Error;

/// Lengths of signatures on P-256, P-384 and P-521, in bytes (S326 p. 26).
pub(super) const SIGNATURE_LENGTHS: [usize; 3] = [64, 96, 132];

/// How a code is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// C40 characters.
    C40,
    /// Binary; header version 04 only.
    Binary,
    /// C40 characters followed by binary; header version 04 only.
    Mixed,
}

/// A parsed code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// How it is encoded.
    pub form: Form,
    /// The header.
    pub header: Header,
    /// The signed fields, in the order of the code.
    pub fields: Vec<Field>,
    /// The fields after the signature. **Not signed**: anyone may have written them.
    pub annex: Vec<Field>,
    /// The signature, raw `r‖s`; `None` if it is missing or not Base32.
    pub signature: Option<Vec<u8>>,
    /// The bytes that the signature covers: header and message as read, without `<US>`.
    pub signed: Vec<u8>,
    /// What a hand scanner did to the text, if it is recognisable. The fields are then unreliable.
    pub scanner: Option<ScannerFault>,
    /// The findings, most severe first.
    pub findings: Vec<Finding>,
}

/// Why content is not a 2D-DOC.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ParseError {
    /// The header can't be read.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// The text has a character above U+00FF, which no symbol contains.
    #[error("`{0}` can't come from a 2D-DOC symbol")]
    Character(char),
    /// A hand scanner typed the text with Caps Lock on or for another keyboard layout.
    #[error("this looks like a 2D-DOC typed through another keyboard layout")]
    Keyboard,
}

impl ParseError {
    /// What the user can do about it, if there is something.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            ParseError::Keyboard => Some("set the scanner to the computer's layout and switch Caps Lock off"),
            _ => None,
        }
    }
}

impl Code {
    /// A code of which a scanner left only the header.
    fn garbled(header: Header, fault: ScannerFault) -> Code {
        Code {
            form: Form::C40,
            header,
            fields: Vec::new(),
            annex: Vec::new(),
            signature: None,
            signed: Vec::new(),
            scanner: Some(fault),
            findings: Vec::new(),
        }
    }

    /// The first field with an identifier.
    #[must_use]
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// The document type, if it is in the tables. `None` for binary codes, whose types are numbered separately
    /// (S326 p. 33).
    #[must_use]
    pub fn document_type(&self) -> Option<&'static DocumentType> {
        if self.form == Form::Binary { None } else { DocumentType::find(&self.header.document_type) }
    }

    /// The severest level among the findings; `None` without findings.
    #[must_use]
    pub fn worst(&self) -> Option<Level> {
        self.findings.first().map(|finding| finding.level)
    }
}

/// Parses the bytes of a symbol.
///
/// # Errors
/// [`ParseError::Header`] if the header is unreadable. Other faults are [`findings`](Code::findings).
pub fn parse(code: &[u8]) -> Result<Code, ParseError> {
    let (header, length) = Header::parse(code)?;
    let mut findings = Findings::default();
    let mut read = match code.first() {
        Some(&BINARY_MARK) => binary::parse(header, code, length, &mut findings),
        _ => parse_c40(header, code, length, &mut findings),
    };
    if read.scanner.is_none() || !read.fields.is_empty() {
        conformance::check(&read, &mut findings);
    }
    read.findings = findings.into_sorted();
    Ok(read)
}

/// Parses the text of a symbol: its bytes as ISO 8859-1 characters, as decoders and hand scanners return them.
///
/// # Errors
/// [`ParseError::Header`] if the header is unreadable, [`ParseError::Character`] if a character is above U+00FF,
/// [`ParseError::Keyboard`] if the text was typed through another keyboard layout.
pub fn parse_text(text: &str) -> Result<Code, ParseError> {
    if scanner::is_mistyped(text) {
        return Err(ParseError::Keyboard);
    }
    let text = scanner::spell_control_symbols(text);
    let byte = |c| u8::try_from(c).map_err(|_| ParseError::Character(c));
    let bytes: Vec<u8> = text.chars().map(byte).collect::<Result<_, _>>()?;
    parse(&bytes)
}

fn parse_c40(header: Header, code: &[u8], length: usize, findings: &mut Findings) -> Code {
    let document_type = DocumentType::find(&header.document_type);
    if header.version == Version::V04
        && let Some(switch) = mixed::switch(code, length, document_type)
    {
        return mixed::parse(header, code, length, &switch, findings);
    }
    if let Some(fault) = ScannerFault::recognise(&header, code, length) {
        findings.invalid(fault.with_advice());
        return Code::garbled(header, fault);
    }
    let parts = match header.version {
        Version::V01 => Parts::of_version_01(code, length),
        _ => Parts::of_separated(code, length, findings),
    };
    let message = parts.signed.get(length..).unwrap_or_default();
    if !message.is_ascii() {
        findings.invalid("the message holds bytes beyond ASCII: a damaged code");
    }
    let fields = split(message, document_type, findings);
    let scanner = ScannerFault::of_fields(message, &fields, document_type);
    if let Some(fault) = &scanner {
        findings.departure(fault.with_advice());
    }
    Code {
        form: Form::C40,
        fields,
        annex: split(parts.annex, None, findings),
        signature: parts.signature,
        signed: parts.signed.to_vec(),
        scanner,
        findings: Vec::new(),
        header,
    }
}

/// The parts of a code.
struct Parts<'a> {
    signed: &'a [u8],
    signature: Option<Vec<u8>>,
    annex: &'a [u8],
}

impl<'a> Parts<'a> {
    /// Version 01: the last bytes are the raw signature, without a separator. Its length is the first of the three that
    /// leaves an ASCII message.
    fn of_version_01(code: &'a [u8], header_length: usize) -> Parts<'a> {
        let fits = |length: &usize| {
            let end = code.len().checked_sub(*length)?;
            let message = code.get(header_length..end)?;
            message.is_ascii().then_some(end)
        };
        let end = SIGNATURE_LENGTHS.iter().find_map(fits);
        let (signed, signature) = code.split_at(end.unwrap_or(code.len()));
        Parts { signed, signature: end.map(|_| signature.to_vec()), annex: &[] }
    }

    /// Versions 02 to 04: `<US>`, the signature in Base32, then optionally `<GS>` and an annex.
    fn of_separated(code: &'a [u8], header_length: usize, findings: &mut Findings) -> Parts<'a> {
        let separator = code.iter().skip(header_length).position(|byte| *byte == US as u8);
        let Some(end) = separator.map(|index| index + header_length) else {
            findings.invalid("no <US> and so no signature");
            return Parts { signed: code, signature: None, annex: &[] };
        };
        let tail = &code[end + 1..];
        let annex_mark = tail.iter().position(|byte| *byte == GS as u8);
        let (signature, annex) = match annex_mark {
            Some(index) => (&tail[..index], &tail[index + 1..]),
            None => (tail, &tail[tail.len()..]),
        };
        let text = signature.trim_ascii_end();
        if text.len() < signature.len() {
            findings.note("white space after the signature was left aside");
        }
        let signature = base32::decode(text).filter(|bytes| !bytes.is_empty());
        if signature.is_none() {
            findings.invalid(format!("the signature `{}` is no Base32", characters(text)));
        }
        Parts { signed: &code[..end], signature, annex }
    }
}
