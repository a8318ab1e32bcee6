//! How well a symbol's finder pattern lies over a picture, and where it lies best.

use image::GrayImage;

use crate::datamatrix::shape::Shape;
use crate::locate::{Point, Projection};

/// Modules of a finder pattern of which a part is enough.
const MANY: usize = 90;

/// How light the light modules of alternating sides are at least, from 0 for the dark ones to 1 for the quiet zone.
const LEAST_LIGHT: f32 = 0.4;

/// A symbol of a shape at four corners: bottom left, top left, top right, bottom right.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed {
    pub corners: [Point; 4],
    pub shape: Shape,
}

/// The luma at a point, between the pixels around it.
#[inline]
pub(crate) fn grey(luma: &GrayImage, (x, y): Point) -> f32 {
    let (width, height) = (luma.width() as usize, luma.height() as usize);
    let x = (x - 0.5).clamp(0.0, (width - 1) as f32);
    let y = (y - 0.5).clamp(0.0, (height - 1) as f32);
    let (left, top) = (x as usize, y as usize);
    let (right, below) = ((left + 1).min(width - 1), (top + 1).min(height - 1));
    let (part_x, part_y) = (x - left as f32, y - top as f32);
    let pixels = luma.as_raw();
    let pixel = |x: usize, y: usize| f32::from(pixels[y * width + x]);
    let upper = pixel(left, top) + (pixel(right, top) - pixel(left, top)) * part_x;
    let lower = pixel(left, below) + (pixel(right, below) - pixel(left, below)) * part_x;
    upper + (lower - upper) * part_y
}

impl Placed {
    /// The point of the picture at a row and column of modules.
    fn at(&self, projection: &Projection, row: f32, column: f32) -> Point {
        projection.at(column / self.shape.columns as f32, row / self.shape.rows as f32)
    }

    /// The correlation of finder pattern and quiet zone with the picture, from -1 to 1.
    pub(super) fn correlation(&self, luma: &GrayImage) -> f32 {
        self.correlation_of(luma, 1)
    }

    /// The same of a part of the modules, if there are many.
    pub(super) fn rough_correlation(&self, luma: &GrayImage) -> f32 {
        // An odd number: dark and light alternate.
        self.correlation_of(luma, if self.shape.plan().finder.len() > MANY { 3 } else { 1 })
    }

    /// The correlation by one of `every` modules.
    fn correlation_of(&self, luma: &GrayImage, every: usize) -> f32 {
        let projection = Projection::new(self.corners);
        let mut sums = Sums::default();
        for &(row, column, dark) in self.shape.plan().finder.iter().step_by(every) {
            let point = self.at(&projection, f32::from(row) + 0.5, f32::from(column) + 0.5);
            sums.add(grey(luma, point), dark);
        }
        let (rows, columns) = (self.shape.rows as f32, self.shape.columns as f32);
        for row in (0..self.shape.rows).step_by(2 * every) {
            let row = row as f32 + 0.5;
            sums.add(grey(luma, self.at(&projection, row, -0.6)), false);
            sums.add(grey(luma, self.at(&projection, row, columns + 0.6)), false);
        }
        for column in (0..self.shape.columns).step_by(2 * every) {
            let column = column as f32 + 0.5;
            sums.add(grey(luma, self.at(&projection, -0.6, column)), false);
            sums.add(grey(luma, self.at(&projection, rows + 0.6, column)), false);
        }
        sums.correlation()
    }

    /// Moves the corners, by `step` modules and then by less, as long as the finder pattern (its negative if `negative`)
    /// lies better. Returns how well it lies, up to 1.
    pub(super) fn refine(&mut self, luma: &GrayImage, step: f32, negative: bool) -> f32 {
        let sign = if negative { -1.0 } else { 1.0 };
        climb(&mut self.corners, self.shape, step, 3, &|corners| {
            sign * Placed { corners, ..*self }.correlation(luma)
        })
    }

    /// Whether both solid sides are dark along their whole length (light if `negative`), and the light modules of the other
    /// sides about as light as the quiet zone.
    pub(super) fn is_whole(&self, luma: &GrayImage, negative: bool) -> bool {
        let sign = if negative { -1.0 } else { 1.0 };
        let projection = Projection::new(self.corners);
        let level = |row: f32, column: f32| sign * grey(luma, self.at(&projection, row, column));
        let (rows, columns) = (self.shape.rows, self.shape.columns);
        let finder = &self.shape.plan().finder;
        let of_kind = |wanted: bool| {
            let modules = finder.iter().filter(move |&&(.., dark)| dark == wanted);
            mean_of(modules.map(|&(row, column, _)| level(f32::from(row) + 0.5, f32::from(column) + 0.5)))
        };
        let (dark, light) = (of_kind(true), of_kind(false));
        let left = || (0..rows).map(|row| row as f32 + 0.5);
        let bottom = || (0..columns).map(|column| column as f32 + 0.5);
        let last = rows as f32;
        let quiet =
            left().map(|row| level(row, -0.6)).chain(bottom().map(|column| level(last + 0.6, column)));
        let threshold = (dark + light) / 2.0;
        let dark_left = left().filter(|&row| level(row, 0.5) < threshold).count();
        let dark_bottom = bottom().filter(|&column| level(last - 0.5, column) < threshold).count();
        let solid = 4 * dark_left >= 3 * rows && 4 * dark_bottom >= 3 * columns;
        solid && light - dark >= LEAST_LIGHT * (mean_of(quiet) - dark)
    }

    /// The width and height of a module in pixels.
    pub(super) fn module(&self) -> (f32, f32) {
        let [corner, left, opposite, bottom] = self.corners;
        let wide = (distance(corner, bottom) + distance(left, opposite)) / 2.0;
        let high = (distance(corner, left) + distance(bottom, opposite)) / 2.0;
        (wide / self.shape.columns as f32, high / self.shape.rows as f32)
    }
}

/// Sums of luma where dark and where light modules should be.
#[derive(Default)]
pub(super) struct Sums {
    dark: f32,
    light: f32,
    squares: f32,
    darks: f32,
    lights: f32,
}

impl Sums {
    pub(super) fn add(&mut self, luma: f32, dark: bool) {
        match dark {
            true => (self.dark, self.darks) = (self.dark + luma, self.darks + 1.0),
            false => (self.light, self.lights) = (self.light + luma, self.lights + 1.0),
        }
        self.squares += luma * luma;
    }

    /// How much lighter light modules are, in levels.
    pub(super) fn difference(&self) -> f32 {
        self.light / self.lights.max(1.0) - self.dark / self.darks.max(1.0)
    }

    /// How many were added.
    pub(super) fn count(&self) -> f32 {
        self.darks + self.lights
    }

    /// Whether there are dark and light ones.
    pub(super) fn is_mixed(&self) -> bool {
        self.darks > 0.0 && self.lights > 0.0
    }

    fn correlation(&self) -> f32 {
        let count = (self.darks + self.lights).max(1.0);
        let mean = (self.dark + self.light) / count;
        let deviation = (self.squares / count - mean * mean).max(1.0).sqrt();
        self.difference() * (self.darks * self.lights).sqrt() / count / deviation
    }
}

/// Moves corners one by one along the symbol's sides as long as `score` grows, `passes` times with each step. Returns the
/// score.
fn climb(
    corners: &mut [Point; 4],
    shape: Shape,
    first_step: f32,
    passes: usize,
    score: &dyn Fn([Point; 4]) -> f32,
) -> f32 {
    let mut best = score(*corners);
    for halvings in 0..4 {
        let step = first_step / (1 << halvings) as f32;
        for _ in 0..passes {
            let before = best;
            for index in 0..4 {
                for (along, across) in [(step, 0.0), (-step, 0.0), (0.0, step), (0.0, -step)] {
                    let [corner, left, _, bottom] = *corners;
                    let (columns, rows) = (shape.columns as f32, shape.rows as f32);
                    let u = ((bottom.0 - corner.0) / columns, (bottom.1 - corner.1) / columns);
                    let v = ((left.0 - corner.0) / rows, (left.1 - corner.1) / rows);
                    let mut moved = *corners;
                    moved[index].0 += along * u.0 + across * v.0;
                    moved[index].1 += along * u.1 + across * v.1;
                    let next = score(moved);
                    if next > best {
                        (best, *corners) = (next, moved);
                    }
                }
            }
            if best - before < 1e-4 {
                break;
            }
        }
    }
    best
}

/// The mean of some values; 0 if there are none.
fn mean_of(values: impl Iterator<Item = f32>) -> f32 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / f32::max(count, 1.0)
}

/// The distance of two points.
pub(super) fn distance(from: Point, to: Point) -> f32 {
    (to.0 - from.0).hypot(to.1 - from.1)
}
