//! `--metrics FILE`: the numbers of a run or a merge for Prometheus, as a file that appears whole, also of a run that failed.
//!
//! Counts are those of the run's report and missing where it has none. What waits and which keys end is asked of ledger and
//! register, where they can be read. Of an earlier file the time of the last success is kept. No name, no card, no piece.

mod exposition;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Outcome;
use super::output_path::refuse_unless_file;
use super::run::now;
use crate::failure::{Exit, Failure};
use crate::files::write_public;
use crate::job::Job;
use crate::ledger::{Ledger, WaitingDay};
use crate::night::report::Report;
use crate::vault::KeyRegister;
use exposition::{Exposition, label, value_of};

/// The series that is kept from run to run.
const LAST_SUCCESS: &str = "pli_last_success_timestamp_seconds";
/// How every file of metrics begins.
const BEGINNING: &str = "# HELP pli_";
/// The code of a `--metrics` that names no file of metrics.
const WRONG_FILE: &str = "metrics_file";
/// The largest file of an earlier run that is read, in bytes.
const MAX_EARLIER: u64 = 1 << 20;

/// The report of a run, once there is one.
#[derive(Debug, Clone, Default)]
pub(super) struct SeenReport(Arc<Mutex<Option<Report>>>);

impl SeenReport {
    /// Keeps the report of this run.
    pub(super) fn keep(&self, report: &Report) {
        if let Ok(mut kept) = self.0.lock() {
            *kept = Some(report.clone());
        }
    }
}

/// The metrics of a run under way.
pub(super) struct Metrics {
    /// The file to write.
    pub file: PathBuf,
    /// The job file or folder.
    pub job: PathBuf,
    /// `letters`, `mailers` or `both`.
    pub only: &'static str,
    /// The night.
    pub night: Date,
    /// The report of the run.
    pub seen: SeenReport,
    /// When the run began.
    pub began: Instant,
}

impl Metrics {
    /// Refuses a path where no file can be, and one of a file that is not of an earlier run: it would be lost. Before the run.
    ///
    /// # Errors
    /// `metrics_file`: exit code 2.
    pub(super) fn refuse_other_file(&self) -> Result<(), Failure> {
        refuse_unless_file(WRONG_FILE, "--metrics", &self.file)?;
        let empty = fs_err::metadata(&self.file).map_or(true, |there| there.len() == 0);
        let earlier =
            || foreign::read_text(&self.file, MAX_EARLIER).is_ok_and(|text| text.starts_with(BEGINNING));
        match empty || earlier() {
            true => Ok(()),
            false => Err(Failure::usage(
                WRONG_FILE,
                "the file is not one of an earlier `--metrics`, which alone is replaced",
            )
            .in_file(self.file.display())
            .with_advice("name a file of its own for `--metrics`, or move this one away")),
        }
    }

    /// Writes the metrics of a run that ended so, and passes its outcome on. A run that was refused for the file writes none.
    ///
    /// # Errors
    /// That of the run; `metrics`: the file can't be written.
    pub(super) fn write(self, outcome: Result<Outcome, Failure>) -> Result<Outcome, Failure> {
        if let Err(refused) = &outcome
            && refused.code() == WRONG_FILE
        {
            return outcome;
        }
        let text = self.text(&outcome);
        match (write_public(&self.file, text.as_bytes()), outcome) {
            (Ok(()), outcome) => outcome,
            (Err(error), Err(failure)) => {
                tracing::warn!(code = "metrics", "the metrics can't be written: {error}");
                Err(failure)
            }
            (Err(error), Ok(_)) => {
                let problem = format!("the night is done, and its metrics can't be written: {error}");
                Err(Failure::midway("metrics", problem)
                    .with_advice("make the folder of `--metrics` writable, then run the same command again: it releases nothing twice")
                    .caused_by(error))
            }
        }
    }

    fn text(&self, outcome: &Result<Outcome, Failure>) -> String {
        let name = name_of(&self.job);
        let mut text = Exposition::new(&[("pli_job", &name), ("only", self.only)]);
        let code = exit_code(outcome);
        let at = now().as_second();
        text.gauge("pli_run_exit_code", "Exit code of the last run.", [(vec![], code)]);
        text.gauge("pli_run_timestamp_seconds", "End of the last run, Unix time.", [(vec![], at)]);
        let success = if code <= 1 { Some(at) } else { self.earlier(&text.series(LAST_SUCCESS, &[])) };
        text.gauge(
            LAST_SUCCESS,
            "End of the last run with exit code 0 or 1, Unix time.",
            success.map(|at| (vec![], at)),
        );
        let night =
            vec![("night", self.night.to_string()), ("version", env!("CARGO_PKG_VERSION").to_owned())];
        text.gauge("pli_run_info", "The night of the last run, and the program.", [(night, 1)]);
        let fault = outcome.as_ref().err().map(|failure| (vec![("code", failure.code().to_owned())], 1));
        text.gauge("pli_run_failure_info", "Why the last run failed.", fault);
        let report = self.seen.0.lock().ok().and_then(|report| report.clone());
        self.add_report(&mut text, report.as_ref());
        // Whatever can't be read is the run's own to report.
        if let Ok(job) = Job::load(&self.job) {
            add_waiting(&mut text, &waiting(&job));
            add_keys(&mut text, &job);
        }
        text.into_text()
    }

    /// The value of a series in the file of an earlier run.
    fn earlier(&self, series: &str) -> Option<i64> {
        value_of(&foreign::read_text(&self.file, MAX_EARLIER).ok()?, series)
    }

    /// Adds what the run counted, and the seconds that it took.
    fn add_report(&self, text: &mut Exposition, report: Option<&Report>) {
        let seconds = report.map(|report| &report.seconds).map(|seconds| {
            [
                ("intake", seconds.intake),
                ("planning", seconds.planning),
                ("composition", seconds.composition),
                ("proof", seconds.proof),
                ("release", seconds.release),
            ]
        });
        let stations = seconds.into_iter().flatten().map(|(station, took)| (station.to_owned(), took));
        let all = stations.chain([("total".to_owned(), self.began.elapsed().as_secs_f64())]);
        let samples = all.map(|(station, took)| (vec![("station", station)], took));
        text.gauge("pli_run_duration_seconds", "Seconds of the last run, by station.", samples);
        let Some(report) = report else { return };
        for (name, help, count) in [
            ("pli_run_records", "Records in the files of the last run.", report.rows),
            ("pli_run_letters", "Letters that left with the last run.", report.letters),
            ("pli_run_mailers", "Mailers that left with the last run.", report.mailers),
            ("pli_run_rejects", "Records and pieces that the last run rejected.", report.rejects),
            ("pli_run_warnings", "Warnings of the last run.", report.warnings),
            ("pli_run_deferred", "Records and pieces that the last run left for later.", report.deferred),
            ("pli_run_held", "Pieces that were due and had to wait.", report.held),
            ("pli_run_cancelled", "Waiting pieces that the last run cancelled.", report.cancelled),
            ("pli_run_recalled", "Released pieces that the last run recalled.", report.recalled),
            ("pli_run_alerts", "What a person should know of the last run.", report.alerts.len() as u64),
            ("pli_run_proof_failures", "Proofs that failed in the last run.", report.proof.failures),
        ] {
            text.gauge(name, help, [(vec![], count)]);
        }
    }
}

/// The kinds of pieces that the file of an earlier run is of; `both` where it can't be read.
pub(super) fn earlier_kinds(file: &Path) -> &'static str {
    let earlier = foreign::read_text(file, MAX_EARLIER).unwrap_or_default();
    let of_file = |only: &&str| earlier.contains(&label("only", only));
    ["letters", "mailers"].into_iter().find(of_file).unwrap_or("both")
}

/// The exit code of an outcome.
fn exit_code(outcome: &Result<Outcome, Failure>) -> u8 {
    match outcome {
        Ok(Outcome::Done) => 0,
        Ok(Outcome::NeedsAPerson) => 1,
        Ok(Outcome::Refused) => Exit::Refused.code(),
        Ok(Outcome::WouldStop) => Exit::Usage.code(),
        Err(failure) => failure.exit().code(),
    }
}

/// What a job is called: its folder.
fn name_of(job: &Path) -> String {
    let path = std::path::absolute(job).unwrap_or_else(|_| job.to_owned());
    let folder = if path.is_dir() { Some(path.as_path()) } else { path.parent() };
    folder.and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned()
}

/// What waits, as the ledger has it; nothing where it can't be read.
fn waiting(job: &Job) -> Vec<WaitingDay> {
    let home = job.ledger();
    match Ledger::is_missing(&home) {
        Ok(false) => Ledger::view(&home).and_then(|ledger| ledger.waiting_by_day()).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn add_waiting(text: &mut Exposition, waiting: &[WaitingDay]) {
    let (mut pieces, mut oldest) = (BTreeMap::new(), BTreeMap::new());
    for day in waiting {
        *pieces.entry(day.kind.clone()).or_insert(0) += day.pieces;
        if let Some(due) = day.due.as_ref().and_then(|due| due.parse().ok()).and_then(midnight) {
            let first: &mut i64 = oldest.entry(day.kind.clone()).or_insert(due);
            *first = due.min(*first);
        }
    }
    let samples =
        |counts: BTreeMap<String, i64>| counts.into_iter().map(|(kind, n)| (vec![("kind", kind)], n));
    text.gauge("pli_waiting_pieces", "Pieces that wait.", samples(pieces));
    text.gauge(
        "pli_oldest_waiting_timestamp_seconds",
        "The day on which the oldest waiting piece was or is due, Unix time.",
        samples(oldest),
    );
}

/// Adds the end of each key that is in use and has one.
fn add_keys(text: &mut Exposition, job: &Job) {
    let Ok(register) = KeyRegister::of_job(job) else { return };
    let in_use = register.keys().iter().filter(|key| key.retired_from.is_none());
    let ends = in_use.filter_map(|key| {
        // Through its last day.
        let end = midnight(key.last_day()?.tomorrow().ok()?)?;
        let file = Path::new(&key.file).file_name().unwrap_or_default().to_string_lossy().into_owned();
        Some((vec![("key", file), ("fingerprint", key.fingerprint.clone())], end))
    });
    text.gauge("pli_key_expiry_timestamp_seconds", "The end of a key's validity, Unix time.", ends);
}

/// The beginning of a day where this machine stands, in seconds of Unix time.
fn midnight(day: Date) -> Option<i64> {
    Some(day.to_zoned(TimeZone::system()).ok()?.timestamp().as_second())
}
