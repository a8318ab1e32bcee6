//! Symbols in pictures.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::GrayImage;
use image::imageops::{self, FilterType};
use rxing::helpers::{detect_in_luma_slice_with_hints, detect_multiple_in_luma_with_hints};
use rxing::{BarcodeFormat, DecodeHints, RXingResult};

use crate::codewords;
use crate::picture::{Picture, Region};

/// The longest side of a picture that is worth enlarging, in pixels.
const ENLARGED_SIDE: u32 = 2000;

/// The kinds of symbol that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Code 39 (ISO/IEC 16388).
    Code39,
    /// Data Matrix ECC 200 (ISO/IEC 16022).
    DataMatrix,
}

/// A symbol that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Symbol {
    /// Its kind.
    pub format: Format,
    /// Its content.
    pub text: String,
    /// Its content as bytes; of a Data Matrix, taken from its codewords, whatever their encodation.
    pub bytes: Vec<u8>,
    /// Points on its outline, in pixels of the picture.
    pub outline: Vec<(f32, f32)>,
}

/// Reads the symbol of a region, if there is one. A decoder that gives up, for whatever reason, has read nothing.
pub fn read_region(picture: &Picture, region: Region, format: Format) -> Option<Symbol> {
    let (luma, width, height) = picture.luma(region);
    let wanted = match format {
        Format::Code39 => BarcodeFormat::CODE_39,
        Format::DataMatrix => BarcodeFormat::DATA_MATRIX,
    };
    let read = catch_unwind(AssertUnwindSafe(|| {
        let mut hints = DecodeHints { TryHarder: Some(true), ..DecodeHints::default() };
        detect_in_luma_slice_with_hints(&luma, width, height, Some(wanted), &mut hints).ok()
    }));
    Some(symbol(&read.ok().flatten()?, format, (region.x, region.y)))
}

/// Reads every Data Matrix of a picture, in the order of the page. What is not found as it stands is looked for in the
/// negative, then at three times and at half the size.
pub fn read_data_matrices(picture: &Picture) -> Vec<Symbol> {
    let whole = picture.whole();
    let (luma, width, height) = picture.luma(whole);
    let Some(own) = GrayImage::from_raw(width, height, luma) else { return Vec::new() };
    let scaled = |scale: f32, filter| {
        let side = |pixels: u32| ((pixels as f32 * scale) as u32).max(1);
        imageops::resize(&own, side(width), side(height), filter)
    };
    let negative = || {
        let mut negative = own.clone();
        imageops::invert(&mut negative);
        read_all(negative, 1.0)
    };
    let enlarged = || match width.max(height) <= ENLARGED_SIDE {
        true => read_all(scaled(3.0, FilterType::CatmullRom), 3.0),
        false => Vec::new(),
    };
    let ways: [&dyn Fn() -> Vec<Symbol>; 4] = [&|| read_all(own.clone(), 1.0), &negative, &enlarged, &|| {
        read_all(scaled(0.5, FilterType::Triangle), 0.5)
    }];
    ways.into_iter().map(|way| way()).find(|found| !found.is_empty()).unwrap_or_default()
}

/// Reads every Data Matrix of a picture that was scaled.
fn read_all(luma: GrayImage, scale: f32) -> Vec<Symbol> {
    let (width, height) = luma.dimensions();
    let read = catch_unwind(AssertUnwindSafe(|| {
        let formats = HashSet::from([BarcodeFormat::DATA_MATRIX]);
        let mut hints =
            DecodeHints { TryHarder: Some(true), PossibleFormats: Some(formats), ..DecodeHints::default() };
        detect_multiple_in_luma_with_hints(luma.into_raw(), width, height, &mut hints).ok()
    }));
    let results = read.ok().flatten().unwrap_or_default();
    let mut symbols: Vec<Symbol> =
        results.iter().map(|result| symbol(result, Format::DataMatrix, (0, 0))).collect();
    for point in symbols.iter_mut().flat_map(|symbol| &mut symbol.outline) {
        *point = (point.0 / scale, point.1 / scale);
    }
    let top = |symbol: &Symbol| symbol.outline.iter().map(|point| point.1 as i64).min();
    let left = |symbol: &Symbol| symbol.outline.iter().map(|point| point.0 as i64).min();
    symbols.sort_by_key(|symbol| (top(symbol), left(symbol)));
    symbols
}

/// Characters as the bytes they were read from; what is none of ISO 8859-1 is left out.
fn latin_1(text: &str) -> Vec<u8> {
    text.chars().filter_map(|c| u8::try_from(c).ok()).collect()
}

fn symbol(result: &RXingResult, format: Format, origin: (u32, u32)) -> Symbol {
    let text = result.getText().to_owned();
    let codewords = match format {
        Format::DataMatrix => codewords::bytes(result.getRawBytes()),
        Format::Code39 => None,
    };
    let outline = result.getPoints().iter();
    let outline = outline.map(|p| (p.x + origin.0 as f32, p.y + origin.1 as f32)).collect();
    Symbol { format, bytes: codewords.unwrap_or_else(|| latin_1(&text)), text, outline }
}
