//! A page of a pile as a person looks at it: turned upright, small enough for a report, with a close-up of its symbols.
//!
//! A page lies on the glass as it fell. The symbols that were read say which way it is up; a page without any stays as it
//! was scanned. Pictures are grey JPEG files of bounded size, in base64, as a report embeds them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, GrayImage, Luma};
use serde::{Deserialize, Serialize};
use symbols::Picture;

use super::affine::Affine;
use super::outcome::{Polygon, SymbolFormat, SymbolRead};

/// The longest side of a page's picture, in pixels.
const PAGE_SIDE: f32 = 1000.0;
/// The longest side of a close-up, in pixels.
const CLOSE_SIDE: f32 = 1000.0;
/// What is shown around the symbols, as a share of the longer side of what they cover.
const MARGIN: f32 = 0.25;
/// A page whose symbols cover more than this share of it has no close-up.
const CLOSE_SHARE: f32 = 0.2;
/// A page that lies askew by less than this is turned by whole right angles, which blurs nothing. In radians.
const STRAIGHT: f32 = 0.01;
/// The bytes that a JPEG of a page may have, and that of a close-up.
const PAGE_BYTES: usize = 72_000;
const CLOSE_BYTES: usize = 48_000;
/// The qualities that are tried until a JPEG is small enough.
const QUALITIES: [u8; 4] = [72, 58, 42, 25];

/// A page for a report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Crop {
    /// The whole page.
    pub page: View,
    /// Its symbols, larger, or the best one of those that lie far apart; `None` where none were found, or where they fill the page.
    pub close: Option<View>,
}

/// A picture of a page, or of a part of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct View {
    /// A grey JPEG file in base64.
    pub jpeg: String,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// From pixels of the page to pixels of this picture.
    pub transform: Affine,
}

/// Turns a page upright and makes it small. `unread` are symbols that were found and not read.
///
/// The page is turned by what was read most confidently: bars before modules. Never fails: a picture that can't be encoded,
/// or that has no pixels, is `None`.
pub(crate) fn upright(picture: &Picture, symbols: &[SymbolRead], unread: &[Polygon]) -> Option<Crop> {
    let grey = GrayImage::from_raw(picture.width(), picture.height(), picture.to_luma())?;
    if grey.width() == 0 || grey.height() == 0 {
        return None;
    }
    let turn = Affine::rotation(-straightened(page_angle(symbols)));
    let [width, height] = [picture.width() as f32, picture.height() as f32];
    let whole = Frame::around(&turn, &[[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]], 0.0)?;
    let all = symbols.iter().map(|symbol| symbol.polygon).chain(unread.iter().copied());
    let close = close_up(&turn, &whole, &all.flatten().collect::<Vec<_>>()).or_else(|| {
        // Symbols in two corners of a page: the best one says most.
        let best = best(symbols).map(|symbol| symbol.polygon).or(unread.first().copied())?;
        close_up(&turn, &whole, &best)
    });
    Some(Crop {
        page: whole.view(&grey, &turn, PAGE_SIDE, PAGE_BYTES)?,
        close: close.and_then(|frame| frame.view(&grey, &turn, CLOSE_SIDE, CLOSE_BYTES)),
    })
}

/// The direction in which a symbol is read, in radians from the picture's rows, clockwise; `None` where its corners say none.
///
/// The corners of bars begin at the start of the text, along its upper edge. Those of modules begin where the two solid sides
/// meet, at the lower left, and go up the left side.
fn reading_angle(symbol: &SymbolRead) -> Option<f32> {
    let corners = symbol.polygon;
    let end = match symbol.format {
        SymbolFormat::Code39 => corners[1],
        SymbolFormat::DataMatrix => corners[3],
    };
    let (x, y) = (end[0] - corners[0][0], end[1] - corners[0][1]);
    let angle = y.atan2(x);
    (x.hypot(y) >= 1.0 && angle.is_finite()).then_some(angle)
}

/// The symbol that is believed most: bars before modules, since they stand where the piece is known to be upright.
fn best(symbols: &[SymbolRead]) -> Option<&SymbolRead> {
    let rank = |symbol: &SymbolRead| (symbol.format == SymbolFormat::Code39, symbol.agreed);
    let with_angle = symbols.iter().filter(|symbol| reading_angle(symbol).is_some());
    with_angle
        .max_by(|one, other| rank(one).cmp(&rank(other)).then(one.confidence.total_cmp(&other.confidence)))
}

/// How far a page is turned clockwise, in radians.
fn page_angle(symbols: &[SymbolRead]) -> f32 {
    best(symbols).and_then(reading_angle).unwrap_or(0.0)
}

/// What lies around points of the page; `None` if there are none, or if it is most of the page.
fn close_up(turn: &Affine, whole: &Frame, corners: &[[f32; 2]]) -> Option<Frame> {
    let frame = Frame::around(turn, corners, MARGIN)?.within(whole);
    (frame.area() < CLOSE_SHARE * whole.area()).then_some(frame)
}

/// The angle, or the multiple of a right angle that it nearly is.
fn straightened(angle: f32) -> f32 {
    let quarter = std::f32::consts::FRAC_PI_2;
    let nearest = (angle / quarter).round() * quarter;
    if (angle - nearest).abs() < STRAIGHT { nearest } else { angle }
}

/// A rectangle of the turned page, in its pixels.
#[derive(Debug, Clone, Copy)]
struct Frame {
    left: f32,
    top: f32,
    right: f32,
    bottom: f32,
}

impl Frame {
    /// The rectangle around points of the page, with a margin; `None` where there are no points.
    fn around(turn: &Affine, points: &[[f32; 2]], margin: f32) -> Option<Frame> {
        let mut turned =
            points.iter().map(|point| turn.apply(*point)).filter(|[x, y]| x.is_finite() && y.is_finite());
        let [x, y] = turned.next()?;
        let mut frame = Frame { left: x, top: y, right: x, bottom: y };
        for [x, y] in turned {
            frame.left = frame.left.min(x);
            frame.top = frame.top.min(y);
            frame.right = frame.right.max(x);
            frame.bottom = frame.bottom.max(y);
        }
        let margin = margin * (frame.right - frame.left).max(frame.bottom - frame.top);
        Some(Frame {
            left: frame.left - margin,
            top: frame.top - margin,
            right: frame.right + margin,
            bottom: frame.bottom + margin,
        })
    }

    /// The part of it that is in another one.
    fn within(self, whole: &Frame) -> Frame {
        Frame {
            left: self.left.max(whole.left),
            top: self.top.max(whole.top),
            right: self.right.min(whole.right),
            bottom: self.bottom.min(whole.bottom),
        }
    }

    /// Its area in pixels; 0 where it is empty.
    fn area(&self) -> f32 {
        (self.right - self.left).max(0.0) * (self.bottom - self.top).max(0.0)
    }

    /// What it shows, with a longer side of at most `side` pixels, and never enlarged.
    fn view(&self, grey: &GrayImage, turn: &Affine, side: f32, bytes: usize) -> Option<View> {
        let (wide, high) = (self.right - self.left, self.bottom - self.top);
        if wide < 1.0 || high < 1.0 {
            return None;
        }
        let scale = (side / wide.max(high)).min(1.0);
        let width = ((wide * scale).round() as u32).max(1);
        let height = ((high * scale).round() as u32).max(1);
        let transform = turn.then(&Affine::translation(-self.left, -self.top)).then(&Affine::scale(scale));
        let shown = drawn(grey, &transform, width, height)?;
        Some(View { jpeg: STANDARD.encode(jpeg(&shown, bytes)?), width, height, transform })
    }
}

/// The picture that a transform makes of another one, with white around it. Every pixel is the mean of what it covers.
fn drawn(grey: &GrayImage, transform: &Affine, width: u32, height: u32) -> Option<GrayImage> {
    let back = transform.inverse()?;
    let step = back.length().max(1.0);
    let reduced = Reduced::of(grey, step as u32);
    let factor = reduced.factor as f32;
    Some(GrayImage::from_fn(width, height, |x, y| {
        let [x, y] = back.apply([x as f32 + 0.5, y as f32 + 0.5]);
        Luma([reduced.at(x / factor - 0.5, y / factor - 0.5)])
    }))
}

/// A picture whose pixels are means of squares of another one's.
struct Reduced {
    pixels: Vec<u8>,
    width: usize,
    height: usize,
    factor: u32,
}

impl Reduced {
    fn of(grey: &GrayImage, factor: u32) -> Reduced {
        let side = factor as usize;
        let row_length = grey.width() as usize;
        let (width, height) = (row_length.div_ceil(side), (grey.height() as usize).div_ceil(side));
        if factor == 1 {
            return Reduced { pixels: grey.as_raw().clone(), width, height, factor };
        }
        let mut pixels = Vec::with_capacity(width * height);
        for rows in grey.as_raw().chunks(side * row_length) {
            let mut sums = vec![(0u32, 0u32); width];
            for row in rows.chunks(row_length) {
                for (sum, part) in sums.iter_mut().zip(row.chunks(side)) {
                    sum.0 += part.iter().map(|&level| u32::from(level)).sum::<u32>();
                    sum.1 += part.len() as u32;
                }
            }
            pixels.extend(sums.into_iter().map(|(sum, count)| (sum / count.max(1)) as u8));
        }
        Reduced { pixels, width, height, factor }
    }

    /// The level at a point, between the four pixels around it; white outside.
    fn at(&self, x: f32, y: f32) -> u8 {
        let inside = |length: usize, at: f32| at > -1.0 && at < length as f32;
        if !inside(self.width, x) || !inside(self.height, y) {
            return u8::MAX;
        }
        let (left, top) = (x.floor(), y.floor());
        let (along, down) = (x - left, y - top);
        let level = |dx: f32, dy: f32| {
            let column = (left + dx).clamp(0.0, self.width as f32 - 1.0) as usize;
            let row = (top + dy).clamp(0.0, self.height as f32 - 1.0) as usize;
            f32::from(self.pixels.get(row * self.width + column).copied().unwrap_or(u8::MAX))
        };
        let upper = level(0.0, 0.0) * (1.0 - along) + level(1.0, 0.0) * along;
        let lower = level(0.0, 1.0) * (1.0 - along) + level(1.0, 1.0) * along;
        (upper * (1.0 - down) + lower * down).round() as u8
    }
}

/// A JPEG of at most `bytes` bytes, or of the least quality.
fn jpeg(picture: &GrayImage, bytes: usize) -> Option<Vec<u8>> {
    let mut file = Vec::new();
    for quality in QUALITIES {
        file.clear();
        let mut encoder = JpegEncoder::new_with_quality(&mut file, quality);
        encoder.encode(picture.as_raw(), picture.width(), picture.height(), ExtendedColorType::L8).ok()?;
        if file.len() <= bytes {
            break;
        }
    }
    Some(file)
}

#[cfg(test)]
mod tests;
