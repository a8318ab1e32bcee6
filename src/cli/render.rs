//! `pli render`

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::Date;
use serde::Serialize;

use super::Outcome;
use super::console::Console;
use super::names;
use super::output_path::refuse_unless_file;
use super::run::today;
use crate::failure::Failure;
use crate::files::write_whole;
use crate::job::Job;
use crate::ledger::Ledger;
use crate::raster::OpenPdf;
use crate::studio::{SpecimenOrder, released_piece, specimen};
use mail::lot::WrittenPiece;
use mail::piece::PieceKind;

/// Pixels per inch of pictures.
const PICTURE_DPI: f64 = 150.0;

/// Print one piece of a template to PDF or PNG, with invented or given data and never a real code.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pli render card-letter --output letter.pdf\n  pli render templates/card-letter --variant reason=renewal --variant family=CPE --overlay --output letter.png\n  pli render mailer-igc-sante --record cards.csv --output mailer.png\n  pli render card-letter --sample longest-name --output longest.pdf\n  pli render --job job.toml --piece L26324A000001 --output letter.pdf"
)]
pub(super) struct Arguments {
    /// A template's folder, the name of a built-in one, or the folder of one that was kept (`kept/templates/…`)
    #[arg(required_unless_present = "piece")]
    template: Option<PathBuf>,
    /// A piece that the job released, as it was: from its record in the ledger and what is kept of its template. A mailer shows
    /// invented codes
    #[arg(long, value_name = "ID", value_parser = names::piece, requires = "job", conflicts_with_all = ["template", "record", "sample", "variant"])]
    piece: Option<WrittenPiece>,
    /// A `cards.csv`, of which the first record is printed
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// A record made for designers: usual, longest-name, accents-french, six-full-lines, foreign, structure …; a name that there
    /// is not lists them all
    #[arg(long, value_name = "NAME", conflicts_with = "record")]
    sample: Option<String>,
    /// A fact of the piece: reason, codes, family or holder
    #[arg(long, value_name = "K=V", value_parser = fact)]
    variant: Vec<(String, String)>,
    /// The file to write, ending in .pdf or .png; further pages of a picture get a number
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
    /// A job file, for its bureau, press and inserter
    #[arg(long, value_name = "JOB")]
    job: Option<PathBuf>,
    /// Show windows, folds, panels and the card's place, which are never printed
    #[arg(long)]
    overlay: bool,
    /// The date on the piece; default: today
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::night_date::parse, conflicts_with = "piece")]
    date: Option<Date>,
}

fn fact(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE, such as reason=renewal")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Rendered {
    files: Vec<PathBuf>,
}

pub(super) fn render(arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    let extension = arguments.output.extension().and_then(|e| e.to_str()).unwrap_or_default();
    if !matches!(extension, "pdf" | "png") {
        let output = arguments.output.display();
        return Err(Failure::usage("render_output", format!("`--output {output}` is neither PDF nor PNG"))
            .with_advice("write a name that ends in .pdf or .png"));
    }
    refuse_unless_file("render_output", "--output", &arguments.output)?;
    let job = arguments.job.as_deref().map(Job::load).transpose()?;
    let pdf = match (&arguments.piece, &job) {
        (Some(written), Some(job)) => again(job, written, arguments.overlay)?,
        _ => specimen(&SpecimenOrder {
            template: arguments.template.as_deref().unwrap_or(Path::new("")),
            record: arguments.record.as_deref(),
            sample: arguments.sample.as_deref(),
            facts: &arguments.variant,
            overlay: arguments.overlay,
            job: job.as_ref(),
            night: arguments.date.unwrap_or_else(today),
        })?,
    };
    let files = match extension {
        "pdf" => {
            write_whole(&arguments.output, &pdf)?;
            vec![arguments.output.clone()]
        }
        _ => pictures(pdf, &arguments.output)?,
    };
    let rendered = Rendered { files };
    console.result(&rendered, |_| {
        rendered.files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join("\n")
    })?;
    Ok(Outcome::Done)
}

/// A released piece, composed again.
fn again(job: &Job, written: &WrittenPiece, overlay: bool) -> Result<Vec<u8>, Failure> {
    let ledger = Ledger::view(&job.ledger())?.with_keys()?;
    let mut pieces = names::pieces(written, None, |id| Ok(ledger.released_piece(id)?))?;
    match (pieces.pop(), pieces.is_empty()) {
        (Some(piece), true) => released_piece(job, &piece, overlay),
        _ => {
            let [letter, mailer] =
                PieceKind::ALL.map(|kind| WrittenPiece { kind: Some(kind), ..written.clone() });
            let problem = format!("`{written}` is a letter, `{letter}`, and a mailer, `{mailer}`");
            Err(Failure::usage("piece_ambiguous", problem)
                .with_advice(format!("write `{letter}` or `{mailer}`")))
        }
    }
}

/// Writes each page as a picture: `piece.png`, `piece-2.png`.
fn pictures(pdf: Vec<u8>, output: &Path) -> Result<Vec<PathBuf>, Failure> {
    let open = OpenPdf::from_bytes(&output.display().to_string(), pdf)?;
    let stem = output.file_stem().and_then(|stem| stem.to_str()).unwrap_or("piece");
    let mut files = Vec::new();
    let renderer = open.renderer();
    for page in 1..=open.pages() {
        let file = match page {
            1 => output.to_owned(),
            page => output.with_file_name(format!("{stem}-{page}.png")),
        };
        write_whole(&file, &renderer.picture(page, PICTURE_DPI)?.to_png()?)?;
        files.push(file);
    }
    Ok(files)
}
