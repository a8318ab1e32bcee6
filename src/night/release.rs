//! Release: the staged files take their places, all together with the ledger.
//!
//! First the ledger notes, in one transaction, what is about to be released; then the files take their places, in a
//! folder or an object store; then the ledger notes that they have. A run that is cut short in between is finished by
//! the next one.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::place::NightPlace;
use crate::failure::Failure;
use crate::job::Job;
use crate::ledger::{Finding, Ledger};

/// Removes a staging folder.
///
/// # Errors
/// Those of the disk.
pub fn remove(folder: &Path) -> io::Result<()> {
    match fs_err::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Releases a night: `files` are the staged files, relative to the staging folder; `enter` commits the night to the
/// ledger.
///
/// # Errors
/// Those of the ledger, the disk and the store.
pub(super) fn release(
    place: &NightPlace,
    ledger: &Ledger,
    night: Date,
    files: &[String],
    enter: impl FnOnce() -> Result<(), Failure>,
) -> Result<(), Failure> {
    refuse_foreign(place, files)?;
    sync_folders(place.staging(), files)?;
    enter()?;
    let placed = place.take(files).and_then(|()| publish(place, ledger, night));
    placed.map_err(unfinished)?;
    ledger.settle()?;
    Ok(place.clear()?)
}

/// Once the ledger has the night, all that fails is finished by the next run.
fn unfinished(failure: Failure) -> Failure {
    Failure::Midway(failure.message().to_owned())
}

/// Refuses to write over a file that the ledger knows nothing of; one with the same bytes is no loss.
fn refuse_foreign(place: &NightPlace, files: &[String]) -> Result<(), Failure> {
    files.par_iter().try_for_each(|file| {
        let placed = place.digest(file)?;
        if placed.is_none() || placed == Some(digest(&place.staging().join(file))?) {
            return Ok(());
        }
        Err(Failure::Refused(format!(
            "{}: there is another file already, and the ledger knows nothing of it; nothing was released\n  is `ledger.url` right? if so, move the night's folder away and run again",
            place.shown_file(file)
        )))
    })
}

/// Writes the night's reports from the ledger: `rejects.csv` and `warnings.csv` of all its runs, `run-1.json` … of the
/// earlier ones and, last of all, as the sign that the night is complete, `run.json` of the last one.
///
/// # Errors
/// Those of the ledger, the disk and the store.
fn publish(place: &NightPlace, ledger: &Ledger, night: Date) -> Result<(), Failure> {
    for (name, kind) in [("rejects.csv", "reject"), ("warnings.csv", "warning")] {
        place.report(name, |path| {
            let mut table = FindingsTable::create(path)?;
            ledger.findings(night, kind, |finding| Ok::<_, Failure>(table.row(finding)?))?;
            Ok(table.finish()?)
        })?;
    }
    let runs = ledger.runs(night)?;
    for (rank, body) in (1..).zip(&runs) {
        let name = if rank == runs.len() { "run.json".to_owned() } else { format!("run-{rank}.json") };
        place.report(&name, |path| Ok(write_whole(path, body.as_bytes())?))?;
    }
    Ok(())
}

/// Finishes the releases that were cut short.
///
/// # Errors
/// Those of the ledger, the disk and the store, and a file that is in neither place.
pub fn finish_interrupted(job: &Job, ledger: &Ledger) -> Result<usize, Failure> {
    let interrupted = ledger.interrupted()?;
    let mut places = Vec::with_capacity(interrupted.len());
    for night in &interrupted {
        let place = NightPlace::of(job, night.night)?;
        let staged = still_staged(&place, &night.files).map_err(unfinished)?;
        let placed = place.take(&staged).and_then(|()| publish(&place, ledger, night.night));
        placed.map_err(unfinished)?;
        places.push(place);
    }
    if !interrupted.is_empty() {
        ledger.settle()?;
    }
    places.iter().try_for_each(NightPlace::clear)?;
    Ok(interrupted.len())
}

/// Those of a night's files (name and SHA-256) that have not taken their places yet.
fn still_staged(place: &NightPlace, files: &[(String, String)]) -> Result<Vec<String>, Failure> {
    let mut still = Vec::new();
    for (file, sha256) in files {
        if place.digest(file)?.as_ref() == Some(sha256) {
            continue;
        }
        let staged = place.staging().join(file);
        let lost = match digest(&staged) {
            Ok(found) if found == *sha256 => None,
            Ok(_) => Some("has other bytes".to_owned()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Some("is gone".to_owned()),
            Err(error) => Some(format!("can't be read: {error}")),
        };
        if let Some(how) = lost {
            return Err(Failure::Midway(format!(
                "{}: the release of this file was cut short and its staged copy {how}\n  restore `{}` from a backup, then run the same command again",
                place.shown_file(file),
                staged.display()
            )));
        }
        still.push(file.clone());
    }
    Ok(still)
}

/// Makes the names of the files in their folders last.
///
/// # Errors
/// Those of the disk.
pub(super) fn sync_folders(root: &Path, files: &[String]) -> io::Result<()> {
    let mut folders: Vec<PathBuf> = vec![root.to_owned()];
    folders.extend(files.iter().filter_map(|file| Some(root.join(file).parent()?.to_owned())));
    folders.sort();
    folders.dedup();
    folders
        .iter()
        .filter(|folder| folder.is_dir())
        .try_for_each(|folder| fs_err::File::open(folder)?.sync_all())
}

/// SHA-256 of a file, in hexadecimal.
///
/// # Errors
/// Those of the disk.
pub fn digest(path: &Path) -> io::Result<String> {
    digest_of(fs_err::File::open(path)?)
}

/// SHA-256 of what is read, in hexadecimal.
///
/// # Errors
/// Those of the reader.
pub(super) fn digest_of(mut file: impl Read) -> io::Result<String> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0u8; 1 << 16];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        digest.update(&buffer[..read]);
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Writes a file beside its place, syncs it and renames it.
///
/// # Errors
/// Those of the disk.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = create_partial(path)?;
    io::Write::write_all(&mut file, bytes)?;
    file.sync_all()?;
    fs_err::rename(partial(path), path)
}

/// The name beside a file's place under which it grows.
fn partial(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".partial");
    path.with_file_name(name)
}

fn create_partial(path: &Path) -> io::Result<fs_err::File> {
    if let Some(folder) = path.parent() {
        fs_err::create_dir_all(folder)?;
    }
    fs_err::File::create(partial(path))
}

/// A cell that no spreadsheet takes for a formula.
fn harmless(cell: &str) -> String {
    match cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    }
}

/// Findings as `rejects.csv` and `warnings.csv` hold them.
pub(super) struct FindingsTable {
    table: csv::Writer<io::BufWriter<fs_err::File>>,
}

impl FindingsTable {
    /// Begins a table with its header.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn create(path: &Path) -> io::Result<FindingsTable> {
        let output = io::BufWriter::new(fs_err::File::create(path)?);
        let mut table = csv::WriterBuilder::new().has_headers(false).from_writer(output);
        table.write_record(["source_file", "line", "card_number", "field", "code", "message"])?;
        Ok(FindingsTable { table })
    }

    /// Writes a finding.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn row(&mut self, finding: &Finding) -> io::Result<()> {
        let Finding { source_file, line, card_number, field, code, message } = finding;
        let line = line.to_string();
        let row = [source_file, &line, card_number, field, code, message];
        self.table.write_record(row.map(|cell| harmless(cell))).map_err(io::Error::other)
    }

    /// Ends the table on the disk.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn finish(self) -> io::Result<()> {
        let buffered = self.table.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
        buffered.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    }
}
