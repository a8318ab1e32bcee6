//! The codes of mailers that are printed again: from the codes files of the job, which must still be there.

use jiff::civil::Date;
use mail::issuance::Issuance;

use crate::failure::{Failure, Position};
use crate::job::Job;
use crate::ledger::ReleasedPiece;
use crate::night::intake::codes_of_night;
use crate::vault::{CardCodes, CodesOfNight};

/// Opens the codes files of the job and finds the codes of all pieces in them.
///
/// # Errors
/// `codes_gone`, `codes_unusable`: a piece without codes; those of the codes files.
pub(super) fn codes_of(job: &Job, day: Date, pieces: &[ReleasedPiece]) -> Result<CodesOfNight, Failure> {
    let codes = codes_of_night(job, day)?;
    for piece in pieces {
        if let Some(record) = &piece.issuance {
            codes_of_piece(&codes, piece, record)?;
        }
    }
    Ok(codes)
}

/// The codes of a piece.
///
/// # Errors
/// `codes_gone`: no codes file has its card; `codes_unusable`: its row there is faulty; `codes_changed`, `codes_unreadable`.
pub(super) fn codes_of_piece(
    codes: &CodesOfNight,
    piece: &ReleasedPiece,
    record: &Issuance,
) -> Result<CardCodes, Failure> {
    let piece_id = &piece.piece_id;
    let found = codes.of_card(record.card_number.as_str());
    codes.check_unchanged()?;
    match found {
        Some(Ok(codes)) => Ok(codes),
        Some(Err(fault)) => {
            let problem =
                format!("the codes of `{piece_id}` can't be printed: {}: {}", fault.field, fault.message);
            Err(Failure::refused("codes_unusable", problem).at(Position::line(&fault.file, fault.line)))
        }
        None => {
            let problem =
                format!("no codes file has the codes of `{piece_id}` any more; nothing was printed");
            Err(Failure::refused("codes_gone", problem).with_advice(
                "put the codes file of its night back where `input.codes` finds it, or leave the piece out",
            ))
        }
    }
}
