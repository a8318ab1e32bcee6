//! `pli ledger`: care of the ledger.

mod check;
mod person;
mod purge;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Outcome;
use super::console::Console;
use crate::failure::Failure;
use crate::job::{Job, LedgerHome};
use crate::ledger::Ledger;

/// Care for the ledger.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  pli ledger job.toml check")]
pub(super) struct Arguments {
    /// The job file, or the folder that holds it
    job: PathBuf,
    #[command(subcommand)]
    care: Care,
}

#[derive(Debug, Subcommand)]
enum Care {
    /// Say whether the ledger is sound, agrees with the outputs, and has its keys
    Check,
    /// Forget what was kept long enough
    Purge(purge::Arguments),
    /// Export or erase what is kept of a person
    Person(person::Arguments),
}

pub(super) fn ledger(arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    let job = Job::load(&arguments.job)?;
    match &arguments.care {
        Care::Check => check::check(&job, console),
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
    if Ledger::is_missing(&home)? {
        return Err(Failure::usage("no_ledger", "there is no ledger yet")
            .in_file(home.place())
            .with_advice("run a night first, or restore the ledger from its backup"));
    }
    Ok(home)
}
