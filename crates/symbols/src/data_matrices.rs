//! Every Data Matrix of a picture.
//!
//! Symbols are located by their finder patterns, so that none is passed over in silence: one that can't be decoded is
//! reported as unread. What has no clear finder pattern (a symbol in the negative, a blurred or a damaged one) is searched
//! for by our own reader, which fits finder patterns to grey levels ([`ladder`]), and without a time limit also with the
//! means of rxing, whose time has no bound.

mod alignment;
mod answer;
mod fit;
mod grid;
mod ladder;
mod mesh;
mod modules;
mod patch;
mod texture;
mod window;
mod working;

pub(crate) use alignment::grey;
pub(crate) use grid::Grid;

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use image::imageops::{self, FilterType};
use image::{GrayImage, Luma};
use rxing::common::BitMatrix;
use rxing::datamatrix::decoder::Decoder;
use rxing::helpers::detect_multiple_in_luma_with_hints;
use rxing::{BarcodeFormat, DecodeHints};

use crate::datamatrix::SymbolSize;
use crate::decode::{DecodedSymbol, Format, data_matrix, read_one, symbol};
use crate::effort::Effort;
use crate::locate::{Located, hull, locate, middle};
use crate::picture::Picture;

/// The longest side of a picture that is enlarged, in pixels.
const ENLARGED_SIDE: u32 = 2000;

/// The most searches of a picture for what has no clear finder pattern: each ends with nothing or with symbols that the
/// next one doesn't see.
const MAX_SEARCHES: usize = 64;

/// The Data Matrix symbols of a picture.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DataMatrices {
    /// Those that were read, sorted from top to bottom, then from left to right.
    pub symbols: Vec<DecodedSymbol>,
    /// The corners of those that have a finder pattern and can't be decoded, in pixels of the picture.
    pub unread: Vec<[(f32, f32); 4]>,
}

/// What is known of the symbols that are looked for. It is preferred; other symbols are read too.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// The sizes that are tried first. Empty if nothing is known.
    pub sizes: &'a [SymbolSize],
    /// What the text begins with: at the known place the search ends only with such a symbol.
    pub header: Option<&'a str>,
}

/// Reads every Data Matrix of a picture.
///
/// Each symbol with a clear finder pattern is either read or reported as unread. A symbol that is read by correcting errors
/// counts only if enough of its redundancy is left to prove it.
///
/// With a time limit only our own reader works, and stops when the time is over: the search for plateaus of edges is the
/// only step that is never cut short, about 10 ms for 9 million pixels. Where a symbol is expected ([`Effort::at`]) is
/// searched first, and the rest of the picture only if nothing is read there.
///
/// Without a time limit the picture is searched for connected finder patterns and by rxing; if nothing is read, so is the
/// negative, then the picture enlarged three times, then the picture at half its size. The first search that reads a
/// symbol ends. Our own reader follows if nothing was read or something is unread.
pub fn read_data_matrices(picture: &Picture, effort: &Effort) -> DataMatrices {
    read_known_data_matrices(picture, effort, &Known::default())
}

/// Reads every Data Matrix of a picture, as [`read_data_matrices`], and prefers what is known.
pub fn read_known_data_matrices(picture: &Picture, effort: &Effort, known: &Known) -> DataMatrices {
    let (luma, width, height) = picture.luma(picture.whole());
    let luma = GrayImage::from_raw(width, height, luma).filter(|luma| !luma.as_raw().is_empty());
    let Some(luma) = luma else { return DataMatrices::default() };
    let mut found = match effort.is_unlimited() {
        true => search_without_limit(&luma),
        false => DataMatrices::default(),
    };
    if found.symbols.is_empty() || !found.unread.is_empty() {
        found.add(ladder::climb(&luma, effort, known));
    }
    found.sort();
    found
}

impl DataMatrices {
    /// Adds what another search found and this one did not.
    fn add(&mut self, other: DataMatrices) {
        for symbol in other.symbols {
            let place = middle(&symbol.outline);
            if !self.symbols.iter().any(|known| inside(&known.outline, place)) {
                self.unread.retain(|corners| !inside(corners, place));
                self.symbols.push(symbol);
            }
        }
        for corners in other.unread {
            let place = middle(&corners);
            let read = self.symbols.iter().any(|known| inside(&known.outline, place));
            if !read && !self.unread.iter().any(|known| inside(known, place)) {
                self.unread.push(corners);
            }
        }
    }

    /// Sorts the symbols from top to bottom, then from left to right.
    fn sort(&mut self) {
        let top = |symbol: &DecodedSymbol| symbol.outline.iter().map(|point| point.1 as i64).min();
        let left = |symbol: &DecodedSymbol| symbol.outline.iter().map(|point| point.0 as i64).min();
        self.symbols.sort_by_key(|symbol| (top(symbol), left(symbol)));
    }
}

/// Every Data Matrix with a connected finder pattern, and what rxing finds, at several scales.
fn search_without_limit(own: &GrayImage) -> DataMatrices {
    let (width, height) = own.dimensions();
    let scaled = |scale: f32, filter| {
        let side = |pixels: u32| ((pixels as f32 * scale) as u32).max(1);
        imageops::resize(own, side(width), side(height), filter)
    };
    let as_it_is = find(own.clone(), 1.0);
    if !as_it_is.symbols.is_empty() {
        return as_it_is;
    }
    let negative = || {
        let mut negative = own.clone();
        imageops::invert(&mut negative);
        find(negative, 1.0)
    };
    let enlarged = || match width.max(height) <= ENLARGED_SIDE {
        true => find(scaled(3.0, FilterType::CatmullRom), 3.0),
        false => DataMatrices::default(),
    };
    let searches: [&dyn Fn() -> DataMatrices; 3] =
        [&negative, &enlarged, &|| find(scaled(0.5, FilterType::Triangle), 0.5)];
    let read = searches.into_iter().map(|search| search()).find(|found| !found.symbols.is_empty());
    let mut found = read.unwrap_or_default();
    found.unread.extend(as_it_is.unread);
    let symbols = &found.symbols;
    found.unread.retain(|corners| !symbols.iter().any(|symbol| inside(corners, middle(&symbol.outline))));
    found
}

/// Finds every Data Matrix of a picture scaled by `scale`. Points are in pixels of the picture before scaling.
fn find(mut luma: GrayImage, scale: f32) -> DataMatrices {
    let (mut symbols, mut unread) = (Vec::new(), Vec::new());
    for located in locate(&luma, &Effort::unlimited()) {
        match decoded(&located).or_else(|| read_around(&luma, &located)) {
            Some(symbol) => symbols.push(symbol),
            None => unread.push(located.corners),
        }
        whiten(&mut luma, &located.corners);
    }
    for _ in 0..MAX_SEARCHES {
        let found = search(luma.clone());
        found.iter().for_each(|symbol| whiten(&mut luma, &symbol.outline));
        let before = symbols.len();
        // The decoder may place a symbol beside where it is, and find it again.
        let known = |symbol: &DecodedSymbol, symbols: &[DecodedSymbol]| {
            symbols
                .iter()
                .any(|known| known.bytes == symbol.bytes || inside(&known.outline, middle(&symbol.outline)))
        };
        for symbol in found {
            if !known(&symbol, &symbols) {
                symbols.push(symbol);
            }
        }
        if symbols.len() == before {
            break;
        }
    }
    let unscaled = |point: &mut (f32, f32)| *point = (point.0 / scale, point.1 / scale);
    symbols.iter_mut().flat_map(|symbol| &mut symbol.outline).for_each(unscaled);
    unread.iter_mut().flatten().for_each(unscaled);
    DataMatrices { symbols, unread }
}

/// The symbol whose modules were located.
fn decoded(located: &Located) -> Option<DecodedSymbol> {
    let read = catch_unwind(AssertUnwindSafe(|| {
        Decoder::new().decode(&BitMatrix::parse_bools(&located.modules)).ok()
    }));
    let result = read.ok().flatten()?;
    Some(data_matrix(result.getText(), result.getRawBytes(), located.corners.to_vec()))
}

/// The symbol that the decoder finds around a located one, in the picture as it is and enlarged twice.
fn read_around(luma: &GrayImage, located: &Located) -> Option<DecodedSymbol> {
    let (left, top, right, bottom) = bounds(&located.corners, luma);
    let cut = imageops::crop_imm(luma, left, top, right - left, bottom - top).to_image();
    let read = |cut: &GrayImage| read_one(cut.as_raw(), cut.width(), cut.height(), Format::DataMatrix);
    let result = read(&cut).or_else(|| {
        let side = |pixels: u32| 2 * pixels;
        (cut.width().max(cut.height()) <= ENLARGED_SIDE)
            .then(|| imageops::resize(&cut, side(cut.width()), side(cut.height()), FilterType::CatmullRom))
            .and_then(|enlarged| read(&enlarged))
    })?;
    let outline = located.corners.to_vec();
    Some(DecodedSymbol { outline, ..symbol(&result, Format::DataMatrix, (0.0, 0.0)) })
}

/// Every Data Matrix that the decoder finds by itself, with convex outlines.
fn search(luma: GrayImage) -> Vec<DecodedSymbol> {
    let (width, height) = luma.dimensions();
    let read = catch_unwind(AssertUnwindSafe(|| {
        let formats = HashSet::from([BarcodeFormat::DATA_MATRIX]);
        let mut hints =
            DecodeHints { TryHarder: Some(true), PossibleFormats: Some(formats), ..DecodeHints::default() };
        detect_multiple_in_luma_with_hints(luma.into_raw(), width, height, &mut hints).ok()
    }));
    let results = read.ok().flatten().unwrap_or_default();
    let convex = |symbol: DecodedSymbol| DecodedSymbol { outline: hull(&symbol.outline), ..symbol };
    results.iter().map(|result| convex(symbol(result, Format::DataMatrix, (0.0, 0.0)))).collect()
}

/// Paints a symbol over in white, with a margin of a few pixels.
fn whiten(luma: &mut GrayImage, outline: &[(f32, f32)]) {
    let centre = middle(outline);
    let larger = |&(x, y): &(f32, f32)| (centre.0 + (x - centre.0) * 1.04, centre.1 + (y - centre.1) * 1.04);
    let outline: Vec<_> = outline.iter().map(larger).collect();
    let (left, top, right, bottom) = bounds(&outline, luma);
    for (x, y) in (top..bottom).flat_map(|y| (left..right).map(move |x| (x, y))) {
        if inside(&outline, (x as f32 + 0.5, y as f32 + 0.5)) {
            luma.put_pixel(x, y, Luma([255]));
        }
    }
}

/// The rectangle around some points and a tenth of it on each side, within the picture: left, top, right, bottom.
fn bounds(points: &[(f32, f32)], luma: &GrayImage) -> (u32, u32, u32, u32) {
    let least = |values: &mut dyn Iterator<Item = f32>| values.fold(f32::MAX, f32::min);
    let most = |values: &mut dyn Iterator<Item = f32>| values.fold(0.0, f32::max);
    let (left, right) = (least(&mut points.iter().map(|p| p.0)), most(&mut points.iter().map(|p| p.0)));
    let (top, bottom) = (least(&mut points.iter().map(|p| p.1)), most(&mut points.iter().map(|p| p.1)));
    let margin = ((right - left).max(bottom - top) / 10.0).max(0.0);
    let (right, bottom) = ((right + margin) as u32 + 1, (bottom + margin) as u32 + 1);
    let (right, bottom) = (right.min(luma.width()), bottom.min(luma.height()));
    (((left - margin) as u32).min(right), ((top - margin) as u32).min(bottom), right, bottom)
}

/// Whether a point is inside a convex outline.
fn inside(outline: &[(f32, f32)], point: (f32, f32)) -> bool {
    let next = outline.iter().cycle().skip(1);
    let turns = outline
        .iter()
        .zip(next)
        .map(|(from, to)| (to.0 - from.0) * (point.1 - from.1) - (to.1 - from.1) * (point.0 - from.0));
    let (mut right, mut left) = (true, true);
    turns.for_each(|turn| (right, left) = (right && turn >= 0.0, left && turn <= 0.0));
    outline.len() > 2 && (right || left)
}

#[cfg(test)]
mod tests;
