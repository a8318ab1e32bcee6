//! Proofing: print files are read back from the disk and compared with the lot's manifest.
//!
//! Counts and every mismatch are returned. Pages are rendered with a renderer that shares no code with the writer. Memory
//! holds the manifest's rows of one file at a time.

#[cfg_attr(not(test), expect(dead_code, reason = "the judge of pages asks it"))]
mod claims;

use std::path::Path;
use std::sync::Arc;

use preflight::{Marks, Standard};
use rayon::prelude::*;
use symbols::{Format, Picture, Region, read_region};
use template::{CompiledTemplate, Mark, Rect, variant_name};
use twoddoc::{VerifyingKey, parse_text, verify};

use super::lot::{Lot, Proof, SheetLayout};
use super::order::{Progress, Prove};
use super::paperwork::LetterRow;
use super::printing::conformance_faults;
use crate::failure::Failure;
use crate::raster::{OpenPdf, Renderer};

/// Resolution of the pictures, in pixels per inch: that of a plain office scanner, so that what reads here reads on
/// returned mail. At more than 280 a page's pixels cost more to allocate than to draw.
const DPI: f64 = 200.0;
/// One piece in this many is read for a sample.
const SAMPLE_STEP: u32 = 100;
/// How many pieces one thread reads at a time.
const SHARE: usize = 64;

/// How many symbols of a piece are right, and a message for each other one.
type Reading = (u64, Vec<String>);

/// What print files are compared with, besides their manifest.
pub(super) struct Expected<'a> {
    /// The template, with the rectangles of its marks.
    pub template: &'a CompiledTemplate,
    /// How pieces lie on sheets.
    pub layout: SheetLayout,
    /// The key that verifies the signed blocks; `None` where a merge has no key, whose shards verified them.
    pub key: Option<&'a VerifyingKey>,
}

/// Proves the letters of a lot in the folder they were printed to.
///
/// # Errors
/// `manifest`: a manifest that can't be read; I/O errors; a page that can't be drawn.
pub(super) fn prove(
    prove: Prove,
    manifest: &Path,
    lot: &Lot,
    expected: &Expected,
    folder: &Path,
    progress: &dyn Progress,
) -> Result<Proof, Failure> {
    let mut proof = Proof::default();
    if prove == Prove::None {
        return Ok(proof);
    }
    let unreadable = |error: csv::Error| {
        Failure::midway("manifest", error.to_string()).in_file(folder.join(manifest).display())
    };
    let mut table = csv::Reader::from_path(folder.join(manifest)).map_err(unreadable)?;
    let mut rows = table.deserialize::<LetterRow>();
    for file in &lot.files {
        let of_file = (0..file.pieces).zip(rows.by_ref());
        let chosen = of_file.filter(|(index, _)| is_read(prove, *index, file.pieces));
        let mut chosen: Vec<LetterRow> =
            chosen.map(|(_, row)| row).collect::<Result<_, _>>().map_err(unreadable)?;
        // Pieces of one sheet follow each other, so that it is drawn once.
        chosen.sort_by_key(|row| (row.first_page, row.column));
        prove_file(&folder.join(&file.path), &chosen, expected, progress, &mut proof)?;
    }
    Ok(proof)
}

/// Whether the piece with this index (from 0) in a file of `pieces` is read.
fn is_read(prove: Prove, index: u32, pieces: u32) -> bool {
    match prove {
        Prove::None => false,
        Prove::All => true,
        Prove::Sample => index.is_multiple_of(SAMPLE_STEP) || index + 1 == pieces,
    }
}

/// Proves the chosen letters of one file.
fn prove_file(
    path: &Path,
    chosen: &[LetterRow],
    expected: &Expected,
    progress: &dyn Progress,
    proof: &mut Proof,
) -> Result<(), Failure> {
    let name = path.display().to_string();
    let bytes = Arc::new(fs_err::read(path)?);
    let belongs = |row: &&LetterRow| path.file_name().is_some_and(|name| name == row.file.as_str());
    if let Some(stranger) = chosen.iter().find(|row| !belongs(row)) {
        let LetterRow { piece_id, file, .. } = stranger;
        return Err(Failure::bug(format!("{piece_id}: the manifest says it is in {file}, not in {name}")));
    }
    // A share has the file open for itself: readers of one open file would wait for each other.
    let share = |share: &[LetterRow]| -> Result<Vec<Reading>, Failure> {
        let pdf = OpenPdf::from_bytes(&name, Arc::clone(&bytes))?;
        let mut sheet = Sheet { renderer: &pdf.renderer(), drawn: None };
        let read = share.iter().map(|row| {
            let reading = read_piece(row, expected, &mut sheet);
            progress.advance(1);
            reading
        });
        read.collect()
    };
    let readings: Vec<Vec<Reading>> =
        chosen.par_chunks(fair_share(chosen.len())).map(share).collect::<Result<_, Failure>>()?;
    for (barcodes, failures) in readings.into_iter().flatten() {
        proof.pieces += 1;
        proof.barcodes += barcodes;
        proof.failures.extend(failures);
    }
    Ok(())
}

/// How many pages go to a thread at a time: few enough that every core has some.
fn fair_share(pages: usize) -> usize {
    pages.div_ceil(2 * rayon::current_num_threads()).clamp(1, SHARE)
}

/// How many pieces a proof reads of a lot.
pub(super) fn proved_pieces(prove: Prove, lot: &Lot) -> u64 {
    let of_file = |pieces: u32| (0..pieces).filter(|index| is_read(prove, *index, pieces)).count() as u64;
    lot.files.iter().map(|file| of_file(file.pieces)).sum()
}

/// Checks a lot's clear files against the standards and returns their faults, one message each. Sealed files were checked
/// by their clear copies.
///
/// # Errors
/// I/O errors.
pub(super) fn prove_files(
    prove: Prove,
    lot: &Lot,
    standard: Standard,
    folder: &Path,
) -> Result<Vec<String>, Failure> {
    let mut faults = Vec::new();
    let marks = if prove == Prove::All { Marks::All } else { Marks::Sample };
    for file in lot.files.iter().filter(|file| file.path.ends_with(".pdf")) {
        let bytes = Arc::new(fs_err::read(folder.join(&file.path))?);
        faults.extend(conformance_faults(&file.path, &bytes, standard, marks));
    }
    Ok(faults)
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
fn read_piece(row: &LetterRow, expected: &Expected, sheet: &mut Sheet) -> Result<Reading, Failure> {
    let variant =
        expected.template.variants.iter().find(|variant| variant_name(&variant.facts) == row.variant);
    let Some(variant) = variant else {
        return Ok((0, vec![format!("{}: its variant `{}` is unknown", row.piece_id, row.variant)]));
    };
    let mut right = 0;
    let mut failures = Vec::new();
    for (index, (side, page)) in variant.sides.iter().zip(row.first_page..).enumerate() {
        let left = expected.layout.left_edge(row.column, index);
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
    row: &LetterRow,
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
