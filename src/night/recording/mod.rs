//! Recording: what a night decides is written into the ledger while the night goes on, in one transaction.
//!
//! A writing thread inserts the rows of the plan and of printed pieces as they come. The ledger shows them only after
//! [`LedgerWriter::commit`], and never if that is not called.

mod rows;

use std::collections::VecDeque;
use std::mem::take;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use jiff::civil::Date;
use mail::card::CardNumber;
use mail::piece::PieceKind;

use super::intake::IntakeFile;
use super::lot::{Lot, LotNumbers, PrintedPiece};
use super::paperwork::LotFiles;
use super::planning::{Cancellation, Outcome, Plan, RecallByRecord, Severity};
use super::report::Alert;
use crate::failure::Failure;
use crate::ledger::{Author, Finding, Ledger, LotEntry, NightWriter, ReleaseMark};
use rows::{LeavingPiece, LedgerRow};

/// How many batches of rows may wait to be written, and how many rows a batch has at most.
const AHEAD: usize = 4;
const BATCH: usize = 512;

/// Why a night's lot was composed.
const COMPOSED: &str = "composed and proved";

/// What the writing thread receives.
enum Message {
    Cancelled(Vec<Cancellation>),
    Recalled(Vec<RecallByRecord>),
    Superseded(Vec<CardNumber>),
    ReleasedCodes(Vec<(CardNumber, String)>),
    Rows(Vec<LedgerRow>),
    Files(Vec<IntakeFile>),
    Lot(Box<LotRecord>),
    Findings(&'static str, Vec<Finding>),
    Commit(ReleaseMark, String),
}

/// What the ledger keeps of a lot.
struct LotRecord {
    numbers: LotNumbers,
    template: String,
    pieces: u64,
    files: Vec<(String, String)>,
}

/// A lot that is ready for release, with its files.
pub(super) struct FinishedLot {
    /// The lot.
    pub lot: Lot,
    /// Its files.
    pub files: LotFiles,
    /// Why it has no certificate, where it could not be signed.
    pub alert: Option<Alert>,
}

/// Writes a night into the ledger.
pub(super) struct LedgerWriter {
    sender: Option<SyncSender<Message>>,
    thread: Option<JoinHandle<Result<(), Failure>>>,
    /// Entries before this index are written, except those in `deferred`.
    next: u32,
    /// How many printed letters are written.
    letters: u32,
    /// Entries whose first piece is a mailer; they are written with the mailers, after the letters.
    deferred: VecDeque<u32>,
    /// Printed letters with their sequence, where these lie in another order than their entries; they are written at the end.
    unordered: Vec<(u32, PrintedPiece)>,
    rows: Vec<LedgerRow>,
}

impl LedgerWriter {
    /// Starts the writing thread, with the cards whose waiting pieces are cancelled.
    ///
    /// # Errors
    /// Ledger errors.
    pub(super) fn begin(
        ledger: &Ledger,
        night: Date,
        mailers_due: Date,
        plan: &Plan,
    ) -> Result<LedgerWriter, Failure> {
        let (sender, messages) = sync_channel(AHEAD);
        // A second connection: the night asks the first one while this one writes.
        let ledger = ledger.again()?;
        let write_night = move || {
            let author = Author::of_process();
            write(ledger.begin(night, mailers_due, author)?, &messages)
        };
        let thread = std::thread::spawn(write_night);
        let mut writer = LedgerWriter {
            sender: Some(sender),
            thread: Some(thread),
            next: 0,
            letters: 0,
            deferred: VecDeque::new(),
            unordered: Vec::new(),
            rows: Vec::new(),
        };
        writer.send(Message::Cancelled(plan.cancelled_cards.clone()))?;
        writer.send(Message::Recalled(plan.recalls.clone()))?;
        writer.send(Message::Superseded(plan.superseded_cards.clone()))?;
        writer.send(Message::ReleasedCodes(plan.released_codes.clone()))?;
        Ok(writer)
    }

    /// Writes the rows of all entries up to the last of `pieces`: the printed letters that follow those written before.
    /// Every letter among those entries must have been checked.
    ///
    /// # Errors
    /// Ledger and I/O errors.
    pub(super) fn letters(
        &mut self,
        plan: &mut Plan,
        numbers: &LotNumbers,
        pieces: &[PrintedPiece],
    ) -> Result<(), Failure> {
        for piece in pieces {
            self.letters += 1;
            if plan.letters_are_sorted() {
                self.unordered.push((self.letters, *piece));
                continue;
            }
            let leaving = LeavingPiece::new(numbers, self.letters, piece);
            self.entries_before(plan, piece.entry)?;
            self.entry(plan, piece.entry, Some(leaving))?;
            self.next = piece.entry + 1;
        }
        self.flush()
    }

    /// Writes the rows of all entries before `end`. Entries whose first piece is a mailer are queued and written with the
    /// mailers.
    fn entries_before(&mut self, plan: &mut Plan, end: u32) -> Result<(), Failure> {
        for index in self.next..end {
            let entry = plan.entry(index);
            match entry.outcome == Outcome::Piece && entry.mailing.first() == Some(PieceKind::Mailer) {
                true => self.deferred.push_back(index),
                false => self.entry(plan, index, None)?,
            }
        }
        Ok(())
    }

    /// Adds the row of an entry to the batch.
    fn entry(&mut self, plan: &mut Plan, index: u32, piece: Option<LeavingPiece>) -> Result<(), Failure> {
        self.rows.extend(LedgerRow::of(plan, index, piece)?);
        match self.rows.len() >= BATCH {
            true => self.flush(),
            false => Ok(()),
        }
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let rows = take(&mut self.rows);
        if rows.is_empty() { Ok(()) } else { self.send(Message::Rows(rows)) }
    }

    /// Writes what is left and commits: from then on the night is in the ledger as this release, with `report` as its
    /// summary.
    ///
    /// # Errors
    /// `bug`: a printed piece has no entry; ledger and I/O errors. Nothing of the night is in the ledger then.
    pub(super) fn commit(
        mut self,
        plan: &mut Plan,
        files: &[IntakeFile],
        lots: &[FinishedLot],
        mark: ReleaseMark,
        report: String,
    ) -> Result<(), Failure> {
        let of = |kind| lots.iter().map(|finished| &finished.lot).find(|lot| lot.kind() == kind);
        if let Some(lot) = of(PieceKind::Letter) {
            self.letters(plan, &lot.numbers, &lot.unrecorded)?;
            check_count(lot, self.letters)?;
        }
        self.rest(plan, of(PieceKind::Letter), of(PieceKind::Mailer))?;
        self.send(Message::Files(files.to_vec()))?;
        lots.iter().try_for_each(|finished| self.send(Message::Lot(Box::new(finished.into()))))?;
        self.findings(plan, Severity::Reject, "reject")?;
        self.findings(plan, Severity::Warning, "warning")?;
        self.send(Message::Commit(mark, report))?;
        self.end()
    }

    /// Writes the entries that are not written yet, with the mailers among them, and the letters that lie in another order.
    fn rest(&mut self, plan: &mut Plan, letters: Option<&Lot>, mailers: Option<&Lot>) -> Result<(), Failure> {
        // Rows are written in the order of the entries, which is not that of the lots.
        let unordered = take(&mut self.unordered);
        let of_letters = letters.into_iter().flat_map(|lot| unordered.iter().map(move |piece| (lot, *piece)));
        let of_mailers = mailers.into_iter().flat_map(|lot| {
            (1..).zip(&lot.unrecorded).map(move |(sequence, piece)| (lot, (sequence, *piece)))
        });
        let mut pieces: Vec<(&Lot, (u32, PrintedPiece))> = of_letters.chain(of_mailers).collect();
        pieces.sort_unstable_by_key(|(_, (_, piece))| piece.entry);
        let mut pieces = pieces.into_iter().peekable();
        let mut written = [0, 0];
        let deferred = take(&mut self.deferred);
        for index in deferred.into_iter().chain(self.next..plan.entries.len() as u32) {
            let piece = pieces.next_if(|(_, (_, piece))| piece.entry == index);
            let piece = piece.map(|(lot, (sequence, piece))| {
                written[usize::from(lot.kind() == PieceKind::Mailer)] += 1;
                LeavingPiece::new(&lot.numbers, sequence, &piece)
            });
            self.entry(plan, index, piece)?;
        }
        mailers.map_or(Ok(()), |lot| check_count(lot, written[1]))?;
        letters.filter(|_| !unordered.is_empty()).map_or(Ok(()), |lot| check_count(lot, written[0]))?;
        self.flush()
    }

    fn findings(&mut self, plan: &mut Plan, severity: Severity, kind: &'static str) -> Result<(), Failure> {
        let mut batch = Vec::new();
        plan.findings.each(severity, |finding| {
            batch.push(finding.clone());
            match batch.len() >= BATCH {
                true => self.send(Message::Findings(kind, take(&mut batch))),
                false => Ok(()),
            }
        })?;
        self.send(Message::Findings(kind, batch))
    }

    fn send(&mut self, message: Message) -> Result<(), Failure> {
        match self.sender.as_ref().map(|sender| sender.send(message)) {
            Some(Ok(())) => Ok(()),
            _ => self.end(),
        }
    }

    /// Ends the writing thread and returns its error.
    fn end(&mut self) -> Result<(), Failure> {
        self.sender = None;
        let broken = || Failure::bug("the thread that writes the ledger broke off");
        self.thread.take().map_or(Ok(Ok(())), JoinHandle::join).map_err(|_| broken())?
    }
}

impl Drop for LedgerWriter {
    fn drop(&mut self) {
        // Without a commit nothing is written, and the failure that led here is reported already.
        let _ = self.end();
    }
}

impl From<&FinishedLot> for LotRecord {
    fn from(FinishedLot { lot, files, .. }: &FinishedLot) -> LotRecord {
        LotRecord {
            numbers: lot.numbers.clone(),
            template: lot.kept_label(),
            pieces: u64::from(lot.count),
            files: files.all.clone(),
        }
    }
}

/// Writes messages as they come, until the commit or until the sender is gone.
fn write(writer: NightWriter, messages: &Receiver<Message>) -> Result<(), Failure> {
    for message in messages {
        match message {
            Message::Cancelled(cards) => {
                let cancel = |cancelled: &Cancellation| {
                    let by = cancelled.by.as_ref().map(CardNumber::as_str);
                    writer.cancel_pieces(cancelled.card.as_str(), by)
                };
                cards.iter().try_for_each(cancel)?;
            }
            Message::Recalled(pieces) => {
                pieces.iter().try_for_each(|recall| writer.recall(&recall.place, recall.cause))?;
            }
            Message::Superseded(cards) => {
                cards.iter().try_for_each(|card| writer.supersede(card.as_str()))?;
            }
            Message::ReleasedCodes(cards) => {
                cards.iter().try_for_each(|(card, why)| writer.insert_reissue_release(card.as_str(), why))?;
            }
            Message::Rows(rows) => rows.iter().try_for_each(|row| row.write(&writer))?,
            Message::Files(files) => {
                files.iter().try_for_each(|file| writer.insert_file(&file.sha256, &file.name, file.rows))?;
            }
            Message::Lot(lot) => {
                let LotNumbers { name, kind, first_tracking, .. } = &lot.numbers;
                writer.insert_lot(&LotEntry {
                    name,
                    kind: *kind,
                    template: &lot.template,
                    pieces: lot.pieces,
                    first_tracking: *first_tracking,
                    files: &lot.files,
                    cause: COMPOSED,
                })?;
            }
            Message::Findings(kind, findings) => {
                findings.iter().try_for_each(|finding| writer.insert_finding(kind, finding))?;
            }
            Message::Commit(mark, report) => return Ok(writer.commit(&mark, &report)?),
        }
    }
    Ok(())
}

/// A piece that the ledger does not know would be sent again.
fn check_count(lot: &Lot, written: u32) -> Result<(), Failure> {
    if written == lot.count {
        return Ok(());
    }
    let (kind, name, count) = (lot.kind(), lot.name(), lot.count);
    Err(Failure::bug(format!(
        "{kind} lot {name}: {count} pieces were printed and {written} recorded; nothing was released"
    )))
}
