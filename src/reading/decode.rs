//! Symbols in pictures.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rxing::helpers::detect_in_luma_slice_with_hints;
use rxing::{BarcodeFormat, DecodeHints};

use super::raster::{Picture, Region};

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
    let result = read.ok().flatten()?;
    let shift = |value: f32, origin: u32| value + origin as f32;
    let outline = result.getPoints().iter().map(|p| (shift(p.x, region.x), shift(p.y, region.y))).collect();
    Some(Symbol { format, text: result.getText().to_owned(), outline })
}
