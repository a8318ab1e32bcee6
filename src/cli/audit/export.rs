//! `pli audit JOB export`

use std::path::Path;

use clap::Args;
use foreign::legible_json;
use jiff::civil::Date;

use super::{Act, AuditPlace, Console, Failure, Job, Outcome, cosigners, night_date};
use crate::audit::export as export_day;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The day, UTC
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = night_date::parse)]
    day: Date,
}

impl Arguments {
    /// What the audit log has of it.
    pub(super) fn act(&self, job: &Path) -> Act {
        Act::new(job, "audit export").night(self.day).tells()
    }
}

pub(super) fn export(arguments: &Arguments, job: &Job, console: &Console) -> Result<Outcome, Failure> {
    let place = AuditPlace::of(job);
    let (_, key) = place.signer()?;
    let exported = export_day(&place.folder, arguments.day, &key, &cosigners(job)?)?;
    let text = serde_json::to_string_pretty(&exported).map_err(|error| Failure::bug(error.to_string()))?;
    console.output(&exported, &legible_json(&text))?;
    Ok(Outcome::Done)
}
