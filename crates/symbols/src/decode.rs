//! Symbols in pictures.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use rxing::helpers::detect_in_luma_slice_with_hints;
use rxing::{BarcodeFormat, DecodeHints, RXingResult};

use crate::code39::read_code39s_in;
use crate::codewords;
use crate::effort::{Effort, Step};
use crate::picture::{Picture, Region};

/// The time for a Code 39 in a region that rxing does not read.
const REGION_BUDGET: Duration = Duration::from_millis(300);

/// The kinds of symbol that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Code 39 (ISO/IEC 16388).
    Code39,
    /// Data Matrix ECC 200 (ISO/IEC 16022).
    DataMatrix,
}

/// A symbol that was read, with its position.
#[derive(Debug, Clone, PartialEq)]
pub struct DecodedSymbol {
    /// The kind of symbol.
    pub format: Format,
    /// The content as text.
    pub text: String,
    /// The content as bytes. Those of a Data Matrix come from its codewords, in any encodation.
    pub bytes: Vec<u8>,
    /// Points on the symbol's outline, in pixels of the picture.
    pub outline: Vec<(f32, f32)>,
    /// The step that read it.
    pub step: Step,
    /// How far it can be believed, 0 to 1. Of a Data Matrix the part of its error correction that was not needed. `None`
    /// if the decoder does not know.
    pub confidence: Option<f32>,
}

/// Reads the symbol of a kind in a region: with rxing, and a Code 39 that it does not read as [`read_code39s`] does, if two
/// bands of its bars agree. `None` if none is found there, or if the decoder fails or panics.
///
/// [`read_code39s`]: crate::read_code39s
pub fn read_region(picture: &Picture, region: Region, format: Format) -> Option<DecodedSymbol> {
    let (luma, width, height) = picture.luma(region);
    match (read_one(&luma, width, height, format), format) {
        (Some(result), _) => Some(symbol(&result, format, (region.x as f32, region.y as f32))),
        (None, Format::Code39) => code39(picture, region),
        (None, Format::DataMatrix) => None,
    }
}

/// A Code 39 that is read by what its bands agree on.
fn code39(picture: &Picture, region: Region) -> Option<DecodedSymbol> {
    let readings = read_code39s_in(picture, region, &Effort::within(REGION_BUDGET));
    let reading = readings.into_iter().find(|reading| reading.agreed().is_some())?;
    Some(DecodedSymbol {
        format: Format::Code39,
        bytes: latin_1(&reading.text),
        outline: reading.polygon.iter().map(|point| (point[0], point[1])).collect(),
        step: reading.step,
        confidence: Some(reading.confidence),
        text: reading.text,
    })
}

/// The symbol of a kind in a picture of `width` × `height` pixels.
pub(crate) fn read_one(luma: &[u8], width: u32, height: u32, format: Format) -> Option<RXingResult> {
    let wanted = match format {
        Format::Code39 => BarcodeFormat::CODE_39,
        Format::DataMatrix => BarcodeFormat::DATA_MATRIX,
    };
    let read = catch_unwind(AssertUnwindSafe(|| {
        let mut hints = DecodeHints { TryHarder: Some(true), ..DecodeHints::default() };
        detect_in_luma_slice_with_hints(luma, width, height, Some(wanted), &mut hints).ok()
    }));
    read.ok().flatten()
}

/// Characters as bytes of ISO 8859-1. Other characters are left out.
fn latin_1(text: &str) -> Vec<u8> {
    text.chars().filter_map(|c| u8::try_from(c).ok()).collect()
}

/// The symbol of a result. `origin` is the corner of the region that was read.
pub(crate) fn symbol(result: &RXingResult, format: Format, origin: (f32, f32)) -> DecodedSymbol {
    let outline = result.getPoints().iter();
    let outline = outline.map(|p| (p.x + origin.0, p.y + origin.1)).collect();
    match format {
        Format::DataMatrix => data_matrix(result.getText(), result.getRawBytes(), outline),
        Format::Code39 => {
            let text = result.getText().to_owned();
            DecodedSymbol {
                format,
                bytes: latin_1(&text),
                text,
                outline,
                step: Step::Straight,
                confidence: None,
            }
        }
    }
}

/// A Data Matrix of a text and data codewords.
pub(crate) fn data_matrix(text: &str, data: &[u8], outline: Vec<(f32, f32)>) -> DecodedSymbol {
    let bytes = codewords::bytes(data).unwrap_or_else(|| latin_1(text));
    let (format, text, step) = (Format::DataMatrix, text.to_owned(), Step::Straight);
    DecodedSymbol { format, text, bytes, outline, step, confidence: None }
}
