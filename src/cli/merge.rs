//! `pli merge`

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use jiff::civil::Date;

use super::Outcome;
use super::acts::Act;
use super::approve::RequestKey;
use super::console::Console;
use super::metrics::{Metrics, SeenReport, earlier_kinds};
use super::progress::ProgressBars;
use super::run::{summary, today};
use crate::failure::Failure;
use crate::job::Job;
use crate::night::{MergeOrder, kinds_of_shares, merge as merge_night};
use mail::piece::PieceKind;

/// Merge the shares of a night and release it.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pli merge job.toml --date 2026-11-23\n  pli merge job.toml --date 2026-11-23 --archive archive --metrics /var/lib/prometheus/node-exporter/pli.prom\n\nExit codes: 0 done; 1 done, and a person must look at rejects; 2 usage or configuration;\n3 refused: shares missing, there twice, damaged or of another plan, or too many rejects; nothing released;\n4 failed midway, the same command resumes."
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
    /// After the release, move the record files that the shares took in, with their signatures, to a folder of the night below DIR
    #[arg(long, value_name = "DIR")]
    archive: Option<PathBuf>,
    /// Write the numbers of this merge, also of one that fails, to FILE for Prometheus
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,
    /// The report of this merge, for the metrics
    #[arg(skip)]
    seen: SeenReport,
    #[command(flatten)]
    request: RequestKey,
}

impl Arguments {
    /// The metrics that this merge is to write. Which kinds of pieces the night is of, its shares say; where they are merged already
    /// or can't be read, the file of the merge before.
    pub(super) fn metrics(&self) -> Option<Metrics> {
        let file = self.metrics.clone()?;
        let night = self.date.unwrap_or_else(today);
        let kinds = Job::load(&self.job).map(|job| kinds_of_shares(&job, night)).unwrap_or_default();
        let only = match kinds.as_slice() {
            [] => earlier_kinds(&file),
            [PieceKind::Letter] => "letters",
            [PieceKind::Mailer] => "mailers",
            _ => "both",
        };
        let (job, seen) = (self.job.clone(), self.seen.clone());
        Some(Metrics { file, job, only, night, seen, began: Instant::now() })
    }

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
        archive: arguments.archive.clone(),
    };
    let report = merge_night(&order, &ProgressBars::new(console.shows_progress()))?;
    arguments.seen.keep(&report);
    console.result(&report, |console| summary(&report, console))?;
    Ok(if report.needs_a_person() { Outcome::NeedsAPerson } else { Outcome::Done })
}
