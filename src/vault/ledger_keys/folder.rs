//! The folder of a ledger's keys: `index.key`, a key a month (`2026-11.key`), the list `destroyed`, and a lock.
//!
//! A key's file is one line: its name, its 32 bytes in hexadecimal, and a check that binds both to the ledger's index key. Keys
//! are written once, by whoever comes first. A month is put on the list before its file is destroyed, and a listed month counts
//! as destroyed whatever lies beside the list: a kill in between leaves work, and no doubt.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use zeroize::Zeroizing;

use super::error::LedgerKeysError;
use super::index_key::{IndexKey, Secret};
use super::month::Month;
use crate::files::{self, hexadecimal};
use crate::vault::KeyError;
use crate::vault::keys::{random_seed, read_private};

/// The name of the key of the hashes.
const INDEX: &str = "index";
/// The ending of a key's file.
const ENDING: &str = ".key";
/// The longest list of destroyed keys or erased cards that is read, in bytes.
const MAX_LIST_SIZE: u64 = 16 << 20;

/// The months whose keys were destroyed, each with the day.
pub(crate) type DestroyedMonths = BTreeMap<Month, Date>;

/// The folder of a ledger's keys.
pub(super) struct KeyFolder(PathBuf);

impl KeyFolder {
    pub(super) fn new(folder: &Path) -> KeyFolder {
        KeyFolder(folder.to_owned())
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// The file of a month's key.
    pub(super) fn file_of(&self, month: Month) -> PathBuf {
        self.key_file(&month.to_string())
    }

    fn key_file(&self, name: &str) -> PathBuf {
        self.0.join(format!("{name}{ENDING}"))
    }

    /// The file of the index key.
    pub(super) fn index_file(&self) -> PathBuf {
        self.key_file(INDEX)
    }

    fn list(&self) -> PathBuf {
        self.0.join("destroyed")
    }

    /// Waits until no other process makes or destroys a key here, and keeps others out until the result is dropped.
    pub(super) fn lock(&self) -> Result<File, LedgerKeysError> {
        let mut options = fs_err::OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        fs_err::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let (lock, path) = options.open(self.0.join("lock"))?.into_parts();
        lock.lock().map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
        Ok(lock)
    }

    /// Makes the folder with mode 0700, unless it is there. A key that a killed process wrote gets a name that stays.
    pub(super) fn make(&self) -> Result<(), LedgerKeysError> {
        files::private_folder(&self.0)?;
        Ok(files::sync_folders(&self.0, &[])?)
    }

    /// The index key; `None` where it is not there.
    pub(super) fn index(&self) -> Result<Option<Secret>, LedgerKeysError> {
        key_in(&self.index_file(), index_of_line)
    }

    /// Writes a new index key, durably.
    pub(super) fn put_index(&self, key: &Secret) -> Result<(), LedgerKeysError> {
        self.put(&self.index_file(), &line_of_index(key, &IndexKey::new(key)))
    }

    /// The key of a month; `None` where there is no file. Does not look at the list.
    pub(super) fn month(&self, month: Month, index: &IndexKey) -> Result<Option<Secret>, LedgerKeysError> {
        key_in(&self.file_of(month), |line| month_of_line(month, line, index))
    }

    /// Writes the key of a month, durably.
    pub(super) fn put_month(
        &self,
        month: Month,
        key: &Secret,
        index: &IndexKey,
    ) -> Result<(), LedgerKeysError> {
        self.put(&self.file_of(month), &line_of_month(month, key, index))
    }

    fn put(&self, file: &Path, line: &str) -> Result<(), LedgerKeysError> {
        files::write_new(file, line, 0o600)?;
        Ok(files::sync_folders(&self.0, &[])?)
    }

    /// The key of a month that is about to be used for the first time: that of another process, or a new one.
    pub(super) fn month_or_new(&self, month: Month, index: &IndexKey) -> Result<Secret, LedgerKeysError> {
        let _lock = self.lock()?;
        self.refuse_destroyed(month)?;
        if let Some(key) = self.month(month, index)? {
            return Ok(key);
        }
        let key = random_seed()?;
        self.put_month(month, &key, index)?;
        Ok(key)
    }

    /// Refuses a month on the list.
    pub(super) fn refuse_destroyed(&self, month: Month) -> Result<(), LedgerKeysError> {
        match self.destroyed()?.get(&month) {
            Some(&day) => Err(LedgerKeysError::Destroyed { folder: self.0.clone(), month, day }),
            None => Ok(()),
        }
    }

    /// The months of the keys' files, in order; listed ones too.
    pub(super) fn months(&self) -> Result<Vec<Month>, LedgerKeysError> {
        let names = self.names()?;
        let months = names.iter().filter_map(|name| Month::parse(name.strip_suffix(ENDING)?));
        let mut months: Vec<Month> = months.collect();
        months.sort_unstable();
        Ok(months)
    }

    /// The names of the folder's files.
    fn names(&self) -> Result<Vec<String>, LedgerKeysError> {
        let entries = match fs_err::read_dir(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        Ok(names.collect::<io::Result<Vec<String>>>()?)
    }

    /// The months whose keys were destroyed.
    pub(super) fn destroyed(&self) -> Result<DestroyedMonths, LedgerKeysError> {
        read_list(&self.list(), destroyed_month, |file, line| LedgerKeysError::List { file, line })
    }

    /// Puts months on the list, durably. A month that is on it keeps its day. Needs the lock.
    pub(super) fn list_as_destroyed(&self, months: &DestroyedMonths) -> Result<(), LedgerKeysError> {
        let before = self.destroyed()?;
        let mut after = months.clone();
        after.extend(before.iter());
        if after.len() > before.len() {
            let lines = after.iter().map(|(month, day)| format!("{month} {day}\n"));
            self.write_list(&self.list(), &lines.collect::<String>())?;
        }
        Ok(())
    }

    /// Writes a list of the folder, durably.
    pub(super) fn write_list(&self, list: &Path, lines: &str) -> Result<(), LedgerKeysError> {
        files::write_whole(list, lines.as_bytes())?;
        Ok(files::sync_folders(&self.0, &[])?)
    }

    /// Destroys the files of listed months, and partial files that killed processes left. Needs the lock.
    pub(super) fn sweep(&self) -> Result<(), LedgerKeysError> {
        let destroyed = self.destroyed()?;
        let listed = |name: &str| {
            let month = name.strip_suffix(ENDING).and_then(Month::parse);
            month.is_some_and(|month| destroyed.contains_key(&month))
        };
        let mut doomed = self.names()?;
        doomed.retain(|name| listed(name) || is_partial(name));
        if doomed.is_empty() {
            return Ok(());
        }
        doomed.iter().try_for_each(|name| destroy_file(&self.0.join(name)))?;
        Ok(files::sync_folders(&self.0, &[])?)
    }
}

/// Whether a file is one that a process was writing when it was killed.
fn is_partial(name: &str) -> bool {
    name.starts_with('.') && name.ends_with(".partial")
}

/// Overwrites a file with zeros, syncs and removes it.
fn destroy_file(path: &Path) -> io::Result<()> {
    let length = fs_err::metadata(path)?.len();
    let mut file = fs_err::OpenOptions::new().write(true).open(path)?;
    io::copy(&mut io::Read::take(io::repeat(0), length), &mut file)?;
    file.sync_all()?;
    fs_err::remove_file(path)
}

fn not_ours(file: &Path) -> LedgerKeysError {
    LedgerKeysError::NotOurs { file: file.to_owned() }
}

/// The key in a file, whose line `parse` reads; `None` where there is no file.
fn key_in(file: &Path, parse: impl Fn(&str) -> Option<Secret>) -> Result<Option<Secret>, LedgerKeysError> {
    use io::ErrorKind::{FileTooLarge, InvalidData, InvalidInput, IsADirectory, NotFound};
    match read_private(file) {
        Ok(line) => parse(&line).map(Some).ok_or_else(|| not_ours(file)),
        Err(KeyError::Unreadable(error)) => match error.error.kind() {
            NotFound => Ok(None),
            FileTooLarge | InvalidData | InvalidInput | IsADirectory => Err(not_ours(file)),
            _ => Err(KeyError::Unreadable(error).into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// The entries of a list, a line each; none where there is no list. `fault` makes the error of a line that is no entry.
///
/// # Errors
/// That of `fault`; [`LedgerKeysError::Key`]: the list can't be read.
pub(super) fn read_list<E, L: Default + FromIterator<E>>(
    list: &Path,
    entry: fn(&str) -> Option<E>,
    fault: fn(PathBuf, u64) -> LedgerKeysError,
) -> Result<L, LedgerKeysError> {
    let text = match foreign::read_text(list, MAX_LIST_SIZE) {
        Ok(text) => text,
        Err(error) if error.error.kind() == io::ErrorKind::NotFound => return Ok(L::default()),
        Err(error) => return Err(KeyError::from(error).into()),
    };
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(number, line)| entry(line).ok_or_else(|| fault(list.to_owned(), number))).collect()
}

/// The line of an index key, which its own check binds.
pub(super) fn line_of_index(key: &Secret, index: &IndexKey) -> Zeroizing<String> {
    line(INDEX, key, index)
}

/// The index key of its line; `None` for any other line.
pub(super) fn index_of_line(line: &str) -> Option<Secret> {
    let (key, check) = parse(INDEX, line)?;
    (IndexKey::new(&key).check(INDEX, &key) == check).then_some(key)
}

/// The line of a month's key.
pub(super) fn line_of_month(month: Month, key: &Secret, index: &IndexKey) -> Zeroizing<String> {
    line(&month.to_string(), key, index)
}

/// The key of a month's line; `None` for any other line.
pub(super) fn month_of_line(month: Month, line: &str, index: &IndexKey) -> Option<Secret> {
    let name = month.to_string();
    let (key, check) = parse(&name, line)?;
    (index.check(&name, &key) == check).then_some(key)
}

fn line(name: &str, key: &Secret, index: &IndexKey) -> Zeroizing<String> {
    let check = hexadecimal(index.check(name, key));
    let key = Zeroizing::new(hexadecimal(**key));
    Zeroizing::new(format!("{name} {} {check}\n", *key))
}

/// The key and the check of a line with this name.
fn parse(name: &str, line: &str) -> Option<(Secret, [u8; 8])> {
    let line = line.strip_suffix('\n')?.strip_prefix(name)?.strip_prefix(' ')?;
    let (key, check) = line.split_once(' ')?;
    let (mut bytes, mut check_bytes) = (Secret::default(), [0; 8]);
    from_hexadecimal(key, &mut *bytes)?;
    from_hexadecimal(check, &mut check_bytes)?;
    Some((bytes, check_bytes))
}

/// Reads hexadecimal digits that fill `bytes`; `None` for other text.
pub(super) fn from_hexadecimal(text: &str, bytes: &mut [u8]) -> Option<()> {
    let digits = text.as_bytes();
    if digits.len() != 2 * bytes.len() || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(())
}

/// A line of the list: a month and the day on which its key was destroyed.
pub(super) fn destroyed_month(line: &str) -> Option<(Month, Date)> {
    let (month, day) = line.trim().split_once(' ')?;
    Some((Month::parse(month)?, day.parse().ok()?))
}
