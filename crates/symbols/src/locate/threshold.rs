//! Which pixels of a picture are dark: by one threshold for the whole picture, and by one for each of its neighbourhoods.

use image::GrayImage;

/// Side of a block whose darkest and lightest pixels are known, in pixels.
pub(super) const BLOCK: u32 = 16;

/// Blocks around a block that belong to its neighbourhood, in each direction.
const REACH: u32 = 3;

/// The least difference of dark and light in a neighbourhood that has a threshold of its own.
const LEAST_CONTRAST: u8 = 20;

/// The luma below which a pixel is dark.
pub(super) enum Threshold {
    /// The same for the whole picture.
    Global(u8),
    /// One for each block of the picture, row by row.
    Local {
        /// Blocks in a row.
        columns: u32,
        /// The thresholds.
        blocks: Vec<u8>,
    },
}

impl Threshold {
    /// The threshold that separates the picture's dark from its light pixels best (Otsu).
    pub(super) fn global(luma: &GrayImage) -> Threshold {
        // Two counts, so that equal neighbours do not wait for each other.
        let mut counts = [[0u64; 256]; 2];
        for pixels in luma.as_raw().chunks(2) {
            (0..pixels.len()).for_each(|index| counts[index][usize::from(pixels[index])] += 1);
        }
        let mut histogram = counts[0];
        histogram.iter_mut().zip(counts[1]).for_each(|(sum, count)| *sum += count);
        let all: u64 = histogram.iter().sum();
        let sum: u64 = (0u64..).zip(histogram).map(|(value, count)| value * count).sum();
        let (mut best, mut threshold) = (0.0, 128u8);
        let (mut dark, mut dark_sum) = (0u64, 0u64);
        for value in 0..255u8 {
            dark += histogram[usize::from(value)];
            dark_sum += u64::from(value) * histogram[usize::from(value)];
            if dark == 0 || dark == all {
                continue;
            }
            let means = dark_sum as f64 / dark as f64 - (sum - dark_sum) as f64 / (all - dark) as f64;
            let between = dark as f64 * (all - dark) as f64 * means * means;
            if between > best {
                (best, threshold) = (between, value + 1);
            }
        }
        Threshold::Global(threshold)
    }

    /// The middle of the darkest and the lightest pixel of each neighbourhood; `otherwise` where they differ little.
    pub(super) fn local(luma: &GrayImage, otherwise: u8) -> Threshold {
        let (width, height) = luma.dimensions();
        let (columns, rows) = (width.div_ceil(BLOCK), height.div_ceil(BLOCK));
        let mut extremes = vec![(u8::MAX, u8::MIN); (columns * rows) as usize];
        for (y, row) in luma.as_raw().chunks_exact(width.max(1) as usize).enumerate() {
            let first = (y as u32 / BLOCK * columns) as usize;
            for (extremes, pixels) in extremes[first..].iter_mut().zip(row.chunks(BLOCK as usize)) {
                *extremes = pixels
                    .iter()
                    .fold(*extremes, |(darkest, lightest), &pixel| (darkest.min(pixel), lightest.max(pixel)));
            }
        }
        let around = |at: u32, end: u32| at.saturating_sub(REACH)..(at + REACH + 1).min(end);
        let wide = |row: u32, column: u32| {
            around(column, columns).map(|c| extremes[(row * columns + c) as usize]).fold((255, 0), both)
        };
        let strips: Vec<(u8, u8)> =
            (0..rows).flat_map(|row| (0..columns).map(move |column| wide(row, column))).collect();
        let neighbourhood = |row: u32, column: u32| {
            around(row, rows).map(|r| strips[(r * columns + column) as usize]).fold((255, 0), both)
        };
        let threshold = |(darkest, lightest): (u8, u8)| match lightest.saturating_sub(darkest) {
            LEAST_CONTRAST.. => darkest + (lightest - darkest) / 2,
            _ => otherwise,
        };
        let blocks = (0..rows)
            .flat_map(|row| (0..columns).map(move |column| (row, column)))
            .map(|(row, column)| threshold(neighbourhood(row, column)))
            .collect();
        Threshold::Local { columns, blocks }
    }

    /// The threshold at a pixel.
    pub(super) fn at(&self, x: u32, y: u32) -> u8 {
        match self {
            Threshold::Global(threshold) => *threshold,
            Threshold::Local { columns, blocks } => {
                blocks.get((y / BLOCK * columns + x / BLOCK) as usize).copied().unwrap_or(128)
            }
        }
    }
}

/// The extremes of two areas together.
fn both(one: (u8, u8), other: (u8, u8)) -> (u8, u8) {
    (one.0.min(other.0), one.1.max(other.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_lies_between_dark_and_light() {
        let mut luma = GrayImage::from_pixel(200, 200, image::Luma([250]));
        (20..60).for_each(|x| luma.put_pixel(x, 30, image::Luma([180])));
        assert!(matches!(Threshold::global(&luma), Threshold::Global(181..=250)));
        let local = Threshold::local(&luma, 99);
        assert_eq!((local.at(30, 30), local.at(199, 199)), (215, 99));
    }
}
