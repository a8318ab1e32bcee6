//! What a clerk decided on the report's page is booked, as far as it still holds.

use std::path::Path;

use serde::Serialize;

use super::decisions::{Decided, Decision};
use super::judging::{Knowledge, Words, judge_name};
use super::outcome::{Outcome, Verdict};
use super::papers::tell;
use super::patience::open_patiently;
use super::reading::MAX_FILE;
use super::session::{Note, ScanOrder, renote, seen_page, words_of};
use crate::failure::Failure;
use crate::files::hexadecimal;
use crate::inserting::Named;
use crate::ledger::{Booked, Ledger, LedgerError, NewReturn, ReturnWriter};
use sha2::{Digest, Sha256};

/// A decision that was not booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RefusedDecision {
    /// The picture's path.
    pub path: String,
    /// Its page.
    pub page: u32,
    /// Why.
    pub problem: String,
    /// What to do.
    pub advice: &'static str,
}

/// What became of a clerk's decisions.
#[derive(Debug, Default, Serialize)]
pub(crate) struct AcceptReport {
    /// What is said now of each page whose decision was booked.
    pub accepted: Vec<Outcome>,
    /// What is stale or can't be.
    pub refused: Vec<RefusedDecision>,
}

/// Books decisions, each for itself.
///
/// # Errors
/// `locked`; ledger and I/O errors; nothing is booked then.
pub(crate) fn accept(order: &ScanOrder, decisions: &[Decision]) -> Result<AcceptReport, Failure> {
    let words = Words::new(order.job, &order.trust);
    let mut report = AcceptReport::default();
    {
        let open = open_patiently(order.job)?;
        let mut writer = open.ledger.begin_returns(&order.author)?;
        for decision in decisions {
            writer = writer.by(&decision.by);
            let acceptance = Acceptance { order, words: &words, ledger: &open.ledger, writer: &writer };
            match acceptance.of(decision)? {
                Ok(outcome) => report.accepted.push(outcome),
                Err((problem, advice)) => report.refused.push(RefusedDecision {
                    path: decision.path.clone(),
                    page: decision.page,
                    problem,
                    advice,
                }),
            }
        }
        if !order.dry_run {
            writer.commit()?;
        }
    }
    if !order.dry_run {
        tell(order)?;
    }
    Ok(report)
}

/// What does not hold any more, and what to do.
type Stale = (String, &'static str);

struct Acceptance<'a> {
    order: &'a ScanOrder<'a>,
    words: &'a Words<'a>,
    ledger: &'a Ledger,
    writer: &'a ReturnWriter<'a>,
}

impl Acceptance<'_> {
    fn of(&self, decision: &Decision) -> Result<Result<Outcome, Stale>, Failure> {
        let Decision { path, page, sha256, decided, by, .. } = decision;
        if let Some(problem) = changed(Path::new(path), sha256) {
            return Ok(Err((problem, "scan the picture again, and decide on the new report")));
        }
        let Some(Note { outcomes, .. }) = seen_page(self.ledger, sha256, *page)? else {
            let problem = "no scan of this job has read this picture, or it is purged".to_owned();
            return Ok(Err((problem, "scan the picture first")));
        };
        let Some(outcome) = outcomes.iter().find(|outcome| outcome.is_doubtful()) else {
            let problem = "nothing on it is doubtful any more".to_owned();
            return Ok(Err((problem, "leave this decision out")));
        };
        let name = match decided {
            Decided::NotOurs => {
                let reason = format!("nothing of ours, as {by} saw");
                let outcome = Outcome { reason, kind: Some(NOT_OURS.to_owned()), ..outcome.clone() };
                let outcome =
                    Outcome { verdict: Verdict::Matched, piece_id: None, card_number: None, ..outcome };
                renote(self.writer, self.ledger, &outcome, self.order.day)?;
                return Ok(Ok(outcome));
            }
            Decided::CardNumber(number) => Named::Card(*number),
            Decided::Piece(piece) => Named::Piece(piece.clone()),
        };
        self.book(outcome, name, by)
    }

    fn book(&self, outcome: &Outcome, name: Named, by: &str) -> Result<Result<Outcome, Stale>, Failure> {
        const LOOK: &str = "look at the piece, and correct the decision";
        let known = Knowledge { ledger: self.ledger, words: self.words };
        let judgement = judge_name(name, &known)?;
        let piece = judgement.piece.filter(|_| judgement.verdict == Verdict::Matched);
        let Some((piece, place)) = piece.and_then(|piece| Some((piece.place()?, piece)).map(|(a, b)| (b, a)))
        else {
            return Ok(Err((judgement.reason, LOOK)));
        };
        let reason = outcome.return_reason.clone().or_else(|| self.order.reason.clone()).unwrap_or_default();
        let new = NewReturn {
            place: &place,
            on: self.order.day,
            reason: &reason,
            text: None,
            batch: &self.order.batch(),
            box_number: self.order.box_number,
        };
        let joined = match self.writer.book(&new) {
            Ok(Booked::Returned) => String::new(),
            Ok(Booked::Joined(past)) => words_of(&past, false),
            Ok(Booked::Before(past)) if outcome.verdict == Verdict::Duplicate => words_of(&past, true),
            Ok(Booked::Before(past)) => {
                let problem = format!("{} came back on {}", piece.piece_id, past.on);
                return Ok(Err((problem, "leave this decision out: the piece is booked")));
            }
            Err(LedgerError::NotAllowed { from, .. }) => {
                return Ok(Err((format!("the ledger has {} as {from}", piece.piece_id), LOOK)));
            }
            Err(error) => return Err(error.into()),
        };
        let outcome = Outcome {
            verdict: Verdict::Matched,
            reason: format!("as {by} read it{joined}"),
            kind: Some(piece.kind),
            piece_id: Some(piece.piece_id),
            card_number: judgement.number.map(|number| number.to_string()),
            disposition: Some(self.words.reasons().disposition(&reason).code().to_owned()),
            return_reason: Some(reason).filter(|code| !code.is_empty()),
            ..outcome.clone()
        };
        renote(self.writer, self.ledger, &outcome, self.order.day)?;
        Ok(Ok(outcome))
    }
}

/// The kind of a page that a person says is nothing of ours.
const NOT_OURS: &str = "not_ours";

/// Why a picture is not the one that was decided on; `None` where it is, or where it is not there any more: its digest names it.
fn changed(path: &Path, sha256: &str) -> Option<String> {
    let bytes = foreign::read(path, MAX_FILE).ok()?;
    (hexadecimal(Sha256::digest(&bytes)) != sha256)
        .then(|| "the file has another content than the picture that was decided on".to_owned())
}
