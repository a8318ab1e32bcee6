//! Two things in one place: fields over fields, text over text.

use typst::syntax::Span;

use crate::check::MarkFault;
use crate::clear::{Ink, InkKind};
use crate::fault::Problem;
use crate::folding::POINTS_PER_MM;
use crate::kind::FaultKind;
use crate::marks::{Mark, Rect};
use crate::placement::PlacedMark;
use crate::printed::{designers, mm, quoted};

/// How far two characters may reach into each other, in points: italics and accents do.
const SLACK: f64 = 0.7;

/// Text that a page prints: a run, or the place of a field.
struct Text<'a> {
    span: Span,
    name: String,
    bounds: Rect,
    parts: &'a [Rect],
    is_field: bool,
}

/// The faults of a page whose texts stand on each other. Codes and symbols have rules of their own.
pub(crate) fn overlap_faults(page: usize, marks: &[PlacedMark], ink: &[Ink]) -> Vec<MarkFault> {
    let places: Vec<(&PlacedMark, [Rect; 1])> = marks
        .iter()
        .filter(|placed| matches!(placed.mark, Mark::Text(_)))
        .map(|placed| (placed, [placed.mark.printed_rect()]))
        .collect();
    let fields = places.iter().map(|(placed, rects)| Text {
        span: placed.call,
        name: placed.mark.label(),
        bounds: rects[0],
        parts: rects,
        is_field: true,
    });
    let mut texts: Vec<Text> = fields.collect();
    let codes: Vec<bool> = places.iter().map(|(placed, _)| is_code(placed)).collect();
    texts.extend(ink.iter().filter_map(|ink| of_run(ink, marks)));
    let mut faults = Vec::new();
    for (index, one) in texts.iter().enumerate() {
        // What covers a code is told by the rules of codes.
        if codes.get(index).is_some_and(|code| *code) {
            continue;
        }
        for (other, number) in texts[index + 1..].iter().zip(index + 1..) {
            if codes.get(number).is_some_and(|code| *code) {
                continue;
            }
            let Some(shared) = shared(one, other) else { continue };
            faults.push(fault(page, one, other, shared));
        }
    }
    faults
}

fn is_code(placed: &PlacedMark) -> bool {
    placed.mark.field().is_some_and(|field| field.is_code())
}

fn of_run<'a>(ink: &'a Ink, marks: &[PlacedMark]) -> Option<Text<'a>> {
    let InkKind::Text { text, .. } = &ink.kind else { return None };
    let bounds = ink.rects.iter().copied().reduce(|one, other| one.around(&other))?;
    let (span, name) = (designers(ink, marks), quoted(text));
    Some(Text { span, name, bounds, parts: &ink.rects, is_field: false })
}

/// The largest rectangle that two texts share, where it is more than italics and accents do.
fn shared(one: &Text, other: &Text) -> Option<Rect> {
    overlap(&one.bounds, &other.bounds)?;
    let pairs = one.parts.iter().flat_map(|part| other.parts.iter().filter_map(|rect| overlap(part, rect)));
    pairs.max_by(|a, b| (a.width * a.height).total_cmp(&(b.width * b.height)))
}

fn overlap(one: &Rect, other: &Rect) -> Option<Rect> {
    let (x, y) = (one.x.max(other.x), one.y.max(other.y));
    let (width, height) = (one.right().min(other.right()) - x, one.bottom().min(other.bottom()) - y);
    (width > SLACK && height > SLACK).then_some(Rect { x, y, width, height })
}

/// Told at the second of the two, which is most often the one that was added; a field is told by its own name.
fn fault(page: usize, one: &Text, other: &Text, shared: Rect) -> MarkFault {
    let by = shared.width.min(shared.height);
    let message = match one.is_field && other.is_field {
        true => format!("the places of {} and {} overlap by {} mm", one.name, other.name, mm(by)),
        false => format!("{} stands over {} by {} mm", other.name, one.name, mm(by)),
    };
    let advice = "move one of the two, or make its place smaller";
    let problem = Problem::new(FaultKind::Overlap, message).with_advice(advice);
    MarkFault::at(other.span, problem.by(by / POINTS_PER_MM).shown(page, shared))
}
