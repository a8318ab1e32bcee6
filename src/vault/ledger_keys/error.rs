//! Why a ledger's keys can't be used, and what to do.

use std::io;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::month::Month;
use crate::failure::{Exit, Explained, Position};
use crate::vault::{KeyError, SealError};

/// What to do where keys are missing or wrong.
const RESTORE: &str = "restore the ledger's keys from their sealed backup (`pli ledger JOB restore FILE --keys-only --identity FILE`); never remove or make one by hand: what was sealed under the old keys opens with no new one";

/// A ledger's keys can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum LedgerKeysError {
    /// A key or the list of destroyed keys can't be written or removed.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A key's file can't be read, or others can read it.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A backup of keys can't be opened or sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A sealed file is no backup of keys.
    #[error("no backup of a ledger's keys, or a damaged one")]
    NoBackup {
        /// The file.
        file: String,
    },
    /// A key differs from that of a backup.
    #[error("another key than that of the backup `{backup}`")]
    Conflict {
        /// The file of the key that is there.
        file: PathBuf,
        /// The backup's file.
        backup: String,
    },
    /// The key of the hashes is not there.
    #[error("the keys of the ledger's personal columns are missing: no `index.key` in this folder")]
    Missing {
        /// The folder of the keys.
        folder: PathBuf,
    },
    /// The key of a month is not there, and was not destroyed.
    #[error("the key of the ledger's rows of {month} is missing")]
    Lost {
        /// Where the key should be.
        file: PathBuf,
        /// The month.
        month: Month,
    },
    /// A file holds no key, or one of another ledger or month.
    #[error("not a key of this ledger: the file is damaged, or another ledger's or month's")]
    NotOurs {
        /// The key's file.
        file: PathBuf,
    },
    /// The keys are those of another ledger.
    #[error("the keys in this folder belong to another ledger")]
    AnotherLedger {
        /// The folder of the keys.
        folder: PathBuf,
    },
    /// The list of destroyed keys is damaged.
    #[error("no line of a list of destroyed keys, which is a month and a day: `2026-08 2026-11-27`")]
    List {
        /// The list's file.
        file: PathBuf,
        /// Line, from 1.
        line: u64,
    },
    /// The list of erased cards is damaged.
    #[error("no line of a list of erased cards, which is a hash and a day")]
    ErasedList {
        /// The list's file.
        file: PathBuf,
        /// Line, from 1.
        line: u64,
    },
    /// The key of a month was destroyed: what it sealed is forgotten.
    #[error("the key of the ledger's rows of {month} was destroyed on {day}")]
    Destroyed {
        /// The folder of the keys.
        folder: PathBuf,
        /// The month.
        month: Month,
        /// The day on which it was destroyed.
        day: Date,
    },
    /// A sealed column is not what was sealed for its row.
    #[error("row {number} of the table `{table}` ({month}) was altered after it was sealed")]
    Altered {
        /// The table.
        table: &'static str,
        /// The row's number.
        number: u64,
        /// The month of its key.
        month: Month,
    },
}

impl Explained for LedgerKeysError {
    fn exit(&self) -> Exit {
        match self {
            LedgerKeysError::Io(_) => Exit::Midway,
            LedgerKeysError::Key(error) => error.exit(),
            LedgerKeysError::Seal(error) => error.exit(),
            LedgerKeysError::NoBackup { .. } => Exit::Usage,
            _ => Exit::Refused,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            LedgerKeysError::Io(_) => "ledger_keys_io",
            LedgerKeysError::Key(error) => error.code(),
            LedgerKeysError::Seal(error) => error.code(),
            LedgerKeysError::NoBackup { .. } => "ledger_keys_backup",
            LedgerKeysError::Destroyed { .. } => "ledger_key_destroyed",
            LedgerKeysError::Altered { .. } => "ledger_damaged",
            LedgerKeysError::Missing { .. }
            | LedgerKeysError::Lost { .. }
            | LedgerKeysError::NotOurs { .. }
            | LedgerKeysError::AnotherLedger { .. }
            | LedgerKeysError::Conflict { .. }
            | LedgerKeysError::ErasedList { .. }
            | LedgerKeysError::List { .. } => "ledger_keys",
        }
    }

    fn advice(&self) -> Option<String> {
        let advice = match self {
            LedgerKeysError::Key(error) => return error.advice(),
            LedgerKeysError::Seal(error) => return error.advice(),
            LedgerKeysError::NoBackup { .. } => {
                "name the second file of a backup, which `pli ledger JOB backup` wrote beside the ledger's"
            }
            LedgerKeysError::Conflict { .. } => {
                "the folder has the keys of another ledger: correct `ledger.keys` in the job, or restore this ledger's own backup"
            }
            LedgerKeysError::Io(_) => {
                "the folder of `ledger.keys` must be one that this user can write, on a disk with room; then run the same command again"
            }
            LedgerKeysError::Destroyed { .. } => {
                "what it sealed is gone for good, as `[retention]` asks; a night of that month can't be run any more"
            }
            LedgerKeysError::Altered { .. } => {
                "restore the ledger and its keys from their last backup (`pli ledger JOB restore`)"
            }
            LedgerKeysError::AnotherLedger { .. } => {
                "correct `ledger.keys` or `ledger.url` in the job, or restore the keys from this ledger's own backup (`pli ledger JOB restore`)"
            }
            _ => RESTORE,
        };
        Some(advice.to_owned())
    }

    fn position(&self) -> Option<Position> {
        match self {
            LedgerKeysError::Key(error) => error.position(),
            LedgerKeysError::Seal(error) => error.position(),
            LedgerKeysError::NoBackup { file } => Some(Position::file(file)),
            LedgerKeysError::List { file, line } | LedgerKeysError::ErasedList { file, line } => {
                Some(Position::line(file.display(), *line))
            }
            LedgerKeysError::Missing { folder: path }
            | LedgerKeysError::AnotherLedger { folder: path }
            | LedgerKeysError::Destroyed { folder: path, .. }
            | LedgerKeysError::Lost { file: path, .. }
            | LedgerKeysError::Conflict { file: path, .. }
            | LedgerKeysError::NotOurs { file: path } => Some(Position::file(path.display())),
            LedgerKeysError::Io(_) | LedgerKeysError::Altered { .. } => None,
        }
    }
}

impl LedgerKeysError {
    /// The keys of a ledger that has rows are not there.
    pub(crate) fn missing(folder: &Path) -> LedgerKeysError {
        LedgerKeysError::Missing { folder: folder.to_owned() }
    }
}
