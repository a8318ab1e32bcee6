//! A lot that was printed, as report and ledger take it.

use super::numbering::Series;
use super::printing::PrintedPiece;
use super::proofing::Proof;
use super::report::{FileSummary, LotSummary, Report};
use crate::ledger::LotEntry;

/// A lot that was printed.
pub(super) struct PrintedKind {
    pub entry: LotEntry,
    pub proof: Proof,
    /// All its files, relative to the staging folder.
    pub staged: Vec<String>,
    /// How many pieces it has.
    pub count: u32,
    /// Where those are that the ledger's keeper is not told of, in lot order.
    pub pieces: Vec<PrintedPiece>,
    /// Where its numbers begin.
    pub series: Series,
    pub files: Vec<FileSummary>,
    pub summary: LotSummary,
    /// The fingerprint of the key that signed it.
    pub key: Option<String>,
}

impl PrintedKind {
    /// How many pieces it has.
    pub fn count(&self) -> u64 {
        u64::from(self.count)
    }

    /// Adds the lot to a report.
    pub fn tell(&self, report: &mut Report) {
        report.lots.push(self.summary.clone());
        report.files.extend(self.files.iter().cloned());
        report.templates.insert(self.entry.kind.code().to_owned(), self.entry.template.clone());
        if let Some(key) = &self.key {
            report.keys.insert("signing".to_owned(), key.clone());
        }
    }
}
