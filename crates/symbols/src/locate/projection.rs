//! The unit square in perspective.

use super::Point;

/// Maps the unit square onto four corners in a picture: u from the left to the right side, v from the top to the bottom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Projection {
    origin: Point,
    /// Numerators of x and y, and the denominator, each for u and v from 0 to 1 (Heckbert 1989).
    x: (f32, f32),
    y: (f32, f32),
    w: (f32, f32),
}

impl Projection {
    /// The projection onto a symbol's corners: bottom left, top left, top right, bottom right.
    pub(crate) fn new([corner, left_end, opposite, bottom_end]: [Point; 4]) -> Projection {
        let (p0, p1, p2, p3) = (left_end, opposite, bottom_end, corner);
        let (sum_x, sum_y) = (p0.0 - p1.0 + p2.0 - p3.0, p0.1 - p1.1 + p2.1 - p3.1);
        let (x1, x2, y1, y2) = (p1.0 - p2.0, p3.0 - p2.0, p1.1 - p2.1, p3.1 - p2.1);
        let determinant = x1 * y2 - x2 * y1;
        let determinant = if determinant.abs() < f32::EPSILON { f32::EPSILON } else { determinant };
        let g = (sum_x * y2 - x2 * sum_y) / determinant;
        let h = (x1 * sum_y - sum_x * y1) / determinant;
        Projection {
            origin: p0,
            x: (p1.0 - p0.0 + g * p1.0, p3.0 - p0.0 + h * p3.0),
            y: (p1.1 - p0.1 + g * p1.1, p3.1 - p0.1 + h * p3.1),
            w: (g, h),
        }
    }

    /// A point of the picture.
    #[inline]
    pub(crate) fn at(&self, u: f32, v: f32) -> Point {
        let w = self.w.0 * u + self.w.1 * v + 1.0;
        let w = if w.abs() < 1e-6 { 1e-6 } else { w };
        ((self.x.0 * u + self.x.1 * v + self.origin.0) / w, (self.y.0 * u + self.y.1 * v + self.origin.1) / w)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_are_where_they_are() {
        let corners = [(10.0, 90.0), (12.0, 8.0), (95.0, 20.0), (80.0, 99.0)];
        let projection = Projection::new(corners);
        let mapped = [(0.0, 1.0), (0.0, 0.0), (1.0, 0.0), (1.0, 1.0)].map(|(u, v)| projection.at(u, v));
        for (mapped, corner) in mapped.into_iter().zip(corners) {
            assert!((mapped.0 - corner.0).hypot(mapped.1 - corner.1) < 0.01, "{mapped:?} for {corner:?}");
        }
    }
}
