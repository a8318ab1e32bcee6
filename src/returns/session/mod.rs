//! A pile is read chunk by chunk: its pages in workers, then their verdicts and bookings in one change of the ledger.
//!
//! The job is locked only while a chunk is booked: other commands of the job wait for seconds, and not for a pile. Cut short
//! anywhere, the same command goes on: a picture that was booked is known again, and books nothing.

mod confirming;
mod order;
mod pages;
mod remarks;

pub(crate) use order::{Receiver, ScanOrder};

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::booking::{MailerUnderWay, Pile};
use super::grades::{self, LotGrades};
use super::judging::Words;
use super::notes::Note;
use super::outcome::Outcome;
use super::papers::{self, Sources};
use super::patience::open_patiently;
use super::reading::{Done, Fault, MAX_FILE, PageRead, Pool, Task};
use crate::failure::Failure;
use crate::files::hexadecimal;
use crate::ledger::{Ledger, PiecePlace};
use confirming::SeenPage;

/// How many files are read before they are booked.
const CHUNK: usize = 32;

/// A pile that is worked through.
pub(crate) struct Session<'j> {
    order: &'j ScanOrder<'j>,
    words: Words<'j>,
    pile: Pile,
    /// The reason that the last separator stated.
    reason: Option<String>,
    /// Numbers that bars read without agreement: the page, and the place among the outcomes.
    unconfirmed: HashMap<String, (SeenPage, usize)>,
    /// Earlier outcomes of which more is known now, by their places.
    confirmed: BTreeSet<usize>,
    /// The pieces of a dry run that would be booked by now.
    would_be_booked: Vec<PiecePlace>,
    outcomes: Vec<Outcome>,
    mailers: Vec<MailerUnderWay>,
    /// Whether a piece of the page in hand was graded only.
    graded_only: bool,
    /// The files, by the names that outcomes have.
    sources: Sources,
}

/// What became of a pile.
pub(crate) struct ScanReport {
    /// What was said of each piece and page, in the order of the pile.
    pub outcomes: Vec<Outcome>,
    /// The mailers to recall.
    pub mailers: Vec<MailerUnderWay>,
    /// The clerk's report; `None` on a dry run.
    pub report: Option<PathBuf>,
    /// How well the lots are printed, day by day; empty unless that was asked.
    pub grades: Vec<LotGrades>,
}

/// A file of the pile.
struct PileFile {
    path: String,
    sha256: String,
    /// What was said of its pages before, where all of them are known.
    seen: Option<Vec<Note>>,
    /// What was read of its pages.
    pages: Vec<Result<PageRead, Fault>>,
}

impl<'j> Session<'j> {
    /// Begins a pile.
    pub(crate) fn begin(order: &'j ScanOrder<'j>) -> Session<'j> {
        Session {
            words: Words::new(order.job, &order.trust),
            pile: order.pile(),
            order,
            reason: None,
            unconfirmed: HashMap::new(),
            confirmed: BTreeSet::new(),
            would_be_booked: Vec::new(),
            outcomes: Vec::new(),
            mailers: Vec::new(),
            graded_only: false,
            sources: Sources::new(),
        }
    }

    /// Reads files, judges their pages in their order and books what came back.
    ///
    /// # Errors
    /// `locked`: another command holds the job for too long; `picture_process`: the system lets no page be read; ledger and
    /// I/O errors; the receiver's. What was booked before stays booked, and the same command goes on.
    pub(crate) fn files(&mut self, files: &[PathBuf], receiver: &mut dyn Receiver) -> Result<(), Failure> {
        std::thread::scope(|scope| {
            let pool = Pool::start(scope);
            files.chunks(CHUNK).try_for_each(|chunk| {
                let read = self.read(chunk, &pool, receiver)?;
                self.book(read, receiver)
            })
        })
    }

    /// Ends the pile: the issuer is told, and the clerk's report is written.
    ///
    /// # Errors
    /// Ledger and I/O errors.
    pub(crate) fn finish(self) -> Result<ScanReport, Failure> {
        let Session { order, outcomes, mailers, sources, .. } = self;
        let mut report = None;
        if !order.dry_run {
            papers::tell(order.job)?;
            report = Some(papers::write_report(order, &outcomes, &mailers, &sources)?);
            if order.job.keeps_return_pictures() {
                papers::keep_pictures(order, &outcomes, &sources)?;
            }
        }
        let grades = if order.grade { grades::note(order, &outcomes)? } else { Vec::new() };
        Ok(ScanReport { outcomes, mailers, report, grades })
    }

    /// Tells of what was booked so far.
    ///
    /// # Errors
    /// Ledger and I/O errors.
    pub(super) fn tell(&self) -> Result<(), Failure> {
        papers::tell(self.order.job)
    }

    /// Reads a chunk of files.
    fn read(
        &mut self,
        paths: &[PathBuf],
        pool: &Pool,
        receiver: &mut dyn Receiver,
    ) -> Result<Vec<PileFile>, Failure> {
        let ledger = Ledger::view(&self.order.job.ledger())?.with_keys()?;
        let mut files = Vec::with_capacity(paths.len());
        let mut given = 0;
        for (number, path) in paths.iter().enumerate() {
            let name = foreign::legible(&path.display().to_string()).into_owned();
            self.sources.insert(name.clone(), path.clone());
            let mut file = PileFile { path: name, sha256: String::new(), seen: None, pages: Vec::new() };
            match foreign::read(path, MAX_FILE) {
                Ok(bytes) => {
                    file.sha256 = hexadecimal(Sha256::digest(&bytes));
                    file.seen = Note::of_file(&ledger, &file.sha256)?;
                    if file.seen.is_none() || self.order.grade {
                        pool.give(number, bytes, Task::Read { grade: self.order.grade });
                        given += 1;
                    } else {
                        receiver.file();
                    }
                }
                Err(error) => file.pages.push(Err(Fault::unreadable_file(&error))),
            }
            files.push(file);
        }
        for _ in 0..given {
            let Some((number, Done::Pages(pages))) = pool.next() else {
                return Err(Failure::midway("picture_process", "no worker is left that reads pictures")
                    .with_advice(foreign::ADVICE_ON_CHILDREN));
            };
            if let Some(fault) = pages.iter().find_map(|page| page.as_ref().err().filter(|f| f.of_the_system))
            {
                let failure = Failure::midway("picture_process", fault.problem.clone());
                return Err(failure.with_advice(foreign::ADVICE_ON_CHILDREN));
            }
            files[number].pages = pages;
            receiver.file();
        }
        Ok(files)
    }

    /// Judges and books a chunk, all of it or nothing.
    fn book(&mut self, files: Vec<PileFile>, receiver: &mut dyn Receiver) -> Result<(), Failure> {
        let first = self.outcomes.len();
        if self.order.dry_run {
            let ledger = Ledger::view(&self.order.job.ledger())?.with_keys()?;
            files.into_iter().try_for_each(|file| self.judge_file(file, &ledger, None))?;
        } else {
            let open = open_patiently(self.order.job)?;
            let writer = open.ledger.begin_returns(&self.order.author)?;
            for mut file in files {
                // Another scan may have booked it meanwhile.
                if file.seen.is_none() {
                    file.seen = Note::of_file(&open.ledger, &file.sha256)?;
                }
                self.judge_file(file, &open.ledger, Some(&writer))?;
            }
            writer.commit()?;
        }
        let earlier = std::mem::take(&mut self.confirmed).into_iter().filter(|place| *place < first);
        earlier
            .chain(first..self.outcomes.len())
            .try_for_each(|place| receiver.receive(&self.outcomes[place]))
    }
}
