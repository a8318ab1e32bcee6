//! Reconciling: what the machine reported of a lot is held against the lot, and booked.

use std::collections::BTreeSet;
use std::path::PathBuf;

use foreign::legible;
use jiff::civil::Date;
use serde::Serialize;

use super::booking::booking;
use super::judging::{self, Counts, Judgement};
use super::lot_in_hand::KnownLot;
use super::naming::Naming;
use super::opening::OpenJob;
use super::read::MachineReport;
use super::reports::{FileFault, Reports};
use super::standing::{PieceStanding, Standing};
use crate::approvals::{self, Act, Asking, Subject};
use crate::failure::Failure;
use crate::job::Job;
use crate::ledger::{Alarm, AlarmKind, Author, LotInHand, State};
use mail::lot::LotName;
use mail::piece::PieceKind;

/// What is to be reconciled.
pub(crate) struct ReconcileOrder<'a> {
    /// The job.
    pub job: &'a Job,
    /// The machine's files.
    pub files: &'a [PathBuf],
    /// The lot in hand; `None` lets the reads tell it.
    pub lot: Option<(LotName, PieceKind)>,
    /// Whether nothing more comes of the lot.
    pub complete: bool,
    /// What a person accepts, by reference or by what was read.
    pub accept: &'a [String],
    /// Why a person accepts it.
    pub reason: &'a str,
    /// Who does so.
    pub author: &'a Author,
    /// The day, where the reads do not say it.
    pub today: Date,
    /// With what approvals are asked for.
    pub asking: Asking,
}

/// How a lot stands after its reads are booked.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ReconcileReport {
    /// How the lot stands.
    #[serde(flatten)]
    pub standing: Standing,
    /// The list of the pieces to print again.
    pub reprint_list: String,
    /// The sheet by which the spoiled and recalled pieces are destroyed, where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destruction_sheet: Option<String>,
    /// Where each read of these files ended.
    pub reads: Counts,
    /// Rows that can't be used.
    pub faults: Vec<FileFault>,
    /// Whether nothing more is reported of the lot, and pieces have no status: a person must look at them.
    pub ended_open: bool,
}

impl ReconcileReport {
    /// Whether a person must look at something.
    pub(crate) fn needs_a_person(&self) -> bool {
        self.standing.needs_a_person() || !self.faults.is_empty() || self.ended_open
    }
}

/// Reconciles a lot, once more or for the first time: what was booked before is not booked again.
///
/// # Errors
/// `unknown_lot`; `lot_unclear`: the reads do not tell the lot; `nothing_to_accept`; errors of the files, of the ledger and
/// of its keys.
pub(crate) fn reconcile(order: &ReconcileOrder) -> Result<ReconcileReport, Failure> {
    let open = OpenJob::begin(order.job)?;
    let reports = Reports::read(&open, order)?;
    let lot = open.lot(&reports.name, reports.kind)?;
    let known = KnownLot::new(&open.ledger, &lot, Naming::of_job(order.job, lot.kind));
    let mut counts = Counts::default();
    let mut read_here = Vec::new();
    // Without a file the end of a lot is believed only where something of it was reported before.
    let ends = order.complete && open.standing(&lot)?.good > 0;
    if ends || !reports.all.is_empty() {
        let mut judgement = judging::judge(&known, &reports.all, order.complete);
        drop_spoiled_later(&open, &lot, &reports.all, &mut judgement)?;
        let mut booking = booking(&lot, &judgement, order.today);
        for last in &reports.unfinished {
            let sequence = known.piece(&last.value);
            booking.passages.retain(|(of, camera, _)| Some(*of) != sequence || *camera != last.camera);
        }
        open.ledger.book(&lot, &booking, order.author)?;
        read_here = judgement.foreign.into_iter().map(|foreign| foreign.text).collect();
        counts = judgement.counts;
    }
    permit_duplicates(&open, &reports, &known, order)?;
    for text in order.accept {
        accept(&open, &lot, known.piece(text), text, order)?;
    }
    let lot = open.lot(&reports.name, reports.kind)?;
    let mut standing = open.standing(&lot)?;
    standing.name_strangers(&open.ledger, &lot, &read_here);
    standing.unreadable += u64::from(counts.unreadable_reads);
    let reprint_list = open.reprint_list(&lot)?;
    let destruction_sheet = open.destruction_sheet(&lot, order.today, order.author)?;
    open.tell()?;
    let faults = reports.faults();
    let ended_open =
        standing.pending > 0 && (order.complete || reports.all.iter().any(|report| report.ended));
    Ok(ReconcileReport { standing, reprint_list, destruction_sheet, reads: counts, faults, ended_open })
}

/// Drops the alarms of sheets that passed before somebody threw them away on the same day: whoever wands what the machine
/// spoils is not alarmed by it.
fn drop_spoiled_later(
    open: &OpenJob,
    lot: &LotInHand,
    reports: &[MachineReport],
    judgement: &mut Judgement,
) -> Result<(), Failure> {
    let spoiled = |sequence: u32| lot.piece(sequence).is_some_and(|piece| piece.state == State::Spoiled);
    let mut dropped = Vec::new();
    for (index, alarm) in judgement.passed.iter().enumerate().filter(|(_, alarm)| spoiled(alarm.sequence)) {
        let report = reports.iter().find(|report| report.file == alarm.file);
        let read = report.and_then(|report| report.reads.iter().find(|read| read.line == alarm.line));
        let thrown_away = open.ledger.last_event_of(lot.id, alarm.sequence)?;
        if read.zip(thrown_away).is_some_and(|(read, at)| is_earlier_that_day(&read.at, &at)) {
            dropped.push(index);
        }
    }
    let mut index = 0..;
    judgement.passed.retain(|_| index.next().is_some_and(|index| !dropped.contains(&index)));
    Ok(())
}

/// Whether a machine's time, which is that of this place, is before an event (UTC) of the same day.
fn is_earlier_that_day(read: &str, event: &str) -> bool {
    let event = event.parse::<jiff::Timestamp>().ok();
    let event = event.map(|at| at.to_zoned(jiff::tz::TimeZone::system()).datetime());
    let read = read.parse::<jiff::civil::DateTime>().ok();
    read.zip(event).is_some_and(|(read, event)| read.date() == event.date() && read < event)
}

/// Whether the pieces that passed twice may be accepted, each with the alarms that are open. What passed in the same reports is
/// booked already, so one more passage is another request.
///
/// # Errors
/// `approval_needed`: two persons must approve first; those of [`approvals::pass`].
fn permit_duplicates(
    open: &OpenJob,
    reports: &Reports,
    known: &KnownLot,
    order: &ReconcileOrder,
) -> Result<(), Failure> {
    if order.accept.is_empty() || !order.job.lists_approvers() {
        return Ok(());
    }
    let lot = &open.lot(&reports.name, reports.kind)?;
    // All open alarms of a piece are accepted at once.
    let alarms_of = |sequence: u32| {
        let alarms: Vec<&Alarm> = lot.open_alarms(sequence).collect();
        let doubled = alarms.iter().any(|alarm| alarm.kind == AlarmKind::Duplicate);
        let named =
            |alarm: &Alarm| format!("{} {} {}", lot.piece_id(sequence), alarm.kind.code(), alarm.place);
        alarms.into_iter().filter(|_| doubled).map(named).collect::<Vec<String>>()
    };
    let accepted: BTreeSet<u32> = order.accept.iter().filter_map(|text| known.piece(text)).collect();
    let pieces: Vec<String> = accepted.into_iter().flat_map(alarms_of).collect();
    if pieces.is_empty() {
        return Ok(());
    }
    let subject = Subject::new(Act::AcceptDuplicates, pieces, [("reason", order.reason.to_owned())]);
    approvals::pass(order.job, &open.ledger, &order.asking, vec![subject])
}

/// Accepts what a person has looked at.
fn accept(
    open: &OpenJob,
    lot: &LotInHand,
    sequence: Option<u32>,
    text: &str,
    order: &ReconcileOrder,
) -> Result<(), Failure> {
    if open.ledger.accept(lot, sequence, text, order.reason, order.author)? > 0 {
        return Ok(());
    }
    let of_it = |alarm: &&Alarm| match sequence {
        Some(_) => alarm.sequence == sequence,
        None => alarm.sequence.is_none() && open.ledger.is_about(alarm, text),
    };
    // The same command once more finds it accepted.
    if lot.alarms.iter().filter(of_it).any(Alarm::is_accepted) {
        return Ok(());
    }
    let lot = lot.name.marked(lot.kind);
    let problem = format!("nothing of `{}` is to be accepted in lot {lot}", legible(text));
    Err(Failure::usage("nothing_to_accept", problem)
        .with_advice(format!("`pli reconcile JOB --lot {lot}` lists what is to be decided")))
}

impl OpenJob<'_> {
    /// How a lot stands, with the mailers that were released for letters which do not leave.
    pub(super) fn standing(&self, lot: &LotInHand) -> Result<Standing, Failure> {
        let mut standing = Standing::of(lot, self.job.max_missing_percent());
        if lot.kind == PieceKind::Letter {
            let held: Vec<u32> =
                (1..=lot.pieces.len() as u32).filter(|sequence| is_held(lot, *sequence)).collect();
            standing.add_mailers(lot, self.ledger.released_mailers(lot.id, &held)?);
        }
        Ok(standing)
    }
}

/// Whether a letter does not leave as things stand.
fn is_held(lot: &LotInHand, sequence: u32) -> bool {
    use PieceStanding::*;
    matches!(
        PieceStanding::of(lot, sequence),
        Missing | Unread | Duplicate | Mismatch | Spoiled | Recalled | Lost
    )
}
