//! Why a piece can't be composed.

use mail::Words;
use print_file::MissingGlyph;
use symbols::code39::Code39Error;
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
    /// Both in French.
    pub french: String,
}

impl PieceFault {
    pub(crate) fn new(
        field: &str,
        code: &'static str,
        message: impl Into<String>,
        advice: Option<&'static str>,
        french: impl Into<String>,
    ) -> PieceFault {
        let (field, message, french) = (field.to_owned(), message.into(), french.into());
        PieceFault { field, code, message, advice, french }
    }

    /// The problem, then what to do, in both languages.
    pub fn words_with_advice(&self) -> Words {
        let english = match self.advice {
            Some(advice) => format!("{}; {advice}", self.message),
            None => self.message.clone(),
        };
        Words::of(self.french.clone(), english)
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
                format!(
                    "{}\u{202F}; corrigez la valeur, ou imprimez avec une police qui l’a",
                    in_french(missing)
                ),
            ),
            FitFault::Missing(_) => PieceFault::new(
                field,
                MISSING,
                "the font lacks a character of the value",
                None,
                "la police n’a pas un des caractères de la valeur",
            ),
            FitFault::TooLong => PieceFault::new(
                field,
                "too_long_to_print",
                "the value does not go into its place, even in its smallest size",
                Some("shorten it"),
                "la valeur ne tient pas à sa place, même au plus petit corps\u{202F}; raccourcissez-la",
            ),
            FitFault::TooTall => PieceFault::new(
                field,
                "too_tall_to_print",
                "the accents stand so high or low that they would run into other lines",
                Some("write one or two accents over a letter"),
                "les accents montent ou descendent tant qu’ils toucheraient d’autres lignes\u{202F}; écrivez un ou deux accents par lettre",
            ),
            FitFault::TooManyLines => PieceFault::new(
                field,
                "too_many_lines",
                "the address has more lines than the template has room for",
                None,
                "l’adresse a plus de lignes que le modèle n’a de place",
            ),
        }
    }
}

impl PieceFault {
    /// The fault of a text that bars can't show.
    pub(crate) fn of_bars(field: FieldName, error: &Code39Error) -> PieceFault {
        let french = match error {
            Code39Error::Empty => "un Code 39 veut au moins un caractère".to_owned(),
            Code39Error::TooLong(length) => {
                format!("un Code 39 contient au plus 256 caractères, et ce texte en a {length}")
            }
            Code39Error::Character { character, position } => format!(
                "«\u{A0}{character}\u{A0}» (caractère {position}) n’est pas dans l’alphabet du Code 39"
            ),
            Code39Error::XDimension(dots) => {
                format!("la dimension X doit être de 1 à 1200 points, et non de {dots}")
            }
            Code39Error::OddXDimension(dots) => {
                format!("un rapport de 2,5 veut une dimension X paire, et {dots} points est impair")
            }
            Code39Error::Reduction { reduction, x_dots } => format!(
                "une réduction des barres de {reduction} points ne laisse rien d’une barre étroite de {x_dots}"
            ),
            _ => "le texte ne peut être imprimé en Code 39".to_owned(),
        };
        PieceFault::new(column(Some(field)), "barcode", error.to_string(), None, french)
    }
}

/// What a font lacks, in French.
pub(crate) fn in_french(missing: &MissingGlyph) -> String {
    let MissingGlyph { character, cluster } = missing;
    let code = u32::from(*character);
    match cluster.starts_with(*character) {
        true => format!("la police n’a pas le caractère «\u{A0}{character}\u{A0}» (U+{code:04X})"),
        false => format!("la police n’a pas l’accent U+{code:04X} pour «\u{A0}{cluster}\u{A0}»"),
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

#[cfg(test)]
mod tests {
    use mail::Worded as _;

    use super::*;

    #[test]
    fn bars_that_can_t_be_drawn_are_told_in_both_languages_with_the_same_values() {
        for error in [
            Code39Error::Empty,
            Code39Error::TooLong(300),
            Code39Error::Character { character: 'é', position: 4 },
            Code39Error::XDimension(1201),
            Code39Error::OddXDimension(7),
            Code39Error::Reduction { reduction: 9, x_dots: 8 },
        ] {
            let words = PieceFault::of_bars(FieldName::PieceBarcode, &error).words_with_advice();
            let numbers = |text: &str| -> Vec<String> {
                let mut numbers: Vec<String> =
                    text.split(|c: char| !c.is_ascii_digit()).map(str::to_owned).collect();
                numbers.sort();
                numbers.retain(|number| !number.is_empty());
                numbers
            };
            let (french, english) = (words.french(), words.to_string());
            assert_ne!(french, english);
            assert_eq!(numbers(&french), numbers(&english), "{french}; {english}");
            assert!(!english.contains('é') || french.contains("«\u{A0}é\u{A0}»"), "{french}");
        }
    }
}
