//! A pile is read chunk by chunk: its pages in workers, then their verdicts and bookings in one change of the ledger.
//!
//! The job is locked only while a chunk is booked, so that a night can run while a clerk scans. Cut short anywhere, the same
//! command goes on: a picture that was booked is known again, and books nothing.

use std::collections::HashMap;
use std::path::PathBuf;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use twoddoc::trust::TrustStore;

use super::grades::{self, LotGrades};
use super::judging::{Claim, Knowledge, PageClaims, Words, judge};
use super::outcome::{Outcome, Verdict};
use super::papers::{self, Sources};
use super::patience::open_patiently;
use super::reading::{Done, Fault, MAX_FILE, PageRead, Pool, Task};
use super::told::{separator, told_of_fault, told_of_nothing};
use crate::failure::Failure;
use crate::files::hexadecimal;
use crate::job::Job;
use crate::ledger::{
    Author, Booked, Ledger, LedgerError, NewReturn, PastReturn, PiecePlace, PieceStatus, ReleasedMailer,
    ReturnWriter, SeenPicture,
};

/// How many files are read before they are booked.
const CHUNK: usize = 128;
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

/// A mailer of a returned letter's holder that was released and has not left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct MailerUnderWay {
    /// The letter that came back.
    pub letter: String,
    /// The mailer.
    pub mailer: String,
    /// Its state.
    pub state: crate::ledger::State,
}

/// A pile that is worked through.
pub(crate) struct Session<'j> {
    order: &'j ScanOrder<'j>,
    words: Words<'j>,
    batch: String,
    /// The reason that the last separator stated.
    reason: Option<String>,
    /// Numbers that bars read without agreement: the digest of the picture and the place among the outcomes.
    unconfirmed: HashMap<String, (String, usize)>,
    /// The pieces of a dry run that would be booked by now.
    would_be_booked: Vec<PiecePlace>,
    outcomes: Vec<Outcome>,
    mailers: Vec<MailerUnderWay>,
    booked: bool,
    /// The files, by the names that outcomes have.
    sources: Sources,
}

/// What became of a pile.
pub(crate) struct ScanReport {
    /// What was said of each piece and page, in the order of the pile.
    pub outcomes: Vec<Outcome>,
    /// The mailers to recall.
    pub mailers: Vec<MailerUnderWay>,
    /// The clerk's report; `None` where nothing is booked.
    pub report: Option<PathBuf>,
    /// How well the lots are printed, day by day; empty unless that was asked.
    pub grades: Vec<LotGrades>,
}

/// A file of the pile.
struct PileFile {
    path: String,
    sha256: String,
    /// What was said of its pages before, where all of them are known.
    seen: Option<Vec<Vec<Outcome>>>,
    /// What was read of its pages.
    pages: Vec<Result<PageRead, Fault>>,
}

/// What the ledger notes of a page.
#[derive(Serialize, Deserialize)]
pub(super) struct Note {
    /// How many pages the file has.
    pub pages: usize,
    /// What was said of this one.
    pub outcomes: Vec<Outcome>,
}

impl<'j> Session<'j> {
    /// Begins a pile.
    pub(crate) fn begin(order: &'j ScanOrder<'j>) -> Session<'j> {
        Session {
            words: Words::new(order.job, &order.trust),
            batch: order.batch(),
            order,
            reason: None,
            unconfirmed: HashMap::new(),
            would_be_booked: Vec::new(),
            outcomes: Vec::new(),
            mailers: Vec::new(),
            booked: false,
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
        let Session { order, outcomes, mailers, booked, sources, .. } = self;
        let mut report = None;
        if booked {
            papers::tell(order)?;
            if order.job.keeps_return_pictures() {
                papers::keep_pictures(order, &outcomes, &sources)?;
            }
            report = Some(papers::write_report(order, &outcomes, &mailers, &sources)?);
        }
        let grades = if order.grade { grades::note(order, &outcomes)? } else { Vec::new() };
        Ok(ScanReport { outcomes, mailers, report, grades })
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
                    file.seen = seen(&ledger, &file.sha256)?;
                    if file.seen.is_none() || self.order.grade {
                        pool.give(number, bytes, Task::Read { grade: self.order.grade });
                        given += 1;
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
            files.into_iter().try_for_each(|file| self.judge_file(file, &open.ledger, Some(&writer)))?;
            writer.commit()?;
            self.booked = true;
        }
        (first..self.outcomes.len()).try_for_each(|index| receiver.receive(&self.outcomes[index]))
    }

    fn judge_file(
        &mut self,
        file: PileFile,
        ledger: &Ledger,
        writer: Option<&ReturnWriter>,
    ) -> Result<(), Failure> {
        let pages = file.pages.len();
        let was_seen = file.seen.is_some();
        for (page, outcomes) in file.seen.iter().flatten().enumerate() {
            for outcome in outcomes {
                let mut outcome = outcome.clone();
                if let Some(Ok(read)) = file.pages.get(page) {
                    grades::add(&mut outcome, read);
                }
                if outcome.kind.as_deref() == Some(SEPARATOR) {
                    self.reason = outcome.return_reason.clone();
                }
                self.outcomes.push(Outcome { path: file.path.clone(), seen_before: true, ..outcome });
            }
        }
        for (page, read) in (1..).zip(file.pages).filter(|_| !was_seen) {
            let first = self.outcomes.len();
            let blank = Outcome::blank(&file.path, page, &file.sha256);
            match read {
                Err(fault) => self.outcomes.push(told_of_fault(blank, &fault)),
                Ok(read) => self.judge_page(&blank, &read, ledger, writer)?,
            }
            if let Some(writer) = writer.filter(|_| !file.sha256.is_empty()) {
                self.note(writer, pages, first, ledger)?;
            }
        }
        Ok(())
    }

    /// Notes what was said of the page whose outcomes begin at `first`.
    fn note(
        &self,
        writer: &ReturnWriter,
        pages: usize,
        first: usize,
        ledger: &Ledger,
    ) -> Result<(), Failure> {
        let outcomes = self.outcomes[first..].to_vec();
        let Some(Outcome { sha256, page, .. }) = outcomes.first().cloned() else { return Ok(()) };
        let mut places = Vec::new();
        for piece_id in outcomes.iter().filter_map(|outcome| outcome.piece_id.as_ref()) {
            places.extend(ledger.piece(piece_id)?.and_then(|piece| piece.place()));
        }
        let text = serde_json::to_string(&Note { pages, outcomes }).map_err(std::io::Error::from)?;
        let seen =
            SeenPicture { sha256: &sha256, page, outcomes: &text, on: self.order.day, places: &places };
        Ok(writer.note_picture(&seen)?)
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
            self.outcomes.push(match &claims.reason {
                Some(code) => {
                    self.reason = Some(code.clone());
                    separator(blank, code, self.words.reasons())
                }
                None => told_of_nothing(Outcome { return_reason: self.reason_of(&claims), ..blank }),
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
            reason: judgement.reason,
            ..blank
        };
        let reason = self.reason_of(page);
        if let Some(piece) = judgement.piece.filter(|_| outcome.verdict == Verdict::Matched) {
            self.book_piece(&mut outcome, &piece, reason.as_deref(), page, ledger, writer)?;
        } else {
            outcome.return_reason = reason;
        }
        if again && outcome.verdict == Verdict::Matched {
            self.confirm_earlier(&outcome, writer, ledger)?;
        }
        Ok(outcome)
    }

    /// Why a piece came back: by its own barcode, by the post's label, by the separator before it, else as the clerk said.
    fn reason_of(&self, page: &PageClaims) -> Option<String> {
        let said = page.reason.as_ref().or(page.of_label.as_ref());
        said.or(self.reason.as_ref()).or(self.order.reason.as_ref()).cloned()
    }

    /// Books the return of a piece, or says when it came back before.
    fn book_piece(
        &mut self,
        outcome: &mut Outcome,
        piece: &PieceStatus,
        reason: Option<&str>,
        page: &PageClaims,
        ledger: &Ledger,
        writer: Option<&ReturnWriter>,
    ) -> Result<(), Failure> {
        let Some(place) = piece.place() else { return Ok(()) };
        let label: String = page.foreign.join("\n").chars().take(LONGEST_LABEL).collect();
        let batch = self.batch.clone();
        let new = NewReturn {
            place: &place,
            on: self.order.day,
            reason: reason.unwrap_or_default(),
            text: Some(label.as_str()).filter(|label| !label.is_empty()),
            batch: &batch,
            box_number: self.order.box_number,
        };
        let booked = match writer {
            Some(writer) => writer.book(&new),
            None => self.would_book(&new, ledger),
        };
        let (past, before) = match booked {
            Ok(Booked::Returned) => (None, false),
            Ok(Booked::Joined(past)) => (Some(past), false),
            Ok(Booked::Before(past)) => (Some(past), true),
            Err(LedgerError::NotAllowed { from, .. }) => {
                outcome.verdict = Verdict::Inconsistent;
                outcome.reason =
                    format!("the ledger has this piece as {from}, so it can\u{2019}t have come back");
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        if before {
            outcome.verdict = Verdict::Duplicate;
        }
        outcome.reason.push_str(&past.as_ref().map(|past| words_of(past, before)).unwrap_or_default());
        let mut code = past.as_ref().map_or_else(|| new.reason.to_owned(), |past| past.reason.clone());
        if let Some(writer) = writer.filter(|_| !before && code.is_empty() && !new.reason.is_empty()) {
            // The letter says what its envelope did not.
            writer.correct_reason(&place, new.reason)?;
            new.reason.clone_into(&mut code);
        }
        let disposition = self.words.reasons().disposition(&code);
        outcome.disposition = Some(disposition.code().to_owned());
        outcome.return_reason = Some(code).filter(|code| !code.is_empty());
        if past.is_none() && self.order.job.holds_mailers_of_returned_letters() {
            self.note_mailers(outcome, piece, ledger)?;
        }
        Ok(())
    }

    /// Names the mailers of a letter's holder that are released and have not left.
    fn note_mailers(
        &mut self,
        outcome: &mut Outcome,
        piece: &PieceStatus,
        ledger: &Ledger,
    ) -> Result<(), Failure> {
        let known = Knowledge { ledger, words: &self.words };
        for ReleasedMailer { piece_id, state, .. } in known.mailers(piece)? {
            if state.may_leave() {
                let words =
                    format!("; its mailer {piece_id} is {state} and has not left: recall it (`pli recall`)");
                outcome.reason.push_str(&words);
                let letter = piece.piece_id.clone();
                self.mailers.push(MailerUnderWay { letter, mailer: piece_id, state });
            }
        }
        Ok(())
    }

    /// What a booking would come to.
    fn would_book(&mut self, new: &NewReturn, ledger: &Ledger) -> Result<Booked, LedgerError> {
        if let Some(past) = ledger.past_return(new.place)? {
            return Ok(if past.batch == new.batch { Booked::Joined(past) } else { Booked::Before(past) });
        }
        if self.would_be_booked.contains(new.place) {
            let (on, reason, batch) = (new.on, new.reason.to_owned(), new.batch.to_owned());
            let by = self.order.author.name.clone();
            return Ok(Booked::Joined(PastReturn {
                on,
                reason,
                batch,
                box_number: new.box_number,
                by,
                destroyed: None,
            }));
        }
        self.would_be_booked.push(new.place.clone());
        Ok(Booked::Returned)
    }

    /// Whether bars without agreement read what those of another picture of the pile have read.
    fn confirms(&mut self, claim: &Claim, outcome: &Outcome) -> bool {
        let Some((number, false)) = &claim.bars else { return false };
        let certain = claim.symbols.iter().any(|index| {
            let symbol = outcome.symbols.get(*index).or(outcome.symbols.first());
            symbol.is_some_and(|symbol| symbol.text == number.as_str() && symbol.confidence >= CONFIRMABLE)
        });
        if claim.block.is_some() || !certain {
            return false;
        }
        match self.unconfirmed.get(number.as_str()) {
            Some((sha256, _)) => *sha256 != outcome.sha256,
            None => {
                let place = (outcome.sha256.clone(), self.outcomes.len());
                self.unconfirmed.insert(number.to_string(), place);
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
        earlier.reason = "the bars of two pictures agree; another picture of the same return".to_owned();
        (earlier.kind, earlier.piece_id) = (confirmed.kind.clone(), confirmed.piece_id.clone());
        earlier.card_number = Some(number);
        (earlier.return_reason, earlier.disposition) =
            (confirmed.return_reason.clone(), confirmed.disposition.clone());
        let earlier = earlier.clone();
        match writer {
            Some(writer) => renote(writer, ledger, &earlier, self.order.day),
            None => Ok(()),
        }
    }
}

/// The kind of a page that separates what comes before it from what comes after.
pub(super) const SEPARATOR: &str = "separator";

/// What was said of all pages of a picture file; `None` where one of them is not known.
fn seen(ledger: &Ledger, sha256: &str) -> Result<Option<Vec<Vec<Outcome>>>, Failure> {
    let mut pages: Vec<Vec<Outcome>> = Vec::new();
    loop {
        let page = u32::try_from(pages.len() + 1).unwrap_or(u32::MAX);
        let Some(note) = seen_page(ledger, sha256, page)? else { return Ok(None) };
        pages.push(note.outcomes);
        if pages.len() >= note.pages {
            return Ok(Some(pages));
        }
    }
}

/// What the ledger notes of a page; `None` also where a later version wrote it in another way.
pub(super) fn seen_page(ledger: &Ledger, sha256: &str, page: u32) -> Result<Option<Note>, Failure> {
    let text = ledger.seen_picture(sha256, page)?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Notes another outcome of a page that was noted before.
pub(super) fn renote(
    writer: &ReturnWriter,
    ledger: &Ledger,
    outcome: &Outcome,
    day: Date,
) -> Result<(), Failure> {
    let Some(mut note) = seen_page(ledger, &outcome.sha256, outcome.page)? else { return Ok(()) };
    match note.outcomes.as_mut_slice() {
        [only] => *only = outcome.clone(),
        several => {
            let first = |outcome: &Outcome| outcome.symbols.first().map(|symbol| symbol.text.clone());
            for known in several.iter_mut().filter(|known| first(known) == first(outcome)) {
                *known = outcome.clone();
            }
        }
    }
    let mut places = Vec::new();
    for piece_id in note.outcomes.iter().filter_map(|outcome| outcome.piece_id.as_ref()) {
        places.extend(ledger.piece(piece_id)?.and_then(|piece| piece.place()));
    }
    let text = serde_json::to_string(&note).map_err(std::io::Error::from)?;
    let Outcome { sha256, page, .. } = outcome;
    Ok(writer.note_picture(&SeenPicture {
        sha256,
        page: *page,
        outcomes: &text,
        on: day,
        places: &places,
    })?)
}

/// When a piece came back, in words that follow others.
pub(super) fn words_of(past: &PastReturn, before: bool) -> String {
    if !before {
        return "; another picture of the same return".to_owned();
    }
    let into = past.box_number.map(|number| format!(", in box {number}")).unwrap_or_default();
    let destroyed = past.destroyed.map(|day| format!(", and was destroyed on {day}")).unwrap_or_default();
    format!("; it came back on {}{into}{destroyed}", past.on)
}
