//! Where the shares of a night lie, and how one gets there: whole or not at all.
//!
//! A share grows in a folder of its own, whose name begins with a dot, under a lock that its process holds; the finished
//! folder is renamed. What a killed shard left is removed by the next attempt at it, wherever that runs.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::Shard;
use crate::mail::job::{Job, OutputPlace};
use crate::night::place::private_folder;
use crate::night::release;

/// The name of an attempt's lock.
const LOCK: &str = "lock";
/// What ends the name of a folder of shares that are of no use any more.
const USED: &str = ".used";
/// What ends the name of a share that an attempt takes the place of.
const ASIDE: &str = ".aside";

/// The folder of a night's shares: beside the night's own, or beside the ledger where nights go to an object store. All
/// machines have the ledger's file system in common anyhow, and only what is released goes to the store.
pub(super) fn shares_folder(job: &Job, night: Date) -> PathBuf {
    let name = format!(".shares-{night}");
    match &job.sections.output.dir {
        OutputPlace::Folder(folder) => job.path(folder).join(name),
        OutputPlace::Objects(_) => job.beside_ledger(&name),
    }
}

/// Removes the shares of a night, all at once for whoever looks: a half-removed share would pass for a damaged one.
///
/// # Errors
/// Those of the disk.
pub(super) fn clear(job: &Job, night: Date) -> io::Result<()> {
    let shares = shares_folder(job, night);
    let mut used = shares.clone().into_os_string();
    used.push(USED);
    let used = PathBuf::from(used);
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
pub(super) fn complete(job: &Job, night: Date) -> io::Result<Vec<PathBuf>> {
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
    lock: Option<File>,
}

impl Attempt {
    /// Begins a share in a folder of its own, and removes what killed attempts at it left.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn begin(job: &Job, night: Date, shard: Shard) -> io::Result<Attempt> {
        let place = share_folder(job, night, shard);
        let shares = shares_folder(job, night);
        shares.parent().map_or(Ok(()), fs_err::create_dir_all)?;
        private_folder(&shares)?;
        let prefix = format!(".{}-of-{}.", shard.number(), shard.of());
        for folder in entries(&shares)? {
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with(&prefix) && abandoned(&folder) {
                release::remove(&folder)?;
            }
        }
        let mut rank = 1;
        let folder = loop {
            let folder = shares.join(format!("{prefix}{rank}"));
            match fs_err::create_dir(&folder) {
                Ok(()) => break folder,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => rank += 1,
                Err(error) => return Err(error),
            }
        };
        let lock = fs_err::OpenOptions::new().append(true).create(true).open(folder.join(LOCK))?;
        let lock = lock.into_parts().0;
        lock.try_lock()?;
        Ok(Attempt { folder, place, lock: Some(lock) })
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
    pub fn complete(mut self, replaces: bool) -> io::Result<bool> {
        let mut aside = self.folder.clone().into_os_string();
        aside.push(ASIDE);
        let aside = PathBuf::from(aside);
        if replaces {
            release::remove(&aside)?;
            fs_err::rename(&self.place, &aside)?;
        }
        fs_err::remove_file(self.folder.join(LOCK))?;
        let placed = match fs_err::rename(&self.folder, &self.place) {
            Ok(()) => true,
            Err(_) if self.place.is_dir() => false,
            Err(error) => return Err(error),
        };
        if let Some(shares) = self.place.parent() {
            fs_err::File::open(shares)?.sync_all()?;
        }
        release::remove(&aside)?;
        self.lock = None;
        Ok(placed)
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        // What can't be removed is removed by the next attempt, or by the merge.
        let _ = release::remove(&self.folder);
    }
}

/// Whether no process holds the attempt's lock. One that can't be asked is left alone.
fn abandoned(folder: &Path) -> bool {
    let lock = fs_err::OpenOptions::new().append(true).open(folder.join(LOCK));
    lock.is_ok_and(|lock| lock.into_parts().0.try_lock().is_ok())
}
