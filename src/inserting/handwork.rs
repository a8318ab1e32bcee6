//! Hands: spoiled sheets, and envelopes that a person filled.

use std::collections::BTreeMap;

use foreign::legible;
use jiff::civil::Date;
use serde::Serialize;

use super::hand::{HandAct, HandScan};
use super::named_pieces::named_pieces;
use super::naming::{Named, Naming};
use super::opening::OpenJob;
use super::standing::{PieceStanding, Standing};
use crate::failure::Failure;
use crate::job::Job;
use crate::ledger::{Author, Booking, LotInHand, PieceStatus, State};
use mail::lot::LotName;
use mail::piece::PieceKind;

/// What a person has wanded.
pub(crate) struct HandOrder<'a> {
    /// The job.
    pub job: &'a Job,
    /// The scans.
    pub scans: &'a [HandScan],
    /// The lot in hand, where it is said.
    pub lot: Option<(LotName, PieceKind)>,
    /// Who wanded.
    pub author: &'a Author,
    /// The day.
    pub today: Date,
}

/// What became of the scans.
#[derive(Debug, Default, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct HandReport {
    /// Pieces that a person put into their envelopes.
    pub by_hand: Vec<String>,
    /// Pieces that are spoiled.
    pub spoiled: Vec<String>,
    /// Scans of pieces that were booked so before.
    pub already: Vec<String>,
    /// Scans that name no piece, or more than one.
    pub unknown: Vec<HandFault>,
    /// Pieces whose state does not allow it.
    pub refused: Vec<HandFault>,
    /// How the lots stand that were touched.
    pub lots: Vec<Standing>,
    /// The lists of the pieces to print again.
    pub reprint_lists: Vec<String>,
    /// The sheets by which spoiled and recalled pieces are destroyed.
    pub destruction_sheets: Vec<String>,
}

/// A scan that was not booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct HandFault {
    /// Its line.
    pub line: u64,
    /// What was read.
    pub value: String,
    /// Why it was not booked, and what to do.
    pub problem: String,
}

impl HandReport {
    /// Whether a person must look at something.
    pub(crate) fn needs_a_person(&self) -> bool {
        !self.unknown.is_empty() || !self.refused.is_empty() || self.lots.iter().any(Standing::needs_a_person)
    }
}

/// Books what a person has wanded. A scan that can't be booked is told, and the others are booked.
///
/// # Errors
/// `unknown_lot`; errors of the ledger and of its keys.
pub(crate) fn book_hands(order: &HandOrder) -> Result<HandReport, Failure> {
    let open = OpenJob::begin(order.job)?;
    let mut report = HandReport::default();
    let mut by_lot: BTreeMap<(LotName, &'static str), Vec<(u32, &HandScan)>> = BTreeMap::new();
    for scan in order.scans {
        match open.wanded(order, &scan.value)? {
            Ok(piece) => {
                let lot = LotName::parse(&piece.lot).zip(PieceKind::parse(&piece.kind));
                let Some((lot, kind)) = lot else { continue };
                by_lot.entry((lot, kind.code())).or_default().push((piece.sequence as u32, scan));
            }
            Err(problem) => report.unknown.push(HandFault::of(scan, problem)),
        }
    }
    for ((name, kind), scans) in by_lot {
        let Some(kind) = PieceKind::parse(kind) else { continue };
        let lot = open.lot(&name, kind)?;
        let booking = report.booking(&lot, &scans);
        open.ledger.book(&lot, &booking, order.author)?;
        let lot = open.settle_if_complete(open.lot(&name, kind)?, order.today, order.author)?;
        report.lots.push(open.standing(&lot)?);
        report.reprint_lists.push(open.reprint_list(&lot)?);
        report.destruction_sheets.extend(open.destruction_sheet(&lot, order.today, order.author)?);
    }
    open.tell()?;
    Ok(report)
}

impl HandReport {
    /// What is booked of the scans of a lot. The last scan of a piece counts.
    fn booking(&mut self, lot: &LotInHand, scans: &[(u32, &HandScan)]) -> Booking {
        let mut booking = Booking::default();
        let last: BTreeMap<u32, &HandScan> = scans.iter().copied().collect();
        for (sequence, scan) in last {
            let Some(piece) = lot.piece(sequence) else { continue };
            let reference = lot.piece_id(sequence);
            let (state, cause, verdict, list) = match scan.act {
                HandAct::ByHand => (State::InsertedByHand, "filled by hand", "by_hand", &mut self.by_hand),
                HandAct::Spoiled => (State::Spoiled, "spoiled", "spoiled", &mut self.spoiled),
            };
            if piece.state == state {
                self.already.push(reference);
            } else if piece.state.allows(state) {
                list.push(reference);
                booking.moves.push((sequence, state, cause.to_owned()));
                booking.decided.push((sequence, verdict));
            } else {
                let problem = format!("{reference} is {}: it can't become {state}", piece.state);
                self.refused.push(HandFault::of(scan, problem));
            }
        }
        booking
    }
}

impl HandFault {
    fn of(scan: &HandScan, problem: String) -> HandFault {
        HandFault { line: scan.line, value: legible(&scan.value).to_string(), problem }
    }
}

impl OpenJob<'_> {
    /// The piece that a scan names, or why it names none. A card's number names the print of its letter that is in hand: that of
    /// the lot in hand, or the last one that has not left.
    fn wanded(&self, order: &HandOrder, value: &str) -> Result<Result<PieceStatus, String>, Failure> {
        let kind = order.lot.as_ref().map_or(PieceKind::Letter, |(_, kind)| *kind);
        let named = Naming::of_job(order.job, kind).of(value);
        if named == Named::Nothing {
            return Ok(Err("it is no card's number, no reference and no control code".to_owned()));
        }
        let mut found = named_pieces(&self.ledger, &named, kind)?;
        if let Some((name, kind)) = &order.lot {
            found.retain(|piece| piece.lot == name.as_str() && piece.kind == kind.code());
        }
        if found.len() > 1 {
            let in_hand: Vec<PieceStatus> =
                found.iter().filter(|piece| piece.state.may_leave()).cloned().collect();
            found = if in_hand.is_empty() { found } else { in_hand };
        }
        Ok(match (found.pop(), found.is_empty()) {
            (Some(piece), true) => Ok(piece),
            (Some(piece), false) => Err(format!(
                "it may be {} or {}: scan the reference, or name the lot in hand with `--lot`",
                piece.piece_id, found[0].piece_id
            )),
            (None, _) => Err("the ledger knows no such piece here".to_owned()),
        })
    }

    /// Settles a lot whose every piece has its status by now.
    pub(super) fn settle_if_complete(
        &self,
        lot: LotInHand,
        day: Date,
        author: &Author,
    ) -> Result<LotInHand, Failure> {
        let mut sequences = 1..=lot.pieces.len() as u32;
        let waits = sequences.any(|sequence| PieceStanding::of(&lot, sequence) == PieceStanding::Pending);
        if waits || lot.settled.is_some() || lot.dispatched.is_some() {
            return Ok(lot);
        }
        self.ledger.book(&lot, &Booking { settled: Some(day), ..Booking::default() }, author)?;
        self.lot(&lot.name, lot.kind)
    }
}
