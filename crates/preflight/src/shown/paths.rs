//! Paths: what they can reach at most, and the clips that they are (ISO 32000-1 §8.5).

use super::interpret::Interpreter;
use super::operands::Operands;
use super::{Bounds, Point, Problem};

/// The path that is under construction.
#[derive(Debug, Default)]
pub(super) struct Path {
    /// What it reaches, in points from the page's top left corner.
    bounds: Option<Bounds>,
    /// How many rectangles it is made of, each upright.
    rectangles: usize,
    /// Whether it has other parts.
    lines: bool,
    /// Whether it has a current point.
    begun: bool,
    /// Whether it becomes a clip when it is painted.
    clips: bool,
}

impl Path {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.bounds.is_none() && !self.clips
    }

    fn add(&mut self, points: impl IntoIterator<Item = Point>) {
        if let Some(more) = Bounds::around(points) {
            self.bounds = Some(self.bounds.map_or(more, |bounds| bounds.with(&more)));
        }
    }
}

impl Interpreter<'_, '_> {
    /// An operator that adds to the path.
    pub fn construct(&mut self, operator: &[u8], operands: &Operands) -> Result<(), Problem> {
        match operator {
            b"re" => {
                let [x, y, width, height] = operands.numbers()?;
                self.add_points([(x, y), (x + width, y), (x, y + height), (x + width, y + height)]);
                let upright = self.state.ctm.keeps_rectangles();
                self.path.rectangles += usize::from(upright);
                self.path.lines |= !upright;
                self.path.begun = true;
                return Ok(());
            }
            b"m" => {
                let [x, y] = operands.numbers()?;
                self.add_points([(x, y)]);
                self.path.begun = true;
            }
            _ if !self.path.begun => return Err("a path that does not begin with a point"),
            b"h" => operands.none()?,
            b"l" => {
                let [x, y] = operands.numbers()?;
                self.add_points([(x, y)]);
            }
            b"c" => {
                let [x1, y1, x2, y2, x3, y3] = operands.numbers()?;
                self.add_points([(x1, y1), (x2, y2), (x3, y3)]);
            }
            _ => {
                let [x1, y1, x2, y2] = operands.numbers()?;
                self.add_points([(x1, y1), (x2, y2)]);
            }
        }
        self.path.lines = true;
        Ok(())
    }

    fn add_points<const N: usize>(&mut self, points: [Point; N]) {
        let points = points.map(|point| self.on_page(self.state.ctm.apply(point)));
        self.path.add(points);
    }

    /// An operator that paints the path, or makes it a clip.
    pub fn paint_path(&mut self, operator: &[u8]) -> Result<(), Problem> {
        if matches!(operator, b"W" | b"W*") {
            self.path.clips = true;
            return Ok(());
        }
        let path = std::mem::take(&mut self.path);
        let strokes = matches!(operator, b"S" | b"s" | b"B" | b"B*" | b"b" | b"b*");
        let fills = !strokes || !matches!(operator, b"S" | b"s");
        if operator != b"n"
            && let Some(bounds) = path.bounds
        {
            let black = match (fills, strokes) {
                (true, false) => self.state.fill.black(),
                (false, _) => self.state.stroke.black(),
                (true, true) => self.state.fill.black().max(self.state.stroke.black()),
            };
            let bounds = if strokes { bounds.grown(self.half_line()) } else { bounds };
            let operator = String::from_utf8_lossy(operator);
            self.other(&operator, bounds, black);
        }
        if path.clips {
            self.clip(&path);
        }
        Ok(())
    }

    /// How far a stroke reaches from its path at most.
    fn half_line(&self) -> f64 {
        let [a, b, c, d, ..] = self.state.ctm.0;
        let scale = a.hypot(b).max(c.hypot(d)).max(a.hypot(c)).max(b.hypot(d)) * std::f64::consts::SQRT_2;
        let corner = if self.state.join == 0.0 { self.state.miter.max(1.5) } else { 1.5 };
        self.state.line_width.abs() / 2.0 * scale * corner
    }

    /// Cuts off what is not within a path. A path that is no rectangle cuts more than its bounds tell, so it is reported.
    fn clip(&mut self, path: &Path) {
        let bounds = path.bounds.unwrap_or_default();
        let exact = !path.lines && path.rectangles <= 1;
        if !exact {
            self.other("W", bounds, 0.0);
        }
        self.state.clip = Some(self.reach(Some(bounds)));
    }
}
