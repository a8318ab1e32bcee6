//! What becomes of each piece of an order: it is printed again, was already, is given up, or may not be touched.

use super::order::ReprintOrder;
use super::report::{AlreadyAgain, MailerOut, NotAgain};
use crate::failure::Failure;
use crate::ledger::{Ledger, PiecePlace, ReleasedMailer, ReleasedPiece, SetAside, State};
use mail::piece::PieceKind;

/// What becomes of the pieces of an order.
#[derive(Debug, Default)]
pub(super) struct Decisions {
    /// The pieces that are printed again.
    pub print: Vec<ReleasedPiece>,
    /// The states that pieces go through.
    pub aside: Vec<SetAside>,
    /// The pieces that were printed again before.
    pub already: Vec<AlreadyAgain>,
    /// The letters whose card is to be made anew.
    pub remakes: Vec<NotAgain>,
    /// The mailers whose codes can't be relied on.
    pub compromised: Vec<NotAgain>,
    /// The mailers that were released before their card's letter is printed again, or given up.
    pub mailers_out: Vec<MailerOut>,
}

/// What becomes of a piece.
enum Verdict {
    /// It is printed again.
    Print,
    /// It was printed again before.
    Already,
    /// It is given up, in this state.
    GiveUp(State),
    /// It may not be touched, and why.
    Refuse(Failure),
}

/// Decides an order by what the ledger knows.
///
/// # Errors
/// `kinds_mixed`; `reprint_refused`, or the only part of it: pieces that may not be printed again; ledger and key errors.
pub(super) fn decide(order: &ReprintOrder, ledger: &Ledger) -> Result<Decisions, Failure> {
    let mut pieces = Vec::with_capacity(order.pieces.len());
    for piece_id in &order.pieces {
        pieces.push(ledger.released_piece(piece_id)?.ok_or_else(|| unknown(piece_id))?);
    }
    refuse_both_kinds(&pieces)?;
    let (mut decisions, mut refused) = (Decisions::default(), Vec::new());
    for piece in pieces {
        let verdict = verdict(order, ledger, &piece)?;
        if piece.kind == PieceKind::Letter && !matches!(verdict, Verdict::Refuse(_)) {
            decisions.mailers_out.extend(mailers_of(ledger, &piece)?);
        }
        match verdict {
            Verdict::Refuse(failure) => refused.push(failure),
            Verdict::Already => decisions.already.push(already(ledger, &piece)?),
            Verdict::GiveUp(state) => decisions.give_up(order, &piece, state),
            Verdict::Print => {
                decisions.aside.push(steps_of_reprint(order, &piece));
                decisions.print.push(piece);
            }
        }
    }
    match (refused.len(), refused.pop()) {
        (_, None) => Ok(decisions),
        (1, Some(only)) => Err(only),
        (count, Some(last)) => {
            refused.push(last);
            let problem = format!("{count} pieces of this order can't be printed again; nothing was done");
            Err(Failure::refused("reprint_refused", problem).with_parts(refused))
        }
    }
}

/// The mailers that were released for the card of a letter, and that are in hand or have left.
fn mailers_of(ledger: &Ledger, letter: &ReleasedPiece) -> Result<Vec<MailerOut>, Failure> {
    let mailers = ledger.released_mailers(letter.lot_number, &[letter.sequence])?;
    let out = |ReleasedMailer { piece_id, state, .. }| MailerOut {
        piece_id,
        state,
        letter: letter.piece_id.clone(),
    };
    Ok(mailers.into_iter().map(out).collect())
}

fn unknown(piece_id: &str) -> Failure {
    Failure::usage("unknown_piece", format!("the ledger knows no piece `{piece_id}`"))
        .with_advice("`pli status JOB` lists the lots and how many pieces each has")
}

/// Letters and mailers are never produced by one run: card and codes stay apart.
fn refuse_both_kinds(pieces: &[ReleasedPiece]) -> Result<(), Failure> {
    let of = |kind| pieces.iter().find(|piece| piece.kind == kind);
    let (Some(letter), Some(mailer)) = (of(PieceKind::Letter), of(PieceKind::Mailer)) else { return Ok(()) };
    let problem = format!(
        "`{}` is a letter and `{}` a mailer: card and codes are never printed in one run",
        letter.piece_id, mailer.piece_id
    );
    Err(Failure::refused("kinds_mixed", problem)
        .with_advice("run the command once for the letters and once for the mailers"))
}

fn verdict(order: &ReprintOrder, ledger: &Ledger, piece: &ReleasedPiece) -> Result<Verdict, Failure> {
    let verdict = match piece.kind {
        PieceKind::Letter => of_letter(piece, order.card_in_hand),
        PieceKind::Mailer => of_mailer(order, piece),
    };
    if let Verdict::Already | Verdict::Refuse(_) = verdict {
        return Ok(verdict);
    }
    if matches!(verdict, Verdict::Print) && ledger.remake_is_answered(piece)? {
        let problem = format!(
            "the card of `{}` was given up as damaged, and a new record of the card or its holder was taken in since",
            piece.piece_id
        );
        let refusal = Failure::refused("card_spoiled", problem)
            .with_advice("leave the piece out: the new card has a letter of its own");
        return Ok(Verdict::Refuse(refusal));
    }
    let Some(record) = &piece.issuance else {
        let problem = format!("the record of `{}` was forgotten: what it said is gone", piece.piece_id);
        let refusal = Failure::refused("record_forgotten", problem)
            .with_advice("leave it out; the issuer can send a new record for the card");
        return Ok(Verdict::Refuse(refusal));
    };
    let may_be_remade = piece.kind == PieceKind::Letter || matches!(verdict, Verdict::Print);
    if let Some(dead) = ledger.dead_card(record.card_number.as_str())?.filter(|_| may_be_remade) {
        let problem = format!(
            "the card of `{}` was revoked or replaced on {}: nothing is sent for it any more",
            piece.piece_id, dead.night
        );
        let refusal = Failure::refused("dead_card", problem).with_advice("leave the piece out");
        return Ok(Verdict::Refuse(refusal));
    }
    if matches!(verdict, Verdict::Print) && piece.kept.is_none() {
        let problem = format!(
            "nothing is kept of the template of `{}`: an earlier version released it",
            piece.piece_id
        );
        let refusal = Failure::refused("template_gone", problem)
            .with_advice("leave it out; the issuer can send a new record for the card");
        return Ok(Verdict::Refuse(refusal));
    }
    if matches!(verdict, Verdict::Print) && order.day < piece.night {
        let problem = format!(
            "`{}` was printed on {}, and can't be printed again on {}, before that",
            piece.piece_id, piece.night, order.day
        );
        let refusal = Failure::usage("reprint_too_early", problem)
            .with_advice(format!("name that day or a later one: `--date {}`", piece.night));
        return Ok(Verdict::Refuse(refusal));
    }
    Ok(verdict)
}

/// A letter carries a card: it is printed again for one that is in hand, and otherwise the card is made anew.
fn of_letter(piece: &ReleasedPiece, card_in_hand: bool) -> Verdict {
    use State::*;
    match (piece.state, card_in_hand) {
        (Reprinted, _) => Verdict::Already,
        // A card that was given up is in hand after all.
        (
            Missing | Released | Inserted | InsertedByHand | Spoiled | Recalled | CardLost | CardSpoiled,
            true,
        ) => Verdict::Print,
        (Missing, false) => Verdict::GiveUp(CardLost),
        (Released | Inserted | InsertedByHand | Spoiled | Recalled, false) => Verdict::GiveUp(CardSpoiled),
        (CardLost | CardSpoiled, false) => Verdict::GiveUp(piece.state),
        (Dispatched | Returned | Destroyed | Planned | Composed | CodesCompromised, _) => gone(piece),
    }
}

/// A mailer carries codes: those of one that is lost or passed twice may have been seen.
fn of_mailer(order: &ReprintOrder, piece: &ReleasedPiece) -> Verdict {
    use State::*;
    match piece.state {
        Reprinted => Verdict::Already,
        Missing | CodesCompromised => Verdict::GiveUp(CodesCompromised),
        Released | Inserted | InsertedByHand | Spoiled | Recalled if piece.doubled => {
            Verdict::GiveUp(CodesCompromised)
        }
        Released | Inserted | InsertedByHand | Spoiled | Recalled => match permit_mailer(order, piece) {
            Ok(()) => Verdict::Print,
            Err(refusal) => Verdict::Refuse(refusal),
        },
        Dispatched | Returned | Destroyed | Planned | Composed | CardLost | CardSpoiled => gone(piece),
    }
}

/// Whether the codes of a mailer may be printed a second time: somebody destroyed the first, before a witness. Every
/// further permission that the printing of codes takes is asked here.
///
/// # Errors
/// `destruction_unwitnessed`: no two persons answer for the destruction.
fn permit_mailer(order: &ReprintOrder, piece: &ReleasedPiece) -> Result<(), Failure> {
    if order.destroyed.is_some() {
        return Ok(());
    }
    let problem = format!(
        "`{}` would be printed while the first print of its codes may still be there",
        piece.piece_id
    );
    Err(Failure::refused("destruction_unwitnessed", problem).with_advice(
        "destroy what is left of it before a witness, then name both persons: `--destroyed-by NAME --witness NAME`",
    ))
}

/// A piece that is out of the house, or was never released.
fn gone(piece: &ReleasedPiece) -> Verdict {
    let problem = format!("`{}` can't be printed again: it is {}", piece.piece_id, piece.state);
    Verdict::Refuse(
        Failure::refused("piece_gone", problem)
            .with_advice("leave it out; the issuer can send a new record for the card"),
    )
}

/// The states of a piece that is printed again: it is spoiled, and then its reprint takes its place.
fn steps_of_reprint(order: &ReprintOrder, piece: &ReleasedPiece) -> SetAside {
    let spoiled = piece.state.allows(State::Spoiled).then(|| (State::Spoiled, order.cause()));
    let reprinted = (State::Reprinted, piece.attempt_id(piece.attempt + 1));
    SetAside { place: place(piece), steps: spoiled.into_iter().chain([reprinted]).collect() }
}

fn place(piece: &ReleasedPiece) -> PiecePlace {
    PiecePlace { lot: piece.lot.clone(), kind: piece.kind, sequence: piece.sequence }
}

fn already(ledger: &Ledger, piece: &ReleasedPiece) -> Result<AlreadyAgain, Failure> {
    let reprint = piece.attempt_id(piece.last_attempt);
    let later = ledger.released_piece(&reprint)?;
    let lot = later.map(|later| later.lot.marked(later.kind)).unwrap_or_default();
    Ok(AlreadyAgain { piece_id: piece.piece_id.clone(), reprint, lot })
}

impl Decisions {
    /// Gives a piece up. One that was given up before stays as it is.
    fn give_up(&mut self, order: &ReprintOrder, piece: &ReleasedPiece, state: State) {
        if piece.state != state {
            let steps = vec![(state, order.reason.to_owned())];
            self.aside.push(SetAside { place: place(piece), steps });
        }
        let list = match piece.kind {
            PieceKind::Letter => &mut self.remakes,
            PieceKind::Mailer => &mut self.compromised,
        };
        list.push(NotAgain { piece_id: piece.piece_id.clone(), state });
    }
}
