//! The permission to print again: each kind by its own operators, and mailers with the approval of two persons.

use super::order::{Destruction, ReprintOrder};
use crate::approvals::{self, Act, Allowed, Subject, Used};
use crate::failure::Failure;
use crate::ledger::{Ledger, ReleasedPiece};
use crate::night::production::recipients_of_mailers;
use crate::night::run::certifying_key;
use crate::vault::describe;
use mail::piece::PieceKind;

/// Whether these pieces, all of one kind, may be printed again, and with which keys.
///
/// # Errors
/// `wrong_user`: they are another user's; `approval_needed`: they are mailers, or production has not used the signing key, and two
/// persons must approve first; those of [`approvals::pass`] and of keys.
pub(super) fn permit(
    order: &ReprintOrder,
    ledger: &Ledger,
    pieces: &[ReleasedPiece],
) -> Result<Allowed, Failure> {
    let (job, kind) = (order.job, pieces.first().map(|piece| piece.kind));
    approvals::permit(job, kind)?;
    let Some(kind) = kind.filter(|_| job.lists_approvers()) else { return Ok(Allowed::default()) };
    let signing: Used = match kind {
        PieceKind::Letter => [approvals::signing_key(&describe(&job.letters().key)?)].into(),
        PieceKind::Mailer => certifying_key(job, order.prove).into_iter().collect(),
    };
    let mut subjects: Vec<Subject> = approvals::first_use(job, ledger, &signing)?.into_iter().collect();
    let mut used = signing.clone();
    if kind == PieceKind::Mailer {
        let press: Used = approvals::press_keys(recipients_of_mailers(job)?.as_ref()).collect();
        subjects.push(subject(order, pieces, &press));
        used.extend(press);
    }
    approvals::pass(job, ledger, &order.asking, subjects)?;
    approvals::note_use(job, ledger, &signing)?;
    Ok(Allowed::only(used))
}

/// The order as two persons approve it: the pieces, their templates as they are kept, and the keys of the press.
fn subject(order: &ReprintOrder, pieces: &[ReleasedPiece], press: &Used) -> Subject {
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
    press.iter().fold(subject, |subject, (name, hash)| subject.under(name, hash))
}
