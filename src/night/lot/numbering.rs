//! Numbering: the lots of a night, and the sequence and tracking number of each piece.
//!
//! Numbers continue after those in the ledger. Pieces are numbered once they have passed their check, so that no number is
//! skipped. The ledger is not written here: numbers count as used once the night is recorded.

use std::sync::Arc;

use mail::lot::{LotName, MAX_SEQUENCE};
use mail::piece::PieceKind;
use mail::tracking::TrackingId;
use serde::{Deserialize, Serialize};

use super::{Bundling, NumberedPiece};
use crate::failure::Failure;
use crate::job::{Bundle, Job};
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
    /// The names of its pieces in order, where they were printed before: in a reprint lot.
    pub again: Option<Arc<[AgainNames]>>,
}

/// The names of a piece that is printed again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AgainNames {
    /// Its printed reference.
    pub piece_id: String,
    /// The printed reference of the piece whose place it takes.
    pub reprint_of: String,
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
        Ok(LotNumbers { name, kind, first_tracking, again: None })
    }

    /// The printed reference of a piece by its sequence, from 1.
    pub(crate) fn piece_id(&self, sequence: u32) -> String {
        match self.again_names(sequence) {
            Some(names) => names.piece_id.clone(),
            None => self.name.piece_id(self.kind, sequence),
        }
    }

    fn again_names(&self, sequence: u32) -> Option<&AgainNames> {
        self.again.as_ref()?.get(usize::try_from(sequence).ok()?.checked_sub(1)?)
    }

    /// The tracking number of a piece by its sequence, from 1; `None` for letters.
    pub(crate) fn tracking(&self, sequence: u32) -> Option<u64> {
        self.first_tracking.map(|first| first + u64::from(sequence) - 1)
    }
}

/// The first tracking number of a lot: the one after the last in the ledger, or `first_tracking_number` where that is larger.
/// Numbers begin again at `first_tracking_number` when their ten digits are used up.
///
/// # Errors
/// Ledger errors.
pub(crate) fn first_tracking_number(job: &Job, ledger: &Ledger, pieces: u64) -> Result<u64, Failure> {
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
    bundles: Option<Bundling>,
}

impl<'a> Numbering<'a> {
    /// Begins with the lot's first number; tracking identifiers begin with `prefix`.
    pub(crate) fn begin(numbers: &'a LotNumbers, prefix: &'a str) -> Numbering<'a> {
        Numbering { numbers, prefix, next: 1, bundles: None }
    }

    /// Numbers bundles too, where the lot is broken into such.
    pub(crate) fn with_bundles(self, rule: Option<Bundle>) -> Numbering<'a> {
        Numbering { bundles: rule.map(Bundling::begin), ..self }
    }

    /// Numbers the next piece.
    ///
    /// # Errors
    /// `lot_full`: more pieces than a sequence of six digits can count; `tracking_number`: the identifier can't be formed.
    pub(crate) fn number(&mut self, piece: DuePiece) -> Result<NumberedPiece, Failure> {
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
        let reprint_of = self.numbers.again_names(sequence).map(|names| names.reprint_of.clone());
        let bundle = self.bundles.as_mut().map(|bundles| bundles.next(&piece.issuance.address));
        let piece_id = self.numbers.piece_id(sequence);
        Ok(NumberedPiece { piece, sequence, piece_id, reprint_of, tracking, bundle })
    }
}
