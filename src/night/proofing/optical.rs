//! The optical way: pages are drawn, and their symbols read from the pictures and compared with the manifest.
//!
//! Pages are rendered with a renderer that shares no code with the writer, nor with the judge of bytes.

use preflight::OpenFile;
use rayon::prelude::*;
use symbols::{Format, Picture, Region, read_region};
use template::{CompiledTemplate, Mark, Rect, variant_name};
use twoddoc::{VerifyingKey, parse_text, verify};

use crate::failure::Failure;
use crate::night::lot::SheetLayout;
use crate::night::order::Prove;
use crate::night::paperwork::ManifestRow;
use crate::raster::{OpenPdf, Renderer};

/// Resolution of the pictures, in pixels per inch: that of a plain office scanner, so that what reads here reads on
/// returned mail. At more than 280 a page's pixels cost more to allocate than to draw.
const DPI: f64 = 200.0;
/// One piece in this many is read for a sample.
const SAMPLE_STEP: u32 = 100;
/// How many pieces one thread reads at a time.
const SHARE: usize = 64;

/// How many symbols of a piece are right, and a message for each other one.
pub(super) type Reading = (u64, Vec<String>);

/// What print files are compared with, besides their manifest.
pub(in crate::night) struct Expected<'a> {
    /// The template, with the rectangles of its marks.
    pub template: &'a CompiledTemplate,
    /// How pieces lie on sheets.
    pub layout: SheetLayout,
    /// The key that verifies the signed blocks; `None` where a merge has no key, whose shards verified them.
    pub key: Option<&'a VerifyingKey>,
}

/// One piece in this many is read beside the proof of all bytes.
const SPARSE_STEP: u32 = 1000;

/// Whether the piece with this sequence in its lot, and this index (from 0) in its file, is read. `end` says whether the file
/// is the last of the lot, and how many pieces it has.
pub(super) fn is_read(prove: Prove, sequence: u32, index: u32, end: (bool, u32)) -> bool {
    let (last_file, pieces) = end;
    let is_last = index + 1 == pieces;
    match prove {
        Prove::None => false,
        Prove::All => sequence % SPARSE_STEP == 1 || (last_file && is_last),
        Prove::Sample => index.is_multiple_of(SAMPLE_STEP) || is_last,
    }
}

/// Reads the symbols of the chosen letters of one file. Returns how many are right, and a message for each other one.
///
/// # Errors
/// A page that can't be drawn.
pub(super) fn read_letters(
    name: &str,
    file: &OpenFile,
    mut chosen: Vec<&ManifestRow>,
    expected: &Expected,
) -> Result<Reading, Failure> {
    // Pieces of one sheet follow each other, so that it is drawn once.
    chosen.sort_by_key(|row| (row.first_page, row.column));
    let share = |share: &[&ManifestRow]| -> Result<Vec<Reading>, Failure> {
        let pdf = OpenPdf::of(name, file);
        let mut sheet = Sheet { renderer: &pdf.renderer(), drawn: None };
        share.iter().map(|row| read_piece(row, expected, &mut sheet)).collect()
    };
    let readings: Vec<Vec<Reading>> =
        chosen.par_chunks(fair_share(chosen.len())).map(share).collect::<Result<_, Failure>>()?;
    let mut all = (0, Vec::new());
    for (barcodes, failures) in readings.into_iter().flatten() {
        all.0 += barcodes;
        all.1.extend(failures);
    }
    Ok(all)
}

/// How many pages go to a thread at a time: few enough that every core has some.
fn fair_share(pages: usize) -> usize {
    pages.div_ceil(2 * rayon::current_num_threads()).clamp(1, SHARE)
}

/// The page that is read, drawn once for all pieces on it.
struct Sheet<'a, 'p> {
    renderer: &'a Renderer<'p>,
    drawn: Option<(u32, Picture)>,
}

impl Sheet<'_, '_> {
    fn picture(&mut self, page: u32) -> Result<&Picture, Failure> {
        // Another page's picture goes before the next is drawn: each is of many megabytes.
        let kept = self.drawn.take().filter(|(drawn, _)| *drawn == page);
        let drawn = match kept {
            Some(kept) => kept,
            None => (page, self.renderer.picture(page, DPI)?),
        };
        Ok(&self.drawn.insert(drawn).1)
    }
}

/// Reads the symbols of one piece.
fn read_piece(row: &ManifestRow, expected: &Expected, sheet: &mut Sheet) -> Result<Reading, Failure> {
    let variant =
        expected.template.variants.iter().find(|variant| variant_name(&variant.facts) == row.variant);
    let Some(variant) = variant else {
        return Ok((0, vec![format!("{}: its variant `{}` is unknown", row.piece_id, row.variant)]));
    };
    let mut right = 0;
    let mut failures = Vec::new();
    for (index, (side, page)) in variant.sides.iter().zip(row.first_page..).enumerate() {
        let left = expected.layout.left_edge(row.column.unwrap_or(1), index);
        let symbols = side.marks.iter().filter(|mark| matches!(mark, Mark::Code39(_) | Mark::TwoDDoc(_)));
        for mark in symbols {
            match read_mark(mark, row, left, expected.key, sheet.picture(page)?) {
                Ok(()) => right += 1,
                Err(Mismatch(problem)) => failures.push(format!("{}: {problem}", row.piece_id)),
            }
        }
    }
    Ok((right, failures))
}

/// Why a symbol is wrong, as text.
struct Mismatch(String);

/// Reads a mark; `left` is the left edge of its side on the sheet, in points.
fn read_mark(
    mark: &Mark,
    row: &ManifestRow,
    left: f64,
    key: Option<&VerifyingKey>,
    picture: &Picture,
) -> Result<(), Mismatch> {
    match mark {
        Mark::Code39(mark) => {
            let read = read_region(picture, region(&mark.rect, left), Format::Code39);
            compare("Code 39", &row.window_barcode, read.map(|symbol| symbol.text))
        }
        Mark::TwoDDoc(mark) => {
            let read = read_region(picture, region(&mark.rect, left), Format::DataMatrix);
            compare("2D-DOC", &row.twoddoc, read.map(|symbol| symbol.text))?;
            let code = parse_text(&row.twoddoc).map_err(|error| Mismatch(format!("2D-DOC: {error}")))?;
            key.map_or(Ok(()), |key| verify(&code, key).map_err(|error| Mismatch(format!("2D-DOC: {error}"))))
        }
        Mark::Text(_) | Mark::Omr(_) | Mark::ControlCode(_) | Mark::Confusion(_) | Mark::Area(_) => Ok(()),
    }
}

fn compare(symbol: &str, expected: &str, read: Option<String>) -> Result<(), Mismatch> {
    match read {
        Some(text) if text == expected => Ok(()),
        Some(_) => Err(Mismatch(format!("the {symbol} reads as something else than the manifest says"))),
        None => Err(Mismatch(format!("the {symbol} can't be read"))),
    }
}

/// A mark's rectangle in pixels, with a little paper around it.
fn region(rect: &Rect, left: f64) -> Region {
    const PAPER: f64 = 3.0;
    let pixels = |points: f64| (points * DPI / 72.0).round().max(0.0) as u32;
    Region {
        x: pixels(left + rect.x - PAPER),
        y: pixels(rect.y - PAPER),
        width: pixels(rect.width + 2.0 * PAPER),
        height: pixels(rect.height + 2.0 * PAPER),
    }
}
