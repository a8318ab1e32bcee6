//! `pli template`

mod begin;

use std::path::{Path, PathBuf};

use clap::Subcommand;
use foreign::legible;
use serde::Serialize;

use super::Outcome;
use super::console::Console;
use crate::failure::Failure;
use crate::job::Job;
use crate::studio::check_template;

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
}

/// A template without errors.
#[derive(Serialize)]
struct CheckedTemplate {
    template: String,
    variants: usize,
}

pub(super) fn template(command: &Command, console: &Console) -> Result<Outcome, Failure> {
    match command {
        Command::Check { templates, job } => check(templates, job.as_deref(), console),
        Command::New(arguments) => begin::new(arguments, console),
        Command::Prelude(arguments) => begin::prelude(arguments, console),
    }
}

fn check(templates: &[PathBuf], job: Option<&Path>, console: &Console) -> Result<Outcome, Failure> {
    let job = job.map(Job::load).transpose()?;
    let mut sound = Vec::new();
    let mut failures = Vec::new();
    for template in templates {
        match check_template(template, job.as_ref()) {
            Ok(variants) => {
                sound.push(CheckedTemplate { template: template.display().to_string(), variants })
            }
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
    console.result(&sound, |_| {
        let line = |s: &CheckedTemplate| format!("{}: sound, {} variants", legible(&s.template), s.variants);
        sound.iter().map(line).collect::<Vec<_>>().join("\n")
    })?;
    Ok(Outcome::Done)
}
