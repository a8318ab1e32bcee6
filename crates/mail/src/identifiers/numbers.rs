//! The numbers behind a type digit: RPPS, ADELI, FINESS, SIREN, SIRET, and their check digits.
//!
//! Nothing here knows the type digit: persons and structures number their types differently.

use crate::text::excerpt;
use crate::{Worded, Words};

/// Luhn's sum over digit values: from the right, every second one is doubled. It is 0 modulo 10 for a valid number.
fn luhn_sum(values: impl DoubleEndedIterator<Item = u32>) -> u32 {
    let weigh = |(index, value): (usize, u32)| {
        if index % 2 == 1 { value * 2 / 10 + value * 2 % 10 } else { value }
    };
    values.rev().enumerate().map(weigh).sum()
}

/// The value of each character for Luhn's rule in a FINESS number: `A` counts 1 and `B` counts 2 (Corsica).
fn finess_value(character: char) -> Option<u32> {
    match character {
        'A' => Some(1),
        'B' => Some(2),
        digit => digit.to_digit(10),
    }
}

/// The digit values of a text; `None` when it is empty or holds a character that is not an ASCII digit.
fn digits(text: &str) -> Option<Vec<u32>> {
    let values: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(10)).collect();
    values.filter(|values| !values.is_empty())
}

/// Whether a text is all digits and the last one is its Luhn key.
fn luhn(text: &str) -> bool {
    digits(text).is_some_and(|values| luhn_sum(values.into_iter()) % 10 == 0)
}

/// The Luhn key that makes `body` valid when appended to it; `None` when `body` is not all digits.
pub fn luhn_key(body: &str) -> Option<char> {
    let values = digits(body)?;
    let sum = luhn_sum(values.into_iter().chain([0]));
    char::from_digit((10 - sum % 10) % 10, 10)
}

/// The key of a FINESS number, from its first eight characters.
pub fn finess_key(body: &str) -> Option<char> {
    let values: Option<Vec<u32>> = body.chars().map(finess_value).collect();
    let sum = luhn_sum(values?.into_iter().chain([0]));
    char::from_digit((10 - sum % 10) % 10, 10)
}

/// RPPS: eleven digits, the last one the Luhn key.
pub fn rpps_valid(text: &str) -> bool {
    text.len() == 11 && luhn(text)
}

/// RPPS-rang: a valid RPPS, two digits of rank, and a Luhn key over all fourteen.
pub fn rpps_rang_valid(text: &str) -> bool {
    text.len() == 14 && text.get(..11).is_some_and(luhn) && luhn(text)
}

/// FINESS: département (with 2A and 2B), `0`, order number, Luhn key.
pub fn finess_valid(text: &str) -> bool {
    check_finess(text).is_ok()
}

/// SIREN: nine digits, the last one the Luhn key.
pub fn siren_valid(text: &str) -> bool {
    text.len() == 9 && luhn(text)
}

/// SIRET: a valid SIREN and five digits, the last one the Luhn key of all fourteen. At La Poste (SIREN 356000000), except
/// its head office, the sum of the digits is a multiple of five instead.
pub fn siret_valid(text: &str) -> bool {
    const LA_POSTE: &str = "356000000";
    const LA_POSTE_HEAD_OFFICE: &str = "35600000000048";
    let Some(values) = digits(text).filter(|values| values.len() == 14) else {
        return false;
    };
    if !luhn(&text[..9]) {
        return false;
    }
    if text.starts_with(LA_POSTE) && text != LA_POSTE_HEAD_OFFICE {
        values.iter().sum::<u32>() % 5 == 0
    } else {
        luhn(text)
    }
}

/// What is wrong with the number that follows the type digit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NumberFault {
    /// Too short or too long.
    #[error("{kind} has {wanted} characters and here are {found}; write it in full, without spaces")]
    Length {
        /// The name of the number.
        kind: Words,
        /// How many characters it has.
        wanted: usize,
        /// How many there are.
        found: usize,
    },
    /// A character that does not belong there.
    #[error("{kind} does not hold `{}` at character {position}; write {wanted}", excerpt(&.character.to_string()))]
    Character {
        /// The name of the number.
        kind: Words,
        /// What it is made of.
        wanted: Words,
        /// The first wrong character.
        character: char,
        /// Its position in the number, from 1.
        position: usize,
    },
    /// The check digit does not fit the others.
    #[error(
        "the check digit of {kind} `{body}` does not fit; a digit was mistyped, so copy it again from its source"
    )]
    CheckDigit {
        /// The name of the number.
        kind: Words,
        /// The number.
        body: String,
    },
    /// A number that no register assigns: zeros alone.
    #[error("`{body}` is made of zeros, which {kind} is not; copy the number from its source")]
    Zeros {
        /// The name of the number.
        kind: Words,
        /// The number.
        body: String,
    },
    /// A FINESS number of no département.
    #[error(
        "`{0}` begins no FINESS number; its first two characters are a département (01 to 95, 2A, 2B, 97, 98)"
    )]
    Departement(String),
    /// A FINESS number without its zero.
    #[error("the third character of FINESS number `{0}` is not `0`; copy it again from its source")]
    ThirdCharacter(String),
}

/// What a number after a type digit is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Alphabet {
    Digits,
    CapitalsAndDigits,
}

impl Alphabet {
    fn contains(self, character: char) -> bool {
        character.is_ascii_digit() || (self == Self::CapitalsAndDigits && character.is_ascii_uppercase())
    }

    fn description(self) -> Words {
        match self {
            Self::Digits => Words::new("des chiffres seulement", "digits only"),
            Self::CapitalsAndDigits => Words::new(
                "des capitales sans accents et des chiffres seulement",
                "capitals without accents and digits only",
            ),
        }
    }
}

/// Checks length and alphabet.
pub(super) fn check_shape(
    kind: Words,
    body: &str,
    wanted: usize,
    alphabet: Alphabet,
) -> Result<(), NumberFault> {
    let wrong = body.chars().enumerate().find(|(_, character)| !alphabet.contains(*character));
    if let Some((index, character)) = wrong {
        let wanted = alphabet.description();
        return Err(NumberFault::Character { kind, wanted, character, position: index + 1 });
    }
    let found = body.chars().count();
    if found == wanted { Ok(()) } else { Err(NumberFault::Length { kind, wanted, found }) }
}

/// Checks length, digits and the rule of the check digit.
fn check_keyed(kind: Words, body: &str, length: usize, valid: fn(&str) -> bool) -> Result<(), NumberFault> {
    check_shape(kind.clone(), body, length, Alphabet::Digits)?;
    refuse_zeros(kind.clone(), body, body)?;
    if valid(body) { Ok(()) } else { Err(NumberFault::CheckDigit { kind, body: body.to_owned() }) }
}

/// Refuses a number whose telling part is zeros: sources write them where they know none.
fn refuse_zeros(kind: Words, body: &str, telling: &str) -> Result<(), NumberFault> {
    match telling.bytes().all(|byte| byte == b'0') {
        true => Err(NumberFault::Zeros { kind, body: body.to_owned() }),
        false => Ok(()),
    }
}

/// Checks an ADELI number: nine capitals and digits; no source gives a rule for its key.
pub(super) fn check_adeli(body: &str) -> Result<(), NumberFault> {
    const KIND: Words = Words::new("un numéro ADELI", "an ADELI number");
    check_shape(KIND, body, 9, Alphabet::CapitalsAndDigits)?;
    refuse_zeros(KIND, body, body)
}

/// Checks an ADELI practice: the ADELI number and two characters of rank.
pub(super) fn check_adeli_rang(body: &str) -> Result<(), NumberFault> {
    const KIND: Words = Words::new("un numéro ADELI de cabinet", "an ADELI practice number");
    check_shape(KIND, body, 11, Alphabet::CapitalsAndDigits)?;
    refuse_zeros(KIND, body, &body[..9])
}

/// Checks a FINESS number: shape, département, zero, key.
pub(super) fn check_finess(body: &str) -> Result<(), NumberFault> {
    const KIND: Words = Words::new("un numéro FINESS", "a FINESS number");
    check_shape(KIND, body, 9, Alphabet::CapitalsAndDigits)?;
    refuse_zeros(KIND, body, body)?;
    let departement = &body[..2];
    let known = match departement.parse::<u8>() {
        Ok(number) => matches!(number, 1..=19 | 21..=95 | 97 | 98),
        Err(_) => matches!(departement, "2A" | "2B"),
    };
    if !known {
        return Err(NumberFault::Departement(departement.to_owned()));
    }
    check_shape(KIND, &format!("00{}", &body[2..]), 9, Alphabet::Digits)?;
    if &body[2..3] != "0" {
        return Err(NumberFault::ThirdCharacter(body.to_owned()));
    }
    if finess_key(&body[..8]) != body.chars().last() {
        return Err(NumberFault::CheckDigit { kind: KIND, body: body.to_owned() });
    }
    Ok(())
}

/// Checks an RPPS number.
pub(super) fn check_rpps(body: &str) -> Result<(), NumberFault> {
    check_keyed(Words::new("un numéro RPPS", "an RPPS number"), body, 11, rpps_valid)
}

/// Checks an RPPS practice number.
pub(super) fn check_rpps_rang(body: &str) -> Result<(), NumberFault> {
    const KIND: Words = Words::new("un numéro RPPS de cabinet", "an RPPS practice number");
    check_shape(KIND, body, 14, Alphabet::Digits)?;
    refuse_zeros(KIND, body, &body[..11])?;
    check_keyed(KIND, body, 14, rpps_rang_valid)
}

/// Checks a SIREN number.
pub(super) fn check_siren(body: &str) -> Result<(), NumberFault> {
    check_keyed(Words::new("un numéro SIREN", "a SIREN number"), body, 9, siren_valid)
}

/// Checks a SIRET number.
pub(super) fn check_siret(body: &str) -> Result<(), NumberFault> {
    const KIND: Words = Words::new("un numéro SIRET", "a SIRET number");
    check_shape(KIND, body, 14, Alphabet::Digits)?;
    refuse_zeros(KIND, body, &body[..9])?;
    if !siren_valid(&body[..9]) {
        return Err(NumberFault::CheckDigit {
            kind: Words::new("numéro SIREN contenu dans le SIRET", "the SIREN number within SIRET number"),
            body: body.to_owned(),
        });
    }
    check_keyed(KIND, body, 14, siret_valid)
}

impl Worded for NumberFault {
    fn french(&self) -> String {
        match self {
            Self::Length { kind, wanted, found } => format!(
                "{} a {wanted} caractères et en voici {found}\u{202F}; écrivez-le en entier, sans espaces",
                kind.french()
            ),
            Self::Character { kind, wanted, character, position } => format!(
                "{} ne contient pas «\u{A0}{}\u{A0}» en position {position}\u{202F}; écrivez {}",
                kind.french(),
                excerpt(&character.to_string()),
                wanted.french()
            ),
            Self::CheckDigit { kind, body } => format!(
                "{}\u{202F}: la clé de «\u{A0}{body}\u{A0}» ne convient pas\u{202F}; un chiffre a été mal saisi, recopiez-le de sa source",
                kind.french()
            ),
            Self::Zeros { kind, body } => format!(
                "«\u{A0}{body}\u{A0}» n’est fait que de zéros, ce que {} n’est jamais\u{202F}; recopiez le numéro de sa source",
                kind.french()
            ),
            Self::Departement(begin) => format!(
                "«\u{A0}{begin}\u{A0}» ne commence aucun numéro FINESS\u{202F}; ses deux premiers caractères sont un département (01 à 95, 2A, 2B, 97, 98)"
            ),
            Self::ThirdCharacter(body) => format!(
                "le troisième caractère du numéro FINESS «\u{A0}{body}\u{A0}» n’est pas «\u{A0}0\u{A0}»\u{202F}; recopiez-le de sa source"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn rpps_vectors() {
        assert!(rpps_valid("10005678908"));
        assert!(rpps_valid("10003879623"));
        assert!(!rpps_valid("10005678901"), "the example of the MOS fails its own rule");
    }

    #[test]
    fn rpps_rang_vectors() {
        assert!(rpps_rang_valid("10003879623017"));
        assert!(rpps_rang_valid("10005678908010"));
        assert!(!rpps_rang_valid("10005678901017"));
        assert!(!rpps_rang_valid("10003879623018"));
    }

    #[test]
    fn finess_vectors() {
        let corsican = ["2B0000020", "2B0005342", "2B0004246", "2A0000170", "2A0000386", "2A0002606"];
        for number in corsican.into_iter().chain(["630781003"]) {
            assert!(finess_valid(number), "{number}");
        }
        for number in
            ["2B0000021", "630781004", "200000007", "960000005", "2C0000020", "6307A1003", "63078100"]
        {
            assert!(!finess_valid(number), "{number}");
        }
    }

    #[test]
    fn siren_and_siret_vectors() {
        assert!(siren_valid("732829320"));
        assert!(!siren_valid("732829321"));
        assert!(siret_valid("73282932000074"));
        assert!(!siret_valid("73282932000075"));
        assert!(siret_valid("35600000000048"), "head office of La Poste");
        assert!(siret_valid("35600000049837"), "a post office: its digits add up to 45");
        assert!(!siret_valid("35600000049838"));
        assert!(luhn("11122233344455") && !siret_valid("11122233344455"), "its SIREN is wrong");
    }

    proptest! {
        #[test]
        fn a_luhn_key_makes_its_body_valid(body in "[0-9]{1,20}") {
            let key = luhn_key(&body).expect("digits");
            let number = format!("{body}{key}");
            prop_assert!(luhn(&number));
        }

        #[test]
        fn one_wrong_digit_is_noticed(body in "[0-9]{10}", index in 0usize..11, shift in 1u8..10) {
            let key = luhn_key(&body).expect("digits");
            let mut digits = format!("{body}{key}").into_bytes();
            digits[index] = b'0' + (digits[index] - b'0' + shift) % 10;
            prop_assert!(!rpps_valid(std::str::from_utf8(&digits).expect("digits")));
        }
    }
}
