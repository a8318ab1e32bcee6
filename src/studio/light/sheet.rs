//! A sheet and the panels into which its fold lays it, as layers that light goes through.

use image::GrayImage;
use template::{Fold, FoldedPanel, Rect, Turn, folded_panels};

use super::View;
use super::patch::Patch;

/// The share of light that goes through ink.
const INK: f32 = 0.08;
/// Points in an inch.
const POINTS: f64 = 72.0;
/// Millimetres in an inch.
const MM: f64 = 25.4;

/// A rectangle of pixels of a view, as it is seen from the front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Region {
    pub x: i64,
    pub y: i64,
    pub width: u32,
    pub height: u32,
}

/// A printed sheet and its fold.
pub(super) struct FoldedSheet<'s> {
    front: &'s GrayImage,
    back: Option<&'s GrayImage>,
    dpi: f64,
    turn: Turn,
    /// From the address to the back of the envelope. All rows are pixels.
    panels: Vec<FoldedPanel>,
}

impl<'s> FoldedSheet<'s> {
    /// A sheet with the address on its first panel.
    pub(super) fn new(
        front: &'s GrayImage,
        back: Option<&'s GrayImage>,
        dpi: f64,
        fold: &Fold,
        turn: Turn,
    ) -> FoldedSheet<'s> {
        FoldedSheet { front, back, dpi, turn, panels: folded_panels(fold, 0.0).unwrap_or_default() }
    }

    fn pixels(&self, points: f64) -> f64 {
        points / POINTS * self.dpi
    }

    /// The height of a view in pixels.
    pub(super) fn height(&self, view: View) -> u32 {
        let ends = self.panels.iter().map(|panel| panel.folded(panel.top).max(panel.folded(panel.bottom)));
        match view {
            View::FlatFront | View::FlatBack => self.front.height(),
            View::FoldedFront | View::FoldedBack if self.panels.is_empty() => self.front.height(),
            View::FoldedFront | View::FoldedBack => self.pixels(ends.fold(0.0, f64::max)).round() as u32,
        }
    }

    /// Where a rectangle of a page lies in a view, in pixels. Pages count from 0.
    pub(super) fn region_of(&self, page: usize, rect: &Rect, view: View) -> Region {
        let mut rect = if page % 2 == 1 { self.turn.turned(rect) } else { *rect };
        if matches!(view, View::FoldedFront | View::FoldedBack) {
            let middle = rect.y + rect.height / 2.0;
            let holds = |panel: &&FoldedPanel| (panel.top..panel.bottom).contains(&middle);
            if let Some(panel) = self.panels.iter().find(holds) {
                let (one, other) = (panel.folded(rect.y), panel.folded(rect.y + rect.height));
                rect.y = one.min(other);
            }
        }
        let whole = |points: f64| self.pixels(points).round();
        Region {
            x: whole(rect.x) as i64,
            y: whole(rect.y) as i64,
            width: whole(rect.width) as u32,
            height: whole(rect.height) as u32,
        }
    }

    /// The light that comes through a region towards a view, not mirrored. A sheet blurs by `blur_mm`.
    pub(super) fn seen(&self, view: View, region: Region, blur_mm: f64) -> Patch {
        let blur = blur_mm / MM * self.dpi;
        let folded = matches!(view, View::FoldedFront | View::FoldedBack) && self.panels.len() > 1;
        let depths = if folded { self.panels.len() } else { 1 };
        let margin = (3.0 * blur * (depths as f64).sqrt()).ceil() as u32;
        let wide = Region {
            x: region.x - i64::from(margin),
            y: region.y - i64::from(margin),
            width: region.width + 2 * margin,
            height: region.height + 2 * margin,
        };
        let mut seen = Patch::new(wide.width, wide.height, |_, _| 1.0);
        for depth in 0..depths {
            let layer = match (folded, view) {
                (false, _) => Patch::new(wide.width, wide.height, |x, y| {
                    self.passes(wide.x + i64::from(x), wide.y + i64::from(y))
                }),
                (true, View::FoldedBack) => self.layer(&self.panels[depths - 1 - depth], wide),
                (true, _) => self.layer(&self.panels[depth], wide),
            };
            // Scattered light scatters again: variances add.
            seen.through(&layer.blurred(blur * ((depth + 1) as f64).sqrt()));
        }
        seen.without_margin(margin)
    }

    /// The light that a panel lets through in a region of the folded sheet.
    fn layer(&self, panel: &FoldedPanel, region: Region) -> Patch {
        let (top, bottom) = (self.pixels(panel.top), self.pixels(panel.bottom));
        let offset = self.pixels(panel.offset);
        Patch::new(region.width, region.height, |x, y| {
            let row = ((region.y + i64::from(y)) as f64 + 0.5 - offset) / panel.sign;
            match (top..bottom).contains(&row) {
                true => self.passes(region.x + i64::from(x), row.floor() as i64),
                false => 1.0,
            }
        })
    }

    /// The share of light that a pixel of the sheet lets through, counted on page 1. There is no ink beyond the sheet.
    fn passes(&self, x: i64, y: i64) -> f32 {
        let (width, height) = (i64::from(self.front.width()), i64::from(self.front.height()));
        let (over_x, over_y) = match self.turn {
            Turn::LongEdge => (width - 1 - x, y),
            Turn::ShortEdge => (x, height - 1 - y),
        };
        passes(self.front, x, y) * self.back.map_or(1.0, |back| passes(back, over_x, over_y))
    }
}

fn passes(side: &GrayImage, x: i64, y: i64) -> f32 {
    let pixel = u32::try_from(x).ok().zip(u32::try_from(y).ok());
    match pixel.and_then(|(x, y)| side.get_pixel_checked(x, y)) {
        Some(grey) => INK + (1.0 - INK) * f32::from(grey.0[0]) / 255.0,
        None => 1.0,
    }
}
