//! The pieces that a text names, wherever they lie.

use super::naming::Named;
use crate::failure::Failure;
use crate::ledger::{Ledger, PieceStatus};
use mail::lot::LotName;
use mail::piece::PieceKind;

/// The pieces that the ledger knows by a name: one, all letters of a card, or the mailers of a tracking number that began
/// again. A name that does not say its kind is of `kind`.
///
/// # Errors
/// Ledger errors.
pub(super) fn named_pieces(
    ledger: &Ledger,
    named: &Named,
    kind: PieceKind,
) -> Result<Vec<PieceStatus>, Failure> {
    Ok(match named {
        Named::Card(number) => {
            let mut pieces = ledger.pieces_of_card(number.as_str())?;
            pieces.retain(|piece| piece.kind == PieceKind::Letter.code());
            pieces
        }
        Named::Piece(piece) => {
            ledger.piece(&piece.piece_id(piece.kind.unwrap_or(kind)))?.into_iter().collect()
        }
        Named::Sheet { lot, kind: said, sequence } => match LotName::parse(lot) {
            Some(lot) => ledger.piece_at(&lot, said.unwrap_or(kind), *sequence)?.into_iter().collect(),
            None => Vec::new(),
        },
        Named::Tracking(id) => ledger.mailers_of_tracking(id.number())?,
        Named::Nothing => Vec::new(),
    })
}
