//! The pages of a file: each gets its verdicts, and each piece that came back is booked.

use super::super::booking::{self, Book, Came, Pile};
use super::super::grades;
use super::super::judging::{Claim, Knowledge, PageClaims, judge};
use super::super::notes::Note;
use super::super::outcome::{Outcome, Verdict};
use super::super::reading::PageRead;
use super::super::told::{
    SEPARATOR, contradicting_reasons, separator, told_of_fault, told_of_nothing, unknown_reason,
};
use super::remarks::{graded_and_not_booked, reason_that_does_not_count};
use super::{PileFile, Session};
use crate::failure::Failure;
use crate::ledger::{Ledger, PieceStatus, ReturnWriter};

/// The longest text of a label that is kept, in characters.
const LONGEST_LABEL: usize = 2000;

impl Session<'_> {
    /// Judges the pages of a file and books what is on them, or goes on from what was said of them before.
    pub(super) fn judge_file(
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
        self.note_unconfirmed(&outcome);
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
            outcome.remark.add(&reason_that_does_not_count());
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
            outcome.remark.add(&graded_and_not_booked(piece.state));
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
}
