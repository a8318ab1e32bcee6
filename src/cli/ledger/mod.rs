//! `pli ledger`: care of the ledger.

pub(in crate::cli) mod backup;
mod check;
pub(in crate::cli) mod export;
mod import;
pub(in crate::cli) mod person;
mod purge;
mod restore;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Outcome;
use super::acts::Act;
use super::console::Console;
use super::run::today;
use crate::failure::Failure;
use crate::job::{Job, LedgerHome};
use crate::ledger::Ledger;
use crate::night::care::no_ledger;

/// Care for the ledger.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pli ledger job.toml check\n  pli ledger job.toml backup /backup/ledger-2026-11-27.db\n  pli ledger job.toml restore /backup/ledger-2026-11-27.db --identity recovery.identity"
)]
pub(super) struct Arguments {
    /// The job file, or the folder that holds it
    job: PathBuf,
    #[command(subcommand)]
    care: Care,
}

#[derive(Debug, Subcommand)]
enum Care {
    /// Write a backup of the ledger, and its keys sealed to `ledger.recovery`, while nights go on
    Backup(backup::Arguments),
    /// Restore the ledger from a backup
    Restore(restore::Arguments),
    /// Say whether the ledger is sound, agrees with the outputs, and has its keys
    Check,
    /// Write the ledger as JSON Lines, the same of either database; what is sealed stays sealed
    Export(export::Arguments),
    /// Read an export into a job that has no ledger
    Import(import::Arguments),
    /// Forget what was kept long enough
    Purge(purge::Arguments),
    /// Export or erase what is kept of a person
    Person(person::Arguments),
}

impl Arguments {
    /// What the audit log has of it; `None` where nothing is changed and nothing leaves.
    pub(super) fn act(&self) -> Option<Act> {
        match &self.care {
            Care::Check => None,
            Care::Backup(_) => Some(Act::new(&self.job, "ledger backup")),
            Care::Export(arguments) => Some(arguments.act(&self.job)),
            Care::Restore(_) => Some(Act::new(&self.job, "ledger restore")),
            Care::Import(_) => Some(Act::new(&self.job, "ledger import")),
            Care::Purge(arguments) => arguments.act(&self.job),
            Care::Person(arguments) => Some(arguments.act(&self.job)),
        }
    }
}

pub(super) fn ledger(arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    let job = Job::load(&arguments.job)?;
    match &arguments.care {
        Care::Backup(arguments) => backup::backup(&job, arguments, console),
        Care::Restore(arguments) => restore::restore(&job, arguments, console),
        Care::Check => check::check(&job, console),
        Care::Export(arguments) => export::export(&job, arguments, console),
        Care::Import(arguments) => import::import(&job, arguments, console),
        Care::Purge(arguments) => purge::purge(arguments, &job, console),
        Care::Person(arguments) => person::person(arguments, &job, console),
    }
}

/// The job's ledger.
///
/// # Errors
/// `no_ledger`: there is none yet.
fn home(job: &Job) -> Result<LedgerHome, Failure> {
    let home = job.ledger();
    if Ledger::is_missing(&home)? { Err(no_ledger(&home)) } else { Ok(home) }
}
