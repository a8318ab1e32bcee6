//! One field: from bytes to text.
//!
//! Decodes a field in the encoding of its file and trims spaces at its ends. Never guesses a character, and never shows
//! one that can't be printed.

use std::borrow::Cow;

use crate::job::Encoding;
use foreign::is_unprintable;
use mail::residue::decoded_once;
use mail::{Language, Worded, composed, excerpt, shown_character, shown_character_in};

/// The most bytes that a field may have.
const MAX_FIELD: usize = 1_000;

/// The most characters of a client's reference.
const MAX_CLIENT_REF: usize = 200;

/// The bytes that Windows-1252 leaves undefined.
const UNDEFINED_1252: [u8; 5] = [0x81, 0x8D, 0x8F, 0x90, 0x9D];

/// Why a field can't be read as text. The text of the fault is the problem, then what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum CellFault {
    /// A zero byte.
    #[error("the field holds a zero byte; the file is damaged here, so export it again")]
    Nul,
    /// More bytes than any field needs.
    #[error(
        "the field is longer than {MAX_FIELD} bytes; look for a missing quote or delimiter, or shorten it"
    )]
    TooLong,
    /// A client's reference of more characters than outcomes carry.
    #[error("the reference has more than {MAX_CLIENT_REF} characters; shorten it")]
    LongReference,
    /// A byte that is no character of UTF-8.
    #[error(
        "byte 0x{byte:02X} at place {position} is not UTF-8; save the file as UTF-8, or set input.encoding = \"windows-1252\""
    )]
    NotUtf8 {
        /// The byte.
        byte: u8,
        /// Its position in the field, from 1.
        position: usize,
    },
    /// A byte that is no character of Windows-1252.
    #[error(
        "byte 0x{byte:02X} at place {position} is not Windows-1252; set input.encoding = \"utf-8\" if that is what the file is"
    )]
    Not1252 {
        /// The byte.
        byte: u8,
        /// Its position in the field, from 1.
        position: usize,
    },
    /// Letters whose UTF-8 was taken for another encoding.
    #[error("the field was decoded in a wrong encoding and should read `{}`; {}", excerpt(.text), mojibake_advice(*.encoding).1)]
    Mojibake {
        /// The text as it should be.
        text: String,
        /// The encoding of the file.
        encoding: Encoding,
    },
    /// A line break.
    #[error("the field holds a line break; write it on one line")]
    LineBreak,
    /// Another character that can't be printed.
    #[error("the field holds {}; take it out", shown_character(*.0))]
    Control(char),
}

impl CellFault {
    /// The stable code of this kind of fault.
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::Nul => "nul_byte",
            Self::TooLong | Self::LongReference => "field_too_long",
            Self::NotUtf8 { .. } | Self::Not1252 { .. } => "encoding",
            Self::Mojibake { .. } => "mojibake",
            Self::LineBreak | Self::Control(_) => "control_character",
        }
    }
}

/// What to do about letters in a wrong encoding.
fn mojibake_advice(encoding: Encoding) -> (&'static str, &'static str) {
    match encoding {
        Encoding::Utf8 => (
            "écrivez-le ainsi, ou exportez de nouveau le fichier en UTF-8 depuis sa source",
            "write it so, or export the file again as UTF-8 from its source",
        ),
        Encoding::Windows1252 => (
            "réglez input.encoding = \"utf-8\", ou écrivez-le ainsi",
            "set input.encoding = \"utf-8\", or write it so",
        ),
    }
}

impl Worded for CellFault {
    fn french(&self) -> String {
        match self {
            Self::Nul => {
                "le champ contient un octet nul\u{202F}; le fichier est abîmé ici, exportez-le de nouveau"
                    .to_owned()
            }
            Self::TooLong => format!(
                "le champ dépasse {MAX_FIELD} octets\u{202F}; cherchez un guillemet ou un séparateur manquant, ou raccourcissez-le"
            ),
            Self::LongReference => {
                format!("la référence dépasse {MAX_CLIENT_REF} caractères\u{202F}; raccourcissez-la")
            }
            Self::NotUtf8 { byte, position } => format!(
                "l’octet 0x{byte:02X} en position {position} n’est pas de l’UTF-8\u{202F}; enregistrez le fichier en UTF-8, ou réglez input.encoding = \"windows-1252\""
            ),
            Self::Not1252 { byte, position } => format!(
                "l’octet 0x{byte:02X} en position {position} n’est pas du Windows-1252\u{202F}; réglez input.encoding = \"utf-8\" si le fichier est ainsi"
            ),
            Self::Mojibake { text, encoding } => format!(
                "le champ a été lu dans un mauvais encodage et devrait être «\u{A0}{}\u{A0}»\u{202F}; {}",
                excerpt(text),
                mojibake_advice(*encoding).0
            ),
            Self::LineBreak => {
                "le champ contient un saut de ligne\u{202F}; écrivez-le sur une ligne".to_owned()
            }
            Self::Control(character) => format!(
                "le champ contient {}\u{202F}; ôtez-le",
                shown_character_in(Language::French, *character)
            ),
        }
    }
}

/// The beginning of a field, as long as any field may be.
pub(super) fn beginning(bytes: &[u8]) -> &[u8] {
    bytes.get(..MAX_FIELD).unwrap_or(bytes)
}

/// Whether a field has more bytes than any field needs.
pub(super) fn is_too_long(bytes: &[u8]) -> bool {
    bytes.len() > MAX_FIELD
}

/// Reads a field as text.
pub(super) fn read(bytes: &[u8], encoding: Encoding) -> Result<Cow<'_, str>, CellFault> {
    if bytes.contains(&0) {
        return Err(CellFault::Nul);
    }
    if is_too_long(bytes) {
        return Err(CellFault::TooLong);
    }
    let text = decode(bytes, encoding)?;
    if text.is_ascii() {
        return printable(text);
    }
    match decoded_once(&text) {
        Some(text) => Err(CellFault::Mojibake { text, encoding }),
        None => printable(match composed(&text) {
            Cow::Owned(composed) => Cow::Owned(composed),
            Cow::Borrowed(_) => text,
        }),
    }
}

/// Reads a client's reference: every character stays, spaces at the ends and loose accents too.
pub(super) fn read_client_ref(bytes: &[u8], encoding: Encoding) -> Result<Cow<'_, str>, CellFault> {
    if bytes.contains(&0) {
        return Err(CellFault::Nul);
    }
    let text = decode(bytes, encoding)?;
    if text.chars().count() > MAX_CLIENT_REF {
        return Err(CellFault::LongReference);
    }
    refuse_unprintable(&text)?;
    Ok(text)
}

/// A text without unprintable characters, and without spaces at its ends.
fn printable(text: Cow<'_, str>) -> Result<Cow<'_, str>, CellFault> {
    refuse_unprintable(&text)?;
    Ok(trimmed(text))
}

fn refuse_unprintable(text: &str) -> Result<(), CellFault> {
    match text.chars().find(|c| is_unprintable(*c)) {
        Some('\n' | '\r' | '\u{2028}' | '\u{2029}') => Err(CellFault::LineBreak),
        Some(character) => Err(CellFault::Control(character)),
        None => Ok(()),
    }
}

/// Decodes a field.
fn decode(bytes: &[u8], encoding: Encoding) -> Result<Cow<'_, str>, CellFault> {
    match encoding {
        Encoding::Utf8 => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| {
            let index = error.valid_up_to();
            CellFault::NotUtf8 { byte: bytes[index], position: index + 1 }
        }),
        Encoding::Windows1252 => {
            match bytes.iter().zip(1..).find(|(byte, _)| UNDEFINED_1252.contains(byte)) {
                Some((byte, position)) => Err(CellFault::Not1252 { byte: *byte, position }),
                None => Ok(encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0),
            }
        }
    }
}

/// A text without spaces at its ends.
fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_encodings() {
        assert_eq!(read(" Françoise ".as_bytes(), Encoding::Utf8).as_deref(), Ok("Françoise"));
        assert_eq!(read(b"Fran\xe7oise \x80 \x9c", Encoding::Windows1252).as_deref(), Ok("Françoise € œ"));
        assert_eq!(
            read(b"Fran\xe7oise", Encoding::Utf8),
            Err(CellFault::NotUtf8 { byte: 0xE7, position: 5 })
        );
        assert_eq!(read(b"abc\xc3", Encoding::Utf8), Err(CellFault::NotUtf8 { byte: 0xC3, position: 4 }));
        for byte in UNDEFINED_1252 {
            assert_eq!(read(&[byte], Encoding::Windows1252), Err(CellFault::Not1252 { byte, position: 1 }));
        }
    }

    #[test]
    fn accents_are_composed_and_wrong_encodings_refused() {
        assert_eq!(read("E\u{301}LISE".as_bytes(), Encoding::Utf8).as_deref(), Ok("ÉLISE"));
        let fault = read("CHÊNE".as_bytes(), Encoding::Windows1252).expect_err("UTF-8");
        assert!(fault.to_string().contains("should read `CHÊNE`; set input.encoding"), "{fault}");
        let fault = read("CHÃŠNE".as_bytes(), Encoding::Utf8).expect_err("encoded twice");
        assert!(fault.to_string().contains("should read `CHÊNE`; write it so"), "{fault}");
    }

    #[test]
    fn what_is_no_text() {
        let code =
            |bytes: &[u8]| read(bytes, Encoding::Utf8).map_err(|fault| fault.code()).map(Cow::into_owned);
        assert_eq!(code(b"a\0b"), Err("nul_byte"));
        assert_eq!(code(&[b'x'; MAX_FIELD + 1]), Err("field_too_long"));
        assert_eq!(code(&[b'x'; MAX_FIELD]), Ok("x".repeat(MAX_FIELD)));
        assert_eq!(code(b"a\nb"), Err("control_character"));
        assert_eq!(code(b"\ta"), Err("control_character"));
        assert_eq!(code("a\u{202e}b".as_bytes()), Err("control_character"));
    }
}
