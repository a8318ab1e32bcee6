//! Locates Data Matrix symbols in a picture by their finder patterns.
//!
//! A finder pattern is an L of two dark sides; the two other sides alternate (ISO/IEC 16022 5.2). The dark modules that
//! touch the L form one connected area with it, because a quiet zone surrounds the symbol: so the corners of that area are
//! the symbol's. A symbol is located without being decoded, so that one that can't be decoded is known too.

mod components;
mod projection;
mod threshold;

use image::GrayImage;

use crate::datamatrix::shape::Shape;
use crate::effort::Effort;
use components::components;
pub(crate) use projection::Projection;
use threshold::Threshold;

/// A point of a picture, in pixels from its top left corner.
pub(crate) type Point = (f32, f32);

/// The least module that is looked for, in pixels.
const LEAST_MODULE: f32 = 1.5;

/// How much of the finder pattern must be as it should.
const LEAST_AGREEMENT: f32 = 0.88;

/// Points of each side of an L that are looked at first, and how many of a hundred must be dark.
const PROBES: usize = 16;
const DARK_PROBES: usize = 70;

/// A symbol that was located, and not decoded yet.
#[derive(Debug, Clone)]
pub(crate) struct Located {
    /// Its corners: where the L's sides meet, the end of its left side, the opposite corner, the end of its bottom side.
    /// They turn the other way round for a rectangle that is mirrored.
    pub corners: [Point; 4],
    /// Its shape.
    pub shape: Shape,
    /// Its modules, row by row from the top; dark is true.
    pub modules: Vec<Vec<bool>>,
    /// How much of the finder pattern is as it should, 0 to 1.
    agreement: f32,
}

impl Located {
    /// Whether a point is in the symbol.
    pub(crate) fn contains(&self, point: Point) -> bool {
        let [a, b, c, d] = self.corners;
        let sides = [(a, b), (b, c), (c, d), (d, a)].map(|(from, to)| cross(from, to, point));
        sides.iter().all(|&side| side >= 0.0) || sides.iter().all(|&side| side <= 0.0)
    }

    /// The middle of the symbol.
    pub(crate) fn middle(&self) -> Point {
        middle(&self.corners)
    }
}

/// The middle of some points.
pub(crate) fn middle(points: &[Point]) -> Point {
    let sum = points.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0, sum.1 + point.1));
    let count = points.len().max(1) as f32;
    (sum.0 / count, sum.1 / count)
}

/// Every symbol whose finder pattern is found, dark on light, by a threshold for each neighbourhood and by one for the whole
/// picture.
pub(crate) fn locate(luma: &GrayImage, effort: &Effort) -> Vec<Located> {
    let global = Threshold::global(luma);
    let local = Threshold::local(luma, global.at(0, 0));
    locate_by(luma, &[local, global], effort)
}

/// The same by a threshold for each neighbourhood alone.
pub(crate) fn locate_locally(luma: &GrayImage, effort: &Effort) -> Vec<Located> {
    locate_by(luma, &[Threshold::local(luma, 0)], effort)
}

fn locate_by(luma: &GrayImage, thresholds: &[Threshold], effort: &Effort) -> Vec<Located> {
    let mut found: Vec<Located> = Vec::new();
    for threshold in thresholds {
        // In limited time the second threshold is for pictures on which the first one finds nothing.
        if effort.is_spent() || !found.is_empty() && !effort.is_unlimited() {
            break;
        }
        for corners in components(luma, threshold, (10.0 * LEAST_MODULE) as u32) {
            if effort.is_spent() {
                break;
            }
            let Some(located) = symbol_at(luma, threshold, &corners) else { continue };
            let middle = located.middle();
            match found.iter_mut().find(|known| known.contains(middle)) {
                Some(known) if known.agreement < located.agreement => *known = located,
                Some(_) => {}
                None => found.push(located),
            }
        }
    }
    found
}

/// The symbol whose L is in a connected area with these corners.
fn symbol_at(luma: &GrayImage, threshold: &Threshold, corners: &[Point]) -> Option<Located> {
    let hull = hull(corners);
    let (end, other_end) = farthest_pair(&hull)?;
    let height = |point: &&Point| cross(end, other_end, **point);
    let highest = hull.iter().max_by(|a, b| height(a).total_cmp(&height(b)))?;
    let lowest = hull.iter().min_by(|a, b| height(a).total_cmp(&height(b)))?;
    // Seen from the corner, the bottom side's end is to the right of the left side's end.
    let candidates = [(*highest, end, other_end), (*lowest, other_end, end)];
    let best = candidates
        .into_iter()
        .filter(|&(corner, one, other)| is_an_l(luma, threshold, corner, one, other))
        .filter_map(|(corner, one, other)| best_shape(luma, threshold, corner, one, other))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let (agreement, corners, shape) = best.filter(|(agreement, ..)| *agreement >= LEAST_AGREEMENT)?;
    let grid = Grid::new(corners, shape);
    let row = |row: usize| {
        (0..shape.columns).map(|column| grid.dark(luma, threshold, row as f32, column as f32)).collect()
    };
    Some(Located { corners, shape, modules: (0..shape.rows).map(row).collect(), agreement })
}

/// Whether two sides that meet in a corner are dark just inside: most connected areas of a page are told apart by this.
fn is_an_l(
    luma: &GrayImage,
    threshold: &Threshold,
    corner: Point,
    left_end: Point,
    bottom_end: Point,
) -> bool {
    let dark = |end: Point, inside: Point| {
        let (length, toward) = (distance(corner, end).max(1.0), distance(corner, inside).max(1.0));
        let (x, y) = ((inside.0 - corner.0) / toward, (inside.1 - corner.1) / toward);
        let share = |depth: f32| {
            let probes = (0..PROBES).filter(|&probe| {
                let part = (probe as f32 + 0.5) / PROBES as f32 * (1.0 - 1.0 / length);
                let point = (corner.0 + (end.0 - corner.0) * part, corner.1 + (end.1 - corner.1) * part);
                is_dark(luma, threshold, (point.0 + x * depth, point.1 + y * depth))
            });
            100 * probes.count() >= DARK_PROBES * PROBES
        };
        [1.0, 2.0, 4.0].into_iter().any(share)
    };
    dark(left_end, bottom_end) && dark(bottom_end, left_end)
}

/// The shape with which the finder pattern agrees best, with the agreement and the corners.
fn best_shape(
    luma: &GrayImage,
    threshold: &Threshold,
    corner: Point,
    left_end: Point,
    bottom_end: Point,
) -> Option<(f32, [Point; 4], Shape)> {
    let (left, bottom) = (distance(corner, left_end), distance(corner, bottom_end));
    let turned = cross(corner, left_end, bottom_end).abs() / (left * bottom).max(1.0);
    if turned < 0.85 {
        return None;
    }
    let opposite = (left_end.0 + bottom_end.0 - corner.0, left_end.1 + bottom_end.1 - corner.1);
    let longer = left.max(bottom) / left.min(bottom);
    let shapes = Shape::all().filter(|shape| {
        let proportion = shape.columns as f32 / shape.rows as f32;
        (0.7..1.43).contains(&(longer / proportion)) && left.min(bottom) >= LEAST_MODULE * shape.rows as f32
    });
    let straight = shapes.map(|shape| {
        // A rectangle that stands on its shorter side is mirrored.
        let mirrored = shape.columns > shape.rows && left > bottom;
        let ends = if mirrored { (bottom_end, left_end) } else { (left_end, bottom_end) };
        let corners = [corner, ends.0, opposite, ends.1];
        (Grid::new(corners, shape).agreement(luma, threshold), corners, shape)
    });
    let (agreement, corners, shape) = straight.max_by(|a, b| a.0.total_cmp(&b.0))?;
    if agreement < 0.7 {
        return None;
    }
    // In perspective the opposite corner lies a little elsewhere.
    let module = left.max(bottom) / shape.columns as f32;
    let steps = || (-8i8..=8).map(|step| f32::from(step) * module / 4.0);
    let moved = steps().flat_map(|x| steps().map(move |y| (x, y))).map(|(x, y)| {
        let corners = [corner, corners[1], (opposite.0 + x, opposite.1 + y), corners[3]];
        (Grid::new(corners, shape).agreement(luma, threshold), corners, shape)
    });
    let better = |best: (_, _, _), next: (_, _, _)| if best.0 >= next.0 { best } else { next };
    Some(moved.fold((agreement, corners, shape), better))
}

/// The grid of a symbol's modules in a picture, in perspective.
struct Grid {
    shape: Shape,
    projection: Projection,
}

impl Grid {
    fn new(corners: [Point; 4], shape: Shape) -> Grid {
        Grid { shape, projection: Projection::new(corners) }
    }

    /// Whether the module of a row and column is dark. Those around the symbol have rows and columns too.
    fn dark(&self, luma: &GrayImage, threshold: &Threshold, row: f32, column: f32) -> bool {
        let (u, v) = ((column + 0.5) / self.shape.columns as f32, (row + 0.5) / self.shape.rows as f32);
        is_dark(luma, threshold, self.projection.at(u, v))
    }

    /// How much of the finder pattern and of the quiet zone beside the L is as it should: the least of the four sides. 0 if
    /// the L is not.
    fn agreement(&self, luma: &GrayImage, threshold: &Threshold) -> f32 {
        let (rows, columns) = (self.shape.rows, self.shape.columns);
        let (last_row, last_column) = (rows as f32 - 1.0, columns as f32 - 1.0);
        let share = |count: usize, wanted: &dyn Fn(usize) -> bool, at: &dyn Fn(f32) -> (f32, f32)| {
            let right = (0..count).filter(|&index| {
                let (row, column) = at(index as f32);
                self.dark(luma, threshold, row, column) == wanted(index)
            });
            right.count() as f32 / count as f32
        };
        let left = share(rows, &|_| true, &|index| (index, 0.0));
        let bottom = share(columns, &|_| true, &|index| (last_row, index));
        if left.min(bottom) < 0.7 {
            return 0.0;
        }
        let top = share(columns, &|index| index % 2 == 0, &|index| (0.0, index));
        let right = share(rows, &|index| index % 2 == 1, &|index| (index, last_column));
        let beside =
            share(rows, &|_| false, &|index| (index, -1.0))
                .min(share(columns, &|_| false, &|index| (last_row + 1.0, index)));
        left.min(bottom).min(top).min(right).min(beside)
    }
}

/// Whether a point, between the pixels around it, is dark.
fn is_dark(luma: &GrayImage, threshold: &Threshold, (x, y): Point) -> bool {
    let (width, height) = (luma.width() as usize, luma.height() as usize);
    let x = (x - 0.5).clamp(0.0, (width - 1) as f32);
    let y = (y - 0.5).clamp(0.0, (height - 1) as f32);
    let (left, top) = (x as usize, y as usize);
    let (right, below) = ((left + 1).min(width - 1), (top + 1).min(height - 1));
    let pixels = luma.as_raw();
    let pixel = |x: usize, y: usize| f32::from(pixels[y * width + x]);
    let between = |from: f32, to: f32, part: f32| from + (to - from) * part;
    let upper = between(pixel(left, top), pixel(right, top), x.fract());
    let lower = between(pixel(left, below), pixel(right, below), x.fract());
    between(upper, lower, y.fract()) < f32::from(threshold.at(left as u32, top as u32))
}

fn distance(from: Point, to: Point) -> f32 {
    (to.0 - from.0).hypot(to.1 - from.1)
}

/// Twice the area of the triangle of three points; positive if they turn clockwise as seen in the picture.
fn cross(from: Point, to: Point, point: Point) -> f32 {
    (to.0 - from.0) * (point.1 - from.1) - (to.1 - from.1) * (point.0 - from.0)
}

/// The convex hull of points (Andrew's monotone chain).
pub(crate) fn hull(points: &[Point]) -> Vec<Point> {
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    sorted.dedup();
    let half = |points: &mut dyn Iterator<Item = Point>| {
        let mut chain: Vec<Point> = Vec::new();
        for point in points {
            while let [.., before, last] = chain.as_slice()
                && cross(*before, *last, point) <= 0.0
            {
                chain.pop();
            }
            chain.push(point);
        }
        chain.pop();
        chain
    };
    let mut hull = half(&mut sorted.iter().copied());
    hull.extend(half(&mut sorted.iter().rev().copied()));
    hull
}

/// The two points of a hull that are farthest apart.
fn farthest_pair(hull: &[Point]) -> Option<(Point, Point)> {
    let pairs = hull
        .iter()
        .enumerate()
        .flat_map(|(index, one)| hull[index + 1..].iter().map(move |other| (*one, *other)));
    pairs.max_by(|a, b| distance(a.0, a.1).total_cmp(&distance(b.0, b.1)))
}
