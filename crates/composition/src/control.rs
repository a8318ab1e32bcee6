//! What an inserter reads on a sheet: its OMR marks and its control code.
//!
//! Control marks follow from the machine, the piece's printed reference and the sheet's number. Nothing of a person, a
//! card or a code goes into them.

use mail::inserter::{Machine, OmrBit, Parity};
use mail::lot::LotName;
use mail::piece::PieceKind;
use print_file::Grid;
use template::OmrMark;

use crate::fault::PieceFault;

/// Millimetres to points.
pub(crate) const POINTS_PER_MM: f64 = 72.0 / 25.4;

/// What identifies a sheet to an inserter: its piece, and its number among the sheets of the piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SheetId {
    lot: LotName,
    kind: PieceKind,
    sequence: u32,
    sheet: u32,
    sheets: u32,
}

impl SheetId {
    /// Sheet number `sheet`, from 1, of a piece with `sheets` sheets; `None` if `piece_id` is not a printed reference.
    pub(crate) fn new(piece_id: &str, sheet: u32, sheets: u32) -> Option<SheetId> {
        let (lot, kind, sequence) = LotName::of_piece(piece_id)?;
        Some(SheetId { lot, kind, sequence, sheet, sheets })
    }

    /// As [`SheetId::new`], for a piece that is composed.
    ///
    /// # Errors
    /// The fault `control_mark` if `piece_id` is not a printed reference, which is an error of the program.
    pub(crate) fn of(piece_id: &str, sheet: u32, sheets: u32) -> Result<SheetId, PieceFault> {
        SheetId::new(piece_id, sheet, sheets).ok_or_else(|| {
            let message = "the piece's reference names no lot and sequence";
            PieceFault::new("piece_id", "control_mark", message, Some("report this"))
        })
    }

    /// The text of the sheet's control code.
    pub(crate) fn control_code(&self, machine: &Machine) -> String {
        machine
            .code_content
            .replace("{kind}", self.kind.prefix().encode_utf8(&mut [0; 4]))
            .replace("{lot}", self.lot.as_str())
            .replace("{sequence}", &format!("{:06}", self.sequence))
            .replace("{sheets}", &format!("{:02}", self.sheets))
            .replace("{sheet}", &format!("{:02}", self.sheet))
    }

    /// The value of the machine's sequence marks; `None` if it has none.
    pub(crate) fn omr_sequence(&self, machine: &Machine) -> Option<u32> {
        let counts = machine.omr_marks.iter().any(|mark| mark.weight().is_some());
        counts.then(|| self.sequence % machine.sequence_modulus)
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

    fn sheet(sequence: u32, sheet: u32, sheets: u32) -> SheetId {
        SheetId::new(&format!("26327A{sequence:06}"), sheet, sheets).expect("a sheet")
    }

    #[test]
    fn a_control_code_names_kind_lot_sequence_and_sheet() {
        let machine = Machine::default();
        assert_eq!(sheet(908, 1, 1).control_code(&machine), "L26327A0009080101");
        let mailer = SheetId::new("26327A\\000001", 2, 3).expect("a sheet");
        assert_eq!(mailer.control_code(&machine), "M26327A0000010203");
    }

    #[test]
    fn the_marks_of_a_strip_follow_from_the_sheet() {
        let machine = Machine::default();
        // Benchmark, safety, end of set, 1, 2, 4, parity.
        assert_eq!(sheet(8, 1, 1).omr_marks(&machine), [0, 1, 2, 6]);
        assert_eq!(sheet(5, 1, 1).omr_marks(&machine), [0, 1, 2, 3, 5, 6]);
        assert_eq!(sheet(1, 1, 2).omr_marks(&machine), [0, 1, 3, 6]);
        assert_eq!(sheet(1, 2, 2).omr_marks(&machine), [0, 1, 2, 3]);
    }

    #[test]
    fn parity_holds_for_every_sheet() {
        for parity in [Parity::Even, Parity::Odd] {
            let machine = Machine { parity, ..Machine::default() };
            for sequence in 1..20 {
                let marks = sheet(sequence, 1, 1).omr_marks(&machine).len();
                assert_eq!(marks % 2, usize::from(parity == Parity::Odd));
            }
        }
    }
}
