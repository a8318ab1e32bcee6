//! The limits of an address, and the faults and warnings of one that breaks them.

use crate::country::{Country, CountryFault};
use crate::text::{excerpt, shown_character, shown_character_in};
use crate::{Language, Worded};

/// The longest line, in characters, spaces included.
pub const MAX_CHARACTERS: usize = 38;

/// The lines of a record, without the country.
pub(super) const LINES: usize = 6;

/// What makes an address undeliverable. Lines count from 1 to 6, the country is 7.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressFault {
    /// A control or invisible character.
    #[error("line {line} holds {}; take it out", shown_character(*.character))]
    Unprintable {
        /// The line.
        line: usize,
        /// The first such character.
        character: char,
    },
    /// More than 38 characters.
    #[error(
        "line {line} has {length} characters, {MAX_CHARACTERS} is the most; shorten it, or move a part to an empty line"
    )]
    Length {
        /// The line.
        line: usize,
        /// How many characters it has.
        length: usize,
    },
    /// Line 1 is empty, and the holder's name that would be printed there has more than 38 characters.
    #[error(
        "line 1 is empty, and the recipient's name that belongs there has {0} characters; write it on line 1 in at most {MAX_CHARACTERS}"
    )]
    RecipientLength(usize),
    /// A character that sorting machines can't read on lines 4 to 6.
    #[error("line {line} holds {} at character {position}; {}", shown_character(*.character), rewriting(Language::English, *.line, .instead))]
    Character {
        /// The line.
        line: usize,
        /// The first wrong character.
        character: char,
        /// Its position in the line, from 1.
        position: usize,
        /// The line as it could be written; empty where only its writer knows.
        instead: String,
    },
    /// No line 6.
    #[error("line 6 is empty; write the postcode and the locality there, such as `75015 PARIS`")]
    LastLineMissing,
    /// Line 6 does not begin with five digits and a space.
    #[error("line 6, `{}`, does not begin with a postcode of 5 digits and a space; {}", excerpt(.text), postcode_advice(Language::English, .instead, *.abroad))]
    PostcodeMissing {
        /// The line.
        text: String,
        /// The line as it could be written; empty where only its writer knows.
        instead: String,
        /// The country whose prefix the line begins with.
        abroad: Option<Country>,
    },
    /// A postcode that La Poste does not use.
    #[error("`{0}` is no French postcode; look it up, or name the country when the address is abroad")]
    PostcodeUnknown(String),
    /// No locality after the postcode.
    #[error("line 6, `{}`, names no locality; write it after the postcode, as in `75015 PARIS`", excerpt(.0))]
    LocalityMissing(String),
    /// CEDEX that does not follow the post office at the end of the line.
    #[error("line 6, `{}`, has CEDEX out of place; write it after the office, alone or with a number, as in `38043 GRENOBLE CEDEX 9`", excerpt(.0))]
    Cedex(String),
    /// A country that isn't in the table.
    #[error(transparent)]
    Country(#[from] CountryFault),
}

impl AddressFault {
    /// The stable code of this kind of fault.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unprintable { .. } => "address_unprintable",
            Self::Length { .. } | Self::RecipientLength(_) => "address_length",
            Self::Character { .. } => "address_character",
            Self::LastLineMissing => "address_last_line",
            Self::PostcodeMissing { .. } => "address_postcode",
            Self::PostcodeUnknown(_) => "address_postcode_unknown",
            Self::LocalityMissing(_) => "address_locality",
            Self::Cedex(_) => "address_cedex",
            Self::Country(_) => "country_unknown",
        }
    }

    /// The line, from 1 to 6; 7 is the country.
    pub fn line(&self) -> usize {
        match self {
            Self::Unprintable { line, .. } | Self::Length { line, .. } | Self::Character { line, .. } => {
                *line
            }
            Self::RecipientLength(_) => 1,
            Self::Country(_) => LINES + 1,
            _ => LINES,
        }
    }
}

/// What to write instead of a line with a wrong character.
fn rewriting(language: Language, line: usize, instead: &str) -> String {
    match (instead.chars().count(), line) {
        (0, LINES) => language
            .of(
                "écrivez un code postal, une espace et une localité en capitales, comme «\u{A0}75015 PARIS\u{A0}»",
                "write a postcode, a space and a locality in capitals, such as `75015 PARIS`",
            )
            .to_owned(),
        (0, _) => language
            .of(
                "n’employez que lettres, chiffres et espaces, ou videz la ligne",
                "write it with letters, digits and spaces, or empty it",
            )
            .to_owned(),
        (1..=MAX_CHARACTERS, _) => {
            language.of(format!("écrivez «\u{A0}{instead}\u{A0}»"), format!("write `{instead}`"))
        }
        _ => {
            let instead = excerpt(instead);
            language.of(
                format!("écrivez «\u{A0}{instead}\u{A0}», en {MAX_CHARACTERS} caractères au plus"),
                format!("write `{instead}`, in at most {MAX_CHARACTERS} characters"),
            )
        }
    }
}

/// What to write instead of a last line without a French postcode.
fn postcode_advice(language: Language, instead: &str, abroad: Option<Country>) -> String {
    match abroad {
        Some(country) => {
            let code = country.code();
            language.of(
                format!("pour une adresse à l’étranger, écrivez «\u{A0}{code}\u{A0}» dans la colonne «\u{A0}country\u{A0}»"),
                format!("for an address abroad write `{code}` in column `country`"),
            )
        }
        None if instead.is_empty() => language
            .of(
                "écrivez-la comme «\u{A0}75015 PARIS\u{A0}», ou indiquez le pays si l’adresse est à l’étranger",
                "write it as in `75015 PARIS`, or name the country when the address is abroad",
            )
            .to_owned(),
        None => language.of(
            format!("écrivez «\u{A0}{instead}\u{A0}», ou indiquez le pays si l’adresse est à l’étranger"),
            format!("write `{instead}`, or name the country when the address is abroad"),
        ),
    }
}

impl Worded for AddressFault {
    fn french(&self) -> String {
        let shown = |character: &char| shown_character_in(Language::French, *character);
        match self {
            Self::Unprintable { line, character } => {
                format!("la ligne {line} contient {}\u{202F}; ôtez-le", shown(character))
            }
            Self::Length { line, length } => format!(
                "la ligne {line} a {length} caractères, {MAX_CHARACTERS} au plus\u{202F}; raccourcissez-la, ou reportez-en une partie sur une ligne vide"
            ),
            Self::RecipientLength(length) => format!(
                "la ligne 1 est vide, et le nom du destinataire qui doit y figurer a {length} caractères\u{202F}; écrivez-le sur la ligne 1 en {MAX_CHARACTERS} au plus"
            ),
            Self::Character { line, character, position, instead } => format!(
                "la ligne {line} contient {} en position {position}\u{202F}; {}",
                shown(character),
                rewriting(Language::French, *line, instead)
            ),
            Self::LastLineMissing => {
                "la ligne 6 est vide\u{202F}; écrivez-y le code postal et la localité, comme «\u{A0}75015 PARIS\u{A0}»".to_owned()
            }
            Self::PostcodeMissing { text, instead, abroad } => format!(
                "la ligne 6, «\u{A0}{}\u{A0}», ne commence pas par un code postal de 5 chiffres et une espace\u{202F}; {}",
                excerpt(text),
                postcode_advice(Language::French, instead, *abroad)
            ),
            Self::PostcodeUnknown(postcode) => format!(
                "«\u{A0}{postcode}\u{A0}» n’est pas un code postal français\u{202F}; cherchez le bon, ou indiquez le pays si l’adresse est à l’étranger"
            ),
            Self::LocalityMissing(line) => format!(
                "la ligne 6, «\u{A0}{}\u{A0}», ne nomme pas de localité\u{202F}; écrivez-la après le code postal, comme dans «\u{A0}75015 PARIS\u{A0}»",
                excerpt(line)
            ),
            Self::Cedex(line) => format!(
                "la ligne 6, «\u{A0}{}\u{A0}», a un CEDEX mal placé\u{202F}; écrivez-le après le bureau distributeur, seul ou avec un numéro, comme dans «\u{A0}38043 GRENOBLE CEDEX 9\u{A0}»",
                excerpt(line)
            ),
            Self::Country(fault) => fault.french(),
        }
    }
}

impl Worded for AddressWarning {
    fn french(&self) -> String {
        match self {
            Self::RecipientSupplied(recipient) => format!(
                "la ligne 1 est vide et a reçu «\u{A0}{}\u{A0}»\u{202F}; écrivez-y le destinataire",
                excerpt(recipient)
            ),
            Self::NotCapitals { line, instead } => format!(
                "la ligne {line} n’est pas en capitales sans accents, ce qui ralentit le tri\u{202F}; {}",
                rewriting(Language::French, *line, instead)
            ),
            Self::NoStreet => {
                "les lignes 2 à 5 sont vides, l’adresse n’a donc pas de voie\u{202F}; écrivez-la sur la ligne 4".to_owned()
            }
            Self::CountryMismatch { postcode, country } => format!(
                "le code postal {postcode} n’est pas de ce pays\u{202F}: {country}\u{202F}; corrigez le code postal ou le pays"
            ),
        }
    }
}

/// What is printed as it stands and should be corrected at its source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressWarning {
    /// Line 1 was empty and now holds the recipient.
    #[error("line 1 is empty and was given `{}`; write the recipient there", excerpt(.0))]
    RecipientSupplied(String),
    /// Lower case or accents on line 4 or 5.
    #[error("line {line} is not in capitals without accents, which sorts slower; {}", rewriting(Language::English, *.line, .instead))]
    NotCapitals {
        /// The line.
        line: usize,
        /// The line as it could be written.
        instead: String,
    },
    /// Lines 2 to 5 are all empty, and line 6 is no CEDEX.
    #[error("lines 2 to 5 are empty, so the address has no street; write it on line 4")]
    NoStreet,
    /// The postcode is not one of the country's.
    #[error("postcode {postcode} is not in {country}; mend the postcode or the country")]
    CountryMismatch {
        /// The postcode.
        postcode: String,
        /// The country's name.
        country: &'static str,
    },
}

impl AddressWarning {
    /// The stable code of this kind of warning.
    pub fn code(&self) -> &'static str {
        match self {
            Self::RecipientSupplied(_) => "address_recipient_supplied",
            Self::NotCapitals { .. } => "address_not_capitals",
            Self::NoStreet => "address_no_street",
            Self::CountryMismatch { .. } => "country_mismatch",
        }
    }

    /// The line, from 1 to 6; 7 is the country.
    pub fn line(&self) -> usize {
        match self {
            Self::RecipientSupplied(_) => 1,
            Self::NotCapitals { line, .. } => *line,
            Self::NoStreet => 4,
            Self::CountryMismatch { .. } => LINES + 1,
        }
    }
}
