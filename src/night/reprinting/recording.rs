//! What a reprint writes into the ledger, in one transaction: its lots, their pieces, and what became of the originals.

use super::lot::ReprintedLot;
use super::order::ReprintOrder;
use crate::failure::Failure;
use crate::ledger::{Ledger, LotEntry, PieceEntry, ReleaseMark, SetAside};
use crate::night::lot::LotNumbers;
use crate::night::report::Report;

/// Records lots of pieces that are printed again, as a release of the ledger.
///
/// # Errors
/// Those of the ledger, also where a piece has another state by now; nothing is recorded then.
pub(super) fn record(
    order: &ReprintOrder,
    ledger: &Ledger,
    lots: &[ReprintedLot],
    aside: &[SetAside],
    mark: &ReleaseMark,
    report: &Report,
) -> Result<(), Failure> {
    let writer = ledger.begin(order.day, order.day, order.author.clone())?;
    let cause = format!("printed again: {}", order.cause());
    for ReprintedLot { finished, attempts } in lots {
        let (lot, files) = (&finished.lot, &finished.files.all);
        let LotNumbers { name, kind, first_tracking, .. } = &lot.numbers;
        for (sequence, printed) in (1..).zip(&lot.unrecorded) {
            let Some((duty, attempt)) = attempts.get(printed.entry as usize) else {
                return Err(Failure::bug("a printed piece has no order"));
            };
            let entry = PieceEntry {
                sequence,
                attempt: *attempt,
                file: printed.file,
                first_page: printed.first_page,
                pages: u32::from(printed.pages),
            };
            writer.insert_piece(*kind, *duty, &entry)?;
        }
        writer.insert_lot(&LotEntry {
            name,
            kind: *kind,
            template: &lot.kept_label(),
            pieces: u64::from(lot.count),
            first_tracking: *first_tracking,
            files,
            cause: &cause,
        })?;
        writer.next_lot();
    }
    writer.set_aside(aside)?;
    Ok(writer.commit(mark, &report.to_json())?)
}
