//! `pli merge`

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;

use super::Outcome;
use super::acts::Act;
use super::approve::RequestKey;
use super::console::Console;
use super::progress::ProgressBars;
use super::run::{summary, today};
use crate::failure::Failure;
use crate::job::Job;
use crate::night::{MergeOrder, merge as merge_night};

/// Merge the shares of a night and release it.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  pli merge job.toml --date 2026-11-23\n\nExit codes: 0 done; 1 done, and a person must look at rejects; 2 usage or configuration;\n3 refused: shares missing, there twice, damaged or of another plan, or too many rejects; nothing released;\n4 failed midway, the same command resumes."
)]
pub(super) struct Arguments {
    /// The job file, or the folder that holds it
    job: PathBuf,
    /// The night's date; default: today
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::night_date::parse)]
    date: Option<Date>,
    /// The file of released codes that the shards were given
    #[arg(long, value_name = "FILE")]
    release_reissues: Option<PathBuf>,
    #[command(flatten)]
    request: RequestKey,
}

impl Arguments {
    /// What the audit log has of it.
    pub(super) fn act(&self) -> Act {
        let act = Act::new(&self.job, "merge")
            .requests(self.request.requests())
            .night(self.date.unwrap_or_else(today));
        act.option(self.release_reissues.is_some(), "release_reissues").list(self.release_reissues.as_deref())
    }
}

pub(super) fn merge(arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    let job = Job::load(&arguments.job)?;
    let order = MergeOrder {
        job: &job,
        night: arguments.date.unwrap_or_else(today),
        release_reissues: arguments.release_reissues.clone(),
        today: today(),
        asking: arguments.request.asking()?,
    };
    let report = merge_night(&order, &ProgressBars::new(console.shows_progress()))?;
    console.result(&report, |console| summary(&report, console))?;
    Ok(if report.needs_a_person() { Outcome::NeedsAPerson } else { Outcome::Done })
}
