//! Grey levels of a picture: sampled between pixels, and made smaller.

use crate::picture::{Picture, Region};

/// Grey levels, row by row; 0 is black. At least one pixel.
pub(super) struct Grey {
    pub(super) width: usize,
    pub(super) height: usize,
    pixels: Vec<u8>,
}

impl Grey {
    /// A region of a picture. `None` if no pixel is in it.
    pub(super) fn of(picture: &Picture, region: Region) -> Option<Grey> {
        let (pixels, width, height) = picture.luma(region);
        Grey::from_pixels(width as usize, height as usize, pixels)
    }

    /// Rows of pixels. `None` if there is none, or if they are not `width` × `height`.
    pub(super) fn from_pixels(width: usize, height: usize, pixels: Vec<u8>) -> Option<Grey> {
        let whole = !pixels.is_empty() && pixels.len() == width * height;
        whole.then_some(Grey { width, height, pixels })
    }

    /// A row of pixels.
    pub(super) fn row(&self, y: usize) -> &[u8] {
        &self.pixels[y * self.width..(y + 1) * self.width]
    }

    /// The mean of each square of `factor` × `factor` pixels. Pixels beyond the last whole square are left out.
    pub(super) fn reduced(&self, factor: usize) -> Option<Grey> {
        let (width, height) = (self.width / factor.max(1), self.height / factor.max(1));
        let mut pixels = Vec::with_capacity(width * height);
        let mut sums = vec![0u16; width * factor];
        let area = (factor * factor) as u32;
        for y in 0..height {
            sums.fill(0);
            for row in y * factor..(y + 1) * factor {
                sums.iter_mut().zip(self.row(row)).for_each(|(sum, &pixel)| *sum += u16::from(pixel));
            }
            let squares = sums.chunks_exact(factor.max(1));
            pixels.extend(squares.map(|square| {
                let sum: u32 = square.iter().map(|&sum| u32::from(sum)).sum();
                (sum / area) as u8
            }));
        }
        Grey::from_pixels(width, height, pixels)
    }

    /// Whether a point lies in the picture.
    pub(super) fn holds(&self, x: f32, y: f32) -> bool {
        (-0.5..self.width as f32 - 0.5).contains(&x) && (-0.5..self.height as f32 - 0.5).contains(&y)
    }

    /// The level at a point, interpolated. (0, 0) is the middle of the first pixel. Outside, the nearest pixel counts.
    pub(super) fn at(&self, x: f32, y: f32) -> f32 {
        let x = x.clamp(0.0, (self.width - 1) as f32);
        let y = y.clamp(0.0, (self.height - 1) as f32);
        let (left, top) = (x as usize, y as usize);
        let (right, below) = ((left + 1).min(self.width - 1), (top + 1).min(self.height - 1));
        let (dx, dy) = (x - left as f32, y - top as f32);
        let (upper, lower) = (top * self.width, below * self.width);
        let level = |index: usize| f32::from(self.pixels[index]);
        let above = level(upper + left) + (level(upper + right) - level(upper + left)) * dx;
        let under = level(lower + left) + (level(lower + right) - level(lower + left)) * dx;
        above + (under - above) * dy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_lie_between_those_of_the_pixels_around() {
        let grey = Grey::from_pixels(2, 2, vec![0, 100, 100, 200]).unwrap();
        assert_eq!((grey.at(0.0, 0.0), grey.at(0.5, 0.5), grey.at(9.0, 9.0)), (0.0, 100.0, 200.0));
        assert_eq!(grey.reduced(2).unwrap().row(0), [100]);
        assert!(grey.reduced(3).is_none());
        assert!(Grey::from_pixels(0, 0, Vec::new()).is_none());
    }
}
