//! Removes what killed runs left.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::earlier;
use super::output::{NightOutput, STAGING, staging_prefix};
use super::shares::{
    clear_shares, complete_shares, cut_attempts, folder_entries, shares_prefix, with_ending,
};
use crate::failure::Failure;
use crate::files::{remove_folder, remove_spool_names, sha256_of_file};
use crate::job::{Job, OutputLocation};
use crate::ledger::Ledger;
use mail::piece::PieceKind;

/// Removes what killed runs left: in the scratch folder the names of spools and every staging folder of this job; under
/// `output.dir` the staging folders of nights that the ledger has released. The caller holds the job's lock and has finished
/// every interrupted release.
///
/// # Errors
/// I/O and ledger errors.
pub(crate) fn sweep(job: &Job, ledger: &Ledger) -> Result<(), Failure> {
    let released = |night: Date| Ok::<_, Failure>(ledger.knows_night(night)?);
    remove_spool_names(&job.scratch())?;
    remove_all(&earlier::staging_prefix(job))?;
    match job.output() {
        OutputLocation::Objects(url) => remove_all(&staging_prefix(job, &url))?,
        OutputLocation::Folder(folder) => {
            for night in nights_of(&folder.join(STAGING))? {
                if released(night)? {
                    NightOutput::of(job, night)?.clear()?;
                }
            }
        }
    }
    let nights = [shares_prefix(job), earlier::shares_prefix(job)].map(|prefix| nights_of(&prefix));
    for night in nights.into_iter().collect::<io::Result<Vec<_>>>()?.into_iter().flatten() {
        if released(night)? && complete_shares(job, night)?.is_empty() {
            clear_shares(job, night)?;
        }
    }
    Ok(())
}

/// What runs and shards left that were cut short or whose merge is still to come.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Leftovers {
    /// The nights of which something is staged.
    pub staged: Vec<Date>,
    /// The nights whose shares wait to be merged, each with how many are complete.
    pub shares: Vec<(Date, usize)>,
}

impl Leftovers {
    /// Looks for them, and removes nothing.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn find(job: &Job) -> io::Result<Leftovers> {
        let staging = match job.output() {
            OutputLocation::Objects(url) => staging_prefix(job, &url),
            OutputLocation::Folder(folder) => folder.join(STAGING),
        };
        let mut found = Leftovers::default();
        for prefix in [staging, earlier::staging_prefix(job)] {
            found.staged.extend(nights_of(&prefix)?);
        }
        for prefix in [shares_prefix(job), earlier::shares_prefix(job)] {
            for night in nights_of(&prefix)? {
                found.shares.push((night, complete_shares(job, night)?.len()));
            }
        }
        found.staged.sort_unstable();
        found.shares.retain(|(_, complete)| *complete > 0);
        Ok(found)
    }
}

/// What a run or a share left that was cut while it printed mailers.
#[derive(Debug, Default)]
pub(crate) struct CutMailers {
    /// Print files of mailers whose release was begun, each with its SHA-256.
    pub releasing: Vec<(String, String)>,
    /// Files of mailers that were staged, each with its night and SHA-256.
    pub staged: Vec<(Date, String, String)>,
    /// The folders of killed attempts at shares in which some of these lie.
    attempts: Vec<PathBuf>,
}

impl CutMailers {
    /// Looks in the ledger, in the staging folders and among the shares. The caller holds the job's lock.
    ///
    /// # Errors
    /// `no_locks`; I/O and ledger errors.
    pub(crate) fn find(job: &Job, ledger: &Ledger) -> Result<CutMailers, Failure> {
        let mailers = PieceKind::Mailer.folder();
        let mut cut = CutMailers::default();
        for night in ledger.interrupted()? {
            let files = night.files.into_iter();
            cut.releasing.extend(files.filter(|(path, _)| Path::new(path).starts_with(mailers)));
        }
        let prefix = match job.output() {
            OutputLocation::Objects(url) => staging_prefix(job, &url),
            OutputLocation::Folder(folder) => folder.join(STAGING),
        };
        for night in nights_of(&prefix)? {
            cut.add(night, &with_ending(&prefix, &night.to_string()), "")?;
        }
        for prefix in BTreeSet::from([shares_prefix(job), earlier::shares_prefix(job)]) {
            for night in nights_of(&prefix)? {
                for attempt in cut_attempts(&with_ending(&prefix, &night.to_string()))? {
                    let name = attempt.file_name().unwrap_or_default().to_string_lossy().into_owned();
                    if cut.add(night, &attempt, &format!("{name}/"))? {
                        cut.attempts.push(attempt);
                    }
                }
            }
        }
        Ok(cut)
    }

    /// Adds the files of mailers of a staging folder, with `place` before their names. Returns whether there are any.
    fn add(&mut self, night: Date, folder: &Path, place: &str) -> Result<bool, Failure> {
        let before = self.staged.len();
        let files = folder_entries(&folder.join(PieceKind::Mailer.folder()))?;
        for file in files.into_iter().filter(|file| file.is_file()) {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            self.staged.push((night, format!("{place}{name}"), sha256_of_file(&file)?));
        }
        Ok(self.staged.len() > before)
    }

    /// Whether there is nothing of the kind.
    pub(crate) fn is_empty(&self) -> bool {
        self.releasing.is_empty() && self.staged.is_empty()
    }

    /// Removes what was staged; the run prints it anew. What a release was begun with stays.
    ///
    /// # Errors
    /// I/O and store errors.
    pub(crate) fn clear(&self, job: &Job) -> Result<(), Failure> {
        self.attempts.iter().try_for_each(|attempt| remove_folder(attempt))?;
        if !self.releasing.is_empty() {
            return Ok(());
        }
        let nights: BTreeSet<Date> = self.staged.iter().map(|(night, ..)| *night).collect();
        nights.into_iter().try_for_each(|night| Ok(NightOutput::of(job, night)?.clear()?))
    }
}

/// Removes the folders whose path is `prefix` and a date.
fn remove_all(prefix: &Path) -> io::Result<()> {
    nights_of(prefix)?.iter().try_for_each(|night| remove_folder(&with_ending(prefix, &night.to_string())))
}

/// The nights that have a folder whose path is `prefix` and a date.
fn nights_of(prefix: &Path) -> io::Result<Vec<Date>> {
    let (Some(folder), Some(name_prefix)) = (prefix.parent(), prefix.file_name()) else {
        return Ok(Vec::new());
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let night = |name: &OsStr| name.to_str()?.strip_prefix(name_prefix.to_str()?)?.parse::<Date>().ok();
    let mut nights = Vec::new();
    for entry in fs_err::read_dir(folder).into_iter().flatten() {
        nights.extend(night(&entry?.file_name()));
    }
    Ok(nights)
}
