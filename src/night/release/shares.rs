//! Where the shares of a night lie until they are merged, and how they are removed.

use std::fs::TryLockError;
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::earlier;
use super::locking::without_locks;
use super::output::place;
use crate::failure::{Failure, agreeing, counted};
use crate::files::remove_folder;
use crate::job::{Job, OutputLocation};

/// Prefix of the name of a folder of shares in `output.dir`.
const SHARES: &str = ".shares-";
/// Suffix of the name of a folder of shares that are merged.
const USED: &str = ".used";
/// Suffix of the name of the lock of an attempt at a share, which its process holds.
pub(in crate::night) const LOCK: &str = ".lock";
/// Suffix of the name of a share that a new one replaces.
pub(in crate::night) const ASIDE: &str = ".aside";

/// The folder of a night's shares: beside the night's folder, or in the scratch folder where nights go to an object store,
/// since only released files go there. Shares that wait where an earlier version put them stay there until they are merged.
pub(crate) fn shares_folder(job: &Job, night: Date) -> PathBuf {
    let of_earlier = match job.output() {
        OutputLocation::Folder(_) => None,
        OutputLocation::Objects(_) => earlier::shares(job, night),
    };
    of_earlier.unwrap_or_else(|| with_ending(&shares_prefix(job), &night.to_string()))
}

/// The file of the key of shares. One that an earlier version made stays in use until somebody moves it to its new path.
pub(crate) fn share_key_file(job: &Job) -> PathBuf {
    let file = job.share_key();
    earlier::share_key(job).filter(|_| !file.exists()).unwrap_or(file)
}

/// The path of a night's shares folder, without the date.
pub(super) fn shares_prefix(job: &Job) -> PathBuf {
    match job.output() {
        OutputLocation::Folder(folder) => folder.join(SHARES),
        OutputLocation::Objects(url) => job.scratch().join(format!("shares-{}-", place(&url))),
    }
}

/// Removes the shares of a night. The folder is renamed first, since a half-removed share would pass for a damaged one.
///
/// # Errors
/// I/O errors.
pub(crate) fn clear_shares(job: &Job, night: Date) -> io::Result<()> {
    let shares = shares_folder(job, night);
    let used = with_ending(&shares, USED);
    // An interrupted removal is finished first.
    remove_folder(&used)?;
    if shares.exists() {
        fs_err::rename(&shares, &used)?;
    }
    remove_folder(&used)
}

/// The folders of the complete shares, in the order of their names.
///
/// # Errors
/// I/O errors.
pub(crate) fn complete_shares(job: &Job, night: Date) -> io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for path in folder_entries(&shares_folder(job, night))? {
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        // A link is no share: what it leads to could change.
        if !hidden && path.symlink_metadata()?.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

/// The folders that killed attempts at shares left in a folder of shares, in the order of their names. One whose process works on
/// it is none of them.
///
/// # Errors
/// `no_locks`: the file system has none; I/O errors.
pub(super) fn cut_attempts(shares: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut cut = Vec::new();
    for path in folder_entries(shares)? {
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if hidden && path.symlink_metadata()?.is_dir() && !is_under_way(&path)? {
            cut.push(path);
        }
    }
    cut.sort();
    Ok(cut)
}

/// Whether a process holds the lock of an attempt.
fn is_under_way(attempt: &Path) -> Result<bool, Failure> {
    let name = attempt.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let lock = attempt.with_file_name(format!("{}{LOCK}", name.strip_suffix(ASIDE).unwrap_or(name)));
    let file = match fs_err::OpenOptions::new().append(true).open(&lock) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        file => file?.into_parts().0,
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(without_locks(&lock, &error)),
    }
}

/// The paths in a folder; empty where there is no folder.
///
/// # Errors
/// I/O errors.
pub(crate) fn folder_entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs_err::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        found => found?.map(|entry| Ok(entry?.path())).collect(),
    }
}

/// Refuses to run a night whole while complete shares of it wait to be merged. Removes what killed shards left: the caller
/// holds the job's lock.
///
/// # Errors
/// `shares_waiting`: complete shares of the night; I/O errors.
pub(crate) fn refuse_beside_shares(job: &Job, night: Date) -> Result<(), Failure> {
    let shares = complete_shares(job, night)?;
    if shares.is_empty() {
        return Ok(clear_shares(job, night)?);
    }
    let problem = format!(
        "{} of this night {} to be merged",
        counted(shares.len(), "complete share"),
        agreeing(shares.len(), "waits", "wait")
    );
    Err(Failure::refused("shares_waiting", problem).in_file(shares_folder(job, night).display()).with_advice(
        "run `pli merge` once all are there; to run the night whole instead, remove that folder first",
    ))
}

/// A path with `ending` appended to its last part.
pub(crate) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
