//! Locking: who may write a job's ledger, and who counts on it staying as it is.
//!
//! A run or a merge is alone; shards are many at once. The lock is the operating system's, on a file beside the ledger:
//! free when its process ends, however that ends, and known to other machines where the file system tells them.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use crate::failure::Failure;
use crate::job::Job;

/// One run at a time: two would give the same numbers to different pieces.
///
/// # Errors
/// Another run, merge or shard that is under way; a file system without locks.
pub(super) fn alone(job: &Job) -> Result<File, Failure> {
    lock(job, File::try_lock, "another run, merge or shard of this job is under way")
}

/// Any number of shards at a time, and no run or merge: the ledger stays as it is.
///
/// # Errors
/// A run or merge that is under way; a file system without locks.
pub(super) fn among_shards(job: &Job) -> Result<File, Failure> {
    lock(job, File::try_lock_shared, "a run or merge of this job is under way")
}

fn lock(job: &Job, take: impl Fn(&File) -> Result<(), TryLockError>, taken: &str) -> Result<File, Failure> {
    let path = job.beside_ledger(".lock");
    if let Some(folder) = path.parent() {
        fs_err::create_dir_all(folder)?;
    }
    let mut options = fs_err::OpenOptions::new();
    let file = options.read(true).append(true).create(true).open(&path)?.into_parts().0;
    match take(&file) {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(Failure::Refused(format!("{}: {taken}\n  wait for its end", path.display())))
        }
        Err(TryLockError::Error(error)) => Err(without_locks(&path, &error)),
    }
}

/// A file system that knows no locks.
pub(super) fn without_locks(path: &Path, error: &io::Error) -> Failure {
    Failure::Midway(format!(
        "{}: can't be locked: {error}\n  keep ledger and outputs on file systems with locks (NFS 4; Lustre mounted with `flock`)",
        path.display()
    ))
}
