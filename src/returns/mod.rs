//! The way back: a clerk's pile of returned mail becomes verdicts, and each return is booked.

mod outcome;

pub(crate) use outcome::{Outcome, Polygon, SymbolFormat, SymbolRead, Verdict};
