//! Where a picture looks like a Data Matrix: many edges, in two directions at right angles.
//!
//! The structure tensor of each block of pixels tells how strong edges are across its weaker direction. Bars have none
//! there and text has gaps between its lines, so that a symbol is a plateau. Strokes and stamps over a symbol change little
//! of this, and no threshold is needed.

use image::GrayImage;

use super::working::Working;
use crate::locate::Point;

/// The most plateaus that are looked for.
const MOST_PLATEAUS: usize = 160;

/// The least strength of a plateau, in levels of grey from pixel to pixel.
const LEAST_STRENGTH: f32 = 2.5;

/// The part of a plateau's peak that belongs to it.
const SHOULDER: f32 = 0.5;

/// The greatest ratio of the sides of a plateau: that of the longest rectangle, 8 × 144.
const MOST_ASPECT: f32 = 19.0;

/// How strong a plateau is at least, as a part of the weakest one that held a symbol, to be searched beside it.
const LIKE_A_SYMBOL: f32 = 0.7;

/// The greatest ratio of its sides then.
const MOST_ASPECT_BESIDE: f32 = 1.7;

/// A plateau, as a turned rectangle.
#[derive(Debug, Clone, Copy)]
pub(super) struct Blob {
    /// Its middle.
    pub middle: Point,
    /// The direction of one of its axes, in radians.
    pub angle: f32,
    /// Half of its sides along this axis and across it.
    pub half: (f32, f32),
    /// The strength of edges at its peak.
    pub strength: f32,
}

impl Blob {
    /// Whether it may well be a symbol beside one of a `known` strength: about as strong and about square.
    pub(super) fn is_like_a_symbol(&self, known: f32) -> bool {
        let aspect = self.half.0.max(self.half.1) / self.half.0.min(self.half.1).max(1.0);
        self.is_as_strong(known) && aspect < MOST_ASPECT_BESIDE
    }

    /// Whether a point lies in it.
    pub(super) fn contains(&self, (x, y): Point) -> bool {
        let (sin, cos) = self.angle.sin_cos();
        let (x, y) = (x - self.middle.0, y - self.middle.1);
        (x * cos + y * sin).abs() <= self.half.0 && (y * cos - x * sin).abs() <= self.half.1
    }

    /// Whether it is about as strong as one of a `known` strength.
    pub(super) fn is_as_strong(&self, known: f32) -> bool {
        self.strength >= LIKE_A_SYMBOL * known
    }
}

/// How large the blocks are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blocks {
    /// About two hundred on a page's longest side.
    Fine,
    /// About thirty: for symbols that fill the picture.
    Coarse,
}

/// The plateaus of a picture, strongest first. Each is looked for when it is asked for.
pub(super) struct Plateaus<'a> {
    working: &'a Working,
    field: Field,
    taken: Vec<bool>,
    /// Plateaus that may still be looked for.
    left: usize,
}

impl<'a> Plateaus<'a> {
    /// The plateaus of a picture.
    pub(super) fn of(working: &'a Working, blocks: Blocks) -> Plateaus<'a> {
        let longest = working.luma.width().max(working.luma.height());
        let side = match blocks {
            Blocks::Fine => (longest / 200).clamp(8, 16),
            Blocks::Coarse => (longest / 30).clamp(12, 64),
        };
        let mut field = Field::of(&working.luma, side as usize);
        if blocks == Blocks::Fine {
            field.take_noise_off();
        }
        let taken = vec![false; field.strengths.len()];
        Plateaus { working, field, taken, left: MOST_PLATEAUS }
    }
}

impl Iterator for Plateaus<'_> {
    type Item = Blob;

    fn next(&mut self) -> Option<Blob> {
        while self.left > 0 {
            self.left -= 1;
            let (blocks, strength) = self.field.plateau(&mut self.taken)?;
            if let Some(blob) = rectangle(&self.working.luma, &self.field, &blocks, strength) {
                let scale = self.working.scale as f32;
                let scaled = |(x, y): Point| (x * scale, y * scale);
                return Some(Blob { middle: scaled(blob.middle), half: scaled(blob.half), ..blob });
            }
        }
        None
    }
}

/// Strengths of edges, block by block.
struct Field {
    side: usize,
    columns: usize,
    rows: usize,
    strengths: Vec<f32>,
}

impl Field {
    fn of(luma: &GrayImage, side: usize) -> Field {
        let (width, height) = (luma.width() as usize, luma.height() as usize);
        let (columns, rows) = (width.div_ceil(side), height.div_ceil(side));
        let mut tensors = vec![(0i64, 0i64, 0i64); columns * rows];
        let pixels = luma.as_raw();
        for y in 0..height.saturating_sub(1) {
            let (row, below) =
                (&pixels[y * width..(y + 1) * width], &pixels[(y + 1) * width..(y + 2) * width]);
            let tensors = &mut tensors[y / side * columns..][..columns];
            let blocks = row.chunks(side).zip(row[1..].chunks(side)).zip(below.chunks(side));
            for (tensor, ((here, right), below)) in tensors.iter_mut().zip(blocks) {
                let (mut xx, mut yy, mut xy) = (0i32, 0i32, 0i32);
                for ((&here, &right), &below) in here.iter().zip(right).zip(below) {
                    let (dx, dy) = (i32::from(right) - i32::from(here), i32::from(below) - i32::from(here));
                    (xx, yy, xy) = (xx + dx * dx, yy + dy * dy, xy + dx * dy);
                }
                *tensor = (tensor.0 + i64::from(xx), tensor.1 + i64::from(yy), tensor.2 + i64::from(xy));
            }
        }
        let area = (side * side) as f64;
        let weaker = |&(xx, yy, xy): &(i64, i64, i64)| {
            let (xx, yy, xy) = (xx as f64 / area, yy as f64 / area, xy as f64 / area);
            let least = ((xx + yy) - ((xx - yy).powi(2) + 4.0 * xy * xy).sqrt()) / 2.0;
            least.max(0.0).sqrt() as f32
        };
        let strengths: Vec<f32> = tensors.iter().map(weaker).collect();
        let strengths = smoothed(&smoothed(&strengths, columns, rows), columns, rows);
        Field { side, columns, rows, strengths }
    }

    /// Takes off the strength of noise, which nine tenths of a page have at least.
    fn take_noise_off(&mut self) {
        let mut sorted = self.strengths.clone();
        let tenth = sorted.len() / 10;
        if sorted.is_empty() {
            return;
        }
        let noise = *sorted.select_nth_unstable_by(tenth, f32::total_cmp).1;
        for strength in &mut self.strengths {
            *strength = (*strength * *strength - noise * noise).max(0.0).sqrt();
        }
    }

    /// The blocks around the strongest one that is not taken yet, and its strength.
    fn plateau(&self, taken: &mut [bool]) -> Option<(Vec<usize>, f32)> {
        let free = self.strengths.iter().enumerate().filter(|(index, _)| !taken[*index]);
        let (peak, &strength) = free.max_by(|a, b| a.1.total_cmp(b.1))?;
        if strength < LEAST_STRENGTH {
            return None;
        }
        let mut blocks = vec![peak];
        taken[peak] = true;
        let mut next = 0;
        while let Some(&block) = blocks.get(next) {
            next += 1;
            let (x, y) = (block % self.columns, block / self.columns);
            let beside = [
                (x > 0).then(|| block - 1),
                (x + 1 < self.columns).then_some(block + 1),
                (y > 0).then(|| block - self.columns),
                (y + 1 < self.rows).then_some(block + self.columns),
            ];
            for block in beside.into_iter().flatten() {
                if !taken[block] && self.strengths[block] > SHOULDER * strength {
                    taken[block] = true;
                    blocks.push(block);
                }
            }
        }
        Some((blocks, strength))
    }
}

/// Means of three by three.
fn smoothed(values: &[f32], columns: usize, rows: usize) -> Vec<f32> {
    let mean = |index: usize| {
        let (x, y) = (index % columns, index / columns);
        let (mut sum, mut count) = (0.0, 0.0);
        for y in y.saturating_sub(1)..(y + 2).min(rows) {
            for x in x.saturating_sub(1)..(x + 2).min(columns) {
                (sum, count) = (sum + values[y * columns + x], count + 1.0);
            }
        }
        sum / count
    };
    (0..values.len()).map(mean).collect()
}

/// The turned rectangle around the edges of some blocks. `None` if it is too small or too long.
fn rectangle(luma: &GrayImage, field: &Field, blocks: &[usize], strength: f32) -> Option<Blob> {
    if blocks.len() < 4 {
        return None;
    }
    let mut edges = Vec::new();
    let (mut real, mut imaginary) = (0.0f64, 0.0f64);
    // Of a large plateau a part of the rows tells enough.
    let every = (blocks.len() / 200 + 1).min(field.side);
    for &block in blocks {
        let (left, top) = (block % field.columns * field.side, block / field.columns * field.side);
        let right = (left + field.side).min(luma.width() as usize - 1);
        let bottom = (top + field.side).min(luma.height() as usize - 1);
        for y in (top..bottom).step_by(every) {
            for x in left..right {
                let pixel = |x: usize, y: usize| f32::from(luma.as_raw()[y * luma.width() as usize + x]);
                let (dx, dy) = (pixel(x + 1, y) - pixel(x, y), pixel(x, y + 1) - pixel(x, y));
                let weight = dx * dx + dy * dy;
                if weight > strength * strength / 2.0 {
                    let (a, b) = (dx * dx - dy * dy, 2.0 * dx * dy);
                    real += f64::from((a * a - b * b) / weight);
                    imaginary += f64::from(2.0 * a * b / weight);
                    edges.push((x as f32 + 0.5, y as f32 + 0.5));
                }
            }
        }
    }
    let angle = (imaginary.atan2(real) / 4.0) as f32;
    let (sin, cos) = angle.sin_cos();
    let (u_low, u_high) = span(edges.iter().map(|&(x, y)| x * cos + y * sin).collect())?;
    let (v_low, v_high) = span(edges.iter().map(|&(x, y)| y * cos - x * sin).collect())?;
    let half = ((u_high - u_low) / 2.0, (v_high - v_low) / 2.0);
    let (u, v) = (u_low + half.0, v_low + half.1);
    let sound = half.0.min(half.1) >= 6.0 && half.0.max(half.1) <= MOST_ASPECT * half.0.min(half.1);
    sound.then_some(Blob { middle: (u * cos - v * sin, u * sin + v * cos), angle, half, strength })
}

/// What 98 of a hundred values lie between.
fn span(mut values: Vec<f32>) -> Option<(f32, f32)> {
    let hundredth = values.len() / 100;
    let last = values.len().checked_sub(1)?;
    let low = *values.select_nth_unstable_by(hundredth, f32::total_cmp).1;
    let high = *values.select_nth_unstable_by(last - hundredth, f32::total_cmp).1;
    Some((low, high))
}
