//! A pile is read chunk by chunk: its pages in workers, then their verdicts and bookings in one change of the ledger.
//!
//! The job is locked only while a chunk is booked: other commands of the job wait for seconds, and not for a pile. Cut short
//! anywhere, the same command goes on: a picture that was booked is known again, and books nothing.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use jiff::civil::Date;
use mail::Language;
use sha2::{Digest, Sha256};
use twoddoc::trust::TrustStore;

use super::booking::{self, Book, Came, MailerUnderWay, Pile};
use super::grades::{self, LotGrades};
use super::judging::{Claim, Knowledge, PageClaims, Words, judge};
use super::notes::Note;
use super::outcome::{Outcome, Verdict};
use super::papers::{self, Sources};
use super::patience::open_patiently;
use super::reading::{Done, Fault, MAX_FILE, PageRead, Pool, Task};
use super::remark::Remark;
use super::told::{
    SEPARATOR, contradicting_reasons, separator, told_of_fault, told_of_nothing, unknown_reason,
};
use crate::failure::Failure;
use crate::files::hexadecimal;
use crate::job::Job;
use crate::ledger::{Author, Ledger, PiecePlace, PieceStatus, ReturnWriter};

/// How many files are read before they are booked.
const CHUNK: usize = 32;
/// The longest text of a label that is kept, in characters.
const LONGEST_LABEL: usize = 2000;
/// From which confidence on bars whose bands do not agree may be confirmed by another picture.
const CONFIRMABLE: f32 = 0.15;

/// What a clerk wants to be done with a pile.
pub(crate) struct ScanOrder<'j> {
    /// The job.
    pub job: &'j Job,
    /// Whose signatures are trusted.
    pub trust: TrustStore,
    /// Why the pieces came back, where nothing in the pile says it: a code of `[returns]`.
    pub reason: Option<String>,
    /// The box into which they go.
    pub box_number: Option<u32>,
    /// The day.
    pub day: Date,
    /// Who books.
    pub author: Author,
    /// Books nothing.
    pub dry_run: bool,
    /// The files and folders of the pile.
    pub paths: &'j [PathBuf],
    /// Whether the print of the symbols is graded.
    pub grade: bool,
    /// Whether the report shows pictures.
    pub pictures: bool,
}

impl ScanOrder<'_> {
    /// What tells this pile from every other one: the same paths on the same day, into the same box, are one pile.
    pub(super) fn batch(&self) -> String {
        let mut digest = Sha256::new();
        for path in self.paths {
            let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
            digest.update(path.as_os_str().as_encoded_bytes());
            digest.update([0]);
        }
        digest.update(format!("{} {:?}", self.day, self.box_number));
        hexadecimal(&digest.finalize()[..8])
    }

    /// What the returns of this pile have in common.
    pub(super) fn pile(&self) -> Pile {
        Pile { on: self.day, batch: self.batch(), box_number: self.box_number }
    }
}

/// Receives what is said of each page.
pub(crate) trait Receiver {
    /// What is said of a piece on a page, once it is booked.
    ///
    /// # Errors
    /// The receiver's own; they end the work.
    fn receive(&mut self, outcome: &Outcome) -> Result<(), Failure>;
    /// A file is done.
    fn file(&mut self);
}

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

/// A page, by the digest of its file and its number.
type SeenPage = (String, u32);

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

    fn judge_file(
        &mut self,
        file: PileFile,
        ledger: &Ledger,
        writer: Option<&ReturnWriter>,
    ) -> Result<(), Failure> {
        if let Some(notes) = &file.seen {
            for (page, note) in notes.iter().enumerate() {
                for outcome in &note.outcomes {
                    let mut outcome =
                        Outcome { path: file.path.clone(), seen_before: true, ..outcome.clone() };
                    if let Some(Ok(read)) = file.pages.get(page) {
                        grades::add(&mut outcome, read);
                    }
                    self.recall(outcome, ledger)?;
                }
            }
            return Ok(());
        }
        let pages = file.pages.len();
        for (page, read) in (1..).zip(file.pages) {
            let first = self.outcomes.len();
            let blank = Outcome::blank(&file.path, page, &file.sha256);
            // What another attempt may read is not noted, so that it is read again.
            let passing = read.as_ref().is_err_and(|fault| fault.passing);
            self.graded_only = false;
            match read {
                Err(fault) => self.outcomes.push(told_of_fault(blank, &fault)),
                Ok(read) => self.judge_page(&blank, &read, ledger, writer)?,
            }
            let noted = !file.sha256.is_empty() && !passing && !self.graded_only;
            if let Some(writer) = writer.filter(|_| noted) {
                let outcomes = self.outcomes[first..].to_vec();
                let Pile { on, batch, box_number } = self.pile.clone();
                Note { pages, batch, box_number, on, outcomes }.write(writer, ledger)?;
            }
        }
        Ok(())
    }

    /// Goes on from what was said of a page before.
    fn recall(&mut self, mut outcome: Outcome, ledger: &Ledger) -> Result<(), Failure> {
        if outcome.kind.as_deref() == Some(SEPARATOR) {
            self.reason = outcome.return_reason.clone();
        }
        let piece = match &outcome.piece_id {
            Some(piece_id) if outcome.verdict == Verdict::Matched => ledger.piece(piece_id)?,
            _ => None,
        };
        if let Some(piece) = piece {
            let known = Knowledge { ledger, words: &self.words };
            self.mailers.extend(booking::mailers_under_way(&mut outcome, &piece, self.order.job, &known)?);
        }
        let lone = outcome.symbols.iter().find(|symbol| {
            outcome.verdict == Verdict::Unreadable && !symbol.agreed && symbol.confidence >= CONFIRMABLE
        });
        if let Some(symbol) = lone {
            let page = (outcome.sha256.clone(), outcome.page);
            self.unconfirmed.entry(symbol.text.clone()).or_insert((page, self.outcomes.len()));
        }
        self.outcomes.push(outcome);
        Ok(())
    }

    /// Judges a page: an outcome for each piece on it.
    fn judge_page(
        &mut self,
        blank: &Outcome,
        read: &PageRead,
        ledger: &Ledger,
        writer: Option<&ReturnWriter>,
    ) -> Result<(), Failure> {
        let claims = self.words.claims(read);
        let blank = Outcome {
            size: read.size,
            symbols: read.symbols.iter().map(|symbol| symbol.read.clone()).collect(),
            unread: read.unread.clone(),
            ..blank.clone()
        };
        if claims.pieces.is_empty() {
            self.outcomes.push(match claims.reasons.as_slice() {
                [code] => {
                    self.reason = Some(code.clone());
                    separator(blank, code, self.words.reasons())
                }
                [] if claims.unknown_reason => {
                    // What follows is not for the reason before.
                    self.reason = None;
                    unknown_reason(blank)
                }
                [] => told_of_nothing(Outcome { return_reason: self.reason_of(&claims), ..blank }),
                _ => contradicting_reasons(blank),
            });
            return Ok(());
        }
        let several = claims.pieces.len() > 1;
        for claim in &claims.pieces {
            // Each piece of a page has its own symbols, and the first one those that are nobody's.
            let mut blank = blank.clone();
            if several {
                let is_first = std::ptr::eq(claim, &claims.pieces[0]);
                let theirs = |index: usize| {
                    !claims.pieces.iter().any(|piece| piece.symbols.contains(&index)) && is_first
                };
                let mine = |index: usize| claim.symbols.contains(&index) || theirs(index);
                let symbols = blank.symbols.into_iter().enumerate();
                blank.symbols = symbols.filter(|(index, _)| mine(*index)).map(|(_, symbol)| symbol).collect();
                if !is_first {
                    blank.unread.clear();
                }
            }
            let outcome = self.judge_claim(blank, claim, &claims, ledger, writer)?;
            self.outcomes.push(outcome);
        }
        Ok(())
    }

    fn judge_claim(
        &mut self,
        blank: Outcome,
        claim: &Claim,
        page: &PageClaims,
        ledger: &Ledger,
        writer: Option<&ReturnWriter>,
    ) -> Result<Outcome, Failure> {
        let again = self.confirms(claim, &blank);
        let known = Knowledge { ledger, words: &self.words };
        let judgement = judge(claim, again, &known)?;
        let mut outcome = Outcome {
            kind: judgement.piece.as_ref().map(|piece| piece.kind.clone()),
            piece_id: judgement.piece.as_ref().map(|piece| piece.piece_id.clone()),
            card_number: judgement.number.as_ref().map(ToString::to_string),
            twoddoc: claim.block.as_ref().and_then(|block| serde_json::to_value(&block.report).ok()),
            verdict: judgement.verdict,
            remark: judgement.remark,
            ..blank
        };
        outcome.return_reason = self.reason_of(page);
        if page.unknown_reason || page.reasons.len() > 1 {
            outcome.remark.add(&Remark::new(
                "un code à barres y dit un motif qui ne compte pas\u{202F}: regardez-le",
                "a barcode on it states a reason that does not count: look at it",
            ));
        }
        if let Some(piece) = judgement.piece.filter(|_| outcome.verdict == Verdict::Matched) {
            self.book_piece(&mut outcome, &piece, page, ledger, writer)?;
        }
        if again && outcome.verdict == Verdict::Matched {
            self.confirm_earlier(&outcome, writer, ledger)?;
        }
        Ok(outcome)
    }

    /// Why a piece came back: by its own barcode, by the post's label, by the separator before it, else as the clerk said.
    fn reason_of(&self, page: &PageClaims) -> Option<String> {
        let own = match page.reasons.as_slice() {
            [code] => Some(code),
            _ => None,
        };
        own.or(page.of_label.as_ref()).or(self.reason.as_ref()).or(self.order.reason.as_ref()).cloned()
    }

    fn book_piece(
        &mut self,
        outcome: &mut Outcome,
        piece: &PieceStatus,
        page: &PageClaims,
        ledger: &Ledger,
        writer: Option<&ReturnWriter>,
    ) -> Result<(), Failure> {
        if self.order.grade && piece.state.may_leave() {
            outcome.remark.add(&Remark::of(
                format!(
                    "noté et non enregistré\u{202F}: pour le registre il est «\u{A0}{}\u{A0}», et non parti",
                    piece.state.name(Language::French)
                ),
                format!("graded and not booked: the ledger has it as {}, and not as sent", piece.state),
            ));
            // A sheet of the press may come back one day.
            self.graded_only = true;
            return Ok(());
        }
        let label: String = page.foreign.join("\n").chars().take(LONGEST_LABEL).collect();
        let label = Some(label.as_str()).filter(|label| !label.is_empty());
        let mut book = match writer {
            Some(writer) => Book::Ledger(writer),
            None => Book::Rehearsal(&mut self.would_be_booked),
        };
        let known = Knowledge { ledger, words: &self.words };
        let came = booking::book(outcome, piece, label, &self.pile, &known, &mut book)?;
        if came == Came::Back {
            self.mailers.extend(booking::mailers_under_way(outcome, piece, self.order.job, &known)?);
        }
        Ok(())
    }

    /// Whether bars without agreement read what those of another picture of the pile have read.
    fn confirms(&mut self, claim: &Claim, outcome: &Outcome) -> bool {
        let Some((number, false)) = &claim.bars else { return false };
        let certain = claim.symbols.iter().any(|index| {
            let symbol = outcome.symbols.get(*index);
            symbol.is_some_and(|symbol| symbol.text == number.as_str() && symbol.confidence >= CONFIRMABLE)
        });
        if claim.block.is_some() || !certain {
            return false;
        }
        let page = (outcome.sha256.clone(), outcome.page);
        match self.unconfirmed.get(number.as_str()) {
            Some((earlier, _)) => *earlier != page,
            None => {
                self.unconfirmed.insert(number.to_string(), (page, self.outcomes.len()));
                false
            }
        }
    }

    /// The earlier picture whose number this one confirms shows the same piece.
    fn confirm_earlier(
        &mut self,
        confirmed: &Outcome,
        writer: Option<&ReturnWriter>,
        ledger: &Ledger,
    ) -> Result<(), Failure> {
        let number = confirmed.card_number.clone().unwrap_or_default();
        let Some((_, place)) = self.unconfirmed.remove(&number) else { return Ok(()) };
        let Some(earlier) = self.outcomes.get_mut(place) else { return Ok(()) };
        earlier.verdict = Verdict::Matched;
        earlier.remark = Remark::new(
            "les barres de deux images concordent\u{202F}; autre image du même retour",
            "the bars of two pictures agree; another picture of the same return",
        );
        (earlier.kind, earlier.piece_id) = (confirmed.kind.clone(), confirmed.piece_id.clone());
        earlier.card_number = Some(number);
        earlier.return_reason = confirmed.return_reason.clone();
        let earlier = earlier.clone();
        self.confirmed.insert(place);
        let Some(writer) = writer else { return Ok(()) };
        let Some(mut note) = Note::of_page(ledger, &earlier.sha256, earlier.page)? else { return Ok(()) };
        note.replace(&earlier);
        note.write(writer, ledger)
    }
}
