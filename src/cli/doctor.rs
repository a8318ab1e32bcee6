//! `pli doctor`

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;

use super::Outcome;
use super::console::Console;
use super::run::{now, today};
use crate::doctor::{Examination, Finding, Status, examine, names};
use crate::failure::Failure;

/// Look at a job before the night does: what would stop it, what needs a person, and what to do. Changes nothing.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pli doctor job.toml\n  pli doctor job.toml --date 2026-11-23 --json\n  pli doctor job.toml --look codes --look press_key\n\nExit codes: 0 all is well; 1 something needs a person; 2 something would stop the night.\nEvery look, its codes and their cures: docs/doctor.md; with the Debian package /usr/share/doc/pli/docs/doctor.md."
)]
pub(super) struct Arguments {
    /// The job file, or the folder that holds it
    job: PathBuf,
    /// The night's date; default: today
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::night_date::parse)]
    date: Option<Date>,
    /// Take this look alone; may be given several times
    #[arg(long, value_name = "LOOK", value_parser = clap::builder::PossibleValuesParser::new(names()))]
    look: Vec<String>,
}

pub(super) fn doctor(arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    let today = today();
    let order = Examination {
        job: &arguments.job,
        night: arguments.date.unwrap_or(today),
        today,
        now: now(),
        only: &arguments.look,
    };
    // Each finding is printed as it is made: some looks take seconds.
    let mut printed = Ok(());
    let diagnosis = examine(&order, &mut |finding| {
        if printed.is_ok() && !console.is_json() {
            printed = console.part(&line(finding, console));
        }
    });
    printed?;
    match console.is_json() {
        true => console.result(&diagnosis, |_| String::new())?,
        false => console.part(&console.strong(&format!(
            "well: {}, warnings: {}, failures: {}, for the night of {}",
            diagnosis.ok, diagnosis.warnings, diagnosis.failures, diagnosis.night
        )))?,
    }
    Ok(match (diagnosis.failures, diagnosis.warnings) {
        (0, 0) => Outcome::Done,
        (0, _) => Outcome::NeedsAPerson,
        _ => Outcome::WouldStop,
    })
}

/// A finding in one line, and its remedy below.
fn line(finding: &Finding, console: &Console) -> String {
    let Finding { look, status, code, message, advice, file, line, .. } = finding;
    let place = file.as_ref().map(|file| match line {
        Some(line) => format!("{file}:{line}: "),
        None => format!("{file}: "),
    });
    let place = place.unwrap_or_default();
    let word = format!("{:<8}", status.word());
    let word = match status {
        Status::Ok => console.dim(&word),
        Status::Warning => console.alert(&word),
        Status::Failure => console.paint("31;1", &word),
    };
    let code = if *status == Status::Ok { String::new() } else { format!(" [{code}]") };
    let remedy = advice.as_ref().map(|advice| format!("\n{:25}{advice}", "")).unwrap_or_default();
    format!("{word} {look:<15} {place}{message}{code}{remedy}")
}
