//! `PS_Id_nat`, the national identifier of health professionals (TRE_G08).
//!
//! Types 10 and 30 look like types 1 and 3 with a number that begins with 0. The shape tells them apart: a `/` with the
//! register's own identifier, or an `@`.

use serde::{Deserialize, Serialize};

use super::numbers::{
    NumberFault, check_adeli, check_adeli_rang, check_finess, check_rpps, check_rpps_rang, check_siren,
    check_siret, rpps_valid,
};
use crate::text::excerpt;
use crate::{Worded, Words};

/// The longest identifier of a register's own after `/`, in characters.
const MAX_INTERNAL_ID: usize = 20;

/// The types of `PS_Id_nat` that cards carry (TRE_G08).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PsIdNatKind {
    /// 0: ADELI.
    Adeli,
    /// 1: ADELI practice and an identifier of its register.
    AdeliPractice,
    /// 3: FINESS and an identifier of its register.
    Finess,
    /// 4: SIREN and an identifier of its register.
    Siren,
    /// 5: SIRET and an identifier of its register.
    Siret,
    /// 6: RPPS practice and an identifier of its register.
    RppsPractice,
    /// 8: RPPS.
    Rpps,
}

impl PsIdNatKind {
    fn from_digit(digit: char) -> Option<Self> {
        Some(match digit {
            '0' => Self::Adeli,
            '1' => Self::AdeliPractice,
            '3' => Self::Finess,
            '4' => Self::Siren,
            '5' => Self::Siret,
            '6' => Self::RppsPractice,
            '8' => Self::Rpps,
            _ => return None,
        })
    }

    /// Whether a register's own identifier follows the number, after `/`.
    fn has_internal_id(self) -> bool {
        !matches!(self, Self::Adeli | Self::Rpps)
    }

    fn check(self, body: &str) -> Result<(), NumberFault> {
        match self {
            Self::Adeli => check_adeli(body),
            Self::AdeliPractice => check_adeli_rang(body),
            Self::Finess => check_finess(body),
            Self::Siren => check_siren(body),
            Self::Siret => check_siret(body),
            Self::RppsPractice => check_rpps_rang(body),
            Self::Rpps => check_rpps(body),
        }
    }
}

/// What is wrong with a `PS_Id_nat`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PsIdNatFault {
    /// No such type.
    #[error("`{}` begins with no type of PS_Id_nat; put one of 0, 1, 3, 4, 5, 6 or 8 before the number", excerpt(.0))]
    UnknownType(String),
    /// A type that is no longer assigned: 2 (DRASS) or 9 (student number), since 29 May 2020.
    #[error(
        "PS_Id_nat of type {0} ended on 29 May 2020; ask for the holder's RPPS number and write it with type 8"
    )]
    DeprecatedType(char),
    /// A type that no card carries: 10 (MSSanté address) or 30 (ROR operational situation).
    #[error("`{}` is a PS_Id_nat of type {kind}, which no card carries; {advice}", excerpt(.text))]
    NotOnCards {
        /// 10 or 30.
        kind: u8,
        /// What to write instead.
        advice: Words,
        /// The identifier.
        text: String,
    },
    /// A number without its type digit: a bare RPPS or ADELI number.
    #[error("`{text}` {problem}; put {digit} before it: `{digit}{text}`")]
    Bare {
        /// What it is.
        problem: Words,
        /// The type digit that it lacks.
        digit: char,
        /// The number.
        text: String,
    },
    /// A `/` that is missing or does not belong there, or a wrong identifier after it.
    #[error("`{}` {problem}", excerpt(.text))]
    InternalId {
        /// What is wrong, and what to write.
        problem: Words,
        /// The identifier.
        text: String,
    },
    /// The number itself is wrong.
    #[error(transparent)]
    Number(#[from] NumberFault),
}

impl PsIdNatFault {
    /// The stable code of this kind of fault.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownType(_) => "ps_id_nat_type",
            Self::DeprecatedType(_) => "ps_id_nat_deprecated_type",
            Self::NotOnCards { .. } => "ps_id_nat_not_on_cards",
            Self::Bare { .. } => "ps_id_nat_bare",
            Self::InternalId { .. } => "ps_id_nat_internal_id",
            Self::Number(NumberFault::Length { .. }) => "ps_id_nat_length",
            Self::Number(NumberFault::Character { .. }) => "ps_id_nat_character",
            Self::Number(NumberFault::Zeros { .. }) => "ps_id_nat_zeros",
            Self::Number(NumberFault::CheckDigit { .. }) => "ps_id_nat_check_digit",
            Self::Number(NumberFault::Departement(_)) => "ps_id_nat_departement",
            Self::Number(NumberFault::ThirdCharacter(_)) => "ps_id_nat_third_character",
        }
    }
}

/// The national identifier of a health professional: type digit and number, for some types `/` and a
/// register's own identifier.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PsIdNat {
    kind: PsIdNatKind,
    text: String,
}

impl PsIdNat {
    /// Reads an identifier with its type digit.
    ///
    /// # Errors
    /// The first [`PsIdNatFault`] found. The type is checked first, then the shape, then the number.
    pub fn parse(text: &str) -> Result<Self, PsIdNatFault> {
        let whole = Self::parse_whole(text);
        // A bare number is known by its length, which no whole identifier has without its `/`.
        whole.map_err(|fault| bare_number(text).unwrap_or(fault))
    }

    fn parse_whole(text: &str) -> Result<Self, PsIdNatFault> {
        let kind = ps_id_nat_kind(text)?;
        let body = &text[1..];
        let number = match body.split_once('/') {
            Some((number, internal)) if kind.has_internal_id() => {
                check_internal_id(text, internal)?;
                number
            }
            Some(_) => {
                return Err(internal_id_fault(
                    text,
                    Words::new(
                        "a un «\u{A0}/\u{A0}», que ce type n’a pas\u{202F}; écrivez le numéro seul",
                        "has a `/`, which this type has not; write the number alone",
                    ),
                ));
            }
            None if kind.has_internal_id() => {
                return Err(internal_id_fault(
                    text,
                    Words::new(
                        "finit sans «\u{A0}/\u{A0}» ni identifiant propre au registre\u{202F}; ajoutez-les",
                        "ends without `/` and the register's own identifier; add them",
                    ),
                ));
            }
            None => body,
        };
        kind.check(number)?;
        Ok(Self { kind, text: text.to_owned() })
    }

    /// The identifier with the text of another, whose number was checked then; `None` for a text without a type.
    pub(crate) fn of_checked(text: &str) -> Option<Self> {
        let kind = PsIdNatKind::from_digit(text.chars().next()?)?;
        Some(Self { kind, text: text.to_owned() })
    }

    /// The type.
    pub fn kind(&self) -> PsIdNatKind {
        self.kind
    }

    /// The whole identifier, type digit first.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// The type of an identifier, by its shape.
fn ps_id_nat_kind(text: &str) -> Result<PsIdNatKind, PsIdNatFault> {
    let not_on_cards = |kind, advice| PsIdNatFault::NotOnCards { kind, advice, text: text.to_owned() };
    if text.starts_with("10") && text.contains('@') {
        let advice = Words::new(
            "écrivez le numéro RPPS du titulaire avec le type 8",
            "write the holder's RPPS number with type 8",
        );
        return Err(not_on_cards(10, advice));
    }
    if text.starts_with("30") && !text.contains('/') {
        return Err(not_on_cards(
            30,
            Words::new(
                "pour un numéro FINESS de type 3, ajoutez «\u{A0}/\u{A0}» et l’identifiant propre au registre",
                "for a FINESS number of type 3, add `/` and the register's own identifier",
            ),
        ));
    }
    match text.chars().next() {
        Some(digit @ ('2' | '9')) => Err(PsIdNatFault::DeprecatedType(digit)),
        Some(digit) => {
            PsIdNatKind::from_digit(digit).ok_or_else(|| PsIdNatFault::UnknownType(text.to_owned()))
        }
        None => Err(PsIdNatFault::UnknownType(String::new())),
    }
}

/// The fault of a number that lacks its type digit.
fn bare_number(text: &str) -> Option<PsIdNatFault> {
    let bare = |problem, digit| Some(PsIdNatFault::Bare { problem, digit, text: text.to_owned() });
    if rpps_valid(text) {
        let problem = Words::new("est un numéro RPPS sans son type", "is an RPPS number without its type");
        return bare(problem, '8');
    }
    if text.len() == 11 && text.starts_with("10") && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return check_rpps(text).err().map(PsIdNatFault::from);
    }
    let capitals_and_digits = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let adeli = text.len() == 9 && capitals_and_digits && text.bytes().any(|byte| byte != b'0');
    let problem = Words::new("est un numéro ADELI sans son type", "is an ADELI number without its type");
    if adeli { bare(problem, '0') } else { None }
}

fn internal_id_fault(text: &str, problem: Words) -> PsIdNatFault {
    PsIdNatFault::InternalId { problem, text: text.to_owned() }
}

/// Checks the identifier after `/`: 1 to 20 of `0-9 A-Z a-z . _ -`.
fn check_internal_id(text: &str, internal: &str) -> Result<(), PsIdNatFault> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if internal.is_empty() {
        let problem = Words::new(
            "n’a rien après son «\u{A0}/\u{A0}»\u{202F}; ajoutez l’identifiant propre au registre",
            "has nothing after its `/`; add the register's own identifier",
        );
        return Err(internal_id_fault(text, problem));
    }
    if !internal.chars().all(allowed) {
        let problem = Words::new(
            "a un caractère étranger après son «\u{A0}/\u{A0}»\u{202F}; n’écrivez que lettres sans accents, chiffres, «\u{A0}.\u{A0}», «\u{A0}_\u{A0}» et «\u{A0}-\u{A0}»",
            "holds an odd character after its `/`; write letters without accents, digits, `.`, `_` and `-` only",
        );
        return Err(internal_id_fault(text, problem));
    }
    if internal.len() > MAX_INTERNAL_ID {
        let problem = Words::new(
            "a plus de 20 caractères après son «\u{A0}/\u{A0}»\u{202F}; écrivez la forme courte de son registre",
            "has more than 20 characters after its `/`; write its register's short form",
        );
        return Err(internal_id_fault(text, problem));
    }
    Ok(())
}

impl Worded for PsIdNatFault {
    fn french(&self) -> String {
        match self {
            Self::UnknownType(text) => format!(
                "«\u{A0}{}\u{A0}» ne commence par aucun type de PS_Id_nat\u{202F}; placez 0, 1, 3, 4, 5, 6 ou 8 devant le numéro",
                excerpt(text)
            ),
            Self::DeprecatedType(digit) => format!(
                "le PS_Id_nat de type {digit} a pris fin le 29 mai 2020\u{202F}; demandez le numéro RPPS du titulaire et écrivez-le avec le type 8"
            ),
            Self::NotOnCards { kind, advice, text } => format!(
                "«\u{A0}{}\u{A0}» est un PS_Id_nat de type {kind}, qu’aucune carte ne porte\u{202F}; {}",
                excerpt(text),
                advice.french()
            ),
            Self::Bare { problem, digit, text } => format!(
                "«\u{A0}{text}\u{A0}» {}\u{202F}; placez {digit} devant\u{202F}: «\u{A0}{digit}{text}\u{A0}»",
                problem.french()
            ),
            Self::InternalId { problem, text } => {
                format!("«\u{A0}{}\u{A0}» {}", excerpt(text), problem.french())
            }
            Self::Number(fault) => fault.french(),
        }
    }
}
