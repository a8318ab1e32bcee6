//! A part of a picture in which symbols are looked for.

use image::{GrayImage, imageops};

use super::texture::{Blob, reduced};
use super::whiten;
use crate::decode::DecodedSymbol;
use crate::effort::Effort;
use crate::locate::{Located, Point, locate, middle};

/// The longest side of a window in which connected finder patterns are looked for at full size, in pixels.
const LOCATING_SIDE: u32 = 1400;

/// How much larger than the symbols that were read a plateau is if there may be more.
const ROOM: f32 = 1.7;

/// A part of a picture.
pub(super) struct Window {
    /// Its pixels.
    pub luma: GrayImage,
    /// Its top left corner in the picture.
    pub origin: Point,
}

impl Window {
    /// The window of a plateau of a picture whose top left corner is `origin`: its rectangle and a margin, and the plateau in it.
    pub(super) fn of(luma: &GrayImage, origin: Point, blob: Blob) -> Option<(Window, Blob)> {
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
        let part = imageops::crop_imm(luma, left, top, right - left, bottom - top).to_image();
        let corner = (left as f32, top as f32);
        let middle = (blob.middle.0 - corner.0, blob.middle.1 - corner.1);
        Some((Window { luma: part, origin: shifted(origin, corner) }, Blob { middle, ..blob }))
    }

    /// The symbols whose finder patterns are connected areas.
    pub(super) fn located(&self, effort: &Effort) -> Vec<Located> {
        let longest = self.luma.width().max(self.luma.height());
        let factor = longest.div_ceil(LOCATING_SIDE).max(1);
        if factor == 1 {
            return locate(&self.luma, effort);
        }
        let mut located = locate(&reduced(&self.luma, factor), effort);
        for point in located.iter_mut().flat_map(|located| &mut located.corners) {
            *point = (point.0 * factor as f32, point.1 * factor as f32);
        }
        located
    }

    /// The same window with dark and light exchanged.
    pub(super) fn negative(&self) -> Window {
        let mut luma = self.luma.clone();
        imageops::invert(&mut luma);
        Window { luma, origin: self.origin }
    }

    /// Whether a plateau has room for more than the symbols that were read in it.
    pub(super) fn has_room(&self, blob: &Blob, symbols: &[DecodedSymbol]) -> bool {
        let inside = |symbol: &&DecodedSymbol| {
            let (x, y) = middle(&symbol.outline);
            let (x, y) = (x - self.origin.0, y - self.origin.1);
            (0.0..self.luma.width() as f32).contains(&x) && (0.0..self.luma.height() as f32).contains(&y)
        };
        let read: f32 = symbols.iter().filter(inside).map(|symbol| area(&symbol.outline)).sum();
        4.0 * blob.half.0 * blob.half.1 > ROOM * read
    }

    /// Paints symbols over in white.
    pub(super) fn whiten(&mut self, symbols: &[DecodedSymbol]) {
        let back = (-self.origin.0, -self.origin.1);
        for symbol in symbols {
            let outline: Vec<Point> = symbol.outline.iter().map(|&point| shifted(point, back)).collect();
            whiten(&mut self.luma, &outline);
        }
    }
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
