//! `pli ledger JOB import`

use std::path::PathBuf;

use clap::Args;

use super::{Console, Failure, Job, Outcome, today};
use crate::night::care;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The export
    file: PathBuf,
}

pub(super) fn import(job: &Job, arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    let report = care::import(job, &arguments.file, today())?;
    console.result(&report, |_| {
        let reach = &report.reach;
        format!("{}: release {} of the night of {}", report.ledger, reach.release, reach.night)
    })?;
    Ok(Outcome::Done)
}
