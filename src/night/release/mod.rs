//! Release: the staged files get their final paths, all together with the ledger.
//!
//! First the ledger commits, in one transaction, what is about to be released; then the files are renamed or uploaded; then
//! the ledger records that they are in place. A release that is interrupted in between is finished by the next run.

mod earlier;
mod findings_table;
mod history;
mod leftovers;
mod locking;
mod output;
mod shares;

pub(super) use findings_table::FindingsTable;
pub(crate) use history::open_ledger;
pub(super) use history::{hold_against_outputs, refuse_lost_ledger};
pub(crate) use leftovers::Leftovers;
pub(super) use leftovers::{CutMailers, sweep};
pub(crate) use locking::{JobLock, is_locked, lock_alone};
pub(super) use locking::{lock_among_shards, without_locks};
pub(super) use output::NightOutput;
pub(super) use shares::{
    ASIDE, LOCK, clear_shares, complete_shares, folder_entries, refuse_beside_shares, share_key_file,
    shares_folder, with_ending,
};

use std::io;

use jiff::civil::Date;
use rayon::prelude::*;

use super::paperwork::write_recalls_of_night;
use crate::failure::{Exit, Failure};
use crate::files::{sha256_of_file, sync_folders, write_whole};
use crate::job::Job;
use crate::ledger::{Author, Ledger};

/// Releases a night: `files` are the staged files, relative to the staging folder; `commit` commits the night to the
/// ledger.
///
/// # Errors
/// `foreign_file`: a file lies there that the ledger does not know; ledger, I/O and store errors.
pub(super) fn release(
    job: &Job,
    output: &NightOutput,
    ledger: &Ledger,
    night: Date,
    files: &[String],
    commit: impl FnOnce() -> Result<(), Failure>,
) -> Result<(), Failure> {
    refuse_foreign(output, files)?;
    sync_folders(output.staging(), files)?;
    commit()?;
    // The stamp first: no file of the night is in place without it.
    let stamped = history::write_stamp(job, ledger, output.staging());
    let placed =
        stamped.and_then(|()| output.place(files)).and_then(|()| write_reports(output, ledger, night));
    let placed = placed.and_then(|()| write_recalls_of_night(job, ledger, night));
    placed.map_err(unfinished)?;
    ledger.settle(&Author::of_process())?;
    Ok(output.clear()?)
}

/// Once the ledger has the night, the next run finishes what failed.
fn unfinished(failure: Failure) -> Failure {
    failure.with_exit(Exit::Midway)
}

/// Refuses to overwrite a file that the ledger does not know, unless it has the same bytes.
fn refuse_foreign(output: &NightOutput, files: &[String]) -> Result<(), Failure> {
    files.par_iter().try_for_each(|file| {
        let placed = output.digest(file)?;
        if placed.is_none() || placed == Some(sha256_of_file(&output.staging().join(file))?) {
            return Ok(());
        }
        let problem =
            "there is another file already, and the ledger knows nothing of it; nothing was released";
        Err(Failure::refused("foreign_file", problem).in_file(output.display_file(file)).with_advice(
            "if `pli` wrote it, restore the ledger that released it from its backup, or correct `ledger.url`: to run again with this one would print twice; if something else wrote it, move this file away",
        ))
    })
}

/// Writes the night's reports from the ledger: `rejects.csv` and `warnings.csv` of all its runs, `run-1.json` … of the
/// earlier ones. `run.json` of the last run is written last: it shows that the night is complete.
///
/// # Errors
/// Ledger, I/O and store errors.
fn write_reports(output: &NightOutput, ledger: &Ledger, night: Date) -> Result<(), Failure> {
    for (name, kind) in [("rejects.csv", "reject"), ("warnings.csv", "warning")] {
        output.report(name, |path| {
            let mut table = FindingsTable::create(path)?;
            ledger.findings(night, kind, |finding| Ok::<_, Failure>(table.row(finding)?))?;
            Ok(table.finish()?)
        })?;
    }
    let runs = ledger.runs(night)?;
    for (number, body) in (1..).zip(&runs) {
        let name = if number == runs.len() { "run.json".to_owned() } else { format!("run-{number}.json") };
        output.report(&name, |path| Ok(write_whole(path, body.as_bytes())?))?;
    }
    Ok(())
}

/// Finishes the interrupted releases and returns how many there were.
///
/// # Errors
/// `staged_file_lost`: a file is neither staged nor in place; ledger, I/O and store errors.
pub(super) fn finish_interrupted(job: &Job, ledger: &Ledger) -> Result<usize, Failure> {
    let interrupted = ledger.interrupted()?;
    let mut outputs = Vec::with_capacity(interrupted.len());
    for night in &interrupted {
        let output = NightOutput::begun(job, night.night)?;
        let staged = still_staged(&output, &night.files).map_err(unfinished)?;
        history::write_stamp(job, ledger, output.staging()).map_err(unfinished)?;
        let placed = output.place(&staged).and_then(|()| write_reports(&output, ledger, night.night));
        let placed = placed.and_then(|()| write_recalls_of_night(job, ledger, night.night));
        placed.map_err(unfinished)?;
        outputs.push(output);
    }
    if !interrupted.is_empty() {
        ledger.settle(&Author::of_process())?;
    }
    outputs.iter().try_for_each(NightOutput::clear)?;
    Ok(interrupted.len())
}

/// The files of a night (path and SHA-256) that are still staged.
fn still_staged(output: &NightOutput, files: &[(String, String)]) -> Result<Vec<String>, Failure> {
    let mut still = Vec::new();
    for (file, sha256) in files {
        if output.digest(file)?.as_ref() == Some(sha256) {
            continue;
        }
        let staged = output.staging().join(file);
        let lost = match sha256_of_file(&staged) {
            Ok(found) if found == *sha256 => None,
            Ok(_) => Some("has other bytes".to_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Some("is gone".to_owned()),
            Err(error) => Some(format!("can't be read: {error}")),
        };
        if let Some(how) = lost {
            let problem = format!("the release of this file was cut short and its staged copy {how}");
            let advice =
                format!("restore `{}` from a backup, then run the same command again", staged.display());
            return Err(Failure::midway("staged_file_lost", problem)
                .in_file(output.display_file(file))
                .with_advice(advice));
        }
        still.push(file.clone());
    }
    Ok(still)
}
