//! Recall sheets in the job's folder, one for each lot of which pieces are pulled.

use std::collections::BTreeSet;

use jiff::civil::Date;
use mail::lot::LotName;
use mail::piece::PieceKind;

use super::{RecallSheet, StackedPiece, recall_sheet};
use crate::failure::Failure;
use crate::files::write_whole;
use crate::job::Job;
use crate::ledger::{Ledger, PieceFilter, PieceStatus, State};
use crate::night::planning::cause_of_recall;

/// Writes the recall sheet of each lot in which one of these pieces lies, and returns their paths. A sheet lists all pieces of
/// its lot that are recalled by then. Letters and mailers never share one.
///
/// # Errors
/// `recall_sheet`: the bureau's name does not fit; ledger and I/O errors.
pub(crate) fn write_recall_sheets<'p>(
    job: &Job,
    ledger: &Ledger,
    pieces: impl IntoIterator<Item = &'p PieceStatus>,
    by: &str,
    day: Date,
) -> Result<Vec<String>, Failure> {
    let lot =
        |piece: &PieceStatus| Some((LotName::parse(&piece.lot)?, PieceKind::parse(&piece.kind)?.code()));
    let lots: BTreeSet<(LotName, &str)> = pieces.into_iter().filter_map(lot).collect();
    let mut paths = Vec::new();
    for (lot, kind) in lots {
        let Some(kind) = PieceKind::parse(kind) else { continue };
        let filter = PieceFilter { states: Some(vec![State::Recalled]), ..PieceFilter::of_lot(&lot, kind) };
        let mut pieces = Vec::new();
        ledger.each_piece(&filter, |piece| {
            pieces.push(StackedPiece::of(&piece));
            Ok::<_, Failure>(())
        })?;
        let (name, bureau) = (lot.marked(kind), &job.bureau().name);
        let language = job.language();
        let causes = ledger.causes_of_recall(&lot, kind)?.into_iter();
        let causes: Vec<String> = causes.map(|cause| cause_of_recall(language, cause)).collect();
        let reason = &causes.join(language.of("\u{202F}; ", "; "));
        let sheet = RecallSheet { language, bureau, lot: &name, kind, reason, by, day, pieces: &pieces };
        let path = job.after_press(&format!("{name}.recall-{day}.pdf"))?;
        write_whole(&path, &recall_sheet(&sheet)?)?;
        paths.push(path.display().to_string());
    }
    Ok(paths)
}

/// Writes the recall sheets of the pieces that the records of a night have recalled.
///
/// # Errors
/// Those of [`write_recall_sheets`].
pub(crate) fn write_recalls_of_night(job: &Job, ledger: &Ledger, night: Date) -> Result<(), Failure> {
    let recalled = ledger.recalled_by_night(night)?;
    let Some((_, by)) = recalled.first() else { return Ok(()) };
    write_recall_sheets(job, ledger, recalled.iter().map(|(piece, _)| piece), by, night).map(drop)
}
