//! What a scanner reads on a page: the symbols of its picture, decoded at a scanner's resolutions.

use std::time::Duration;

use rayon::prelude::*;
use serde::Serialize;
use symbols::{Effort, Picture, read_code39s, read_data_matrices};
use template::Mark;
use twoddoc::{VerifyingKey, parse_text, verify};

use super::answers::MM_PER_POINT;
use super::marks::expected_texts;
use super::pieces::Piece;
use super::refusal::Refusal;
use crate::failure::Failure;
use crate::raster::OpenPdf;
use crate::studio::specimen::specimen_key;

/// The resolutions of scanners, in pixels per inch.
const DPI: [u32; 3] = [150, 200, 300];
/// How long a picture is searched.
const TIME: Duration = Duration::from_millis(1500);

/// A symbol that was read, or one that is there and was not.
#[derive(Serialize)]
pub(super) struct SymbolAnswer {
    dpi: u32,
    format: &'static str,
    /// Empty if it was not read.
    text: String,
    /// What it holds, if a mark of the template asked for it.
    expected: Option<String>,
    ok: bool,
    /// Of a signed block: `valid`, `invalid` or `unreadable`.
    signature: Option<&'static str>,
    polygon: Vec<[f64; 2]>,
}

/// Reads the symbols of a page at each resolution.
///
/// # Errors
/// A refusal if there is no such page, or it can't be drawn.
pub(super) fn read(piece: &Piece, page: u32, night: jiff::civil::Date) -> Result<Vec<SymbolAnswer>, Refusal> {
    let expected = expected_texts(piece, page, night)?;
    let key = specimen_key().map_err(|error| Failure::bug(error.to_string()))?.verifying_key();
    let read = DPI.par_iter().map(|&dpi| {
        let open = OpenPdf::from_bytes(&piece.id, piece.pdf.clone()).map_err(Failure::from)?;
        let picture = open.renderer().picture(page, f64::from(dpi)).map_err(Failure::from)?;
        Ok(judged(seen(&picture, dpi), &expected, &key, dpi))
    });
    let read: Result<Vec<Vec<SymbolAnswer>>, Refusal> = read.collect();
    Ok(read?.into_iter().flatten().collect())
}

/// A symbol of a picture.
struct Seen {
    format: &'static str,
    text: String,
    /// In millimetres.
    polygon: Vec<[f64; 2]>,
}

fn seen(picture: &Picture, dpi: u32) -> Vec<Seen> {
    let mm = |pixels: f32| (f64::from(pixels) * 25.4 / f64::from(dpi) * 100.0).round() / 100.0;
    let effort = Effort::within(TIME);
    let barcodes = read_code39s(picture, &effort).into_iter().map(|reading| Seen {
        format: "Code39",
        text: reading.text,
        polygon: reading.polygon.iter().map(|point| [mm(point[0]), mm(point[1])]).collect(),
    });
    let matrices = read_data_matrices(picture, &effort).symbols.into_iter().map(|symbol| Seen {
        format: "DataMatrix",
        text: symbol.text,
        polygon: symbol.outline.iter().map(|&(x, y)| [mm(x), mm(y)]).collect(),
    });
    barcodes.chain(matrices).collect()
}

/// What was seen, held against what the marks hold.
fn judged(
    mut seen: Vec<Seen>,
    expected: &[(&Mark, String)],
    key: &VerifyingKey,
    dpi: u32,
) -> Vec<SymbolAnswer> {
    let mut answers = Vec::new();
    for (mark, expected) in expected {
        let format = if matches!(mark, Mark::Code39(_)) { "Code39" } else { "DataMatrix" };
        let here = seen.iter().position(|seen| seen.format == format && lies_in(seen, mark));
        let found = here.map(|index| seen.swap_remove(index));
        let text = found.as_ref().map(|found| found.text.clone()).unwrap_or_default();
        answers.push(SymbolAnswer {
            dpi,
            format,
            ok: text == *expected,
            signature: matches!(mark, Mark::TwoDDoc(_)).then(|| signature(&text, key)),
            polygon: found.map_or_else(|| corners(mark), |found| found.polygon),
            text,
            expected: Some(expected.clone()),
        });
    }
    answers.extend(seen.into_iter().map(|Seen { format, text, polygon }| SymbolAnswer {
        dpi,
        format,
        text,
        expected: None,
        ok: true,
        signature: None,
        polygon,
    }));
    answers
}

/// Whether the middle of what was seen lies in a mark.
fn lies_in(seen: &Seen, mark: &Mark) -> bool {
    let count = seen.polygon.len().max(1) as f64;
    let middle =
        |axis: usize| seen.polygon.iter().map(|point| point[axis]).sum::<f64>() / count / MM_PER_POINT;
    let (x, y, rect) = (middle(0), middle(1), mark.printed_rect());
    (rect.x..rect.x + rect.width).contains(&x) && (rect.y..rect.y + rect.height).contains(&y)
}

fn corners(mark: &Mark) -> Vec<[f64; 2]> {
    let rect = super::answers::MmRect::from(mark.printed_rect());
    let (right, bottom) = (rect.x + rect.width, rect.y + rect.height);
    vec![[rect.x, rect.y], [right, rect.y], [right, bottom], [rect.x, bottom]]
}

fn signature(text: &str, key: &VerifyingKey) -> &'static str {
    match parse_text(text) {
        Err(_) => "unreadable",
        Ok(code) => match verify(&code, key) {
            Ok(()) => "valid",
            Err(_) => "invalid",
        },
    }
}
