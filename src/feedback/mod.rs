//! Word to the issuer: what became of each request, a file a day; cards to make again; a signed receipt for each input file.
//!
//! A day's file follows from the ledger alone and is written whole, so a command that was killed is made up for by the next
//! one. What is told is noted in the ledger once the files are in place. No code, and no name or address of a holder.

mod day;
mod forgetting;
mod receipts;
mod remakes;
mod returns;
mod row;

pub(crate) use forgetting::{RowsOf, files, forget_names, remove_old, write_again};
#[cfg(test)]
pub(crate) use receipts::Receipt;

pub(crate) use returns::{ReturnFile, purge_returns, return_files, write_returns_csv};

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::failure::{Exit, Failure};
use crate::files::{private_folder, sync_folders};
use crate::job::Job;
use crate::ledger::Ledger;

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FeedbackReport {
    /// How many files of days.
    pub days: usize,
    /// How many receipts.
    pub receipts: usize,
}

/// Brings the issuer's files up to date with the ledger. Belongs at the end of each command that changes the ledger, under
/// the job's lock. Does little where there is no news.
///
/// A receipt waits where the signing key can't be opened on this machine; a warning says so once, and a later command that
/// has the key writes it.
///
/// # Errors
/// Those of the ledger and its keys, and I/O errors, all of exit code 4: the next command makes up for it.
pub(crate) fn write(job: &Job, ledger: &Ledger) -> Result<FeedbackReport, Failure> {
    tell(job, ledger).map_err(|failure| failure.with_exit(Exit::Midway))
}

fn tell(job: &Job, ledger: &Ledger) -> Result<FeedbackReport, Failure> {
    let news = ledger.news()?;
    let folder = job.feedback_folder();
    forgetting::remove_partial(&folder)?;
    for day in &news.days {
        write_day(job, ledger, *day)?;
    }
    for day in &news.returns {
        write_returns_csv(job, ledger, *day)?;
    }
    if news.remakes {
        private_folder(&folder)?;
        remakes::write(job, ledger)?;
    }
    if !news.days.is_empty() {
        sync_folders(&folder, &[])?;
    }
    let receipts = receipts::write(job, ledger, &news)?;
    ledger.note_told(&news)?;
    let report = FeedbackReport { days: news.days.len(), receipts };
    tracing::info!(days = report.days, receipts = report.receipts, "the issuer's files are up to date");
    Ok(report)
}

/// Writes the file of a day.
fn write_day(job: &Job, ledger: &Ledger, day: Date) -> Result<(), Failure> {
    let folder = job.feedback_folder();
    private_folder(&folder)?;
    day::write(&file_of_day(&folder, day), job, ledger, day)
}

/// The file of a day.
fn file_of_day(folder: &Path, day: Date) -> PathBuf {
    folder.join(format!("{day}.csv"))
}
