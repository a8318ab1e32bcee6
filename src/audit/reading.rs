//! The acts of a log, for reports. Lines that can't be read are left out: the verification names them.

use std::path::Path;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::day::{DayLines, Days, file_of, read_head};
use super::{Checkpoint, HEAD};
use crate::failure::Failure;

/// An act as a report shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LoggedAct {
    /// When, UTC.
    pub at: String,
    /// What.
    pub act: String,
    /// How it ended.
    pub outcome: String,
    /// The mark of the user.
    pub who: String,
    /// The lots that were named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lots: Vec<String>,
    /// The pieces that were named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pieces: Vec<String>,
}

/// The newest closed day of a log, and where the log stood then, as paper shows it; `None` where no day is closed. Nothing is verified.
///
/// # Errors
/// `audit_io`.
pub(crate) fn newest_closed(folder: &Path) -> Result<Option<(Date, Checkpoint)>, Failure> {
    let days = Days::of(folder)?.days;
    let mut heads = 0;
    for day in days.into_keys().rev() {
        let Some((_, head)) = read_head(&file_of(folder, day, HEAD))? else { continue };
        if head.closed {
            return Ok(Some((head.day, head.checkpoint())));
        }
        heads += 1;
        if heads == 2 {
            break;
        }
    }
    Ok(None)
}

/// The acts of a log that `wanted` admits, the oldest first.
///
/// # Errors
/// I/O errors.
pub(crate) fn logged_acts(
    folder: &Path,
    wanted: impl Fn(&LoggedAct) -> bool,
) -> Result<Vec<LoggedAct>, Failure> {
    let mut found = Vec::new();
    for day in Days::of(folder)?.days.into_keys() {
        let lines = DayLines::read(folder, day)?;
        let acts = lines.whole().filter_map(|line| serde_json::from_slice::<LoggedAct>(line).ok());
        found.extend(acts.filter(|act| wanted(act)));
    }
    Ok(found)
}
