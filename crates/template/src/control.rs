//! The marks that an inserter reads: the places of OMR strips and control codes.
//!
//! A template reserves the place and says nothing of the machine; what is drawn there follows from the job's
//! `[inserter]` and from the sheet. All lengths are PDF points from the page's top left corner.

use super::check::printed_place;
use super::marks::{AreaKind, Mark, MarkReader, Place};

/// The strip of an optical mark reader.
#[derive(Debug, Clone, PartialEq)]
pub struct OmrMark {
    /// The strip with the paper that is kept clear around it.
    pub place: Place,
    /// How much of the place is left clear on each side.
    pub clear: f64,
}

/// The small Data Matrix that names a sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlCodeMark {
    /// The largest symbol with its quiet zone.
    pub place: Place,
}

/// A mark for an inserter, read from its dictionary.
pub(super) fn read(reader: &MarkReader, kind: &str, place: Place) -> Result<Mark, String> {
    match kind {
        "omr" => Ok(Mark::Omr(OmrMark { place, clear: reader.number("clear")? })),
        "control-code" => Ok(Mark::ControlCode(ControlCodeMark { place })),
        other => Err(format!("unknown mark `{other}`")),
    }
}

/// Why a side's control marks show where they should not: each such mark, and what is wrong.
pub(super) fn astray(marks: &[Mark]) -> Vec<(&Mark, String)> {
    let controls = marks.iter().filter(|mark| matches!(mark, Mark::Omr(_) | Mark::ControlCode(_)));
    let shown = controls.filter(|mark| marks.iter().any(|area| shows_undeclared(area, mark)));
    shown
        .map(|mark| {
            (mark, "shows in a window that does not hold it: name it in `holds`, or move it".to_owned())
        })
        .collect()
}

/// Whether the area is a window in which the mark shows without being among what it holds.
fn shows_undeclared(area: &Mark, mark: &Mark) -> bool {
    let name = match mark {
        Mark::Omr(_) => "omr",
        _ => "control-code",
    };
    match area {
        Mark::Area(area) => match &area.kind {
            AreaKind::Window(holds) => {
                area.place.meets(&printed_place(mark)) && !holds.iter().any(|held| held == name)
            }
            _ => false,
        },
        _ => false,
    }
}
