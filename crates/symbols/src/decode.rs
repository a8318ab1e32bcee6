//! Symbols in pictures.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::GrayImage;
use image::imageops::{self, FilterType};
use rxing::helpers::{detect_in_luma_slice_with_hints, detect_multiple_in_luma_with_hints};
use rxing::{BarcodeFormat, DecodeHints, RXingResult};

use crate::codewords;
use crate::picture::{Picture, Region};

/// The longest side of a picture that is enlarged, in pixels.
const ENLARGED_SIDE: u32 = 2000;

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
}

/// Reads the symbol of a kind in a region. `None` if none is found there, or if the decoder fails or panics.
pub fn read_region(picture: &Picture, region: Region, format: Format) -> Option<DecodedSymbol> {
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

/// Reads every Data Matrix of a picture, sorted from top to bottom, then from left to right.
///
/// If none is found in the picture as it is, the negative is searched, then the picture enlarged three times, then the
/// picture at half its size. The first search that finds a symbol ends.
pub fn read_data_matrices(picture: &Picture) -> Vec<DecodedSymbol> {
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
    let searches: [&dyn Fn() -> Vec<DecodedSymbol>; 4] =
        [&|| read_all(own.clone(), 1.0), &negative, &enlarged, &|| {
            read_all(scaled(0.5, FilterType::Triangle), 0.5)
        }];
    searches.into_iter().map(|search| search()).find(|found| !found.is_empty()).unwrap_or_default()
}

/// Reads every Data Matrix of a picture scaled by `scale`. Outlines are in pixels of the picture before scaling.
fn read_all(luma: GrayImage, scale: f32) -> Vec<DecodedSymbol> {
    let (width, height) = luma.dimensions();
    let read = catch_unwind(AssertUnwindSafe(|| {
        let formats = HashSet::from([BarcodeFormat::DATA_MATRIX]);
        let mut hints =
            DecodeHints { TryHarder: Some(true), PossibleFormats: Some(formats), ..DecodeHints::default() };
        detect_multiple_in_luma_with_hints(luma.into_raw(), width, height, &mut hints).ok()
    }));
    let results = read.ok().flatten().unwrap_or_default();
    let mut symbols: Vec<DecodedSymbol> =
        results.iter().map(|result| symbol(result, Format::DataMatrix, (0, 0))).collect();
    for point in symbols.iter_mut().flat_map(|symbol| &mut symbol.outline) {
        *point = (point.0 / scale, point.1 / scale);
    }
    let top = |symbol: &DecodedSymbol| symbol.outline.iter().map(|point| point.1 as i64).min();
    let left = |symbol: &DecodedSymbol| symbol.outline.iter().map(|point| point.0 as i64).min();
    symbols.sort_by_key(|symbol| (top(symbol), left(symbol)));
    symbols
}

/// Characters as bytes of ISO 8859-1. Other characters are left out.
fn latin_1(text: &str) -> Vec<u8> {
    text.chars().filter_map(|c| u8::try_from(c).ok()).collect()
}

/// The symbol of a result. `origin` is the corner of the region that was read.
fn symbol(result: &RXingResult, format: Format, origin: (u32, u32)) -> DecodedSymbol {
    let text = result.getText().to_owned();
    let codewords = match format {
        Format::DataMatrix => codewords::bytes(result.getRawBytes()),
        Format::Code39 => None,
    };
    let outline = result.getPoints().iter();
    let outline = outline.map(|p| (p.x + origin.0 as f32, p.y + origin.1 as f32)).collect();
    DecodedSymbol { format, bytes: codewords.unwrap_or_else(|| latin_1(&text)), text, outline }
}
