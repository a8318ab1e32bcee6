//! What an inserter reads on a sheet: the marks of the OMR strip and the control code (docs/inserter.md).

use mail::inserter::{Machine, OmrBit, Parity};
use mail::lot::LotPosition;
use mail::piece::PieceKind;
use template::{OmrMark, SheetSide};

/// Points in a millimetre.
const MM: f64 = 72.0 / 25.4;

/// One mark of an OMR strip: where it is meant to be, in points from the top left corner of the piece's page, before it is
/// moved to the nearest dots.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::night) struct OmrBar {
    /// Its place on the strip, from 0 at the top.
    pub place: usize,
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Length, from left to right.
    pub length: f64,
    /// Thickness, from top to bottom.
    pub thickness: f64,
}

impl OmrBar {
    /// Whether a rectangle is this mark on a press with so many dots to the inch: its left and upper edge, its length and
    /// its thickness are the nearest whole numbers of dots, and at least one dot thick.
    pub(in crate::night) fn is_at(&self, dpi: u32, left: f64, top: f64, length: f64, thickness: f64) -> bool {
        // Of two dots that are equally near, either will do; and a file's numbers are rounded.
        const ROUNDING: f64 = 0.01;
        let in_dots = |points: f64| points * f64::from(dpi) / 72.0;
        let nearest = |meant: f64, shown: f64| {
            let dots = in_dots(shown);
            let whole = (dots - dots.round()).abs() <= ROUNDING;
            whole && (dots.round() - in_dots(meant)).abs() <= 0.5 + 1e-6
        };
        let thick = match in_dots(self.thickness) < 0.5 {
            true => (in_dots(thickness) - 1.0).abs() <= ROUNDING,
            false => nearest(self.thickness, thickness),
        };
        nearest(self.left, left) && nearest(self.top, top) && nearest(self.length, length) && thick
    }
}

/// The marks of a sheet's strip, from the top.
pub(super) fn bars(
    strip: &OmrMark,
    machine: &Machine,
    position: LotPosition,
    side: &SheetSide,
) -> Vec<OmrBar> {
    let places = places(machine, position.sequence, side.sheet, side.sheets);
    let bar = |place: usize| OmrBar {
        place,
        left: strip.rect.x + strip.clear,
        top: strip.rect.y + strip.clear + place as f64 * (machine.omr_pitch_mm * MM),
        length: machine.omr_length_mm * MM,
        thickness: machine.omr_thickness_mm * MM,
    };
    places.into_iter().map(bar).collect()
}

/// The places of a strip that have a mark, for sheet `sheet` of `sheets` of the piece with this sequence in its lot.
pub(super) fn places(machine: &Machine, sequence: u32, sheet: u32, sheets: u32) -> Vec<usize> {
    // A strip without sequence marks needs no modulus.
    let counted = sequence.checked_rem(machine.sequence_modulus).unwrap_or(0);
    let is_there = |bit: &OmrBit| match bit {
        OmrBit::Benchmark | OmrBit::Safety => true,
        OmrBit::StartOfSet => sheet == 1,
        OmrBit::EndOfSet => sheet == sheets,
        OmrBit::Sequence1 => counted & 1 != 0,
        OmrBit::Sequence2 => counted & 2 != 0,
        OmrBit::Sequence4 => counted & 4 != 0,
        OmrBit::Sequence8 => counted & 8 != 0,
        OmrBit::Sequence16 => counted & 16 != 0,
        OmrBit::Sequence32 => counted & 32 != 0,
        OmrBit::Parity => false,
    };
    let mut there: Vec<bool> = machine.omr_marks.iter().map(is_there).collect();
    let is_odd = there.iter().filter(|there| **there).count() % 2 == 1;
    let wants_odd = machine.parity == Parity::Odd;
    if let Some(parity) = machine.omr_marks.iter().position(|bit| *bit == OmrBit::Parity) {
        there[parity] = is_odd != wants_odd;
    }
    there.iter().enumerate().filter(|(_, there)| **there).map(|(place, _)| place).collect()
}

/// The text of a sheet's control code.
pub(super) fn code(machine: &Machine, position: LotPosition, sheet: u32, sheets: u32) -> String {
    let kind = match position.kind {
        PieceKind::Letter => "L",
        PieceKind::Mailer => "M",
    };
    let mut code = String::new();
    let mut rest = machine.code_content.as_str();
    while let Some((before, (name, after))) =
        rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        code.push_str(before);
        match name {
            "kind" => code.push_str(kind),
            "lot" => code.push_str(position.lot.as_str()),
            "sequence" => code.push_str(&format!("{:06}", position.sequence)),
            "sheet" => code.push_str(&format!("{sheet:02}")),
            "sheets" => code.push_str(&format!("{sheets:02}")),
            other => code.push_str(&format!("{{{other}}}")),
        }
        rest = after;
    }
    code.push_str(rest);
    code
}
