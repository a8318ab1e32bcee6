//! Marks that a letter gets on its way: stains, folds, stamps, pen strokes, a postmark, the edges of a window.

use fastrand::Rng;
use image::GrayImage;

use crate::page::{Area, DOTS_PER_MM};

/// A point on the paper, in dots.
type Point = [f32; 2];

/// A brush: a round tip of `radius` dots whose ink multiplies what it covers by `tone` / 255.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Brush {
    pub(crate) radius: f32,
    pub(crate) tone: u8,
}

/// What was painted over a page. Ink is applied once, however often the brush passes.
pub(crate) struct Layer<'a> {
    page: &'a mut GrayImage,
    /// Marks of `page` that this layer has covered, one bit for each dot.
    covered: Vec<u64>,
}

impl Layer<'_> {
    pub(crate) fn over(page: &mut GrayImage) -> Layer<'_> {
        let dots = page.width() as usize * page.height() as usize;
        Layer { page, covered: vec![0; dots.div_ceil(64)] }
    }

    /// A stroke through `points`.
    pub(crate) fn stroke(&mut self, points: &[Point], brush: Brush) {
        for pair in points.windows(2) {
            self.segment(pair[0], pair[1], brush);
        }
    }

    /// A full circle, or a part of it: angles in radians.
    pub(crate) fn arc(&mut self, middle: Point, radius: f32, from: f32, to: f32, brush: Brush) {
        let steps = (radius * (to - from).abs() / 8.0).ceil().max(2.0) as usize;
        let angle = |step: usize| from + (to - from) * step as f32 / steps as f32;
        let points: Vec<Point> = (0..=steps)
            .map(|step| [middle[0] + radius * angle(step).cos(), middle[1] + radius * angle(step).sin()])
            .collect();
        self.stroke(&points, brush);
    }

    fn segment(&mut self, from: Point, to: Point, brush: Brush) {
        let (width, height) = (self.page.width() as i64, self.page.height() as i64);
        let reach = brush.radius;
        let left = (from[0].min(to[0]) - reach).floor().max(0.0) as i64;
        let right = ((from[0].max(to[0]) + reach).ceil() as i64).min(width - 1);
        let top = (from[1].min(to[1]) - reach).floor().max(0.0) as i64;
        let bottom = ((from[1].max(to[1]) + reach).ceil() as i64).min(height - 1);
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        let length = (dx * dx + dy * dy).max(1e-6);
        for y in top..=bottom {
            for x in left..=right {
                let (px, py) = (x as f32 - from[0], y as f32 - from[1]);
                let along = ((px * dx + py * dy) / length).clamp(0.0, 1.0);
                let (off_x, off_y) = (px - along * dx, py - along * dy);
                if off_x * off_x + off_y * off_y <= reach * reach {
                    self.ink((y * width + x) as usize, brush.tone);
                }
            }
        }
    }

    fn ink(&mut self, dot: usize, tone: u8) {
        let bit = 1 << (dot % 64);
        if self.covered[dot / 64] & bit == 0 {
            self.covered[dot / 64] |= bit;
            if let Some(value) = self.page.as_mut().get_mut(dot) {
                *value = (u32::from(*value) * u32::from(tone) / 255) as u8;
            }
        }
    }
}

fn mm(length: f32) -> f32 {
    length * DOTS_PER_MM
}

/// A number between `least` and `most`.
pub(crate) fn between(rng: &mut Rng, least: f32, most: f32) -> f32 {
    least + (most - least) * rng.f32()
}

/// A point of the area, or up to `beyond` dots outside it.
fn somewhere(area: Area, beyond: f32, rng: &mut Rng) -> Point {
    [
        between(rng, area.left - beyond, area.right + beyond),
        between(rng, area.top - beyond, area.bottom + beyond),
    ]
}

/// Strokes of a ball pen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PenStrokes {
    /// How many at most; one at least.
    pub(crate) most: usize,
    /// The most that they are askew, in radians.
    pub(crate) askew: f32,
    /// The least and the greatest half length, in millimetres.
    pub(crate) half_mm: [f32; 2],
    /// The most that they are bent, in millimetres.
    pub(crate) bend_mm: f32,
    pub(crate) brush: Brush,
}

/// Strokes of a ball pen through points of `area`.
pub(crate) fn pen_strokes(page: &mut GrayImage, area: Area, strokes: PenStrokes, rng: &mut Rng) {
    let mut layer = Layer::over(page);
    for _ in 0..rng.usize(1..=strokes.most) {
        let through = somewhere(area, 0.0, rng);
        let angle = between(rng, -strokes.askew, strokes.askew);
        let half = mm(between(rng, strokes.half_mm[0], strokes.half_mm[1]));
        let bend = mm(between(rng, -strokes.bend_mm, strokes.bend_mm));
        let (along, across) = ([angle.cos(), angle.sin()], [-angle.sin(), angle.cos()]);
        let points: Vec<Point> = (-20..=20)
            .map(|step| {
                let t = step as f32 / 20.0;
                let side = bend * t * t;
                [
                    through[0] + half * t * along[0] + side * across[0],
                    through[1] + half * t * along[1] + side * across[1],
                ]
            })
            .collect();
        layer.stroke(&points, strokes.brush);
    }
}

/// A postmark whose round date stamp lies up to `off` dots off `area`, with `waves` wavy lines beside it.
pub(crate) fn postmark(
    page: &mut GrayImage,
    area: Area,
    off: f32,
    waves: usize,
    brush: Brush,
    rng: &mut Rng,
) {
    let middle = somewhere(area, off, rng);
    let turn = between(rng, -0.5, 0.5);
    let (along, across) = ([turn.cos(), turn.sin()], [-turn.sin(), turn.cos()]);
    let at =
        |x: f32, y: f32| [middle[0] + x * along[0] + y * across[0], middle[1] + x * along[1] + y * across[1]];
    let mut layer = Layer::over(page);
    layer.arc(middle, mm(13.0), 0.0, std::f32::consts::TAU, brush);
    layer.arc(middle, mm(8.5), 0.0, std::f32::consts::TAU, brush);
    letters(&mut layer, &at, [mm(-6.0), mm(-3.0)], 5, brush, rng);
    letters(&mut layer, &at, [mm(-6.0), mm(2.0)], 5, brush, rng);
    for wave in 0..waves {
        let row = mm(4.0) * (wave as f32 - (waves as f32 - 1.0) / 2.0);
        // The waves lie to the side where there is more paper.
        let side = if middle[0] > 2480.0 { -1.0 } else { 1.0 };
        let points: Vec<Point> = (0..=60)
            .map(|step| {
                let x = mm(13.0 + step as f32);
                at(side * x, row + mm(1.2) * (x / mm(11.0) * std::f32::consts::TAU).sin())
            })
            .collect();
        layer.stroke(&points, brush);
    }
}

/// A row of `count` signs of 2 × 3 mm, each of three strokes.
fn letters(
    layer: &mut Layer<'_>,
    at: &impl Fn(f32, f32) -> Point,
    [x, y]: Point,
    count: usize,
    brush: Brush,
    rng: &mut Rng,
) {
    for sign in 0..count {
        let left = x + mm(2.6) * sign as f32;
        for _ in 0..3 {
            let mut corner = || at(left + mm(rng.u8(0..3) as f32), y + mm(1.5 * rng.u8(0..3) as f32));
            let (from, to) = (corner(), corner());
            layer.stroke(&[from, to], brush);
        }
    }
}

/// A rubber stamp: a frame of 52 × 16 mm with two lines of signs, up to `near` mm off `area`.
pub(crate) fn rubber_stamp(page: &mut GrayImage, area: Area, near: f32, brush: Brush, rng: &mut Rng) {
    let middle = somewhere(area, mm(near), rng);
    let turn = between(rng, -0.4, 0.4);
    let (along, across) = ([turn.cos(), turn.sin()], [-turn.sin(), turn.cos()]);
    let at =
        |x: f32, y: f32| [middle[0] + x * along[0] + y * across[0], middle[1] + x * along[1] + y * across[1]];
    let (x, y) = (mm(26.0), mm(8.0));
    let mut layer = Layer::over(page);
    layer.stroke(&[at(-x, -y), at(x, -y), at(x, y), at(-x, y), at(-x, -y)], brush);
    letters(&mut layer, &at, [mm(-23.0), mm(-6.0)], 17, brush, rng);
    letters(&mut layer, &at, [mm(-23.0), mm(1.0)], 17, brush, rng);
}

/// `count` stains around `area`: their middle multiplies the page by `tone` / 255, their rim a little more.
pub(crate) fn stains(page: &mut GrayImage, area: Area, count: usize, tone: u8, rng: &mut Rng) {
    for _ in 0..count {
        let middle = somewhere(area, mm(8.0), rng);
        let (half_width, half_height) = (mm(between(rng, 3.0, 14.0)), mm(between(rng, 3.0, 10.0)));
        let depth = (1.0 - f32::from(tone) / 255.0) * between(rng, 0.5, 1.0);
        let lobes = between(rng, 3.0, 7.0).round();
        let phase = between(rng, 0.0, std::f32::consts::TAU);
        each_dot(page, middle, [half_width * 1.3, half_height * 1.3], |dx, dy, value| {
            let (x, y) = (dx / half_width, dy / half_height);
            let edge = 1.0 + 0.2 * (lobes * y.atan2(x) + phase).sin();
            let reach = x.hypot(y) / edge;
            let cover = ((1.0 - reach) * 12.0).clamp(0.0, 1.0);
            let rim = if reach > 0.9 { 1.25 } else { 1.0 };
            value * (1.0 - (depth * rim).min(1.0) * cover)
        });
    }
}

/// Folds across the whole page at `rows` (dots from the top): a dark line beside a light one, and the ink broken in it.
pub(crate) fn folds(page: &mut GrayImage, rows: &[f32], tone: u8, rng: &mut Rng) {
    let width = page.width() as f32;
    for &row in rows {
        let slope = between(rng, -0.004, 0.004);
        let depth = 1.0 - f32::from(tone) / 255.0;
        each_dot(page, [width / 2.0, row], [width / 2.0, mm(2.0)], |dx, dy, value| {
            let off = (dy - slope * dx) / mm(0.18);
            let dark = depth * (-(off - 1.0) * (off - 1.0)).exp();
            let broken = 0.5 * (-(off + 1.0) * (off + 1.0)).exp();
            (value + (255.0 - value) * broken) * (1.0 - dark)
        });
    }
}

/// Covers `area` except a strip of `visible` dots, as an envelope does around its window: paper of `tone`.
pub(crate) fn covered_except(page: &mut GrayImage, area: Area, visible: f32, tone: u8, rng: &mut Rng) {
    let top = between(rng, area.top, area.bottom - visible);
    let beyond = mm(4.0);
    let (left, right) = (area.left - beyond, area.right + beyond);
    for (from, to) in [(area.top - beyond, top), (top + visible, area.bottom + beyond)] {
        let middle = [(left + right) / 2.0, (from + to) / 2.0];
        let edge = |distance: f32| distance.abs() < mm(0.15);
        each_dot(page, middle, [(right - left) / 2.0, (to - from) / 2.0], |_, dy, _| {
            let near_window = edge(dy + middle[1] - top) || edge(dy + middle[1] - top - visible);
            // The paper's thickness throws a narrow shadow.
            if near_window { f32::from(tone) * 0.8 } else { f32::from(tone) }
        });
    }
}

/// Covers `area` with paper.
pub(crate) fn blanked(page: &mut GrayImage, area: Area) {
    let half = [(area.right - area.left) / 2.0, (area.bottom - area.top) / 2.0];
    each_dot(page, area.middle(), half, |_, _, _| 255.0);
}

/// Changes each dot within `half` of `middle`: `change` gets the distances from it, in dots, and the value.
fn each_dot(page: &mut GrayImage, middle: Point, half: Point, change: impl Fn(f32, f32, f32) -> f32) {
    let bounds = |centre: f32, half: f32, size: u32| {
        let first = (centre - half).round().max(0.0) as usize;
        first..((centre + half).round().max(0.0) as usize).min(size as usize).max(first)
    };
    let columns = bounds(middle[0], half[0], page.width());
    let width = page.width() as usize;
    for y in bounds(middle[1], half[1], page.height()) {
        let Some(row) =
            page.as_mut().get_mut(y * width + columns.start..y * width + columns.end.max(columns.start))
        else {
            continue;
        };
        for (x, value) in row.iter_mut().enumerate() {
            let dx = (x + columns.start) as f32 - middle[0];
            *value = change(dx, y as f32 - middle[1], f32::from(*value)).clamp(0.0, 255.0) as u8;
        }
    }
}
