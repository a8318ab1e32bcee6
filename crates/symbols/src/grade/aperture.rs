//! The part of a picture around a symbol, seen through a round aperture.

use image::GrayImage;

use crate::data_matrices::grey;
use crate::locate::Point;
use crate::picture::{Picture, Region};

/// Points of the disc: its middle, and two rings that stand for rings of equal area.
pub(super) const POINTS: usize = 19;

/// The part of a picture around a symbol.
pub(super) struct View {
    /// Its grey levels.
    pub(super) luma: GrayImage,
    /// Its top left corner in the picture.
    origin: Point,
}

impl View {
    /// The part around points of a picture, with a margin, all in pixels. `None` if the picture has nothing there, or a
    /// point is not a number.
    pub(super) fn around(picture: &Picture, points: &[Point], margin: f32) -> Option<View> {
        let finite = points.iter().all(|point| point.0.is_finite() && point.1.is_finite());
        let within = |value: f32, end: u32| value.clamp(0.0, end as f32) as u32;
        let least = |axis: fn(&Point) -> f32| points.iter().map(axis).fold(f32::MAX, f32::min) - margin;
        let most = |axis: fn(&Point) -> f32| points.iter().map(axis).fold(f32::MIN, f32::max) + margin + 1.0;
        let (width, height) = (picture.width(), picture.height());
        let (left, top) = (within(least(|p| p.0), width), within(least(|p| p.1), height));
        let (right, bottom) = (within(most(|p| p.0), width), within(most(|p| p.1), height));
        if !finite || left >= right || top >= bottom {
            return None;
        }
        let region = Region { x: left, y: top, width: right - left, height: bottom - top };
        let (luma, width, height) = picture.luma(region);
        let luma = GrayImage::from_raw(width, height, luma)?;
        Some(View { luma, origin: (left as f32, top as f32) })
    }

    /// A point of the picture as a point of the view.
    pub(super) fn local(&self, point: Point) -> Point {
        (point.0 - self.origin.0, point.1 - self.origin.1)
    }

    /// Whether a point of the view is in it.
    pub(super) fn contains(&self, (x, y): Point) -> bool {
        let (width, height) = (self.luma.width() as f32, self.luma.height() as f32);
        x >= 0.0 && y >= 0.0 && x <= width && y <= height
    }

    /// The mean reflectance of points of the view, from 0 to 1.
    pub(super) fn reflectance(&self, points: impl Iterator<Item = Point>) -> f32 {
        let (sum, count) =
            points.fold((0.0, 0.0), |(sum, count), point| (sum + grey(&self.luma, point), count + 1.0));
        sum / f32::max(count, 1.0) / 255.0
    }

    /// Whether the view has two levels only, as a black-and-white scan has.
    pub(super) fn is_bilevel(&self) -> bool {
        let mut seen = [false; 256];
        self.luma.as_raw().iter().for_each(|&level| seen[usize::from(level)] = true);
        seen.into_iter().filter(|&seen| seen).count() <= 2
    }
}

/// Points of a disc of a radius around (0, 0).
pub(super) fn disc(radius: f32) -> [Point; POINTS] {
    let mut points = [(0.0, 0.0); POINTS];
    // The middle stands for a disc of a nineteenth of the area, each ring for six and twelve nineteenths around it; a
    // ring's points lie where they halve its area.
    for (index, point) in points.iter_mut().enumerate().skip(1) {
        let (share, count, first) = if index < 7 { (4.0 / 19.0, 6.0, 1) } else { (13.0 / 19.0, 12.0, 7) };
        let turn = std::f32::consts::TAU * (index - first) as f32 / count;
        let distance = radius * f32::sqrt(share);
        *point = (distance * turn.cos(), distance * turn.sin());
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disc_has_the_moment_of_an_even_one() {
        let points = disc(2.0);
        let moment: f32 =
            points.iter().map(|point| point.0 * point.0 + point.1 * point.1).sum::<f32>() / 19.0;
        // Of an even disc: half the square of the radius.
        assert!((moment - 2.0).abs() < 0.05, "{moment}");
        assert!(points.iter().all(|point| point.0.hypot(point.1) < 2.0));
    }
}
