//! `pli check`

use std::path::{Path, PathBuf};

use clap::Args;
use foreign::legible;
use jiff::civil::Date;
use serde::Serialize;

use super::Outcome;
use super::console::Console;
use super::progress::ProgressBars;
use super::run::{Only, summary, today};
use crate::failure::Failure;
use crate::job::Job;
use crate::ledger::Finding;
use crate::night::order::{NightOrder, Prove};
use crate::night::report::Report;
use crate::night::{ShownCell, ShownFile, check as check_night};
use mail::piece::PieceKind;

/// Say what a night would reject, warn about and produce; writes nothing.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pli check job.toml --date 2026-11-23\n  pli check job.toml --only mailers"
)]
pub(super) struct Arguments {
    /// The job file, or the folder that holds it
    job: PathBuf,
    /// The night's date; default: today
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::night_date::parse)]
    date: Option<Date>,
    /// What a night of one kind would do; the other waits
    #[arg(long)]
    only: Option<Only>,
    /// A file of cards whose codes are sent again although the ledger does not know card or address
    #[arg(long, value_name = "FILE")]
    release_reissues: Option<PathBuf>,
}

impl Arguments {
    /// The job file or folder.
    pub(super) fn job(&self) -> &Path {
        &self.job
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Answer<'a> {
    #[serde(flatten)]
    report: &'a Report,
    reject_list: &'a [Finding],
    warning_list: &'a [Finding],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    mapping: &'a [ShownFile],
}

pub(super) fn check(arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    let job = Job::load(&arguments.job)?;
    let night = arguments.date.unwrap_or_else(today);
    let order = NightOrder {
        only: arguments.only.map(PieceKind::from),
        prove: Prove::None,
        dry_run: true,
        release_reissues: arguments.release_reissues.clone(),
        today: Some(today()),
        ..NightOrder::new(&job, night)
    };
    let checked = check_night(&order, &ProgressBars::new(console.shows_progress()))?;
    let answer = Answer {
        report: &checked.report,
        reject_list: &checked.rejects,
        warning_list: &checked.warnings,
        mapping: &checked.mapping,
    };
    console.result(&answer, |console| {
        let mut lines = vec![summary(&checked.report, console)];
        lines.extend(checked.mapping.iter().flat_map(|file| mapping_lines(file, console)));
        lines.extend(checked.rejects.iter().map(|finding| console.alert(&line("rejected", finding))));
        lines.extend(checked.warnings.iter().map(|finding| line("warning", finding)));
        lines.join("\n")
    })?;
    Ok(if checked.report.needs_a_person() { Outcome::NeedsAPerson } else { Outcome::Done })
}

/// How a mapping reads the first rows of a file: a line for each of our columns.
fn mapping_lines(file: &ShownFile, console: &Console) -> Vec<String> {
    let numbers: Vec<String> = file.rows.iter().map(|row| row.line.to_string()).collect();
    let Some(first) = file.rows.first() else { return Vec::new() };
    let title = format!("{} as it is read, line {}", legible(&file.file), numbers.join(", "));
    let columns = (0..).zip(&first.cells).map(|(index, cell)| {
        let cells = file.rows.iter().filter_map(|row| row.cells.get(index));
        let values: Vec<String> = cells.map(shown_value).collect();
        let from = if cell.written.is_some() { &cell.from } else { "(constant)" };
        legible(&format!("  {from:<15} → {:<20} {}", cell.column, values.join(" | "))).into_owned()
    });
    std::iter::once(console.strong(&title)).chain(columns).collect()
}

/// A value, or theirs and ours where they differ.
fn shown_value(cell: &ShownCell) -> String {
    let seen = |text: &str| if text.is_empty() { "\"\"".to_owned() } else { text.to_owned() };
    let value = cell.value.as_deref().map_or_else(|| "✗".to_owned(), seen);
    match cell.written.as_deref().map(seen) {
        Some(written) if written != value => format!("{written} → {value}"),
        _ => value,
    }
}

fn line(word: &str, finding: &Finding) -> String {
    let Finding { source_file, line, field, code, .. } = finding;
    let message = finding.in_english();
    let place = if *line == 0 { source_file.clone() } else { format!("{source_file}:{line}") };
    let field = if field.is_empty() { String::new() } else { format!("{field}: ") };
    legible(&format!("{place}: {word}: {field}{message} [{code}]")).into_owned()
}
