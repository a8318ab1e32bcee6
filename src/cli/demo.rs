//! `pli demo`

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::{Date, date};
use serde::Serialize;

use super::Outcome;
use super::console::Console;
use super::progress::ProgressBars;
use super::run::summary;
use crate::failure::Failure;
use crate::job::Job;
use crate::night::order::{NightOrder, Prove};
use crate::night::report::Report;
use crate::night::run;
use crate::sample::{SampleOrder, make};
use crate::studio::pictures_of_variants;
use mail::piece::PieceKind;

/// How many records the demonstration has.
const RECORDS: u32 = 500;
/// The share of them that is faulty, in percent.
const BAD_PERCENT: f64 = 3.0;
/// A Friday on which letters leave, and the Monday on which their mailers do.
const NIGHTS: [(Date, PieceKind); 2] =
    [(date(2026, 11, 20), PieceKind::Letter), (date(2026, 11, 23), PieceKind::Mailer)];
/// The file that marks the folder of a demonstration, which the next one may clear.
const MARKER: &str = ".pli-demo";

/// Show everything on an empty machine; the records and codes are invented.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  pli demo --out /tmp/pli-demo")]
pub(super) struct Arguments {
    /// The folder to make; one of an earlier demonstration is cleared
    #[arg(long, value_name = "DIR", default_value = "out/demo")]
    out: PathBuf,
}

#[derive(Serialize)]
struct Demonstration {
    folder: PathBuf,
    job: PathBuf,
    nights: Vec<Report>,
    pictures: Vec<PathBuf>,
}

pub(super) fn demo(arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    let folder = &arguments.out;
    clear(folder)?;
    console.step(&format!("{RECORDS} invented records, some of them faulty on purpose"));
    make(&SampleOrder { count: RECORDS, seed: 1, bad_percent: BAD_PERCENT, out: folder, unsealed: true })?;
    let job = Job::load(&folder.join("job.toml"))?;
    let mut demonstration = Demonstration {
        folder: folder.clone(),
        job: job.file.clone(),
        nights: Vec::new(),
        pictures: Vec::new(),
    };
    for (night, kind) in NIGHTS {
        console.step(&format!("the {kind} night, {night}"));
        let order = NightOrder { job: &job, night, only: Some(kind), prove: Prove::Sample, dry_run: false };
        demonstration.nights.push(run(&order, &ProgressBars::new(console.shows_progress()))?);
    }
    console.step("one picture of each kind and variant");
    let pictures = folder.join("pictures");
    for report in &demonstration.nights {
        demonstration.pictures.extend(pictures_of_variants(report, &pictures)?);
    }
    console.result(&demonstration, |console| summary_text(&demonstration, console))?;
    Ok(Outcome::Done)
}

/// Clears the folder of an earlier demonstration.
///
/// # Errors
/// `demo_folder`: the folder holds something else.
fn clear(folder: &Path) -> Result<(), Failure> {
    let marker = folder.join(MARKER);
    let empty = !folder.exists() || fs_err::read_dir(folder)?.next().is_none();
    if !empty && !marker.exists() {
        return Err(Failure::usage("demo_folder", "the folder holds something else")
            .in_file(folder.display())
            .with_advice("name another folder with `--out`"));
    }
    if folder.exists() {
        fs_err::remove_dir_all(folder)?;
    }
    fs_err::create_dir_all(folder)?;
    fs_err::write(&marker, "Made by `pli demo`, which clears this folder when it runs again.\n")?;
    Ok(())
}

fn summary_text(demonstration: &Demonstration, console: &Console) -> String {
    let mut lines: Vec<String> = demonstration.nights.iter().map(|report| summary(report, console)).collect();
    let folder = &demonstration.folder;
    let line = |path: &str, what: &str| format!("  {:<44}{what}", folder.join(path).display().to_string());
    lines.push(console.strong("Where to look"));
    lines.push(line("pictures/", "a picture of each kind and variant"));
    lines.push(line("out/2026-11-20/letters/", "letters, manifest, work order"));
    lines.push(line("out/2026-11-23/mailers/", "mailers, in clear because this is a demonstration"));
    lines.push(line("out/2026-11-20/rejects.csv", "what is wrong with the faulty records"));
    lines.push(line("job.toml", "the job file of both nights"));
    lines.push(console.alert(
        "  The mailers of a real job are sealed: `unsealed = true` in this job file opens them to all.",
    ));
    lines.join("\n")
}
