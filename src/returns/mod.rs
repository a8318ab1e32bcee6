//! The way back: a clerk's pile of returned mail becomes verdicts, and each return is booked.

mod affine;
mod crop;
mod decisions;
mod outcome;
mod report;
mod separators;

pub(crate) use outcome::{Outcome, Polygon, SymbolFormat, SymbolRead, Verdict};
