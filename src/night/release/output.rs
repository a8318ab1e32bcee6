//! The output of a night: a folder, or a prefix in an object store.
//!
//! Files are staged on this machine first. Each then gets its final path whole, and never over other bytes. A folder is
//! staged within `output.dir` and its files are renamed; for an object store files are staged in the job's scratch folder
//! and uploaded.

use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::earlier;
use super::shares::with_ending;
use crate::failure::Failure;
use crate::files::{hexadecimal, private_folder, remove_folder, rename_into, sha256_of_file};
use crate::job::{Job, ObjectUrl, OutputLocation};
use crate::store::Bucket;

/// Prefix of a staging folder's name in `output.dir`.
pub(super) const STAGING: &str = ".staging-";

/// The path of what a job stages for an object store, without the night: jobs that share a scratch folder write to different
/// places, and none removes what another one has staged.
pub(super) fn staging_prefix(job: &Job, url: &ObjectUrl) -> PathBuf {
    job.scratch().join(format!("staging-{}-", place(url)))
}

/// Eight hexadecimal digits that stand for a URL in the name of a folder.
pub(super) fn place(url: &ObjectUrl) -> String {
    hexadecimal(&Sha256::digest(url.to_string())[..4])
}

/// Where a night's files go, and where they are staged.
#[derive(Debug)]
pub(crate) struct NightOutput {
    staging: PathBuf,
    target: Target,
}

#[derive(Debug)]
enum Target {
    Folder(PathBuf),
    Objects(ObjectUrl, Bucket),
}

impl NightOutput {
    /// The output of a night. Does not connect to an object store yet.
    ///
    /// # Errors
    /// [`StoreError::Setup`](crate::store::StoreError): an object store's settings are missing or wrong.
    pub(crate) fn of(job: &Job, night: Date) -> Result<NightOutput, Failure> {
        match job.output() {
            OutputLocation::Folder(folder) => {
                let staging = folder.join(format!("{STAGING}{night}"));
                Ok(NightOutput { staging, target: Target::Folder(folder.join(night.to_string())) })
            }
            OutputLocation::Objects(url) => {
                let staging = with_ending(&staging_prefix(job, &url), &night.to_string());
                let url = url.join(&night.to_string());
                let bucket = Bucket::open(&url)?;
                Ok(NightOutput { staging, target: Target::Objects(url, bucket) })
            }
        }
    }

    /// The output of a night whose release was begun: an earlier version staged it elsewhere.
    ///
    /// # Errors
    /// As [`NightOutput::of`].
    pub(super) fn begun(job: &Job, night: Date) -> Result<NightOutput, Failure> {
        let output = NightOutput::of(job, night)?;
        match earlier::staging(job, night).filter(|_| !output.staging.exists()) {
            Some(staging) => Ok(output.staged_in(&staging)),
            None => Ok(output),
        }
    }

    /// The same output, staged in another folder.
    #[must_use]
    pub(crate) fn staged_in(self, staging: &Path) -> NightOutput {
        NightOutput { staging: staging.to_owned(), ..self }
    }

    /// Checks that an object store answers and lets this user in, before a night is composed in vain.
    ///
    /// # Errors
    /// Store errors.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        match &self.target {
            Target::Folder(_) => Ok(()),
            Target::Objects(_, bucket) => Ok(bucket.check()?),
        }
    }

    /// The staging folder.
    pub(crate) fn staging(&self) -> &Path {
        &self.staging
    }

    /// Makes an empty staging folder; removes what a killed run left there.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn fresh_staging(&self) -> io::Result<()> {
        self.clear()?;
        private_folder(&self.staging)
    }

    /// Removes the staging folder.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn clear(&self) -> io::Result<()> {
        remove_folder(&self.staging)
    }

    /// The folder or URL, for a person.
    pub(crate) fn display(&self) -> String {
        match &self.target {
            Target::Folder(folder) => folder.display().to_string(),
            Target::Objects(url, _) => url.to_string(),
        }
    }

    /// The path or URL of a file, for a person.
    pub(crate) fn display_file(&self, file: &str) -> String {
        match &self.target {
            Target::Folder(folder) => folder.join(file).display().to_string(),
            Target::Objects(url, _) => url.join(file).to_string(),
        }
    }

    /// Whether a file is in place.
    ///
    /// # Errors
    /// Store errors.
    pub(crate) fn holds(&self, file: &str) -> Result<bool, Failure> {
        match &self.target {
            Target::Folder(folder) => Ok(folder.join(file).exists()),
            Target::Objects(_, bucket) => Ok(bucket.holds(file)?),
        }
    }

    /// SHA-256 of the file in place; `None` where there is none.
    ///
    /// # Errors
    /// I/O and store errors.
    pub(crate) fn digest(&self, file: &str) -> Result<Option<String>, Failure> {
        match &self.target {
            Target::Folder(folder) => match sha256_of_file(&folder.join(file)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                read => Ok(Some(read?)),
            },
            Target::Objects(_, bucket) => Ok(bucket.digest(file)?),
        }
    }

    /// Moves staged files to their final paths, durably.
    ///
    /// # Errors
    /// I/O and store errors; [`StoreError::Foreign`](crate::store::StoreError): an object there has other bytes.
    pub(crate) fn place(&self, files: &[String]) -> Result<(), Failure> {
        match &self.target {
            Target::Folder(folder) => Ok(rename_into(&self.staging, folder, files)?),
            Target::Objects(_, bucket) => {
                files.par_iter().try_for_each(|file| Ok(bucket.add(&self.staging.join(file), file)?))
            }
        }
    }

    /// Writes a report durably and replaces an earlier one. `write` drafts it at the path it receives, in the staging folder, so
    /// that a killed run leaves no partial file beside the final path.
    ///
    /// # Errors
    /// I/O and store errors; those of `write`.
    pub(crate) fn report(
        &self,
        name: &str,
        write: impl FnOnce(&Path) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        private_folder(&self.staging)?;
        let draft = self.staging.join(name);
        write(&draft)?;
        match &self.target {
            Target::Folder(folder) => Ok(rename_into(&self.staging, folder, &[name.to_owned()])?),
            Target::Objects(_, bucket) => Ok(bucket.replace(&draft, name)?),
        }
    }
}
