//! The ink of the stock: what a page prints that does not vary, and where.

use rustybuzz::ttf_parser::GlyphId;
use typst::layout::{Abs, Frame, FrameItem, Point, Rect as Bounds, Size, Transform};
use typst::syntax::Span;
use typst::text::TextItem;
use typst::visualize::{Curve, CurveItem, FixedStroke, Geometry, Image, Paint, Shape};
use typst_layout::Page;

use crate::files::PRELUDE_PATH;
use crate::ink::black_of;
use crate::marks::Rect;
use crate::pictures::{Drawn, Pictures};

/// Something that the stock of a page prints.
pub(crate) struct Ink {
    /// Rectangles that together hold all of its ink: one for each character, step of a line, or piece of a picture.
    pub rects: Vec<Rect>,
    /// The content that asked for it, or what was laid out before where that has no place in a file (a value that is no
    /// text of the template); detached for the fill of a page.
    pub span: Span,
    /// What it is.
    pub kind: InkKind,
}

/// What ink is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum InkKind {
    /// The fill of the page.
    Ground,
    /// A run of text.
    Text {
        /// Its size in points.
        size: f64,
        /// What it says.
        text: String,
    },
    /// A line or a shape.
    Shape {
        /// Its thinnest stroke, or the thickness of a filled bar, in points; `None` without either.
        thinnest: Option<f64>,
    },
    /// Artwork.
    Picture {
        /// Its pixels to the inch at its printed size; `None` for drawings.
        dpi: Option<f64>,
        /// The thinnest stroke of a drawing, in points.
        thinnest: Option<f64>,
        /// The size of the smallest text of a drawing, in points.
        smallest_text: Option<f64>,
    },
}

impl Ink {
    /// Whether any of it may stand in a rectangle.
    pub(crate) fn enters(&self, kept: &Rect) -> bool {
        self.rects.iter().any(|rect| rect.overlaps(kept))
    }
}

/// All that the stock of a page prints. White is not ink: values are stamped over it.
pub(crate) fn ink(page: &Page, pictures: &mut Pictures) -> Vec<Ink> {
    let mut found = Vec::new();
    if page.fill_or_transparent().is_some_and(|fill| is_ink(&fill)) {
        let all = Bounds::from_pos_size(Point::zero(), page.frame.size());
        found.push(Ink { rects: vec![rect(all)], span: Span::detached(), kind: InkKind::Ground });
    }
    Walk { pictures, found: &mut found }.frame(&page.frame, Transform::identity(), None);
    place_values(&mut found);
    found.retain(|ink| !ink.rects.is_empty());
    found
}

/// Gives content without a place that of the content before it; of the content after it where there is none before.
fn place_values(found: &mut [Ink]) {
    let mut placed = found.iter().map(|ink| ink.span).find(|span| !span.is_detached());
    for ink in found.iter_mut().filter(|ink| ink.kind != InkKind::Ground) {
        match (ink.span.is_detached(), placed) {
            (true, Some(before)) => ink.span = before,
            (true, None) => {}
            (false, _) => placed = Some(ink.span),
        }
    }
}

/// A walk through the frames of a page.
struct Walk<'a> {
    pictures: &'a mut Pictures,
    found: &'a mut Vec<Ink>,
}

impl Walk<'_> {
    /// Adds the ink of a frame that is transformed and, where `clip` is given, cut off.
    fn frame(&mut self, frame: &Frame, transform: Transform, clip: Option<Bounds>) {
        for (position, item) in frame.items() {
            let at = transform.pre_concat(Transform::translate(position.x, position.y));
            let (bounds, span, kind) = match item {
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
                    self.frame(&group.frame, inner, clip);
                    continue;
                }
                FrameItem::Text(text)
                    if is_ink(&text.fill) || text.stroke.as_ref().is_some_and(|s| is_ink(&s.paint)) =>
                {
                    let kind =
                        InkKind::Text { size: text.size.to_pt() * scale_of(at), text: text.text.to_string() };
                    (of_text(text, at), span_of(text), kind)
                }
                FrameItem::Shape(shape, span) => {
                    let thinnest = thinnest(shape).map(|width| width * scale_of(at));
                    (of_shape(shape, at), *span, InkKind::Shape { thinnest })
                }
                FrameItem::Image(image, size, span) => {
                    let (bounds, kind) = self.picture(image, *size, at);
                    (bounds, *span, kind)
                }
                FrameItem::Text(_) | FrameItem::Link(..) | FrameItem::Tag(_) => continue,
            };
            let within = |bounds: Bounds| Some(rect(clip.map_or(Some(bounds), |clip| shared(clip, bounds))?));
            self.found.push(Ink { rects: bounds.into_iter().filter_map(within).collect(), span, kind });
        }
    }

    /// The ink of a picture of this printed size.
    fn picture(&mut self, image: &Image, size: Size, at: Transform) -> (Vec<Bounds>, InkKind) {
        let scale = scale_of(at);
        let drawn = self.pictures.drawn(image, size, scale);
        let (width, height) = (size.x, size.y);
        let bounds = drawn.ink.iter().map(|part| {
            let min = Point::new(part.x * width, part.y * height);
            let max = Point::new((part.x + part.width) * width, (part.y + part.height) * height);
            transformed(Bounds::new(min, max), at)
        });
        let Drawn { dpi, thinnest, smallest_text, .. } = *drawn;
        (bounds.collect(), InkKind::Picture { dpi, thinnest, smallest_text })
    }
}

/// The place of a text in the designer's file; where it is none of theirs, its place in the prelude.
fn span_of(text: &TextItem) -> Span {
    let mut spans = text.glyphs.iter().map(|glyph| glyph.span.0);
    let first = spans.clone().next().unwrap_or(Span::detached());
    spans.find(|span| !span.is_detached() && !is_of_prelude(*span)).unwrap_or(first)
}

/// Whether a span lies in the prelude.
pub(crate) fn is_of_prelude(span: Span) -> bool {
    span.id().is_some_and(|id| id.get().vpath().get_without_slash() == PRELUDE_PATH)
}

/// How much a transformation enlarges lengths, as a mean of both directions.
fn scale_of(transform: Transform) -> f64 {
    let area = transform.sx.get() * transform.sy.get() - transform.kx.get() * transform.ky.get();
    area.abs().sqrt()
}

/// The boxes of a text's characters; none for spaces.
fn of_text(text: &TextItem, at: Transform) -> Vec<Bounds> {
    let margin = Point::splat(text.stroke.as_ref().map_or(Abs::zero(), |stroke| stroke.thickness / 2.0));
    let units = |units: i16| text.font.to_em(units).at(text.size);
    let mut cursor = Point::zero();
    let mut boxes = Vec::new();
    for glyph in text.glyphs.iter() {
        let offset = Point::new(glyph.x_offset.at(text.size), -glyph.y_offset.at(text.size));
        if let Some(bounds) = text.font.ttf().glyph_bounding_box(GlyphId(glyph.id)) {
            let origin = cursor + offset;
            let min = origin + Point::new(units(bounds.x_min), -units(bounds.y_max));
            let max = origin + Point::new(units(bounds.x_max), -units(bounds.y_min));
            boxes.push(transformed(Bounds::new(min - margin, max + margin), at));
        }
        cursor += Point::new(glyph.x_advance.at(text.size), -glyph.y_advance.at(text.size));
    }
    boxes
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

/// The thickness of a shape's stroke, or of a filled bar, in points.
fn thinnest(shape: &Shape) -> Option<f64> {
    let stroke = shape.stroke.as_ref().filter(|stroke| is_ink(&stroke.paint));
    let stroke = stroke.map(|stroke| stroke.thickness.to_pt());
    let bar = match &shape.geometry {
        Geometry::Rect(size) if stroke.is_none() && shape.fill.as_ref().is_some_and(is_ink) => {
            Some(size.x.abs().min(size.y.abs()).to_pt())
        }
        _ => None,
    };
    stroke.or(bar)
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
