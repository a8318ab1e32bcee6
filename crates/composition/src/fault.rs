//! Why a piece can't be composed.

use mail::Words;
use print_file::MissingGlyph;
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
    /// Both in French; empty for a fault of template, job or program, which no record causes.
    pub french: String,
}

impl PieceFault {
    pub(crate) fn new(
        field: &str,
        code: &'static str,
        message: impl Into<String>,
        advice: Option<&'static str>,
    ) -> PieceFault {
        PieceFault { field: field.to_owned(), code, message: message.into(), advice, french: String::new() }
    }

    /// The fault with its French text, advice included.
    pub(crate) fn in_french(self, french: impl Into<String>) -> PieceFault {
        PieceFault { french: french.into(), ..self }
    }

    /// The problem, then what to do, in both languages.
    pub fn words_with_advice(&self) -> Words {
        let english = match self.advice {
            Some(advice) => format!("{}; {advice}", self.message),
            None => self.message.clone(),
        };
        match self.french.is_empty() {
            true => Words::from(english),
            false => Words::of(self.french.clone(), english),
        }
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
            )
            .in_french(in_french(missing)),
            FitFault::Missing(_) => {
                PieceFault::new(field, MISSING, "the font lacks a character of the value", None)
                    .in_french("la police n’a pas un des caractères de la valeur")
            }
            FitFault::TooLong => PieceFault::new(
                field,
                "too_long_to_print",
                "the value does not go into its place, even in its smallest size",
                Some("shorten it"),
            )
            .in_french("la valeur ne tient pas à sa place, même au plus petit corps\u{202F}; raccourcissez-la"),
            FitFault::TooTall => PieceFault::new(
                field,
                "too_tall_to_print",
                "the accents stand so high or low that they would run into other lines",
                Some("write one or two accents over a letter"),
            )
            .in_french(
                "les accents montent ou descendent tant qu’ils toucheraient d’autres lignes\u{202F}; écrivez un ou deux accents par lettre",
            ),
            FitFault::TooManyLines => PieceFault::new(
                field,
                "too_many_lines",
                "the address has more lines than the template has room for",
                None,
            )
            .in_french("l’adresse a plus de lignes que le modèle n’a de place"),
        }
    }
}

/// What a font lacks, in French.
fn in_french(missing: &MissingGlyph) -> String {
    let MissingGlyph { character, cluster } = missing;
    let code = u32::from(*character);
    let lacking = match cluster.starts_with(*character) {
        true => format!("la police n’a pas le caractère «\u{A0}{character}\u{A0}» (U+{code:04X})"),
        false => format!("la police n’a pas l’accent U+{code:04X} pour «\u{A0}{cluster}\u{A0}»"),
    };
    format!("{lacking}\u{202F}; corrigez la valeur, ou imprimez avec une police qui l’a")
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
