//! A part of a picture in which symbols are looked for.

use std::borrow::Cow;

use image::{GrayImage, Luma, imageops};

use super::texture::Blob;
use super::whiten;
use crate::decode::DecodedSymbol;
use crate::locate::{Point, middle};

/// The longest side of a window that has pixels of its own.
const OWN_SIDE: u32 = 1400;

/// Side of a block of a window whose dark and light are known, in pixels; how many blocks around one are its neighbourhood; and
/// the least difference of dark and light.
const BLOCK: u32 = 12;
const REACH: u32 = 2;
const LEAST_CONTRAST: f32 = 16.0;

/// How much larger than the symbols that were read a plateau is if there may be more.
const ROOM: f32 = 1.7;

/// A part of a picture.
pub(super) struct Window<'a> {
    /// Its pixels.
    pub luma: Cow<'a, GrayImage>,
    /// Its top left corner in the picture.
    pub origin: Point,
}

impl<'a> Window<'a> {
    /// The window of a plateau of a picture whose top left corner is `origin`: its rectangle and a margin, and the plateau in
    /// it. That of a large plateau is the whole picture.
    pub(super) fn of(luma: &'a GrayImage, origin: Point, blob: Blob) -> Option<(Window<'a>, Blob)> {
        let (sin, cos) = (blob.angle.sin().abs(), blob.angle.cos().abs());
        let margin = 0.3 * blob.half.0.max(blob.half.1) + 12.0;
        let wide = blob.half.0 * cos + blob.half.1 * sin + margin;
        let high = blob.half.0 * sin + blob.half.1 * cos + margin;
        let (left, top) = ((blob.middle.0 - wide).max(0.0) as u32, (blob.middle.1 - high).max(0.0) as u32);
        let right = ((blob.middle.0 + wide).max(0.0) as u32).min(luma.width());
        let bottom = ((blob.middle.1 + high).max(0.0) as u32).min(luma.height());
        if left + 8 > right || top + 8 > bottom {
            return None;
        }
        if (right - left).max(bottom - top) > OWN_SIDE {
            return Some((Window { luma: Cow::Borrowed(luma), origin }, blob));
        }
        let part = cut(luma, left, top, right - left, bottom - top);
        let corner = (left as f32, top as f32);
        let middle = (blob.middle.0 - corner.0, blob.middle.1 - corner.1);
        Some((Window { luma: Cow::Owned(part), origin: shifted(origin, corner) }, Blob { middle, ..blob }))
    }

    /// A whole picture.
    pub(super) fn whole(luma: &'a GrayImage) -> Window<'a> {
        Window { luma: Cow::Borrowed(luma), origin: (0.0, 0.0) }
    }

    /// Whether it is a part that has its own pixels.
    pub(super) fn is_part(&self) -> bool {
        matches!(self.luma, Cow::Owned(_))
    }

    /// The same window with dark and light exchanged.
    pub(super) fn negative(&self) -> Window<'static> {
        let mut luma = self.luma.clone().into_owned();
        imageops::invert(&mut luma);
        Window { luma: Cow::Owned(luma), origin: self.origin }
    }

    /// The same window with the dark and the light of each neighbourhood spread over all levels: stains and glare disappear.
    pub(super) fn flattened(&self) -> Window<'static> {
        let (columns, rows) = (self.luma.width().div_ceil(BLOCK), self.luma.height().div_ceil(BLOCK));
        let extremes = self.extremes(columns, rows);
        let at = |column: u32, row: u32| extremes[(row * columns + column) as usize];
        // Between the middles of blocks.
        let position = |pixel: u32, count: u32| {
            let position = ((pixel as f32 + 0.5) / BLOCK as f32 - 0.5).clamp(0.0, (count - 1) as f32);
            (position as u32, (position as u32 + 1).min(count - 1), position.fract())
        };
        let luma = GrayImage::from_fn(self.luma.width(), self.luma.height(), |x, y| {
            let ((left, right, u), (above, below, v)) = (position(x, columns), position(y, rows));
            let between = |a: f32, b: f32, part: f32| a + (b - a) * part;
            let extreme = |side: usize| {
                let upper = between(at(left, above)[side], at(right, above)[side], u);
                between(upper, between(at(left, below)[side], at(right, below)[side], u), v)
            };
            let (dark, light) = (extreme(0), extreme(1));
            let level =
                (f32::from(self.luma.get_pixel(x, y).0[0]) - dark) / (light - dark).max(LEAST_CONTRAST);
            Luma([(level * 255.0).clamp(0.0, 255.0) as u8])
        });
        Window { luma: Cow::Owned(luma), origin: self.origin }
    }

    /// The darkest and the lightest pixel of the neighbourhood of each block.
    fn extremes(&self, columns: u32, rows: u32) -> Vec<[f32; 2]> {
        let mut own = vec![(u8::MAX, u8::MIN); (columns * rows) as usize];
        for (x, y, pixel) in self.luma.enumerate_pixels() {
            let block = &mut own[(y / BLOCK * columns + x / BLOCK) as usize];
            *block = (block.0.min(pixel.0[0]), block.1.max(pixel.0[0]));
        }
        let around = |at: u32, end: u32| at.saturating_sub(REACH)..(at + REACH + 1).min(end);
        let neighbourhood = |row: u32, column: u32| {
            let blocks =
                around(row, rows).flat_map(|row| around(column, columns).map(move |column| (row, column)));
            blocks
                .map(|(row, column)| own[(row * columns + column) as usize])
                .fold((u8::MAX, 0), |a, b| (a.0.min(b.0), a.1.max(b.1)))
        };
        let cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
        cells
            .map(|(row, column)| neighbourhood(row, column))
            .map(|(dark, light)| [f32::from(dark), f32::from(light)])
            .collect()
    }

    /// Whether a plateau has room for more than the symbols that were read in it.
    pub(super) fn has_room(&self, blob: &Blob, symbols: &[DecodedSymbol]) -> bool {
        let inside = |symbol: &&DecodedSymbol| {
            let (x, y) = middle(&symbol.outline);
            blob.contains((x - self.origin.0, y - self.origin.1))
        };
        let read: f32 = symbols.iter().filter(inside).map(|symbol| area(&symbol.outline)).sum();
        4.0 * blob.half.0 * blob.half.1 > ROOM * read
    }

    /// Paints those symbols over in white that lie in it.
    pub(super) fn whiten(&mut self, symbols: &[DecodedSymbol]) {
        let back = (-self.origin.0, -self.origin.1);
        let size = (self.luma.width() as f32, self.luma.height() as f32);
        for symbol in symbols {
            let outline: Vec<Point> = symbol.outline.iter().map(|&point| shifted(point, back)).collect();
            let inside = |&(x, y): &Point| (0.0..size.0).contains(&x) && (0.0..size.1).contains(&y);
            if outline.iter().any(inside) {
                whiten(self.luma.to_mut(), &outline);
            }
        }
    }
}

/// A rectangle of a picture: left, top, width, height.
pub(super) fn cut(luma: &GrayImage, left: u32, top: u32, width: u32, height: u32) -> GrayImage {
    let rows = luma.as_raw().chunks_exact(luma.width().max(1) as usize);
    let columns = left as usize..(left + width) as usize;
    let pixels: Vec<u8> = rows
        .skip(top as usize)
        .take(height as usize)
        .flat_map(|row| &row[columns.clone()])
        .copied()
        .collect();
    GrayImage::from_raw(width, height, pixels).unwrap_or_default()
}

/// A point moved.
pub(super) fn shifted(point: Point, by: Point) -> Point {
    (point.0 + by.0, point.1 + by.1)
}

/// The area of a polygon.
fn area(outline: &[Point]) -> f32 {
    let next = outline.iter().cycle().skip(1);
    outline.iter().zip(next).map(|(a, b)| a.0 * b.1 - a.1 * b.0).sum::<f32>().abs() / 2.0
}
