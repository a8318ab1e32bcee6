//! A rectangle of light: a share of 0 to 1 for each pixel.

use image::{GrayImage, Luma};

/// A rectangle of light.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Patch {
    width: usize,
    light: Vec<f32>,
}

impl Patch {
    /// A patch whose light `of` gives, by column and row.
    pub(super) fn new(width: u32, height: u32, mut of: impl FnMut(u32, u32) -> f32) -> Patch {
        let cells = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Patch { width: width as usize, light: cells.map(|(x, y)| of(x, y)).collect() }
    }

    fn height(&self) -> usize {
        self.light.len().checked_div(self.width).unwrap_or(0)
    }

    /// Its light, row by row.
    pub(super) fn light(&self) -> &[f32] {
        &self.light
    }

    /// Blurred by a normal distribution of a standard deviation in pixels. Light from beyond the edges is that of the edges.
    #[must_use]
    pub(super) fn blurred(self, deviation: f64) -> Patch {
        let kernel = kernel(deviation);
        if kernel.len() < 2 || self.light.is_empty() {
            return self;
        }
        // Rows twice, turned in between, so that both passes read along rows.
        self.blurred_rows(&kernel).transposed().blurred_rows(&kernel).transposed()
    }

    fn blurred_rows(&self, kernel: &[f32]) -> Patch {
        let reach = kernel.len() / 2;
        let mut light = Vec::with_capacity(self.light.len());
        let mut padded = vec![0.0; self.width + 2 * reach];
        for row in self.light.chunks_exact(self.width) {
            padded[reach..reach + self.width].copy_from_slice(row);
            padded[..reach].fill(row[0]);
            padded[reach + self.width..].fill(row[self.width - 1]);
            let sum =
                |near: &[f32]| near.iter().zip(kernel).map(|(light, weight)| light * weight).sum::<f32>();
            light.extend(padded.windows(kernel.len()).map(sum));
        }
        Patch { width: self.width, light }
    }

    fn transposed(&self) -> Patch {
        let height = self.height();
        let of = |x: u32, y: u32| self.light[x as usize * self.width + y as usize];
        Patch::new(height as u32, self.width as u32, of)
    }

    /// Multiplies by the light of a layer of the same size.
    pub(super) fn through(&mut self, layer: &Patch) {
        self.light.iter_mut().zip(&layer.light).for_each(|(light, passes)| *light *= passes);
    }

    /// The part without a margin on each side.
    #[must_use]
    pub(super) fn without_margin(&self, margin: u32) -> Patch {
        let inner = |length: usize| (length as u32).saturating_sub(2 * margin);
        let at = |x: u32, y: u32| self.light[(y + margin) as usize * self.width + (x + margin) as usize];
        Patch::new(inner(self.width), inner(self.height()), at)
    }

    /// Turns left to right.
    pub(super) fn mirror(&mut self) {
        if self.width > 0 {
            self.light.chunks_exact_mut(self.width).for_each(<[f32]>::reverse);
        }
    }

    /// As a picture whose darkest and lightest hundredth are black and white.
    pub(super) fn stretched(&self) -> GrayImage {
        let (low, high) = self.range();
        let scale = 255.0 / (high - low).max(1e-6);
        let value = |light: f32| ((light - low) * scale).round().clamp(0.0, 255.0) as u8;
        GrayImage::from_fn(self.width as u32, self.height() as u32, |x, y| {
            Luma([value(self.light[y as usize * self.width + x as usize])])
        })
    }

    /// The light below which, and above which, a hundredth of its pixels lie.
    fn range(&self) -> (f32, f32) {
        const LEVELS: usize = 4096;
        let level = |light: f32| ((light * LEVELS as f32) as usize).min(LEVELS - 1);
        let mut counts = vec![0usize; LEVELS];
        self.light.iter().for_each(|light| counts[level(*light)] += 1);
        let share = self.light.len() / 100;
        let reached = |sum: &mut usize, count: &usize| {
            *sum += count;
            Some(*sum > share)
        };
        let low = counts.iter().scan(0, reached).position(|over| over).unwrap_or(0);
        let high = LEVELS - counts.iter().rev().scan(0, reached).position(|over| over).unwrap_or(0);
        (low as f32 / LEVELS as f32, high as f32 / LEVELS as f32)
    }
}

/// The weights of a normal distribution, to three standard deviations.
fn kernel(deviation: f64) -> Vec<f32> {
    let reach = (3.0 * deviation).ceil() as i32;
    if reach == 0 {
        return vec![1.0];
    }
    let weights: Vec<f64> =
        (-reach..=reach).map(|x| (-0.5 * (f64::from(x) / deviation).powi(2)).exp()).collect();
    let sum: f64 = weights.iter().sum();
    weights.into_iter().map(|weight| (weight / sum) as f32).collect()
}
