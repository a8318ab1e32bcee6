//! The keys of a ledger's personal columns: one a month, and one for the hashes by which cards are found.
//!
//! They lie in a folder of their own, never in the database or its backup. A month's key is made when the month's first row is
//! sealed and destroyed when its rows are to be forgotten: what it sealed, in backups too, opens no more. Several processes may
//! use the folder at once. Never shows a key.

mod backup;
#[cfg(test)]
mod backup_tests;
mod erased;
mod error;
mod folder;
mod index_key;
mod month;
mod month_key;
mod opaque;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use jiff::civil::Date;

pub(crate) use backup::{KeysBackup, RestoredKeys, open_keys, seal_keys};
pub(crate) use erased::ErasedCards;
pub(crate) use error::LedgerKeysError;
pub(crate) use folder::DestroyedMonths;
pub(crate) use index_key::{Hashed, ProofSalts};
pub(crate) use month::Month;
pub(crate) use opaque::OpaqueIds;

use super::keys::random_seed;
use folder::KeyFolder;
use index_key::{IndexKey, Secret};
use month_key::{MonthKey, Row};

/// The keys of a ledger's personal columns. Months are opened when they are first used. Keys are wiped when this is dropped.
pub(crate) struct LedgerKeys {
    /// `None` for keys that live in memory only.
    folder: Option<KeyFolder>,
    index: IndexKey,
    months: RefCell<BTreeMap<Month, MonthKey>>,
}

impl fmt::Debug for LedgerKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.folder {
            Some(folder) => write!(f, "LedgerKeys({})", folder.path().display()),
            None => f.write_str("LedgerKeys(temporary)"),
        }
    }
}

impl LedgerKeys {
    fn new(folder: Option<KeyFolder>, index: &Secret) -> LedgerKeys {
        LedgerKeys { folder, index: IndexKey::new(index), months: RefCell::default() }
    }

    /// Opens the keys in a folder and writes nothing. `None` where there are none: a new ledger's are made with
    /// [`LedgerKeys::create`], and an old ledger's are [`LedgerKeysError::missing`].
    ///
    /// # Errors
    /// [`LedgerKeysError::Missing`]: months without an index key; [`LedgerKeysError::NotOurs`];
    /// [`LedgerKeysError::Key`]: others can read or replace it.
    pub(crate) fn open(folder: &Path) -> Result<Option<LedgerKeys>, LedgerKeysError> {
        let found = KeyFolder::new(folder);
        match found.index()? {
            Some(index) => Ok(Some(LedgerKeys::new(Some(found), &index))),
            None if found.months()?.is_empty() && found.destroyed()?.is_empty() => Ok(None),
            None => Err(LedgerKeysError::missing(folder)),
        }
    }

    /// Opens the keys in a folder for a ledger that is written. Makes folder (mode 0700) and index key (0600) where there are
    /// none, and they are on the disk when this returns. Finishes what a killed [`LedgerKeys::destroy`] began.
    ///
    /// # Errors
    /// Those of [`LedgerKeys::open`]; [`LedgerKeysError::Io`]: the folder can't be written.
    pub(crate) fn create(folder: &Path) -> Result<LedgerKeys, LedgerKeysError> {
        let made = KeyFolder::new(folder);
        made.make()?;
        let _lock = made.lock()?;
        made.sweep()?;
        if let Some(keys) = LedgerKeys::open(folder)? {
            return Ok(keys);
        }
        let index = random_seed()?;
        made.put_index(&index)?;
        Ok(LedgerKeys::new(Some(made), &index))
    }

    /// Keys in memory only, for a ledger that is looked at and thrown away.
    ///
    /// # Errors
    /// [`LedgerKeysError::Key`]: the system has no entropy.
    pub(crate) fn temporary() -> Result<LedgerKeys, LedgerKeysError> {
        Ok(LedgerKeys::new(None, &random_seed()?))
    }

    /// Differs from that of any other ledger's keys, and says nothing of them. The ledger stores it.
    pub(crate) fn mark(&self) -> [u8; 16] {
        self.index.mark()
    }

    /// Checks that these keys have the mark that a ledger stored.
    ///
    /// # Errors
    /// [`LedgerKeysError::AnotherLedger`].
    pub(crate) fn confirm(&self, mark: &[u8]) -> Result<(), LedgerKeysError> {
        match &self.folder {
            Some(folder) if self.index.mark() != mark => {
                Err(LedgerKeysError::AnotherLedger { folder: folder.path().to_owned() })
            }
            _ => Ok(()),
        }
    }

    /// Checks that each of these months has its key, unless the key was destroyed.
    ///
    /// # Errors
    /// [`LedgerKeysError::Lost`], and those of [`LedgerKeys::unseal`].
    pub(crate) fn require(&self, months: impl IntoIterator<Item = Month>) -> Result<(), LedgerKeysError> {
        for month in months {
            match self.open_month(month) {
                Err(LedgerKeysError::Destroyed { .. }) => {}
                opened => opened?,
            }
        }
        Ok(())
    }

    /// The hash by which a text is found: keyed, so that nobody who has the database alone can try all card numbers.
    pub(crate) fn hash(&self, what: Hashed, text: &str) -> [u8; 16] {
        self.index.hash(what, text)
    }

    /// What makes the salts of the texts of proved pieces.
    pub(crate) fn proof_salts(&self) -> ProofSalts {
        self.index.salts()
    }

    /// What makes the numbers that an export has in place of those that tie a mailer to its record.
    pub(crate) fn opaque_ids(&self) -> OpaqueIds {
        self.index.opaque_ids()
    }

    /// Seals the personal column of a row under the key of a month, which is made, and on the disk, where it is the month's
    /// first. `sealed` is emptied first. It opens with the same month, table and number only.
    ///
    /// # Errors
    /// [`LedgerKeysError::Destroyed`]; those of a key that is opened or made.
    pub(crate) fn seal(
        &self,
        month: Month,
        number: u64,
        table: &'static str,
        clear: &[u8],
        sealed: &mut Vec<u8>,
    ) -> Result<(), LedgerKeysError> {
        let row = Row { table, number };
        if let Some(key) = self.months.borrow().get(&month) {
            return Ok(key.seal(row, clear, sealed)?);
        }
        let key = match &self.folder {
            Some(folder) => folder.month_or_new(month, &self.index)?,
            None => random_seed()?,
        };
        let key = MonthKey::new(&key, nonces()?)?;
        key.seal(row, clear, sealed)?;
        self.keep(month, key);
        Ok(())
    }

    /// Opens the personal column of a row into `clear`, which is emptied first.
    ///
    /// # Errors
    /// [`LedgerKeysError::Destroyed`]: the month is forgotten; [`LedgerKeysError::Lost`]: its key is missing;
    /// [`LedgerKeysError::Altered`]: the column is not this row's; those of a key that is opened.
    pub(crate) fn unseal(
        &self,
        month: Month,
        number: u64,
        table: &'static str,
        sealed: &[u8],
        clear: &mut Vec<u8>,
    ) -> Result<(), LedgerKeysError> {
        self.open_month(month)?;
        let months = self.months.borrow();
        let opened = months.get(&month).and_then(|key| key.unseal(Row { table, number }, sealed, clear));
        opened.ok_or(LedgerKeysError::Altered { table, number, month })
    }

    /// The months that have a key, in order.
    ///
    /// # Errors
    /// [`LedgerKeysError::Io`], [`LedgerKeysError::List`].
    pub(crate) fn months(&self) -> Result<Vec<Month>, LedgerKeysError> {
        let Some(folder) = &self.folder else { return Ok(self.months.borrow().keys().copied().collect()) };
        let destroyed = folder.destroyed()?;
        Ok(folder.months()?.into_iter().filter(|month| !destroyed.contains_key(month)).collect())
    }

    /// The months whose keys were destroyed, each with the day.
    ///
    /// # Errors
    /// [`LedgerKeysError::Io`], [`LedgerKeysError::List`].
    pub(crate) fn destroyed(&self) -> Result<DestroyedMonths, LedgerKeysError> {
        self.folder.as_ref().map_or(Ok(DestroyedMonths::new()), KeyFolder::destroyed)
    }

    /// Destroys the key of a month, on this day: what it sealed is forgotten. The month is listed first, and counts as
    /// destroyed from then on; then the key's file is overwritten and removed. Called again, it finishes what a kill left.
    ///
    /// # Errors
    /// [`LedgerKeysError::Io`], [`LedgerKeysError::List`].
    pub(crate) fn destroy(&mut self, month: Month, day: Date) -> Result<(), LedgerKeysError> {
        self.months.get_mut().remove(&month);
        let Some(folder) = &self.folder else { return Ok(()) };
        let _lock = folder.lock()?;
        folder.list_as_destroyed(&DestroyedMonths::from([(month, day)]))?;
        folder.sweep()
    }

    /// Finishes what a killed [`LedgerKeys::destroy`] began.
    ///
    /// # Errors
    /// As [`LedgerKeys::destroy`].
    pub(crate) fn finish_destruction(&self) -> Result<(), LedgerKeysError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let _lock = folder.lock()?;
        folder.sweep()
    }

    /// Opens the key of a month, unless it is open.
    fn open_month(&self, month: Month) -> Result<(), LedgerKeysError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        if self.months.borrow().contains_key(&month) {
            return Ok(());
        }
        folder.refuse_destroyed(month)?;
        let key = folder.month(month, &self.index)?;
        let key = key.ok_or_else(|| LedgerKeysError::Lost { file: folder.file_of(month), month })?;
        self.keep(month, MonthKey::new(&key, nonces()?)?);
        Ok(())
    }

    fn keep(&self, month: Month, key: MonthKey) {
        self.months.borrow_mut().insert(month, key);
    }
}

/// The random beginning of a process's nonces.
fn nonces() -> Result<[u8; 16], LedgerKeysError> {
    let mut beginning = [0; 16];
    beginning.copy_from_slice(&random_seed()?[..16]);
    Ok(beginning)
}
