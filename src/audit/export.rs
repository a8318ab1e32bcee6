//! What an auditor needs to check a day without this program: its lines, all heads, and the keys.

use std::path::Path;

use jiff::civil::Date;
use serde::Serialize;

use super::day::{DayLines, Days, file_of, read_head};
use super::note::NoteKey;
use super::{HEAD, LINES};
use crate::failure::Failure;

/// The version of the form of exports.
const FORMAT: u32 = 1;

/// An export. `docs/audit-check.py` checks it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct AuditExport {
    /// The version of its form.
    pub format: u32,
    /// The day whose lines it has.
    pub day: String,
    /// The verifier key of the log, as C2SP writes it.
    pub key: String,
    /// The verifier keys of the cosigners.
    pub cosigners: Vec<String>,
    /// The lines of the day, each as it was signed.
    pub lines: Vec<String>,
    /// The heads of all days, in order: signed notes.
    pub heads: Vec<String>,
}

/// The export of a day. It is taken as it is: who gets it checks it.
///
/// # Errors
/// `audit_day`: the log has no such day, or one that can't be exported; I/O errors.
pub(crate) fn export(
    folder: &Path,
    day: Date,
    key: &NoteKey,
    cosigners: &[NoteKey],
) -> Result<AuditExport, Failure> {
    let days = Days::of(folder)?;
    let unusable = |day: Date, ending: &str, problem: &str| {
        Failure::usage("audit_day", problem.to_owned())
            .in_file(file_of(folder, day, ending).display())
            .with_advice("`pli audit JOB` says which days the log has, and what is broken")
    };
    if !days.days.get(&day).is_some_and(|files| files.head) {
        return Err(unusable(day, HEAD, "the log has no such day"));
    }
    let lines = DayLines::read(folder, day)?;
    let head = read_head(&file_of(folder, day, HEAD))?;
    if lines.end().0 == 0 && head.is_some_and(|(_, head)| head.lines > 0) {
        return Err(unusable(day, LINES, "the lines of this day were forgotten, or removed"));
    }
    let texts = lines.whole().map(|line| String::from_utf8(line.to_vec()));
    let texts = texts.collect::<Result<Vec<_>, _>>();
    let lines = texts.map_err(|_| unusable(day, LINES, "a line is not UTF-8"))?;
    let mut heads = Vec::new();
    for (day, _) in days.days.iter().filter(|(_, files)| files.head) {
        let head = read_head(&file_of(folder, *day, HEAD))?;
        let (note, _) = head.ok_or_else(|| unusable(*day, HEAD, "this file is no head of a log"))?;
        heads.push(note.to_file());
    }
    Ok(AuditExport {
        format: FORMAT,
        day: day.to_string(),
        key: key.to_text(),
        cosigners: cosigners.iter().map(NoteKey::to_text).collect(),
        lines,
        heads,
    })
}
