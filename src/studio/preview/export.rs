//! What the page saves: a page of a piece as a picture, and the names of files.

use super::pieces::Piece;
use super::refusal::Refusal;
use super::tiles::grey_png;
use super::tiles::page_size;
use crate::failure::Failure;
use crate::raster::{OpenPdf, Part, draw_parts};

/// The most pixels of a page that is saved as a picture: A4 at 1200 dpi.
const MAX_PIXELS: u64 = 140_000_000;
/// How many rows are drawn at once.
const BAND: u32 = 2048;

/// A page of a piece as a PNG.
///
/// # Errors
/// A refusal if there is no such page, or its picture would be too large.
pub(super) fn page_png(piece: &Piece, page: u32, dpi: u32) -> Result<Vec<u8>, Refusal> {
    let index = page.checked_sub(1).ok_or_else(Refusal::not_found)?;
    let size = piece.sizes.get(index as usize).ok_or_else(Refusal::not_found)?;
    let (width, height) = page_size(*size, dpi);
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(Refusal::bad_request("the picture would be too large: ask for 1200 dpi or less"));
    }
    let bands = (0..height).step_by(BAND as usize);
    let bands: Vec<Part> =
        bands.map(|y| Part { page, x: 0, y, width, height: BAND.min(height - y) }).collect();
    let drawn = draw_parts(&piece.id, &piece.pdf, dpi, &bands).map_err(Failure::from)?;
    let luma: Vec<u8> = drawn.into_iter().flat_map(|band| band.luma).collect();
    grey_png(width, height, &luma).ok_or_else(|| Failure::bug("the picture has another size").into())
}

/// The name under which a file of a piece is saved: letters, digits and hyphens of the template's name.
pub(super) fn file_name(piece: &Piece, ending: &str) -> String {
    let name = piece.laid.version.template.name();
    let name = std::path::Path::new(name).file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let plain = |character: char| if character.is_ascii_alphanumeric() { character } else { '-' };
    let name: String = name.chars().map(plain).collect();
    let name = name.trim_matches('-');
    format!("{}.{ending}", if name.is_empty() { "piece" } else { name })
}

/// The grey levels of a page at a low resolution: width, height, levels.
///
/// # Errors
/// The PDF can't be drawn.
pub(super) fn page_levels(piece: &Piece, page: u32, dpi: u32) -> Result<(u32, u32, Vec<u8>), Failure> {
    let open = OpenPdf::from_bytes(&piece.id, piece.pdf.clone())?;
    let picture = open.renderer().picture(page, f64::from(dpi))?;
    Ok((picture.width(), picture.height(), picture.to_luma()))
}
