//! `pli ledger JOB purge`

use std::path::Path;

use clap::Args;
use jiff::civil::Date;

use super::super::acts::Act;
use super::super::approve::RequestKey;
use super::super::night_date;
use super::super::run::today;
use super::{Console, Failure, Job, Outcome, home};
use crate::failure::{agreeing, counted};
use crate::ledger::{Hold, Staying, WhyStaying};
use crate::night::{LeftFile, PurgeReport};

/// Forget what was kept long enough.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  pli ledger job.toml purge --dry-run\n  pli ledger job.toml purge")]
pub(super) struct Arguments {
    /// The day from which all times are counted, not in the future; default: today
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = night_date::parse)]
    date: Option<Date>,
    /// Say what would go, and remove nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    request: RequestKey,
}

impl Arguments {
    /// What the audit log has of it; `None` for a rehearsal.
    pub(super) fn act(&self, job: &Path) -> Option<Act> {
        let day = self.date.unwrap_or_else(today);
        let act = Act::new(job, "ledger purge").requests(self.request.requests()).night(day).purges(day);
        (!self.dry_run).then_some(act)
    }
}

pub(super) fn purge(arguments: &Arguments, job: &Job, console: &Console) -> Result<Outcome, Failure> {
    home(job)?;
    let (today, day) = (today(), arguments.date.unwrap_or_else(today));
    if day > today {
        let problem = format!("{day} is in the future, and what a purge destroys is gone for good");
        return Err(Failure::usage("purge_in_future", problem)
            .with_advice("leave `--date` out, or name a day that is not after today"));
    }
    let report = crate::night::purge(job, day, arguments.dry_run, &arguments.request.asking()?)?;
    console.result(&report, |_| text(&report))?;
    Ok(if report.needs_a_person() { Outcome::NeedsAPerson } else { Outcome::Done })
}

fn text(report: &PurgeReport) -> String {
    let goes = if report.dry_run { "would go" } else { "removed" };
    let mut lines = Vec::new();
    for (kind, months) in report.ledger.rows.iter().chain(&report.files) {
        for (month, count) in months {
            lines.push(format!("{month}  {count:>8} {} {goes}", kind.replace('_', " ")));
        }
    }
    for month in &report.ledger.keys {
        let did = if report.dry_run { "would be destroyed" } else { "destroyed" };
        lines.push(format!("{month}  the key of the month {did}"));
    }
    if report.ledger.sealed_again > 0 {
        let rows = report.ledger.sealed_again;
        let stay = if report.dry_run { "would stay" } else { agreeing(rows, "stays", "stay") };
        let rows = counted(rows, "row");
        lines.push(format!("{rows} of these months {stay} under the key of the present month"));
    }
    if report.ledger.forgotten_again > 0 {
        let rows = report.ledger.forgotten_again;
        let (were, rows) = (agreeing(rows, "was", "were"), counted(rows, "row"));
        lines.push(format!("{rows} that had been forgotten before had come back and {were} removed"));
    }
    lines.extend(report.ledger.stay.iter().map(staying));
    lines.extend(report.holds.iter().map(hold));
    lines.extend(report.left.iter().map(|LeftFile { path, reason }| format!("{path}: {reason}")));
    if lines.is_empty() {
        lines.push(format!("nothing was kept too long on {}", report.day));
    }
    lines.join("\n")
}

fn staying(Staying { month, reason, records }: &Staying) -> String {
    let why = match reason {
        WhyStaying::PieceWaits => {
            "a piece waits, or is missing, spoiled or recalled; send it, or have its card revoked"
        }
        WhyStaying::Held => "held",
    };
    format!(
        "{month}  {records:>8} {} past {} day: {why}",
        agreeing(records, "record stays", "records stay"),
        agreeing(records, "its", "their")
    )
}

fn hold(Hold { reason, day, by_whom, records }: &Hold) -> String {
    format!("held since {day} by {by_whom}: {reason} ({})", counted(records, "record"))
}
