//! The piece held to the light, flat or folded.

use image::GrayImage;

use super::export::page_levels;
use super::pieces::Piece;
use super::refusal::Refusal;
use super::tiles::grey_png;
use crate::failure::Failure;
use crate::studio::light::{View, held_to_light};

/// Pixels per inch of the picture.
const DPI: u32 = 150;
/// How much a sheet of paper may blur, in millimetres.
const BLUR_MM: std::ops::RangeInclusive<f64> = 0.0..=2.0;

/// The view with this name; `None` if there is none.
pub(super) fn view(name: &str) -> Option<View> {
    match name {
        "flat-front" => Some(View::FlatFront),
        "flat-back" => Some(View::FlatBack),
        "front" => Some(View::FoldedFront),
        "back" => Some(View::FoldedBack),
        _ => None,
    }
}

/// The picture of a piece's first sheet that is held to the light, as a PNG.
///
/// # Errors
/// A refusal of a blur that no paper has; the piece can't be drawn.
pub(super) fn picture(piece: &Piece, view: View, blur_mm: f64) -> Result<Vec<u8>, Refusal> {
    if !BLUR_MM.contains(&blur_mm) {
        return Err(Refusal::bad_request("`blur` is 0 to 2 mm"));
    }
    let pages = piece.sizes.len().min(2) as u32;
    let sides = (1..=pages).map(|page| {
        let (width, height, luma) = page_levels(piece, page, DPI)?;
        GrayImage::from_raw(width, height, luma).ok_or_else(|| Failure::bug("the picture has another size"))
    });
    let sides: Vec<GrayImage> = sides.collect::<Result<_, _>>()?;
    let manifest = &piece.laid.compiled.manifest;
    let seen = held_to_light(&sides, f64::from(DPI), &manifest.fold, manifest.turn, view, blur_mm);
    let png = grey_png(seen.width(), seen.height(), seen.as_raw());
    png.ok_or_else(|| Failure::bug("the picture has another size").into())
}
