//! What hand scanners do to a code on its way through a keyboard.
//!
//! Many drop `<GS>`, `<RS>` and `<US>` or put something else in their place. Fields then run together, and no
//! signature holds. It is recognised and told, never repaired: only the bytes that were read may be verified.

use super::document_types::DocumentType;
use super::fields::{Field, characters};
use super::header::Header;
use super::identifiers::DataIdentifier;
use super::version::Version;
use super::{GS, RS, US};
use std::borrow::Cow;
use thiserror::Error;

/// Base32 characters of the signatures of P-256, P-384 and P-521 (S326 p. 26), longest first.
const SIGNATURE_CHARACTERS: [usize; 3] = [212, 154, 103];

/// How control characters look when they are written out; the longest first where one begins another.
const SPELLINGS: [&str; 18] = [
    "<GS>", "<RS>", "<US>", "[GS]", "[RS]", "[US]", "{GS}", "{RS}", "{US}", "\\x1d", "\\x1e", "\\x1f",
    "\\u001d", "\\u001e", "\\u001f", "^]", "^^", "^_",
];

/// What a scanner did.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ScannerFault {
    /// No `<US>`, and a signature at the end all the same.
    #[error(
        "the scanner dropped the control characters <GS>, <RS> and <US>: set it to send them, or read a picture of the symbol"
    )]
    Dropped,
    /// Something else stands where a control character must.
    #[error(
        "the scanner wrote `{0}` in place of a control character: set it to send <GS>, <RS> and <US> as they are, or read a picture of the symbol"
    )]
    Replaced(String),
    /// A `<US>`, but not one `<GS>`, and mandatory fields within the value of another.
    #[error(
        "`{0}` runs on over other fields, as when a scanner drops <GS>: set it to send control characters, or read a picture of the symbol"
    )]
    FieldsJoined(String),
}

impl ScannerFault {
    /// What was done to a code of version 02 or later without `<US>`.
    pub(super) fn recognise(header: &Header, code: &[u8], length: usize) -> Option<ScannerFault> {
        let message = code.get(length..)?;
        if header.version == Version::V01 || message.contains(&(US as u8)) {
            return None;
        }
        let text = characters(message);
        let spelled = SPELLINGS.iter().find(|spelling| contains_ignoring_case(&text, spelling));
        if let Some(spelling) = spelled {
            return Some(ScannerFault::Replaced((*spelling).to_owned()));
        }
        let text = text.trim_end().trim_end_matches('=');
        let base32 = |c: char| matches!(c, 'A'..='Z' | '2'..='7');
        let run = text.chars().rev().take_while(|c| base32(*c)).count();
        let before = text.chars().rev().nth(run);
        match before {
            Some(c) if SIGNATURE_CHARACTERS.contains(&run) && !c.is_ascii_alphanumeric() => {
                Some(ScannerFault::Replaced(c.to_string()))
            }
            _ if run >= SIGNATURE_CHARACTERS[2] => Some(ScannerFault::Dropped),
            _ => None,
        }
    }

    /// Whether `<GS>` is missing from a message that has `<US>`: no separator at all, the last field runs to the
    /// end, and each mandatory identifier that is missing stands within it.
    pub(super) fn of_fields(
        message: &[u8],
        fields: &[Field],
        document_type: Option<&DocumentType>,
    ) -> Option<ScannerFault> {
        let last = fields.last()?;
        let separated = message.iter().any(|byte| [GS as u8, RS as u8].contains(byte));
        let variable = DataIdentifier::find(&last.id).is_none_or(|known| !known.is_fixed());
        let present: Vec<_> = fields.iter().map(|field| field.id.as_str()).collect();
        let missing = document_type?.missing(&present);
        let swallowed = !missing.is_empty() && missing.iter().all(|id| last.value.contains(id));
        (!separated && variable && swallowed).then(|| ScannerFault::FieldsJoined(last.id.clone()))
    }
}

/// Spells the pictures of control characters (U+241D to U+241F) out, so that the text is recognised as theirs.
pub(super) fn spell_pictures(text: &str) -> Cow<'_, str> {
    if !text.contains(['\u{241d}', '\u{241e}', '\u{241f}']) {
        return Cow::Borrowed(text);
    }
    text.replace('\u{241d}', "<GS>").replace('\u{241e}', "<RS>").replace('\u{241f}', "<US>").into()
}

/// Whether a text begins as a code does whose capitals were changed, or whose digits were typed on the upper row of
/// a French keyboard.
pub(super) fn is_mistyped(text: &str) -> bool {
    let mut begin = text.chars();
    let mark: String = begin.by_ref().take(2).collect();
    let version: String = begin.take(2).collect();
    let digits = matches!(version.as_str(), "01" | "02" | "03" | "04");
    let french = matches!(version.as_str(), "à&" | "àé" | "à\"" | "à'");
    mark.eq_ignore_ascii_case("DC") && (french || digits && mark != "DC")
}

fn contains_ignoring_case(text: &str, spelling: &str) -> bool {
    text.as_bytes().windows(spelling.len()).any(|window| window.eq_ignore_ascii_case(spelling.as_bytes()))
}
