//! `pli ledger JOB restore`

use std::path::PathBuf;

use clap::Args;

use super::{Console, Failure, Job, Outcome, today};
use crate::night::care::{self, RestoreOrder, RestoreReport};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The backup
    file: PathBuf,
    /// The sealed keys; default: `FILE.keys.age`
    #[arg(long, value_name = "FILE", requires = "identity")]
    keys: Option<PathBuf>,
    /// The secret of `ledger.recovery`, which opens the sealed keys; not needed where the folder of `ledger.keys` is there
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// Leave the ledger that is there, and restore only the keys that are missing
    #[arg(long, requires = "identity", conflicts_with = "force")]
    keys_only: bool,
    /// Rename a ledger that is older than the backup, or damaged, and restore in its place
    #[arg(long)]
    force: bool,
}

pub(super) fn restore(job: &Job, arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    let order = RestoreOrder {
        file: &arguments.file,
        keys: arguments.keys.as_deref(),
        identity: arguments.identity.as_deref(),
        force: arguments.force,
        day: today(),
    };
    let report = match arguments.keys_only {
        true => care::restore_keys_alone(job, &order)?,
        false => care::restore(job, &order)?,
    };
    console.result(&report, |_| text(&report))?;
    Ok(Outcome::Done)
}

fn text(report: &RestoreReport) -> String {
    let RestoreReport { ledger, reach, aside, keys, forgotten, .. } = report;
    let mut lines = vec![format!("{ledger}: release {} of the night of {}", reach.release, reach.night)];
    lines.extend(aside.iter().map(|aside| format!("{}: the ledger that was there", aside.display())));
    if !keys.is_empty() {
        lines.push(format!("keys restored: {}", keys.join(", ")));
    }
    if !forgotten.is_empty() {
        lines.push(format!("forgotten, and not restored: {}", forgotten.join(", ")));
    }
    lines.join("\n")
}
