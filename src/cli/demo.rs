//! `pli demo`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::{Date, date};
use serde::Serialize;

use super::Outcome;
use super::acts::{self, Act};
use super::console::Console;
use super::output_path::refuse_unless_folder;
use super::progress::ProgressBars;
use super::run::summary;
use crate::failure::Failure;
use crate::files::{sha256_of_file, write_whole};
use crate::job::Job;
use crate::ledger::Author;
use crate::night::order::NightOrder;
use crate::night::report::Report;
use crate::night::run;
use crate::returns::{self, Receiver, ScanOrder, Session, trusted};
use crate::sample::{SampleOrder, make};
use crate::studio::{pictures_of_variants, scans_of_envelopes};
use mail::piece::PieceKind;

/// How many records the demonstration has.
const RECORDS: u32 = 500;
/// The share of them that is faulty, in percent.
const BAD_PERCENT: f64 = 3.0;
/// A Friday on which letters leave, and the Monday on which their mailers do.
const NIGHTS: [(Date, PieceKind); 2] =
    [(date(2026, 11, 20), PieceKind::Letter), (date(2026, 11, 23), PieceKind::Mailer)];
/// The Monday a week later, on which envelopes come back.
const RETURNED: Date = date(2026, 11, 30);
/// The file that marks the folder of a demonstration: a JSON object of its files with their digests. The next one may clear
/// what is listed.
const MARKER: &str = ".pli-demo";
/// The largest marker that is read, in bytes.
const MAX_MARKER: u64 = 1 << 20;

/// Show everything on an empty machine; the records and codes are invented.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  pli demo --out /tmp/pli-demo")]
pub(super) struct Arguments {
    /// The folder to make; one of an earlier demonstration is cleared
    #[arg(long, value_name = "DIR", default_value = "out/demo")]
    out: PathBuf,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Demonstration {
    folder: PathBuf,
    job: PathBuf,
    nights: Vec<Report>,
    pictures: Vec<PathBuf>,
    returned: Vec<returns::Outcome>,
}

/// Receives what is said of each envelope, which is shown at the end.
struct Silent;

impl Receiver for Silent {
    fn receive(&mut self, _: &returns::Outcome) -> Result<(), Failure> {
        Ok(())
    }

    fn file(&mut self) {}
}

pub(super) fn demo(arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    let folder = &arguments.out;
    refuse_unless_folder("demo_folder", "--out", folder)?;
    clear(folder)?;
    console.step(&format!("{RECORDS} invented records, some of them faulty on purpose"));
    make(&SampleOrder { count: RECORDS, seed: 1, bad_percent: BAD_PERCENT, out: folder, unsealed: true })?;
    let job = Job::load(&folder.join("job.toml"))?;
    let mut demonstration = Demonstration {
        folder: folder.clone(),
        job: job.file.clone(),
        nights: Vec::new(),
        pictures: Vec::new(),
        returned: Vec::new(),
    };
    for (night, kind) in NIGHTS {
        console.step(&format!("the {kind} night, {night}"));
        let order = NightOrder { only: Some(kind), ..NightOrder::new(&job, night) };
        let act = Act::new(&job.file, "run").night(night).option(true, format_args!("only={kind}s"));
        acts::recorded(Some(act), || {
            demonstration.nights.push(run(&order, &ProgressBars::new(console.shows_progress()))?);
            Ok(Outcome::Done)
        })?;
    }
    console.step("one picture of each kind and variant");
    let pictures = folder.join("pictures");
    for report in &demonstration.nights {
        demonstration.pictures.extend(pictures_of_variants(report, &pictures)?);
    }
    console.step("three envelopes come back, and are scanned");
    let paths = demonstration
        .nights
        .first()
        .map_or(Ok(Vec::new()), |letters| scans_of_envelopes(letters, &folder.join("returned")))?;
    let order = ScanOrder {
        trust: trusted(&job, None)?,
        reason: Some("unknown".to_owned()),
        box_number: Some(1),
        day: RETURNED,
        author: Author::of_process(),
        dry_run: false,
        grade: false,
        pictures: true,
        paths: &paths,
        job: &job,
    };
    acts::recorded(Some(Act::new(&job.file, "scan").night(RETURNED)), || {
        let mut session = Session::begin(&order);
        session.files(&paths, &mut Silent)?;
        demonstration.returned = session.finish()?.outcomes;
        Ok(Outcome::Done)
    })?;
    let files = serde_json::to_vec_pretty(&contents(folder)?).map_err(std::io::Error::from)?;
    write_whole(&folder.join(MARKER), &files)?;
    console.result(&demonstration, |console| summary_text(&demonstration, console))?;
    Ok(Outcome::Done)
}

/// Clears the folder of an earlier demonstration, unless someone went on working in it.
///
/// # Errors
/// `demo_folder`: the folder holds something that no demonstration left there; I/O errors.
fn clear(folder: &Path) -> Result<(), Failure> {
    let marker = folder.join(MARKER);
    if folder.exists() {
        let files = contents(folder)?;
        let refused = |problem: String| {
            let advice = "name another folder with `--out`, or remove this one yourself";
            Err(Failure::usage("demo_folder", problem).in_file(folder.display()).with_advice(advice))
        };
        match read_marker(&marker) {
            None if files.is_empty() => {}
            None => return refused("the folder holds something else".to_owned()),
            Some(left) => {
                let changed = files.iter().find(|(file, digest)| left.get(*file) != Some(digest));
                if let (Some((file, _)), false) = (changed, left.is_empty()) {
                    return refused(format!(
                        "someone went on working in this demonstration: `{file}` is new or changed"
                    ));
                }
            }
        }
        fs_err::remove_dir_all(folder)?;
    }
    fs_err::create_dir_all(folder)?;
    // Without a list until it is complete: an unfinished demonstration is cleared.
    Ok(write_whole(&marker, b"{}")?)
}

/// The files of a finished demonstration with their digests; none of an unfinished one. `None` where there is no marker.
fn read_marker(marker: &Path) -> Option<BTreeMap<String, String>> {
    serde_json::from_str(&foreign::read_text(marker, MAX_MARKER).ok()?).ok()
}

/// The files of a folder and its folders, each with its SHA-256, except the marker. Links are not followed.
fn contents(folder: &Path) -> Result<BTreeMap<String, String>, Failure> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs_err::read_dir(&next)? {
            let entry = entry?;
            let path = entry.path();
            let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
            match entry.file_type()? {
                kind if kind.is_dir() => folders.push(path),
                _ if name == MARKER => {}
                kind if kind.is_file() => drop(files.insert(name, sha256_of_file(&path)?)),
                _ => drop(files.insert(name, String::new())),
            }
        }
    }
    Ok(files)
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
    for outcome in &demonstration.returned {
        let piece = outcome.piece_id.as_deref().unwrap_or("?");
        let words = format!("came back: {piece}, {}: {}", outcome.verdict.code(), outcome.remark);
        lines.push(format!("  {:<44}{words}", outcome.path));
    }
    lines.push(line(
        "returns/2026-11-30/",
        "returns.csv and the clerk\u{2019}s report (HTML) of these envelopes",
    ));
    lines.push(line("job.toml", "the job file of both nights"));
    lines.push(console.alert(
        "  The mailers of a real job are sealed: `unsealed = true` in this job file opens them to all.",
    ));
    lines.join("\n")
}
