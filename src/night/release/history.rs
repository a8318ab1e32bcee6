//! The ledger held against the outputs: what was released before must be in the ledger, or it would be sent again.
//!
//! `ledger.stamp` beside the nights names the last release. Where it is missing, the `run.json` of each night does.

use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Deserialize;

use crate::failure::Failure;
use crate::files::{open_to_writers, private_folder, rename_into, write_whole};
use crate::job::{Job, LedgerHome, LedgerLocation, ObjectUrl, OutputLocation};
use crate::ledger::{Ledger, LedgerError, RESTORE, ReleaseMark, Stamp};
use crate::store::Bucket;

/// The stamp's name in `output.dir`.
const STAMP: &str = "ledger.stamp";
/// The largest stamp that is read, in bytes.
const MAX_STAMP: u64 = 4 << 10;
/// The largest `run.json` that is read, in bytes.
const MAX_REPORT: u64 = 64 << 20;

/// What the outputs say was released.
struct Evidence {
    /// The file that says so.
    source: String,
    /// The night.
    night: String,
    /// The release, where the file names it.
    mark: Option<ReleaseMark>,
    /// The head of the release, where the file names it.
    head: Option<String>,
}

/// The part of a `run.json` that names its release.
#[derive(Deserialize)]
struct ReportMark {
    ledger: Option<ReleaseMark>,
}

/// Opens the job's ledger and holds it against the outputs. Creates none where the outputs know of releases.
///
/// # Errors
/// `ledger_writable_by_others`: everybody may write or replace the ledger; `ledger_empty`, `ledger_older`, `ledger_other`: the
/// ledger does not know what was released; `ledger_stamp`: the stamp can't be read; ledger, I/O and store errors.
pub(crate) fn open_ledger(
    job: &Job,
    open: impl FnOnce(&LedgerHome) -> Result<Ledger, LedgerError>,
) -> Result<Ledger, Failure> {
    let evidence = evidence(job)?;
    let home = job.ledger();
    if let (true, Some(found)) = (Ledger::is_missing(&home)?, evidence.first()) {
        return Err(empty(&home.place(), found));
    }
    if let LedgerLocation::File(file) = &home.location {
        refuse_open_ledger(file)?;
    }
    let ledger = match open(&home) {
        // Another ledger has other keys: which of the two it is, its history says.
        Err(LedgerError::Keys(error)) => {
            let ledger = Ledger::view(&home)?;
            evidence.iter().try_for_each(|found| hold(&ledger, found))?;
            return Err(LedgerError::Keys(error).into());
        }
        opened => opened?,
    };
    evidence.iter().try_for_each(|found| hold(&ledger, found))?;
    Ok(ledger)
}

/// Refuses a job whose ledger is not there though its outputs know of releases.
///
/// # Errors
/// `ledger_empty`; `ledger_stamp`; ledger, I/O and store errors.
pub(in crate::night) fn refuse_lost_ledger(job: &Job) -> Result<(), Failure> {
    let home = job.ledger();
    // The outputs, which may lie in a store that does not answer, are asked only where they matter.
    if !Ledger::is_missing(&home)? {
        return Ok(());
    }
    match evidence(job)?.first() {
        Some(found) => Err(empty(&home.place(), found)),
        None => Ok(()),
    }
}

/// Holds a ledger that is about to take the place of the job's against the outputs.
///
/// # Errors
/// `ledger_empty`, `ledger_older`, `ledger_other`: it does not know what was released, or is another one; `ledger_stamp`;
/// ledger, I/O and store errors.
pub(crate) fn hold_against_outputs(job: &Job, ledger: &Ledger) -> Result<(), Failure> {
    let known = ledger.stamp()?.map_or(0, |stamp| stamp.mark.release);
    evidence(job)?.iter().try_for_each(|found| {
        hold(ledger, found).map_err(|failure| match (failure.code(), &found.mark) {
            ("ledger_older" | "ledger_empty", Some(mark)) => {
                let lost = match mark.release - known {
                    1 => format!("release {} would be lost", mark.release),
                    _ => format!("the releases {} to {} would be lost", known + 1, mark.release),
                };
                failure.with_advice(format!(
                    "{lost}, and all that was sent then would be sent again: restore a backup that was made after release {}",
                    mark.release
                ))
            }
            ("ledger_older" | "ledger_empty", None) => {
                failure.with_advice("restore a backup that was made after that night")
            }
            _ => failure.with_advice(
                "name a backup of the ledger that released these outputs, or correct `output.dir` in the job",
            ),
        })
    })
}

/// Refuses a ledger that every user of this machine may write or replace: what it says may be anybody's.
fn refuse_open_ledger(file: &Path) -> Result<(), Failure> {
    let Some(open) = open_to_writers(file).filter(|open| open.everybody) else { return Ok(()) };
    let (path, mode) = (open.path.display(), open.mode);
    let problem = format!(
        "every user of this machine may write it (mode {mode:03o}), and so decide what is sent, and what never is"
    );
    let advice = format!("see that nobody changed the ledger (`pli status`), then run `chmod o-w {path}`");
    Err(Failure::usage("ledger_writable_by_others", problem).in_file(path).with_advice(advice))
}

/// Writes the stamp of the ledger's last release, durably; it is drafted in a staging folder.
///
/// # Errors
/// Ledger, I/O and store errors.
pub(super) fn write_stamp(job: &Job, ledger: &Ledger, staging: &Path) -> Result<(), Failure> {
    let Some(stamp) = ledger.stamp()? else { return Ok(()) };
    let mut text = serde_json::to_string(&stamp).map_err(io::Error::from)?;
    text.push('\n');
    private_folder(staging)?;
    let draft = staging.join(STAMP);
    write_whole(&draft, text.as_bytes())?;
    match job.output() {
        OutputLocation::Folder(folder) => Ok(rename_into(staging, &folder, &[STAMP.to_owned()])?),
        OutputLocation::Objects(url) => Ok(Bucket::open(&url)?.replace(&draft, STAMP)?),
    }
}

/// Refuses a ledger that does not know a release.
fn hold(ledger: &Ledger, found: &Evidence) -> Result<(), Failure> {
    let file = ledger.place();
    let Some(last) = ledger.stamp()? else { return Err(empty(file, found)) };
    let Some(mark) = &found.mark else {
        // A release of an earlier version of the program carries no mark, but the ledger knows its night.
        let night: Option<Date> = found.night.parse().ok();
        let known = night.map_or(Ok(false), |night| ledger.knows_night(night))?;
        return if known { Ok(()) } else { Err(older(file, found)) };
    };
    if mark.id != last.mark.id {
        return Err(other(file, found));
    }
    if mark.release > last.mark.release {
        return Err(older(file, found));
    }
    let same = found.head.is_none() || ledger.head_of(mark.release)? == found.head;
    if same { Ok(()) } else { Err(other(file, found)) }
}

fn refused(code: &'static str, place: &str, problem: &str, found: &Evidence) -> Failure {
    let Evidence { source, night, mark, .. } = found;
    let which = mark.as_ref().map(|mark| format!("release {} of ", mark.release)).unwrap_or_default();
    let problem = format!("{problem}: `{source}` is of {which}the night of {night}; nothing was released");
    Failure::refused(code, problem).in_file(place).with_advice(RESTORE)
}

fn empty(place: &str, found: &Evidence) -> Failure {
    refused("ledger_empty", place, "the ledger is empty, and what was sent would be sent again", found)
}

fn older(place: &str, found: &Evidence) -> Failure {
    refused("ledger_older", place, "the ledger is older than what was released", found)
}

fn other(place: &str, found: &Evidence) -> Failure {
    refused("ledger_other", place, "this is another ledger than that of the outputs", found)
}

/// What the outputs say: the stamp and the last night's report, or without a stamp the report of every night.
fn evidence(job: &Job) -> Result<Vec<Evidence>, Failure> {
    let root = Outputs::of(job)?;
    let stamp =
        root.read(STAMP, MAX_STAMP)?.map(|bytes| read_stamp(&root.display(STAMP), &bytes)).transpose()?;
    let mut nights = root.nights()?;
    if stamp.is_some() {
        nights.truncate(1);
    }
    let mut evidence: Vec<Evidence> = stamp.into_iter().collect();
    for night in nights {
        let name = format!("{night}/run.json");
        let Some(bytes) = root.read(&name, MAX_REPORT)? else { continue };
        // A report that can't be read still says that its night was released.
        let mark = serde_json::from_slice::<ReportMark>(&bytes).ok().and_then(|report| report.ledger);
        let mark = mark.filter(|mark| mark.release > 0);
        evidence.push(Evidence { source: root.display(&name), night: night.to_string(), mark, head: None });
    }
    Ok(evidence)
}

fn read_stamp(source: &str, bytes: &[u8]) -> Result<Evidence, Failure> {
    match serde_json::from_slice::<Stamp>(bytes) {
        Ok(Stamp { mark, head, night }) => {
            Ok(Evidence { source: source.to_owned(), night, mark: Some(mark), head: Some(head) })
        }
        Err(_) => Err(Failure::refused("ledger_stamp", "this file does not say what was released last")
            .in_file(source)
            .with_advice(
                "restore it from a backup of the outputs; without one remove it: each night's `run.json` is held against the ledger then",
            )),
    }
}

/// The place of all nights.
enum Outputs {
    Folder(PathBuf),
    Objects(ObjectUrl, Bucket),
}

impl Outputs {
    fn of(job: &Job) -> Result<Outputs, Failure> {
        Ok(match job.output() {
            OutputLocation::Folder(folder) => Outputs::Folder(folder),
            OutputLocation::Objects(url) => {
                let bucket = Bucket::open(&url)?;
                Outputs::Objects(url, bucket)
            }
        })
    }

    fn display(&self, name: &str) -> String {
        match self {
            Outputs::Folder(folder) => folder.join(name).display().to_string(),
            Outputs::Objects(url, _) => url.join(name).to_string(),
        }
    }

    /// The bytes of a file; `None` where there is none.
    fn read(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, Failure> {
        match self {
            Outputs::Folder(folder) => match foreign::read(&folder.join(name), limit) {
                Err(error) if is_missing(&error.error) => Ok(None),
                Err(error) => Err(Failure::refused("ledger_stamp", error.to_string())
                    .in_file(&error.file)
                    .with_advice("let this user read the outputs: the ledger is held against them")
                    .caused_by(error)),
                Ok(bytes) => Ok(Some(bytes)),
            },
            Outputs::Objects(_, bucket) => Ok(bucket.read(name, limit)?),
        }
    }

    /// The nights that have a report, the last one first.
    fn nights(&self) -> Result<Vec<Date>, Failure> {
        let mut nights: Vec<Date> = match self {
            Outputs::Folder(folder) => match fs_err::read_dir(folder) {
                Err(error) if is_missing(&error) => Vec::new(),
                entries => {
                    let name = |entry: io::Result<fs_err::DirEntry>| Ok(entry?.file_name());
                    let names: Vec<_> = entries?.map(name).collect::<io::Result<_>>()?;
                    names.iter().filter_map(|name| name.to_str()?.parse().ok()).collect()
                }
            },
            Outputs::Objects(url, _) => {
                let reports = Bucket::open(&url.join("*/run.json"))?.find()?;
                let night = |key: &str| key.rsplit('/').nth(1)?.parse().ok();
                reports.iter().filter_map(|report| night(report.url().key())).collect()
            }
        };
        nights.sort_unstable_by(|one, other| other.cmp(one));
        Ok(nights)
    }
}

fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}
