//! What a machine reports of the pieces that passed it.

use mail::inserter::{InsertStatus, Lists};

use super::results::RowFault;

/// A report of a machine: one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MachineReport {
    /// The file.
    pub file: String,
    /// What its rows stand for.
    pub lists: Lists,
    /// Its rows that can be read, in their order.
    pub reads: Vec<Read>,
    /// Its rows that can't be read, in their order. A person looks at their pieces.
    pub faults: Vec<RowFault>,
    /// Whether its end mark stands at its end: the machine reports nothing more of the lot.
    pub ended: bool,
    /// Whether its last line has no line end, so that it may still be being written. It was not read.
    pub unfinished: bool,
}

/// A row of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Read {
    /// Its line in the file, from 1.
    pub line: u64,
    /// When, as the machine writes it: `2026-11-24T09:30:12`, a fraction of a second behind it where there is one; empty where it
    /// is not said.
    pub at: String,
    /// What was read on the piece, without what readers add to it; empty where nothing was.
    pub value: String,
    /// Its place in the stream of its camera.
    pub position: Option<u64>,
    /// The camera; empty where there is one only.
    pub camera: String,
    /// What was read on the card; empty where nothing was, or the machine does not look.
    pub card_value: String,
    /// What the machine did with the piece.
    pub status: InsertStatus,
}
