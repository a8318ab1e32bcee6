//! Lots and pieces as a person writes them, in every spelling that names one.
//!
//! Letter and mailer lots of a day share a name, and a shell takes the backslash out of a mailer's reference: what is left
//! is a letter's. So a text without `L`, `M` or backslash leaves the kind open. Small letters are taken for capitals.

use std::fmt;

use super::{LotName, number_of_reprint, sequence};
use crate::piece::PieceKind;

/// A lot as a person writes it: `L26327A`, `M26327A`, or `26327A`, which leaves its kind open; `.1` behind it names its
/// first reprint lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenLot {
    /// The lot's name.
    pub name: LotName,
    /// Its kind; `None` where the text does not say it.
    pub kind: Option<PieceKind>,
}

impl WrittenLot {
    /// Parses a lot; `None` when the text is not one.
    pub fn parse(text: &str) -> Option<WrittenLot> {
        let (kind, name) = prefixed(text);
        Some(WrittenLot { name: LotName::parse(&name.to_ascii_uppercase())?, kind })
    }

    /// The same lot, of this kind where the text says none.
    pub fn or_kind(&self, kind: Option<PieceKind>) -> WrittenLot {
        WrittenLot { kind: self.kind.or(kind), ..self.clone() }
    }
}

/// As it was written, in capitals.
impl fmt::Display for WrittenLot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Some(kind) => f.write_str(&self.name.marked(kind)),
            None => self.name.fmt(f),
        }
    }
}

/// A piece as a person writes it or a reader reads it: `L26327A000001`, `M26327A000001`, `26327A\000001`, or
/// `26327A000001`, which leaves its kind open; `.1` behind it names the first reprint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenPiece {
    /// The piece's lot.
    pub lot: LotName,
    /// Its kind; `None` where the text does not say it.
    pub kind: Option<PieceKind>,
    /// Its sequence in the lot.
    pub sequence: u32,
    /// 0 for the original, `n` for the `n`th reprint.
    pub attempt: u32,
}

impl WrittenPiece {
    /// The same piece, of this kind where the text says none.
    pub fn or_kind(&self, kind: Option<PieceKind>) -> WrittenPiece {
        WrittenPiece { kind: self.kind.or(kind), ..self.clone() }
    }

    /// Parses a piece's reference; `None` when the text is not one, or says both kinds (`L26327A\000001`).
    pub fn parse(text: &str) -> Option<WrittenPiece> {
        let (prefix, text) = prefixed(text);
        let (lot, rest) = text.split_at_checked(6)?;
        let (kind, rest) = match (prefix, rest.strip_prefix('\\')) {
            (Some(PieceKind::Letter), Some(_)) => return None,
            (_, Some(rest)) => (Some(PieceKind::Mailer), rest),
            (prefix, None) => (prefix, rest),
        };
        let (digits, attempt) = match rest.split_once('.') {
            Some((digits, again)) => (digits, number_of_reprint(again)?.get()),
            None => (rest, 0),
        };
        let lot = LotName::parse(&lot.to_ascii_uppercase())?;
        Some(WrittenPiece { lot, kind, sequence: sequence(digits)?, attempt })
    }

    /// Its printed reference if it is of this kind.
    pub fn piece_id(&self, kind: PieceKind) -> String {
        self.lot.attempt_id(kind, self.sequence, self.attempt)
    }
}

/// As a barcode says it, which a shell leaves as it is; without a kind, the reference without its backslash.
impl fmt::Display for WrittenPiece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match self.kind {
            Some(kind) => self.lot.piece_barcode(kind, self.sequence, self.attempt),
            None => self.piece_id(PieceKind::Letter),
        })
    }
}

/// The kind that a text begins with, and the rest of the text.
fn prefixed(text: &str) -> (Option<PieceKind>, &str) {
    let strip = |kind: PieceKind| {
        let rest = text.strip_prefix([kind.prefix(), kind.prefix().to_ascii_lowercase()])?;
        Some((Some(kind), rest))
    };
    PieceKind::ALL.into_iter().find_map(strip).unwrap_or((None, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lot::MAX_SEQUENCE;
    use proptest::prelude::*;
    use std::num::NonZeroU32;

    /// Kind (`L`, `M`, `-`), sequence and attempt of a reference to lot 26327A.
    fn read(text: &str) -> Option<(char, u32, u32)> {
        let piece = WrittenPiece::parse(text)?;
        assert_eq!(piece.lot.as_str(), "26327A");
        Some((piece.kind.map_or('-', PieceKind::prefix), piece.sequence, piece.attempt))
    }

    #[test]
    fn every_spelling_of_a_piece() {
        for (text, kind, attempt) in [
            ("26327A000001", '-', 0),
            ("26327A\\000001", 'M', 0),
            ("L26327A000001", 'L', 0),
            ("M26327A000001", 'M', 0),
            ("M26327A\\000001", 'M', 0),
            ("l26327a000001", 'L', 0),
            ("m26327a\\000001.2", 'M', 2),
            ("26327a000001.1", '-', 1),
            ("26327A\\000001.1", 'M', 1),
            ("L26327A000001.12", 'L', 12),
        ] {
            assert_eq!(read(text), Some((kind, 1, attempt)), "{text}");
        }
    }

    #[test]
    fn what_is_no_piece() {
        for text in [
            "",
            "L",
            "26327A",
            "M26327A",
            "26327A00001",
            "26327A0000001",
            "L26327A\\000001",
            "26327A\\\\000001",
            "26327A/000001",
            "LM26327A000001",
            "X26327A000001",
            "26327A000001.",
            "26327A000001.0",
            "26327A000001.01",
            "26327A000001.+1",
            "26327A000001.1.1",
            "26327A000001.4294967296",
            "26327A+00001",
            " 26327A000001",
            "26327é000001",
            "é26327A000001",
            "Lé6327A000001",
        ] {
            assert_eq!(WrittenPiece::parse(text), None, "{text}");
        }
    }

    #[test]
    fn every_spelling_of_a_lot() {
        let read = |text| WrittenLot::parse(text).map(|lot| (lot.kind, lot.to_string()));
        assert_eq!(read("26327A"), Some((None, "26327A".to_owned())));
        assert_eq!(read("l26327a"), Some((Some(PieceKind::Letter), "L26327A".to_owned())));
        assert_eq!(read("M26327A"), Some((Some(PieceKind::Mailer), "M26327A".to_owned())));
        assert_eq!(read("l26327a.1"), Some((Some(PieceKind::Letter), "L26327A.1".to_owned())));
        for text in [
            "",
            "M",
            "L2632A",
            "26327AB",
            "LL26327A",
            "A26327A",
            "26327A000001",
            "M26327É",
            "²6327A",
            "26327A.0",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    fn a_lot() -> impl Strategy<Value = LotName> {
        "[0-9]{5}[A-Z]".prop_map(|text| LotName::parse(&text).expect("a lot"))
    }

    fn any_lot() -> impl Strategy<Value = LotName> {
        let again = prop::option::of(1..=u32::MAX).prop_map(|number| number.and_then(NonZeroU32::new));
        (a_lot(), again).prop_map(|(lot, again)| again.map_or(lot.clone(), |number| lot.reprint(number)))
    }

    fn a_kind() -> impl Strategy<Value = Option<PieceKind>> {
        prop::option::of(prop::sample::select(&PieceKind::ALL[..]))
    }

    fn a_piece() -> impl Strategy<Value = WrittenPiece> {
        let attempt = prop_oneof![Just(0), any::<u32>()];
        let parts = (a_lot(), a_kind(), 0..=MAX_SEQUENCE, attempt);
        parts.prop_map(|(lot, kind, sequence, attempt)| WrittenPiece { lot, kind, sequence, attempt })
    }

    proptest! {
        #[test]
        fn a_lot_reads_back_as_it_was_written(name in any_lot(), kind in a_kind()) {
            let lot = WrittenLot { name, kind };
            prop_assert_eq!(WrittenLot::parse(&lot.to_string()), Some(lot.clone()));
            prop_assert_eq!(WrittenLot::parse(&lot.to_string().to_lowercase()), Some(lot));
        }

        #[test]
        fn a_piece_reads_back_as_it_was_written(piece in a_piece()) {
            prop_assert_eq!(WrittenPiece::parse(&piece.to_string()), Some(piece.clone()));
            prop_assert_eq!(WrittenPiece::parse(&piece.to_string().to_lowercase()), Some(piece));
        }

        // A letter's printed reference may be that of a mailer that lost its backslash.
        #[test]
        fn a_printed_reference_says_its_kind_by_the_backslash_alone(piece in a_piece()) {
            let of = |kind| Some(WrittenPiece { kind, ..piece.clone() });
            let printed = piece.piece_id(PieceKind::Mailer);
            prop_assert_eq!(WrittenPiece::parse(&printed), of(Some(PieceKind::Mailer)));
            prop_assert_eq!(WrittenPiece::parse(&printed.replace('\\', "")), of(None));
            prop_assert_eq!(WrittenPiece::parse(&piece.piece_id(PieceKind::Letter)), of(None));
        }

        #[test]
        fn whatever_is_read_writes_back(
            text in ".{0,16}|[LMlm]?[0-9]{5}[A-Za-z](\\\\?[0-9]{5,7})?(\\.[0-9]{0,3})?",
        ) {
            if let Some(piece) = WrittenPiece::parse(&text) {
                prop_assert_eq!(WrittenPiece::parse(&piece.to_string()), Some(piece));
            }
            if let Some(lot) = WrittenLot::parse(&text) {
                prop_assert_eq!(lot.to_string(), text.to_ascii_uppercase());
            }
        }
    }
}
