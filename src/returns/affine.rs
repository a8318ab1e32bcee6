//! Turning, moving and scaling points of a page.

use serde::{Deserialize, Serialize};

/// An affine map of the plane: `x' = a·x + b·y + c`, `y' = d·x + e·y + f`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Affine(pub [f32; 6]);

impl Affine {
    /// Turns by an angle in radians, clockwise as a picture's rows go down. Right angles are exact.
    pub(super) fn rotation(angle: f32) -> Affine {
        let exact = |value: f32| if (value - value.round()).abs() < 1e-6 { value.round() } else { value };
        let (sin, cos) = (exact(angle.sin()), exact(angle.cos()));
        Affine([cos, -sin, 0.0, sin, cos, 0.0])
    }

    /// Moves by a distance.
    pub(super) fn translation(x: f32, y: f32) -> Affine {
        Affine([1.0, 0.0, x, 0.0, 1.0, y])
    }

    /// Scales from the origin.
    pub(super) fn scale(factor: f32) -> Affine {
        Affine([factor, 0.0, 0.0, 0.0, factor, 0.0])
    }

    /// This map, and another one after it.
    pub(super) fn then(&self, next: &Affine) -> Affine {
        let ([a, b, c, d, e, f], [g, h, i, j, k, l]) = (self.0, next.0);
        Affine([
            g * a + h * d,
            g * b + h * e,
            g * c + h * f + i,
            j * a + k * d,
            j * b + k * e,
            j * c + k * f + l,
        ])
    }

    /// The map back; `None` where there is none.
    pub(super) fn inverse(&self) -> Option<Affine> {
        let [a, b, c, d, e, f] = self.0;
        let determinant = a * e - b * d;
        let back = [e, -b, b * f - e * c, -d, a, d * c - a * f].map(|value| value / determinant);
        back.iter().all(|value| value.is_finite()).then_some(Affine(back))
    }

    /// How long a step of one to the right becomes.
    pub(super) fn length(&self) -> f32 {
        self.0[0].hypot(self.0[3])
    }

    /// Where a point goes.
    pub(super) fn apply(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let [a, b, c, d, e, f] = self.0;
        [a * x + b * y + c, d * x + e * y + f]
    }
}
