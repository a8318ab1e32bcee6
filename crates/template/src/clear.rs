//! The ink of the stock, and the rectangles that it must leave clear.

use typst::layout::{Abs, Frame, FrameItem, Point, Rect as Bounds, Transform};
use typst::syntax::Span;
use typst::text::TextItem;
use typst::visualize::{Curve, CurveItem, FixedStroke, Geometry, Paint, Shape};
use typst_layout::Page;

use crate::ink::black_of;
use crate::marks::Rect;

/// Something that the stock of a page prints.
pub(crate) struct Ink {
    /// Rectangles that together hold all of its ink.
    rects: Vec<Rect>,
    /// The content that asked for it; detached for the fill of a page.
    pub span: Span,
}

impl Ink {
    /// Whether any of it may stand in a rectangle.
    pub(crate) fn enters(&self, kept: &Rect) -> bool {
        self.rects.iter().any(|rect| rect.overlaps(kept))
    }
}

/// All that the stock of a page prints. White is not ink: values are stamped over it.
pub(crate) fn ink(page: &Page) -> Vec<Ink> {
    let mut found = Vec::new();
    if page.fill_or_transparent().is_some_and(|fill| is_ink(&fill)) {
        let all = Bounds::from_pos_size(Point::zero(), page.frame.size());
        found.push(Ink { rects: vec![rect(all)], span: Span::detached() });
    }
    visit(&page.frame, Transform::identity(), None, &mut found);
    found
}

/// Adds the ink of a frame that is transformed and, where `clip` is given, cut off.
fn visit(frame: &Frame, transform: Transform, clip: Option<Bounds>, found: &mut Vec<Ink>) {
    for (position, item) in frame.items() {
        let at = transform.pre_concat(Transform::translate(position.x, position.y));
        let (bounds, span) = match item {
            FrameItem::Group(group) => {
                let inner = at.pre_concat(group.transform);
                let own = group.clip.as_ref().map(|curve| transformed(curve.bbox(None), inner));
                let clip = match (clip, own) {
                    (Some(outer), Some(own)) => match shared(outer, own) {
                        Some(both) => Some(both),
                        None => continue,
                    },
                    (outer, own) => outer.or(own),
                };
                visit(&group.frame, inner, clip, found);
                continue;
            }
            FrameItem::Text(text)
                if is_ink(&text.fill) || text.stroke.as_ref().is_some_and(|s| is_ink(&s.paint)) =>
            {
                let span = text.glyphs.first().map_or(Span::detached(), |glyph| glyph.span.0);
                (of_text(text).map(|bounds| transformed(bounds, at)).into_iter().collect(), span)
            }
            FrameItem::Shape(shape, span) => (of_shape(shape, at), *span),
            FrameItem::Image(_, size, span) => {
                (vec![transformed(Bounds::from_pos_size(Point::zero(), *size), at)], *span)
            }
            FrameItem::Text(_) | FrameItem::Link(..) | FrameItem::Tag(_) => continue,
        };
        let within = |bounds: Bounds| Some(rect(clip.map_or(Some(bounds), |clip| shared(clip, bounds))?));
        found.push(Ink { rects: bounds.into_iter().filter_map(within).collect(), span });
    }
}

/// The ink of a text; `None` for spaces. Typst's bounds of a text have their upper edge in `max`.
fn of_text(text: &TextItem) -> Option<Bounds> {
    let bounds = text.bbox();
    let stroke = text.stroke.as_ref().map_or(Abs::zero(), |stroke| stroke.thickness / 2.0);
    let margin = Point::splat(stroke);
    let (min, max) = (bounds.min.min(bounds.max) - margin, bounds.min.max(bounds.max) + margin);
    min.x.to_pt().is_finite().then(|| Bounds::new(min, max))
}

/// The ink of a shape: all of it where it is filled, otherwise its outline.
fn of_shape(shape: &Shape, at: Transform) -> Vec<Bounds> {
    let mut bounds = Vec::new();
    if shape.fill.as_ref().is_some_and(is_ink) {
        bounds.push(transformed(shape.bbox(false), at));
    }
    if let Some(stroke) = shape.stroke.as_ref().filter(|stroke| is_ink(&stroke.paint)) {
        let points = outline(&shape.geometry);
        bounds.extend(points.iter().flat_map(|line| line.windows(2)).map(|step| stroked(step, stroke, at)));
    }
    bounds
}

/// A short straight step of a stroke.
fn stroked(step: &[Point], stroke: &FixedStroke, at: Transform) -> Bounds {
    let margin = Point::splat(stroke.thickness / 2.0);
    let (min, max) =
        step.iter().fold((step[0], step[0]), |(min, max), point| (min.min(*point), max.max(*point)));
    transformed(Bounds::new(min - margin, max + margin), at)
}

/// The outline of a geometry as lines of points that are close to each other.
fn outline(geometry: &Geometry) -> Vec<Vec<Point>> {
    match geometry {
        Geometry::Line(to) => vec![straight(Point::zero(), *to)],
        Geometry::Rect(size) => {
            let (x, y) = (size.x, size.y);
            let corners =
                [Point::zero(), Point::with_x(x), Point::new(x, y), Point::with_y(y), Point::zero()];
            corners.windows(2).map(|side| side.to_vec()).collect()
        }
        Geometry::Curve(curve) => curve_outline(curve),
    }
}

fn curve_outline(curve: &Curve) -> Vec<Vec<Point>> {
    let (mut lines, mut first, mut last) = (Vec::new(), Point::zero(), Point::zero());
    for item in &curve.0 {
        match *item {
            CurveItem::Move(to) => (first, last) = (to, to),
            CurveItem::Line(to) => {
                lines.push(straight(last, to));
                last = to;
            }
            CurveItem::Cubic(one, two, to) => {
                lines.push(cubic([last, one, two, to]));
                last = to;
            }
            CurveItem::Close => {
                lines.push(straight(last, first));
                last = first;
            }
        }
    }
    lines
}

/// The steps into which a line is divided.
const STEPS: u32 = 32;

fn straight(from: Point, to: Point) -> Vec<Point> {
    if from.x == to.x || from.y == to.y {
        return vec![from, to];
    }
    let share = |step: u32| f64::from(step) / f64::from(STEPS);
    (0..=STEPS).map(|step| from + (to - from) * share(step)).collect()
}

fn cubic([a, b, c, d]: [Point; 4]) -> Vec<Point> {
    let point = |step: u32| {
        let t = f64::from(step) / f64::from(STEPS);
        let s = 1.0 - t;
        a * (s * s * s) + b * (3.0 * s * s * t) + c * (3.0 * s * t * t) + d * (t * t * t)
    };
    (0..=STEPS).map(point).collect()
}

/// Whether a paint is seen. A gradient or pattern is.
fn is_ink(paint: &Paint) -> bool {
    const NOTHING: f64 = 0.001;
    match paint {
        Paint::Solid(color) => black_of(color).is_none_or(|share| share > NOTHING),
        Paint::Gradient(_) | Paint::Tiling(_) => true,
    }
}

/// The bounds of transformed bounds.
pub(crate) fn transformed(bounds: Bounds, by: Transform) -> Bounds {
    let (min, max) = (bounds.min, bounds.max);
    let corners =
        [min, Point::new(max.x, min.y), Point::new(min.x, max.y), max].map(|point| point.transform(by));
    let (min, max) = corners
        .iter()
        .fold((corners[0], corners[0]), |(min, max), corner| (min.min(*corner), max.max(*corner)));
    Bounds::new(min, max)
}

/// What two bounds share.
pub(crate) fn shared(one: Bounds, other: Bounds) -> Option<Bounds> {
    let (min, max) = (one.min.max(other.min), one.max.min(other.max));
    (min.x < max.x && min.y < max.y).then(|| Bounds::new(min, max))
}

pub(crate) fn rect(bounds: Bounds) -> Rect {
    let size = bounds.size();
    Rect { x: bounds.min.x.to_pt(), y: bounds.min.y.to_pt(), width: size.x.to_pt(), height: size.y.to_pt() }
}
