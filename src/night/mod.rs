//! The outward way: a night's records become letters and mailers, proved and released.
//!
//! The stations, in the order of a record: [`intake`], `planning`, composition, `printing`, [`proofing`],
//! [`release`]; `lots` takes the pieces of one kind through them, `run` the whole night.

mod checking;
mod conformance;
mod control_file;
mod entering;
mod findings;
pub mod imposition;
pub mod intake;
mod job_ticket;
mod keeper;
mod locking;
mod lots;
mod manifest;
mod numbering;
pub mod paperwork;
mod place;
mod planning;
mod pressed;
mod printed_kind;
mod printing;
pub mod proofing;
pub mod release;
pub mod report;
mod run;
mod shard;
mod sources;
pub mod specimen;
mod spool;

pub use proofing::Prove;
pub use run::{Checked, NightOrder, check, run};
pub use shard::{MAX_SHARDS, MergeOrder, Shard, ShardFault, ShareReport, merge, run_shard};

use mail::piece::PieceKind;

/// What a night is doing, for whoever watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Reading and checking records, counted in files.
    Intake,
    /// Laying out the templates of a kind.
    Templates(PieceKind),
    /// Composing and writing, counted in pieces.
    Printing(PieceKind),
    /// Reading back, counted in pieces.
    Proofing,
    /// Holding the files of shares against their descriptions, counted in files.
    Merging,
}

/// Somebody who watches a night's progress.
pub trait Watch: Sync {
    /// A phase begins; `total` is 0 where nothing is counted.
    fn begin(&self, phase: Phase, total: u64);
    /// So many more are done.
    fn advance(&self, by: u64);
    /// The phase is over.
    fn end(&self);
}

/// Nobody watches.
pub struct Unwatched;

impl Watch for Unwatched {
    fn begin(&self, _: Phase, _: u64) {}
    fn advance(&self, _: u64) {}
    fn end(&self) {}
}
