//! Lots: the pieces of one kind that one night sends, and the numbers printed on them.

use std::fmt;

use jiff::civil::Date;

use crate::piece::PieceKind;

/// The highest sequence of a lot; six digits are printed.
pub const MAX_SEQUENCE: u32 = 999_999;

/// A lot's name, `YYDDD` and a letter: `26327A` is the first lot of the 327th day of 2026 (pieces.md §1).
/// Letters and mailers have lots of their own, so a lot is identified by its name and its kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LotName(String);

impl LotName {
    /// The lot of a day by its index, 0 for `A`; `None` past `Z`.
    pub fn new(day: Date, index: u8) -> Option<LotName> {
        let letter = char::from(b'A' + index);
        (index < 26)
            .then(|| LotName(format!("{:02}{:03}{letter}", day.year().rem_euclid(100), day.day_of_year())))
    }

    /// Parses a lot's name; `None` when the text is not one.
    pub fn parse(text: &str) -> Option<LotName> {
        let bytes = text.as_bytes();
        let well_formed =
            bytes.len() == 6 && bytes[..5].iter().all(u8::is_ascii_digit) && bytes[5].is_ascii_uppercase();
        well_formed.then(|| LotName(text.to_owned()))
    }

    /// The printed reference of a piece: `26327A000908` for a letter, `26327A\000001` for a mailer.
    pub fn piece_id(&self, kind: PieceKind, sequence: u32) -> String {
        match kind {
            PieceKind::Letter => format!("{}{sequence:06}", self.0),
            PieceKind::Mailer => format!("{}\\{sequence:06}", self.0),
        }
    }

    /// Parses a printed reference into lot, kind and sequence; `None` when the text is not one.
    pub fn of_piece(piece_id: &str) -> Option<(LotName, PieceKind, u32)> {
        let (lot, rest) = piece_id.split_at_checked(6)?;
        let (kind, digits) = match rest.strip_prefix('\\') {
            Some(digits) => (PieceKind::Mailer, digits),
            None => (PieceKind::Letter, rest),
        };
        let six_digits = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit());
        let sequence = digits.parse().ok().filter(|_| six_digits)?;
        Some((LotName::parse(lot)?, kind, sequence))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LotName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn names_follow_the_printed_examples() {
        let letters = LotName::new(date(2014, 9, 5), 0).expect("a lot");
        assert_eq!(letters.piece_id(PieceKind::Letter, 908), "14248A000908");
        let mailers = LotName::new(date(2017, 3, 20), 0).expect("a lot");
        assert_eq!(mailers.piece_id(PieceKind::Mailer, 1), "17079A\\000001");
        assert_eq!(LotName::of_piece("14248A000908"), Some((letters, PieceKind::Letter, 908)));
        assert_eq!(LotName::of_piece("17079A\\000001"), Some((mailers, PieceKind::Mailer, 1)));
        for malformed in ["", "17079A", "17079A00001", "17079A\\0000001", "17079A00000é", "é7079A000001"] {
            assert_eq!(LotName::of_piece(malformed), None, "{malformed}");
        }
    }

    #[test]
    fn a_day_has_twenty_six_lots() {
        assert_eq!(LotName::new(date(2026, 1, 1), 25).map(|lot| lot.to_string()), Some("26001Z".to_owned()));
        assert_eq!(LotName::new(date(2026, 1, 1), 26), None);
        assert_eq!(LotName::parse("26001a"), None);
    }
}
