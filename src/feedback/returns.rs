//! Returned mail for the client: `returns.csv` of each day, and what else lies in the folders of returns.
//!
//! A table follows from the ledger and the job alone, and is written whole, so that it may be written again.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use mail::piece::PieceKind;
use mail::returned::ReturnReasons;
use mail::tracking::TrackingId;

use super::row::{harmless, write_table};
use crate::failure::Failure;
use crate::files::{remove_file, sync_folders};
use crate::job::Job;
use crate::ledger::{DayReturn, Ledger, PurgeOrder};

/// The table of a day.
const TABLE: &str = "returns.csv";
/// How the names of minutes of destruction begin. They name pieces by their references only, and stay with the events.
const MINUTES: &str = "destruction-";

/// The columns of `returns.csv`.
const COLUMNS: [&str; 13] = [
    "client_ref",
    "kind",
    "card_number",
    "piece_id",
    "tracking_id",
    "returned_on",
    "reason",
    "reason_text",
    "dispatched_on",
    "days",
    "disposition",
    "booked_by",
    "box",
];

/// Writes the table of a day's returns and returns its path; `None` where the day has none and no table was written before.
/// [`super::write`] calls it for each day of which returns were booked, corrected or undone.
///
/// # Errors
/// Those of the ledger and its keys; I/O errors.
pub(crate) fn write_returns_csv(job: &Job, ledger: &Ledger, day: Date) -> Result<Option<PathBuf>, Failure> {
    let returns = ledger.returns_of_day(day)?;
    if returns.is_empty() && !job.returns_folder(day).join(TABLE).exists() {
        return Ok(None);
    }
    let path = job.returns_file(day, TABLE)?;
    let reasons = job.return_reasons();
    write_table(&path, &COLUMNS, |table| {
        for found in &returns {
            table.write_record(cells(job, &reasons, found)).map_err(std::io::Error::from)?;
        }
        Ok(())
    })?;
    Ok(Some(path))
}

/// A return as a row.
fn cells(job: &Job, reasons: &ReturnReasons, found: &DayReturn) -> [String; 13] {
    let DayReturn { place, past, record, .. } = found;
    let shows_card = place.kind == PieceKind::Letter || job.shows_cards_of_returned_mailers();
    let card = record.as_ref().filter(|_| shows_card).map(|record| record.card_number.to_string());
    let prefix = job.mailers().tracking_prefix;
    let tracking = found.tracking.and_then(|number| TrackingId::new(prefix, number).ok());
    let left = found.dispatched.unwrap_or(found.night);
    let days = (past.on - left).get_days();
    [
        // The client's reference is for the client's programs: not a character is added.
        record.as_ref().map(|record| record.client_ref.clone()).unwrap_or_default(),
        place.kind.code().to_owned(),
        card.unwrap_or_default(),
        found.piece_id.clone(),
        tracking.map(|id| id.to_string()).unwrap_or_default(),
        past.on.to_string(),
        past.reason.clone(),
        harmless(reasons.words(&past.reason)),
        left.to_string(),
        days.to_string(),
        reasons.disposition(&past.reason).code().to_owned(),
        harmless(&past.by),
        past.box_number.map(|number| number.to_string()).unwrap_or_default(),
    ]
}

/// A file or folder in the folder of a day's returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReturnFile {
    /// The day.
    pub day: Date,
    /// Its path.
    pub path: PathBuf,
}

impl ReturnFile {
    fn name(&self) -> &str {
        self.path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
    }

    /// Whether it is the day's table.
    pub(crate) fn is_table(&self) -> bool {
        self.name() == TABLE
    }

    /// Whether it names no holder: minutes of a destruction.
    pub(crate) fn names_nobody(&self) -> bool {
        self.name().starts_with(MINUTES)
    }
}

/// Everything that lies in the folders of returns, by day.
///
/// # Errors
/// I/O errors.
pub(crate) fn return_files(job: &Job) -> Result<Vec<ReturnFile>, Failure> {
    let folder = job.returns_root();
    let mut found = Vec::new();
    if !folder.is_dir() {
        return Ok(found);
    }
    for entry in fs_err::read_dir(folder)? {
        let folder = entry?.path();
        let Some(day) = day_of(&folder).filter(|_| folder.is_dir()) else { continue };
        for entry in fs_err::read_dir(&folder)? {
            found.push(ReturnFile { day, path: entry?.path() });
        }
    }
    found.sort_by(|one, other| (one.day, &one.path).cmp(&(other.day, &other.path)));
    Ok(found)
}

/// The day of a folder; `None` for one of another name.
fn day_of(folder: &Path) -> Option<Date> {
    let name = folder.file_name()?.to_str()?;
    let day: Date = name.parse().ok()?;
    (day.to_string() == name).then_some(day)
}

/// Removes what lies in the folders of returns past its days: what names people with the names, minutes of destructions with the
/// events. Returns the days of what was removed, one for each file or folder; on a dry run of what would be.
///
/// # Errors
/// I/O errors.
pub(crate) fn purge_returns(job: &Job, order: &PurgeOrder) -> Result<Vec<Date>, Failure> {
    let is_over = |file: &ReturnFile| {
        let days = if file.names_nobody() { order.retention.events } else { order.retention.names };
        file.day <= order.limit(days)
    };
    let over: Vec<ReturnFile> = return_files(job)?.into_iter().filter(is_over).collect();
    if !order.dry_run {
        for file in &over {
            match fs_err::symlink_metadata(&file.path)?.is_dir() {
                true => fs_err::remove_dir_all(&file.path)?,
                false => remove_file(&file.path)?,
            }
        }
        for day in over.iter().map(|file| file.day).collect::<std::collections::BTreeSet<_>>() {
            let folder = job.returns_folder(day);
            if fs_err::read_dir(&folder)?.next().is_none() {
                fs_err::remove_dir(&folder)?;
            }
        }
        if !over.is_empty() {
            sync_folders(&job.returns_root(), &[])?;
        }
    }
    Ok(over.into_iter().map(|file| file.day).collect())
}
