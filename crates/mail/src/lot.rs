//! Lots: the pieces of one kind that one night sends, and the numbers printed on them.

use std::fmt;
use std::num::NonZeroU32;

use jiff::civil::Date;

use crate::piece::PieceKind;

mod written;

pub use written::{WrittenLot, WrittenPiece};

/// The highest sequence of a lot; six digits are printed.
pub const MAX_SEQUENCE: u32 = 999_999;

/// A lot's name, `YYDDD` and a letter: `26327A` is the first lot of the 327th day of 2026 (pieces.md §1).
/// `26327A.1` is its first reprint lot: pieces of `26327A` that were printed again, whenever that was.
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
        let (night, again) = match text.split_once('.') {
            Some((night, again)) => (night, Some(again)),
            None => (text, None),
        };
        let bytes = night.as_bytes();
        let well_formed =
            bytes.len() == 6 && bytes[..5].iter().all(u8::is_ascii_digit) && bytes[5].is_ascii_uppercase();
        let well_numbered = again.is_none_or(|again| number_of_reprint(again).is_some());
        (well_formed && well_numbered).then(|| LotName(text.to_owned()))
    }

    /// The `number`th reprint lot, from 1, of the lot that this name, or the name of one of its reprint lots, is of.
    #[must_use]
    pub fn reprint(&self, number: NonZeroU32) -> LotName {
        LotName(format!("{}.{number}", self.of_night()))
    }

    /// The number of a reprint lot, from 1; `None` for a lot of a night.
    pub fn reprint_number(&self) -> Option<NonZeroU32> {
        self.0.split_once('.').and_then(|(_, number)| number_of_reprint(number))
    }

    /// The lot whose pieces a reprint lot has; `None` for a lot of a night.
    pub fn original(&self) -> Option<LotName> {
        self.reprint_number().map(|_| LotName(self.of_night().to_owned()))
    }

    /// The name without the number of a reprint lot.
    fn of_night(&self) -> &str {
        self.0.split_once('.').map_or(&self.0, |(night, _)| night)
    }

    /// The name with its kind, as sheets and barcodes of the lot say it: `L26327A`, `M26327A`.
    pub fn marked(&self, kind: PieceKind) -> String {
        format!("{}{}", kind.prefix(), self.0)
    }

    /// The printed reference of a piece of a night's lot: `26327A000908` for a letter, `26327A\000001` for a mailer.
    pub fn piece_id(&self, kind: PieceKind, sequence: u32) -> String {
        self.attempt_id(kind, sequence, 0)
    }

    /// The printed reference of a piece that was printed again: `26327A000908.1` is the first reprint. Attempt 0 is the
    /// piece itself, whose reference has no such ending.
    pub fn attempt_id(&self, kind: PieceKind, sequence: u32, attempt: u32) -> String {
        let separator = match kind {
            PieceKind::Letter => "",
            PieceKind::Mailer => "\\",
        };
        format!("{}{separator}{}", self.0, ending(sequence, attempt))
    }

    /// A piece's reference as a barcode: `L26327A000908`, `M26327A000001.1`. Code 39 has no backslash, and these say the
    /// kind without it.
    pub fn piece_barcode(&self, kind: PieceKind, sequence: u32, attempt: u32) -> String {
        format!("{}{}", self.marked(kind), ending(sequence, attempt))
    }

    /// Parses the printed reference of an original into lot, kind and sequence; `None` when the text is not one.
    pub fn of_piece(piece_id: &str) -> Option<(LotName, PieceKind, u32)> {
        let (lot, rest) = piece_id.split_at_checked(6)?;
        let (kind, digits) = match rest.strip_prefix('\\') {
            Some(digits) => (PieceKind::Mailer, digits),
            None => (PieceKind::Letter, rest),
        };
        Some((LotName::parse(lot)?, kind, sequence(digits)?))
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

/// The position of a piece in the lot in which it is printed. Control codes and sequence marks name a piece by it; it is
/// that of the printed reference, except for a piece that is printed again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LotPosition<'l> {
    /// The lot.
    pub lot: &'l LotName,
    /// Its kind.
    pub kind: PieceKind,
    /// The sequence in it, from 1.
    pub sequence: u32,
}

/// What follows the lot in a reference: the sequence, and the attempt unless it is the first.
fn ending(sequence: u32, attempt: u32) -> String {
    match attempt {
        0 => format!("{sequence:06}"),
        again => format!("{sequence:06}.{again}"),
    }
}

/// The number of a reprint, from 1 and without leading zeros.
fn number_of_reprint(digits: &str) -> Option<NonZeroU32> {
    let plain = !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

/// The sequence of six digits.
fn sequence(digits: &str) -> Option<u32> {
    let six_digits = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| six_digits)
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
    fn barcodes_and_sheets_say_the_kind() {
        let lot = LotName::parse("26324A").expect("a lot");
        assert_eq!(PieceKind::ALL.map(|kind| lot.marked(kind)), ["L26324A", "M26324A"]);
        assert_eq!(lot.piece_barcode(PieceKind::Mailer, 1, 0), "M26324A000001");
        assert_eq!(lot.piece_barcode(PieceKind::Letter, 908, 2), "L26324A000908.2");
        assert_eq!(lot.attempt_id(PieceKind::Mailer, 1, 1), "26324A\\000001.1");
        assert_eq!(LotName::of_piece("26324A\\000001.1"), None, "a reprint is no original");
    }

    #[test]
    fn a_reprint_lot_is_named_by_the_lot_and_its_number() {
        let lot = LotName::parse("26327A").expect("a lot");
        let number = |number| NonZeroU32::new(number).expect("a number");
        let second = lot.reprint(number(2));
        assert_eq!((second.as_str(), second.reprint_number()), ("26327A.2", Some(number(2))));
        assert_eq!((lot.reprint_number(), LotName::parse("26327A.2")), (None, Some(second.clone())));
        assert_eq!(second.reprint(number(3)).as_str(), "26327A.3", "a lot of the same lot");
        assert_eq!((second.original(), lot.original()), (Some(lot.clone()), None));
        assert_eq!(second.marked(PieceKind::Letter), "L26327A.2");
        for text in
            ["26327A.", "26327A.0", "26327A.01", "26327A.1.1", "26327A.+1", "26327.1", "26327A.4294967296"]
        {
            assert_eq!(LotName::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_has_twenty_six_lots() {
        assert_eq!(LotName::new(date(2026, 1, 1), 25).map(|lot| lot.to_string()), Some("26001Z".to_owned()));
        assert_eq!(LotName::new(date(2026, 1, 1), 26), None);
        assert_eq!(LotName::parse("26001a"), None);
    }
}
