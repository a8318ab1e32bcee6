//! Recognises codes that a hand scanner in keyboard mode spoiled.
//!
//! Many scanners drop `<GS>`, `<RS>` and `<US>` or type something else. Fields then run together, and no signature
//! matches. The code is reported as spoiled, never repaired: only the bytes that were read may be verified.

use super::document_types::DocumentType;
use super::fields::{Field, characters};
use super::header::Header;
use super::identifiers::DataIdentifier;
use super::version::Version;
use super::{GS, RS, US};
use std::borrow::Cow;
use thiserror::Error;

/// Lengths of signatures in Base32, of P-521, P-384 and P-256 (S326 p. 26).
const SIGNATURE_CHARACTERS: [usize; 3] = [212, 154, 103];

/// Spellings of control characters.
const SPELLINGS: [&str; 18] = [
    "<GS>", "<RS>", "<US>", "[GS]", "[RS]", "[US]", "{GS}", "{RS}", "{US}", "\\x1d", "\\x1e", "\\x1f",
    "\\u001d", "\\u001e", "\\u001f", "^]", "^^", "^_",
];

/// What a hand scanner did to a code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ScannerFault {
    /// There is no `<US>`, and the text still ends with a signature.
    #[error("the scanner dropped the control characters <GS>, <RS> and <US>")]
    Dropped,
    /// Other characters were typed for a control character.
    #[error("the scanner wrote `{0}` in place of a control character")]
    Replaced(String),
    /// There is `<US>` and no `<GS>`, and a field's value contains the missing mandatory fields. Holds its identifier.
    #[error("`{0}` runs on over other fields, as when a scanner drops <GS>")]
    FieldsJoined(String),
}

impl ScannerFault {
    /// What the user can do about it.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            ScannerFault::Dropped => "set it to send them, or read a picture of the symbol",
            ScannerFault::Replaced(_) => {
                "set it to send <GS>, <RS> and <US> as they are, or read a picture of the symbol"
            }
            ScannerFault::FieldsJoined(_) => {
                "set it to send control characters, or read a picture of the symbol"
            }
        }
    }

    /// Message and advice in one line.
    pub(super) fn with_advice(&self) -> String {
        format!("{self}: {}", self.advice())
    }

    /// The fault of a code without `<US>`, of header version 02 or later.
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

    /// The fault of a message that has `<US>` and no `<GS>` or `<RS>`: its last field is variable, and its value
    /// contains each mandatory identifier that is missing.
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

/// Replaces the symbols for control characters (U+241D to U+241F) by spellings that [`ScannerFault`] recognises.
pub(super) fn spell_control_symbols(text: &str) -> Cow<'_, str> {
    if !text.contains(['\u{241d}', '\u{241e}', '\u{241f}']) {
        return Cow::Borrowed(text);
    }
    text.replace('\u{241d}', "<GS>").replace('\u{241e}', "<RS>").replace('\u{241f}', "<US>").into()
}

/// Whether a text starts like a code typed with Caps Lock on, or on a French keyboard, whose upper row has no digits.
pub(super) fn is_mistyped(text: &str) -> bool {
    let mut start = text.chars();
    let mark: String = start.by_ref().take(2).collect();
    let version: String = start.take(2).collect();
    let digits = matches!(version.as_str(), "01" | "02" | "03" | "04");
    let french = matches!(version.as_str(), "à&" | "àé" | "à\"" | "à'");
    mark.eq_ignore_ascii_case("DC") && (french || digits && mark != "DC")
}

fn contains_ignoring_case(text: &str, spelling: &str) -> bool {
    text.as_bytes().windows(spelling.len()).any(|window| window.eq_ignore_ascii_case(spelling.as_bytes()))
}
