//! Proofing: what was printed is read back from the print files and compared with what was meant.
//!
//! Takes the letters of a lot and their files. Gives counts and every mismatch. Reads the files from the disk, as a
//! press would; shares no code with what drew them.

use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;

use super::Watch;
use super::composition::facts;
use super::printing::{NumberedPiece, PrintedLot, PrintedPiece};
use crate::failure::Failure;
use crate::mail::piece::PieceKind;
use crate::reading::{Artist, Format, OpenPdf, Picture, Region, read_region};
use crate::template::{CompiledTemplate, Mark, Place};
use crate::twoddoc::{VerifyingKey, parse_text, verify};

/// How much of a lot is read back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
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
const SAMPLE_STEP: usize = 100;
/// How many pieces one thread reads at a time.
const SHARE: usize = 64;

/// How many symbols of a piece are right, and what is wrong with the others.
type Reading = (u64, Vec<String>);

/// Proofs the letters of a lot in the folder they were printed to.
///
/// # Errors
/// A print file that can't be read or drawn.
pub fn prove(
    prove: Prove,
    pieces: &[NumberedPiece],
    printed: &PrintedLot,
    template: &CompiledTemplate,
    key: &VerifyingKey,
    folder: &Path,
    watch: &dyn Watch,
) -> Result<Proof, Failure> {
    let mut proof = Proof::default();
    if prove == Prove::None {
        return Ok(proof);
    }
    for (index, file) in printed.files.iter().enumerate() {
        let path = folder.join(&file.path);
        let name = path.display().to_string();
        let bytes = Arc::new(fs_err::read(&path)?);
        let of_file: Vec<(&NumberedPiece, &PrintedPiece)> =
            pieces.iter().zip(&printed.pieces).filter(|(_, place)| place.file == index).collect();
        let chosen: Vec<_> = of_file
            .iter()
            .enumerate()
            .filter(|(rank, _)| prove == Prove::All || rank % SAMPLE_STEP == 0 || rank + 1 == of_file.len())
            .map(|(_, pair)| *pair)
            .collect();
        // A share has the file open for itself: readers of one open file would wait for each other.
        let share = |share: &[(&NumberedPiece, &PrintedPiece)]| -> Result<Vec<Reading>, Failure> {
            let pdf = OpenPdf::from_bytes(&name, Arc::clone(&bytes))?;
            let artist = pdf.artist();
            let read = share.iter().map(|(piece, place)| {
                let reading = read_piece(piece, place, template, key, &artist);
                watch.advance(1);
                reading
            });
            read.collect()
        };
        let readings: Vec<Vec<Reading>> =
            chosen.par_chunks(fair_share(chosen.len())).map(share).collect::<Result<_, Failure>>()?;
        let readings = readings.into_iter().flatten();
        for (barcodes, failures) in readings {
            proof.pieces += 1;
            proof.barcodes += barcodes;
            proof.failures.extend(failures);
        }
    }
    Ok(proof)
}

/// How many pages go to a thread at a time: few enough that every core has some.
fn fair_share(pages: usize) -> usize {
    pages.div_ceil(2 * rayon::current_num_threads()).clamp(1, SHARE)
}

/// How many pieces a proof reads of a lot.
pub fn extent(prove: Prove, printed: &PrintedLot) -> u64 {
    let of_file = |pieces: u32| match prove {
        Prove::None => 0,
        Prove::All => u64::from(pieces),
        Prove::Sample => (0..pieces as usize)
            .filter(|rank| rank % SAMPLE_STEP == 0 || rank + 1 == pieces as usize)
            .count() as u64,
    };
    printed.files.iter().map(|file| of_file(file.pieces)).sum()
}

/// Reads the symbols of one piece.
fn read_piece(
    piece: &NumberedPiece,
    place: &PrintedPiece,
    template: &CompiledTemplate,
    key: &VerifyingKey,
    artist: &Artist,
) -> Result<Reading, Failure> {
    let mut facts = facts(PieceKind::Letter, piece.piece.issuance);
    facts.retain(|name, _| template.manifest.variants.contains(name));
    let variant = template.variants.iter().find(|variant| variant.facts == facts);
    let sides = variant.map_or(&[][..], |variant| &variant.sides);
    let mut right = 0;
    let mut failures = Vec::new();
    for (side, page) in sides.iter().zip(place.first_page..) {
        let symbols = side.marks.iter().filter(|mark| matches!(mark, Mark::Code39(_) | Mark::TwoDDoc(_)));
        let mut picture = None;
        for mark in symbols {
            let picture = match &mut picture {
                Some(picture) => picture,
                empty => empty.insert(artist.picture(page, DPI)?),
            };
            match read_mark(mark, piece, place, key, picture) {
                Ok(()) => right += 1,
                Err(problem) => failures.push(format!("{}: {problem}", piece.piece_id)),
            }
        }
    }
    Ok((right, failures))
}

fn read_mark(
    mark: &Mark,
    piece: &NumberedPiece,
    place: &PrintedPiece,
    key: &VerifyingKey,
    picture: &Picture,
) -> Result<(), String> {
    match mark {
        Mark::Code39(mark) => {
            let meant = piece.piece.issuance.card_number.as_str();
            let read = read_region(picture, region(&mark.place), Format::Code39);
            compare("Code 39", meant, read.map(|symbol| symbol.text))
        }
        Mark::TwoDDoc(mark) => {
            let meant = place.twoddoc.as_deref().unwrap_or_default();
            let read = read_region(picture, region(&mark.place), Format::DataMatrix);
            compare("2D-DOC", meant, read.map(|symbol| symbol.text))?;
            let code = parse_text(meant).map_err(|error| format!("2D-DOC: {error}"))?;
            verify(&code, key).map_err(|error| format!("2D-DOC: {error}"))
        }
        Mark::Text(_) | Mark::Area(_) => Ok(()),
    }
}

fn compare(symbol: &str, meant: &str, read: Option<String>) -> Result<(), String> {
    match read {
        Some(text) if text == meant => Ok(()),
        Some(_) => Err(format!("the {symbol} reads as something else than the manifest says")),
        None => Err(format!("the {symbol} can't be read")),
    }
}

/// A mark's place in pixels, with a little paper around it.
fn region(place: &Place) -> Region {
    const PAPER: f64 = 3.0;
    let pixels = |points: f64| (points * DPI / 72.0).round().max(0.0) as u32;
    Region {
        x: pixels(place.x - PAPER),
        y: pixels(place.y - PAPER),
        width: pixels(place.width + 2.0 * PAPER),
        height: pixels(place.height + 2.0 * PAPER),
    }
}
