//! The place of a night's outputs: a folder, or a place in an object store.
//!
//! Takes files that are staged on this machine. Gives each its place, whole and never over other bytes, and knows by
//! digest what lies there. A folder is staged within `output.dir` and its files are renamed; for an object store files
//! are staged beside the ledger, in a folder that nobody else may read, and uploaded.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use rayon::prelude::*;

use super::release::{digest, remove, sync_folders};
use super::shard::{clear, complete, shares_beginning};
use crate::failure::Failure;
use crate::job::{Job, ObjectUrl, OutputPlace};
use crate::ledger::Ledger;
use crate::store::Bucket;

/// What the name of a staging folder begins with; beside the ledger the ledger's own stands before it.
const STAGING: &str = ".staging-";

/// Where a night goes, and where it is staged.
#[derive(Debug)]
pub struct NightPlace {
    staging: PathBuf,
    at: At,
}

#[derive(Debug)]
enum At {
    Folder(PathBuf),
    Objects(ObjectUrl, Bucket),
}

impl NightPlace {
    /// The place of a night. Asks nothing of an object store yet.
    ///
    /// # Errors
    /// An object store whose settings are missing or wrong.
    pub fn of(job: &Job, night: Date) -> Result<NightPlace, Failure> {
        match &job.sections.output.dir {
            OutputPlace::Folder(folder) => {
                let folder = job.path(folder);
                let staging = folder.join(format!("{STAGING}{night}"));
                Ok(NightPlace { staging, at: At::Folder(folder.join(night.to_string())) })
            }
            OutputPlace::Objects(url) => {
                let url = url.join(&night.to_string());
                let bucket = Bucket::open(&url)?;
                let staging = job.beside_ledger(&format!("{STAGING}{night}"));
                Ok(NightPlace { staging, at: At::Objects(url, bucket) })
            }
        }
    }

    /// The same place, its files staged elsewhere.
    #[must_use]
    pub fn staged_in(self, staging: &Path) -> NightPlace {
        NightPlace { staging: staging.to_owned(), ..self }
    }

    /// Makes sure that an object store is there and lets this user in, before a night is composed in vain.
    ///
    /// # Errors
    /// Those of the store.
    pub fn check(&self) -> Result<(), Failure> {
        match &self.at {
            At::Folder(_) => Ok(()),
            At::Objects(_, bucket) => Ok(bucket.check()?),
        }
    }

    /// The staging folder.
    pub fn staging(&self) -> &Path {
        &self.staging
    }

    /// An empty staging folder; what a cut run left there is composed anew.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn fresh_staging(&self) -> io::Result<()> {
        self.clear()?;
        private_folder(&self.staging)
    }

    /// Removes the staging folder.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn clear(&self) -> io::Result<()> {
        remove(&self.staging)
    }

    /// The place, for a person.
    pub fn shown(&self) -> String {
        match &self.at {
            At::Folder(folder) => folder.display().to_string(),
            At::Objects(url, _) => url.to_string(),
        }
    }

    /// The place of a file, for a person.
    pub fn shown_file(&self, file: &str) -> String {
        match &self.at {
            At::Folder(folder) => folder.join(file).display().to_string(),
            At::Objects(url, _) => url.join(file).to_string(),
        }
    }

    /// Whether a file has its place.
    ///
    /// # Errors
    /// Those of the store.
    pub fn holds(&self, file: &str) -> Result<bool, Failure> {
        match &self.at {
            At::Folder(folder) => Ok(folder.join(file).exists()),
            At::Objects(_, bucket) => Ok(bucket.holds(file)?),
        }
    }

    /// SHA-256 of what lies in a file's place; `None` where nothing does.
    ///
    /// # Errors
    /// Those of the disk and the store.
    pub fn digest(&self, file: &str) -> Result<Option<String>, Failure> {
        match &self.at {
            At::Folder(folder) => match digest(&folder.join(file)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                read => Ok(Some(read?)),
            },
            At::Objects(_, bucket) => Ok(bucket.digest(file)?),
        }
    }

    /// Staged files take their places, which then last.
    ///
    /// # Errors
    /// Those of the disk and the store, and an object that stands there with other bytes.
    pub fn take(&self, files: &[String]) -> Result<(), Failure> {
        match &self.at {
            At::Folder(folder) => {
                for file in files {
                    rename(&self.staging.join(file), &folder.join(file))?;
                }
                Ok(sync_folders(folder, files)?)
            }
            At::Objects(_, bucket) => {
                files.par_iter().try_for_each(|file| Ok(bucket.add(&self.staging.join(file), file)?))
            }
        }
    }

    /// Makes a report in its place, whatever stood there: `write` is told where to draft it, among the staged files,
    /// so that a run that is killed leaves nothing beside its place.
    ///
    /// # Errors
    /// Those of `write`, the disk and the store.
    pub fn report(
        &self,
        name: &str,
        write: impl FnOnce(&Path) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        private_folder(&self.staging)?;
        let draft = self.staging.join(name);
        write(&draft)?;
        match &self.at {
            At::Folder(folder) => Ok(rename(&draft, &folder.join(name))?),
            At::Objects(_, bucket) => Ok(bucket.replace(&draft, name)?),
        }
    }
}

/// Removes what runs that were killed left: beside the ledger, which is this job's alone, everything; among the outputs
/// what is of nights that the ledger has released. Only where no release waits to be finished and no shard is at work.
///
/// # Errors
/// Those of the disk and the ledger.
pub(super) fn sweep(job: &Job, ledger: &Ledger) -> Result<(), Failure> {
    let released = |night: Date| Ok::<_, Failure>(!ledger.runs(night)?.is_empty());
    for night in nights_of(&job.beside_ledger(STAGING))? {
        remove(&job.beside_ledger(&format!("{STAGING}{night}")))?;
    }
    if let OutputPlace::Folder(folder) = &job.sections.output.dir {
        for night in nights_of(&job.path(folder).join(STAGING))? {
            if released(night)? {
                NightPlace::of(job, night)?.clear()?;
            }
        }
    }
    for night in nights_of(&shares_beginning(job))? {
        if released(night)? && complete(job, night)?.is_empty() {
            clear(job, night)?;
        }
    }
    Ok(())
}

/// The nights that have a folder whose name begins like this.
fn nights_of(beginning: &Path) -> io::Result<Vec<Date>> {
    let (Some(folder), Some(prefix)) = (beginning.parent(), beginning.file_name()) else {
        return Ok(Vec::new());
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let night = |name: &OsStr| name.to_str()?.strip_prefix(prefix.to_str()?)?.parse::<Date>().ok();
    let mut nights = Vec::new();
    for entry in fs_err::read_dir(folder).into_iter().flatten() {
        nights.extend(night(&entry?.file_name()));
    }
    Ok(nights)
}

/// A folder for its owner alone, since what is staged names people; those it lies in are as the system makes them.
///
/// # Errors
/// Those of the disk.
pub(super) fn private_folder(folder: &Path) -> io::Result<()> {
    folder.parent().map_or(Ok(()), fs_err::create_dir_all)?;
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", folder.display())))
}

/// Renames a staged file to its place, whose folder is made where it is missing.
///
/// # Errors
/// Those of the disk.
pub(super) fn rename(staged: &Path, placed: &Path) -> io::Result<()> {
    if let Some(folder) = placed.parent() {
        fs_err::create_dir_all(folder)?;
    }
    fs_err::rename(staged, placed)
}
