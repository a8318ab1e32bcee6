//! Numbering: the lots of a night, and the sequence and tracking number of each piece.
//!
//! Takes what the ledger has given before. Gives pieces that passed their check their numbers, one after the other, so
//! that none is skipped. Never writes the ledger: the numbers are taken when the night is entered.

use super::planning::{DuePiece, Plan};
use super::printing::NumberedPiece;
use super::run::NightOrder;
use crate::failure::Failure;
use crate::job::Job;
use crate::ledger::Ledger;
use mail::lot::{LotName, MAX_SEQUENCE};
use mail::piece::PieceKind;
use mail::tracking::TrackingId;

/// Where the numbers of a lot begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Series {
    /// The lot.
    pub lot: LotName,
    /// Its kind.
    pub kind: PieceKind,
    /// The tracking number of its first mailer.
    pub first_tracking: Option<u64>,
}

impl Series {
    /// The series of tonight's lots, for the kinds of which something is due.
    ///
    /// # Errors
    /// Those of the ledger, and a night that has all its lots already.
    pub fn tonight(order: &NightOrder, ledger: &Ledger, plan: &Plan) -> Result<Vec<Series>, Failure> {
        let due = |kind| (kind, plan.pieces(kind).count() as u64);
        let of_kind = |(kind, due)| Series::next(order, ledger, kind, due);
        PieceKind::ALL.into_iter().map(due).filter(|(_, due)| *due > 0).map(of_kind).collect()
    }

    fn next(order: &NightOrder, ledger: &Ledger, kind: PieceKind, due: u64) -> Result<Series, Failure> {
        let night = order.night;
        let rank = ledger.lots_of_night(night, kind)?;
        let lot = LotName::new(night, rank).ok_or_else(|| {
            Failure::Refused(format!("the night of {night} has 26 {kind} lots already; run on another date"))
        })?;
        let first_tracking = match kind {
            PieceKind::Letter => None,
            PieceKind::Mailer => Some(first_tracking_number(order.job, ledger, due)?),
        };
        Ok(Series { lot, kind, first_tracking })
    }
}

/// The series goes on where it stopped, leaps to `first_tracking_number` where that was raised, and begins anew when
/// its ten digits are used up.
fn first_tracking_number(job: &Job, ledger: &Ledger, pieces: u64) -> Result<u64, Failure> {
    const LAST: u64 = 9_999_999_999;
    let configured = job.sections.mailers.first_tracking_number;
    let next = ledger.last_tracking_number()?.map_or(configured, |last| (last + 1).max(configured));
    match next + pieces > LAST + 1 && configured + pieces <= LAST {
        true => Ok(configured),
        false => Ok(next),
    }
}

/// The numbers of a lot, given one after the other.
pub(super) struct Numbering<'a> {
    series: &'a Series,
    prefix: &'a str,
    next: u32,
}

impl<'a> Numbering<'a> {
    /// Begins with the series's first number; `prefix` is that of tracking identifiers.
    pub fn begin(series: &'a Series, prefix: &'a str) -> Numbering<'a> {
        Numbering { series, prefix, next: 1 }
    }

    /// Gives a piece the next number.
    ///
    /// # Errors
    /// A lot with more pieces than sequences, a tracking number that can't be written.
    pub fn number(&mut self, piece: DuePiece) -> Result<NumberedPiece, Failure> {
        let Series { lot, kind, first_tracking } = self.series;
        let sequence = self.next;
        if sequence > MAX_SEQUENCE {
            return Err(Failure::Refused(format!(
                "more than {MAX_SEQUENCE} pieces in one lot, and sequences have six digits\n  split the record files over two runs",
            )));
        }
        let tracking = first_tracking.map(|first| first + u64::from(sequence) - 1);
        let tracking = tracking.map(|number| TrackingId::new(self.prefix, number)).transpose();
        let tracking = tracking.map_err(|fault| Failure::Usage(format!("`mailers`: {fault}")))?;
        self.next += 1;
        Ok(NumberedPiece { piece, sequence, piece_id: lot.piece_id(*kind, sequence), tracking })
    }
}
