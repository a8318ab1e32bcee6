//! Preflight: a finished print file is held against PDF/X-4, PDF/VT-1 and, where it claims so, PDF/A-2b, clause by clause.
//!
//! Takes the bytes of a file. Gives every fault with the clause it breaks. Reads with `hayro-syntax`, and shares no code
//! with what writes print files. Never tells what a page says: a fault names a piece, a page, an object or a key.

mod clause;
mod file;
mod fonts;
mod identification;
mod labels;
mod marks;
mod output_intent;
mod parts;
mod resources;
mod xmp;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::object::{Dict, Name};

pub use clause::Clause;

/// Faults of one clause that are told; a file with one such fault often has thousands.
const TOLD_PER_CLAUSE: usize = 3;

/// What a file must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standard {
    /// PDF/X-4 and PDF/VT-1.
    Press,
    /// PDF/A-2b besides.
    PressAndArchive,
    /// PDF/X-4 whose pages are sheets of two pieces, which is no PDF/VT-1 and must not say so.
    Imposed,
    /// PDF/A-2b besides.
    ImposedAndArchive,
}

impl Standard {
    /// Whether pages are sheets of two pieces.
    fn imposed(self) -> bool {
        matches!(self, Standard::Imposed | Standard::ImposedAndArchive)
    }

    /// Whether the file is PDF/A-2b.
    fn archived(self) -> bool {
        matches!(self, Standard::PressAndArchive | Standard::ImposedAndArchive)
    }
}

/// How many pages' marks are read. Everything else is checked of every page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marks {
    /// The first page, the last, and some between.
    Sample,
    /// All.
    All,
}

/// A clause that a file breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The clause.
    pub clause: Clause,
    /// What is wrong and where.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.clause.name(), self.message)
    }
}

/// Checks a file; no fault means that it meets every clause.
pub fn preflight(bytes: &Arc<Vec<u8>>, standard: Standard, marks: Marks) -> Vec<Fault> {
    let mut faults = Faults::default();
    // A parser that gives up on a broken file must not take the night with it.
    let checked = catch_unwind(AssertUnwindSafe(|| check(bytes, standard, marks, &mut faults)));
    if checked.is_err() {
        faults.add(Clause::X4File, "the file can't be parsed");
    }
    faults.found
}

fn check(bytes: &Arc<Vec<u8>>, standard: Standard, marks: Marks, faults: &mut Faults) {
    let Ok(pdf) = Pdf::new(Arc::clone(bytes)) else {
        faults.add(Clause::X4File, "no PDF, or a damaged or encrypted one");
        return;
    };
    let Some(catalog) = pdf.xref().get::<Dict>(pdf.xref().root_id()) else {
        faults.add(Clause::X4File, "no catalog");
        return;
    };
    let information = file::check(bytes, &pdf, faults);
    identification::check(&catalog, information.as_ref(), standard, faults);
    output_intent::check(&catalog, standard, faults);
    let pages = parts::check(&pdf, &catalog, standard.imposed(), faults);
    let shared = resources::check(&pages, faults);
    fonts::check(&shared, faults);
    marks::check(&pages, &shared, marks, faults);
}

/// The faults found so far.
#[derive(Default)]
struct Faults {
    found: Vec<Fault>,
}

impl Faults {
    fn add(&mut self, clause: Clause, message: impl Into<String>) {
        let of_clause = self.found.iter().filter(|fault| fault.clause == clause).count();
        if of_clause < TOLD_PER_CLAUSE {
            self.found.push(Fault { clause, message: message.into() });
        }
    }

    /// Adds a fault where what should hold does not.
    fn expect(&mut self, holds: bool, clause: Clause, message: impl FnOnce() -> String) {
        if !holds {
            self.add(clause, message());
        }
    }
}

/// Whether an entry is that name.
fn is_name(dictionary: &Dict, key: &str, name: &str) -> bool {
    dictionary.get::<Name>(key).is_some_and(|found| &*found == name.as_bytes())
}
