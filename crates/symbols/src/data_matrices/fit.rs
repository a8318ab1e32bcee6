//! The shape and the corners with which a finder pattern lies best over a plateau of edges.
//!
//! The sides come from the plateau's [`Patch`]. No connected area and no threshold is needed. A fax has half as many rows as
//! columns: modules may be twice as long as wide.

use image::GrayImage;

use super::alignment::{Placed, distance};
use super::patch::{Patch, Side, meet};
use super::texture::Blob;
use crate::datamatrix::shape::Shape;
use crate::effort::Effort;
use crate::locate::Point;

/// Modules on a side by which lines are searched: each stands for the sizes around it.
const STEPS: [f32; 7] = [11.0, 15.0, 22.0, 34.0, 52.0, 84.0, 126.0];

/// The placements kept for the closer search: so many by correlation, twice as many by significance.
const KEPT: usize = 3;

/// How far a side may be beside its line, in modules.
const MOST_SHIFT: i8 = 3;

/// The least correlation of a finder pattern before and after the closer search. On text it is seldom above 0.45 before and
/// never above 0.73 after; on symbols that can be read it is seldom below 0.58 before and 0.75 after.
const LEAST_ROUGH: f32 = 0.5;
const LEAST_CORRELATION: f32 = 0.62;

/// The least correlation that text and noise seldom reach, and the least one of an outline that is completed.
const PROMISING_CORRELATION: f32 = 0.74;
const OUTLINE_CORRELATION: f32 = 0.77;

/// The least correlation from which a finder pattern is taken for one, even if nothing can be read, and the least significance.
const CLEAR_CORRELATION: f32 = 0.95;
const CLEAR_SIGNIFICANCE: f32 = 120.0;

/// The least side of a module, in pixels.
const LEAST_MODULE: f32 = 1.2;

/// A placement over a plateau.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fit {
    pub placed: Placed,
    /// How well the finder pattern lies there, up to 1.
    pub correlation: f32,
}

impl Fit {
    /// Whether the finder pattern is one beyond doubt.
    pub(super) fn is_clear(&self, luma: &GrayImage, negative: bool) -> bool {
        self.correlation >= CLEAR_CORRELATION
            && self.significance() >= CLEAR_SIGNIFICANCE
            && self.placed.is_whole(luma, negative)
    }

    /// Whether modules are about twice as long as wide.
    pub(super) fn is_stretched(&self) -> bool {
        let (wide, high) = self.placed.module();
        !(0.67..1.5).contains(&(wide / high))
    }

    /// Moves the two sides that alternate, whose edges are weaker, by up to so many modules to where the finder pattern lies
    /// best.
    fn shift(&mut self, luma: &GrayImage, negative: bool) {
        let [corner, left, opposite, bottom] = self.placed.corners;
        let (rows, columns) = (self.placed.shape.rows as f32, self.placed.shape.columns as f32);
        let moved = |point: Point, from: Point, to: Point, part: f32| {
            (point.0 + (to.0 - from.0) * part, point.1 + (to.1 - from.1) * part)
        };
        let steps = || (-MOST_SHIFT..=MOST_SHIFT).map(f32::from);
        for (up, right) in steps().flat_map(|up| steps().map(move |right| (up / rows, right / columns))) {
            let left = moved(left, corner, left, up);
            let bottom = moved(bottom, corner, bottom, right);
            let opposite = moved(moved(opposite, bottom, opposite, up), left, opposite, right);
            let placed = Placed { corners: [corner, left, opposite, bottom], ..self.placed };
            let correlation = placed.rough_correlation(luma) * if negative { -1.0 } else { 1.0 };
            if correlation > self.correlation {
                *self = Fit { placed, correlation };
            }
        }
    }

    /// How unlikely a correlation is by chance: that of many modules says more than the same of few.
    fn significance(&self) -> f32 {
        let modules = self.placed.shape.plan().finder.len() as f32;
        -modules * (1.0 - self.correlation.clamp(0.0, 0.999).powi(2)).ln()
    }
}

/// What lies over a plateau.
#[derive(Default)]
pub(super) struct Fits {
    /// The best placements, most significant first.
    pub fits: Vec<Fit>,
    /// Whether dark and light are the other way round: the placements are those of the negative.
    pub negative: bool,
}

impl Fits {
    /// Whether one lies so well that there may be a symbol of another shape or at other corners.
    pub(super) fn are_promising(&self) -> bool {
        self.fits.iter().any(|fit| fit.correlation >= PROMISING_CORRELATION)
    }
}

/// The best placements over a plateau.
pub(super) fn fit(luma: &GrayImage, blob: &Blob, effort: &Effort) -> Fits {
    let patch = Patch::of(luma, blob);
    let search = Search { luma, blob, sides: patch.sides(), patch };
    let mut rough = search.rough(false, effort);
    let negative = rough.is_empty();
    if negative {
        rough = search.rough(true, effort);
    }
    let mut kept = best_by(&mut rough, KEPT, |fit| fit.correlation);
    kept.extend(best_by(&mut rough, 2 * KEPT, Fit::significance));
    Fits { fits: refined(kept, luma, negative, effort), negative }
}

/// The best squares with about the outlines of some placements, of which one or two sides may lie far off.
pub(super) fn fit_closer(luma: &GrayImage, fits: &Fits, effort: &Effort) -> Fits {
    let mut outlines = fits.fits.clone();
    outlines.retain(|fit| fit.correlation >= OUTLINE_CORRELATION);
    let mut found = Vec::new();
    for fit in best_by(&mut outlines, KEPT, |fit| fit.correlation) {
        for corners in completed(fit.placed.corners) {
            for shape in Shape::all().filter(|shape| shape.rows == shape.columns) {
                let placed = Placed { corners, shape };
                let (wide, high) = placed.module();
                if wide.min(high) < LEAST_MODULE || effort.is_spent() {
                    continue;
                }
                let mut fit = Fit { placed, correlation: f32::MIN };
                fit.shift(luma, fits.negative);
                found.push(fit);
            }
        }
    }
    let kept = best_by(&mut found, 2 * KEPT, Fit::significance);
    Fits { fits: refined(kept, luma, fits.negative, effort), negative: fits.negative }
}

/// Four corners, turned each way: as they are, and as a parallelogram whose sides are as long as the bottom one or the left one.
fn completed(corners: [Point; 4]) -> Vec<[Point; 4]> {
    let turns = (0..4).map(|turn| [0, 1, 2, 3].map(|corner| corners[(corner + turn) % 4]));
    turns
        .flat_map(|turned| {
            let [corner, left, _, bottom] = turned;
            let (up, right) = (distance(corner, left).max(1.0), distance(corner, bottom).max(1.0));
            let end = |to: Point, part: f32| {
                (corner.0 + (to.0 - corner.0) * part, corner.1 + (to.1 - corner.1) * part)
            };
            let square = |left: Point, bottom: Point| {
                [corner, left, (left.0 + bottom.0 - corner.0, left.1 + bottom.1 - corner.1), bottom]
            };
            [turned, square(end(left, right / up), bottom), square(left, end(bottom, up / right))]
        })
        .collect()
}

/// Placements after the closer search for their corners, most significant first.
fn refined(mut fits: Vec<Fit>, luma: &GrayImage, negative: bool, effort: &Effort) -> Vec<Fit> {
    for fit in &mut fits {
        if effort.is_spent() {
            break;
        }
        fit.shift(luma, negative);
        fit.correlation = fit.placed.refine(luma, 1.0, negative);
    }
    fits.retain(|fit| fit.correlation >= LEAST_CORRELATION);
    let count = fits.len();
    best_by(&mut fits, count, Fit::significance)
}

/// A plateau that is searched for placements.
struct Search<'a> {
    luma: &'a GrayImage,
    blob: &'a Blob,
    patch: Patch,
    sides: [Side; 4],
}

impl Search<'_> {
    /// The placements whose finder patterns lie there more or less: those of the negative if `negative`.
    fn rough(&self, negative: bool, effort: &Effort) -> Vec<Fit> {
        let mut found = Vec::new();
        for modules in STEPS {
            if !effort.is_spent() {
                self.square_modules(modules, negative, &mut found);
                self.long_modules(modules, negative, &mut found);
            }
        }
        found.retain(|fit| fit.correlation >= LEAST_ROUGH);
        found
    }

    /// Adds placements with about `modules` modules on the longer side, as long as wide.
    fn square_modules(&self, modules: f32, negative: bool, found: &mut Vec<Fit>) {
        let module = 2.0 * self.blob.half.0.max(self.blob.half.1) / modules;
        let near = |shape: &Shape, width: f32, height: f32| {
            let proportion = (width / height) / (shape.columns as f32 / shape.rows as f32);
            (0.7..1.5).contains(&(shape.columns as f32 / modules)) && (0.75..1.34).contains(&proportion)
        };
        self.add((module, module), negative, &near, found);
    }

    /// Adds squares with about `modules` modules on a side, which are twice as long as wide.
    fn long_modules(&self, modules: f32, negative: bool, found: &mut Vec<Fit>) {
        let (u, v) = self.blob.half;
        if !(1.5..2.7).contains(&(u.max(v) / u.min(v))) {
            return;
        }
        let near = |shape: &Shape, width: f32, height: f32| {
            let square =
                shape.columns == shape.rows && (0.7..1.5).contains(&(shape.columns as f32 / modules));
            square && (1.5..2.7).contains(&(width / height).max(height / width))
        };
        self.add((2.0 * u / modules, 2.0 * v / modules), negative, &near, found);
    }

    /// Adds the placements of the shapes that are `near` a width and height, with modules of about so many pixels.
    fn add(
        &self,
        module: (f32, f32),
        negative: bool,
        near: &dyn Fn(&Shape, f32, f32) -> bool,
        found: &mut Vec<Fit>,
    ) {
        let Some(corners) = self.corners(module, negative) else { return };
        let sign = if negative { -1.0 } else { 1.0 };
        for turn in 0..4 {
            let turned = [0, 1, 2, 3].map(|corner| corners[(corner + turn) % 4]);
            let (width, height) = (distance(turned[0], turned[3]), distance(turned[0], turned[1]));
            for shape in Shape::all().filter(|shape| near(shape, width.max(1.0), height.max(1.0))) {
                let [a, b, c, d] = turned;
                let rectangle = shape.columns > shape.rows;
                // The finder pattern of a square is its own mirror's.
                let mirrored = rectangle.then_some([b, a, d, c]);
                for corners in [Some(turned), mirrored].into_iter().flatten() {
                    let placed = Placed { corners, shape };
                    let (wide, high) = placed.module();
                    if wide.min(high) >= LEAST_MODULE {
                        found.push(Fit { correlation: sign * placed.rough_correlation(self.luma), placed });
                    }
                }
            }
        }
    }

    /// The four corners where the sides' lines meet, turning counter-clockwise.
    fn corners(&self, module: (f32, f32), negative: bool) -> Option<[Point; 4]> {
        let half = self.blob.half;
        if module.0.min(module.1) < LEAST_MODULE || half.0 < 3.0 * module.0 || half.1 < 3.0 * module.1 {
            return None;
        }
        let (u, v) = (module.0 / self.patch.pitch(), module.1 / self.patch.pitch());
        let line = |side: usize, module: f32| self.sides[side].line(&self.patch, module, negative);
        let [top, right, bottom, left] = [line(0, v), line(1, u), line(2, v), line(3, u)];
        Some([meet(left, bottom)?, meet(left, top)?, meet(right, top)?, meet(right, bottom)?])
    }
}

/// Takes the best so many.
fn best_by(fits: &mut Vec<Fit>, most: usize, score: impl Fn(&Fit) -> f32) -> Vec<Fit> {
    fits.sort_by(|a, b| score(b).total_cmp(&score(a)));
    fits.drain(..most.min(fits.len())).collect()
}
