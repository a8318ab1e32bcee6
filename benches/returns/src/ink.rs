//! Ink on paper: spread, starved, and the tones that a scanner sees.

use image::GrayImage;

/// Grows the dark areas by `dots` on every side, or shrinks them where `dots` is negative.
pub(crate) fn grown(print: &GrayImage, dots: i32) -> GrayImage {
    let pick: fn(u8, u8) -> u8 = if dots >= 0 { u8::min } else { u8::max };
    let reach = dots.unsigned_abs() as usize;
    let (width, height) = (print.width() as usize, print.height() as usize);
    let source = print.as_raw();
    let mut along = source.clone();
    for shift in 1..=reach {
        for (row, from) in along.chunks_exact_mut(width).zip(source.chunks_exact(width)) {
            row[shift..].iter_mut().zip(from).for_each(|(to, &from)| *to = pick(*to, from));
            row.iter_mut().zip(&from[shift..]).for_each(|(to, &from)| *to = pick(*to, from));
        }
    }
    let mut both = along.clone();
    for shift in 1..=reach.min(height.saturating_sub(1)) {
        both[shift * width..].iter_mut().zip(&along).for_each(|(to, &from)| *to = pick(*to, from));
        both.iter_mut().zip(&along[shift * width..]).for_each(|(to, &from)| *to = pick(*to, from));
    }
    GrayImage::from_raw(print.width(), print.height(), both).unwrap_or_default()
}

/// Maps 0 to `dark`, 255 to `light`, and what is between in proportion.
pub(crate) fn toned(picture: &mut GrayImage, dark: u8, light: u8) {
    let (dark, light) = (u32::from(dark), u32::from(light));
    let tones: [u8; 256] =
        std::array::from_fn(|value| ((dark * (255 - value as u32) + light * value as u32 + 127) / 255) as u8);
    picture.iter_mut().for_each(|value| *value = tones[usize::from(*value)]);
}
