//! The copy of a picture in which plateaus of edges are looked for.

use image::GrayImage;

use crate::effort::Effort;
use crate::locate::{Located, Point, locate_locally};

/// The longest side of the picture in which edges are looked for, in pixels.
const WORKING_SIDE: u32 = 1750;

/// A picture no larger than edges need.
pub(super) struct Working {
    /// Its pixels.
    pub luma: GrayImage,
    /// How many pixels of the picture one of this stands for, in each direction.
    pub scale: u32,
}

impl Working {
    /// The working copy of a picture.
    pub(super) fn of(luma: &GrayImage) -> Working {
        let longest = luma.width().max(luma.height());
        let scale = ((longest + WORKING_SIDE / 2) / WORKING_SIDE).max(1);
        Working { luma: if scale > 1 { reduced(luma, scale) } else { luma.clone() }, scale }
    }

    /// The symbols whose finder patterns are connected areas, in pixels of the picture.
    pub(super) fn located(&self, effort: &Effort) -> Vec<Located> {
        let mut located = locate_locally(&self.luma, effort);
        let scale = self.scale as f32;
        let scaled = |point: &mut Point| *point = (point.0 * scale, point.1 * scale);
        located.iter_mut().flat_map(|located| &mut located.corners).for_each(scaled);
        located
    }
}

/// The picture at one `factor`th of its size: means of squares.
fn reduced(luma: &GrayImage, factor: u32) -> GrayImage {
    let (width, height) = ((luma.width() / factor).max(1), (luma.height() / factor).max(1));
    let (wide, factor) = (luma.width() as usize, factor as usize);
    let mut sums = vec![0u16; wide];
    let mut pixels = Vec::with_capacity(width as usize * height as usize);
    for rows in luma.as_raw().chunks_exact(wide * factor).take(height as usize) {
        sums.fill(0);
        for row in rows.chunks_exact(wide) {
            sums.iter_mut().zip(row).for_each(|(sum, &pixel)| *sum += u16::from(pixel));
        }
        let mean = |sums: &[u16]| {
            (sums.iter().map(|&sum| u32::from(sum)).sum::<u32>() / (factor * factor) as u32) as u8
        };
        match factor {
            2 => pixels.extend(sums.chunks_exact(2).map(|sums| ((sums[0] + sums[1]) / 4) as u8)),
            _ => pixels.extend(sums.chunks_exact(factor).map(mean)),
        }
    }
    GrayImage::from_raw(width, height, pixels).unwrap_or_else(|| luma.clone())
}
