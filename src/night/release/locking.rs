//! The lock of a job: a run or a merge holds it alone, shards share it.
//!
//! It is a lock of the operating system on a file beside the ledger. It is free as soon as its process ends, and other
//! machines see it if the file system supports that.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use crate::failure::Failure;
use crate::job::Job;

/// Locks the job for a run or a merge: two at once would assign the same numbers to different pieces.
///
/// # Errors
/// `locked`: another run, merge or shard is under way; `no_locks`: the file system has none; I/O errors.
pub(crate) fn lock_alone(job: &Job) -> Result<File, Failure> {
    lock(job, File::try_lock, "another run, merge or shard of this job is under way")
}

/// Locks the job for a shard: any number of shards, and no run or merge, so that the ledger stays as it is.
///
/// # Errors
/// `locked`: a run or merge is under way; `no_locks`: the file system has none; I/O errors.
pub(crate) fn lock_among_shards(job: &Job) -> Result<File, Failure> {
    lock(job, File::try_lock_shared, "a run or merge of this job is under way")
}

fn lock(
    job: &Job,
    try_lock: impl Fn(&File) -> Result<(), TryLockError>,
    held: &str,
) -> Result<File, Failure> {
    let path = job.beside_ledger(".lock");
    if let Some(folder) = path.parent() {
        fs_err::create_dir_all(folder)?;
    }
    let mut options = fs_err::OpenOptions::new();
    // Whoever can read a file can lock it, and so refuse the night.
    #[cfg(unix)]
    fs_err::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.read(true).append(true).create(true).open(&path)?.into_parts().0;
    match try_lock(&file) {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(Failure::refused("locked", held).in_file(path.display()).with_advice("wait for its end"))
        }
        Err(TryLockError::Error(error)) => Err(without_locks(&path, &error)),
    }
}

/// The failure of a file system without locks.
pub(crate) fn without_locks(path: &Path, error: &io::Error) -> Failure {
    Failure::midway("no_locks", format!("can't be locked: {error}")).in_file(path.display()).with_advice(
        "keep ledger and outputs on file systems with locks (NFS 4; Lustre mounted with `flock`)",
    )
}
