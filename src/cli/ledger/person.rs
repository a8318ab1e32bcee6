//! `pli ledger JOB person`

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use foreign::{legible, legible_json};
use mail::card::CardNumber;
use mail::identifiers::PsIdNat;
use serde::Serialize;

use super::super::acts::Act;
use super::super::run::today;
use super::{Console, Failure, Job, Outcome, home};
use crate::failure::{agreeing, counted};
use crate::files::write_new;
use crate::ledger::MailerLinks;
use crate::night::{ErasureReport, LeftFile, erase, export, hold, let_go};

/// Export or erase what is kept of a person.
#[derive(Debug, Args)]
#[command(
    group = clap::ArgGroup::new("act").args(["action", "keep", "let_go"]).required(true),
    after_help = "Examples:\n  pli ledger job.toml person 2400140649 export person.json\n  pli ledger job.toml person 810003879623 erase\n  pli ledger job.toml person 2400140649 --keep \"file 12/2026\""
)]
pub(super) struct Arguments {
    /// The number of a card, or the holder's PS_Id_nat
    #[arg(value_name = "PS_ID|CARD", value_parser = name)]
    person: String,
    /// `export` all that is kept as JSON, or `erase` it
    #[arg(value_enum)]
    action: Option<Action>,
    /// Where `export` writes; default: standard output
    file: Option<PathBuf>,
    /// Let no purge forget the person, for this reason: a reference that names nobody
    #[arg(long, value_name = "REASON", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    keep: Option<String>,
    /// In an export, the mailers' references and pages too; without it nothing ties a mailer to the person
    #[arg(long)]
    personal: bool,
    /// End what `--keep` began
    #[arg(long)]
    let_go: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Action {
    /// Write all that is kept
    Export,
    /// Remove it
    Erase,
}

/// What a hold did.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct HoldAnswer {
    held: bool,
    cards: u64,
}

/// Where an export went.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct ExportAnswer {
    file: String,
    records: usize,
    findings: usize,
    files: usize,
}

fn name(text: &str) -> Result<String, String> {
    match CardNumber::parse(text).is_ok() || PsIdNat::parse(text).is_ok() {
        true => Ok(text.to_owned()),
        false => Err("write the number of a card (10 digits), or the holder's PS_Id_nat".to_owned()),
    }
}

impl Arguments {
    /// What the audit log has of it: never who the person is.
    pub(super) fn act(&self, job: &Path) -> Act {
        let act = match (self.action, &self.keep) {
            (Some(Action::Export), _) => "ledger person export",
            (Some(Action::Erase), _) => "ledger person erase",
            (None, Some(_)) => "ledger person keep",
            (None, None) => "ledger person let go",
        };
        Act::new(job, act)
    }
}

pub(super) fn person(arguments: &Arguments, job: &Job, console: &Console) -> Result<Outcome, Failure> {
    home(job)?;
    let name = &arguments.person;
    if let Some(file) = arguments.file.as_ref().filter(|_| arguments.action != Some(Action::Export)) {
        return Err(Failure::usage("arguments", "only `export` writes a file")
            .in_file(file.display())
            .with_advice("leave the file out"));
    }
    if arguments.personal && arguments.action != Some(Action::Export) {
        return Err(Failure::usage("arguments", "`--personal` is of `export`").with_advice("leave it out"));
    }
    match (arguments.action, &arguments.keep) {
        (Some(Action::Export), _) => write(arguments, job, console),
        (Some(Action::Erase), _) => {
            let report = erase(job, name, today())?;
            console.result(&report, |_| erased(&report))?;
            Ok(if report.left.is_empty() { Outcome::Done } else { Outcome::NeedsAPerson })
        }
        (None, Some(reason)) => held(true, hold(job, name, reason, today())?, console),
        (None, None) => held(false, let_go(job, name)?, console),
    }
}

fn write(arguments: &Arguments, job: &Job, console: &Console) -> Result<Outcome, Failure> {
    let mailers = if arguments.personal { MailerLinks::Personal } else { MailerLinks::Opaque };
    let report = export(job, &arguments.person, mailers)?;
    let text = || serde_json::to_string_pretty(&report).unwrap_or_default();
    let Some(file) = &arguments.file else {
        console.result(&report, |_| legible_json(&text()).into_owned())?;
        return Ok(Outcome::Done);
    };
    write_new(file, &(text() + "\n"), 0o600).map_err(|error| {
        Failure::midway("output_io", error.to_string())
            .in_file(file.display())
            .with_advice("name a file that is not there yet, in a folder that this user can write")
            .caused_by(error)
    })?;
    let answer = ExportAnswer {
        file: file.display().to_string(),
        records: report.ledger.records.len(),
        findings: report.ledger.findings.len(),
        files: report.files.len(),
    };
    console.result(&answer, |_| {
        let ExportAnswer { file, records, findings, files } = &answer;
        let (records, findings) = (counted(records, "record"), counted(findings, "finding"));
        format!("{records}, {findings}, {} in files: {}", counted(files, "place"), legible(file))
    })?;
    Ok(Outcome::Done)
}

fn erased(report: &ErasureReport) -> String {
    let ErasureReport { rows, table_rows, removed, left, .. } = report;
    let mut lines = vec![format!(
        "{} of the ledger and {} of files removed",
        counted(rows, "row"),
        counted(table_rows, "row")
    )];
    lines.extend(removed.iter().map(|file| format!("{file}: removed")));
    lines.extend(left.iter().map(|LeftFile { path, reason }| format!("{path}: left; {reason}")));
    lines.join("\n")
}

fn held(held: bool, cards: u64, console: &Console) -> Result<Outcome, Failure> {
    let answer = HoldAnswer { held, cards };
    let them = agreeing(cards, "held: no purge forgets it", "held: no purge forgets them");
    let what = if held { them } else { "let go" };
    console.result(&answer, |_| format!("{} {what}", counted(cards, "card")))?;
    Ok(Outcome::Done)
}
