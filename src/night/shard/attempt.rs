//! An attempt at a share, which appears whole or not at all.
//!
//! A share is made in its own folder, whose name begins with a dot, while its process holds a lock file beside it; the
//! finished folder is renamed. The next attempt at the share, on any machine, removes what a killed one left. Lock files
//! stay until the merge removes them all: two processes could hold a lock whose file was removed.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use crate::failure::Failure;
use crate::files::{private_folder, remove_folder};
use crate::job::Job;
use crate::night::order::Shard;
use crate::night::release::{ASIDE, LOCK, folder_entries, shares_folder, with_ending, without_locks};

/// The final path of a share.
pub(super) fn share_folder(job: &Job, night: Date, shard: Shard) -> PathBuf {
    shares_folder(job, night).join(format!("{}-of-{}", shard.number(), shard.of()))
}

/// A share under way.
pub(super) struct Attempt {
    folder: PathBuf,
    target: PathBuf,
    /// Released when it is dropped, or its process ends.
    _lock: File,
}

impl Attempt {
    /// Makes the folder of a new attempt, and removes what killed attempts at the share left.
    ///
    /// # Errors
    /// `no_locks`: the file system has none; I/O errors.
    pub(super) fn begin(job: &Job, night: Date, shard: Shard) -> Result<Attempt, Failure> {
        let shares = shares_folder(job, night);
        private_folder(&shares)?;
        let prefix = format!(".{}-of-{}.", shard.number(), shard.of());
        let last = folder_entries(&shares)?.iter().filter_map(|entry| attempt_number(entry, &prefix)).max();
        let mut free = None;
        let mut number = 1;
        let (folder, _lock) = loop {
            match free.take() {
                Some(own) if Some(number) > last => break own,
                own => free = own,
            }
            let folder = shares.join(format!("{prefix}{number}"));
            if let Some(lock) = lock(&folder)? {
                remove_all_of(&folder)?;
                free.get_or_insert((folder, lock));
            }
            number += 1;
        };
        fs_err::create_dir(&folder)?;
        Ok(Attempt { folder, target: share_folder(job, night, shard), _lock })
    }

    /// The folder that it grows in.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Renames the finished share to its final path; with `replaces`, the share there is removed. Returns `false` where
    /// another attempt put a share there meanwhile.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn complete(self, replaces: bool) -> io::Result<bool> {
        let aside = with_ending(&self.folder, ASIDE);
        if replaces {
            fs_err::rename(&self.target, &aside)?;
        }
        let placed = match fs_err::rename(&self.folder, &self.target) {
            Ok(()) => true,
            Err(_) if self.target.is_dir() => false,
            Err(error) => return Err(error),
        };
        if let Some(shares) = self.target.parent() {
            fs_err::File::open(shares)?.sync_all()?;
        }
        remove_folder(&aside)?;
        Ok(placed)
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        // The next attempt, or the merge, removes what can't be removed now.
        let _ = remove_folder(&self.folder);
    }
}

/// The number of the attempt that an entry of the shares' folder belongs to.
fn attempt_number(entry: &Path, prefix: &str) -> Option<u32> {
    let name = entry.file_name()?.to_str()?.strip_prefix(prefix)?;
    name.split('.').next()?.parse().ok()
}

/// The lock of an attempt; `None` while another process holds it.
fn lock(folder: &Path) -> Result<Option<File>, Failure> {
    let path = with_ending(folder, LOCK);
    let file = fs_err::OpenOptions::new().append(true).create(true).open(&path)?.into_parts().0;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(without_locks(&path, &error)),
    }
}

/// Removes an attempt's folder and the files beside it that share its name, except its lock.
fn remove_all_of(folder: &Path) -> io::Result<()> {
    let lock = with_ending(folder, LOCK);
    let beside = with_ending(folder, ".");
    for entry in folder.parent().map_or(Ok(Vec::new()), folder_entries)? {
        let of_it = entry.as_os_str().as_encoded_bytes().starts_with(beside.as_os_str().as_encoded_bytes());
        if entry == folder || (of_it && entry != lock) {
            if entry.is_dir() { remove_folder(&entry)? } else { fs_err::remove_file(&entry)? }
        }
    }
    Ok(())
}
