//! What an earlier version of the program left beside the ledger's file, under the ledger's name with an ending: its lock,
//! what it staged for an object store, its shares and their key. This version keeps them in the job's scratch folder and in
//! `keys/`, and finishes what it finds here.

use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::shares::with_ending;
use crate::job::Job;

/// The lock that a run of an earlier version may hold; `None` where there is no such file.
pub(super) fn lock_file(job: &Job) -> Option<PathBuf> {
    Some(beside_ledger(job, ".lock")).filter(|file| file.is_file())
}

/// The staging folder of a night whose upload an earlier version began; `None` where there is none.
pub(super) fn staging(job: &Job, night: Date) -> Option<PathBuf> {
    existing_folder(&staging_prefix(job), night)
}

/// The path of these staging folders, without the night.
pub(super) fn staging_prefix(job: &Job) -> PathBuf {
    beside_ledger(job, ".staging-")
}

/// The folder of a night's shares that wait for an object store; `None` where there is none.
pub(super) fn shares(job: &Job, night: Date) -> Option<PathBuf> {
    existing_folder(&shares_prefix(job), night)
}

/// The path of these folders of shares, without the night.
pub(super) fn shares_prefix(job: &Job) -> PathBuf {
    beside_ledger(job, ".shares-")
}

/// The key of the shares; `None` where there is none.
pub(super) fn share_key(job: &Job) -> Option<PathBuf> {
    Some(beside_ledger(job, ".shares-key")).filter(|file| file.is_file())
}

fn beside_ledger(job: &Job, ending: &str) -> PathBuf {
    with_ending(&job.ledger_file(), ending)
}

fn existing_folder(prefix: &Path, night: Date) -> Option<PathBuf> {
    Some(with_ending(prefix, &night.to_string())).filter(|folder| folder.is_dir())
}
