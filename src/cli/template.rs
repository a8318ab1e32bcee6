//! `pli template`

pub(in crate::cli) mod begin;
pub(in crate::cli) mod wording;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use foreign::legible;
use serde::Serialize;
use template::TemplateFault;

use super::Outcome;
use super::console::Console;
use crate::failure::{Failure, counted, template_failure};
use crate::job::Job;
use crate::studio::{CheckedTemplate, check_template};

/// Work on templates.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Report every error of a template, with file, line and column
    #[command(
        after_help = "Examples:\n  pli template check templates/card-letter\n  pli template check card-letter --job trial/job.toml"
    )]
    Check {
        /// Folders, or names of built-in templates
        #[arg(required = true)]
        templates: Vec<PathBuf>,
        /// A job file, for its bureau, press and inserter
        #[arg(long, value_name = "JOB")]
        job: Option<PathBuf>,
    },
    /// Make a template to begin from: a copy of a built-in one, of a folder, or of one that was kept
    New(begin::NewArguments),
    /// Write the prelude and settings into a template's folder, so that editors complete and preview it
    Prelude(begin::PreludeArguments),
    /// List every sentence of a template once, with the variants that show it and what changed
    Texts(wording::TextsArguments),
    /// Make the proof sheet of a template, to be signed: every variant, its wording, what was checked
    Proof(wording::ProofArguments),
}

/// A template without errors.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct SoundTemplate {
    template: String,
    variants: usize,
    warnings: Vec<Warning>,
    /// The warnings for a person.
    #[serde(skip)]
    lines: Vec<String>,
}

/// A fault that does not stop a layout.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Warning {
    severity: &'static str,
    code: &'static str,
    message: String,
    advice: Option<String>,
    file: String,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
    /// How many variants have it.
    variants: usize,
}

impl SoundTemplate {
    fn new(template: &Path, checked: CheckedTemplate) -> SoundTemplate {
        let CheckedTemplate { variants, warnings } = checked;
        let line = |fault: &TemplateFault| template_failure(fault, variants).to_string();
        SoundTemplate {
            template: template.display().to_string(),
            variants,
            lines: warnings.iter().map(line).collect(),
            warnings: warnings.into_iter().map(Warning::from).collect(),
        }
    }

    /// What a person reads: one line for the template, then its warnings.
    fn text(&self) -> String {
        let name = legible(&self.template);
        let mut text = format!("{name}: sound, {}", counted(self.variants, "variant"));
        match self.warnings.len() {
            0 => {}
            1 => text += ", 1 warning",
            count => text += &format!(", {count} warnings"),
        }
        self.lines.iter().for_each(|line| text += &format!("\n{line}"));
        text
    }
}

impl From<TemplateFault> for Warning {
    fn from(fault: TemplateFault) -> Warning {
        Warning {
            severity: fault.severity.name(),
            code: fault.code(),
            message: fault.message,
            advice: fault.advice,
            file: fault.file,
            line: fault.location.map(|(line, _)| line),
            column: fault.location.map(|(_, column)| column),
            end_line: fault.end.map(|(line, _)| line),
            end_column: fault.end.map(|(_, column)| column),
            variants: fault.variants,
        }
    }
}

pub(super) fn template(command: &Command, console: &Console) -> Result<Outcome, Failure> {
    match command {
        Command::Check { templates, job } => check(templates, job.as_deref(), console),
        Command::New(arguments) => begin::new(arguments, console),
        Command::Prelude(arguments) => begin::prelude(arguments, console),
        Command::Texts(arguments) => wording::texts(arguments, console),
        Command::Proof(arguments) => wording::proof(arguments, console),
    }
}

fn check(templates: &[PathBuf], job: Option<&Path>, console: &Console) -> Result<Outcome, Failure> {
    let job = job.map(Job::load).transpose()?;
    let mut sound = Vec::new();
    let mut failures = Vec::new();
    for template in templates {
        match check_template(template, job.as_ref()) {
            Ok(checked) => sound.push(SoundTemplate::new(template, checked)),
            Err(failure) => failures.push(failure),
        }
    }
    match failures.len() {
        0 => {}
        1 => return Err(failures.remove(0)),
        count => {
            let problem = format!("{count} templates can't be used");
            return Err(Failure::usage("templates", problem).with_parts(failures));
        }
    }
    console.result(&sound, |_| sound.iter().map(SoundTemplate::text).collect::<Vec<_>>().join("\n"))?;
    Ok(Outcome::Done)
}
