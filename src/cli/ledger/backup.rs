//! `pli ledger JOB backup`

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::super::output_path::refuse_unless_file;
use super::{Console, Failure, Job, Outcome};
use crate::night::care::{BackupReport, MAKING_RECOVERY, back_up};
use crate::night::report::Alert;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The file to write; the sealed keys go beside it as `FILE.keys.age`
    file: PathBuf,
    /// Replace a file that is there
    #[arg(long)]
    force: bool,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct Answer {
    #[serde(flatten)]
    report: BackupReport,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alerts: Vec<Alert>,
}

pub(super) fn backup(job: &Job, arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    refuse_unless_file("backup_file", "FILE", &arguments.file)?;
    let report = back_up(job, &arguments.file, arguments.force)?;
    let whole = report.keys.is_some();
    let alerts = match whole {
        true => Vec::new(),
        false => vec![Alert::of(
            "no_recovery",
            format!(
                "the keys are not in the backup: without `keys/ledger/` no name in it can be read; {MAKING_RECOVERY}, and back up again"
            ),
        )],
    };
    let answer = Answer { report, alerts };
    console.result(&answer, |_| {
        let BackupReport { file, keys, reach } = &answer.report;
        let mut lines =
            vec![format!("{}: release {} of the night of {}", file.display(), reach.release, reach.night)];
        lines.extend(keys.iter().map(|keys| format!("{}: the keys, sealed", keys.display())));
        lines.extend(answer.alerts.iter().map(|alert| alert.message.clone()));
        lines.join("\n")
    })?;
    Ok(if whole { Outcome::Done } else { Outcome::NeedsAPerson })
}
