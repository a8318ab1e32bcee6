//! Bars followed from strip to strip of a few rows: straightens what is curled, folded or in perspective.

use super::fit::solved;
use super::patch::{Curve, Patch, between};
use super::template::dot;

/// About how many strips a patch has.
const STRIPS: usize = 40;
/// The parts of a strip that are compared with the strips before, each half over the next.
const PARTS: usize = 9;
/// The least correlation of a strip with those before it.
const LEAST_MATCH: f32 = 0.4;
/// The most that a bar moves from one row to the next, in columns of a pixel.
const MOST_SLOPE: f32 = 0.45;

/// A patch whose bars stand straight.
pub(super) struct Straightened {
    pub(super) patch: Patch,
    /// The rows that show the same bars as their neighbours.
    pub(super) rows: Vec<usize>,
}

/// Straightens a patch from the strip on that is most like its neighbours.
pub(super) fn straightened(patch: &Patch) -> Straightened {
    let height = (patch.rows / STRIPS).max(2).min(patch.rows);
    let strips: Vec<Vec<f32>> =
        (0..patch.rows / height).map(|strip| patch.mean(strip * height..(strip + 1) * height)).collect();
    let reach = ((MOST_SLOPE * height as f32 * patch.row_step / patch.column_step).ceil() as isize).max(2);
    let first = likest(&strips);
    let mut curves = vec![(Curve::default(), 1.0); strips.len()];
    follow(&strips, &mut curves, (first..strips.len()).collect(), reach);
    follow(&strips, &mut curves, (0..=first).rev().collect(), reach);
    let of_row = |row: usize| {
        let at = (row as f32 + 0.5) / height as f32 - 0.5;
        let at = at.clamp(0.0, (curves.len() - 1) as f32);
        let (one, other) = (at as usize, (at as usize + 1).min(curves.len() - 1));
        let share = at - one as f32;
        let mix = |from: f32, to: f32| from + (to - from) * share;
        let (a, b) = (curves[one].0, curves[other].0);
        Curve { shift: mix(a.shift, b.shift), tilt: mix(a.tilt, b.tilt), bend: mix(a.bend, b.bend) }
    };
    let matches = |row: &usize| curves[(row / height).min(curves.len() - 1)].1 >= LEAST_MATCH;
    Straightened {
        patch: patch.moved((0..patch.rows).map(of_row).collect()),
        rows: (0..patch.rows).filter(matches).collect(),
    }
}

/// The strip that is most like the one after it, of those in the middle if all are alike.
fn likest(strips: &[Vec<f32>]) -> usize {
    let middle = strips.len() / 2;
    let likeness = |index: usize| {
        let other = &strips[(index + 1).min(strips.len() - 1)];
        let away = index.abs_diff(middle) as f32 / strips.len() as f32;
        correlation(&strips[index], other) - 0.2 * away
    };
    (0..strips.len()).max_by(|a, b| likeness(*a).total_cmp(&likeness(*b))).unwrap_or(0)
}

/// Follows the bars over strips in an order, the first of which is the start.
fn follow(strips: &[Vec<f32>], curves: &mut [(Curve, f32)], order: Vec<usize>, reach: isize) {
    let Some(first) = order.first() else { return };
    let mut reference = strips[*first].clone();
    let (mut last, mut slope) = (Curve::default(), Curve::default());
    for &index in order.iter().skip(1) {
        let guess = last.plus(slope, 0.7);
        let moved = moved(&strips[index], guess);
        let (step, _) = displacement(&reference, &moved, reach);
        let curve = guess.plus(step, 1.0);
        let moved = self::moved(&strips[index], curve);
        let quality = correlation(&reference, &moved);
        curves[index] = (if quality >= LEAST_MATCH { curve } else { guess }, quality);
        if quality < LEAST_MATCH {
            slope = Curve::default();
            continue;
        }
        let change = curve.plus(last, -1.0);
        slope = slope.plus(slope, -0.5).plus(change, 0.5);
        last = curve;
        reference.iter_mut().zip(&moved).for_each(|(old, new)| *old += 0.25 * (new - *old));
    }
}

/// A strip moved by a curve.
fn moved(strip: &[f32], curve: Curve) -> Vec<f32> {
    let half = (strip.len() - 1) as f32 / 2.0;
    let at = |column: usize| column as f32 + curve.at((column as f32 - half) / half.max(1.0));
    (0..strip.len()).map(|column| between(strip, at(column))).collect()
}

/// How far a strip lies beside the reference, from its parts, and how well they match.
fn displacement(reference: &[f32], strip: &[f32], reach: isize) -> (Curve, f32) {
    let columns = reference.len();
    let width = 2 * columns / (PARTS + 1);
    let mut matrix = [[0.0f64; 4]; 3];
    let mut weights = 0.0;
    for part in 0..PARTS {
        let from = part * columns / (PARTS + 1);
        let Some((shift, weight)) = best_shift(reference, strip, from, width, reach) else { continue };
        let t = (from as f64 + width as f64 / 2.0) / columns as f64 * 2.0 - 1.0;
        for (row, term) in matrix.iter_mut().zip([1.0, t, t * t]) {
            row.iter_mut().zip([1.0, t, t * t]).for_each(|(cell, other)| *cell += weight * term * other);
            row[3] += weight * term * f64::from(shift);
        }
        weights += weight;
    }
    for (index, ridge) in [1e-3, 0.03, 0.1].into_iter().enumerate() {
        matrix[index][index] += ridge * weights.max(1e-6);
    }
    match solved(matrix) {
        Some([shift, tilt, bend]) => {
            (Curve { shift: shift as f32, tilt: tilt as f32, bend: bend as f32 }, weights as f32)
        }
        None => (Curve::default(), 0.0),
    }
}

/// The shift of a part of a strip that matches the reference best, with its weight. `None` if nothing matches.
fn best_shift(
    reference: &[f32],
    strip: &[f32],
    from: usize,
    width: usize,
    reach: isize,
) -> Option<(f32, f64)> {
    let part = reference.get(from..from + width)?;
    let mean = part.iter().sum::<f32>() / width.max(1) as f32;
    let part: Vec<f32> = part.iter().map(|value| value - mean).collect();
    let length = dot(&part, &part).sqrt();
    let at = |shift: isize| -> Option<f32> {
        let start = usize::try_from(from as isize + shift).ok()?;
        let other = strip.get(start..start + width)?;
        let mean = other.iter().sum::<f32>() / width as f32;
        let squares = dot(other, other) - mean * mean * width as f32;
        Some(dot(&part, other) / (length * squares.max(1.0).sqrt()).max(1.0))
    };
    let (score, shift) =
        (-reach..=reach).filter_map(|shift| Some((at(shift)?, shift))).max_by(|a, b| a.0.total_cmp(&b.0))?;
    if score < LEAST_MATCH || length < 4.0 * (width as f32).sqrt() {
        return None;
    }
    let (before, after) = (at(shift - 1).unwrap_or(score), at(shift + 1).unwrap_or(score));
    let curvature = before + after - 2.0 * score;
    let finer = if curvature < -1e-6 { 0.5 * (before - after) / curvature } else { 0.0 };
    Some((shift as f32 + finer.clamp(-0.5, 0.5), f64::from(score) * f64::from(score)))
}

/// The highest correlation of two lines of one length, of which one may be moved a little.
pub(super) fn likeness(one: &[f32], other: &[f32]) -> f32 {
    let reach = (one.len() / 60).clamp(2, 12).min(one.len() - 1);
    let at = |shift: usize| {
        let (part, rest) = (one.len() - shift, &one[shift..]);
        correlation(rest, &other[..part]).max(correlation(&one[..part], &other[shift..]))
    };
    (0..=reach).map(at).fold(0.0, f32::max)
}

/// The normalised correlation of two lines of one length.
pub(super) fn correlation(one: &[f32], other: &[f32]) -> f32 {
    let count = one.len().min(other.len()).max(1) as f32;
    let (mean, other_mean) = (one.iter().sum::<f32>() / count, other.iter().sum::<f32>() / count);
    let product = dot(one, other) - count * mean * other_mean;
    let squares = dot(one, one) - count * mean * mean;
    let other_squares = dot(other, other) - count * other_mean * other_mean;
    product / (squares.max(count) * other_squares.max(count)).sqrt()
}
