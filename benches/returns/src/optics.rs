//! What lens, light and sensor do to a picture.

use fastrand::Rng;
use image::GrayImage;

/// A band of light on film, across the whole picture.
#[derive(Debug, Clone, Copy)]
struct Streak {
    /// Unit vector across the band.
    across: [f32; 2],
    /// Distance of the band's middle from the picture's origin along `across`, in pixels.
    offset: f32,
    /// Half width, where the light is at 0.6 of its strength, in pixels.
    half_width: f32,
    /// Share of the way to white, from 0 to 1.
    strength: f32,
}

/// The means over boxes of `width` × `height` dots: what a sensor's pixel gathers.
pub(crate) fn gathered(paper: &GrayImage, width: u32, height: u32) -> GrayImage {
    let columns = paper.width() as usize;
    let mut along = vec![0_u8; paper.as_raw().len()];
    for (to, from) in along.chunks_exact_mut(columns).zip(paper.as_raw().chunks_exact(columns)) {
        let (before, after) = ((width as usize - 1) / 2, width as usize / 2);
        let mut sum: u32 = from[..after.min(columns)].iter().map(|&v| u32::from(v)).sum();
        let mut count = after.min(columns) as u32;
        for (x, value) in to.iter_mut().enumerate() {
            if x + after < columns {
                sum += u32::from(from[x + after]);
                count += 1;
            }
            if x > before {
                sum -= u32::from(from[x - before - 1]);
                count -= 1;
            }
            *value = ((sum + count / 2) / count) as u8;
        }
    }
    let rows = paper.height() as usize;
    let (before, after) = ((height as usize - 1) / 2, height as usize / 2);
    let mut sums = vec![0_u32; columns];
    let row_of = |y: usize| &along[y * columns..(y + 1) * columns];
    for y in 0..after.min(rows) {
        sums.iter_mut().zip(row_of(y)).for_each(|(sum, &v)| *sum += u32::from(v));
    }
    let mut count = after.min(rows) as u32;
    let mut both = Vec::with_capacity(along.len());
    for y in 0..rows {
        if y + after < rows {
            sums.iter_mut().zip(row_of(y + after)).for_each(|(sum, &v)| *sum += u32::from(v));
            count += 1;
        }
        if y > before {
            sums.iter_mut().zip(row_of(y - before - 1)).for_each(|(sum, &v)| *sum -= u32::from(v));
            count -= 1;
        }
        both.extend(sums.iter().map(|sum| ((sum + count / 2) / count) as u8));
    }
    GrayImage::from_raw(paper.width(), paper.height(), both).unwrap_or_default()
}

/// Blurs with a Gaussian of `sigma` pixels.
pub(crate) fn blurred(picture: &GrayImage, sigma: f32) -> GrayImage {
    if sigma <= 0.0 {
        return picture.clone();
    }
    let reach = (3.0 * sigma).ceil() as usize;
    let weight = |distance: usize| (-(distance as f32).powi(2) / (2.0 * sigma * sigma)).exp();
    let total: f32 = weight(0) + 2.0 * (1..=reach).map(weight).sum::<f32>();
    let weights: Vec<f32> = (0..=reach).map(|distance| weight(distance) / total).collect();
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut along = vec![0.0_f32; width * height];
    let mut padded = vec![0.0_f32; width + 2 * reach];
    for (to, from) in along.chunks_exact_mut(width).zip(picture.as_raw().chunks_exact(width)) {
        padded[..reach].fill(f32::from(from[0]));
        padded[reach + width..].fill(f32::from(from[width - 1]));
        padded[reach..].iter_mut().zip(from).for_each(|(to, &from)| *to = f32::from(from));
        for (distance, weight) in weights.iter().enumerate() {
            let left = &padded[reach - distance..];
            let right = &padded[reach + distance..];
            let half = if distance == 0 { 0.5 } else { 1.0 };
            to.iter_mut().zip(left).zip(right).for_each(|((to, l), r)| *to += weight * half * (l + r));
        }
    }
    let mut pixels = Vec::with_capacity(width * height);
    let mut sums = vec![0.0_f32; width];
    for y in 0..height {
        sums.fill(0.0);
        for (distance, weight) in weights.iter().enumerate() {
            let (up, down) = (y.saturating_sub(distance), (y + distance).min(height - 1));
            let (above, below) =
                (&along[up * width..(up + 1) * width], &along[down * width..(down + 1) * width]);
            let half = if distance == 0 { 0.5 } else { 1.0 };
            sums.iter_mut().zip(above).zip(below).for_each(|((sum, a), b)| *sum += weight * half * (a + b));
        }
        pixels.extend(sums.iter().map(|sum| (sum + 0.5) as u8));
    }
    GrayImage::from_raw(picture.width(), picture.height(), pixels).unwrap_or_default()
}

/// Adds noise of a standard deviation of `sigma` grey levels to each pixel.
pub(crate) fn noise(picture: &mut GrayImage, sigma: f32, rng: &mut Rng) {
    // A sum of twelve uniform numbers is nearly normal, with a deviation of 1.
    let table: Vec<i16> = (0..4096)
        .map(|_| ((0..12).map(|_| rng.f32()).sum::<f32>() - 6.0) * sigma)
        .map(|value| value.round() as i16)
        .collect();
    for five in picture.chunks_mut(5) {
        let mut bits = rng.u64(..);
        for value in five {
            *value = (i16::from(*value) + table[(bits & 4095) as usize]).clamp(0, 255) as u8;
            bits >>= 12;
        }
    }
}

/// Lays shining film over the picture: a veil of the share `veil`, and `streaks` bands of up to `strength`, with a
/// half width of up to `half_width` pixels.
pub(crate) fn glare(
    picture: &mut GrayImage,
    veil: f32,
    streaks: usize,
    strength: f32,
    half_width: f32,
    rng: &mut Rng,
) {
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let bands: Vec<Streak> = (0..streaks)
        .map(|_| {
            let angle = rng.f32() * std::f32::consts::PI;
            let across = [angle.cos(), angle.sin()];
            let (x, y) = (rng.f32() * width, rng.f32() * height);
            Streak {
                across,
                offset: across[0] * x + across[1] * y,
                half_width: half_width * (0.4 + 0.6 * rng.f32()),
                strength: strength * (0.5 + 0.5 * rng.f32()),
            }
        })
        .collect();
    for (y, row) in picture.chunks_exact_mut(width as usize).enumerate() {
        for (x, value) in row.iter_mut().enumerate() {
            let shine = bands.iter().fold(1.0 - veil, |dark, band| {
                let from_middle =
                    (band.across[0] * x as f32 + band.across[1] * y as f32 - band.offset) / band.half_width;
                match from_middle.abs() < 3.0 {
                    true => dark * (1.0 - band.strength * (-from_middle * from_middle / 2.0).exp()),
                    false => dark,
                }
            });
            *value = (255.0 - (255.0 - f32::from(*value)) * shine) as u8;
        }
    }
}

/// Light that falls off from a bright point: `least` is the share of it at the far corner.
pub(crate) fn uneven_light(picture: &mut GrayImage, least: f32, rng: &mut Rng) {
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let (bright_x, bright_y) = (rng.f32() * width, rng.f32() * height);
    let reach = width.hypot(height);
    for (y, row) in picture.chunks_exact_mut(width as usize).enumerate() {
        for (x, value) in row.iter_mut().enumerate() {
            let distance = (x as f32 - bright_x).hypot(y as f32 - bright_y) / reach;
            *value = (f32::from(*value) * (1.0 - (1.0 - least) * distance)) as u8;
        }
    }
}

/// Black where a pixel is darker than `threshold`, else white.
pub(crate) fn threshold(picture: &mut GrayImage, threshold: u8) {
    picture.iter_mut().for_each(|value| *value = if *value < threshold { 0 } else { 255 });
}
