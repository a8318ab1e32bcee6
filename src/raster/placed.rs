//! Pictures in their own resolution on a page: those that a scanner cut into strips are put together.

use hayro::vello_cpu::kurbo::{Affine, Point, Rect};
use symbols::Picture;

/// The least side of a picture that is taken out, in pixels: smaller ones are as good in the drawn page.
const LEAST_SIDE: u32 = 40;

/// White around a mask, in pixels: it has no quiet zone of its own.
const MARGIN: u32 = 16;

/// How far the edges of two strips may lie apart or over each other, in pixels.
const ABUTTING: f64 = 1.6;

/// A picture on a page, before strips are put together.
pub(super) struct Taken {
    pub(super) pixels: Pixels,
    /// From pixels to points of the page, from its top left corner.
    pub(super) to_page: Affine,
}

/// The pixels of a picture.
pub(super) enum Pixels {
    /// Grey levels, row by row, and the width.
    Grey(Vec<u8>, u32),
    /// Decoded already.
    Picture(Picture),
}

impl Pixels {
    fn width(&self) -> u32 {
        match self {
            Pixels::Grey(_, width) => *width,
            Pixels::Picture(picture) => picture.width(),
        }
    }

    fn height(&self) -> u32 {
        match self {
            Pixels::Grey(grey, width) => (grey.len() / (*width).max(1) as usize) as u32,
            Pixels::Picture(picture) => picture.height(),
        }
    }

    fn into_grey(self) -> Vec<u8> {
        match self {
            Pixels::Grey(grey, _) => grey,
            Pixels::Picture(picture) => picture.to_luma(),
        }
    }
}

/// A picture in its own resolution, and where it lies on the page.
pub(crate) struct PlacedPicture {
    picture: Picture,
    /// White around the picture, in pixels.
    margin: u32,
    to_page: Affine,
}

impl PlacedPicture {
    /// The picture, and what maps its points to the page's, in points from its top left corner.
    pub(crate) fn into_parts(self) -> (Picture, impl Fn((f32, f32)) -> (f64, f64)) {
        let (margin, to_page) = (f64::from(self.margin), self.to_page);
        let on_page = move |(x, y): (f32, f32)| {
            let point = to_page * Point::new(f64::from(x) - margin, f64::from(y) - margin);
            (point.x, point.y)
        };
        (self.picture, on_page)
    }

    /// The upright rectangle around it on the page, in points.
    pub(super) fn area(&self) -> Rect {
        let (width, height) = (self.picture.width(), self.picture.height());
        self.to_page.transform_rect_bbox(Rect::new(0.0, 0.0, f64::from(width), f64::from(height)))
    }

    fn of(taken: Taken) -> Option<PlacedPicture> {
        let (width, height) = (taken.pixels.width(), taken.pixels.height());
        if width.min(height) < LEAST_SIDE {
            return None;
        }
        let (picture, margin) = match taken.pixels {
            Pixels::Picture(picture) => (picture, 0),
            Pixels::Grey(grey, _) => (on_margin(&grey, width, height)?, MARGIN),
        };
        Some(PlacedPicture { picture, margin, to_page: taken.to_page })
    }
}

/// The pictures of a page, strips put together, the one of the most pixels first.
pub(super) fn put_together(taken: Vec<Taken>) -> Vec<PlacedPicture> {
    let mut whole: Vec<Taken> = Vec::new();
    for next in taken {
        match whole.last().is_some_and(|last| follows(last, &next)) {
            true => {
                let Some(last) = whole.pop() else { continue };
                whole.push(joined(last, next));
            }
            false => whole.push(next),
        }
    }
    let mut placed: Vec<PlacedPicture> = whole.into_iter().filter_map(PlacedPicture::of).collect();
    let pixels =
        |placed: &PlacedPicture| u64::from(placed.picture.width()) * u64::from(placed.picture.height());
    placed.sort_by_key(|placed| std::cmp::Reverse(pixels(placed)));
    placed
}

/// Whether a picture continues another one downwards: as wide, in the same resolution, and begins where that ends.
fn follows(above: &Taken, below: &Taken) -> bool {
    let (one, other) = (above.to_page.as_coeffs(), below.to_page.as_coeffs());
    let size = one[..4].iter().fold(0.0, |most: f64, part| most.max(part.abs()));
    let alike = one[..4].iter().zip(&other[..4]).all(|(one, other)| (one - other).abs() <= 0.01 * size);
    if !alike || above.pixels.width() != below.pixels.width() || above.to_page.determinant() == 0.0 {
        return false;
    }
    let corner = above.to_page.inverse() * (below.to_page * Point::ZERO);
    corner.x.abs() <= ABUTTING && (corner.y - f64::from(above.pixels.height())).abs() <= ABUTTING
}

/// Two strips as one.
fn joined(above: Taken, below: Taken) -> Taken {
    let width = above.pixels.width();
    let mut grey = above.pixels.into_grey();
    grey.extend(below.pixels.into_grey());
    Taken { pixels: Pixels::Grey(grey, width), to_page: above.to_page }
}

/// Grey levels with white around them.
fn on_margin(grey: &[u8], width: u32, height: u32) -> Option<Picture> {
    let (wide, high) = (width + 2 * MARGIN, height + 2 * MARGIN);
    let (margin, stride) = (MARGIN as usize, wide as usize);
    let mut pixels = vec![u8::MAX; stride * high as usize];
    let rows = pixels.chunks_exact_mut(stride).skip(margin);
    for (row, grey) in rows.zip(grey.chunks_exact(width as usize)) {
        row[margin..margin + width as usize].copy_from_slice(grey);
    }
    Picture::from_luma(wide, high, pixels).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strip(level: u8, rows: u32, top: f64) -> Taken {
        let pixels = Pixels::Grey(vec![level; 100 * rows as usize], 100);
        Taken { pixels, to_page: Affine::new([0.24, 0.0, 0.0, 0.24, 10.0, top]) }
    }

    #[test]
    fn strips_that_abut_are_one_picture() {
        let strips =
            || vec![strip(1, 20, 5.0), strip(2, 30, 5.0 + 20.0 * 0.24), strip(3, 10, 5.2 + 50.0 * 0.24)];
        let whole = put_together(strips());
        assert_eq!(whole.len(), 1);
        assert_eq!((whole[0].picture.width(), whole[0].picture.height()), (132, 92));
        let luma = whole[0].picture.to_luma();
        assert_eq!([15, 16, 36, 66, 76].map(|row| luma[row * 132 + 66]), [255, 1, 2, 3, 255]);
        // Apart, each has too few rows.
        let mut apart = strips();
        apart[1].to_page = apart[1].to_page.then_translate((3.0, 0.0).into());
        assert!(put_together(apart).is_empty());
        let mut wider = strips();
        wider[1].to_page = Affine::new([0.3, 0.0, 0.0, 0.3, 10.0, 5.0 + 20.0 * 0.24]);
        assert!(put_together(wider).is_empty());
    }

    #[test]
    fn the_picture_of_the_most_pixels_comes_first() {
        let placed = put_together(vec![strip(1, 50, 0.0), strip(2, 80, 100.0)]);
        assert_eq!(placed.iter().map(|placed| placed.picture.height()).collect::<Vec<_>>(), [112, 82]);
        let (_, to_page) = put_together(vec![strip(2, 80, 100.0)]).remove(0).into_parts();
        assert_eq!(to_page((16.0, 16.0)), (10.0, 100.0));
    }
}
