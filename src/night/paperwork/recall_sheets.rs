//! Recall sheets in the job's folder, one for each lot of which pieces are pulled.

use std::collections::BTreeMap;

use jiff::civil::Date;
use mail::lot::LotName;
use mail::piece::PieceKind;

use super::{RecallSheet, StackedPiece, recall_sheet};
use crate::failure::Failure;
use crate::files::write_whole;
use crate::job::Job;
use crate::ledger::{Ledger, PieceStatus};

/// Writes a recall sheet for each lot of these pieces, and returns their paths. Letters and mailers never share one.
///
/// # Errors
/// `recall_sheet`: the bureau's name does not fit; I/O errors.
pub(crate) fn write_recall_sheets<'p>(
    job: &Job,
    pieces: impl IntoIterator<Item = &'p PieceStatus>,
    reason: &str,
    by: &str,
    day: Date,
) -> Result<Vec<String>, Failure> {
    let mut lots: BTreeMap<(LotName, &'static str), Vec<StackedPiece>> = BTreeMap::new();
    for piece in pieces {
        let Some((lot, kind)) = LotName::parse(&piece.lot).zip(PieceKind::parse(&piece.kind)) else {
            continue;
        };
        lots.entry((lot, kind.code())).or_default().push(StackedPiece::of(piece));
    }
    let mut paths = Vec::new();
    for ((lot, kind), mut pieces) in lots {
        let Some(kind) = PieceKind::parse(kind) else { continue };
        pieces.sort_by(|one, other| (&one.file, one.first_page).cmp(&(&other.file, other.first_page)));
        let name = lot.marked(kind);
        let bureau = &job.bureau().name;
        let sheet = RecallSheet { bureau, lot: &name, kind, reason, by, day, pieces: &pieces };
        let path = job.after_press(&format!("{name}.recall-{day}.pdf"))?;
        write_whole(&path, &recall_sheet(&sheet)?)?;
        paths.push(path.display().to_string());
    }
    Ok(paths)
}

/// Writes the recall sheets of the pieces that the records of a night have recalled.
///
/// # Errors
/// Those of [`write_recall_sheets`]; ledger errors.
pub(crate) fn write_recalls_of_night(job: &Job, ledger: &Ledger, night: Date) -> Result<(), Failure> {
    let recalled = ledger.recalled_by_night(night)?;
    let Some((_, by)) = recalled.first() else { return Ok(()) };
    let pieces = recalled.iter().map(|(piece, _)| piece);
    write_recall_sheets(job, pieces, "carte révoquée ou remplacée", by, night).map(drop)
}
