//! Forgetting: what was kept long enough is removed from the ledger, the nights' folders, the inbox and the scratch folder;
//! and what the job keeps of one person is found or removed ([`person`]).
//!
//! Removes only what the ledger knows: the files of its lots, the reports of its nights, the record files that it took in.
//! Files go first, then the ledger's rows and keys; a purge that is killed is finished by the next one.

mod inputs;
mod outputs;
pub(super) mod person;
mod table;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use self::outputs::Outputs;
use super::release::{lock_alone, open_ledger};
use super::run::{ready_ledger, refuse_interrupted};
use crate::approvals::{self, Act, Asking, Subject};
use crate::failure::Failure;
use crate::feedback;
use crate::job::Job;
use crate::ledger::{Hold, Ledger, PurgeOrder, Purged};

/// What a purge removed, or would remove.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PurgeReport {
    /// The day from which all times are counted.
    pub day: String,
    /// Whether it was a rehearsal: nothing was removed.
    pub dry_run: bool,
    /// What went from the ledger.
    #[serde(flatten)]
    pub ledger: Purged,
    /// Files by kind (`print_files`, `findings_tables`, `feedback_files`, `return_files`, `run_reports`, `record_files`) and by the month of their night.
    pub files: BTreeMap<&'static str, BTreeMap<String, u64>>,
    /// Files past their days that stay.
    pub left: Vec<LeftFile>,
    /// The holds.
    pub holds: Vec<Hold>,
}

/// A file that stays although it may name somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LeftFile {
    /// Its path or URL.
    pub path: String,
    /// Why, and what to do.
    pub reason: String,
}

impl PurgeReport {
    /// Whether a person has to look at something.
    pub(crate) fn needs_a_person(&self) -> bool {
        self.ledger.needs_a_person()
    }

    /// Counts a file of a night.
    fn count(&mut self, kind: &'static str, night: &str) {
        let month = night.get(..7).unwrap_or(night).to_owned();
        *self.files.entry(kind).or_default().entry(month).or_default() += 1;
    }
}

/// Removes what was kept longer than the job's `[retention]` says, counted from a day.
///
/// # Errors
/// `release_interrupted` on a dry run; `approval_needed`: two persons must approve first; those of the job's lock, of the ledger and its keys, of files and stores. The same
/// command finishes what a failed one began.
pub(crate) fn purge(job: &Job, day: Date, dry_run: bool, asking: &Asking) -> Result<PurgeReport, Failure> {
    let _lock = lock_alone(job)?;
    let mut ledger = match dry_run {
        true => open_ledger(job, Ledger::open)?,
        false => ready_ledger(job)?,
    };
    refuse_interrupted(&ledger)?;
    if !dry_run {
        let subject = Subject::new(Act::Purge, Vec::new(), [("day", day.to_string())]);
        approvals::pass(job, &ledger, asking, vec![subject])?;
    }
    let order = PurgeOrder { day, retention: job.retention(), dry_run };
    let mut report = PurgeReport {
        day: day.to_string(),
        dry_run,
        ledger: Purged::default(),
        files: BTreeMap::new(),
        left: Vec::new(),
        holds: Vec::new(),
    };
    Outputs::of(job)?.purge(&ledger, &order, &mut report)?;
    inputs::purge(job, &ledger, &order, &mut report)?;
    for day in feedback::remove_old(job, order.limit(order.retention.findings), dry_run)? {
        report.count("feedback_files", &day.to_string());
    }
    for day in feedback::purge_returns(job, &order)? {
        report.count("return_files", &day.to_string());
    }
    report.ledger = match dry_run {
        true => ledger.purge(&order)?,
        false => {
            let since = ledger.begin_purge_of_word(day)?;
            let purged = ledger.purge(&order)?;
            feedback::forget_names(job, &ledger, &order, since)?;
            ledger.end_purge_of_word()?;
            purged
        }
    };
    report.holds = ledger.holds()?;
    Ok(report)
}
