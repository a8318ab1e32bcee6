//! What an inserter reads on a sheet: which OMR marks it has, and what its control code says.
//!
//! Takes the job's machine, a piece's printed reference and the sheet's place in the piece: nothing of a person, a
//! card or a code can come into a control mark. Gives places in dots of the press, and text.

use crate::PieceFault;
use crate::stamp::Stamper;
use crate::values::fact_values;
use mail::inserter::{Machine, OmrBit, Parity};
use mail::issuance::Issuance;
use mail::lot::LotName;
use mail::piece::PieceKind;
use print_file::Grid;
use symbols::datamatrix::{self, SymbolSize};
use template::{ControlCodeMark, Mark, OmrMark};

/// Millimetres to points.
const POINTS_PER_MM: f64 = 72.0 / 25.4;

/// A sheet as an inserter knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetName {
    lot: LotName,
    kind: PieceKind,
    sequence: u32,
    sheet: u32,
    sheets: u32,
}

impl SheetName {
    /// A sheet, from 1, of a piece of so many; `None` where the reference is none.
    pub fn new(piece_id: &str, sheet: u32, sheets: u32) -> Option<SheetName> {
        let (lot, kind, sequence) = LotName::of_piece(piece_id)?;
        Some(SheetName { lot, kind, sequence, sheet, sheets })
    }

    /// The sheet's name, or a fault that is the program's own.
    pub(crate) fn of(piece_id: &str, sheet: u32, sheets: u32) -> Result<SheetName, PieceFault> {
        SheetName::new(piece_id, sheet, sheets).ok_or_else(|| PieceFault {
            field: "piece_id".to_owned(),
            code: "control_mark",
            message: "the piece's reference names no lot and sequence; report this".to_owned(),
        })
    }

    /// What the machine's control code says of the sheet.
    pub fn control_code(&self, machine: &Machine) -> String {
        let kind = match self.kind {
            PieceKind::Letter => "L",
            PieceKind::Mailer => "M",
        };
        machine
            .code_content
            .replace("{kind}", kind)
            .replace("{lot}", self.lot.as_str())
            .replace("{sequence}", &format!("{:06}", self.sequence))
            .replace("{sheets}", &format!("{:02}", self.sheets))
            .replace("{sheet}", &format!("{:02}", self.sheet))
    }

    /// What the machine's sequence marks count; `None` where it has none.
    pub fn omr_sequence(&self, machine: &Machine) -> Option<u32> {
        let counts = machine.omr_marks.iter().any(|mark| mark.weight().is_some());
        counts.then(|| self.sequence % machine.sequence_modulus)
    }

    /// The places of the strip that have a mark, counted from the top.
    pub fn omr_marks(&self, machine: &Machine) -> Vec<usize> {
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
        let places = machine.omr_marks.iter().enumerate();
        places
            .filter(|(_, bit)| marked(**bit) || **bit == OmrBit::Parity && parity)
            .map(|(at, _)| at)
            .collect()
    }
}

/// What an inserter finds on a piece, as its control file says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ControlMarks {
    /// How many sheets the piece has.
    pub sheets: u32,
    /// What its sequence marks count; `None` where the piece has none.
    pub omr_sequence: Option<u32>,
    /// Its control codes, sheet by sheet; empty where it has none.
    pub codes: Vec<String>,
}

impl Stamper<'_> {
    /// The control marks of a piece; `None` for a piece that can't be composed.
    pub fn control_marks(
        &self,
        kind: PieceKind,
        issuance: &Issuance,
        piece_id: &str,
    ) -> Option<ControlMarks> {
        let sides = self.sides(fact_values(kind, issuance)).ok()?;
        let machine = self.machine();
        let mut found = ControlMarks::default();
        for side in sides {
            let sheet = SheetName::new(piece_id, side.sheet, side.sheets)?;
            found.sheets = side.sheets;
            for mark in &side.marks {
                match mark {
                    Mark::Omr(_) => found.omr_sequence = sheet.omr_sequence(machine),
                    Mark::ControlCode(_) => found.codes.push(sheet.control_code(machine)),
                    _ => {}
                }
            }
        }
        Some(found)
    }
}

/// The OMR marks of a sheet, in dots from the page's top left corner: left edge, top edge, length, thickness.
pub(crate) fn omr_bars(
    mark: &OmrMark,
    machine: &Machine,
    grid: Grid,
    sheet: &SheetName,
) -> Vec<(u32, u32, u32, u32)> {
    let left = grid.dots(mark.place.x + mark.clear);
    let length = grid.dots(machine.omr_length_mm * POINTS_PER_MM);
    let thickness = grid.dots(machine.omr_thickness_mm * POINTS_PER_MM).max(1);
    let top =
        |at: usize| grid.dots(mark.place.y + mark.clear + at as f64 * machine.omr_pitch_mm * POINTS_PER_MM);
    sheet.omr_marks(machine).into_iter().map(|at| (left, top(at), length, thickness)).collect()
}

/// Whether the machine's strip goes into its place.
///
/// # Errors
/// In words: the room that it needs.
pub(crate) fn check_omr(mark: &OmrMark, machine: &Machine) -> Result<(), String> {
    const SLACK_MM: f64 = 0.01;
    let clear = mark.clear / POINTS_PER_MM;
    let steps = machine.omr_marks.len().saturating_sub(1) as f64;
    let width = machine.omr_length_mm + 2.0 * clear;
    let height = steps * machine.omr_pitch_mm + machine.omr_thickness_mm + 2.0 * clear;
    let (has_width, has_height) = (mark.place.width / POINTS_PER_MM, mark.place.height / POINTS_PER_MM);
    match width <= has_width + SLACK_MM && height <= has_height + SLACK_MM {
        true => Ok(()),
        false => Err(format!(
            "the marks of `inserter` need {width:.1} × {height:.1} mm with {clear:.1} mm clear around them, and `omr` has {has_width:.1} × {has_height:.1} mm: give it more room"
        )),
    }
}

/// The module of a control code in dots.
pub(crate) fn code_cell(machine: &Machine, grid: Grid) -> u32 {
    grid.dots(machine.code_module_mm * POINTS_PER_MM)
}

/// Whether the machine's control code goes into its place, with so many modules of quiet zone.
///
/// # Errors
/// In words: a code that is too large or whose modules are too small.
pub(crate) fn check_control_code(
    mark: &ControlCodeMark,
    machine: &Machine,
    grid: Grid,
    bar_width_reduction: u32,
    quiet_modules: u32,
) -> Result<(), String> {
    let cell = code_cell(machine, grid);
    if cell <= bar_width_reduction {
        return Err("`code_module_mm` of `inserter` is less than a dot of this press".to_owned());
    }
    let size = longest_code(machine)?;
    let (needed, has) = ((size.side() as u32 + 2 * quiet_modules) * cell, grid.dots(mark.place.width));
    match needed <= has {
        true => Ok(()),
        false => Err(format!(
            "the code of `inserter` needs {needed} dots at {} dpi and `control-code` has {has}: give it more room",
            grid.dpi()
        )),
    }
}

/// The size of the machine's control codes: all have as many characters.
fn longest_code(machine: &Machine) -> Result<SymbolSize, String> {
    let text =
        SheetName::new("00000A000000", 1, 1).map(|sheet| sheet.control_code(machine)).unwrap_or_default();
    datamatrix::required_size(text.as_bytes())
        .map_err(|error| format!("`code_content` of `inserter`: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(sequence: u32, sheet: u32, sheets: u32) -> SheetName {
        SheetName::new(&format!("26327A{sequence:06}"), sheet, sheets).expect("a sheet")
    }

    #[test]
    fn a_control_code_names_kind_lot_sequence_and_sheet() {
        let machine = Machine::default();
        assert_eq!(sheet(908, 1, 1).control_code(&machine), "L26327A0009080101");
        let mailer = SheetName::new("26327A\\000001", 2, 3).expect("a sheet");
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
