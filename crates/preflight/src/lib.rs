//! Preflight: checks a finished print file against PDF/X-4, PDF/VT-1 and, if it is archived, PDF/A-2b, clause by clause.
//!
//! Takes the bytes of a file and returns its faults, each with the clause that it breaks. Reads with `hayro-syntax` and
//! shares no code with what writes print files. A fault never quotes a page's text: it names a page, an object, a font
//! or a key.

mod clause;
mod file;
mod fonts;
mod identification;
mod labels;
mod marks;
mod open;
mod output_intent;
mod pages;
mod parts;
mod resources;
mod shown;
mod xmp;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use hayro_syntax::object::{Dict, Name};

pub use clause::Clause;
pub use open::OpenFile;
pub use shown::{
    Bounds, Leaf, Other, Outline, Paint, Point, ShowFault, ShownFile, ShownFont, ShownForm, ShownGlyph,
    ShownMask, ShownPage, ShownText, TextPen,
};

/// Faults reported for one clause, at most: a file with one fault of a kind often has thousands.
const REPORTED_PER_CLAUSE: usize = 3;

/// The standards that a file must meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standard {
    /// PDF/X-4 and PDF/VT-1.
    Press,
    /// PDF/X-4, PDF/VT-1 and PDF/A-2b.
    PressAndArchive,
    /// PDF/X-4 with pages that are sheets of two pieces. Such a file is not PDF/VT-1 and must not claim to be.
    Imposed,
    /// PDF/X-4 and PDF/A-2b with pages that are sheets of two pieces.
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

/// The pages whose marks are read. Everything else is checked on every page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marks {
    /// The first page, the last, and every n-th between: 32 to 64 of a long file.
    Sample,
    /// Every page.
    All,
}

/// A clause that a file breaks, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The clause.
    pub clause: Clause,
    /// What is wrong, and in which page, object or entry.
    pub message: String,
}

impl Fault {
    /// The fault of a file that is no PDF.
    pub fn unreadable() -> Fault {
        Fault { clause: Clause::X4File, message: "no PDF, or a damaged or encrypted one".to_owned() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.clause.name(), self.message)
    }
}

/// Checks a file. Returns no fault if it meets every clause, and at most three faults of one clause.
pub fn preflight(bytes: &Arc<Vec<u8>>, standard: Standard, marks: Marks) -> Vec<Fault> {
    match OpenFile::new(Arc::clone(bytes)) {
        Ok(file) => preflight_open(&file, standard, marks),
        Err(_) => vec![Fault::unreadable()],
    }
}

/// As [`preflight`], of a file that is open.
pub fn preflight_open(file: &OpenFile, standard: Standard, marks: Marks) -> Vec<Fault> {
    let mut faults = Faults::default();
    // A parser that panics on a damaged file must not end the program.
    let checked = catch_unwind(AssertUnwindSafe(|| check(file, standard, marks, &mut faults)));
    if checked.is_err() {
        faults.add(Clause::X4File, "the file can't be parsed");
    }
    faults.found
}

fn check(OpenFile { bytes, pdf }: &OpenFile, standard: Standard, marks: Marks, faults: &mut Faults) {
    let Some(catalog) = pdf.xref().get::<Dict>(pdf.xref().root_id()) else {
        faults.add(Clause::X4File, "no catalog");
        return;
    };
    let information = file::check(bytes, pdf, faults);
    identification::check(&catalog, information.as_ref(), standard, faults);
    output_intent::check(&catalog, standard, faults);
    let pages = pages::check(pdf, &catalog, faults);
    parts::check(pdf, &catalog, &pages, standard.imposed(), faults);
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
        if of_clause < REPORTED_PER_CLAUSE {
            self.found.push(Fault { clause, message: message.into() });
        }
    }

    /// Adds a fault unless `holds`.
    fn expect(&mut self, holds: bool, clause: Clause, message: impl FnOnce() -> String) {
        if !holds {
            self.add(clause, message());
        }
    }
}

/// Whether the entry `key` is the name `name`.
fn is_name(dictionary: &Dict, key: &str, name: &str) -> bool {
    dictionary.get::<Name>(key).is_some_and(|found| &*found == name.as_bytes())
}
