//! Entering: what a night decided goes into the ledger, in one transaction, record by record.
//!
//! Takes the plan and the printed lots. Walks them side by side: pieces are in the order of their entries, so nothing
//! is looked up. Never commits.

use std::iter::Peekable;

use super::findings::Weight;
use super::intake::IntakeFile;
use super::planning::{Fate, Plan, Sends};
use super::printed_kind::{Leaving, PrintedKind};
use crate::failure::Failure;
use crate::ledger::{NewRecord, NightWriter};
use crate::mail::piece::PieceKind;

/// Writes a night.
///
/// # Errors
/// Those of the ledger and the disk.
pub(super) fn enter(
    writer: &NightWriter,
    files: &[IntakeFile],
    plan: &mut Plan,
    printed: &[PrintedKind],
) -> Result<(), Failure> {
    plan.cancelled_cards.iter().try_for_each(|card| writer.cancel(card.as_str()))?;
    files.iter().try_for_each(|file| writer.file(&file.sha256, &file.name, file.rows))?;
    printed.iter().try_for_each(|kind| writer.lot(&kind.entry))?;
    let mut pieces: Vec<_> = printed.iter().map(|kind| kind.leaving().peekable()).collect();
    for index in 0..plan.entries.len() {
        let piece = pieces.iter_mut().find_map(|pieces| of_entry(pieces, index as u32));
        match plan.duties.get(index) {
            Some(&duty) => enter_carried(writer, duty, plan.entries[index].fate, piece)?,
            None => enter_new(writer, plan, index as u32, piece)?,
        }
    }
    for (weight, kind) in [(Weight::Reject, "reject"), (Weight::Warning, "warning")] {
        plan.findings.each(weight, |finding| Ok::<_, Failure>(writer.finding(kind, finding)?))?;
    }
    Ok(())
}

/// The entry's piece, where it is the next one of a lot.
fn of_entry<'p>(pieces: &mut Peekable<impl Iterator<Item = Leaving<'p>>>, entry: u32) -> Option<Leaving<'p>> {
    pieces.next_if(|piece| piece.entry == entry)
}

/// A duty that the ledger held.
fn enter_carried(writer: &NightWriter, duty: i64, fate: Fate, piece: Option<Leaving>) -> Result<(), Failure> {
    if fate == Fate::Rejected {
        writer.refuse(duty)?;
    }
    if let Some(piece) = piece {
        writer.release(duty, piece.kind())?;
        piece.tell(|lot, piece| writer.piece(lot, duty, piece))?;
    }
    Ok(())
}

/// A new record, unless it was refused: it can be corrected then and come again.
fn enter_new(
    writer: &NightWriter,
    plan: &mut Plan,
    index: u32,
    piece: Option<Leaving>,
) -> Result<(), Failure> {
    if plan.entry(index).fate == Fate::Rejected {
        return Ok(());
    }
    let body = plan.body(index)?;
    let body = std::str::from_utf8(&body).map_err(std::io::Error::other)?;
    let entry = plan.entry(index);
    let record = writer.record(&NewRecord {
        card_number: entry.card.as_str(),
        reason: plan.reason(entry),
        source_file: plan.source_file(entry),
        line: u64::from(entry.line),
        body,
    })?;
    let Some(kind) = entry.sends.first() else { return Ok(()) };
    let follows = entry.sends == Sends::LetterThenMailer;
    match piece {
        Some(piece) => {
            let duty = writer.leaving(record, kind)?;
            piece.tell(|lot, piece| writer.piece(lot, duty, piece))?;
            if follows {
                writer.following(record)?;
            }
        }
        None => {
            writer.waiting(record, kind, Some(entry.due))?;
            if follows {
                writer.waiting(record, PieceKind::Mailer, None)?;
            }
        }
    }
    Ok(())
}
