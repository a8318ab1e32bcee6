//! A hand scanner: one line a scan, answered and booked at once.

use std::io::BufRead;

use mail::Language;
use mail::returned::ReturnReasons;
use mail::tracking::TrackingId;

use super::booking::{self, Book, Came, MailerUnderWay, Pile};
use super::judging::{Judgement, Knowledge, Words, judge_name};
use super::outcome::{Outcome, Verdict};
use super::papers::tell;
use super::patience::open_patiently;
use super::remark::Remark;
use super::session::ScanOrder;
use super::told::unknown_reason;
use crate::failure::Failure;
use crate::inserting::{HandError, Named, ScanLines};
use crate::ledger::{PiecePlace, PieceStatus};

/// What errors call standard input.
const INPUT: &str = "standard input";
/// The command that takes the last booking back.
pub(super) const UNDO: &str = "UNDO";
/// The command that closes a box.
pub(super) const END_OF_BOX: &str = "END OF BOX";

/// What the wand's clerk is told.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// A piece, or what is none. Its page is the line's number.
    Piece(Box<Outcome>),
    /// From now on pieces come back for this reason.
    Reason(String),
    /// The last booking was taken back: the piece, or nothing where there was none.
    Undone(Option<String>),
    /// A box is full: its number, and how many pieces were put into it.
    BoxEnded(Option<u32>, u64),
    /// Nothing was read.
    NotRead,
}

impl Answer {
    /// Whether the clerk can go on without a look.
    pub(crate) fn is_good(&self) -> bool {
        match self {
            Answer::Piece(outcome) => outcome.verdict == Verdict::Matched,
            Answer::Reason(_) | Answer::Undone(Some(_)) | Answer::BoxEnded(..) => true,
            Answer::Undone(None) | Answer::NotRead => false,
        }
    }
}

/// What a wand did.
#[derive(Debug, Default)]
pub(crate) struct WandReport {
    /// What was said of each scan of a piece that was not taken back.
    pub outcomes: Vec<Outcome>,
    /// The mailers to recall.
    pub mailers: Vec<MailerUnderWay>,
}

/// Books what a wand reads until its lines end.
///
/// # Errors
/// `hand_…`: the input can't be read, or is too large; `locked`; ledger and I/O errors; those of `answer`. What was booked before
/// stays booked.
pub(crate) fn wand(
    order: &ScanOrder,
    input: impl BufRead,
    mut answer: impl FnMut(&Answer) -> Result<(), Failure>,
) -> Result<WandReport, Failure> {
    let mut wand = Wand {
        order,
        words: Words::new(order.job, &order.trust),
        reason: order.reason.clone(),
        box_number: order.box_number,
        in_box: 0,
        booked: Vec::new(),
        rehearsed: Vec::new(),
        report: WandReport::default(),
    };
    let ended = wand.lines(input, &mut answer);
    // What was booked is told, however the lines ended.
    wand.tell()?;
    ended.map(|()| wand.report)
}

struct Wand<'a> {
    order: &'a ScanOrder<'a>,
    words: Words<'a>,
    reason: Option<String>,
    box_number: Option<u32>,
    in_box: u64,
    /// The pieces that can be taken back, the last one last.
    booked: Vec<PieceStatus>,
    /// The pieces of a dry run that would be booked by now.
    rehearsed: Vec<PiecePlace>,
    report: WandReport,
}

impl Wand<'_> {
    fn lines(
        &mut self,
        input: impl BufRead,
        answer: &mut impl FnMut(&Answer) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut lines = ScanLines::new(input);
        loop {
            let said = match lines.next_scan(INPUT) {
                Ok(None) => return Ok(()),
                Ok(Some((line, value))) => self.line(line, &value)?,
                Err(fault) if fault.is_of_a_line() => no_scan(&fault),
                Err(fault) => return Err(fault.into()),
            };
            if let Answer::Piece(outcome) = &said {
                self.report.outcomes.push((**outcome).clone());
            }
            answer(&said)?;
            if matches!(said, Answer::BoxEnded(..)) {
                self.tell()?;
            }
        }
    }

    fn line(&mut self, line: u64, value: &str) -> Result<Answer, Failure> {
        if value.is_empty() {
            return Ok(Answer::NotRead);
        }
        if value.eq_ignore_ascii_case(UNDO) {
            return self.undo();
        }
        if value.eq_ignore_ascii_case(END_OF_BOX) {
            let ended = Answer::BoxEnded(self.box_number.take(), self.in_box);
            (self.in_box, self.booked) = (0, Vec::new());
            return Ok(ended);
        }
        if value.starts_with(ReturnReasons::BARCODE) && self.words.reasons().of_barcode(value).is_none() {
            self.reason = None;
            let blank = Outcome::blank("-", u32::try_from(line).unwrap_or(u32::MAX), "");
            return Ok(Answer::Piece(Box::new(unknown_reason(blank))));
        }
        if let Some(code) = reason(self.words.reasons(), value) {
            self.reason = Some(code.clone());
            return Ok(Answer::Reason(code));
        }
        self.piece(line, value).map(|outcome| Answer::Piece(Box::new(outcome)))
    }

    fn undo(&mut self) -> Result<Answer, Failure> {
        let Some(piece) = self.booked.pop() else { return Ok(Answer::Undone(None)) };
        let Some(place) = piece.place() else { return Ok(Answer::Undone(None)) };
        let open = open_patiently(self.order.job)?;
        let writer = open.ledger.begin_returns(&self.order.author)?;
        let undone = writer.undo(&place, "taken back at the wand")?;
        writer.commit()?;
        if !undone {
            return Ok(Answer::Undone(None));
        }
        self.in_box = self.in_box.saturating_sub(1);
        let is_it = |outcome: &Outcome| outcome.piece_id.as_ref() == Some(&piece.piece_id);
        self.report.mailers.retain(|mailer| mailer.letter != piece.piece_id);
        if let Some(last) = self.report.outcomes.iter().rposition(is_it) {
            self.report.outcomes.remove(last);
        }
        Ok(Answer::Undone(Some(piece.piece_id)))
    }

    fn piece(&mut self, line: u64, value: &str) -> Result<Outcome, Failure> {
        let blank = Outcome::blank("-", u32::try_from(line).unwrap_or(u32::MAX), "");
        let name = Named::in_job(self.order.job, value);
        if name == Named::Nothing {
            return Ok(Outcome { remark: quoted(value, &why_nothing(value)), ..blank });
        }
        let open = open_patiently(self.order.job)?;
        let known = Knowledge { ledger: &open.ledger, words: &self.words };
        let Judgement { verdict, remark, number, piece } = judge_name(name, &known)?;
        let remark = match (&piece, verdict) {
            (None, Verdict::UnknownCard) => quoted(value, &remark),
            _ => remark,
        };
        let mut outcome = Outcome {
            kind: piece.as_ref().map(|piece| piece.kind.clone()),
            piece_id: piece.as_ref().map(|piece| piece.piece_id.clone()),
            card_number: number.map(|number| number.to_string()),
            verdict,
            remark,
            return_reason: self.reason.clone(),
            ..blank
        };
        let Some(piece) = piece.filter(|_| verdict == Verdict::Matched) else { return Ok(outcome) };
        if self.box_number.is_none() && !self.order.dry_run {
            self.box_number = Some(open.ledger.next_box()?);
        }
        let pile = self.pile();
        let came = if self.order.dry_run {
            booking::book(
                &mut outcome,
                &piece,
                None,
                &pile,
                &known,
                &mut Book::Rehearsal(&mut self.rehearsed),
            )?
        } else {
            let writer = open.ledger.begin_returns(&self.order.author)?;
            let came = booking::book(&mut outcome, &piece, None, &pile, &known, &mut Book::Ledger(&writer))?;
            writer.commit()?;
            came
        };
        match came {
            Came::Back => {
                let mailers = booking::mailers_under_way(&mut outcome, &piece, self.order.job, &known)?;
                self.report.mailers.extend(mailers);
                self.in_box += 1;
                if !self.order.dry_run {
                    self.booked.push(piece);
                }
            }
            Came::Again => {
                outcome.verdict = Verdict::Duplicate;
                outcome.remark = Remark::new(
                    "il est déjà dans cette caisse\u{202F}: rien n’est enregistré",
                    "it lies in this box already: nothing is booked",
                );
            }
            Came::Before | Came::Never => {}
        }
        Ok(outcome)
    }

    /// A box is a pile: a piece that is scanned twice into one box is one return.
    fn pile(&self) -> Pile {
        let pile = self.order.pile();
        match self.box_number {
            Some(number) => Pile { batch: format!("box {number}"), box_number: Some(number), ..pile },
            None => pile,
        }
    }

    fn tell(&self) -> Result<(), Failure> {
        match self.order.dry_run {
            true => Ok(()),
            false => tell(self.order.job),
        }
    }
}

/// The reason that a barcode of the separators says, or that was typed by its code or in its words.
fn reason(reasons: &ReturnReasons, value: &str) -> Option<String> {
    reasons.of_barcode(value).or_else(|| reasons.find(value)).map(str::to_owned)
}

/// What is said of a line that is no scan; the lines behind it count.
fn no_scan(fault: &HandError) -> Answer {
    let line = fault.line.and_then(|line| u32::try_from(line).ok()).unwrap_or(u32::MAX);
    let french = "la ligne n’est pas une lecture de douchette\u{202F}: une lecture par ligne, en texte";
    let remark = Remark::of(french.to_owned(), format!("{}: one scan a line, as text", fault.problem));
    Answer::Piece(Box::new(Outcome { remark, ..Outcome::blank("-", line, "") }))
}

/// Why a text names nothing of ours.
fn why_nothing(value: &str) -> Remark {
    let letters: String = value.chars().filter(|c| !c.is_whitespace()).collect();
    if letters.len() == 13
        && letters.is_ascii()
        && letters.as_bytes()[..2].iter().all(u8::is_ascii_alphanumeric)
    {
        return match TrackingId::parse(value) {
            Err(fault) => Remark::of(
                "ce n’est pas un numéro de suivi".to_owned(),
                format!("no tracking number: {fault}"),
            ),
            Ok(_) => {
                Remark::new("un numéro de suivi d’un autre produit", "a tracking number of another product")
            }
        };
    }
    match !letters.is_empty() && letters.bytes().all(|byte| byte.is_ascii_digit()) {
        true => Remark::of(
            format!("{} chiffres\u{202F}; un numéro de carte en a 10", letters.len()),
            format!("{} digits; a card number has 10", letters.len()),
        ),
        false => Remark::new(
            "ni numéro de carte, ni référence, ni numéro de suivi, ni motif de nous",
            "no card number, reference, tracking number or reason of ours",
        ),
    }
}

/// A remark on what was read, which stands before it.
fn quoted(value: &str, remark: &Remark) -> Remark {
    let value = foreign::legible(value);
    let french = format!("«\u{A0}{value}\u{A0}»\u{202F}: {}", remark.text(Language::French));
    Remark::of(french, format!("`{value}`: {remark}"))
}
