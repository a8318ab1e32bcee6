//! Printing again: pieces that were damaged or lost after their release are composed once more, in a lot of their own.
//!
//! The ledger says what a piece is and where it stands, and what is kept of its template how it looked; job and records of
//! today are not asked. The lot goes the way of any other: printed, proved, recorded and released all at once. A letter is
//! printed again only for a card that is in hand, and a mailer only in the place of one that two persons saw destroyed.

mod decision;
mod lot;
mod order;
mod permission;
mod recording;
mod report;
#[cfg(test)]
mod tests;

pub(crate) use order::{Destruction, ReprintOrder};
pub(crate) use report::ReprintReport;

use std::time::Instant;

use super::key_dates::{KeyDay, check_key_dates};
use super::lot::{Proof, first_tracking_number};
use super::order::{NightOrder, Phase, Progress, during, refuse_open_places};
use super::production::{PrintedPieces, Stage, StockCache, Task, refuse_failed_proofs, with_stage};
use super::release::{self, NightOutput, lock_alone, refuse_beside_shares};
use super::report::{ProofSummary, Report};
use super::run::{add_alerts, add_lot, resumed_ledger, warn_of_mailers_in_clear};
use crate::approvals::Allowed;
use crate::failure::Failure;
use crate::feedback;
use crate::files::write_whole;
use crate::ledger::{Ledger, ReleaseMark, ReleasedPiece};
use lot::{Group, ReprintedLot, Reprinter, again_pieces, stage_order};
use mail::piece::PieceKind;

/// Prints pieces again and releases them, or gives them up where their card or their codes can't be relied on. All of it, or
/// nothing. The same command finishes what a killed one began, and prints nothing twice.
///
/// # Errors
/// `kinds_mixed`, `reprint_refused` and what its parts say: a piece that may not be printed again; `template_gone`,
/// `template_changed`: what is kept of a template; `not_printable`, `proofs_failed`; key, codes, ledger, I/O and store errors.
pub(crate) fn reprint(order: &ReprintOrder, progress: &dyn Progress) -> Result<ReprintReport, Failure> {
    let started = Instant::now();
    order.validate()?;
    refuse_open_places(order.job, order.day)?;
    let _lock = lock_alone(order.job)?;
    let ledger = during(progress, Phase::Ledger, || resumed_ledger(order.job, &order.asking))?;
    let decisions = decision::decide(order, &ledger)?;
    let mut report = ReprintReport::of(&decisions, order);
    if decisions.print.is_empty() {
        ledger.set_aside(&decisions.aside, &order.author)?;
        feedback::write(order.job, &ledger)?;
        return Ok(report);
    }
    refuse_beside_shares(order.job, order.day)?;
    let output = NightOutput::of(order.job, order.day)?;
    output.check()?;
    let kinds: Vec<PieceKind> = decisions.print.first().map(|piece| piece.kind).into_iter().collect();
    let day = KeyDay { night: order.day, today: order.asking.now.map(day_of) };
    let ending = check_key_dates(order.job, day, &kinds, true)?;
    let allowed = permission::permit(order, &ledger, &decisions.print)?;
    output.fresh_staging()?;
    let mark = match ledger.stamp()? {
        Some(last) => last.mark.next(),
        None => ReleaseMark::first(&order.day.to_string(), std::iter::empty()),
    };
    let stock = StockCache::of(order.job);
    let with = (&stock, &allowed);
    let lots = print(order, &ledger, &output, &mark, with, &decisions.print, progress)?;
    let mut run = run_report(order, &ledger, &output, &mark, &lots)?;
    run.alerts.extend(stock.alerts());
    run.alerts.extend(ending);
    run.seconds.composition = started.elapsed().as_secs_f64();
    let staged: Vec<String> =
        lots.iter().flat_map(|lot| &lot.finished.files.all).map(|(path, _)| path.clone()).collect();
    during(progress, Phase::Release, || {
        release::release(order.job, &output, &ledger, order.day, &staged, || {
            recording::record(order, &ledger, &lots, &decisions.aside, &mark, &run)
        })
    })?;
    run.seconds.total = started.elapsed().as_secs_f64();
    output.report("run.json", |path| Ok(write_whole(path, run.to_json().as_bytes())?))?;
    output.clear()?;
    tracing::info!(letters = run.letters, mailers = run.mailers, "printed again");
    report.add(&lots, &run);
    during(progress, Phase::Feedback, || feedback::write(order.job, &ledger))?;
    Ok(report)
}

/// The day of a moment, where this machine stands.
fn day_of(moment: jiff::Timestamp) -> jiff::civil::Date {
    moment.to_zoned(jiff::tz::TimeZone::system()).date()
}

/// Prints and proves a lot for each lot whose pieces are printed again.
fn print(
    order: &ReprintOrder,
    ledger: &Ledger,
    output: &NightOutput,
    mark: &ReleaseMark,
    (stock, allowed): (&StockCache, &Allowed),
    pieces: &[ReleasedPiece],
    progress: &dyn Progress,
) -> Result<Vec<ReprintedLot>, Failure> {
    let Some(kind) = pieces.first().map(|piece| piece.kind) else { return Ok(Vec::new()) };
    let night = NightOrder {
        prove: order.prove,
        only: Some(kind),
        today: order.asking.now.map(day_of),
        ..NightOrder::new(order.job, order.day)
    };
    let mut next_tracking = match kind {
        PieceKind::Letter => None,
        PieceKind::Mailer => Some(first_tracking_number(order.job, ledger, pieces.len() as u64)?),
    };
    let (staging, salts) = (output.staging(), ledger.proof_salts());
    let reprinter = Reprinter { order: &night, progress, stock, ledger, staging, mark, salts, allowed };
    let mut print_all = |mut stage: Option<&mut Stage>| -> Result<Vec<ReprintedLot>, Failure> {
        let mut lots = Vec::new();
        for group in Group::all(pieces) {
            let first_tracking = next_tracking;
            next_tracking = next_tracking.map(|next| next + group.pieces.len() as u64);
            lots.push(reprinter.print(&group, first_tracking, stage.as_deref_mut())?);
        }
        Ok(lots)
    };
    let lots = match kind {
        PieceKind::Letter => print_all(None)?,
        PieceKind::Mailer => {
            warn_of_mailers_in_clear(order.job);
            with_stage(order.job, progress, stock, |stage| {
                let codes = stage_order(&night, allowed, Task::Codes(again_pieces(pieces.iter())));
                stage.ask(&codes, &mut PrintedPieces::default())?;
                print_all(Some(stage))
            })?
        }
    };
    let failures = lots.iter().flat_map(|lot| lot.finished.lot.proof.failures.clone());
    refuse_failed_proofs(&failures.collect::<Vec<_>>())?;
    Ok(lots)
}

/// The summary of the run, as `run.json` has it.
fn run_report(
    order: &ReprintOrder,
    ledger: &Ledger,
    output: &NightOutput,
    mark: &ReleaseMark,
    lots: &[ReprintedLot],
) -> Result<Report, Failure> {
    let mut report = Report {
        night: order.day.to_string(),
        folder: output.display(),
        reprint: Some(order.reason.to_owned()),
        waiting: ledger.waiting_count()?,
        ledger: Some(mark.clone()),
        program: concat!("pli ", env!("CARGO_PKG_VERSION")).to_owned(),
        ..Report::default()
    };
    let mut proof = Proof::default();
    for ReprintedLot { finished, .. } in lots {
        let count = match finished.lot.kind() {
            PieceKind::Letter => &mut report.letters,
            PieceKind::Mailer => &mut report.mailers,
        };
        *count += u64::from(finished.lot.count);
        report.seconds.proof += finished.lot.proof_seconds;
        proof.pieces += finished.lot.proof.pieces;
        proof.barcodes += finished.lot.proof.barcodes;
        add_lot(&mut report, finished);
        report.alerts.extend(finished.alert.clone());
    }
    // Lots of one run are sealed to the same recipients.
    report.recipients.dedup();
    report.proof = ProofSummary::from(&proof);
    if report.mailers > 0 {
        add_alerts(&mut report, order.job, ledger)?;
    }
    Ok(report)
}
