//! The graphics state (ISO 32000-1 §8.4), and the geometry of a page.

use super::{Bounds, Point};

/// A matrix `a b c d e f` (ISO 32000-1 §8.3.3).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Matrix(pub [f64; 6]);

impl Default for Matrix {
    fn default() -> Matrix {
        Matrix([1.0, 0.0, 0.0, 1.0, 0.0, 0.0])
    }
}

/// By how much of its length an axis may be off, for what rounds its numbers.
const TOLERANCE: f64 = 1e-5;

impl Matrix {
    /// This matrix, then another.
    pub fn then(&self, next: &Matrix) -> Matrix {
        let ([a, b, c, d, e, f], [na, nb, nc, nd, ne, nf]) = (self.0, next.0);
        Matrix([
            a * na + b * nc,
            a * nb + b * nd,
            c * na + d * nc,
            c * nb + d * nd,
            e * na + f * nc + ne,
            e * nb + f * nd + nf,
        ])
    }

    /// Where a point comes to lie.
    pub fn apply(&self, (x, y): Point) -> Point {
        let [a, b, c, d, e, f] = self.0;
        (a * x + c * y + e, b * x + d * y + f)
    }

    /// Moves by `x`, `y` before all else.
    pub fn moved(&self, x: f64, y: f64) -> Matrix {
        let (e, f) = self.apply((x, y));
        let [a, b, c, d, ..] = self.0;
        Matrix([a, b, c, d, e, f])
    }

    /// By how much lengths grow, on the average.
    pub fn scale(&self) -> f64 {
        let [a, b, c, d, ..] = self.0;
        (a * d - b * c).abs().sqrt()
    }

    /// By how many degrees it turns clockwise, if it turns by a quarter, a half or not at all, and scales both axes alike.
    pub fn turn(&self) -> Option<u16> {
        let [a, b, c, d, ..] = self.0;
        let scale = self.scale();
        let same = |x: f64, y: f64| (x - y).abs() <= TOLERANCE * scale;
        let turns = [(0, 1.0, 0.0), (90, 0.0, -1.0), (180, -1.0, 0.0), (270, 0.0, 1.0)];
        let found = turns.iter().find(|(_, cosine, sine)| {
            let (along, across) = (cosine * scale, sine * scale);
            same(a, along) && same(d, along) && same(b, across) && same(c, -across)
        });
        found.filter(|_| scale > 0.0 && scale.is_finite()).map(|(turn, ..)| *turn)
    }

    /// Whether it neither turns nor mirrors, though it may stretch.
    pub fn is_upright(&self) -> bool {
        let [a, b, c, d, ..] = self.0;
        a > 0.0 && d > 0.0 && b.abs() <= TOLERANCE * a && c.abs() <= TOLERANCE * d
    }

    /// Whether it only moves.
    pub fn only_moves(&self) -> bool {
        let [a, b, c, d, ..] = self.0;
        [a - 1.0, b, c, d - 1.0].iter().all(|off| off.abs() <= TOLERANCE)
    }

    /// Whether it maps upright rectangles to upright ones.
    pub fn keeps_rectangles(&self) -> bool {
        let [a, b, c, d, ..] = self.0;
        (b == 0.0 && c == 0.0) || (a == 0.0 && d == 0.0)
    }
}

impl Bounds {
    /// The rectangle around points; `None` if there are none.
    pub(super) fn around(points: impl IntoIterator<Item = Point>) -> Option<Bounds> {
        let mut bounds: Option<Bounds> = None;
        for (x, y) in points {
            let point = Bounds { left: x, top: y, right: x, bottom: y };
            bounds = Some(bounds.map_or(point, |bounds| bounds.with(&point)));
        }
        bounds
    }

    /// The rectangle around this and another.
    pub(super) fn with(&self, other: &Bounds) -> Bounds {
        Bounds {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    /// What lies within another too; an empty rectangle at the nearest edge if nothing does.
    pub(super) fn within(&self, other: &Bounds) -> Bounds {
        let left = self.left.max(other.left).min(other.right);
        let top = self.top.max(other.top).min(other.bottom);
        Bounds {
            left,
            top,
            right: self.right.min(other.right).max(left),
            bottom: self.bottom.min(other.bottom).max(top),
        }
    }

    /// The rectangle with `by` more on each side.
    pub(super) fn grown(&self, by: f64) -> Bounds {
        Bounds { left: self.left - by, top: self.top - by, right: self.right + by, bottom: self.bottom + by }
    }

    /// Whether another lies within it, but for the rounding of numbers.
    pub(super) fn holds(&self, other: &Bounds) -> bool {
        let slack = 1e-6 * (1.0 + self.right.abs().max(self.bottom.abs()));
        self.left <= other.left + slack
            && self.top <= other.top + slack
            && self.right >= other.right - slack
            && self.bottom >= other.bottom - slack
    }
}

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ink {
    /// How dark, 0 to 1.
    pub black: f64,
    /// The operator that set it, if it has other inks than black.
    pub other: Option<&'static str>,
}

/// A colour space.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Space {
    /// Device gray.
    Gray,
    /// Device RGB.
    Rgb,
    /// Device CMYK.
    Cmyk,
    /// Any other.
    Other,
}

/// What paints: a colour in its space with its alpha.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Paintbrush {
    /// The colour.
    pub ink: Ink,
    /// Its space.
    pub space: Space,
    /// Its alpha.
    pub alpha: f64,
    /// Whether it overprints.
    pub overprint: bool,
}

impl Paintbrush {
    /// How dark it paints, 0 to 1.
    pub fn black(&self) -> f64 {
        (self.ink.black * self.alpha).clamp(0.0, 1.0)
    }
}

const BLACK: Paintbrush =
    Paintbrush { ink: Ink { black: 1.0, other: None }, space: Space::Gray, alpha: 1.0, overprint: false };

/// The text state (ISO 32000-1 §9.3).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TextState {
    /// `Tc`.
    pub character_spacing: f64,
    /// `Tw`.
    pub word_spacing: f64,
    /// `Tz`, 1 for a hundred.
    pub stretch: f64,
    /// `TL`.
    pub leading: f64,
    /// The index of the font.
    pub font: Option<usize>,
    /// Its size.
    pub size: f64,
    /// `Tr`.
    pub mode: u8,
    /// `Ts`.
    pub rise: f64,
}

/// The graphics state.
#[derive(Debug, Clone, Copy)]
pub(super) struct State {
    /// From user space to points from the page's lower left corner.
    pub ctm: Matrix,
    /// The rectangle beyond which nothing is painted.
    pub clip: Option<Bounds>,
    /// What fills.
    pub fill: Paintbrush,
    /// What strokes.
    pub stroke: Paintbrush,
    /// Whether paint that overprints leaves the inks of which it has 0 (`OPM` 1).
    pub leaves_other_inks: bool,
    /// The line width.
    pub line_width: f64,
    /// The line join.
    pub join: f64,
    /// The miter limit.
    pub miter: f64,
    /// Whether lines are dashed.
    pub dashed: bool,
    /// The text state.
    pub text: TextState,
}

impl State {
    /// Whether a form looks otherwise for what it inherits (ISO 32000-1 §8.10.1) than at the beginning of a page. It sets its font
    /// itself; matrix, clip and overprint are looked at apart.
    pub fn changes_forms(&self) -> bool {
        let TextState { character_spacing, word_spacing, stretch, mode, rise, .. } = self.text;
        let text = (character_spacing, word_spacing, stretch, mode, rise) != (0.0, 0.0, 1.0, 0, 0.0);
        let line = (self.line_width, self.join, self.miter, self.dashed) != (1.0, 0.0, 10.0, false);
        let brush = |brush: &Paintbrush| brush.ink != BLACK.ink || brush.alpha != 1.0;
        text || line || brush(&self.fill) || brush(&self.stroke)
    }

    /// The state in which a page begins.
    pub fn new(ctm: Matrix) -> State {
        State {
            ctm,
            clip: None,
            fill: BLACK,
            stroke: BLACK,
            leaves_other_inks: false,
            line_width: 1.0,
            join: 0.0,
            miter: 10.0,
            dashed: false,
            text: TextState {
                character_spacing: 0.0,
                word_spacing: 0.0,
                stretch: 1.0,
                leading: 0.0,
                font: None,
                size: 0.0,
                mode: 0,
                rise: 0.0,
            },
        }
    }
}
