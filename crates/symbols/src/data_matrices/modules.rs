//! The modules of a placed symbol as grey levels, and how far each can be believed.
//!
//! Every module is sampled at four by four points. Its level is the mean of the middle, between the dark and the light of
//! its surroundings. What its sixteen points have that no blurred module has (the edge of a stroke) makes it doubtful; a
//! dark module beside doubtful ones is doubtful too, because a stroke goes on.

use image::GrayImage;

use super::alignment::grey;
use super::mesh::Mesh;
use crate::datamatrix::shape::Shape;

/// Points of a module in each direction.
const POINTS: usize = 4;

/// Modules around one whose dark and light are its own, in each direction.
const SURROUNDINGS: usize = 5;

/// The least difference of dark and light of a symbol, in levels.
const LEAST_CONTRAST: f32 = 8.0;

/// The modules of a symbol, row by row.
#[derive(Debug, Clone)]
pub(super) struct Modules {
    pub shape: Shape,
    /// 0 is light, 1 is dark, in the surroundings of each.
    pub levels: Vec<f32>,
    /// How much of what was seen no module explains: 0 is nothing, 1 and more is much.
    pub doubts: Vec<f32>,
}

impl Modules {
    /// Samples a placed symbol. `None` if all of it is equally light. Doubts cost time and are looked for if `closely`.
    pub(super) fn sample(luma: &GrayImage, shape: Shape, mesh: &Mesh, closely: bool) -> Option<Modules> {
        let wide = shape.columns * POINTS;
        let at = |index: usize| (index as f32 + 0.5) / POINTS as f32;
        let mut points = Vec::with_capacity(wide * shape.rows * POINTS);
        for y in 0..shape.rows * POINTS {
            points.extend((0..wide).map(|x| grey(luma, mesh.at(at(y), at(x)))));
        }
        let middle = |module: usize| {
            let (y, x) = (module / shape.columns * POINTS + 1, module % shape.columns * POINTS + 1);
            let at = |y: usize, x: usize| points[y * wide + x];
            (at(y, x) + at(y, x + 1) + at(y + 1, x) + at(y + 1, x + 1)) / 4.0
        };
        let greys: Vec<f32> = (0..shape.rows * shape.columns).map(middle).collect();
        let surroundings = Surroundings::of(&shape, &greys)?;
        let level = |(module, grey): (usize, &f32)| surroundings.level(module, *grey);
        let levels: Vec<f32> = greys.iter().enumerate().map(level).collect();
        if !closely {
            return Some(Modules { shape, doubts: vec![0.0; levels.len()], levels });
        }
        for (index, point) in points.iter_mut().enumerate() {
            let module = index / wide / POINTS * shape.columns + index % wide / POINTS;
            *point = surroundings.level(module, *point).clamp(-0.3, 1.3);
        }
        let doubts = doubts(&shape, &points, &levels);
        Some(Modules { shape, levels, doubts })
    }

    /// The same modules with what blur took from each to its neighbours given back.
    pub(super) fn sharpened(&self) -> Modules {
        let (rows, columns) = (self.shape.rows, self.shape.columns);
        let at = |row: usize, column: usize| match row < rows && column < columns {
            true => self.levels[row * columns + column],
            false => 0.0,
        };
        let sharp = |module: usize| {
            let (row, column) = (module / columns, module % columns);
            let beside = at(row.wrapping_sub(1), column)
                + at(row + 1, column)
                + at(row, column.wrapping_sub(1))
                + at(row, column + 1);
            at(row, column) * 1.8 - beside * 0.2
        };
        Modules { levels: (0..self.levels.len()).map(sharp).collect(), ..self.clone() }
    }

    /// The level that divides what is darker than half into two best (Otsu): toner, and the ink of a pen over paper, which
    /// is a little lighter.
    pub(super) fn between_inks(&self) -> f32 {
        const BINS: usize = 64;
        let bin_at = |level: f32| ((level - 0.5) / 0.7 * BINS as f32) as usize;
        let mut counts = [0.0f32; BINS];
        for &level in self.levels.iter().filter(|&&level| level > 0.5) {
            counts[bin_at(level).min(BINS - 1)] += 1.0;
        }
        let all: f32 = counts.iter().sum();
        let sum: f32 = (0..BINS).map(|bin| counts[bin] * bin as f32).sum();
        let (mut below, mut sum_below, mut best) = (0.0, 0.0, (0.0, BINS / 2));
        for (bin, count) in counts.iter().enumerate() {
            (below, sum_below) = (below + count, sum_below + count * bin as f32);
            if below > 0.0 && below < all {
                let apart = sum_below / below - (sum - sum_below) / (all - below);
                let between = below * (all - below) * apart * apart;
                if between > best.0 {
                    best = (between, bin);
                }
            }
        }
        0.5 + (best.1 + 1) as f32 * 0.7 / BINS as f32
    }

    /// The symbol as its mirror shows it.
    pub(super) fn mirrored(&self) -> Modules {
        let Shape { rows, columns, .. } = self.shape;
        let turned = |values: &[f32]| {
            (0..columns)
                .flat_map(|row| (0..rows).map(move |column| (row, column)))
                .map(|(row, column)| values[(rows - 1 - column) * columns + columns - 1 - row])
                .collect()
        };
        Modules { levels: turned(&self.levels), doubts: turned(&self.doubts), ..*self }
    }
}

/// The dark and the light around each module.
struct Surroundings {
    light: Vec<f32>,
    dark: Vec<f32>,
    /// The darker part of the dark: ink over paper is lighter than toner.
    toner: Vec<f32>,
}

impl Surroundings {
    /// Separates dark from light by one threshold, then twice by that of each module's surroundings.
    fn of(shape: &Shape, greys: &[f32]) -> Option<Surroundings> {
        let mut sorted = greys.to_vec();
        sorted.sort_by(f32::total_cmp);
        let (low, high) = (sorted.get(sorted.len() / 10)?, sorted.get(sorted.len() * 9 / 10)?);
        if high - low < LEAST_CONTRAST {
            return None;
        }
        let mut thresholds = vec![(low + high) / 2.0; greys.len()];
        let mut surroundings = Surroundings {
            light: vec![*high; greys.len()],
            dark: vec![*low; greys.len()],
            toner: Vec::new(),
        };
        for _ in 0..2 {
            let dark = Table::of(shape, greys, &|module| greys[module] < thresholds[module]);
            let light = Table::of(shape, greys, &|module| greys[module] >= thresholds[module]);
            for (module, threshold) in thresholds.iter_mut().enumerate() {
                let known = (dark.mean(shape, module), light.mean(shape, module));
                if let (Some(dark), Some(light)) = known
                    && light - dark >= LEAST_CONTRAST
                {
                    surroundings.dark[module] = dark;
                    surroundings.light[module] = light;
                    *threshold = (dark + light) / 2.0;
                }
            }
        }
        surroundings.toner.clone_from(&surroundings.dark);
        let toner = Table::of(shape, greys, &|module| greys[module] <= surroundings.dark[module]);
        for (module, level) in surroundings.toner.iter_mut().enumerate() {
            if let Some(toner) = toner.mean(shape, module) {
                *level = level.min(toner);
            }
        }
        Some(surroundings)
    }

    /// 0 at the light, 0.5 in the middle between light and dark, 1 at the toner.
    fn level(&self, module: usize, grey: f32) -> f32 {
        let (light, toner) = (self.light[module], self.toner[module]);
        let middle = (light + self.dark[module]) / 2.0;
        match grey >= middle {
            true => (light - grey) / (light - middle).max(1.0) / 2.0,
            false => 0.5 + (middle - grey) / (middle - toner).max(1.0) / 2.0,
        }
    }
}

/// Sums over rectangles of modules.
struct Table {
    sums: Vec<(f64, u32)>,
}

impl Table {
    fn of(shape: &Shape, greys: &[f32], counted: &dyn Fn(usize) -> bool) -> Table {
        let wide = shape.columns + 1;
        let mut sums = vec![(0.0, 0); wide * (shape.rows + 1)];
        for row in 0..shape.rows {
            let (mut sum, mut count) = (0.0, 0);
            for column in 0..shape.columns {
                let module = row * shape.columns + column;
                if counted(module) {
                    (sum, count) = (sum + f64::from(greys[module]), count + 1);
                }
                let above = sums[row * wide + column + 1];
                sums[(row + 1) * wide + column + 1] = (above.0 + sum, above.1 + count);
            }
        }
        Table { sums }
    }

    /// The mean around a module, if four or more are counted there.
    fn mean(&self, shape: &Shape, module: usize) -> Option<f32> {
        let (row, column) = (module / shape.columns, module % shape.columns);
        let (top, bottom) = (row.saturating_sub(SURROUNDINGS), (row + SURROUNDINGS + 1).min(shape.rows));
        let (left, right) =
            (column.saturating_sub(SURROUNDINGS), (column + SURROUNDINGS + 1).min(shape.columns));
        let at = |row: usize, column: usize| self.sums[row * (shape.columns + 1) + column];
        let (a, b, c, d) = (at(bottom, right), at(top, right), at(bottom, left), at(top, left));
        let count = (a.1 + d.1).checked_sub(b.1 + c.1).filter(|&count| count >= 4)?;
        Some(((a.0 + d.0 - b.0 - c.0) / f64::from(count)) as f32)
    }
}

/// How much of the points of each module the modules themselves, blurred, do not explain.
fn doubts(shape: &Shape, points: &[f32], levels: &[f32]) -> Vec<f32> {
    let wide = shape.columns * POINTS;
    let module = |index: usize| index / wide / POINTS * shape.columns + index % wide / POINTS;
    let sharp: Vec<f32> =
        (0..points.len()).map(|index| f32::from(u8::from(levels[module(index)] > 0.5))).collect();
    let mut best: Option<(f32, Vec<f32>)> = None;
    for radius in 0..=2 {
        let model = blurred(&sharp, wide, radius);
        let mut residuals = vec![0.0; levels.len()];
        for (index, (point, model)) in points.iter().zip(&model).enumerate() {
            residuals[module(index)] += (point - model).abs() / (POINTS * POINTS) as f32;
        }
        let usual = middle(&residuals);
        if best.as_ref().is_none_or(|(least, _)| usual < *least) {
            best = Some((usual, residuals));
        }
    }
    let (usual, residuals) = best.unwrap_or_default();
    let own: Vec<f32> =
        residuals.iter().map(|residual| ((residual - 1.4 * usual).max(0.0) / 0.15).min(3.0)).collect();
    let with_neighbours = |module: usize| {
        let (row, column) = (module / shape.columns, module % shape.columns);
        let mut sum = 0.0;
        for row in row.saturating_sub(1)..(row + 2).min(shape.rows) {
            for column in column.saturating_sub(1)..(column + 2).min(shape.columns) {
                sum += own[row * shape.columns + column];
            }
        }
        own[module] + sum / 6.0
    };
    (0..levels.len()).map(with_neighbours).collect()
}

/// Means of squares of `2 × radius + 1` points; light beyond the edges.
fn blurred(points: &[f32], wide: usize, radius: usize) -> Vec<f32> {
    if radius == 0 {
        return points.to_vec();
    }
    let span = (2 * radius + 1) as f32;
    let along = |points: &[f32], length: usize, step: usize, starts: &mut dyn Iterator<Item = usize>| {
        let mut out = vec![0.0; points.len()];
        for start in starts {
            let at = |index: usize| if index < length { points[start + index * step] } else { 0.0 };
            for index in 0..length {
                let sum: f32 = (0..=2 * radius).map(|offset| at((index + offset).wrapping_sub(radius))).sum();
                out[start + index * step] = sum / span;
            }
        }
        out
    };
    let rows = points.len() / wide.max(1);
    let horizontal = along(points, wide, 1, &mut (0..rows).map(|row| row * wide));
    along(&horizontal, rows, wide, &mut (0..wide))
}

/// The median.
fn middle(values: &[f32]) -> f32 {
    let mut values = values.to_vec();
    let half = values.len() / 2;
    match values.is_empty() {
        true => 0.0,
        false => *values.select_nth_unstable_by(half, f32::total_cmp).1,
    }
}
