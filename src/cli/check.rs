//! `pli check`

use std::path::PathBuf;

use clap::Args;
use foreign::legible;
use jiff::civil::Date;
use serde::Serialize;

use super::Outcome;
use super::console::Console;
use super::progress::ProgressBars;
use super::run::{summary, today};
use crate::failure::Failure;
use crate::job::Job;
use crate::ledger::Finding;
use crate::night::check as check_night;
use crate::night::order::{NightOrder, Prove};
use crate::night::report::Report;

/// Say what a night would reject, warn about and produce; writes nothing.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  pli check job.toml --date 2026-11-23")]
pub(super) struct Arguments {
    /// The job file, or the folder that holds it
    job: PathBuf,
    /// The night's date; default: today
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::night_date::parse)]
    date: Option<Date>,
    /// A file of cards whose codes are sent again although the ledger does not know card or address
    #[arg(long, value_name = "FILE")]
    release_reissues: Option<PathBuf>,
}

#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    report: &'a Report,
    reject_list: &'a [Finding],
    warning_list: &'a [Finding],
}

pub(super) fn check(arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    let job = Job::load(&arguments.job)?;
    let night = arguments.date.unwrap_or_else(today);
    let order = NightOrder {
        prove: Prove::None,
        dry_run: true,
        release_reissues: arguments.release_reissues.clone(),
        today: Some(today()),
        ..NightOrder::new(&job, night)
    };
    let checked = check_night(&order, &ProgressBars::new(console.shows_progress()))?;
    let answer =
        Answer { report: &checked.report, reject_list: &checked.rejects, warning_list: &checked.warnings };
    console.result(&answer, |console| {
        let mut lines = vec![summary(&checked.report, console)];
        lines.extend(checked.rejects.iter().map(|finding| console.alert(&line("rejected", finding))));
        lines.extend(checked.warnings.iter().map(|finding| line("warning", finding)));
        lines.join("\n")
    })?;
    Ok(if checked.report.needs_a_person() { Outcome::NeedsAPerson } else { Outcome::Done })
}

fn line(word: &str, finding: &Finding) -> String {
    let Finding { source_file, line, field, code, message, .. } = finding;
    let place = if *line == 0 { source_file.clone() } else { format!("{source_file}:{line}") };
    let field = if field.is_empty() { String::new() } else { format!("{field}: ") };
    legible(&format!("{place}: {word}: {field}{message} [{code}]")).into_owned()
}
