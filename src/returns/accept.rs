//! What a clerk decided on the report's page is booked, as far as it still holds.

use std::collections::HashMap;
use std::path::Path;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::booking::{self, Book, Came, MailerUnderWay};
use super::decisions::{Decided, Decision};
use super::judging::{Knowledge, Words, judge_name};
use super::notes::Note;
use super::outcome::{Outcome, Verdict};
use super::papers::tell;
use super::patience::open_patiently;
use super::reading::MAX_FILE;
use super::remark::Remark;
use super::session::ScanOrder;
use crate::failure::Failure;
use crate::files::hexadecimal;
use crate::inserting::Named;
use crate::ledger::ReturnWriter;

/// A decision that was not booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
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
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AcceptReport {
    /// What is said now of each page whose decision was booked.
    pub accepted: Vec<Outcome>,
    /// What is stale or can't be.
    pub refused: Vec<RefusedDecision>,
    /// The mailers to recall.
    pub mailers: Vec<MailerUnderWay>,
}

/// Books decisions, each for itself, into the pile and the box in which the picture came.
///
/// # Errors
/// `locked`; ledger and I/O errors; nothing is booked then.
pub(crate) fn accept(order: &ScanOrder, decisions: &[Decision]) -> Result<AcceptReport, Failure> {
    let words = Words::new(order.job, &order.trust);
    let mut report = AcceptReport::default();
    {
        let open = open_patiently(order.job)?;
        let mut writer = open.ledger.begin_returns(&order.author)?;
        let mut open_decisions: HashMap<(&str, u32), usize> = HashMap::new();
        for Decision { sha256, page, .. } in decisions {
            *open_decisions.entry((sha256, *page)).or_default() += 1;
        }
        for decision in decisions {
            let on_page = open_decisions.entry((&decision.sha256, decision.page)).or_default();
            writer = writer.by(&decision.by);
            let known = Knowledge { ledger: &open.ledger, words: &words };
            let acceptance = Acceptance { order, known: &known, writer: &writer };
            match acceptance.of(decision, *on_page)? {
                Ok((outcome, mailers)) => {
                    *on_page -= 1;
                    report.accepted.push(outcome);
                    report.mailers.extend(mailers);
                }
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
        tell(order.job)?;
    }
    Ok(report)
}

/// What does not hold any more, and what to do.
type Stale = (String, &'static str);
/// What is said now of a page, and the mailers to recall.
type Accepted = (Outcome, Vec<MailerUnderWay>);

struct Acceptance<'a> {
    order: &'a ScanOrder<'a>,
    known: &'a Knowledge<'a>,
    writer: &'a ReturnWriter<'a>,
}

impl Acceptance<'_> {
    /// `on_page`: how many decisions on the same page are open, this one among them.
    fn of(&self, decision: &Decision, on_page: usize) -> Result<Result<Accepted, Stale>, Failure> {
        let Decision { path, page, sha256, decided, by, .. } = decision;
        if let Some(problem) = changed(Path::new(path), sha256) {
            return Ok(Err((problem, "scan the picture again, and decide on the new report")));
        }
        let ledger = self.known.ledger;
        let Some(mut note) = Note::of_page(ledger, sha256, *page)? else {
            let problem = "no scan of this job has read this picture, or it is purged".to_owned();
            return Ok(Err((problem, "scan the picture first")));
        };
        let left = note.outcomes.iter().filter(|outcome| outcome.is_doubtful()).count();
        if left > 0 && on_page > left {
            let problem =
                format!("{on_page} decisions on a page of which {left} is doubtful contradict each other");
            return Ok(Err((problem, "leave in the one that is right")));
        }
        let outcome = match doubtful(&note, decided) {
            Ok(outcome) => outcome.clone(),
            Err(stale) => return Ok(Err(stale)),
        };
        let accepted = match decided {
            Decided::NotOurs => Ok((not_ours(outcome, by), Vec::new())),
            Decided::CardNumber(number) => self.book(outcome, Named::Card(*number), by, &note)?,
            Decided::Piece(piece) => self.book(outcome, Named::Piece(piece.clone()), by, &note)?,
        };
        let (outcome, mailers) = match accepted {
            Ok(accepted) => accepted,
            Err(stale) => return Ok(Err(stale)),
        };
        note.replace(&outcome);
        note.write(self.writer, ledger)?;
        Ok(Ok((outcome, mailers)))
    }

    fn book(
        &self,
        outcome: Outcome,
        name: Named,
        by: &str,
        note: &Note,
    ) -> Result<Result<(Outcome, Vec<MailerUnderWay>), Stale>, Failure> {
        const LOOK: &str = "look at the piece, and correct the decision";
        let judgement = judge_name(name, self.known)?;
        let Some(piece) = judgement.piece.filter(|_| judgement.verdict == Verdict::Matched) else {
            return Ok(Err((judgement.remark.to_string(), LOOK)));
        };
        let was_duplicate = outcome.verdict == Verdict::Duplicate;
        let mut outcome = Outcome {
            verdict: Verdict::Matched,
            remark: Remark::of(format!("comme {by} l’a lu"), format!("as {by} read it")),
            kind: Some(piece.kind.clone()),
            piece_id: Some(piece.piece_id.clone()),
            card_number: judgement.number.map(|number| number.to_string()),
            return_reason: outcome.return_reason.clone().or_else(|| self.order.reason.clone()),
            ..outcome
        };
        let mut book = Book::Ledger(self.writer);
        let came = booking::book(&mut outcome, &piece, None, &note.pile(), self.known, &mut book)?;
        match came {
            Came::Back | Came::Again => {}
            // The clerk has seen that it is the same piece once more.
            Came::Before if was_duplicate => outcome.verdict = Verdict::Matched,
            Came::Before => {
                return Ok(Err((outcome.remark.to_string(), "leave this decision out: the piece is booked")));
            }
            Came::Never => return Ok(Err((outcome.remark.to_string(), LOOK))),
        }
        let mailers = booking::mailers_under_way(&mut outcome, &piece, self.order.job, self.known)?;
        Ok(Ok((outcome, mailers)))
    }
}

/// The doubtful outcome of a page that a decision is about: the only one, or that whose symbols read what was decided.
fn doubtful<'n>(note: &'n Note, decided: &Decided) -> Result<&'n Outcome, Stale> {
    let all: Vec<&Outcome> = note.outcomes.iter().filter(|outcome| outcome.is_doubtful()).collect();
    let text = decided.to_string();
    let reads = |outcome: &&&Outcome| outcome.symbols.iter().any(|symbol| symbol.text.contains(&text));
    match all.as_slice() {
        [] => Err(("nothing on it is doubtful any more".to_owned(), "leave this decision out")),
        [one] => Ok(one),
        several => several.iter().find(reads).copied().ok_or_else(|| {
            let problem =
                "several pieces on it are doubtful, and none of them reads what was decided".to_owned();
            (problem, "scan the pieces one by one")
        }),
    }
}

/// The kind of a page that a person says is nothing of ours.
const NOT_OURS: &str = "not_ours";

fn not_ours(outcome: Outcome, by: &str) -> Outcome {
    Outcome {
        remark: Remark::of(format!("rien de nous, d’après {by}"), format!("nothing of ours, as {by} saw")),
        kind: Some(NOT_OURS.to_owned()),
        verdict: Verdict::Matched,
        piece_id: None,
        card_number: None,
        ..outcome
    }
}

/// Why a picture is not the one that was decided on; `None` where it is, or where it is not there any more: its digest names it.
fn changed(path: &Path, sha256: &str) -> Option<String> {
    let bytes = foreign::read(path, MAX_FILE).ok()?;
    (hexadecimal(Sha256::digest(&bytes)) != sha256)
        .then(|| "the file has another content than the picture that was decided on".to_owned())
}
