//! The ledger's keeper: what a night decides is written into the ledger while the night goes on, in one transaction.
//!
//! Takes the plan and the printed pieces as they come; a thread of its own writes their rows. The ledger shows nothing
//! of it before [`Keeper::commit`], and nothing ever where that is not called.

use std::collections::VecDeque;
use std::mem::take;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use jiff::civil::Date;

use super::entering::{LeavingPiece, Row};
use super::findings::Weight;
use super::intake::IntakeFile;
use super::numbering::Series;
use super::planning::{Fate, Plan};
use super::printed_kind::PrintedKind;
use super::printing::PrintedPiece;
use crate::failure::Failure;
use crate::ledger::{Finding, Ledger, LotEntry, NightWriter};
use mail::card::CardNumber;
use mail::piece::PieceKind;

/// How many shares of rows may wait to be written, and how many rows a share has at most.
const AHEAD: usize = 4;
const SHARE: usize = 512;

/// What the writing thread is given.
enum Message {
    Cancelled(Vec<CardNumber>),
    Rows(Vec<Row>),
    Files(Vec<IntakeFile>),
    Lot(Box<LotEntry>),
    Findings(&'static str, Vec<Finding>),
    Commit(String),
}

/// The keeper of a night's ledger.
pub(super) struct Keeper {
    give: Option<SyncSender<Message>>,
    writing: Option<JoinHandle<Result<(), Failure>>>,
    /// Entries before this one are told, but for those that are told later.
    next: u32,
    /// How many of the letters that were printed are told.
    letters: u32,
    /// Entries that mailers decide on, which come after the letters.
    later: VecDeque<u32>,
    rows: Vec<Row>,
}

impl Keeper {
    /// Begins with the cards that must get nothing any more.
    ///
    /// # Errors
    /// Those of the ledger.
    pub fn begin(ledger: &Path, night: Date, mailers_due: Date, plan: &Plan) -> Result<Keeper, Failure> {
        let (give, messages) = sync_channel(AHEAD);
        let ledger = Ledger::open(ledger)?;
        ledger.expect_many_rows()?;
        let writing = std::thread::spawn(move || write(ledger.begin(night, mailers_due)?, &messages));
        let mut keeper = Keeper {
            give: Some(give),
            writing: Some(writing),
            next: 0,
            letters: 0,
            later: VecDeque::new(),
            rows: Vec::new(),
        };
        keeper.give(Message::Cancelled(plan.cancelled_cards.clone()))?;
        Ok(keeper)
    }

    /// Tells the entries up to the last letter that was printed; `pieces` are the letters that follow those told before,
    /// `file` the path of a print file by its rank. Every letter among those entries must have been checked.
    ///
    /// # Errors
    /// Those of ledger and disk.
    pub fn letters(
        &mut self,
        plan: &mut Plan,
        series: &Series,
        pieces: &[PrintedPiece],
        file: &dyn Fn(u16) -> String,
    ) -> Result<(), Failure> {
        let mut path: Option<(u16, Arc<str>)> = None;
        for piece in pieces {
            let known = path.take_if(|(rank, _)| *rank == piece.file);
            let (rank, name) = known.unwrap_or_else(|| (piece.file, file(piece.file).into()));
            self.letters += 1;
            let leaving = leaving(series, self.letters, piece, Arc::clone(&name));
            self.before(plan, piece.entry)?;
            self.tell(plan, piece.entry, Some(leaving))?;
            self.next = piece.entry + 1;
            path = Some((rank, name));
        }
        self.flush()
    }

    /// Tells the entries before one, none of which is of a piece that is not told yet but by a mailer.
    fn before(&mut self, plan: &mut Plan, end: u32) -> Result<(), Failure> {
        for index in self.next..end {
            let entry = plan.entry(index);
            match entry.fate == Fate::Piece && entry.sends.first() == Some(PieceKind::Mailer) {
                true => self.later.push_back(index),
                false => self.tell(plan, index, None)?,
            }
        }
        Ok(())
    }

    fn tell(&mut self, plan: &mut Plan, index: u32, piece: Option<LeavingPiece>) -> Result<(), Failure> {
        self.rows.extend(Row::of(plan, index, piece)?);
        match self.rows.len() >= SHARE {
            true => self.flush(),
            false => Ok(()),
        }
    }

    fn flush(&mut self) -> Result<(), Failure> {
        let rows = take(&mut self.rows);
        if rows.is_empty() { Ok(()) } else { self.give(Message::Rows(rows)) }
    }

    /// Tells all the rest and ends the transaction: from then on the night is in the ledger, as `report` sums it up.
    ///
    /// # Errors
    /// Those of ledger and disk; nothing of the night is in the ledger then.
    pub fn commit(
        mut self,
        plan: &mut Plan,
        files: &[IntakeFile],
        printed: &[PrintedKind],
        report: String,
    ) -> Result<(), Failure> {
        let of = |kind| printed.iter().find(|lot| lot.series.kind == kind);
        if let Some(lot) = of(PieceKind::Letter) {
            let file = |rank: u16| lot.files[usize::from(rank)].path.clone();
            self.letters(plan, &lot.series, &lot.pieces, &file)?;
            all_told(lot, self.letters)?;
        }
        self.rest(plan, of(PieceKind::Mailer))?;
        self.give(Message::Files(files.to_vec()))?;
        printed.iter().try_for_each(|lot| self.give(Message::Lot(Box::new(lot.entry.clone()))))?;
        self.findings(plan, Weight::Reject, "reject")?;
        self.findings(plan, Weight::Warning, "warning")?;
        self.give(Message::Commit(report))?;
        self.end()
    }

    /// The entries that are not told yet, with the mailers among them.
    fn rest(&mut self, plan: &mut Plan, mailers: Option<&PrintedKind>) -> Result<(), Failure> {
        let names: Vec<Arc<str>> =
            mailers.iter().flat_map(|lot| &lot.files).map(|file| file.path.as_str().into()).collect();
        let mut pieces = mailers.into_iter().flat_map(|lot| (1..).zip(&lot.pieces)).peekable();
        let mut told = 0;
        let later = take(&mut self.later);
        for index in later.into_iter().chain(self.next..plan.entries.len() as u32) {
            let piece = pieces.next_if(|(_, piece)| piece.entry == index).zip(mailers);
            told += u32::from(piece.is_some());
            let piece = piece.map(|((sequence, piece), lot)| {
                leaving(&lot.series, sequence, piece, Arc::clone(&names[usize::from(piece.file)]))
            });
            self.tell(plan, index, piece)?;
        }
        mailers.map_or(Ok(()), |lot| all_told(lot, told))?;
        self.flush()
    }

    fn findings(&mut self, plan: &mut Plan, weight: Weight, kind: &'static str) -> Result<(), Failure> {
        let mut share = Vec::new();
        plan.findings.each(weight, |finding| {
            share.push(finding.clone());
            match share.len() >= SHARE {
                true => self.give(Message::Findings(kind, take(&mut share))),
                false => Ok(()),
            }
        })?;
        self.give(Message::Findings(kind, share))
    }

    fn give(&mut self, message: Message) -> Result<(), Failure> {
        match self.give.as_ref().map(|give| give.send(message)) {
            Some(Ok(())) => Ok(()),
            _ => self.end(),
        }
    }

    /// Ends the writing thread; gives what it failed of.
    fn end(&mut self) -> Result<(), Failure> {
        self.give = None;
        let broken = || Failure::Midway("the ledger's keeper broke off; report this".to_owned());
        self.writing.take().map_or(Ok(Ok(())), JoinHandle::join).map_err(|_| broken())?
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // Without a commit nothing was written, and what went wrong is told already.
        let _ = self.end();
    }
}

/// Writes what comes, until it is committed or nothing more comes.
fn write(writer: NightWriter, messages: &Receiver<Message>) -> Result<(), Failure> {
    for message in messages {
        match message {
            Message::Cancelled(cards) => cards.iter().try_for_each(|card| writer.cancel(card.as_str()))?,
            Message::Rows(rows) => rows.iter().try_for_each(|row| row.write(&writer))?,
            Message::Files(files) => {
                files.iter().try_for_each(|file| writer.file(&file.sha256, &file.name, file.rows))?;
            }
            Message::Lot(lot) => writer.lot(&lot)?,
            Message::Findings(kind, findings) => {
                findings.iter().try_for_each(|finding| writer.finding(kind, finding))?;
            }
            Message::Commit(report) => return Ok(writer.commit(&report)?),
        }
    }
    Ok(())
}

/// A piece that the ledger did not learn of would be sent again.
fn all_told(lot: &PrintedKind, told: u32) -> Result<(), Failure> {
    if told == lot.count {
        return Ok(());
    }
    Err(Failure::Midway(format!(
        "{} lot {}: {} pieces were printed and {told} entered; nothing was released\n  keep the inbox as it is and report this",
        lot.entry.kind, lot.entry.lot, lot.count
    )))
}

fn leaving(series: &Series, sequence: u32, piece: &PrintedPiece, file: Arc<str>) -> LeavingPiece {
    LeavingPiece {
        lot: series.lot.clone(),
        kind: series.kind,
        sequence,
        file,
        first_page: piece.first_page,
        pages: piece.pages,
        tracking: series.first_tracking.map(|first| first + u64::from(sequence) - 1),
    }
}
