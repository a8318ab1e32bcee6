//! How much of the paper the ink covers.

use super::export::page_levels;
use super::pieces::Piece;
use super::refusal::Refusal;
use super::tiles::grey_png;
use crate::failure::Failure;

/// Pixels per inch at which ink is measured.
const DPI: u32 = 127;
/// The side of a cell in pixels: 5 mm.
const CELL: u32 = 25;

/// The part of a page that ink covers, in per cent.
///
/// # Errors
/// The PDF can't be drawn.
pub(super) fn coverage_percent(piece: &Piece, page: u32) -> Result<f64, Failure> {
    let (_, _, luma) = page_levels(piece, page, DPI)?;
    Ok((1000.0 * covered(luma.iter())).round() / 10.0)
}

/// The ink of a page in cells of 5 mm, as a picture of one pixel a cell: the darker, the more ink.
///
/// # Errors
/// A refusal if there is no such page.
pub(super) fn picture(piece: &Piece, page: u32) -> Result<Vec<u8>, Refusal> {
    let index = page.checked_sub(1).ok_or_else(Refusal::not_found)?;
    piece.sizes.get(index as usize).ok_or_else(Refusal::not_found)?;
    let (width, height, luma) = page_levels(piece, page, DPI)?;
    let (columns, rows) = (width.div_ceil(CELL), height.div_ceil(CELL));
    let cell = |index: u32| {
        let (left, top) = (index % columns * CELL, index / columns * CELL);
        let right = (left + CELL).min(width);
        let lines = (top..(top + CELL).min(height)).map(|y| (y * width) as usize);
        let levels = lines.flat_map(|line| &luma[line + left as usize..line + right as usize]);
        (255.0 * (1.0 - covered(levels))).round() as u8
    };
    let cells: Vec<u8> = (0..columns * rows).map(cell).collect();
    grey_png(columns, rows, &cells).ok_or_else(|| Failure::bug("the picture has another size").into())
}

/// The part that ink covers, 0 to 1.
fn covered<'a>(levels: impl Iterator<Item = &'a u8>) -> f64 {
    let (ink, count) =
        levels.fold((0u64, 0u64), |(ink, count), level| (ink + u64::from(255 - level), count + 1));
    ink as f64 / 255.0 / (count.max(1) as f64)
}
