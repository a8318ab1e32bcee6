//! The progress of a night, for a user interface to show.

use mail::piece::PieceKind;
use serde::{Deserialize, Serialize};

/// What a night is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Opening the ledger, finishing what was cut short, and holding it against the outputs.
    Ledger,
    /// Finding the files of the inbox, and checking signatures and announcements.
    Inbox,
    /// Reading and checking records, counted in rows; how many there are is not known before.
    Intake,
    /// Deciding what leaves.
    Planning,
    /// Laying out the templates of a kind.
    Templates(PieceKind),
    /// Opening the codes files.
    Codes,
    /// Setting what records say on their pages, without printing it; counted in pieces.
    Checking(PieceKind),
    /// Composing and writing, counted in pieces.
    Printing(PieceKind),
    /// Reading back, counted in pieces.
    Proofing,
    /// Adding up what became of every record.
    Account,
    /// Writing work orders, tickets and certificates.
    Paperwork,
    /// The commit of the ledger, and files on their way to their final paths.
    Release,
    /// Writing what the issuer is told.
    Feedback,
    /// Moving what was taken in into the archive.
    Archive,
    /// Checking the files of shares against their descriptions, counted in files.
    Merging,
    /// Joining the manifests and control files of shares.
    Assembly,
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

/// Shows a phase in which nothing is counted while its work lasts.
///
/// # Errors
/// Those of the work.
pub(in crate::night) fn during<T, E>(
    progress: &dyn Progress,
    phase: Phase,
    work: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    progress.begin(phase, 0);
    let done = work()?;
    progress.end();
    Ok(done)
}

/// Shows no progress.
pub struct NoProgress;

impl Progress for NoProgress {
    fn begin(&self, _: Phase, _: u64) {}
    fn advance(&self, _: u64) {}
    fn end(&self) {}
}
