//! The history of a ledger: who it is and how many releases it has seen, each chained to the one before.
//!
//! Outputs carry the ledger's identity and the number of their release, so that a ledger that is empty, older or another one
//! is recognised before it sends pieces again.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::database::Value::{Integer, Text};
use super::{Ledger, LedgerError};
use crate::files::hexadecimal;

/// How many characters of a digest identify a ledger.
const IDENTITY_LENGTH: usize = 16;

/// A release of a ledger, as manifests and `run.json` carry it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ReleaseMark {
    /// The ledger's identity: 16 hexadecimal digits, chosen with its first release.
    pub id: String,
    /// The number of the release, from 1. It rises by one with each run that changes the ledger.
    pub release: u64,
}

/// The last release of a ledger, as `ledger.stamp` keeps it beside the outputs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Stamp {
    /// The release.
    #[serde(flatten)]
    pub mark: ReleaseMark,
    /// SHA-256 over the release and all before it.
    pub head: String,
    /// The night of the release.
    pub night: String,
}

impl ReleaseMark {
    /// The first release of a new ledger, whose identity comes from its night and the digests of its record files. The same
    /// inputs give the same identity, so that manifests are the same too.
    pub(crate) fn first<'d>(night: &str, digests: impl Iterator<Item = &'d str>) -> ReleaseMark {
        let mut hash = Sha256::new();
        hash.update("ledger ");
        hash.update(night);
        digests.for_each(|digest| hash.update(digest));
        ReleaseMark { id: identity(hash), release: 1 }
    }

    /// The release that follows this one.
    pub(crate) fn next(&self) -> ReleaseMark {
        ReleaseMark { id: self.id.clone(), release: self.release + 1 }
    }
}

fn identity(hash: Sha256) -> String {
    let mut identity = hexadecimal(hash.finalize());
    identity.truncate(IDENTITY_LENGTH);
    identity
}

/// The head that follows `before` with a run.
pub(super) fn head(before: &str, night: &str, body: &str) -> String {
    let mut hash = Sha256::new();
    for part in [before, night, body] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hexadecimal(hash.finalize())
}

impl Ledger {
    /// The last release; `None` where there is none yet.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn stamp(&self) -> Result<Option<Stamp>, LedgerError> {
        let sql = "SELECT ledger, number, head, night FROM release ORDER BY number DESC LIMIT 1";
        self.one(sql, &[], |row| {
            let mark = ReleaseMark { id: row.need_text(0)?.to_owned(), release: row.need_count(1)? };
            Ok(Stamp { mark, head: row.need_text(2)?.to_owned(), night: row.need_text(3)?.to_owned() })
        })
    }

    /// The head of a release; `None` where the ledger has no such release.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn head_of(&self, release: u64) -> Result<Option<String>, LedgerError> {
        let sql = "SELECT head FROM release WHERE number = ?1";
        self.one(sql, &[Integer(release as i64)], |row| Ok(row.need_text(0)?.to_owned()))
    }
}

/// Adds a release to the history, within the transaction of its run. Its number follows the last one.
///
/// # Errors
/// Those of the database, also for a number that exists already.
pub(super) fn add(ledger: &Ledger, mark: &ReleaseMark, night: &str, body: &str) -> Result<(), LedgerError> {
    let before = ledger.stamp()?.map(|stamp| stamp.head).unwrap_or_default();
    let sql = "INSERT INTO release (number, ledger, night, head) VALUES (?1, ?2, ?3, ?4)";
    let head = head(&before, night, body);
    let values = [Integer(mark.release as i64), Text(&mark.id), Text(night), Text(&head)];
    ledger.db.execute_now(sql, &values).map(drop)
}
