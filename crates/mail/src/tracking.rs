//! The tracking id of a mailer: a product prefix, a running number of ten digits and a key, such as
//! `XX 000 009 7959 7`. It carries no link to a card.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::excerpt;

/// One more than the greatest running number: ten digits.
const NUMBERS: u64 = 10_000_000_000;

/// The tracking id of one mailer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TrackingId {
    prefix: [char; 2],
    number: u64,
}

/// What is wrong with a tracking id or its parts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrackingFault {
    /// The prefix is not two capitals or digits.
    #[error("`{}` is no tracking prefix; write two capitals or digits, such as XX", excerpt(.0))]
    Prefix(String),
    /// The number has more than ten digits.
    #[error("tracking number {0} has more than ten digits; start the series again below 10,000,000,000")]
    Number(u64),
    /// The text is not a tracking id.
    #[error("`{}` is no tracking id; write it as on the mailer, such as XX 000 009 7959 7", excerpt(.0))]
    Shape(String),
    /// The key does not fit the ten digits.
    #[error("the key of tracking id `{}` does not fit; copy it again from the mailer", excerpt(.0))]
    Key(String),
}

impl TrackingFault {
    /// The stable code of this kind of fault.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Prefix(_) => "tracking_prefix",
            Self::Number(_) => "tracking_number",
            Self::Shape(_) => "tracking_shape",
            Self::Key(_) => "tracking_key",
        }
    }
}

impl TrackingId {
    /// The tracking id of a running number.
    ///
    /// # Errors
    /// [`TrackingFault::Prefix`] if the prefix is not two capitals or digits, [`TrackingFault::Number`] if the number has
    /// more than ten digits.
    pub fn new(prefix: &str, number: u64) -> Result<Self, TrackingFault> {
        let characters: Vec<char> = prefix.chars().collect();
        let allowed = |c: &char| c.is_ascii_uppercase() || c.is_ascii_digit();
        match <[char; 2]>::try_from(characters) {
            Ok(_) if number >= NUMBERS => Err(TrackingFault::Number(number)),
            Ok(prefix) if prefix.iter().all(allowed) => Ok(Self { prefix, number }),
            _ => Err(TrackingFault::Prefix(prefix.to_owned())),
        }
    }

    /// Reads a tracking id, with or without its spaces, and checks its key.
    ///
    /// # Errors
    /// [`TrackingFault::Shape`], [`TrackingFault::Prefix`] or [`TrackingFault::Key`], checked in this order.
    pub fn parse(text: &str) -> Result<Self, TrackingFault> {
        let shape = || TrackingFault::Shape(text.to_owned());
        let characters: Vec<char> = text.chars().filter(|c| *c != ' ').collect();
        let [first, second, digits @ .., key] = characters.as_slice() else {
            return Err(shape());
        };
        if digits.len() != 10 || !digits.iter().chain([key]).all(char::is_ascii_digit) {
            return Err(shape());
        }
        let number =
            digits.iter().filter_map(|c| c.to_digit(10)).fold(0, |n, digit| n * 10 + u64::from(digit));
        let id = Self::new(&String::from_iter([first, second]), number)?;
        if key.to_digit(10) == Some(id.key()) { Ok(id) } else { Err(TrackingFault::Key(text.to_owned())) }
    }

    /// The running number.
    pub fn number(self) -> u64 {
        self.number
    }

    /// The key: the digit that brings the sum of the ten digits, weighted 3-1-3-1 from the right, to a multiple of
    /// ten. The prefix does not count.
    pub fn key(self) -> u32 {
        let digits = std::iter::successors(Some(self.number), |rest| Some(rest / 10)).take(10);
        let weights = [3, 1].into_iter().cycle();
        let sum: u64 = digits.zip(weights).map(|(rest, weight)| rest % 10 * weight).sum();
        match sum % 10 {
            0 => 0,
            rest => 10 - rest as u32,
        }
    }

    /// The thirteen characters without spaces: `XX00000979597`.
    pub fn compact(self) -> String {
        let [first, second] = self.prefix;
        format!("{first}{second}{:010}{}", self.number, self.key())
    }
}

impl fmt::Display for TrackingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second] = self.prefix;
        let (thousands, last) = (self.number / 10_000, self.number % 10_000);
        write!(
            f,
            "{first}{second} {:03} {:03} {last:04} {}",
            thousands / 1_000,
            thousands % 1_000,
            self.key()
        )
    }
}

impl TryFrom<String> for TrackingId {
    type Error = TrackingFault;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<TrackingId> for String {
    fn from(id: TrackingId) -> Self {
        id.compact()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn key_vectors() {
        for (number, key) in [(2_052_475_203, 2), (4_139_207_826, 0), (4_139_212_825, 5), (97_959, 7)] {
            assert_eq!(TrackingId::new("XX", number).expect("valid").key(), key, "{number}");
        }
    }

    #[test]
    fn spelled_as_on_the_mailer() {
        let id = TrackingId::new("XX", 97_959).expect("valid");
        assert_eq!(id.to_string(), "XX 000 009 7959 7");
        assert_eq!(id.compact(), "XX00000979597");
        assert_eq!(TrackingId::parse("XX 000 009 7959 7"), Ok(id));
    }

    #[test]
    fn refused() {
        assert_eq!(TrackingId::new("X", 1).map_err(|f| f.code()), Err("tracking_prefix"));
        assert_eq!(TrackingId::new("xx", 1).map_err(|f| f.code()), Err("tracking_prefix"));
        assert_eq!(TrackingId::new("XX", NUMBERS).map_err(|f| f.code()), Err("tracking_number"));
        assert_eq!(TrackingId::parse("XX 000 009 7959 8").map_err(|f| f.code()), Err("tracking_key"));
        assert_eq!(TrackingId::parse("XX 000 009 795 7").map_err(|f| f.code()), Err("tracking_shape"));
        assert_eq!(TrackingId::parse("é").map_err(|f| f.code()), Err("tracking_shape"));
    }

    proptest! {
        #[test]
        fn read_back(prefix in "[A-Z0-9]{2}", number in 0..NUMBERS) {
            let id = TrackingId::new(&prefix, number).expect("valid");
            prop_assert_eq!(TrackingId::parse(&id.to_string()), Ok(id));
            prop_assert_eq!(TrackingId::parse(&id.compact()), Ok(id));
        }
    }
}
