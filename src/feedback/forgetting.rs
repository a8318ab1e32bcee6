//! What is forgotten goes from the issuer's files, too: files of old days, names that are purged, rows of one person.
//! Receipts name nobody and stay.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::{file_of_day, receipts, remakes, write_day};
use crate::failure::Failure;
use crate::files::{remove_file, sync_folders};
use crate::job::Job;
use crate::ledger::{Ledger, Person, PurgeOrder};

/// Removes the files of days up to one and returns these days. On a dry run they stay.
///
/// # Errors
/// I/O errors.
pub(crate) fn remove_old(job: &Job, until: Date, dry_run: bool) -> Result<Vec<Date>, Failure> {
    let old: Vec<Date> = days(&job.feedback_folder())?.into_iter().filter(|day| *day <= until).collect();
    if !dry_run {
        remove_partial(&job.feedback_folder())?;
        old.iter().try_for_each(|day| remove_file(&file_of_day(&job.feedback_folder(), *day)))?;
    }
    Ok(old)
}

/// Removes the partial files that killed commands left.
///
/// # Errors
/// I/O errors.
pub(super) fn remove_partial(folder: &Path) -> Result<(), Failure> {
    for folder in [folder, &folder.join(receipts::FOLDER)].into_iter().filter(|folder| folder.is_dir()) {
        for entry in fs_err::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.starts_with('.') && name.ends_with(".partial") {
                remove_file(&path)?;
            }
        }
    }
    Ok(())
}

/// Writes the files again that name records whose names a purge removed on `since` or later.
///
/// # Errors
/// Those of the ledger and its keys; I/O errors.
pub(crate) fn forget_names(
    job: &Job,
    ledger: &Ledger,
    order: &PurgeOrder,
    since: Date,
) -> Result<(), Failure> {
    let (after, nights) = (order.limit(order.retention.findings), order.limit(order.retention.names));
    let days = ledger.days_of_purged(since, after, nights)?;
    let folder = job.feedback_folder();
    let files = days.into_iter().map(|day| file_of_day(&folder, day)).chain([folder.join(remakes::FILE)]);
    write_again(job, ledger, &files.collect())
}

/// Writes those of these files again that are there.
///
/// # Errors
/// Those of the ledger and its keys; I/O errors.
pub(crate) fn write_again(job: &Job, ledger: &Ledger, files: &BTreeSet<PathBuf>) -> Result<(), Failure> {
    for file in files.iter().filter(|file| file.exists()) {
        match day_of(file) {
            Some(day) => write_day(job, ledger, day)?,
            None => remakes::write(job, ledger)?,
        }
    }
    Ok(sync_folders(&job.feedback_folder(), &[])?)
}

/// The issuer's files that may name people: those of days, and the cards to make again.
///
/// # Errors
/// I/O errors.
pub(crate) fn files(job: &Job) -> Result<Vec<PathBuf>, Failure> {
    let folder = job.feedback_folder();
    let days = days(&folder)?.into_iter().map(|day| file_of_day(&folder, day));
    let remakes = Some(folder.join(remakes::FILE)).filter(|file| file.exists());
    Ok(days.chain(remakes).collect())
}

/// The texts by which the rows of a person are found in the issuer's files.
#[derive(Debug)]
pub(crate) struct RowsOf {
    cards: BTreeSet<String>,
    references: BTreeSet<String>,
    pieces: BTreeSet<String>,
}

impl RowsOf {
    /// Those of a person.
    pub(crate) fn person(person: &Person) -> RowsOf {
        let reference = |record: &serde_json::Value| Some(record.get("client_ref")?.as_str()?.to_owned());
        RowsOf {
            cards: person.names.clone(),
            references: person.records.iter().filter_map(|it| reference(it.record.as_ref()?)).collect(),
            pieces: person
                .pieces()
                .map(|piece| piece.piece_id.clone())
                .filter(|piece| !piece.is_empty())
                .collect(),
        }
    }

    /// Whether a row is one of the person's: it has the card's number or a piece's reference. A row that has neither is known
    /// by the client's reference, which others may share: a file is written again once the ledger has forgotten the person.
    pub(crate) fn has(&self, row: &csv::ByteRecord) -> bool {
        let cell = |column: usize| row.get(column).and_then(|cell| std::str::from_utf8(cell).ok());
        let among = |texts: &BTreeSet<String>, cell: Option<&str>| cell.is_some_and(|it| texts.contains(it));
        let named =
            (1..row.len()).map(cell).any(|cell| among(&self.cards, cell) || among(&self.pieces, cell));
        named || (cell(1) == Some("") && among(&self.references, cell(0)))
    }
}

/// The days that have a file in a folder, in their order.
fn days(folder: &Path) -> Result<BTreeSet<Date>, Failure> {
    if !folder.is_dir() {
        return Ok(BTreeSet::new());
    }
    let mut days = BTreeSet::new();
    for entry in fs_err::read_dir(folder)? {
        days.extend(day_of(&entry?.path()));
    }
    Ok(days)
}

/// The day of a file; `None` for a file of another name.
fn day_of(file: &Path) -> Option<Date> {
    let day: Date = file.file_stem()?.to_str()?.parse().ok()?;
    (file.file_name()?.to_str()? == format!("{day}.csv")).then_some(day)
}
