//! Dispatch: a lot has left. A piece is dispatched by this alone.

use jiff::civil::Date;

use super::opening::OpenJob;
use super::standing::Standing;
use crate::approvals;
use crate::audit::lacked_by;
use crate::failure::Failure;
use crate::job::{Dispatch, Job};
use crate::ledger::{Author, Change, HeldMailer, LotInHand, PiecePlace, State};
use mail::lot::LotName;
use mail::piece::PieceKind;

/// What a dispatch says.
#[derive(Debug, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct DispatchReport {
    /// How many pieces left with it.
    pub dispatched: u64,
    /// Whether the lot had left before.
    pub already: bool,
    /// The day on which it left.
    pub day: String,
    /// The pieces that nobody reported, where others of the lot were.
    pub unreported: Vec<String>,
    /// How the lot stands.
    #[serde(flatten)]
    pub standing: Standing,
}

/// Says that a lot has left on this day.
///
/// # Errors
/// `wrong_user`: the lot is another operator's; `unknown_lot`; `lot_stopped`: something needs a person first, or the account does not balance; `lot_unsettled`;
/// `ledger_lacks_acts`: the ledger was put back to a state before a recall; `letter_held`: a mailer's letter does not leave;
/// ledger errors.
pub(crate) fn dispatch(
    job: &Job,
    name: &LotName,
    kind: PieceKind,
    day: Date,
    author: &Author,
) -> Result<DispatchReport, Failure> {
    approvals::permit_moving(job, kind)?;
    let open = OpenJob::begin(job)?;
    let lot = open.lot(name, kind)?;
    let before = leaving(&lot);
    let already = lot.state == State::Dispatched && before.is_empty();
    if !already {
        refuse_stopped(&open, &lot)?;
        refuse_lacking_recalls(&open)?;
        refuse_held_mailers(&open, &lot, day)?;
        match lot.state {
            State::Dispatched => {
                let cause = format!("left on {day}, after its lot");
                let places: Vec<PiecePlace> = before.iter().map(|sequence| lot.place(*sequence)).collect();
                let change = Change { state: State::Dispatched, cause: &cause, author };
                open.ledger.move_pieces(&places, &change)?;
            }
            _ => open.ledger.dispatch(&lot, day, author)?,
        }
    }
    let lot = open.lot(name, kind)?;
    open.tell()?;
    let dispatched = lot.pieces.iter().filter(|piece| piece.state == State::Dispatched).count() as u64;
    let day = lot.dispatched.unwrap_or(day).to_string();
    let standing = Standing::of(&lot, job.max_missing_percent());
    let unreported = standing.unreported(&lot);
    Ok(DispatchReport { dispatched, already, day, unreported, standing })
}

/// The pieces that a dispatch moves.
fn leaving(lot: &LotInHand) -> Vec<u32> {
    let may = |state: State| state.allows(State::Dispatched);
    (1..).zip(&lot.pieces).filter(|(_, piece)| may(piece.state)).map(|(sequence, _)| sequence).collect()
}

fn refuse_stopped(open: &OpenJob, lot: &LotInHand) -> Result<(), Failure> {
    let name = lot.name.marked(lot.kind);
    let standing = Standing::of(lot, open.job.max_missing_percent());
    if !standing.stops.is_empty() {
        let problem = format!("lot {name} is stopped: {}", standing.stops.join("; "));
        return Err(Failure::refused("lot_stopped", problem).with_advice(format!(
            "see each with `pli reconcile JOB --lot {name}`; then print again, fill by hand, or accept with `pli reconcile JOB --lot {name} --accept PIECE --reason TEXT`"
        )));
    }
    if open.job.dispatch() == Dispatch::Settled && !standing.settled {
        let problem =
            format!("lot {name} is not settled, and the job's mailers count from the day on which it is");
        return Err(Failure::refused("lot_unsettled", problem).with_advice(format!(
            "reconcile it with what the camera read: `pli reconcile JOB camera.csv --lot {name} --final`"
        )));
    }
    if !lot.state.allows(State::Dispatched) && lot.state != State::Dispatched {
        let problem = format!("lot {name} is {}, and does not leave", lot.state);
        return Err(Failure::refused("lot_stopped", problem)
            .with_advice("docs/states.md lists what may follow what; print its pieces again to send them"));
    }
    if let Some(account) = open.ledger.account(&lot.name, lot.kind)?.filter(|account| !account.balances) {
        let problem = format!("the account of lot {name} does not balance: {}", account.faults.join("; "));
        return Err(Failure::refused("lot_stopped", problem)
            .with_advice("`pli ledger JOB check` says what else contradicts it"));
    }
    Ok(())
}

/// No lot leaves while the ledger lacks a recall of the audit log: neither the letter nor its mailer may go.
fn refuse_lacking_recalls(open: &OpenJob) -> Result<(), Failure> {
    let lacking = lacked_by(&open.ledger, &open.job.audit_folder())?;
    let recalls: Vec<String> = lacking
        .iter()
        .flat_map(|lacking| &lacking.acts)
        .filter(|act| act.pulls())
        .map(|act| format!("{act} on {}", act.at))
        .collect();
    if recalls.is_empty() {
        return Ok(());
    }
    let problem = format!(
        "the audit log has recalls that the ledger lacks, because it was put back: {}; no lot leaves before they are done again",
        recalls.join(", ")
    );
    Err(Failure::refused("ledger_lacks_acts", problem).with_advice(
        "recall them again as it was done then (`pli recall JOB PIECE --reason TEXT`, `--list`, `--lot` or `--card`), then dispatch the lot; `pli ledger JOB check` lists all acts that are lacking",
    ))
}

/// No code leaves for a card that did not, and none before the working day after its letter was printed again.
fn refuse_held_mailers(open: &OpenJob, lot: &LotInHand, day: Date) -> Result<(), Failure> {
    if lot.kind == PieceKind::Letter {
        return Ok(());
    }
    let calendar = open.job.calendar();
    let too_young = |night, settled: Option<Date>| match open.job.dispatch() {
        Dispatch::Release => day < calendar.mailer_due(night),
        Dispatch::Settled => settled.is_none_or(|settled| day < calendar.mailer_due(settled)),
    };
    let held = open.ledger.held_mailers(lot.id, open.job.holds_mailers_of_returned_letters(), &too_young)?;
    let Some(first) = held.first() else { return Ok(()) };
    let HeldMailer { sequence, letter, why } = first;
    let (name, piece, count) = (lot.name.marked(lot.kind), lot.piece_id(*sequence), held.len());
    let problem = format!(
        "lot {name} has {count} of whose cards the letter does not leave: {piece}, of letter {letter} ({}), is the first",
        why.replace('_', " ")
    );
    let parts = held.iter().map(|HeldMailer { sequence, letter, why }| {
        let piece = lot.piece_id(*sequence);
        Failure::refused("letter_held", format!("{piece}: letter {letter} is {}", why.replace('_', " ")))
    });
    Err(Failure::refused("letter_held", problem).with_parts(parts.collect()).with_advice(
        "wait until the working day after a letter that was printed again; pull the other mailers and say so with `pli recall JOB PIECE --reason TEXT`, or let that of a letter that came back go (`pli returns release JOB LETTER --reason TEXT`); then dispatch the lot",
    ))
}
