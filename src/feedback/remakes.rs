//! `remakes.csv`: the pieces whose cards are lost or damaged, for which the issuer makes new ones.

use super::row::{card_number, harmless, write_table};
use crate::failure::Failure;
use crate::job::Job;
use crate::ledger::Ledger;

/// The name of the file.
pub(super) const FILE: &str = "remakes.csv";

/// Writes the file with all cards that are to be made again, of all days.
///
/// # Errors
/// Those of the ledger and its keys; I/O errors.
pub(super) fn write(job: &Job, ledger: &Ledger) -> Result<(), Failure> {
    let path = job.feedback_folder().join(FILE);
    let columns = ["client_ref", "card_number", "piece_id", "cause", "day"];
    write_table(&path, &columns, |table| {
        ledger.each_remake(|remake| {
            let piece = &remake.piece;
            let number = card_number(&piece.names.card_number, Some(piece.kind), job.tells_mailer_cards());
            let cause = harmless(&format!("{}: {}", piece.state.code(), piece.cause));
            let row = [&*piece.names.client_ref, number, &piece.piece_id, &cause, &remake.day];
            table.write_record(row).map_err(std::io::Error::from)?;
            Ok::<_, Failure>(())
        })
    })
}
