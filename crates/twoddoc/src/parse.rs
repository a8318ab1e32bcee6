//! The reader: S326 §3 and §4, header versions 01 to 04, C40 and binary forms.
//!
//! Takes the content of a symbol, gives header, fields, annex, signature and the bytes it covers,
//! with findings. Never verifies (see [`verify`](super::verify)), never repairs: the bytes that
//! were signed are those that were read.

use super::checks;
use super::document_types::DocumentType;
pub use super::fields::Field;
use super::fields::{characters, cut};
use super::findings::{Finding, Findings, Level};
use super::header::{BINARY_MARK, Header, HeaderError};
use super::scanner::{self, ScannerFault};
use super::version::Version;
use super::{GS, US, base32, binary, mixed};
use serde::Serialize;
use thiserror::Error;

/// Bytes of the signatures that the specification knows: P-256, P-384, P-521.
pub(super) const SIGNATURE_LENGTHS: [usize; 3] = [64, 96, 132];

/// How a code is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// In C40 characters.
    C40,
    /// In binary, of header version 04.
    Binary,
    /// Begun in C40 characters and ended in binary, of header version 04.
    Mixed,
}

/// A code that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// How it is written.
    pub form: Form,
    /// Its header.
    pub header: Header,
    /// The signed fields, in their order.
    pub fields: Vec<Field>,
    /// The fields after the signature. **Not signed**: nothing says who wrote them.
    pub annex: Vec<Field>,
    /// The signature's raw bytes; `None` if it is absent or no Base32.
    pub signature: Option<Vec<u8>>,
    /// The bytes that it covers: header and message as they stand, without `<US>`.
    pub signed: Vec<u8>,
    /// What a scanner did to the text, where it shows. Then nothing of the code can be relied on.
    pub scanner: Option<ScannerFault>,
    /// What was noticed, gravest first.
    pub findings: Vec<Finding>,
}

/// A content that is no 2D-DOC.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// The header can't be read.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// A text with characters that no symbol gives.
    #[error("`{0}` can't come from a 2D-DOC symbol")]
    Character(char),
    /// A text that another keyboard layout, or a Caps Lock, changed on its way from a hand scanner.
    #[error(
        "this looks like a 2D-DOC typed through another keyboard layout: set the scanner to the computer's layout and switch Caps Lock off"
    )]
    Keyboard,
}

impl Code {
    /// What is left of a code whose text a scanner changed: its header.
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

    /// The first field of an identifier.
    #[must_use]
    pub fn field(&self, id: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// Its document type, if it is in our tables; those of the binary form are numbered apart (S326 p. 33).
    #[must_use]
    pub fn document_type(&self) -> Option<&'static DocumentType> {
        if self.form == Form::Binary { None } else { DocumentType::find(&self.header.document_type) }
    }

    /// The gravest level among the findings.
    #[must_use]
    pub fn worst(&self) -> Option<Level> {
        self.findings.first().map(|finding| finding.level)
    }
}

/// Reads the bytes of a symbol.
///
/// # Errors
/// [`Unreadable`] if there is no header; all else is a [`Finding`].
pub fn parse(code: &[u8]) -> Result<Code, Unreadable> {
    let (header, length) = Header::parse(code)?;
    let mut findings = Findings::default();
    let mut read = match code.first() {
        Some(&BINARY_MARK) => binary::parse(header, code, length, &mut findings),
        _ => parse_c40(header, code, length, &mut findings),
    };
    if read.scanner.is_none() || !read.fields.is_empty() {
        checks::conformity(&read, &mut findings);
    }
    read.findings = findings.into_sorted();
    Ok(read)
}

/// Reads the text of a symbol, its bytes as ISO 8859-1 characters.
///
/// # Errors
/// As [`parse`], and [`Unreadable::Character`] or [`Unreadable::Keyboard`].
pub fn parse_text(text: &str) -> Result<Code, Unreadable> {
    if scanner::is_mistyped(text) {
        return Err(Unreadable::Keyboard);
    }
    let text = scanner::spell_pictures(text);
    let byte = |c| u8::try_from(c).map_err(|_| Unreadable::Character(c));
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
        findings.invalid(fault.to_string());
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
    let fields = cut(message, document_type, findings);
    let scanner = ScannerFault::of_fields(message, &fields, document_type);
    if let Some(fault) = &scanner {
        findings.departure(fault.to_string());
    }
    Code {
        form: Form::C40,
        fields,
        annex: cut(parts.annex, None, findings),
        signature: parts.signature,
        signed: parts.signed.to_vec(),
        scanner,
        findings: Vec::new(),
        header,
    }
}

/// What lies one after the other in a code.
struct Parts<'a> {
    signed: &'a [u8],
    signature: Option<Vec<u8>>,
    annex: &'a [u8],
}

impl<'a> Parts<'a> {
    /// Version 01: the signature is the last bytes, raw, and nothing stands before it. Of the three
    /// lengths, the first that leaves a message in ASCII.
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

    /// Versions 02 to 04: `<US>`, signature in Base32, then `<GS>` and an annex.
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
