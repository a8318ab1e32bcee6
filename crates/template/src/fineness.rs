//! What a press and a reader can still resolve: the pixels of artwork, the thickness of lines, the size of text.

use std::collections::HashSet;

use typst::syntax::Span;

use crate::check::MarkFault;
use crate::clear::{Ink, InkKind};
use crate::fault::Problem;
use crate::kind::FaultKind;
use crate::marks::{Fit, Mark, TextMark};
use crate::placement::PlacedMark;

/// The least pixels to the inch of artwork.
const LEAST_DPI: f64 = 300.0;
/// The thinnest line, in points.
const THINNEST: f64 = 0.25;
/// The smallest text, in points.
const SMALLEST: f64 = 6.0;
/// The smallest text that is easy to read, in points.
const EASY: f64 = 9.0;
/// What is no fault, as a share.
const SLACK: f64 = 0.002;

/// The faults of what a page prints too coarse, too thin or too small.
pub(crate) fn fineness_faults(page: usize, marks: &[PlacedMark], ink: &[Ink]) -> Vec<MarkFault> {
    let mut faults: Vec<MarkFault> = Vec::new();
    let mut seen: HashSet<(Span, u64)> = HashSet::new();
    for ink in ink.iter().filter(|ink| !crate::clear::is_of_prelude(ink.span)) {
        let Some(problem) = of_ink(ink) else { continue };
        let size = if let InkKind::Text { size, .. } = ink.kind { size.to_bits() } else { 0 };
        if seen.insert((ink.span, size)) || size == 0 {
            let bounds = ink.rects.iter().copied().reduce(|one, other| one.around(&other));
            faults
                .push(MarkFault::at(ink.span, bounds.map_or(problem.clone(), |at| problem.shown(page, at))));
        }
    }
    for placed in marks {
        let Mark::Text(text) = &placed.mark else { continue };
        // Codes have a rule of their own.
        if text.field.is_some_and(|field| field.is_code()) {
            continue;
        }
        let rect = placed.mark.printed_rect();
        let problem = shrunk(&placed.mark.label(), text).or_else(|| small(text.style.size));
        faults.extend(problem.map(|problem| MarkFault::at(placed.call, problem.shown(page, rect))));
    }
    faults
}

fn of_ink(ink: &Ink) -> Option<Problem> {
    match &ink.kind {
        InkKind::Ground => None,
        InkKind::Text { size, .. } => small(*size),
        InkKind::Shape { thinnest } => thin((*thinnest)?, "draw it `0.25pt` thick, or thicker".to_owned()),
        InkKind::Picture { dpi, thinnest, smallest_text } => coarse(*dpi)
            .or_else(|| {
                let thinnest = (*thinnest)?;
                let times = times(THINNEST / thinnest);
                thin(
                    thinnest,
                    format!("make its thinnest `stroke-width` {times} times as wide, or print it larger"),
                )
            })
            .or_else(|| small_in_artwork((*smallest_text)?)),
    }
}

/// A drawing whose smallest text can't be printed. That it is hard to read is no fault: it may be a part of the picture.
fn small_in_artwork(size: f64) -> Option<Problem> {
    (size < SMALLEST * (1.0 - SLACK)).then(|| {
        let shown = (size * 100.0).round() / 100.0;
        let times = times(SMALLEST / size);
        let message =
            format!("this artwork has text of {shown} pt; {SMALLEST} pt is the smallest that is printed");
        let advice = format!("make its smallest `font-size` {times} times as large, or print it larger");
        Problem::new(FaultKind::SmallText, message).with_advice(advice)
    })
}

/// A factor that is enough, for messages.
fn times(factor: f64) -> f64 {
    ((factor * 100.0).ceil() / 100.0).min(1e6)
}

/// Artwork of too few pixels.
fn coarse(dpi: Option<f64>) -> Option<Problem> {
    let dpi = dpi.filter(|dpi| *dpi < LEAST_DPI * (1.0 - SLACK))?;
    let message = format!(
        "this picture has {dpi:.0} pixels to the inch at its printed size; {LEAST_DPI} are the least"
    );
    let advice = format!(
        "save it with {} times as many pixels to a side, or print it at {:.0} % of this size",
        times(LEAST_DPI / dpi),
        (100.0 * dpi / LEAST_DPI).floor()
    );
    Some(Problem::new(FaultKind::CoarseArtwork, message).with_advice(advice))
}

fn thin(thinnest: f64, advice: String) -> Option<Problem> {
    let message = format!("a line of {thinnest:.2} pt; the press prints lines of {THINNEST} pt at least");
    let is_thin = thinnest < THINNEST * (1.0 - SLACK);
    is_thin.then(|| Problem::new(FaultKind::Hairline, message).with_advice(advice))
}

/// Small text. All of one size is one fault of its file.
fn small(size: f64) -> Option<Problem> {
    let problem = |message: String| Problem::new(FaultKind::SmallText, message);
    let shown = (size * 100.0).round() / 100.0;
    if size < SMALLEST * (1.0 - SLACK) {
        let message = format!("text of {shown} pt; {SMALLEST} pt is the smallest that is printed");
        return Some(problem(message).with_advice(format!("write `text(size: {SMALLEST}pt, …)` or more")));
    }
    let is_small = size < EASY * (1.0 - SLACK);
    is_small.then(|| {
        problem(format!("text of {shown} pt is hard to read"))
            .with_advice(format!("write `text(size: {EASY}pt, …)` or more; small print alone may be smaller"))
            .into_warning()
    })
}

/// A field that may become too small for a long value.
fn shrunk(name: &str, text: &TextMark) -> Option<Problem> {
    let shrinks = text.fit != Fit::Reject && text.min_size < SMALLEST * (1.0 - SLACK);
    (shrinks && text.style.size >= SMALLEST).then(|| {
        let message = format!(
            "{name} may shrink to {:.2} pt; {SMALLEST} pt is the smallest that is printed",
            text.min_size
        );
        Problem::new(FaultKind::SmallText, message)
            .with_advice(format!("write `min-size: {SMALLEST}pt` or more"))
    })
}
