//! The job to which a key belongs: its register, and its approvers.

use std::path::{Path, PathBuf};

use clap::Args;

use super::location;
use crate::cli::acts::{job_of_key, jobs_of_key};
use crate::failure::Failure;
use crate::job::{Job, KeyLocation};
use crate::vault::{KeyRegister, folder_of_job};

/// The job to which a key belongs.
#[derive(Debug, Args)]
pub(in crate::cli) struct OfJob {
    /// The job of the key; default: the one whose folder, or its `keys`, holds the key, if there is one job alone
    #[arg(long, value_name = "JOB")]
    job: Option<PathBuf>,
}

impl OfJob {
    /// The path of the job, for the audit log.
    pub(super) fn path(&self, key: &Path) -> Option<PathBuf> {
        match (&self.job, location(key)) {
            (Some(job), _) => Some(job.clone()),
            (None, Ok(KeyLocation::File(file))) => job_of_key(&file),
            _ => None,
        }
    }

    /// The job; `None` for a key that belongs to none.
    ///
    /// # Errors
    /// Those of the job.
    pub(super) fn job(&self, key: &Path) -> Result<Option<Job>, Failure> {
        Ok(self.path(key).map(|job| Job::load(&job)).transpose()?)
    }

    /// The job, for a command that changes the dates of a key.
    ///
    /// # Errors
    /// `key_job`: several jobs may have it, or none is known and a register lies beside the key; those of the job.
    pub(super) fn job_to_change(&self, key: &Path) -> Result<Option<Job>, Failure> {
        let job = self.job(key)?;
        if let (None, KeyLocation::File(file)) = (&job, location(key)?) {
            let register = KeyRegister::file_in(&beside(&file));
            let (several, dated) = (!jobs_of_key(&file).is_empty(), register.symlink_metadata().is_ok());
            if several || dated {
                let problem = match several {
                    true => {
                        "several job files lie there, and the approvers and the log of its job are to know of the change"
                    }
                    false => {
                        "its days in `register.toml` may be a job's, whose approvers and log are to know of the change"
                    }
                };
                let file = foreign::legible(&file.display().to_string()).into_owned();
                return Err(Failure::usage("key_job", problem).in_file(file).with_advice(
                    "name the job of the key with `--job`; the days of a key of no job are written into `register.toml` by hand",
                ));
            }
        }
        Ok(job)
    }

    /// The folder whose register has the dates of a key.
    ///
    /// # Errors
    /// `key_register`: a token without a job.
    pub(super) fn folder(&self, key: &Path, job: Option<&Job>) -> Result<PathBuf, Failure> {
        match (job, location(key)?) {
            (Some(job), _) => Ok(folder_of_job(job)),
            (None, KeyLocation::File(file)) => Ok(beside(&file)),
            (None, KeyLocation::Token(_)) => {
                Err(Failure::usage("key_register", "a token has no register of dates")
                    .with_advice("name the job of the key with `--job`: its `keys/register.toml` has them"))
            }
        }
    }

    /// The register that has the dates of a key, to be read.
    ///
    /// # Errors
    /// Those of the register, and of a job that is named.
    pub(super) fn register(&self, key: &Path) -> Result<KeyRegister, Failure> {
        if let Some(job) = &self.job {
            return Ok(KeyRegister::of_job(&Job::load(job)?)?);
        }
        // Keys can be described beside a job that can't be used.
        match (self.job(key).ok().flatten(), location(key)?) {
            (Some(job), _) => Ok(KeyRegister::of_job(&job)?),
            (None, KeyLocation::File(path)) if path.is_dir() => Ok(KeyRegister::of_folder(&path)?),
            (None, KeyLocation::File(file)) => Ok(KeyRegister::of_folder(&beside(&file))?),
            (None, KeyLocation::Token(_)) => Ok(KeyRegister::default()),
        }
    }
}

fn beside(file: &Path) -> PathBuf {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new(".")).to_owned()
}
