//! The backup of a ledger's keys: one sealed file (age) with all keys of a folder, the lists of destroyed ones and of erased
//! cards, the ledger's identity and a digest over all of it.
//!
//! A restored key never opens what was forgotten: the lists of backup and folder are joined, and a listed month has no key.
//! Keys are added, never replaced. Nothing is written before everything fits.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::LedgerKeys;
use super::erased::{ErasedCards, erased_card, line_of_erased};
use super::error::LedgerKeysError;
use super::folder::{self, DestroyedMonths, KeyFolder};
use super::index_key::{IndexKey, Secret};
use super::month::Month;
use crate::files::hexadecimal;
use crate::vault::{Recipients, open_bytes, seal_bytes};

/// The first line of what is sealed.
const TITLE: &str = "pli ledger keys 1";

/// The keys of a backup, checked.
pub(crate) struct KeysBackup {
    /// The name of the backup's file, for messages.
    name: String,
    /// The identity of the ledger.
    pub(crate) ledger: String,
    index: Secret,
    months: BTreeMap<Month, Secret>,
    destroyed: DestroyedMonths,
    erased: ErasedCards,
}

/// What a restoration did, by month.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RestoredKeys {
    /// Whether the index key was missing.
    pub(crate) index: bool,
    /// The months whose keys were missing and are there again.
    pub(crate) added: Vec<Month>,
    /// The months of the backup whose keys stay destroyed.
    pub(crate) forgotten: Vec<Month>,
}

/// Seals all keys of a ledger, whose identity is `ledger`.
///
/// # Errors
/// Those of keys that can't be read; [`LedgerKeysError::Missing`]: temporary keys, or none any more.
pub(crate) fn seal_keys(
    keys: &LedgerKeys,
    ledger: &str,
    recipients: &Recipients,
) -> Result<Vec<u8>, LedgerKeysError> {
    let folder = keys.folder.as_ref().ok_or_else(|| LedgerKeysError::missing(Path::new("memory")))?;
    Ok(seal_bytes(recipients, text(folder, ledger)?.as_bytes())?)
}

/// What is sealed: a line for the ledger, for each key, for each destroyed month, for each erased card, and for the digest.
fn text(folder: &KeyFolder, ledger: &str) -> Result<Zeroizing<String>, LedgerKeysError> {
    let _lock = folder.lock()?;
    let index = folder.index()?.ok_or_else(|| LedgerKeysError::missing(folder.path()))?;
    let checks = IndexKey::new(&index);
    let (destroyed, months) = (folder.destroyed()?, folder.months()?);
    // Room for all lines, so that the text never moves and leaves no copy behind.
    let erased = folder.erased()?;
    let room = 256 + ledger.len() + 128 * (months.len() + destroyed.len() + erased.len());
    let mut text = Zeroizing::new(String::with_capacity(room));
    // Writing to memory never fails.
    let _ = writeln!(text, "{TITLE}\nledger {ledger}");
    text.push_str(&folder::line_of_index(&index, &checks));
    for month in months.into_iter().filter(|month| !destroyed.contains_key(month)) {
        let key = folder.month(month, &checks)?;
        let key = key.ok_or_else(|| LedgerKeysError::Lost { file: folder.file_of(month), month })?;
        text.push_str(&folder::line_of_month(month, &key, &checks));
    }
    for (month, day) in &destroyed {
        let _ = writeln!(text, "destroyed {month} {day}");
    }
    for (card, day) in &erased {
        let _ = write!(text, "erased {}", line_of_erased(card, *day));
    }
    let digest = digest(&text);
    let _ = writeln!(text, "sha256 {digest}");
    Ok(text)
}

fn digest(text: &str) -> String {
    hexadecimal(Sha256::digest(text))
}

/// Opens a backup of keys with the identities in a file, and checks it whole. Messages call it `name`.
///
/// # Errors
/// [`LedgerKeysError::Seal`]: it is damaged or sealed to others; [`LedgerKeysError::NoBackup`]: it holds something else.
pub(crate) fn open_keys(name: &str, sealed: &[u8], identity: &Path) -> Result<KeysBackup, LedgerKeysError> {
    let text = open_bytes(name, sealed, identity)?;
    let parsed = std::str::from_utf8(&text).ok().and_then(|text| parse(name, text));
    parsed.ok_or_else(|| LedgerKeysError::NoBackup { file: name.to_owned() })
}

fn parse(name: &str, text: &str) -> Option<KeysBackup> {
    let (lines, sum) = text.split_at(text.trim_end().rfind('\n')? + 1);
    if sum.strip_prefix("sha256 ")?.strip_suffix('\n')? != digest(lines) {
        return None;
    }
    let mut lines = lines.split_inclusive('\n');
    if lines.next()?.strip_suffix('\n')? != TITLE {
        return None;
    }
    let ledger = lines.next()?.strip_prefix("ledger ")?.strip_suffix('\n')?.to_owned();
    let index = folder::index_of_line(lines.next()?)?;
    let checks = IndexKey::new(&index);
    let mut backup = KeysBackup {
        name: name.to_owned(),
        ledger,
        index,
        months: BTreeMap::new(),
        destroyed: DestroyedMonths::new(),
        erased: ErasedCards::new(),
    };
    for line in lines {
        if let Some(line) = line.strip_prefix("destroyed ") {
            backup.destroyed.extend([folder::destroyed_month(line)?]);
            continue;
        }
        if let Some(line) = line.strip_prefix("erased ") {
            backup.erased.extend([erased_card(line)?]);
            continue;
        }
        let month = Month::parse(line.split(' ').next()?)?;
        backup.months.insert(month, folder::month_of_line(month, line, &checks)?);
    }
    Some(backup)
}

impl KeysBackup {
    /// The months that have a key in the backup, in order.
    #[cfg(test)]
    pub(crate) fn months(&self) -> impl Iterator<Item = Month> {
        self.months.keys().copied()
    }

    /// The mark of the backup's keys, as [`LedgerKeys::mark`].
    pub(crate) fn mark(&self) -> [u8; 16] {
        IndexKey::new(&self.index).mark()
    }

    /// Adds the backup's keys to a folder, which is made where it is missing. A kill leaves less than all of them, and the
    /// next call the rest.
    ///
    /// # Errors
    /// [`LedgerKeysError::Conflict`]: the folder has another index key, or another key for a month; nothing is changed then.
    /// Those of keys that can't be read or written.
    pub(crate) fn restore(&self, folder: &Path) -> Result<RestoredKeys, LedgerKeysError> {
        let target = KeyFolder::new(folder);
        target.make()?;
        let _lock = target.lock()?;
        let conflict = |file| LedgerKeysError::Conflict { file, backup: self.name.clone() };
        let index = target.index()?;
        if index.as_ref().is_some_and(|index| *index != self.index) {
            return Err(conflict(target.index_file()));
        }
        let checks = IndexKey::new(&self.index);
        let mut destroyed = self.destroyed.clone();
        destroyed.extend(target.destroyed()?);
        let mut restored = RestoredKeys { index: index.is_none(), ..RestoredKeys::default() };
        for (month, key) in &self.months {
            if destroyed.contains_key(month) {
                restored.forgotten.push(*month);
                continue;
            }
            match target.month(*month, &checks)? {
                Some(there) if there != *key => return Err(conflict(target.file_of(*month))),
                Some(_) => {}
                None => restored.added.push(*month),
            }
        }
        // The lists first: no moment has a key that they forbid.
        target.list_as_destroyed(&destroyed)?;
        target.list_as_erased(&self.erased)?;
        target.sweep()?;
        if restored.index {
            target.put_index(&self.index)?;
        }
        for month in &restored.added {
            target.put_month(*month, &self.months[month], &checks)?;
        }
        Ok(restored)
    }
}
