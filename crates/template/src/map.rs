//! What a page shows, each with the designer's own place in the text: what a click on the picture asks for.
//!
//! Typst keeps with every glyph, image and shape the span of the syntax that asked for it, and the prelude keeps with every
//! mark the designer's call. What the prelude itself draws belongs to its neighbour on the line, or to the nearest mark.

use serde::{Deserialize, Serialize};
use typst::World;
use typst::layout::{Abs, Frame, FrameItem, Point, Rect as Bounds, Size, Transform};
use typst::syntax::{FileId, Span, SyntaxKind};
use typst::text::TextItem;
use typst_layout::Page;

use crate::clear::{rect, shared, transformed};
use crate::fault::{file_name, locate};
use crate::files::PRELUDE_PATH;
use crate::marks::{Mark, Rect};
use crate::world::TemplateWorld;

/// A place in the text of a template.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SourcePlace {
    /// The file's path inside the template's folder.
    pub file: String,
    /// The line of its first character, from 1.
    pub line: usize,
    /// The column of its first character, from 1, in characters.
    pub column: usize,
    /// The line of the character after it.
    pub end_line: usize,
    /// The column of the character after it.
    pub end_column: usize,
}

/// What an item of a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ItemKind {
    /// Text of one line, one font and one place in the text.
    Text,
    /// A picture.
    Image,
    /// A line, a filled area or its outline.
    Shape,
}

/// Something that the stock of a page shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MapItem {
    /// What it is.
    pub kind: ItemKind,
    /// Where it shows, cut as its boxes cut it. The rectangle of a text goes from its font's ascender to its descender.
    pub rect: Rect,
    /// The text that asked for it; `None` where it belongs to no text of the designer.
    pub source: Option<SourcePlace>,
    /// The text as it is printed; empty for pictures and shapes.
    pub text: String,
    /// The PostScript name of the text's font; empty for pictures and shapes.
    pub font: String,
    /// The text's size in points; 0 for pictures and shapes.
    pub size: f64,
}

/// A page with the places of all it shows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PageMap {
    /// The designer's calls that left the marks, in the order of [`SheetSide::marks`](crate::SheetSide::marks).
    pub marks: Vec<Option<SourcePlace>>,
    /// What the stock shows, in the order of the layout.
    pub items: Vec<MapItem>,
}

/// How far a mark may lie from what its function draws around it, in points.
const AROUND_A_MARK: f64 = 72.0;

/// The map of a page. `calls` are the calls that left `marks`.
pub(crate) fn page_map(world: &TemplateWorld, page: &Page, marks: &[Mark], calls: &[Span]) -> PageMap {
    let mut walk = Walk { world, found: Vec::new(), last: None };
    walk.frame(&page.frame, Transform::identity(), None);
    // The windows of an envelope are called by nobody.
    let calls = calls.iter().map(|call| place_of(world, *call)).chain(std::iter::repeat(None));
    let marks_at: Vec<Option<SourcePlace>> = calls.take(marks.len()).collect();
    let lines: Vec<Option<SourcePlace>> =
        (0..walk.found.len()).map(|index| source_nearby(world, &walk.found, index)).collect();
    let items = walk.found.into_iter().zip(lines).map(|(found, on_the_line)| {
        let source = on_the_line.or_else(|| nearest(&found.item.rect, marks, &marks_at));
        MapItem { source, ..found.item }
    });
    PageMap { items: items.collect(), marks: marks_at }
}

/// A span as a place of the designer's text; `None` for the prelude.
fn place_of(world: &TemplateWorld, span: Span) -> Option<SourcePlace> {
    let (file, (line, column), (end_line, end_column)) = locate(world, span.into())?;
    (file != PRELUDE_PATH).then_some(SourcePlace { file, line, column, end_line, end_column })
}

/// The place of the mark nearest to a rectangle.
fn nearest(rect: &Rect, marks: &[Mark], places: &[Option<SourcePlace>]) -> Option<SourcePlace> {
    let near = marks.iter().zip(places).filter_map(|(mark, place)| {
        let distance = distance(rect, &mark.printed_rect());
        (distance < AROUND_A_MARK && !matches!(mark, Mark::Area(_))).then_some((distance, place.as_ref()?))
    });
    near.min_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, place)| place.clone())
}

/// How far two rectangles lie from each other, in points; 0 where they touch.
fn distance(one: &Rect, other: &Rect) -> f64 {
    let apart = |from: f64, to: f64, other_from: f64, other_to: f64| (other_from - to).max(from - other_to);
    let x = apart(one.x, one.x + one.width, other.x, other.x + other.width).max(0.0);
    let y = apart(one.y, one.y + one.height, other.y, other.y + other.height).max(0.0);
    x.hypot(y)
}

/// An item before its place is a line and a column.
struct Found {
    item: MapItem,
    /// Its file and bytes in it; `None` for the prelude and for what has no span.
    source: Option<(FileId, std::ops::Range<usize>)>,
    /// The beginning of a text on the page, and where the next glyph would stand.
    baseline: Option<(Point, Point)>,
}

/// The place of an item, or that of its neighbour on the same line.
fn source_nearby(world: &TemplateWorld, found: &[Found], index: usize) -> Option<SourcePlace> {
    let own = found[index].source.as_ref();
    let neighbour = |other: Option<&Found>| {
        let (here, there) = (found[index].baseline?.0, other.as_ref()?.baseline?.0);
        (here.y - there.y).to_pt().abs().lt(&0.5).then_some(())?;
        found_source(other?)
    };
    let before = || index.checked_sub(1).and_then(|index| neighbour(found.get(index)));
    let (file, range) = own.cloned().or_else(before).or_else(|| neighbour(found.get(index + 1)))?;
    let source = world.source(file).ok()?;
    let at = |offset: usize| source.lines().byte_to_line_column(offset);
    let ((line, column), (end_line, end_column)) = (at(range.start)?, at(range.end)?);
    Some(SourcePlace {
        file: file_name(file),
        line: line + 1,
        column: column + 1,
        end_line: end_line + 1,
        end_column: end_column + 1,
    })
}

fn found_source(found: &Found) -> Option<(FileId, std::ops::Range<usize>)> {
    found.source.clone()
}

/// The syntax that a span names: its file, its bytes, and whether glyphs count from its beginning.
type Node = (FileId, std::ops::Range<usize>, bool);

struct Walk<'a, 'w> {
    world: &'a TemplateWorld<'w>,
    found: Vec<Found>,
    /// The syntax found last, since neighbouring glyphs come from the same.
    last: Option<(Span, Option<Node>)>,
}

impl Walk<'_, '_> {
    /// Adds what a frame shows that is transformed and, where `clip` is given, cut off.
    fn frame(&mut self, frame: &Frame, transform: Transform, clip: Option<Bounds>) {
        for (position, item) in frame.items() {
            let at = transform.pre_concat(Transform::translate(position.x, position.y));
            match item {
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
                }
                FrameItem::Text(text) => self.text(text, at, clip),
                FrameItem::Shape(shape, span) if shape.fill.is_some() || shape.stroke.is_some() => {
                    self.other(ItemKind::Shape, transformed(shape.bbox(true), at), clip, *span);
                }
                FrameItem::Image(_, size, span) => {
                    let bounds = Bounds::from_pos_size(Point::zero(), *size);
                    self.other(ItemKind::Image, transformed(bounds, at), clip, *span);
                }
                FrameItem::Shape(..) | FrameItem::Link(..) | FrameItem::Tag(_) => {}
            }
        }
    }

    /// Adds a picture or a shape. A line is as thin as it is.
    fn other(&mut self, kind: ItemKind, bounds: Bounds, clip: Option<Bounds>, span: Span) {
        let Some(bounds) = clip.map_or(Some(bounds), |clip| shared(clip, bounds)) else { return };
        let source = self.node(span).map(|(file, range, _)| (file, range));
        let item = MapItem {
            kind,
            rect: rect(bounds),
            source: None,
            text: String::new(),
            font: String::new(),
            size: 0.0,
        };
        self.found.push(Found { item, source, baseline: None });
    }

    /// Adds a text, glyph by glyph.
    fn text(&mut self, text: &TextItem, at: Transform, clip: Option<Bounds>) {
        let metrics = text.font.metrics();
        let (ascender, descender) = (metrics.ascender.at(text.size), metrics.descender.at(text.size));
        let font = text.font.font().post_script_name().unwrap_or_default();
        let (mut x, mut shown) = (Abs::zero(), 0);
        for glyph in &text.glyphs {
            let start = x;
            x += glyph.x_advance.at(text.size);
            let bounds = Bounds::from_pos_size(
                Point::new(start, -ascender),
                Size::new(x - start, ascender - descender),
            );
            let bounds = transformed(bounds, at);
            let Some(bounds) = clip.map_or(Some(bounds), |clip| shared(clip, bounds)) else { continue };
            let source = self.node(glyph.span.0).map(|(file, range, counts)| match counts {
                true => {
                    let from = (range.start + usize::from(glyph.span.1)).min(range.end);
                    (file, from..(from + glyph.range().len()).min(range.end))
                }
                false => (file, range),
            });
            // Several glyphs of one cluster have the same text.
            let letters =
                text.text.get(glyph.range().start.max(shown)..glyph.range().end).unwrap_or_default();
            shown = shown.max(glyph.range().end);
            let item = MapItem {
                kind: ItemKind::Text,
                rect: rect(bounds),
                source: None,
                text: letters.to_owned(),
                font: font.clone(),
                size: text.size.to_pt(),
            };
            let ends = [Point::with_x(start), Point::with_x(x)].map(|point| point.transform(at));
            self.glyph(Found { item, source, baseline: Some((ends[0], ends[1])) });
        }
    }

    /// Adds a glyph to the text before it, or begins a new one.
    fn glyph(&mut self, next: Found) {
        match self.found.last_mut().filter(|last| last.goes_on_with(&next)) {
            Some(last) => last.append(next),
            None => self.found.push(next),
        }
    }

    /// The designer's syntax that a span names.
    fn node(&mut self, span: Span) -> Option<Node> {
        if let Some((_, node)) = self.last.as_ref().filter(|(known, _)| *known == span) {
            return node.clone();
        }
        let node = self.find(span);
        self.last = Some((span, node.clone()));
        node
    }

    fn find(&self, span: Span) -> Option<Node> {
        let file = span.id().filter(|id| file_name(*id) != PRELUDE_PATH)?;
        let source = self.world.source(file).ok()?;
        let node = source.find(span)?;
        Some((file, node.range(), matches!(node.kind(), SyntaxKind::Text | SyntaxKind::MathText)))
    }
}

impl Found {
    /// Whether a glyph stands next to this text, in the same font, and comes from the same or the next syntax of the file.
    fn goes_on_with(&self, next: &Found) -> bool {
        let (Some((_, end)), Some((start, _))) = (self.baseline, next.baseline) else { return false };
        let reach = 0.5 * self.item.size;
        let beside = (start.x - end.x).to_pt().abs() < reach && (start.y - end.y).to_pt().abs() < 0.01;
        let same = self.item.font == next.item.font && self.item.size == next.item.size;
        // A `#`, a quotation mark or an escape between two texts.
        const BETWEEN: usize = 2;
        let follows = match (&self.source, &next.source) {
            (Some((file, range)), Some((next_file, next))) => {
                file == next_file
                    && range.start <= next.start
                    && next.start <= range.end.saturating_add(BETWEEN)
            }
            // What the prelude adds within a line belongs to it.
            _ => true,
        };
        beside && same && follows
    }

    fn append(&mut self, next: Found) {
        self.item.text += &next.item.text;
        self.item.rect = self.item.rect.around(&next.item.rect);
        self.source = match (self.source.take(), next.source) {
            (Some((file, range)), Some((_, next))) => Some((file, range.start..range.end.max(next.end))),
            (own, next) => own.or(next),
        };
        self.baseline = self.baseline.zip(next.baseline).map(|((start, _), (_, end))| (start, end));
    }
}

#[cfg(test)]
mod tests;
