//! Where the shares of a night lie, and how one gets there: whole or not at all.
//!
//! A share grows in a folder of its own, whose name begins with a dot, under a lock beside it that its process holds; the
//! finished folder is renamed. What a killed shard left is removed by the next attempt at it, wherever that runs. Locks
//! stay until the merge takes all away: one that was removed could be held by two.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::Shard;
use crate::failure::Failure;
use crate::job::{Job, OutputPlace};
use crate::night::locking::without_locks;
use crate::night::place::private_folder;
use crate::night::release;

/// What the name of a folder of shares begins with.
const SHARES: &str = ".shares-";
/// What ends the name of an attempt's lock.
const LOCK: &str = ".lock";
/// What ends the name of a folder of shares that are of no use any more.
const USED: &str = ".used";
/// What ends the name of a share that an attempt takes the place of.
const ASIDE: &str = ".aside";

/// The folder of a night's shares: beside the night's own, or beside the ledger where nights go to an object store. All
/// machines have the ledger's file system in common anyhow, and only what is released goes to the store.
pub(super) fn shares_folder(job: &Job, night: Date) -> PathBuf {
    with_ending(&shares_beginning(job), &night.to_string())
}

/// What the folders of all nights' shares begin with.
pub(in crate::night) fn shares_beginning(job: &Job) -> PathBuf {
    match &job.sections.output.dir {
        OutputPlace::Folder(folder) => job.path(folder).join(SHARES),
        OutputPlace::Objects(_) => job.beside_ledger(SHARES),
    }
}

/// Removes the shares of a night, all at once for whoever looks: a half-removed share would pass for a damaged one.
///
/// # Errors
/// Those of the disk.
pub(in crate::night) fn clear(job: &Job, night: Date) -> io::Result<()> {
    let shares = shares_folder(job, night);
    let used = with_ending(&shares, USED);
    // One that was cut short is finished.
    release::remove(&used)?;
    if shares.exists() {
        fs_err::rename(&shares, &used)?;
    }
    release::remove(&used)
}

/// The folder of a share.
pub(super) fn share_folder(job: &Job, night: Date, shard: Shard) -> PathBuf {
    shares_folder(job, night).join(format!("{}-of-{}", shard.number(), shard.of()))
}

/// The folders of the complete shares, in the order of their names.
///
/// # Errors
/// Those of the disk.
pub(in crate::night) fn complete(job: &Job, night: Date) -> io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for path in entries(&shares_folder(job, night))? {
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden && path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs_err::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        found => found?.map(|entry| Ok(entry?.path())).collect(),
    }
}

/// A share under way.
pub(super) struct Attempt {
    folder: PathBuf,
    place: PathBuf,
    /// Free when it is dropped, or its process ends.
    _lock: File,
}

impl Attempt {
    /// Begins a share in a folder of its own, and removes what killed attempts at it left.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn begin(job: &Job, night: Date, shard: Shard) -> Result<Attempt, Failure> {
        let shares = shares_folder(job, night);
        private_folder(&shares)?;
        let prefix = format!(".{}-of-{}.", shard.number(), shard.of());
        let last = entries(&shares)?.iter().filter_map(|entry| rank(entry, &prefix)).max();
        let mut free = None;
        let mut rank = 1;
        let (folder, _lock) = loop {
            match free.take() {
                Some(own) if Some(rank) > last => break own,
                own => free = own,
            }
            let folder = shares.join(format!("{prefix}{rank}"));
            if let Some(lock) = lock(&folder)? {
                remove_all_of(&folder)?;
                free.get_or_insert((folder, lock));
            }
            rank += 1;
        };
        fs_err::create_dir(&folder)?;
        Ok(Attempt { folder, place: share_folder(job, night, shard), _lock })
    }

    /// The folder that it grows in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Puts the finished share in its place, and another one that lies there aside. Gives whether it did: not where
    /// another attempt has put one there meanwhile.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn complete(self, replaces: bool) -> io::Result<bool> {
        let aside = with_ending(&self.folder, ASIDE);
        if replaces {
            fs_err::rename(&self.place, &aside)?;
        }
        let placed = match fs_err::rename(&self.folder, &self.place) {
            Ok(()) => true,
            Err(_) if self.place.is_dir() => false,
            Err(error) => return Err(error),
        };
        if let Some(shares) = self.place.parent() {
            fs_err::File::open(shares)?.sync_all()?;
        }
        release::remove(&aside)?;
        Ok(placed)
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        // What can't be removed is removed by the next attempt, or by the merge.
        let _ = release::remove(&self.folder);
    }
}

/// Which attempt an entry of the shares' folder is of.
fn rank(entry: &Path, prefix: &str) -> Option<u32> {
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

/// Removes an attempt's folder and what lies beside it under its name, but its lock.
fn remove_all_of(folder: &Path) -> io::Result<()> {
    let lock = with_ending(folder, LOCK);
    let beside = with_ending(folder, ".");
    for entry in folder.parent().map_or(Ok(Vec::new()), entries)? {
        let of_it = entry.as_os_str().as_encoded_bytes().starts_with(beside.as_os_str().as_encoded_bytes());
        if entry == folder || (of_it && entry != lock) {
            if entry.is_dir() { release::remove(&entry)? } else { fs_err::remove_file(&entry)? }
        }
    }
    Ok(())
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}
