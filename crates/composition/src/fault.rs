//! Why a piece can't be composed.

use template::FieldName;
use twoddoc::SignError;

use crate::layout::FitFault;
use crate::values::column;

/// Why a piece can't be composed. It names the record's column and never contains the value of a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PieceFault {
    /// The record's column.
    pub field: String,
    /// The stable code of this kind of fault.
    pub code: &'static str,
    /// The problem.
    pub message: String,
    /// What to do about it.
    pub advice: Option<&'static str>,
}

impl PieceFault {
    pub(crate) fn new(
        field: &str,
        code: &'static str,
        message: impl Into<String>,
        advice: Option<&'static str>,
    ) -> PieceFault {
        PieceFault { field: field.to_owned(), code, message: message.into(), advice }
    }

    /// The fault of a text that does not fit its mark. The message quotes nothing of a code.
    pub(crate) fn of_text(field: Option<FieldName>, fault: &FitFault) -> PieceFault {
        const MISSING: &str = "character_not_in_font";
        let secret = field.is_some_and(FieldName::is_code);
        let field = column(field);
        match fault {
            FitFault::Missing(missing) if !secret => PieceFault::new(
                field,
                MISSING,
                missing.to_string(),
                Some("correct the value, or print with a font that has it"),
            ),
            FitFault::Missing(_) => {
                PieceFault::new(field, MISSING, "the font lacks a character of the value", None)
            }
            FitFault::TooLong => PieceFault::new(
                field,
                "too_long_to_print",
                "the value does not go into its place, even in its smallest size",
                Some("shorten it"),
            ),
            FitFault::TooTall => PieceFault::new(
                field,
                "too_tall_to_print",
                "the accents stand so high or low that they would run into other lines",
                Some("write one or two accents over a letter"),
            ),
            FitFault::TooManyLines => PieceFault::new(
                field,
                "too_many_lines",
                "the address has more lines than the template has room for",
                None,
            ),
        }
    }
}

/// Why a letter was not composed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LetterFault {
    /// Its values can't be printed; never empty.
    #[error("{}", .0.first().map_or("", |fault| fault.message.as_str()))]
    Piece(Vec<PieceFault>),
    /// The signer failed; the letter's values are sound.
    #[error(transparent)]
    Signer(SignError),
}

impl From<Vec<PieceFault>> for LetterFault {
    fn from(faults: Vec<PieceFault>) -> LetterFault {
        LetterFault::Piece(faults)
    }
}
