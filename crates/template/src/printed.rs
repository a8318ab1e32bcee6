//! What a page prints, marks and stock alike, as the rules of places see it.

use std::collections::HashMap;

use foreign::legible;
use typst::syntax::Span;

use crate::clear::{Ink, InkKind, is_of_prelude};
use crate::folding::POINTS_PER_MM;
use crate::marks::{Mark, Rect};
use crate::placement::PlacedMark;

/// How much of a text is quoted, in characters.
const QUOTED: usize = 28;

/// What a page prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// A text that does not vary.
    Text,
    /// A field or the recipient's block.
    Field,
    /// A symbol.
    Symbol,
    /// Marks of an inserter, which lie where its reader looks for them.
    Machine,
    /// A line or a shape.
    Shape,
    /// Artwork.
    Picture,
}

/// Something that a page prints.
#[derive(Debug)]
pub(crate) struct Printed {
    /// The designer's content.
    pub span: Span,
    /// What it is, in messages.
    pub name: String,
    pub class: Class,
    /// Rectangles that together hold its ink, in points.
    pub parts: Vec<Rect>,
}

impl Printed {
    /// The rectangle around it.
    pub(crate) fn bounds(&self) -> Rect {
        let first = self.parts.first().copied().unwrap_or(Rect { x: 0.0, y: 0.0, width: 0.0, height: 0.0 });
        self.parts.iter().fold(first, |around, part| around.around(part))
    }

    /// Whether it is a mark, and not of the stock.
    pub(crate) fn is_mark(&self) -> bool {
        matches!(self.class, Class::Field | Class::Symbol | Class::Machine)
    }

    /// Whether it has text: of its own, or of each piece.
    pub(crate) fn has_text(&self) -> bool {
        matches!(self.class, Class::Text | Class::Field)
    }
}

/// Marks and ink of a page. What comes of one place of the text is one. The fill of the page is left out.
pub(crate) fn printed(marks: &[PlacedMark], ink: &[Ink]) -> Vec<Printed> {
    let mut all: Vec<Printed> = marks.iter().filter_map(of_mark).collect();
    let mut known: HashMap<(Span, Class), usize> = HashMap::new();
    for ink in ink {
        let Some(class) = class_of(&ink.kind) else { continue };
        let span = designers(ink, marks);
        match known.get(&(span, class)).filter(|_| !span.is_detached()) {
            Some(&index) => all[index].parts.extend_from_slice(&ink.rects),
            None => {
                known.insert((span, class), all.len());
                all.push(Printed { span, name: name_of(&ink.kind), class, parts: ink.rects.clone() });
            }
        }
    }
    all
}

impl std::hash::Hash for Class {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (*self as u8).hash(state);
    }
}

fn of_mark(placed: &PlacedMark) -> Option<Printed> {
    let class = match placed.mark {
        Mark::Text(_) => Class::Field,
        Mark::Area(_) => return None,
        Mark::Omr(_) | Mark::ControlCode(_) => Class::Machine,
        Mark::Code39(_) | Mark::TwoDDoc(_) => Class::Symbol,
        Mark::Confusion(_) => Class::Picture,
    };
    let (span, name) = (placed.call, placed.mark.label());
    Some(Printed { span, name, class, parts: vec![placed.mark.printed_rect()] })
}

fn class_of(kind: &InkKind) -> Option<Class> {
    match kind {
        InkKind::Ground => None,
        InkKind::Text { .. } => Some(Class::Text),
        InkKind::Shape { .. } => Some(Class::Shape),
        InkKind::Picture { .. } => Some(Class::Picture),
    }
}

fn name_of(kind: &InkKind) -> String {
    match kind {
        InkKind::Ground => "the fill of the page".to_owned(),
        InkKind::Text { text, .. } => quoted(text),
        InkKind::Shape { .. } => "this line or shape".to_owned(),
        InkKind::Picture { .. } => "this picture".to_owned(),
    }
}

/// A text in messages.
pub(crate) fn quoted(text: &str) -> String {
    let text = text.trim();
    let mut short: String = text.chars().take(QUOTED).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("“{}”", legible(&short))
}

/// The designer's content that printed something: what the prelude prints belongs to the nearest mark.
pub(crate) fn designers(ink: &Ink, marks: &[PlacedMark]) -> Span {
    if !is_of_prelude(ink.span) {
        return ink.span;
    }
    let Some(part) = ink.rects.first() else { return ink.span };
    let distance = |placed: &PlacedMark| {
        let rect = placed.mark.printed_rect();
        let (x, y) = (rect.x.max(part.x) - rect.x, rect.y.max(part.y) - rect.y);
        (rect.x - part.x).abs() + (rect.y - part.y).abs() - x.min(y).min(0.0)
    };
    let printed = marks.iter().filter(|placed| !matches!(placed.mark, Mark::Area(_)));
    printed.min_by(|a, b| distance(a).total_cmp(&distance(b))).map_or(ink.span, |placed| placed.call)
}

/// Points in millimetres, for messages: a tenth, a hundredth below one.
pub(crate) fn mm(points: f64) -> String {
    let mm = points / POINTS_PER_MM;
    let digits = if mm.abs() < 1.0 { 100.0 } else { 10.0 };
    // A move by what is said must be enough.
    format!("{}", (mm * digits - 1e-6).ceil() / digits)
}
