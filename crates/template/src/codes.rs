//! The rules that make a code legible: its size, its black, and nothing over or under it.

use crate::check::MarkFault;
use crate::clear::Ink;
use crate::fault::Problem;
use crate::fields::FieldName;
use crate::kind::FaultKind;
use crate::marks::{Fit, Mark, TextMark};
use crate::placement::PlacedMark;

/// The smallest size of a code, in points.
const LEAST_SIZE: f64 = 7.0;
/// The least share of black of a code.
const LEAST_BLACK: f64 = 0.6;
/// The least space that is added after each of its digits, as a share of its size.
const LEAST_TRACKING: f64 = -0.02;

/// The faults of the codes of a page whose stock prints this ink.
pub(crate) fn code_faults(page: usize, marks: &[PlacedMark], ink: &[Ink]) -> Vec<MarkFault> {
    let mut faults = Vec::new();
    for placed in marks {
        let Mark::Text(text) = &placed.mark else { continue };
        let Some(field) = text.field.filter(|field| field.is_code()) else { continue };
        faults.extend(illegible(text, field).map(|problem| MarkFault::new(page, placed, problem)));
        let rect = placed.mark.printed_rect();
        let others = marks.iter().filter(|other| !std::ptr::eq(*other, placed) && is_printed(other));
        let over = others.filter(|other| other.mark.printed_rect().overlaps(&rect));
        faults.extend(over.map(|other| MarkFault::new(page, other, covered_by(&other.mark.label(), field))));
        faults.extend(ink.iter().filter(|ink| ink.enters(&rect)).map(|ink| {
            let problem = covered_by("this", field).shown(page, rect);
            MarkFault::at(if ink.span.is_detached() { placed.call } else { ink.span }, problem)
        }));
    }
    faults
}

/// A code that can't be read.
fn illegible(text: &TextMark, field: FieldName) -> Option<Problem> {
    let name = field.name();
    let smallest = if text.fit == Fit::Reject { text.style.size } else { text.min_size };
    let (message, advice) = if smallest < LEAST_SIZE {
        let message = format!("`{name}` may be set in {smallest:.2} pt; a code has {LEAST_SIZE} pt at least");
        let advice = format!(
            "write `text(size: {LEAST_SIZE}pt, …)` or more around it, and `min-size: {LEAST_SIZE}pt` where it may shrink"
        );
        (message, advice)
    } else if text.style.k < LEAST_BLACK {
        let (black, least) = (100.0 * text.style.k, 100.0 * LEAST_BLACK);
        let message = format!("`{name}` is set in {black:.0} % black; a code has {least:.0} % at least");
        (message, "write `text(fill: k(100%), …)` around it".to_owned())
    } else if text.style.tracking < LEAST_TRACKING * text.style.size {
        let message = format!("the digits of `{name}` are set into each other");
        (message, "take the negative `tracking` from the text around it".to_owned())
    } else {
        return None;
    };
    Some(Problem::new(FaultKind::IllegibleCode, message).with_advice(advice))
}

fn is_printed(placed: &PlacedMark) -> bool {
    placed.mark.says_something()
}

/// The fault of what stands where a code is stamped.
fn covered_by(what: &str, field: FieldName) -> Problem {
    let name = field.name();
    Problem::new(FaultKind::CoveredCode, format!("{what} stands where `{name}` is stamped"))
        .with_advice("move one of the two, or make it smaller: nothing else may be printed where a code is")
}
