//! Numbering: the lots of a night, and the sequence and tracking number of each piece.
//!
//! Numbers continue after those in the ledger. Pieces are numbered once they have passed their check, so that no number is
//! skipped. The ledger is not written here: numbers count as used once the night is recorded.

use mail::lot::{LotName, MAX_SEQUENCE};
use mail::piece::PieceKind;
use mail::tracking::TrackingId;

use super::NumberedPiece;
use crate::failure::Failure;
use crate::job::Job;
use crate::ledger::Ledger;
use crate::night::order::NightOrder;
use crate::night::planning::{DuePiece, Plan};

/// A lot's name, kind and first numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LotNumbers {
    /// Its name.
    pub name: LotName,
    /// Its kind.
    pub kind: PieceKind,
    /// The tracking number of its first mailer; `None` for letters.
    pub first_tracking: Option<u64>,
}

impl LotNumbers {
    /// Tonight's lots: one for each kind with due pieces.
    ///
    /// # Errors
    /// `too_many_lots`: the night has its 26 lots of a kind already; ledger errors.
    pub(crate) fn tonight(
        order: &NightOrder,
        ledger: &Ledger,
        plan: &Plan,
    ) -> Result<Vec<LotNumbers>, Failure> {
        let due = |kind| (kind, plan.pieces(kind).count() as u64);
        let of_kind = |(kind, due)| LotNumbers::next(order, ledger, kind, due);
        PieceKind::ALL.into_iter().map(due).filter(|(_, due)| *due > 0).map(of_kind).collect()
    }

    fn next(order: &NightOrder, ledger: &Ledger, kind: PieceKind, due: u64) -> Result<LotNumbers, Failure> {
        let night = order.night;
        let earlier = ledger.lots_of_night(night, kind)?;
        let name = LotName::new(night, earlier).ok_or_else(|| {
            Failure::refused("too_many_lots", format!("the night of {night} has 26 {kind} lots already"))
                .with_advice("run on another date")
        })?;
        let first_tracking = match kind {
            PieceKind::Letter => None,
            PieceKind::Mailer => Some(first_tracking_number(order.job, ledger, due)?),
        };
        Ok(LotNumbers { name, kind, first_tracking })
    }

    /// The tracking number of a piece by its sequence, from 1; `None` for letters.
    pub(crate) fn tracking(&self, sequence: u32) -> Option<u64> {
        self.first_tracking.map(|first| first + u64::from(sequence) - 1)
    }
}

/// The first tracking number of a lot: the one after the last in the ledger, or `first_tracking_number` where that is larger.
/// Numbers begin again at `first_tracking_number` when their ten digits are used up.
fn first_tracking_number(job: &Job, ledger: &Ledger, pieces: u64) -> Result<u64, Failure> {
    const LAST: u64 = 9_999_999_999;
    let configured = job.mailers().first_tracking_number;
    let next = ledger.last_tracking_number()?.map_or(configured, |last| (last + 1).max(configured));
    match next + pieces > LAST + 1 && configured + pieces <= LAST {
        true => Ok(configured),
        false => Ok(next),
    }
}

/// Numbers the pieces of a lot one after the other.
pub(crate) struct Numbering<'a> {
    numbers: &'a LotNumbers,
    prefix: &'a str,
    next: u32,
}

impl<'a> Numbering<'a> {
    /// Begins with the lot's first number; tracking identifiers begin with `prefix`.
    pub(crate) fn begin(numbers: &'a LotNumbers, prefix: &'a str) -> Numbering<'a> {
        Numbering { numbers, prefix, next: 1 }
    }

    /// Numbers the next piece.
    ///
    /// # Errors
    /// `lot_full`: more pieces than a sequence of six digits can count; `tracking_number`: the identifier can't be formed.
    pub(crate) fn number(&mut self, piece: DuePiece) -> Result<NumberedPiece, Failure> {
        let LotNumbers { name, kind, .. } = self.numbers;
        let sequence = self.next;
        if sequence > MAX_SEQUENCE {
            let problem =
                format!("more than {MAX_SEQUENCE} pieces in one lot, and sequences have six digits");
            return Err(
                Failure::refused("lot_full", problem).with_advice("split the record files over two runs")
            );
        }
        let tracking = self.numbers.tracking(sequence).map(|number| TrackingId::new(self.prefix, number));
        let tracking = tracking.transpose();
        let tracking =
            tracking.map_err(|fault| Failure::usage("tracking_number", format!("`mailers`: {fault}")))?;
        self.next += 1;
        Ok(NumberedPiece { piece, sequence, piece_id: name.piece_id(*kind, sequence), tracking })
    }
}
