//! The shape and the corners with which a finder pattern lies best over a plateau of edges.
//!
//! Each side is searched for as the line with the greatest step from light outside to dark inside, along its whole length:
//! a stroke across it changes little. No connected area and no threshold is needed.

use image::GrayImage;

use super::alignment::{Placed, distance, grey};
use super::texture::Blob;
use crate::datamatrix::shape::Shape;
use crate::effort::Effort;
use crate::locate::Point;

/// Modules on a side by which lines are searched: each stands for the sizes around it.
const STEPS: [f32; 6] = [11.0, 15.0, 22.0, 34.0, 52.0, 96.0];

/// Points of a line that are looked at.
const POINTS: usize = 40;

/// The placements kept for the closer search: so many by correlation, twice as many by significance.
const KEPT: usize = 2;

/// The least correlation of a finder pattern.
pub(super) const LEAST_CORRELATION: f32 = 0.45;

/// The best placements over a plateau, most significant first, with their correlations. `allowed` says which shapes are considered.
pub(super) fn fit(
    luma: &GrayImage,
    blob: &Blob,
    allowed: &dyn Fn(&Shape) -> bool,
    effort: &Effort,
) -> Vec<(f32, Placed)> {
    let mut rough: Vec<(f32, Placed)> = Vec::new();
    for modules in STEPS {
        if effort.is_spent() {
            break;
        }
        let Some(corners) = outline(luma, blob, modules) else { continue };
        let turns = (0..4).map(|turn| [0, 1, 2, 3].map(|corner| corners[(corner + turn) % 4]));
        for corners in turns {
            for shape in Shape::all().filter(|shape| near(shape, modules, &corners) && allowed(shape)) {
                let placed = Placed { corners, shape };
                rough.push((placed.correlation(luma), placed));
            }
        }
    }
    let mut kept = best_by(&mut rough, KEPT, |(correlation, _)| *correlation);
    kept.extend(best_by(&mut rough, 2 * KEPT, |(correlation, placed)| significance(*correlation, placed)));
    for (correlation, placed) in &mut kept {
        if effort.is_spent() {
            break;
        }
        *correlation = placed.refine(luma, 1.0);
    }
    kept.retain(|(correlation, _)| *correlation >= LEAST_CORRELATION);
    let most = kept.len();
    best_by(&mut kept, most, |(correlation, placed)| significance(*correlation, placed))
}

/// Takes the best so many.
fn best_by(
    placements: &mut Vec<(f32, Placed)>,
    most: usize,
    score: impl Fn(&(f32, Placed)) -> f32,
) -> Vec<(f32, Placed)> {
    placements.sort_by(|a, b| score(b).total_cmp(&score(a)));
    placements.drain(..most.min(placements.len())).collect()
}

/// How unlikely a correlation is by chance: that of many modules says more than the same of few.
fn significance(correlation: f32, placed: &Placed) -> f32 {
    let modules = placed.shape.plan().finder.len() as f32;
    -modules * (1.0 - correlation.clamp(0.0, 0.999).powi(2)).ln()
}

/// Whether a shape has about so many modules on its longer side and the proportions of the corners.
fn near(shape: &Shape, modules: f32, corners: &[Point; 4]) -> bool {
    let longer = shape.columns as f32 / modules;
    let width = distance(corners[0], corners[3]).max(1.0);
    let height = distance(corners[0], corners[1]).max(1.0);
    let proportion = (width / height) / (shape.columns as f32 / shape.rows as f32);
    let plausible = width / shape.columns as f32 >= 1.2;
    (0.7..1.5).contains(&longer) && (0.75..1.34).contains(&proportion) && plausible
}

/// The four corners where the sides' lines meet, turning counter-clockwise, if modules are `modules`ths of the longer side.
fn outline(luma: &GrayImage, blob: &Blob, modules: f32) -> Option<[Point; 4]> {
    let module = 2.0 * blob.half.0.max(blob.half.1) / modules;
    if module < 1.2 || blob.half.0.min(blob.half.1) < 3.0 * module {
        return None;
    }
    let (sin, cos) = blob.angle.sin_cos();
    let (u, v) = ((cos, sin), (-sin, cos));
    let back = |(x, y): Point| (-x, -y);
    // Outward directions of top, right, bottom, left, with the half sides along and across.
    let sides = [
        (back(v), u, blob.half.1, blob.half.0),
        (u, v, blob.half.0, blob.half.1),
        (v, u, blob.half.1, blob.half.0),
        (back(u), v, blob.half.0, blob.half.1),
    ];
    let [top, right, bottom, left] =
        sides.map(|(out, along, far, half)| side(luma, blob.middle, out, along, far, half, module));
    Some([meet(left, bottom)?, meet(left, top)?, meet(right, top)?, meet(right, bottom)?])
}

/// A line: two points on it.
type Line = (Point, Point);

/// The line with the greatest step from outside to inside, around the one at `far` from the middle.
fn side(luma: &GrayImage, middle: Point, out: Point, along: Point, far: f32, half: f32, module: f32) -> Line {
    let point = |t: f32, distance: f32| {
        (middle.0 + along.0 * half * t + out.0 * distance, middle.1 + along.1 * half * t + out.1 * distance)
    };
    let inward = (6.0 * module).min(0.35 * far);
    let outward = (4.0 * module).min(0.35 * far);
    let steps = (((inward + outward) / (0.3 * module)) as usize).clamp(4, 48);
    let mut best = (f32::MIN, 0.0, 0.0);
    for step in 0..=steps {
        let offset = far - inward + (inward + outward) * step as f32 / steps as f32;
        for tilt in -4i8..=4 {
            let tilt = f32::from(tilt) * 0.5 * module;
            let (mut outside, mut inside) = (0.0, 0.0);
            for index in 0..POINTS {
                let t = 1.9 * (index as f32 + 0.5) / POINTS as f32 - 0.95;
                let distance = offset + t * tilt;
                outside += grey(luma, point(t, distance + 0.6 * module));
                inside += grey(luma, point(t, distance - 0.5 * module));
            }
            let response = (outside - inside) / POINTS as f32 - tilt.abs() / module * 0.2;
            if response > best.0 {
                best = (response, offset, tilt);
            }
        }
    }
    let (_, offset, tilt) = best;
    (point(-1.0, offset - tilt), point(1.0, offset + tilt))
}

/// Where two lines meet.
fn meet((a, b): Line, (c, d): Line) -> Option<Point> {
    let (r, s) = ((b.0 - a.0, b.1 - a.1), (d.0 - c.0, d.1 - c.1));
    let cross = r.0 * s.1 - r.1 * s.0;
    if cross.abs() < 1e-3 {
        return None;
    }
    let t = ((c.0 - a.0) * s.1 - (c.1 - a.1) * s.0) / cross;
    Some((a.0 + t * r.0, a.1 + t * r.1))
}
