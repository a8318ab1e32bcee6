//! What a killed command left of a line: it is finished, or undone, before the next one is written.

use std::path::Path;

use super::day::{DayLines, Days, file_of, read_head};
use super::log::broken;
use super::note::{NoteKey, Signed};
use super::{HEAD, LINES, NEXT};
use crate::failure::Failure;
use crate::files::{remove_file, sync_folders};

/// Finishes the line of each `DAY.next`: the line is there, and the head gets its name; or it is not, or torn, and both go.
///
/// # Errors
/// `audit_broken`: the lines are neither those of the head nor those of the next; I/O errors.
pub(super) fn recover(folder: &Path, days: &Days, public: &NoteKey) -> Result<(), Failure> {
    for (day, _) in days.days.iter().filter(|(_, files)| files.next) {
        let (next, head) = (file_of(folder, *day, NEXT), file_of(folder, *day, HEAD));
        let (note, promised) = read_head(&next)?.ok_or_else(|| broken(&next, "it is no head of a log"))?;
        if note.signed_by(public) != Signed::Yes || promised.day != *day {
            return Err(broken(&next, "the log's key did not sign this head of this day"));
        }
        let lines = DayLines::read(folder, *day)?;
        if lines.agree_with(&promised) && lines.torn() == 0 {
            fs_err::rename(&next, &head)?;
            sync_folders(folder, &[])?;
            continue;
        }
        let before = read_head(&head)?.map(|(_, head)| head);
        let as_before = match &before {
            Some(before) => lines.agree_with(before),
            None => lines.end().0 == 0,
        };
        if !as_before {
            return Err(broken(&file_of(folder, *day, LINES), "its lines are not those of its head"));
        }
        // The head must not outlive the torn line, and so not the other way round: a torn line without it is a fault.
        cut(&file_of(folder, *day, LINES), &lines, before.is_none())?;
        remove_file(&next)?;
    }
    Ok(())
}

/// Cuts a torn line; removes the file where no line is left that a head names.
fn cut(path: &Path, lines: &DayLines, first: bool) -> Result<(), Failure> {
    if first {
        return Ok(remove_file(path)?);
    }
    if lines.torn() > 0 {
        let file = fs_err::OpenOptions::new().write(true).open(path)?;
        file.set_len(lines.whole_length())?;
        file.sync_all()?;
    }
    Ok(())
}
