//! The lock of a job: a run or a merge holds it alone, shards share it.
//!
//! It is a lock of the operating system on a file of the scratch folder. It is free as soon as its process ends, and other
//! machines see it if the file system supports that.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use super::earlier;
use crate::failure::Failure;
use crate::files::{open_to_writers, private_folder};
use crate::job::Job;

/// The lock's name in the scratch folder.
const LOCK: &str = "lock";

/// A lock of the job, held until it is dropped or its process ends.
pub(crate) struct JobLock {
    _files: Vec<File>,
}

/// Locks the job for a run or a merge: two at once would assign the same numbers to different pieces.
///
/// # Errors
/// `locked`: another run, merge or shard is under way; `no_locks`: the file system has none; `scratch_writable_by_others`;
/// I/O errors.
pub(crate) fn lock_alone(job: &Job) -> Result<JobLock, Failure> {
    lock(job, File::try_lock, "another run, merge or shard of this job is under way")
}

/// Locks the job for a shard: any number of shards, and no run or merge, so that the ledger stays as it is.
///
/// # Errors
/// `locked`: a run or merge is under way; `no_locks`: the file system has none; `scratch_writable_by_others`; I/O errors.
pub(crate) fn lock_among_shards(job: &Job) -> Result<JobLock, Failure> {
    lock(job, File::try_lock_shared, "a run or merge of this job is under way")
}

fn lock(
    job: &Job,
    try_lock: impl Fn(&File) -> Result<(), TryLockError>,
    held: &str,
) -> Result<JobLock, Failure> {
    let scratch = job.scratch();
    private_folder(&scratch)?;
    let path = scratch.join(LOCK);
    refuse_open_folder(&path)?;
    let mut files = vec![lock_file(&path, &try_lock, held)?];
    // A run of an earlier version locks another file.
    if let Some(path) = earlier::lock_file(job) {
        files.push(lock_file(&path, &try_lock, held)?);
    }
    Ok(JobLock { _files: files })
}

/// Whether a run, a merge or a shard holds the job's lock. The lock itself is left alone, so that nobody is refused meanwhile.
#[cfg(target_os = "linux")]
pub(crate) fn is_locked(job: &Job) -> bool {
    use std::os::unix::fs::MetadataExt;
    const MAX_SIZE: u64 = 1 << 20;
    let Ok(file) = fs_err::metadata(job.scratch().join(LOCK)) else { return false };
    let (major, minor) = (rustix::fs::major(file.dev()), rustix::fs::minor(file.dev()));
    let lock = format!("{major:02x}:{minor:02x}:{}", file.ino());
    let held = foreign::read_text(Path::new("/proc/locks"), MAX_SIZE).unwrap_or_default();
    held.lines().any(|line| line.contains(" FLOCK ") && line.split_whitespace().any(|part| part == lock))
}

/// Other systems do not say who holds a lock.
#[cfg(not(target_os = "linux"))]
pub(crate) fn is_locked(_: &Job) -> bool {
    false
}

/// Refuses a scratch folder where every user of this machine may remove the lock or replace what is staged.
fn refuse_open_folder(lock: &Path) -> Result<(), Failure> {
    let Some(open) = open_to_writers(lock).filter(|open| open.everybody) else { return Ok(()) };
    let (path, mode) = (open.path.display(), open.mode);
    let problem = format!(
        "every user of this machine may write it (mode {mode:03o}), and so replace what is to be uploaded"
    );
    let advice = format!("run `chmod o-w {path}`, or name a folder of this job alone as `output.scratch`");
    Err(Failure::usage("scratch_writable_by_others", problem).in_file(path).with_advice(advice))
}

fn lock_file(
    path: &Path,
    try_lock: impl Fn(&File) -> Result<(), TryLockError>,
    held: &str,
) -> Result<File, Failure> {
    let mut options = fs_err::OpenOptions::new();
    // Whoever can read a file can lock it, and so refuse the night.
    #[cfg(unix)]
    fs_err::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.read(true).append(true).create(true).open(path)?.into_parts().0;
    match try_lock(&file) {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(Failure::refused("locked", held).in_file(path.display()).with_advice("wait for its end"))
        }
        Err(TryLockError::Error(error)) => Err(without_locks(path, &error)),
    }
}

/// The failure of a file system without locks.
pub(crate) fn without_locks(path: &Path, error: &io::Error) -> Failure {
    Failure::midway("no_locks", format!("can't be locked: {error}")).in_file(path.display()).with_advice(
        "keep `output.scratch` and the outputs on file systems with locks (NFS 4; Lustre mounted with `flock`)",
    )
}
