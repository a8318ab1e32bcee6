//! What commands write into the audit log: one line for each act, also for one that was refused or failed.
//!
//! The log is opened before the act, so that nothing is done that could not be logged.

use std::any::Any;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::Outcome;
use super::run::now;
use crate::approvals::{self, Requests};
use crate::audit::{AuditLog, AuditPlace, Checkpoint, Entry, lacking, ledger_at, writes_into_ledger};
use crate::failure::{Exit, Failure};
use crate::files::sha256_of_file;
use crate::job::Job;
use crate::ledger::{Author, Ledger, LedgerError};
use mail::lot::WrittenPiece;

/// An act of a command on a job, before it is done.
#[derive(Debug)]
pub(super) struct Act {
    job: PathBuf,
    entry: Entry,
    list: Option<PathBuf>,
    requests: Requests,
    /// The day of a purge, from which the times are counted for which lines of the log are kept.
    purges: Option<Date>,
    /// Whether it only tells what the job knows, so that it is done also where the log is broken.
    tells: bool,
}

impl Act {
    /// An act on the job of this file or folder.
    pub(super) fn new(job: &Path, act: &str) -> Act {
        let entry = Entry { act: act.to_owned(), user: Author::of_process().name, ..Entry::default() };
        Act {
            job: job.to_owned(),
            entry,
            list: None,
            requests: Requests::default(),
            purges: None,
            tells: false,
        }
    }

    /// The job file or folder, as it was named.
    pub(super) fn job(&self) -> &Path {
        &self.job
    }

    /// The night or day that it is about.
    pub(super) fn night(mut self, night: Date) -> Act {
        self.entry.night = Some(night);
        self
    }

    /// A lot that is named.
    pub(super) fn lot(mut self, lot: Option<&impl Display>) -> Act {
        self.entry.lots.extend(lot.map(ToString::to_string));
        self
    }

    /// Pieces that are named.
    pub(super) fn pieces<'p>(mut self, pieces: impl IntoIterator<Item = &'p WrittenPiece>) -> Act {
        self.entry.pieces.extend(pieces.into_iter().map(ToString::to_string));
        self
    }

    /// A file of pieces that is named.
    pub(super) fn list(mut self, list: Option<&Path>) -> Act {
        self.list = list.map(Path::to_owned);
        self
    }

    /// The person who is named.
    pub(super) fn by(mut self, by: Option<&str>) -> Act {
        self.entry.by = by.map(str::to_owned);
        self
    }

    /// The requests for approval that the command meets.
    pub(super) fn requests(mut self, requests: Requests) -> Act {
        self.requests = requests;
        self
    }

    /// It only tells what the job knows, which an inquiry needs above all where the log is broken.
    pub(super) fn tells(mut self) -> Act {
        self.tells = true;
        self
    }

    /// The day of a purge: if it is done, the log forgets its lines, too.
    pub(super) fn purges(mut self, day: Date) -> Act {
        self.purges = Some(day);
        self
    }

    /// An option that changes what is done, where it is set. It names no holder and no card.
    pub(super) fn option(mut self, set: bool, option: impl Display) -> Act {
        self.entry.options.extend(set.then(|| option.to_string()));
        self
    }
}

/// Refuses a command that would write into a job of another user. A job that can't be read is the command's own to report.
///
/// # Errors
/// `job_of_another_user`.
pub(super) fn refuse_another_user(job: &Path) -> Result<(), Failure> {
    Job::load(job).map_or(Ok(()), |job| approvals::refuse_another_user(&job))
}

/// Does an act and writes its line. Without an act, or with a job that can't be read, the work alone is done.
///
/// # Errors
/// Those of the work; `audit_broken` and others of the log: nothing is done.
pub(super) fn recorded(
    act: Option<Act>,
    work: impl FnOnce() -> Result<Outcome, Failure>,
) -> Result<Outcome, Failure> {
    let Some((act, job)) = act.and_then(|act| Job::load(&act.job).ok().map(|job| (act, job))) else {
        return work();
    };
    let place = AuditPlace::of(&job);
    match AuditLog::open(&place).and_then(|mut log| log.close_days(now())) {
        Err(broken) if act.tells && broken.code() == "audit_broken" => {
            tracing::warn!(
                code = broken.code(),
                "this act is not in the audit log: {}",
                broken.in_one_line()
            );
            return work().map(|_| Outcome::NeedsAPerson);
        }
        begun => begun?,
    }
    // A pipe that is named can be read once only.
    let hash = |path: &Path| path.is_file().then(|| sha256_of_file(path).ok()).flatten();
    let hashes = [("job", hash(&job.file)), ("list", act.list.as_deref().and_then(hash))];
    let outcome =
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(Failure::bug(panic_text(&*panic))));
    let mut entry = act.entry;
    entry.hashes = hashes.into_iter().filter_map(|(name, hash)| Some((name.to_owned(), hash?))).collect();
    entry.requests = act.requests.ids();
    entry.outcome = word(&outcome).to_owned();
    entry.code = outcome.as_ref().err().map(|failure| failure.code().to_owned());
    let kept = jiff::Span::new().days(i64::from(job.retention().events));
    let before = act.purges.filter(|_| outcome.is_ok()).and_then(|day| day.checked_sub(kept).ok());
    let written = AuditLog::open(&place).and_then(|mut log| {
        let known = head_of_ledger(&job);
        let agrees = agrees_with_ledger(known.as_ref(), &log);
        entry.options.extend(known.filter(|_| agrees).and_then(|known| behind(&place, &log, &known)));
        let noted = agrees && outcome.is_ok() && writes_into_ledger(&entry.act);
        let mut expect = |line: &Checkpoint| {
            if noted {
                expect_line(&job, line)
            }
        };
        let head = match before {
            Some(before) => log.append_and_forget(&entry, now(), before, &mut expect),
            None => log.append_expected(&entry, now(), &mut expect),
        }?;
        // While others wait for the log: a ledger that does not know its last line was put back.
        if agrees {
            keep_head(&job, &head);
        }
        Ok(())
    });
    match (written, outcome) {
        (Ok(()), outcome) => outcome,
        // Exit 3 and 4 would say that nothing was done.
        (Err(failure), outcome) => {
            tracing::error!(
                code = failure.code(),
                "this act ended, and the audit log has no line of it: {}",
                failure.in_one_line()
            );
            outcome.map(|_| Outcome::NeedsAPerson)
        }
    }
}

/// Whether a log that is open has the line that the ledger knows. One that lacks it is told with every act, and the ledger keeps what
/// it knows, so that `pli audit` says so until somebody has looked into it: a copy of a job has a log of its own, and must go on.
fn agrees_with_ledger(known: Option<&Checkpoint>, log: &AuditLog) -> bool {
    let held = known.map(|known| log.hold_against("the ledger", known));
    match held {
        Some(Err(broken)) => {
            tracing::warn!(
                code = broken.code(),
                "the audit log is not the one that the ledger knows: {}",
                broken.in_one_line()
            );
            false
        }
        _ => true,
    }
}

/// The option of an act that meets a ledger which was put back to an earlier state; `None` where the ledger knows all acts.
fn behind(place: &AuditPlace, log: &AuditLog, known: &Checkpoint) -> Option<String> {
    if log.head().is_none_or(|head| head.total <= known.total) {
        return None;
    }
    match lacking(&place.folder, known) {
        Ok(found) => {
            let lacks = found?.acts.iter().any(|act| act.line > known.total);
            lacks.then(|| ledger_at(known.total))
        }
        Err(error) => {
            tracing::warn!(code = "audit_not_compared", %error, "whether the ledger knows all acts of the audit log can't be told");
            None
        }
    }
}

/// Where the log stood, as the ledger keeps it. A ledger that can't be read is told, and stops nothing. The line of an act that was
/// killed before it noted where the log stands counts where the log has it.
pub(super) fn head_of_ledger(job: &Job) -> Option<Checkpoint> {
    let lines = Ledger::find(&job.ledger()).and_then(|found| {
        let Some(ledger) = found else { return Ok([None, None]) };
        Ok([ledger.expected_audit_line()?, ledger.audit_head()?])
    });
    let [expected, head] = lines.unwrap_or_else(|error| {
        tracing::warn!(code = "audit_not_compared", %error, "the ledger does not say where the audit log stood");
        [None, None]
    });
    let [expected, head] = [expected, head].map(|line| line.map(|(total, last)| Checkpoint { total, last }));
    let written = |line: &Checkpoint| lacking(&job.audit_folder(), line).is_ok_and(|found| found.is_some());
    expected.filter(written).or(head)
}

/// Lets the ledger keep where the log stands. `kept/audit.stamp` has it, too, so that a ledger that is missing or damaged stops nothing.
pub(super) fn keep_head(job: &Job, head: &Checkpoint) {
    note_in_ledger(job, |ledger| ledger.keep_audit_head(head.total, &head.last));
}

/// Lets the ledger keep which line the log is about to get.
fn expect_line(job: &Job, line: &Checkpoint) {
    note_in_ledger(job, |ledger| ledger.expect_audit_line(line.total, &line.last));
}

fn note_in_ledger(job: &Job, note: impl FnOnce(&Ledger) -> Result<(), LedgerError>) {
    let home = job.ledger();
    let kept = match Ledger::is_missing(&home) {
        Ok(true) => return,
        Ok(false) => Ledger::open(&home).and_then(|ledger| note(&ledger)),
        Err(error) => Err(error),
    };
    if let Err(error) = kept {
        tracing::warn!(code = "audit_not_compared", %error, "the ledger does not keep where the audit log stands");
    }
}

/// How an act ended, as lines have it.
fn word(outcome: &Result<Outcome, Failure>) -> &'static str {
    match outcome {
        Ok(Outcome::Done) => "done",
        Ok(Outcome::NeedsAPerson) => "needs_a_person",
        Ok(Outcome::Refused) => "refused",
        Ok(Outcome::WouldStop) => "usage",
        Err(failure) => match failure.exit() {
            Exit::Usage => "usage",
            Exit::Refused => "refused",
            Exit::Midway => "failed",
        },
    }
}

/// The job to which a key belongs that lies in `keys/` beside the job file, or beside it itself; `None` where it is not one job
/// alone.
pub(super) fn job_of_key(key: &Path) -> Option<PathBuf> {
    match &jobs_of_key(key)[..] {
        [only] => Some(only.clone()),
        _ => None,
    }
}

/// The jobs to which a key may belong, by the path that is named or the one to which its links lead: a `job.toml`, or else all job
/// files of a folder, whatever their names.
pub(super) fn jobs_of_key(key: &Path) -> Vec<PathBuf> {
    let named = std::path::absolute(key).ok();
    // A key that is not there yet lies where its folder does.
    let parent = named.as_deref().and_then(Path::parent);
    let resolved = fs_err::canonicalize(key)
        .ok()
        .or_else(|| Some(fs_err::canonicalize(parent?).ok()?.join(key.file_name()?)));
    let paths = [resolved, named];
    let folders = || paths.iter().flatten().flat_map(|path| path.ancestors().skip(1).take(2));
    match folders().map(|folder| folder.join("job.toml")).find(|job| job.is_file()) {
        Some(usual) => vec![usual],
        None => folders().map(jobs_in).find(|jobs| !jobs.is_empty()).unwrap_or_default(),
    }
}

/// The job files of a folder.
fn jobs_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs_err::read_dir(folder).into_iter().flatten();
    let files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let files = files.filter(|path| path.extension().is_some_and(|ending| ending == "toml"));
    files.filter(|path| Job::load(path).is_ok()).collect()
}

/// What a panic says.
pub(super) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "the work broke off".to_owned())
}
