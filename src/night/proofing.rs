//! Proofing: what was printed is read back from the print files and compared with what was meant.
//!
//! Takes a lot's manifest, row by row, and its files. Gives counts and every mismatch. Reads the files from the disk,
//! as a press would; shares no code with what drew them. Holds the rows of one file at a time.

use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;

use super::Watch;
use super::imposition::SheetLayout;
use super::manifest::LetterRow;
use super::printing::PrintedLot;
use crate::failure::Failure;
use crate::raster::{OpenPdf, Renderer};
use symbols::{Format, Picture, Region, read_region};
use template::{CompiledTemplate, Mark, Rect, variant_name};
use twoddoc::{VerifyingKey, parse_text, verify};

/// How much of a lot is read back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Prove {
    /// Nothing.
    None,
    /// The first and last piece of each file, and one in a hundred.
    #[default]
    Sample,
    /// Every piece.
    All,
}

/// What proofing found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Proof {
    /// Pieces that were read back.
    pub pieces: u64,
    /// Symbols that were read back and right.
    pub barcodes: u64,
    /// Symbols that were not, in words.
    pub failures: Vec<String>,
}

/// Resolution of the pictures, in pixels per inch: that of a plain office scanner, so that what reads here reads on
/// returned mail. At more than 280 a page's pixels cost more to allocate than to draw.
const DPI: f64 = 200.0;
/// One piece in this many is read for a sample.
const SAMPLE_STEP: u32 = 100;
/// How many pieces one thread reads at a time.
const SHARE: usize = 64;

/// How many symbols of a piece are right, and what is wrong with the others.
type Reading = (u64, Vec<String>);

/// What print files are compared with, besides their manifest.
pub(super) struct Meant<'a> {
    /// Where marks are.
    pub template: &'a CompiledTemplate,
    /// How pieces lie on sheets.
    pub layout: SheetLayout,
    /// What verifies the signed blocks.
    pub key: &'a VerifyingKey,
}

/// Proofs the letters of a lot in the folder they were printed to.
///
/// # Errors
/// A print file that can't be read or drawn.
pub(super) fn prove(
    prove: Prove,
    manifest: &Path,
    printed: &PrintedLot,
    meant: &Meant,
    folder: &Path,
    watch: &dyn Watch,
) -> Result<Proof, Failure> {
    let mut proof = Proof::default();
    if prove == Prove::None {
        return Ok(proof);
    }
    let unreadable =
        |error: csv::Error| Failure::Midway(format!("{}: {error}", folder.join(manifest).display()));
    let mut table = csv::Reader::from_path(folder.join(manifest)).map_err(unreadable)?;
    let mut rows = table.deserialize::<LetterRow>();
    for file in &printed.files {
        let of_file = (0..file.pieces).zip(rows.by_ref());
        let chosen = of_file.filter(|(rank, _)| is_read(prove, *rank, file.pieces));
        let mut chosen: Vec<LetterRow> =
            chosen.map(|(_, row)| row).collect::<Result<_, _>>().map_err(unreadable)?;
        // Pieces of one sheet follow each other, so that it is drawn once.
        chosen.sort_by_key(|row| (row.first_page, row.position));
        prove_file(&folder.join(&file.path), &chosen, meant, watch, &mut proof)?;
    }
    Ok(proof)
}

/// Whether the piece of that rank in a file of so many is read.
fn is_read(prove: Prove, rank: u32, pieces: u32) -> bool {
    match prove {
        Prove::None => false,
        Prove::All => true,
        Prove::Sample => rank.is_multiple_of(SAMPLE_STEP) || rank + 1 == pieces,
    }
}

/// Proofs the chosen letters of one file.
fn prove_file(
    path: &Path,
    chosen: &[LetterRow],
    meant: &Meant,
    watch: &dyn Watch,
    proof: &mut Proof,
) -> Result<(), Failure> {
    let name = path.display().to_string();
    let bytes = Arc::new(fs_err::read(path)?);
    let belongs = |row: &&LetterRow| path.file_name().is_some_and(|name| name == row.file.as_str());
    if let Some(stranger) = chosen.iter().find(|row| !belongs(row)) {
        return Err(Failure::Midway(format!(
            "{}: the manifest says it is in {}, not in {name}; report this",
            stranger.piece_id, stranger.file
        )));
    }
    // A share has the file open for itself: readers of one open file would wait for each other.
    let share = |share: &[LetterRow]| -> Result<Vec<Reading>, Failure> {
        let pdf = OpenPdf::from_bytes(&name, Arc::clone(&bytes))?;
        let mut sheet = Sheet { renderer: &pdf.renderer(), drawn: None };
        let read = share.iter().map(|row| {
            let reading = read_piece(row, meant, &mut sheet);
            watch.advance(1);
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
pub(super) fn extent(prove: Prove, printed: &PrintedLot) -> u64 {
    let of_file = |pieces: u32| (0..pieces).filter(|rank| is_read(prove, *rank, pieces)).count() as u64;
    printed.files.iter().map(|file| of_file(file.pieces)).sum()
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
fn read_piece(row: &LetterRow, meant: &Meant, sheet: &mut Sheet) -> Result<Reading, Failure> {
    let variant = meant.template.variants.iter().find(|variant| variant_name(&variant.facts) == row.variant);
    let Some(variant) = variant else {
        return Ok((0, vec![format!("{}: its variant `{}` is unknown", row.piece_id, row.variant)]));
    };
    let mut right = 0;
    let mut failures = Vec::new();
    for (rank, (side, page)) in variant.sides.iter().zip(row.first_page..).enumerate() {
        let left = meant.layout.left_edge(row.position, rank);
        let symbols = side.marks.iter().filter(|mark| matches!(mark, Mark::Code39(_) | Mark::TwoDDoc(_)));
        for mark in symbols {
            match read_mark(mark, row, left, meant.key, sheet.picture(page)?) {
                Ok(()) => right += 1,
                Err(problem) => failures.push(format!("{}: {problem}", row.piece_id)),
            }
        }
    }
    Ok((right, failures))
}

/// Reads a mark of the side whose left edge is so many points from the sheet's.
fn read_mark(
    mark: &Mark,
    row: &LetterRow,
    left: f64,
    key: &VerifyingKey,
    picture: &Picture,
) -> Result<(), String> {
    match mark {
        Mark::Code39(mark) => {
            let read = read_region(picture, region(&mark.rect, left), Format::Code39);
            compare("Code 39", &row.window_barcode, read.map(|symbol| symbol.text))
        }
        Mark::TwoDDoc(mark) => {
            let read = read_region(picture, region(&mark.rect, left), Format::DataMatrix);
            compare("2D-DOC", &row.twoddoc, read.map(|symbol| symbol.text))?;
            let code = parse_text(&row.twoddoc).map_err(|error| format!("2D-DOC: {error}"))?;
            verify(&code, key).map_err(|error| format!("2D-DOC: {error}"))
        }
        Mark::Text(_) | Mark::Omr(_) | Mark::ControlCode(_) | Mark::Area(_) => Ok(()),
    }
}

fn compare(symbol: &str, meant: &str, read: Option<String>) -> Result<(), String> {
    match read {
        Some(text) if text == meant => Ok(()),
        Some(_) => Err(format!("the {symbol} reads as something else than the manifest says")),
        None => Err(format!("the {symbol} can't be read")),
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
