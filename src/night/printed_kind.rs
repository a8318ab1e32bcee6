//! A lot that was printed, as report and ledger take it.

use super::printing::PrintedPiece;
use super::proofing::Proof;
use super::report::{FileSummary, LotSummary, Report};
use crate::ledger::{LotEntry, PieceEntry};
use crate::mail::piece::PieceKind;

/// A lot that was printed.
pub(super) struct PrintedKind {
    pub entry: LotEntry,
    pub proof: Proof,
    /// All its files, relative to the staging folder.
    pub staged: Vec<String>,
    /// Where its pieces are, in lot order.
    pub pieces: Vec<PrintedPiece>,
    /// The tracking number of its first mailer.
    pub first_tracking: Option<u64>,
    pub files: Vec<FileSummary>,
    pub summary: LotSummary,
    /// The fingerprint of the key that signed it.
    pub key: Option<String>,
}

/// A piece on its way into the ledger.
pub(super) struct Leaving<'p> {
    /// Its entry, by its place in the plan.
    pub entry: u32,
    sequence: u32,
    place: PrintedPiece,
    kind: &'p PrintedKind,
}

impl Leaving<'_> {
    /// Its kind.
    pub fn kind(&self) -> PieceKind {
        self.kind.entry.kind
    }

    /// Gives the piece as the ledger takes it.
    pub fn tell<T>(&self, take: impl FnOnce(&LotEntry, &PieceEntry) -> T) -> T {
        let lot = &self.kind.entry;
        let piece_id = lot.lot.piece_id(lot.kind, self.sequence);
        let rank = u64::from(self.sequence) - 1;
        take(
            lot,
            &PieceEntry {
                piece_id: &piece_id,
                sequence: self.sequence,
                file: &self.kind.files[usize::from(self.place.file)].path,
                first_page: self.place.first_page,
                pages: u32::from(self.place.pages),
                tracking: self.kind.first_tracking.map(|first| first + rank),
            },
        )
    }
}

impl PrintedKind {
    /// How many pieces it has.
    pub fn count(&self) -> u64 {
        self.pieces.len() as u64
    }

    /// Its pieces in lot order, which is that of the plan's entries.
    pub fn leaving(&self) -> impl Iterator<Item = Leaving<'_>> {
        let numbered = (1..).zip(&self.pieces);
        numbered.map(|(sequence, place)| Leaving { entry: place.entry, sequence, place: *place, kind: self })
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
