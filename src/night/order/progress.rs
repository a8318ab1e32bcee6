//! The progress of a night, for a user interface to show.

use mail::piece::PieceKind;
use serde::{Deserialize, Serialize};

/// What a night is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Reading and checking records, counted in files.
    Intake,
    /// Laying out the templates of a kind.
    Templates(PieceKind),
    /// Composing and writing, counted in pieces.
    Printing(PieceKind),
    /// Reading back, counted in pieces.
    Proofing,
    /// Checking the files of shares against their descriptions, counted in files.
    Merging,
}

/// Receives a night's progress.
pub trait Progress: Sync {
    /// A phase begins; `total` is 0 where nothing is counted.
    fn begin(&self, phase: Phase, total: u64);
    /// `by` more are done.
    fn advance(&self, by: u64);
    /// The phase is over.
    fn end(&self);
}

/// Shows no progress.
pub struct NoProgress;

impl Progress for NoProgress {
    fn begin(&self, _: Phase, _: u64) {}
    fn advance(&self, _: u64) {}
    fn end(&self) {}
}
