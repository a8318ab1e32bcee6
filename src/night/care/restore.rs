//! Restoration of a ledger from its backup, and import of an export: never one that knows less than what was released.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Serialize;

use super::{keys_file, keys_needed, no_ledger, refuse_ledger_itself};
use crate::audit::{Checkpoint, Lacking, lacking};
use crate::failure::Failure;
use crate::job::{Job, LedgerHome, LedgerLocation};
use crate::ledger::{Import, Ledger, LedgerError, Reach};
use crate::night::release::{hold_against_outputs, lock_alone};
use crate::vault::{KeysBackup, LedgerKeysError, MAX_SEALED_SIZE, Month, RestoredKeys, open_keys};

/// What to do about a file that is no backup.
const NAME_A_BACKUP: &str =
    "name a file that `pli ledger JOB backup` wrote; if it is one, it is damaged: take the one before";

/// A restoration that is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RestoreOrder<'a> {
    /// The backup.
    pub file: &'a Path,
    /// The file of its sealed keys, if it is another than that beside it.
    pub keys: Option<&'a Path>,
    /// The identities that open the sealed keys. Without them the keys must be in the job's folder.
    pub identity: Option<&'a Path>,
    /// Whether a ledger that is older than the backup, or damaged, is put aside.
    pub force: bool,
    /// Today.
    pub day: Date,
}

/// What a restoration did.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RestoreReport {
    /// Where the ledger is.
    pub ledger: String,
    /// How far it has come.
    #[serde(flatten)]
    pub reach: Reach,
    /// Where the ledger is that was there before.
    pub aside: Option<PathBuf>,
    /// The months whose keys were missing and are there again.
    pub keys: Vec<String>,
    /// The months of the backup that stay forgotten.
    pub forgotten: Vec<String>,
    /// The acts of the audit log that the backup lacks; `None` where that can't be known.
    pub lacking: Option<Lacking>,
    /// Why that can't be known.
    pub lacking_unknown: Option<&'static str>,
}

impl RestoreReport {
    /// Whether a person must do acts again, or find out which.
    pub(crate) fn needs_a_person(&self) -> bool {
        self.lacking.as_ref().is_none_or(|lacking| !lacking.acts.is_empty())
    }
}

/// What an import did.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ImportReport {
    /// Where the ledger is.
    pub ledger: String,
    /// How far it has come.
    #[serde(flatten)]
    pub reach: Reach,
}

/// Restores the job's ledger from a backup, and the keys that are missing. What was forgotten since stays forgotten. A kill
/// leaves the ledger as it was, none, or the restored one; the same command goes on.
///
/// # Errors
/// `ledger_older`, `ledger_other`, `ledger_empty`: the backup does not know what was released; `ledger_exists`,
/// `backup_older`: the job has a ledger; `ledger_keys`: keys are missing; `locked`; ledger, key and I/O errors.
pub(crate) fn restore(job: &Job, order: &RestoreOrder) -> Result<RestoreReport, Failure> {
    let home = job.ledger();
    refuse_ledger_itself(&home, order.file)?;
    let _lock = lock_alone(job)?;
    let location = LedgerLocation::File(order.file.to_owned());
    let backup = match Ledger::keyless(&location) {
        Ok(Some(backup)) => backup,
        Ok(None) => {
            return Err(Failure::usage("no_backup", "there is no such file, or it is empty")
                .in_file(order.file.display())
                .with_advice(NAME_A_BACKUP));
        }
        Err(error @ LedgerError::NoLedger { .. }) => {
            return Err(Failure::from(error).with_advice(NAME_A_BACKUP));
        }
        Err(error) => return Err(error.into()),
    };
    hold_against_outputs(job, &backup)?;
    let reach = backup.reach()?;
    make_sure_of_room(&home, &reach, order.force)?;
    let restored = restore_keys(&home, &backup, &reach, order)?.unwrap_or_default();
    backup.accepts_keys(&home.keys).map_err(|error| match error {
        LedgerError::Keys(error) if order.identity.is_none() => keys_needed(error, order.file),
        error => error.into(),
    })?;
    let head = backup.audit_head()?;
    let lacking = lacking_acts(job, head.clone())?;
    // Where the log of another job stood says nothing here.
    let head = head.filter(|_| lacking.is_ok());
    let aside = Ledger::fill_from(&home, &backup, head.as_ref(), &format!("before-restore-{}", order.day))?;
    Ok(report(&home, reach, aside, restored, lacking))
}

/// The acts of the job's audit log that a ledger lacks which knew it up to a line, or why that can't be known.
///
/// # Errors
/// `audit_io`; I/O errors.
fn lacking_acts(job: &Job, head: Option<(u64, String)>) -> Result<Result<Lacking, &'static str>, Failure> {
    let Some((total, last)) = head else {
        return Ok(Err("the backup does not say where the audit log stood"));
    };
    let found = lacking(&job.audit_folder(), &Checkpoint { total, last })?;
    Ok(found.ok_or("the audit log is not there, or is another one than the backup knew"))
}

/// Adds the keys of a backup that are missing in the job's folder, for the ledger that is there.
///
/// # Errors
/// `no_ledger`; `keys_of_another`; `locked`; key and I/O errors.
pub(crate) fn restore_keys_alone(job: &Job, order: &RestoreOrder) -> Result<RestoreReport, Failure> {
    let home = job.ledger();
    let _lock = lock_alone(job)?;
    let ledger = Ledger::keyless(&home.location)?.ok_or_else(|| no_ledger(&home))?;
    let reach = ledger.reach()?;
    let restored = restore_keys(&home, &ledger, &reach, order)?.unwrap_or_default();
    ledger.accepts_keys(&home.keys)?;
    let none = Lacking { known_to: String::new(), acts: Vec::new() };
    Ok(report(&home, reach, None, restored, Ok(none)))
}

fn report(
    home: &LedgerHome,
    reach: Reach,
    aside: Option<PathBuf>,
    restored: RestoredKeys,
    lacking: Result<Lacking, &'static str>,
) -> RestoreReport {
    let months = |months: Vec<Month>| months.iter().map(ToString::to_string).collect();
    let (keys, forgotten) = (months(restored.added), months(restored.forgotten));
    let lacking_unknown = lacking.as_ref().err().copied();
    let (ledger, lacking) = (home.place(), lacking.ok());
    RestoreReport { ledger, reach, aside, keys, forgotten, lacking, lacking_unknown }
}

/// Imports an export into a job that has no ledger, or an empty one: all of it or nothing.
///
/// # Errors
/// `import_unreadable`; `import_line`: a line can't be used; `ledger_exists`; those of [`restore`].
pub(crate) fn import(job: &Job, file: &Path, day: Date) -> Result<ImportReport, Failure> {
    let home = job.ledger();
    let _lock = lock_alone(job)?;
    let export = foreign::open_regular(file).map_err(|error| {
        Failure::usage("import_unreadable", error.error.to_string())
            .in_file(&error.file)
            .with_advice("name a file that `pli ledger JOB export FILE` wrote")
    })?;
    let lines = RefCell::new(Import::begin(file, export, &home.keys).map_err(without_keys)?);
    if let Some(there) = Ledger::keyless(&home.location)?
        && !there.is_empty()?
    {
        let advice = "name a new file or an empty database as `ledger.url`; to go back to an earlier state use `restore`";
        return Err(exists(there.place(), advice));
    }
    let mut reach = Reach::default();
    let mut approve = |ledger: &Ledger| {
        lines.borrow().approve(ledger)?;
        if let Some(fault) = ledger.integrity()?.first() {
            return Err(Failure::usage("import_line", format!("the rows contradict each other: {fault}"))
                .in_file(file.display())
                .with_advice("nothing was imported; export the ledger again"));
        }
        hold_against_outputs(job, ledger)?;
        ledger.accepts_keys(&home.keys).map_err(without_keys)?;
        reach = ledger.reach()?;
        Ok(())
    };
    let aside = format!("before-import-{day}");
    Ledger::fill(&home, &mut |into| lines.borrow_mut().insert(into), &mut approve, &aside)?;
    Ok(ImportReport { ledger: home.place(), reach })
}

/// An import that fails, with what to do where its keys are missing.
fn without_keys(error: LedgerError) -> Failure {
    match error {
        LedgerError::Keys(error @ LedgerKeysError::Missing { .. }) => Failure::from(error).with_advice(
            "an export has no keys: bring the folder of `ledger.keys` of the job that it comes from here first",
        ),
        error => error.into(),
    }
}

/// Refuses to replace a ledger that is not older than the backup, and without `force` any that has rows.
fn make_sure_of_room(home: &LedgerHome, backup: &Reach, force: bool) -> Result<(), Failure> {
    let there = match Ledger::keyless(&home.location) {
        Ok(None) => return Ok(()),
        Ok(Some(there)) => there.is_empty().and_then(|empty| Ok((empty, there.reach()?))),
        Err(error) => Err(error),
    };
    let place = home.place();
    match there {
        Ok((true, _)) => return Ok(()),
        Ok((false, there)) if backup.lacks(&there) => {
            let problem = "the job's ledger is another one than the backup's, or knows more";
            return Err(Failure::refused("backup_older", problem).in_file(place).with_advice(
                "keep it: nothing has to be restored; if `ledger.url` in the job names another ledger than before, correct it",
            ));
        }
        // A file that can't be read is put aside, like an older one.
        Err(LedgerError::NoLedger { .. } | LedgerError::Damaged { .. }) | Ok((false, _)) => {}
        Err(error) => return Err(error.into()),
    }
    match (&home.location, force) {
        (LedgerLocation::File(_), true) => Ok(()),
        (LedgerLocation::File(_), false) => {
            Err(exists(&place, "add `--force`: it is renamed, and the backup takes its place"))
        }
        (LedgerLocation::Server(_), _) => Err(exists(
            &place,
            "rename it in the database, `ALTER SCHEMA pli RENAME TO pli_before_restore`, then run the same command again",
        )),
    }
}

fn exists(place: &str, advice: &str) -> Failure {
    Failure::refused("ledger_exists", "the job has a ledger").in_file(place).with_advice(advice)
}

/// Adds the keys of the backup to the job's folder, where identities are given.
fn restore_keys(
    home: &LedgerHome,
    backup: &Ledger,
    reach: &Reach,
    order: &RestoreOrder,
) -> Result<Option<RestoredKeys>, Failure> {
    let Some(identity) = order.identity else { return Ok(None) };
    let file = order.keys.map_or_else(|| keys_file(order.file), Path::to_owned);
    let keys = opened(&file, identity)?;
    if keys.ledger != reach.id || !backup.has_mark(&keys.mark())? {
        return Err(Failure::usage("keys_of_another", "these are the keys of another ledger")
            .in_file(file.display())
            .with_advice("name the file that was written beside this backup with `--keys FILE`"));
    }
    Ok(Some(keys.restore(&home.keys)?))
}

fn opened(file: &Path, identity: &Path) -> Result<KeysBackup, Failure> {
    let sealed = foreign::read(file, MAX_SEALED_SIZE).map_err(|error| {
        Failure::usage("keys_unreadable", error.error.to_string())
            .in_file(&error.file)
            .with_advice("name the second file of the backup with `--keys FILE`")
    })?;
    Ok(open_keys(&file.display().to_string(), &sealed, identity)?)
}
