//! Proving again: a lot is held against its certificate, from its files alone.
//!
//! Takes a folder with lots, a trust folder and, for sealed mailers, an identity; gives what was checked, every fault, and what was
//! not checked. Asks no ledger, no inbox and no job, and writes nothing. Print files are read by `preflight`, symbols by other
//! people's decoders.

mod certificate_file;
mod files;
mod finding;
mod lot;
mod pieces;
mod print_file;
mod report;
mod symbols;
mod table;
mod tables;

pub use report::ProveReport;
pub(crate) use report::{Checked, LotReport};

use std::path::Path;

use mail::lot::WrittenLot;
use twoddoc::trust::TrustStore;

use crate::failure::Failure;

/// What is to be proved, and what helps.
pub struct ProveOrder<'a> {
    /// A night's folder, or a folder with the files of lots.
    pub folder: &'a Path,
    /// The only lot to prove; `None` for all that are there.
    pub lot: Option<&'a WrittenLot>,
    /// What is trusted.
    pub trust: &'a TrustStore,
    /// The age identity that opens sealed mailers.
    pub identity: Option<&'a Path>,
}

/// Proves the lots of a folder.
///
/// # Errors
/// `folder`: it can't be read; `lot_ambiguous`: a name that lots of both kinds have. Faults of lots are in the report.
pub fn prove(order: &ProveOrder) -> Result<ProveReport, Failure> {
    let found = finding::find(order.folder, order.lot)?;
    // Where the folder does not say the kind, the certificate does.
    let other_kind = |report: &LotReport| {
        let wanted = order.lot.and_then(|lot| lot.kind);
        wanted.zip(report.kind).is_some_and(|(wanted, kind)| wanted != kind)
    };
    let reports = found.iter().map(|lot| lot::prove_lot(order, lot));
    let lots = reports.filter(|report| !other_kind(report)).collect();
    Ok(ProveReport::new(order.folder, lots))
}
