//! What is said of pages that show no piece.

use mail::returned::ReturnReasons;

use super::outcome::{Outcome, Verdict};
use super::reading::Fault;

impl Outcome {
    /// Of a page on which nothing was read yet.
    pub(super) fn blank(path: &str, page: u32, sha256: &str) -> Outcome {
        Outcome {
            path: path.to_owned(),
            page,
            sha256: sha256.to_owned(),
            size: [0; 2],
            symbols: Vec::new(),
            unread: Vec::new(),
            kind: None,
            piece_id: None,
            card_number: None,
            twoddoc: None,
            verdict: Verdict::Unreadable,
            reason: String::new(),
            return_reason: None,
            disposition: None,
            seen_before: false,
        }
    }
}

/// The kind of a page that separates what comes before it from what comes after.
pub(super) const SEPARATOR: &str = "separator";

/// A page whose barcodes state several reasons, as the menu of a wand does.
pub(super) fn contradicting_reasons(blank: Outcome) -> Outcome {
    let reason = "its barcodes state several reasons, so none counts: lay one separator before a batch";
    Outcome { reason: reason.to_owned(), ..blank }
}

/// A page that can't be read.
pub(super) fn told_of_fault(blank: Outcome, fault: &Fault) -> Outcome {
    let advice = fault.advice.as_ref().map(|advice| format!(": {advice}")).unwrap_or_default();
    Outcome { reason: format!("can\u{2019}t be read: {}{advice}", fault.problem), ..blank }
}

/// A page on which nothing of ours was read.
pub(super) fn told_of_nothing(blank: Outcome) -> Outcome {
    let reason = match (blank.symbols.len(), blank.unread.len()) {
        (0, 0) => {
            "no Code 39 and no Data Matrix was found: a blank back, a foreign letter, or symbols that are hidden"
        }
        (0, _) => "a symbol was found and can\u{2019}t be read: look at the piece",
        (_, 0) => "symbols were read, and none of them is ours",
        _ => "symbols were read that are not ours, and one was found that can\u{2019}t be read",
    };
    Outcome { reason: reason.to_owned(), ..blank }
}

/// A separator: why the pieces behind it came back.
pub(super) fn separator(blank: Outcome, code: &str, reasons: &ReturnReasons) -> Outcome {
    let words = reasons.words(code);
    Outcome {
        kind: Some(SEPARATOR.to_owned()),
        verdict: Verdict::Matched,
        reason: format!("a separator: what follows came back because: {words}"),
        return_reason: Some(code.to_owned()),
        ..blank
    }
}
