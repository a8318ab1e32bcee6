//! The variants of a proof sheet: all of them small, with their names; then each page reduced, four on a sheet.

use super::super::sheet::{
    Fonts, HAIR, HEIGHT, LEFT, Page, PaperworkError, PlacedPage, ROOM, WIDTH, bold, regular,
};
use super::{ProofSheet, TOP, head};

/// How many variants stand beside each other, and in how many rows, where they are small.
const SMALL: (usize, usize) = (5, 4);
/// The height of a name below or above a page.
const NAME_HEIGHT: f32 = 28.0;
/// The gap between pages.
const GAP: f32 = 10.0;

/// A drawn page with what is placed on it.
type Drawn<'f> = (Page<'f>, Vec<PlacedPage>);

/// The first page of each variant, small, with its number and name.
pub(super) fn small<'f>(fonts: &'f Fonts, proof: &ProofSheet) -> Result<Vec<Drawn<'f>>, PaperworkError> {
    let (columns, rows) = SMALL;
    let scale = (ROOM - GAP * (columns - 1) as f32) / columns as f32 / WIDTH;
    let (width, height) = (WIDTH * scale, HEIGHT * scale);
    let mut pages = Vec::new();
    for (first, part) in proof.variants.chunks(columns * rows).enumerate() {
        let (mut page, mut placed) = (head(fonts, proof, "Variantes")?, Vec::new());
        for (index, variant) in part.iter().enumerate() {
            let x = LEFT + (width + GAP) * (index % columns) as f32;
            let y = TOP + (height + NAME_HEIGHT + GAP) * (index / columns) as f32;
            page.frame(x - 0.5, y - 0.5, width + 1.0, height + 1.0, 0.5, HAIR);
            placed.push(PlacedPage { page: variant.pages.start, x, y, scale });
            let name = format!("{}. {}", first * columns * rows + index + 1, variant.words);
            page.free_text((x, y + height + 9.0), width, (regular(6.5), 7.5), 3, &name)?;
        }
        pages.push((page, placed));
    }
    Ok(pages)
}

/// Every page of each variant, four on a sheet. A variant's name stands above its pages.
pub(super) fn reduced<'f>(fonts: &'f Fonts, proof: &ProofSheet) -> Result<Vec<Drawn<'f>>, PaperworkError> {
    let height = (HEIGHT - TOP - 46.0 - 2.0 * NAME_HEIGHT - GAP) / 2.0;
    let scale = height / HEIGHT;
    let width = WIDTH * scale;
    let named = proof.variants.iter().enumerate().flat_map(|(number, variant)| {
        let count = variant.pages.len();
        variant.pages.clone().zip(1..).map(move |(page, side)| (number + 1, variant, page, side, count))
    });
    let all: Vec<_> = named.collect();
    let mut pages = Vec::new();
    for part in all.chunks(4) {
        let (mut page, mut placed) = (head(fonts, proof, "Épreuves")?, Vec::new());
        for (index, (number, variant, piece_page, side, count)) in part.iter().enumerate() {
            let x = if index % 2 == 0 { LEFT } else { LEFT + ROOM - width };
            let y = TOP + (height + NAME_HEIGHT) * (index / 2) as f32;
            let of = if *count > 1 { format!(" – page {side}/{count}") } else { String::new() };
            let name = format!("{number}. {}{of}", variant.words);
            page.free_text((x, y), width, (bold(7.5), 9.0), 2, &name)?;
            let top = y + NAME_HEIGHT - 14.0;
            page.frame(x - 0.5, top - 0.5, width + 1.0, height + 1.0, 0.5, HAIR);
            placed.push(PlacedPage { page: *piece_page, x, y: top, scale });
        }
        pages.push((page, placed));
    }
    Ok(pages)
}
