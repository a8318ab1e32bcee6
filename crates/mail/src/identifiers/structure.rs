//! `Struct_IdNat`, the national identifier of structures (TRE_G07).
//!
//! Types 40 and 41 (ROR) look like type 4 (practice). The shape tells them apart.

use serde::{Deserialize, Serialize};

use super::numbers::{
    Alphabet, NumberFault, check_adeli_rang, check_finess, check_rpps_rang, check_shape, check_siren,
    check_siret, finess_valid, siren_valid, siret_valid,
};
use crate::text::excerpt;
use crate::{Worded, Words};

/// The types of `Struct_IdNat` that records carry (TRE_G07).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StructureIdKind {
    /// 0: ADELI practice.
    AdeliPractice,
    /// 1: FINESS.
    Finess,
    /// 2: SIREN.
    Siren,
    /// 3: SIRET.
    Siret,
    /// 4: RPPS practice.
    RppsPractice,
}

impl StructureIdKind {
    fn from_digit(digit: char) -> Option<Self> {
        Some(match digit {
            '0' => Self::AdeliPractice,
            '1' => Self::Finess,
            '2' => Self::Siren,
            '3' => Self::Siret,
            '4' => Self::RppsPractice,
            _ => return None,
        })
    }

    fn check(self, body: &str) -> Result<(), NumberFault> {
        match self {
            Self::AdeliPractice => check_adeli_rang(body),
            Self::Finess => check_finess(body),
            Self::Siren => check_siren(body),
            Self::Siret => check_siret(body),
            Self::RppsPractice => check_rpps_rang(body),
        }
    }
}

/// What is wrong with a `Struct_IdNat`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StructureIdFault {
    /// No such type.
    #[error("`{}` begins with no type of structure identifier; put one of 0, 1, 2, 3 or 4 before the number", excerpt(.0))]
    UnknownType(String),
    /// A number without its type digit: a bare FINESS, SIREN or SIRET number.
    #[error("`{text}` is {number} without its type; put {digit} before it: `{digit}{text}`")]
    Bare {
        /// What it is.
        number: Words,
        /// The type digit that it lacks.
        digit: char,
        /// The number.
        text: String,
    },
    /// A type that is no longer assigned: 5 (FINESS EJ) or 6 (FINESS EG), since 1 September 2016.
    #[error(
        "structure identifiers of type {0} ended on 1 September 2016; write the FINESS number with type 1"
    )]
    DeprecatedType(char),
    /// A type that no card carries: 40 or 41 (ROR).
    #[error("`{}` is an identifier of the ROR, which no card carries; write the structure's FINESS number with type 1", excerpt(.0))]
    NotOnCards(String),
    /// The number itself is wrong.
    #[error(transparent)]
    Number(#[from] NumberFault),
}

impl StructureIdFault {
    /// The stable code of this kind of fault.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownType(_) => "structure_id_type",
            Self::Bare { .. } => "structure_id_bare",
            Self::DeprecatedType(_) => "structure_id_deprecated_type",
            Self::NotOnCards(_) => "structure_id_not_on_cards",
            Self::Number(NumberFault::Length { .. }) => "structure_id_length",
            Self::Number(NumberFault::Character { .. }) => "structure_id_character",
            Self::Number(NumberFault::Zeros { .. }) => "structure_id_zeros",
            Self::Number(NumberFault::CheckDigit { .. }) => "structure_id_check_digit",
            Self::Number(NumberFault::Departement(_)) => "structure_id_departement",
            Self::Number(NumberFault::ThirdCharacter(_)) => "structure_id_third_character",
        }
    }
}

/// The national identifier of a structure: type digit and number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StructureId {
    kind: StructureIdKind,
    text: String,
}

impl StructureId {
    /// Reads an identifier with its type digit.
    ///
    /// # Errors
    /// The first [`StructureIdFault`] found. The type is checked first, then the number.
    pub fn parse(text: &str) -> Result<Self, StructureIdFault> {
        Self::parse_whole(text).map_err(|fault| bare_number(text).unwrap_or(fault))
    }

    fn parse_whole(text: &str) -> Result<Self, StructureIdFault> {
        let unknown = || StructureIdFault::UnknownType(text.to_owned());
        let digit = text.chars().next().ok_or_else(unknown)?;
        if matches!(digit, '5' | '6') {
            return Err(StructureIdFault::DeprecatedType(digit));
        }
        let kind = StructureIdKind::from_digit(digit).ok_or_else(unknown)?;
        let from_ror = text.starts_with("40") || text.starts_with("41");
        if from_ror && check_shape(Words::new("", ""), &text[1..], 14, Alphabet::Digits).is_err() {
            return Err(StructureIdFault::NotOnCards(text.to_owned()));
        }
        kind.check(&text[1..])?;
        Ok(Self { kind, text: text.to_owned() })
    }

    /// The identifier with the text of another, whose number was checked then; `None` for a text without a type.
    pub(crate) fn of_checked(text: &str) -> Option<Self> {
        let kind = StructureIdKind::from_digit(text.chars().next()?)?;
        Some(Self { kind, text: text.to_owned() })
    }

    /// The type.
    pub fn kind(&self) -> StructureIdKind {
        self.kind
    }

    /// The whole identifier, type digit first.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The département of a FINESS number, as in postcodes: `63`, `2A`, overseas `971` to `976` (97 and the first digit
    /// of the order number; 98 is Mayotte). `None` for the other types.
    pub fn departement(&self) -> Option<&str> {
        const OVERSEAS: [(&str, &str); 6] = [
            ("9701", "971"),
            ("9702", "972"),
            ("9703", "973"),
            ("9704", "974"),
            ("9705", "975"),
            ("98", "976"),
        ];
        if self.kind != StructureIdKind::Finess {
            return None;
        }
        let number = self.text.get(1..)?;
        let overseas = OVERSEAS.iter().find(|(prefix, _)| number.starts_with(prefix));
        match overseas {
            Some((_, departement)) => Some(departement),
            None => number.get(..2).filter(|departement| *departement != "97"),
        }
    }
}

/// The fault of a number that lacks its type digit.
fn bare_number(text: &str) -> Option<StructureIdFault> {
    let (number, digit) = match () {
        () if text.bytes().all(|byte| byte == b'0') => return None,
        () if finess_valid(text) => (Words::new("un numéro FINESS", "a FINESS number"), '1'),
        () if siren_valid(text) => (Words::new("un numéro SIREN", "a SIREN number"), '2'),
        () if siret_valid(text) => (Words::new("un numéro SIRET", "a SIRET number"), '3'),
        () => return None,
    };
    Some(StructureIdFault::Bare { number, digit, text: text.to_owned() })
}

impl Worded for StructureIdFault {
    fn french(&self) -> String {
        match self {
            Self::UnknownType(text) => format!(
                "«\u{A0}{}\u{A0}» ne commence par aucun type d’identifiant de structure\u{202F}; placez 0, 1, 2, 3 ou 4 devant le numéro",
                excerpt(text)
            ),
            Self::Bare { number, digit, text } => format!(
                "«\u{A0}{text}\u{A0}» est {} sans son type\u{202F}; placez {digit} devant\u{202F}: «\u{A0}{digit}{text}\u{A0}»",
                number.french()
            ),
            Self::DeprecatedType(digit) => format!(
                "les identifiants de structure de type {digit} ont pris fin le 1er septembre 2016\u{202F}; écrivez le numéro FINESS avec le type 1"
            ),
            Self::NotOnCards(text) => format!(
                "«\u{A0}{}\u{A0}» est un identifiant du ROR, qu’aucune carte ne porte\u{202F}; écrivez le numéro FINESS de la structure avec le type 1",
                excerpt(text)
            ),
            Self::Number(fault) => fault.french(),
        }
    }
}
