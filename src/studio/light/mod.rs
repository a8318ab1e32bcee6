//! What shows of a sheet that is held to the light, flat and folded as its template says.
//!
//! Every side of the sheet is a layer that lets light through, its ink less than its paper, and the layers multiply. Paper
//! scatters: what lies a sheet deeper is blurred more. The simulation compares designs. It does not prove a paper: see
//! docs/through-light.md.

mod check;
mod contrast;
mod patch;
mod sheet;

use image::GrayImage;
use template::{Fold, Turn};

pub(super) use check::codes_through_light;
use sheet::{FoldedSheet, Region};

/// From where a sheet is seen. Light comes from the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum View {
    /// Unfolded, towards page 1.
    FlatFront,
    /// Unfolded, towards page 2.
    FlatBack,
    /// Folded, towards the address.
    FoldedFront,
    /// Folded, towards the back of the envelope.
    FoldedBack,
}

/// The picture of a sheet that is held to the light, its contrast stretched as an eye or a telephone does. `sides` are the
/// pictures of page 1 and, if it is printed, of page 2, at `dpi` pixels per inch. The address is on the first panel of page 1.
/// A sheet of paper blurs by `blur_mm`, the standard deviation of a normal distribution in millimetres. Without a side the
/// picture is empty; a sheet that its fold would hide is shown flat.
pub(crate) fn held_to_light(
    sides: &[GrayImage],
    dpi: f64,
    fold: &Fold,
    turn: Turn,
    view: View,
    blur_mm: f64,
) -> GrayImage {
    let [front, others @ ..] = sides else { return GrayImage::new(0, 0) };
    let sheet = FoldedSheet::new(front, others.first(), dpi, fold, turn);
    let whole = Region { x: 0, y: 0, width: front.width(), height: sheet.height(view) };
    let mut seen = sheet.seen(view, whole, blur_mm);
    if matches!(view, View::FlatBack | View::FoldedBack) {
        seen.mirror();
    }
    seen.stretched()
}

#[cfg(test)]
mod tests;
