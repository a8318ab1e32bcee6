//! Care of a job's ledger: backup, restoration, export, import, and the check against what was released.

mod check;
mod export;
mod restore;

use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

pub(crate) use check::{CheckReport, check};
pub(crate) use export::{export_to, export_to_file};
#[cfg(test)]
pub(crate) use restore::ImportReport;
pub(crate) use restore::{RestoreOrder, RestoreReport, import, restore, restore_keys_alone};

use crate::failure::{Exit, Failure};
use crate::files::Draft;
use crate::job::{Job, LedgerHome, LedgerLocation};
use crate::ledger::{Ledger, LedgerError, Reach};
use crate::night::release::refuse_lost_ledger;
use crate::vault::{LedgerKeysError, recovery_recipients, seal_keys};

/// The ending of the second file of a backup, behind the name of the first.
const KEYS: &str = ".keys.age";

/// How a job gets somebody who can open the keys of its backups.
pub(crate) const MAKING_RECOVERY: &str = "make a pair with `pli keys new recovery --output recovery.identity` where the identity is kept, off this machine; put `recovery.pub` into `keys/` and write `recovery = [\"keys/recovery.pub\"]` under `[ledger]`";

/// What a backup holds.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct BackupReport {
    /// The ledger's file.
    pub file: PathBuf,
    /// The file of its sealed keys; `None` where the job names nobody who could open them.
    pub keys: Option<PathBuf>,
    /// How far the ledger had come.
    #[serde(flatten)]
    pub reach: Reach,
}

/// The second file of a backup.
fn keys_file(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(KEYS);
    name.into()
}

/// Backs a job's ledger up, while others may write it, as one file of SQLite with mode 0600 that appears whole or not at all;
/// beside it the keys of its personal columns, sealed to `ledger.recovery`. Replaces a backup if `force`.
///
/// # Errors
/// `no_ledger`: the job has had no night yet; `ledger_empty`: its ledger is lost; `backup_exists`; `backup_file`: it is the ledger itself; `ledger_busy`: another command writes this backup; ledger, key
/// and I/O errors.
pub(crate) fn back_up(job: &Job, file: &Path, force: bool) -> Result<BackupReport, Failure> {
    let home = job.ledger();
    refuse_ledger_itself(&home, file)?;
    refuse_lost_ledger(job)?;
    if file.exists() && !force {
        return Err(Failure::usage("backup_exists", "this file is there already")
            .in_file(file.display())
            .with_advice("name another file, one for each day, or add `--force` to replace it"));
    }
    let (ledger, recipients) = match job.ledger_recovery() {
        [] => (current(&home)?, None),
        texts => {
            let recipients = recovery_recipients(texts, |text| job.path(text))?;
            (current(&home)?.with_keys()?, Some(recipients))
        }
    };
    let draft = begin(file)?;
    let reach = ledger.back_up(draft.place())?;
    // The keys first: a backup that is there has them. Keys that were made since do no harm.
    let keys = match recipients {
        None => None,
        Some(recipients) => {
            let sealed = seal_keys(ledger.keys(), &reach.id, &recipients)?;
            let keys = begin(&keys_file(file))?;
            fs_err::write(keys.place(), sealed)?;
            keys.finish()?;
            Some(keys_file(file))
        }
    };
    draft.finish()?;
    Ok(BackupReport { file: file.to_owned(), keys, reach })
}

/// The draft of a file.
fn begin(file: &Path) -> Result<Draft, Failure> {
    Draft::begin(file).map_err(|error| match error.kind() {
        io::ErrorKind::ResourceBusy => LedgerError::Busy { place: file.display().to_string() }.into(),
        _ => error.into(),
    })
}

/// The job's ledger, open for queries while others write it. One of an earlier version is brought up to date first.
fn current(home: &LedgerHome) -> Result<Ledger, Failure> {
    match Ledger::keyless(&home.location) {
        Err(LedgerError::Earlier { .. }) => {
            drop(Ledger::open(home)?);
            // What that could not finish, for want of room, the same command does.
            Ledger::online(home).map_err(|error| Failure::from(error).with_exit(Exit::Midway))
        }
        Err(error) => Err(error.into()),
        Ok(None) => Err(no_ledger(home)),
        Ok(Some(_)) => Ok(Ledger::online(home)?),
    }
}

/// The refusal of what needs a ledger.
pub(crate) fn no_ledger(home: &LedgerHome) -> Failure {
    Failure::usage("no_ledger", "there is no ledger yet")
        .in_file(home.place())
        .with_advice("run a night first, or restore the ledger from its backup")
}

fn refuse_ledger_itself(home: &LedgerHome, file: &Path) -> Result<(), Failure> {
    let LedgerLocation::File(ledger) = &home.location else { return Ok(()) };
    let same = match (fs_err::canonicalize(ledger), fs_err::canonicalize(file)) {
        (Ok(ledger), Ok(file)) => ledger == file,
        _ => ledger == file,
    };
    if !same {
        return Ok(());
    }
    Err(Failure::usage("backup_file", "this file is the job's ledger itself")
        .in_file(file.display())
        .with_advice("name another file, on another disk if there is one"))
}

/// The refusal of a restoration that needs keys which are not in the job's folder.
fn keys_needed(error: LedgerKeysError, file: &Path) -> Failure {
    let keys = keys_file(file);
    Failure::from(error).with_advice(format!(
        "add `--identity FILE`, the secret of `ledger.recovery`: the keys are in `{}`; or bring the folder of `ledger.keys` back",
        keys.display()
    ))
}
