//! The ledger rows of a night, one for each entry of the plan. The transaction is not committed here.

use std::sync::Arc;

use jiff::civil::Date;

use crate::failure::Failure;
use crate::ledger::{NewRecord, NightWriter, PieceEntry};
use crate::night::lot::{LotNumbers, PrintedPiece};
use crate::night::planning::{Mailing, Outcome, Plan, SpooledRecord};
use mail::piece::PieceKind;

/// What becomes of a record, or of a duty that waited.
pub(super) enum LedgerRow {
    /// A new record.
    New(NewRecordRow),
    /// A duty that the ledger held.
    Carried {
        /// Its number.
        duty: i64,
        /// Whether it was refused.
        refused: bool,
        /// Its piece.
        piece: Option<LeavingPiece>,
    },
}

/// A new record and what it leads to.
pub(super) struct NewRecordRow {
    reason: &'static str,
    source_file: Arc<str>,
    line: u32,
    stored: SpooledRecord,
    mailing: Mailing,
    due: Date,
    piece: Option<LeavingPiece>,
}

/// A piece that leaves.
pub(super) struct LeavingPiece {
    /// Its kind.
    pub kind: PieceKind,
    /// Its sequence in the lot, from 1.
    pub sequence: u32,
    /// The index of its print file among the lot's files.
    pub file: u16,
    /// Its first page in that file, from 1.
    pub first_page: u32,
    /// How many pages it has.
    pub pages: u16,
}

impl LedgerRow {
    /// The row of an entry; `None` for a new record that was rejected, so that it can be corrected and sent again.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn of(
        plan: &mut Plan,
        index: u32,
        piece: Option<LeavingPiece>,
    ) -> Result<Option<LedgerRow>, Failure> {
        let refused = plan.entry(index).outcome == Outcome::Rejected;
        if let Some(&duty) = plan.duties.get(index as usize) {
            return Ok(Some(LedgerRow::Carried { duty, refused, piece }));
        }
        if refused {
            return Ok(None);
        }
        let stored = plan.stored(index)?;
        let entry = plan.entry(index);
        Ok(Some(LedgerRow::New(NewRecordRow {
            reason: plan.reason(entry),
            source_file: plan.shared_source_file(entry),
            line: entry.line,
            stored,
            mailing: entry.mailing,
            due: entry.due,
            piece,
        })))
    }

    /// Writes the row.
    ///
    /// # Errors
    /// Ledger errors.
    pub(super) fn write(&self, writer: &NightWriter) -> Result<(), Failure> {
        match self {
            LedgerRow::New(row) => row.write(writer),
            LedgerRow::Carried { duty, refused, piece } => {
                if *refused {
                    writer.reject_duty(*duty)?;
                }
                if let Some(piece) = piece {
                    writer.release_duty(*duty, piece.kind)?;
                    piece.write(writer, *duty)?;
                }
                Ok(())
            }
        }
    }
}

impl NewRecordRow {
    fn write(&self, writer: &NightWriter) -> Result<(), Failure> {
        let (key, body) = self.stored.for_ledger()?;
        let record = writer.insert_record(&NewRecord {
            key: &key,
            reason: self.reason,
            source_file: &self.source_file,
            line: u64::from(self.line),
            body,
        })?;
        let Some(kind) = self.mailing.first() else { return Ok(()) };
        let follows = self.mailing == Mailing::LetterThenMailer;
        match &self.piece {
            Some(piece) => {
                let duty = writer.insert_leaving(record, kind)?;
                piece.write(writer, duty)?;
                if follows {
                    writer.insert_follower(record)?;
                }
            }
            None => {
                writer.insert_waiting(record, kind, Some(self.due))?;
                if follows {
                    writer.insert_waiting(record, PieceKind::Mailer, None)?;
                }
            }
        }
        Ok(())
    }
}

impl LeavingPiece {
    /// A printed piece with its numbers.
    pub(super) fn new(numbers: &LotNumbers, sequence: u32, piece: &PrintedPiece) -> LeavingPiece {
        LeavingPiece {
            kind: numbers.kind,
            sequence,
            file: piece.file,
            first_page: piece.first_page,
            pages: piece.pages,
        }
    }

    fn write(&self, writer: &NightWriter, duty: i64) -> Result<(), Failure> {
        let LeavingPiece { kind, sequence, file, first_page, pages } = *self;
        let entry = PieceEntry { sequence, attempt: 0, file, first_page, pages: u32::from(pages) };
        Ok(writer.insert_piece(kind, duty, &entry)?)
    }
}
