//! `pli template texts` and `pli template proof`

use std::path::{Path, PathBuf};

use clap::Args;
use foreign::legible;
use serde::Serialize;

use super::super::Outcome;
use super::super::console::Console;
use super::super::output_path::refuse_unless_file;
use super::super::run::today;
use crate::failure::{Failure, counted};
use crate::files::write_whole;
use crate::job::Job;
use crate::studio::{self, Texts, WordingOrder, laid_out, texts_csv, texts_html, wording};

/// What the wording is of.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pli template texts templates/card-letter\n  pli template texts templates/card-letter --against card-letter --output texts.html\n  pli template texts templates/card-letter --output texts.csv"
)]
pub(in crate::cli) struct TextsArguments {
    #[command(flatten)]
    of: TemplateArguments,
    /// A file to write, ending in .html or .csv
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// What the proof sheet is of.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pli template proof templates/card-letter --output proof.pdf\n  pli template proof templates/card-letter --job job.toml --against card-letter --output proof.pdf"
)]
pub(in crate::cli) struct ProofArguments {
    #[command(flatten)]
    of: TemplateArguments,
    /// The file to write, ending in .pdf
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Debug, Args)]
struct TemplateArguments {
    /// A template's folder, the name of a built-in one, or the folder of one that was kept (`kept/templates/…`)
    #[arg(value_name = "DIR")]
    template: PathBuf,
    /// The version with which the wording is compared: a folder, a name, or the folder of one that was kept
    #[arg(long, value_name = "OLD")]
    against: Option<PathBuf>,
    /// A job file, for its bureau, press and inserter
    #[arg(long, value_name = "JOB")]
    job: Option<PathBuf>,
}

pub(super) fn texts(arguments: &TextsArguments, console: &Console) -> Result<Outcome, Failure> {
    let ending = arguments.output.as_deref().map(|output| ending("texts_output", output, &["html", "csv"]));
    let ending = ending.transpose()?;
    let job = arguments.of.job.as_deref().map(Job::load).transpose()?;
    let (new, old) = laid_out(&arguments.of.order(job.as_ref()))?;
    let texts = wording(&new, old.as_ref());
    let Some((output, ending)) = arguments.output.as_deref().zip(ending) else {
        console.result(&texts, |console| listed(&texts, console))?;
        return Ok(Outcome::Done);
    };
    match ending {
        "html" => write_whole(output, texts_html(&texts).as_bytes())?,
        _ => write_whole(output, &texts_csv(&texts)?)?,
    }
    console.result(&texts, |_| {
        format!(
            "{}: {} in {}",
            legible(&output.display().to_string()),
            counted(texts.sentences.len(), "sentence"),
            counted(texts.variants, "variant")
        )
    })?;
    Ok(Outcome::Done)
}

/// A proof sheet that was written.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct WrittenProof<'a> {
    file: &'a Path,
    bytes: usize,
}

pub(super) fn proof(arguments: &ProofArguments, console: &Console) -> Result<Outcome, Failure> {
    ending("proof_output", &arguments.output, &["pdf"])?;
    let job = arguments.of.job.as_deref().map(Job::load).transpose()?;
    let (new, old) = laid_out(&arguments.of.order(job.as_ref()))?;
    let pdf = studio::proof(&new, old.as_ref(), job.as_ref(), today())?;
    write_whole(&arguments.output, &pdf)?;
    let written = WrittenProof { file: &arguments.output, bytes: pdf.len() };
    console.result(&written, |_| legible(&arguments.output.display().to_string()).into_owned())?;
    Ok(Outcome::Done)
}

impl TemplateArguments {
    fn order<'a>(&'a self, job: Option<&'a Job>) -> WordingOrder<'a> {
        WordingOrder { template: &self.template, against: self.against.as_deref(), job }
    }
}

/// The ending of a file to be written, one of a few.
fn ending(code: &'static str, output: &Path, endings: &[&'static str]) -> Result<&'static str, Failure> {
    let own = output.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    let Some(ending) = endings.iter().find(|ending| **ending == own) else {
        let endings: Vec<String> = endings.iter().map(|ending| format!(".{ending}")).collect();
        let endings = endings.join(" or ");
        let problem =
            format!("`--output {}` does not end in {endings}", legible(&output.display().to_string()));
        return Err(Failure::usage(code, problem).with_advice(format!("write a name that ends in {endings}")));
    };
    refuse_unless_file(code, "--output", output)?;
    Ok(ending)
}

/// The wording for a person at a terminal: each sentence with its variants, and a sign where it changed.
fn listed(texts: &Texts, console: &Console) -> String {
    let mut lines = Vec::new();
    for sentence in &texts.sentences {
        let sign = sentence.change.as_ref().map_or(" ", |change| change.sign());
        lines.push(format!("{sign} {}", legible(&sentence.text)));
        lines.push(format!("    {}", console.dim(&sentence.shown)));
    }
    for sentence in &texts.removed {
        lines.push(format!("− {}", legible(&sentence.text)));
        lines.push(format!("    {}", console.dim(&sentence.shown)));
    }
    lines.join("\n")
}
