//! Cards: their numbers, families, generations and states.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Worded;
use crate::text::excerpt;

/// The digits of a card number.
const CARD_NUMBER_DIGITS: usize = 10;

/// The logical number of a card: ten decimal digits without a check digit.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CardNumber([u8; CARD_NUMBER_DIGITS]);

/// The text is not a card number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is not a card number; write its 10 digits and nothing else", excerpt(.0))]
pub struct CardNumberFault(String);

impl CardNumber {
    /// Reads exactly ten ASCII digits.
    ///
    /// # Errors
    /// [`CardNumberFault`] if the text is anything else, spaces at its ends included.
    pub fn parse(text: &str) -> Result<Self, CardNumberFault> {
        match <[u8; CARD_NUMBER_DIGITS]>::try_from(text.as_bytes()) {
            Ok(digits) if digits.iter().all(u8::is_ascii_digit) => Ok(Self(digits)),
            _ => Err(CardNumberFault(text.to_owned())),
        }
    }

    /// The ten digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Six bullets and the last four digits: `••••••8480`.
    pub fn masked(&self) -> String {
        format!("••••••{}", self.as_str().get(6..).unwrap_or_default())
    }
}

impl fmt::Display for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for CardNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardNumber({self})")
    }
}

impl TryFrom<String> for CardNumber {
    type Error = CardNumberFault;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<CardNumber> for String {
    fn from(number: CardNumber) -> Self {
        number.as_str().to_owned()
    }
}

/// The families of cards (TRE_R87; CDE and CDA have no code of their own there).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum CardFamily {
    /// A health professional.
    Cps,
    /// A health professional in training; never renewed automatically.
    Cpf,
    /// The staff of an establishment; may be without a holder's name.
    Cpe,
    /// The director of an establishment.
    Cde,
    /// The staff of an authorised structure.
    Cpa,
    /// The director of an authorised structure.
    Cda,
}

impl CardFamily {
    /// Every family, in the order of the specification.
    pub const ALL: [Self; 6] = [Self::Cps, Self::Cpf, Self::Cpe, Self::Cde, Self::Cpa, Self::Cda];

    /// `CPS`, `CPF`, …
    pub fn code(self) -> &'static str {
        match self {
            Self::Cps => "CPS",
            Self::Cpf => "CPF",
            Self::Cpe => "CPE",
            Self::Cde => "CDE",
            Self::Cpa => "CPA",
            Self::Cda => "CDA",
        }
    }

    /// The card's name as pieces print it.
    pub fn french_name(self) -> &'static str {
        match self {
            Self::Cps => "Carte de professionnel de santé",
            Self::Cpf => "Carte de professionnel de santé en formation",
            Self::Cpe => "Carte de personnel d'établissement",
            Self::Cde => "Carte de directeur d'établissement",
            Self::Cpa => "Carte de personnel de structure autorisée",
            Self::Cda => "Carte de directeur de structure autorisée",
        }
    }

    /// Whether the card is issued to work in a structure, which must then be named.
    pub fn needs_structure(self) -> bool {
        !self.needs_profession()
    }

    /// Whether the card is tied to the practice of a profession, which must then be named.
    pub fn needs_profession(self) -> bool {
        matches!(self, Self::Cps | Self::Cpf)
    }

    /// Whether the card may have no holder: only a CPE.
    pub fn may_be_nameless(self) -> bool {
        self == Self::Cpe
    }
}

/// The longest code of a generation, in characters.
const LONGEST_GENERATION: usize = 12;

/// The generation of a card's chip, as far as the mail depends on it: its code, and whether the card that replaces it needs
/// new codes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "StoredGeneration", try_from = "StoredGeneration")]
pub struct Generation {
    /// Capitals and digits, then zeros.
    code: [u8; LONGEST_GENERATION],
    new_codes: bool,
}

impl Generation {
    /// CPS2ter: its codes don't open its successor.
    pub const CPS2TER: Self = Self::known(b"CPS2TER", true);
    /// CPS3: its codes stay when it is renewed.
    pub const CPS3: Self = Self::known(b"CPS3", false);
    /// CPS4, in use since July 2025: its codes stay too.
    pub const CPS4: Self = Self::known(b"CPS4", false);

    /// Every generation that is known without a job, oldest first.
    pub const ALL: [Self; 3] = [Self::CPS2TER, Self::CPS3, Self::CPS4];

    const fn known(text: &[u8], new_codes: bool) -> Self {
        let mut code = [0; LONGEST_GENERATION];
        let mut index = 0;
        while index < text.len() {
            code[index] = text[index];
            index += 1;
        }
        Self { code, new_codes }
    }

    /// The generation with this code; `None` for a text that is no code: 1 to 12 capitals and digits. `new_codes`: whether the
    /// card that replaces one of it needs new codes.
    pub fn named(code: &str, new_codes: bool) -> Option<Self> {
        let plain = code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        ((1..=LONGEST_GENERATION).contains(&code.len()) && plain)
            .then(|| Self::known(code.as_bytes(), new_codes))
    }

    /// Its code, such as `CPS3`.
    pub fn code(&self) -> &str {
        let length = self.code.iter().position(|byte| *byte == 0).unwrap_or(LONGEST_GENERATION);
        std::str::from_utf8(&self.code[..length]).unwrap_or_default()
    }

    /// Whether the card that replaces one of this generation needs new codes.
    pub fn needs_new_codes(self) -> bool {
        self.new_codes
    }
}

impl std::fmt::Debug for Generation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let codes = if self.new_codes { "new codes" } else { "codes stay" };
        write!(f, "{} ({codes})", self.code())
    }
}

/// A generation as the ledger stores it: its code alone, unless a job says otherwise of its codes than is known of it.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum StoredGeneration {
    Known(String),
    OfJob { code: String, new_codes: bool },
}

impl From<Generation> for StoredGeneration {
    fn from(generation: Generation) -> Self {
        let code = generation.code().to_owned();
        match generation.new_codes == (generation.code == Generation::CPS2TER.code) {
            true => Self::Known(code),
            false => Self::OfJob { code, new_codes: generation.new_codes },
        }
    }
}

impl TryFrom<StoredGeneration> for Generation {
    type Error = String;

    fn try_from(stored: StoredGeneration) -> Result<Self, String> {
        let (code, new_codes) = match stored {
            StoredGeneration::Known(code) => (code, None),
            StoredGeneration::OfJob { code, new_codes } => (code, Some(new_codes)),
        };
        let found = Self::named(&code, false)
            .ok_or_else(|| format!("`{}` is no generation", crate::excerpt(&code)))?;
        let new_codes = new_codes.unwrap_or(found.code == Self::CPS2TER.code);
        Ok(Self { new_codes, ..found })
    }
}

/// The states of a card that matter to the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardStatus {
    /// Issued, to be sent.
    Issued,
    /// Revoked (« opposition »): its letter is never sent.
    Revoked,
}

impl CardStatus {
    /// Every status.
    pub const ALL: [Self; 2] = [Self::Issued, Self::Revoked];

    /// `issued` or `revoked`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Revoked => "revoked",
        }
    }
}

impl Worded for CardNumberFault {
    fn french(&self) -> String {
        format!(
            "«\u{A0}{}\u{A0}» n’est pas un numéro de carte\u{202F}; écrivez ses 10 chiffres et rien d’autre",
            excerpt(&self.0)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_number_is_ten_digits() {
        let number = CardNumber::parse("2400158480").expect("ten digits");
        assert_eq!(number.to_string(), "2400158480");
        assert_eq!(number.masked(), "••••••8480");
        for bad in ["", "240015848", "24001584800", "24001584 0", "240015848O", "２４００１５８４８０"]
        {
            assert!(CardNumber::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn serde_writes_the_codes() {
        for family in CardFamily::ALL {
            let json = serde_json::to_string(&family).expect("json");
            assert_eq!(json, format!("\"{}\"", family.code()));
        }
        for generation in Generation::ALL {
            let json = serde_json::to_string(&generation).expect("json");
            assert_eq!(json, format!("\"{}\"", generation.code()));
            assert_eq!(serde_json::from_str::<Generation>(&json).expect("read back"), generation);
        }
        let odd = Generation::named("CPS4", true).expect("a code");
        let json = serde_json::to_string(&odd).expect("json");
        assert_eq!(json, r#"{"code":"CPS4","new_codes":true}"#);
        assert_eq!(serde_json::from_str::<Generation>(&json).expect("read back"), odd);
        for bad in ["", "cps3", "CPS 3", "CPS3CPS3CPS3C"] {
            assert!(Generation::named(bad, false).is_none(), "{bad}");
        }
        assert!(serde_json::from_str::<CardNumber>("\"123\"").is_err());
        assert!(serde_json::from_str::<CardNumber>("\"2400158480\"").is_ok());
    }
}
