//! Reads the files of a trust folder and its sub-folders, sorted by path.
//!
//! Links are followed. A folder and a file are read once, even if several links lead to them.

use super::error::TrustError;
use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Maximum number of files and folders.
const MAX_ENTRIES: usize = 20_000;

/// Maximum size of a file that is read, in bytes.
const MAX_FILE_SIZE: u64 = 64 << 20;

/// Maximum size of all files together, in bytes.
const MAX_TOTAL_SIZE: u64 = 256 << 20;

/// A file of the folder.
pub(super) struct File {
    /// Its path relative to the folder, separated by `/`.
    pub(super) name: String,
    /// What the path leads to.
    pub(super) found: Found,
}

/// What a path of the folder leads to.
pub(super) enum Found {
    Bytes(Vec<u8>),
    /// A file larger than [`MAX_FILE_SIZE`].
    TooLarge,
    /// A file that another path of the folder led to already.
    Again,
    /// Not a file, with the reason.
    NotAFile(&'static str),
}

/// Calls `take` with each file of a folder.
///
/// # Errors
/// [`TrustError::NotFound`] if the folder does not exist, [`TrustError::NotAFolder`] if it is a file,
/// [`TrustError::TooMany`] if it has more than [`MAX_ENTRIES`] entries, [`TrustError::TooLarge`] if its files have more
/// than [`MAX_TOTAL_SIZE`] bytes, [`TrustError::Io`] if a folder or file can't be read.
pub(super) fn walk(folder: &Path, mut take: impl FnMut(File)) -> Result<(), TrustError> {
    if matches!(folder.try_exists(), Ok(false)) {
        return Err(TrustError::NotFound(folder.to_owned()));
    }
    if folder.is_file() {
        return Err(TrustError::NotAFolder(folder.to_owned()));
    }
    let mut paths = Vec::new();
    let mut seen = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        if !seen.insert(fs_err::canonicalize(&next)?) {
            continue;
        }
        let entries = fs_err::read_dir(&next)?.map(|entry| Ok(entry?.path()));
        let mut entries = entries.take(MAX_ENTRIES + 1).collect::<Result<Vec<_>, std::io::Error>>()?;
        if paths.len() + folders.len() + seen.len() + entries.len() > MAX_ENTRIES {
            return Err(TrustError::TooMany { folder: folder.to_owned(), limit: MAX_ENTRIES });
        }
        entries.sort();
        let (inner, files): (Vec<_>, Vec<_>) = entries.into_iter().partition(|path| path.is_dir());
        folders.extend(inner.into_iter().rev());
        paths.extend(files);
    }
    paths.sort();
    let mut total = 0;
    for path in paths {
        let again = fs_err::canonicalize(&path).is_ok_and(|file| !seen.insert(file));
        let found = if again { Found::Again } else { open(&path)? };
        total += match &found {
            Found::Bytes(bytes) => bytes.len() as u64,
            Found::TooLarge | Found::Again | Found::NotAFile(_) => 0,
        };
        if total > MAX_TOTAL_SIZE {
            return Err(TrustError::TooLarge { folder: folder.to_owned(), limit: MAX_TOTAL_SIZE });
        }
        take(File { name: name_within(folder, &path), found });
    }
    Ok(())
}

fn name_within(folder: &Path, path: &Path) -> String {
    let within: PathBuf = path.strip_prefix(folder).unwrap_or(path).to_owned();
    let parts: Vec<_> =
        within.iter().map(|part| super::name::display_safe(&part.to_string_lossy())).collect();
    parts.join("/")
}

fn open(path: &Path) -> Result<Found, TrustError> {
    if path.is_symlink() && !path.exists() {
        return Ok(Found::NotAFile("a link that leads nowhere"));
    }
    if !fs_err::metadata(path)?.is_file() {
        return Ok(Found::NotAFile("neither file nor folder"));
    }
    if fs_err::metadata(path)?.len() > MAX_FILE_SIZE {
        return Ok(Found::TooLarge);
    }
    let mut bytes = Vec::new();
    fs_err::File::open(path)?.take(MAX_FILE_SIZE + 1).read_to_end(&mut bytes)?;
    Ok(if bytes.len() as u64 > MAX_FILE_SIZE { Found::TooLarge } else { Found::Bytes(bytes) })
}
