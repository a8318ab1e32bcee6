//! The dates of keys, and the approval of what changes them

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::Date;
use serde::Serialize;

use super::location;
use super::of_job::OfJob;
use crate::approvals::{self, Subject, hash};
use crate::cli::approve::RequestKey;
use crate::failure::Failure;
use crate::job::{Job, KeyLocation};
use crate::night::{lock_alone, ready_ledger};
use crate::vault::{KeyDates, KeyRegister, KeySummary, change_register};

/// The days on which a new key is valid.
#[derive(Debug, Args)]
pub(in crate::cli) struct NewDates {
    /// The first day on which it is valid; a run refuses it before
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = crate::cli::night_date::parse)]
    from: Option<Date>,
    /// The last day on which it is valid; a run tells of it 30 days before, and refuses it after
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = crate::cli::night_date::parse)]
    to: Option<Date>,
}

impl NewDates {
    /// Finds, before the key is made, where its dates are to be written; `None` where it gets none.
    ///
    /// # Errors
    /// `key_dates`: the last day is before the first; `key_register`: a token without a job; those of job and register.
    pub(super) fn folder(&self, of_job: &OfJob, key: &Path) -> Result<Option<PathBuf>, Failure> {
        if self.from.is_none() && self.to.is_none() {
            return Ok(None);
        }
        refuse_disorder(self.from, self.to)?;
        let folder = of_job.folder(key, of_job.job(key)?.as_ref())?;
        KeyRegister::of_folder(&folder)?;
        Ok(Some(folder))
    }

    /// Writes the dates of a key.
    ///
    /// # Errors
    /// Those of the register.
    pub(super) fn write(&self, folder: &Path, key: &KeySummary) -> Result<(), Failure> {
        Ok(change_register(folder, |register| {
            let dates = register.entry(key);
            (dates.valid_from, dates.valid_to) = (self.from, self.to);
            Ok(())
        })?)
    }
}

/// Refuses a last day that is before the first.
///
/// # Errors
/// `key_dates`.
pub(super) fn refuse_disorder(from: Option<Date>, to: Option<Date>) -> Result<(), Failure> {
    match from.zip(to) {
        Some((from, to)) if from > to => {
            let problem = format!("the last day, {to}, is before the first, {from}");
            Err(Failure::usage("key_dates", problem).with_advice("correct `--from` or `--to`"))
        }
        _ => Ok(()),
    }
}

/// A key with its dates.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct DatedKey {
    #[serde(flatten)]
    pub(super) key: KeySummary,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) valid_from: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_to: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retired_from: Option<Date>,
}

impl DatedKey {
    /// A key with the dates of a register.
    pub(super) fn of(key: KeySummary, register: &KeyRegister) -> DatedKey {
        let dates: Vec<&KeyDates> = register.dates(&key).collect();
        DatedKey {
            valid_from: dates.iter().filter_map(|dates| dates.valid_from).max(),
            valid_to: dates.iter().filter_map(|dates| dates.valid_to).min(),
            retired_from: dates.iter().filter_map(|dates| dates.retired_from).min(),
            key,
        }
    }

    /// One line for a person.
    pub(super) fn line(&self) -> String {
        let KeySummary { fingerprint, kind, file, .. } = &self.key;
        let words = [
            ("valid from", self.valid_from),
            ("valid to", self.valid_to),
            ("retired from", self.retired_from),
        ];
        let words: Vec<String> =
            words.into_iter().filter_map(|(word, day)| Some(format!("{word} {}", day?))).collect();
        let dates = if words.is_empty() { String::new() } else { format!("  {}", words.join(", ")) };
        format!("{fingerprint}  {kind}  {}{dates}", foreign::legible(file))
    }
}

/// The job, where its approvers are asked.
pub(super) fn approving(job: Option<&Job>) -> Option<&Job> {
    job.filter(|job| job.lists_approvers())
}

/// Lets an act on a key pass that two persons approved.
pub(super) fn approved<const N: usize>(
    job: &Job,
    request: &RequestKey,
    act: approvals::Act,
    key: &KeySummary,
    details: [(&str, String); N],
) -> Result<(), Failure> {
    let _lock = lock_alone(job)?;
    let ledger = ready_ledger(job)?;
    let subject =
        Subject::new(act, Vec::new(), details).under(format!("key {}", key.fingerprint), hash(&key.public));
    approvals::pass(job, &ledger, &request.asking()?, vec![subject])
}

/// A key's name for the audit log: its file's name, its recipient, or its URI without where the PIN is.
pub(super) fn named(key: &Path) -> String {
    match location(key) {
        Ok(KeyLocation::File(file)) => {
            let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
            format!("key={}", foreign::legible(&name))
        }
        Ok(token) => format!("key={token}"),
        Err(_) => "key".to_owned(),
    }
}
