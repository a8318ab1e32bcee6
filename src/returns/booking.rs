//! A return is booked: of a picture, of a wand's scan, of a clerk's decision, all in the same way.

use jiff::civil::Date;
use mail::Language;
use serde::Serialize;

use super::judging::Knowledge;
use super::outcome::{Outcome, Verdict};
use super::remark::Remark;
use crate::failure::Failure;
use crate::job::Job;
use crate::ledger::{
    Booked, LedgerError, NewReturn, PastReturn, PiecePlace, PieceStatus, ReleasedMailer, ReturnWriter, State,
};

/// A mailer of a returned letter's holder that was released and has not left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct MailerUnderWay {
    /// The letter that came back.
    pub letter: String,
    /// The mailer.
    pub mailer: String,
    /// Its state.
    pub state: State,
}

/// What the returns of a pile have in common.
#[derive(Debug, Clone)]
pub(super) struct Pile {
    /// The day on which they came back.
    pub on: Date,
    /// What tells this pile from every other one.
    pub batch: String,
    /// The box into which they go.
    pub box_number: Option<u32>,
}

/// What became of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Came {
    /// The piece came back.
    Back,
    /// It had come back in the same pile.
    Again,
    /// It had come back in an earlier pile.
    Before,
    /// The ledger does not let it come back.
    Never,
}

/// Where returns are booked.
pub(super) enum Book<'w, 'l> {
    /// In the ledger.
    Ledger(&'w ReturnWriter<'l>),
    /// Nowhere: a dry run, with the pieces that would be booked by now.
    Rehearsal(&'w mut Vec<PiecePlace>),
}

/// Books the return of the piece of an outcome, and says in its words what came of it. `label` is the text of the post's label.
///
/// # Errors
/// Those of the ledger.
pub(super) fn book(
    outcome: &mut Outcome,
    piece: &PieceStatus,
    label: Option<&str>,
    pile: &Pile,
    known: &Knowledge,
    book: &mut Book,
) -> Result<Came, Failure> {
    let Some(place) = piece.place() else {
        return Err(LedgerError::Unknown { what: format!("piece `{}`", piece.piece_id) }.into());
    };
    let left = piece.dispatched.as_deref().unwrap_or(&piece.night);
    if left.parse::<Date>().is_ok_and(|left| left > pile.on) {
        outcome.verdict = Verdict::Inconsistent;
        outcome.remark = Remark::of(
            format!(
                "il est parti le {left}, après le {}, jour de ces retours\u{202F}: corrigez «\u{A0}--date\u{A0}»",
                pile.on
            ),
            format!("it left on {left}, after {}, the day of these returns: correct `--date`", pile.on),
        );
        return Ok(Came::Never);
    }
    let reason = outcome.return_reason.clone().unwrap_or_default();
    let Pile { on, batch, box_number } = pile;
    let new =
        NewReturn { place: &place, on: *on, reason: &reason, text: label, batch, box_number: *box_number };
    let booked = match book {
        Book::Ledger(writer) => writer.book(&new),
        Book::Rehearsal(pieces) => rehearsed(&new, piece, pieces, known),
    };
    match booked {
        Ok(Booked::Returned) => {
            outcome.disposition = Some(known.words.reasons().disposition(&reason).code().to_owned());
            Ok(Came::Back)
        }
        Ok(Booked::Joined(past)) => {
            outcome
                .remark
                .add(&Remark::new("autre image du même retour", "another picture of the same return"));
            outcome.return_reason = Some(past.reason.clone()).filter(|code| !code.is_empty());
            if past.reason.is_empty() && !reason.is_empty() {
                // The letter says what its envelope did not.
                if let Book::Ledger(writer) = book {
                    writer.correct_reason(&place, &reason)?;
                }
                outcome.return_reason = Some(reason);
            }
            Ok(Came::Again)
        }
        Ok(Booked::Before(past)) => {
            outcome.verdict = Verdict::Duplicate;
            outcome.remark.add(&before(&past));
            outcome.return_reason = Some(past.reason).filter(|code| !code.is_empty());
            Ok(Came::Before)
        }
        Err(LedgerError::NotAllowed { from, .. }) => {
            outcome.verdict = Verdict::Inconsistent;
            outcome.remark = Remark::of(
                format!(
                    "pour le registre, ce pli est «\u{A0}{}\u{A0}»\u{202F}: il ne peut être revenu",
                    from.name(Language::French)
                ),
                format!("the ledger has this piece as {from}, so it can\u{2019}t have come back"),
            );
            Ok(Came::Never)
        }
        Err(error) => Err(error.into()),
    }
}

/// When a piece came back.
fn before(past: &PastReturn) -> Remark {
    let told = |language: Language| {
        let into = past
            .box_number
            .map(|number| language.of(format!(", dans la caisse {number}"), format!(", in box {number}")));
        let destroyed = past.destroyed.map(|day| {
            language.of(format!(", et a été détruit le {day}"), format!(", and was destroyed on {day}"))
        });
        let back =
            language.of(format!("il est revenu le {}", past.on), format!("it came back on {}", past.on));
        format!("{back}{}{}", into.unwrap_or_default(), destroyed.unwrap_or_default())
    };
    Remark::of(told(Language::French), told(Language::English))
}

/// What a booking would come to.
fn rehearsed(
    new: &NewReturn,
    piece: &PieceStatus,
    pieces: &mut Vec<PiecePlace>,
    known: &Knowledge,
) -> Result<Booked, LedgerError> {
    if let Some(past) = known.ledger.past_return(new.place)? {
        let joins = past.batch == new.batch && past.destroyed.is_none();
        return Ok(if joins { Booked::Joined(past) } else { Booked::Before(past) });
    }
    if pieces.contains(new.place) {
        return Ok(Booked::Joined(PastReturn {
            on: new.on,
            reason: new.reason.to_owned(),
            batch: new.batch.to_owned(),
            box_number: new.box_number,
            by: String::new(),
            destroyed: None,
        }));
    }
    if !piece.state.allows(State::Returned) {
        let (piece, from, to) = (piece.piece_id.clone(), piece.state, State::Returned);
        return Err(LedgerError::NotAllowed { piece, from, to });
    }
    pieces.push(new.place.clone());
    Ok(Booked::Returned)
}

/// The mailers of a letter's holder that are released and have not left, where the job holds them; the outcome names them.
///
/// # Errors
/// Those of the ledger.
pub(super) fn mailers_under_way(
    outcome: &mut Outcome,
    piece: &PieceStatus,
    job: &Job,
    known: &Knowledge,
) -> Result<Vec<MailerUnderWay>, Failure> {
    if !job.holds_mailers_of_returned_letters() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for ReleasedMailer { piece_id, state, .. } in known.mailers(piece)? {
        if state.may_leave() {
            outcome.remark.add(&Remark::of(
                format!(
                    "son courrier codes {piece_id} est «\u{A0}{}\u{A0}» et n’est pas parti\u{202F}: rappelez-le («\u{A0}pli recall\u{A0}»)",
                    state.name(Language::French)
                ),
                format!("its mailer {piece_id} is {state} and has not left: recall it (`pli recall`)"),
            ));
            found.push(MailerUnderWay { letter: piece.piece_id.clone(), mailer: piece_id, state });
        }
    }
    Ok(found)
}
