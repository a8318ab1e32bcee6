//! How well a symbol's finder pattern lies over a picture, and where it lies best.

use image::GrayImage;

use crate::datamatrix::shape::Shape;
use crate::locate::{Point, Projection};

/// A symbol of a shape at four corners: bottom left, top left, top right, bottom right.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed {
    pub corners: [Point; 4],
    pub shape: Shape,
}

/// The luma at a point, between the pixels around it.
#[inline]
pub(super) fn grey(luma: &GrayImage, (x, y): Point) -> f32 {
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
        let projection = Projection::new(self.corners);
        let mut sums = Sums::default();
        for &(row, column, dark) in &self.shape.plan().finder {
            let point = self.at(&projection, f32::from(row) + 0.5, f32::from(column) + 0.5);
            sums.add(grey(luma, point), dark);
        }
        let (rows, columns) = (self.shape.rows as f32, self.shape.columns as f32);
        for row in (0..self.shape.rows).step_by(2) {
            let row = row as f32 + 0.5;
            sums.add(grey(luma, self.at(&projection, row, -0.6)), false);
            sums.add(grey(luma, self.at(&projection, row, columns + 0.6)), false);
        }
        for column in (0..self.shape.columns).step_by(2) {
            let column = column as f32 + 0.5;
            sums.add(grey(luma, self.at(&projection, -0.6, column)), false);
            sums.add(grey(luma, self.at(&projection, rows + 0.6, column)), false);
        }
        sums.correlation()
    }

    /// Moves the corners, by `step` modules and then by less, as long as the finder pattern lies better.
    pub(super) fn refine(&mut self, luma: &GrayImage, step: f32) -> f32 {
        climb(&mut self.corners, self.shape, step, 3, &|corners| {
            Placed { corners, ..*self }.correlation(luma)
        })
    }

    /// The projections of the data regions, row by row, as the corners of the symbol have it.
    pub(super) fn regions(&self) -> Vec<Projection> {
        self.region_corners().into_iter().map(Projection::new).collect()
    }

    /// The projections of the data regions, each moved to where its own modules are sharpest.
    pub(super) fn corrected_regions(&self, luma: &GrayImage) -> Vec<Projection> {
        let shape = self.shape;
        let (rows, columns) = (shape.rows / shape.region_rows, shape.columns / shape.region_columns);
        let own = Shape { rows, columns, region_rows: 1, region_columns: 1, ..shape };
        let corrected = |corners: [Point; 4]| {
            let mut moved = corners;
            climb(&mut moved, own, 0.5, 2, &|corners| sharpness(luma, own, corners));
            let module = distance(corners[0], corners[3]) / columns as f32;
            let near = moved.iter().zip(&corners).all(|(to, from)| distance(*to, *from) < 1.2 * module);
            Projection::new(if near { moved } else { corners })
        };
        self.region_corners().into_iter().map(corrected).collect()
    }

    fn region_corners(&self) -> Vec<[Point; 4]> {
        let whole = Projection::new(self.corners);
        let shape = self.shape;
        let (height, width) = (shape.rows / shape.region_rows, shape.columns / shape.region_columns);
        let region = |index: usize| {
            let (top, left) = (index / shape.region_columns * height, index % shape.region_columns * width);
            let (bottom, right) = (top + height, left + width);
            [(bottom, left), (top, left), (top, right), (bottom, right)]
                .map(|(row, column)| self.at(&whole, row as f32, column as f32))
        };
        (0..shape.region_rows * shape.region_columns).map(region).collect()
    }
}

/// How far a region's modules are from the middle between dark and light, with those of its finder pattern on the right
/// side of it counted twice.
fn sharpness(luma: &GrayImage, own: Shape, corners: [Point; 4]) -> f32 {
    let projection = Projection::new(corners);
    let (rows, columns) = (own.rows as f32, own.columns as f32);
    let mut known = Sums::default();
    let (mut sum, mut squares) = (0.0, 0.0);
    for row in 0..own.rows {
        for column in 0..own.columns {
            let point = projection.at((column as f32 + 0.5) / columns, (row as f32 + 0.5) / rows);
            let luma = grey(luma, point);
            (sum, squares) = (sum + luma, squares + luma * luma);
            if let Some(dark) = own.finder(row, column) {
                known.add(luma, dark);
            }
        }
    }
    let count = rows * columns;
    let deviation = (squares / count - (sum / count).powi(2)).max(0.0).sqrt();
    deviation + known.difference() / 2.0
}

/// Sums of luma where dark and where light modules should be.
#[derive(Default)]
struct Sums {
    dark: f32,
    light: f32,
    squares: f32,
    darks: f32,
    lights: f32,
}

impl Sums {
    fn add(&mut self, luma: f32, dark: bool) {
        match dark {
            true => (self.dark, self.darks) = (self.dark + luma, self.darks + 1.0),
            false => (self.light, self.lights) = (self.light + luma, self.lights + 1.0),
        }
        self.squares += luma * luma;
    }

    /// How much lighter light modules are, in levels.
    fn difference(&self) -> f32 {
        self.light / self.lights.max(1.0) - self.dark / self.darks.max(1.0)
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
    for halvings in 0..3 {
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

/// The distance of two points.
pub(super) fn distance(from: Point, to: Point) -> f32 {
    (to.0 - from.0).hypot(to.1 - from.1)
}
