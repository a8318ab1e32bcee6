//! The permission to print again: each kind by its own operators, and mailers with the approval of two persons.

use super::order::{Destruction, ReprintOrder};
use crate::approvals::{self, Act, Subject};
use crate::failure::Failure;
use crate::ledger::{Ledger, ReleasedPiece};
use crate::night::production::recipients_of_mailers;
use mail::piece::PieceKind;

/// Whether these pieces, all of one kind, may be printed again.
///
/// # Errors
/// `wrong_user`: they are another user's; `approval_needed`: they are mailers, and two persons must approve first; those of
/// [`approvals::pass`].
pub(super) fn permit(order: &ReprintOrder, ledger: &Ledger, pieces: &[ReleasedPiece]) -> Result<(), Failure> {
    let kind = pieces.first().map(|piece| piece.kind);
    approvals::permit(order.job, kind)?;
    if kind != Some(PieceKind::Mailer) || !order.job.lists_approvers() {
        return Ok(());
    }
    approvals::pass(order.job, ledger, &order.asking, vec![subject(order, pieces)?])
}

/// The order as two persons approve it: the pieces, their templates as they are kept, and the keys of the press.
fn subject(order: &ReprintOrder, pieces: &[ReleasedPiece]) -> Result<Subject, Failure> {
    let names = pieces.iter().map(|piece| piece.piece_id.clone()).collect();
    let details = [("day", order.day.to_string()), ("reason", order.reason.to_owned())];
    let mut subject = Subject::new(Act::ReprintMailers, names, details);
    if let Some(Destruction { by, witness }) = &order.destroyed {
        subject.details.insert("destroyed by".to_owned(), by.clone());
        subject.details.insert("witness".to_owned(), witness.clone());
    }
    for kept in pieces.iter().filter_map(|piece| piece.kept.as_ref()) {
        subject = subject.under(format!("template {}", kept.get(..8).unwrap_or(kept)), kept);
    }
    for recipient in recipients_of_mailers(order.job)?.iter().flat_map(|all| all.summaries()) {
        subject = subject
            .under(approvals::press_key(&recipient.fingerprint), approvals::hash(&recipient.recipient));
    }
    Ok(subject)
}
