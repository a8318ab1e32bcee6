//! What an inserter reads on a sheet: its OMR marks and its control code.
//!
//! Control marks follow from the machine, the piece's position in its lot and the sheet's number. Nothing of a person, a
//! card or a code goes into them.

use mail::inserter::{Machine, OmrBit, Parity};
use mail::lot::LotPosition;
use print_file::Grid;
use template::OmrMark;

use crate::fault::PieceFault;

/// Millimetres to points.
pub(crate) const POINTS_PER_MM: f64 = 72.0 / 25.4;

/// What identifies a sheet to an inserter: its piece, and its number among the sheets of the piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SheetId<'l> {
    position: LotPosition<'l>,
    sheet: u32,
    sheets: u32,
}

impl<'l> SheetId<'l> {
    /// Sheet number `sheet`, from 1, of a piece with `sheets` sheets.
    pub(crate) fn new(position: LotPosition<'l>, sheet: u32, sheets: u32) -> SheetId<'l> {
        SheetId { position, sheet, sheets }
    }

    /// As [`SheetId::new`], for a piece that is composed.
    ///
    /// # Errors
    /// The fault `control_mark` without a position, which is an error of the program.
    pub(crate) fn of(
        position: Option<LotPosition<'l>>,
        sheet: u32,
        sheets: u32,
    ) -> Result<SheetId<'l>, PieceFault> {
        position.map(|position| SheetId::new(position, sheet, sheets)).ok_or_else(|| {
            let message = "the piece has no position in a lot";
            let french = "le pli n’a pas de place dans un lot\u{202F}; signalez-le aux auteurs du programme";
            PieceFault::new("piece_id", "control_mark", message, Some("report this"), french)
        })
    }

    /// The text of the sheet's control code.
    pub(crate) fn control_code(&self, machine: &Machine) -> String {
        machine
            .code_content
            .replace("{kind}", self.position.kind.prefix().encode_utf8(&mut [0; 4]))
            .replace("{lot}", self.position.lot.as_str())
            .replace("{sequence}", &format!("{:06}", self.position.sequence))
            .replace("{sheets}", &format!("{:02}", self.sheets))
            .replace("{sheet}", &format!("{:02}", self.sheet))
    }

    /// The value of the machine's sequence marks; `None` if it has none.
    pub(crate) fn omr_sequence(&self, machine: &Machine) -> Option<u32> {
        let counts = machine.omr_marks.iter().any(|mark| mark.weight().is_some());
        counts.then(|| self.position.sequence % machine.sequence_modulus)
    }

    /// The positions on the strip that have a mark, counted from 0 at the top.
    fn omr_marks(&self, machine: &Machine) -> Vec<usize> {
        let sequence = self.omr_sequence(machine).unwrap_or(0);
        let marked = |bit: OmrBit| match bit {
            OmrBit::Benchmark | OmrBit::Safety => true,
            OmrBit::StartOfSet => self.sheet == 1,
            OmrBit::EndOfSet => self.sheet == self.sheets,
            OmrBit::Parity => false,
            counted => counted.weight().is_some_and(|weight| sequence & weight != 0),
        };
        let others = machine.omr_marks.iter().filter(|bit| marked(**bit)).count();
        let parity = others % 2 != usize::from(machine.parity == Parity::Odd);
        let positions = machine.omr_marks.iter().enumerate();
        positions
            .filter(|(_, bit)| marked(**bit) || **bit == OmrBit::Parity && parity)
            .map(|(position, _)| position)
            .collect()
    }
}

/// The control marks of a piece, as the control file lists them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ControlMarks {
    /// How many sheets the piece has.
    pub sheets: u32,
    /// The value of its sequence marks; `None` if the piece has none.
    pub omr_sequence: Option<u32>,
    /// Its control codes, sheet by sheet; empty if it has none.
    pub codes: Vec<String>,
    /// Whether it shows its reference as a barcode ([`mailer_barcode`](crate::mailer_barcode)).
    pub barcode: bool,
}

/// The OMR marks of a sheet, in dots from the page's top left corner: left edge, top edge, length, thickness.
pub(crate) fn omr_bars(
    mark: &OmrMark,
    machine: &Machine,
    grid: Grid,
    sheet: &SheetId,
) -> Vec<(u32, u32, u32, u32)> {
    let left = grid.dots(mark.rect.x + mark.clear);
    let length = grid.dots(machine.omr_length_mm * POINTS_PER_MM);
    let thickness = grid.dots(machine.omr_thickness_mm * POINTS_PER_MM).max(1);
    let top = |position: usize| {
        grid.dots(mark.rect.y + mark.clear + position as f64 * machine.omr_pitch_mm * POINTS_PER_MM)
    };
    sheet.omr_marks(machine).into_iter().map(|position| (left, top(position), length, thickness)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use mail::lot::LotName;
    use mail::piece::PieceKind;
    use std::num::NonZeroU32;

    fn lot() -> LotName {
        LotName::parse("26327A").expect("a lot")
    }

    fn letter(lot: &LotName, sequence: u32) -> LotPosition<'_> {
        LotPosition { lot, kind: PieceKind::Letter, sequence }
    }

    /// The control code of a sheet for the default machine.
    fn code(position: LotPosition, sheet: u32, sheets: u32) -> String {
        SheetId::new(position, sheet, sheets).control_code(&Machine::default())
    }

    /// The marks of a letter's sheet.
    fn marks(sequence: u32, sheet: u32, sheets: u32, machine: &Machine) -> Vec<usize> {
        SheetId::new(letter(&lot(), sequence), sheet, sheets).omr_marks(machine)
    }

    #[test]
    fn a_control_code_names_kind_lot_sequence_and_sheet() {
        let lot = lot();
        assert_eq!(code(letter(&lot, 908), 1, 1), "L26327A0009080101");
        let mailer = LotPosition { lot: &lot, kind: PieceKind::Mailer, sequence: 1 };
        assert_eq!(code(mailer, 2, 3), "M26327A0000010203");
        let again = lot.reprint(NonZeroU32::MIN);
        assert_eq!(code(letter(&again, 1), 1, 1), "L26327A.10000010101");
    }

    #[test]
    fn the_marks_of_a_strip_follow_from_the_sheet() {
        let machine = Machine::default();
        // Benchmark, safety, end of set, 1, 2, 4, parity.
        assert_eq!(marks(8, 1, 1, &machine), [0, 1, 2, 6]);
        assert_eq!(marks(5, 1, 1, &machine), [0, 1, 2, 3, 5, 6]);
        assert_eq!(marks(1, 1, 2, &machine), [0, 1, 3, 6]);
        assert_eq!(marks(1, 2, 2, &machine), [0, 1, 2, 3]);
    }

    #[test]
    fn parity_holds_for_every_sheet() {
        for parity in [Parity::Even, Parity::Odd] {
            let machine = Machine { parity, ..Machine::default() };
            for sequence in 1..20 {
                let marks = marks(sequence, 1, 1, &machine).len();
                assert_eq!(marks % 2, usize::from(parity == Parity::Odd));
            }
        }
    }
}
