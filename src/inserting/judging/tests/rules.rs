//! Each rule by hand.

mod cards;
mod doubts;
mod listings;
mod order;
mod passages;
mod statuses;
mod strangers;
mod unreadable;

use mail::inserter::InsertStatus::{Attention, Damaged, None as Unset, Pulled};
use mail::inserter::Lists;

use super::super::judgement::Alarm;
use super::super::{Judgement, Standing};
use super::*;
use crate::inserting::results::{RowFault, RowProblem};

fn sequences(alarms: &[Alarm]) -> Vec<u32> {
    alarms.iter().map(|alarm| alarm.sequence).collect()
}

/// Judges one report that goes on.
fn one(lot: &InventedLot, report: MachineReport) -> Judgement {
    judge(lot, &[report], false)
}

/// Judges rows as the only report, to the end.
fn all_of(pieces: u32, reads: Vec<Read>) -> Judgement {
    judge(&InventedLot::of(pieces), &[report(reads)], true)
}

/// Good reads of pieces, with a text in between.
fn around(before: &[u32], between: Vec<Read>, after: &[u32]) -> Vec<Read> {
    let good = |sequences: &[u32]| sequences.iter().map(|own| read(&number(*own))).collect::<Vec<_>>();
    [good(before), between, good(after)].concat()
}

fn listing(lists: Lists, reads: Vec<Read>) -> MachineReport {
    MachineReport { lists, ..report(reads) }
}
