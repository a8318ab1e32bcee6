//! Where the audit log stood with the last act, as the ledger keeps it.

use super::Value::{Bytes, Integer, Text};
use super::database::Database;
use super::{Ledger, LedgerError};

/// Writes where the audit log stood into a database that has no such note yet, as a backup and a restored ledger have it.
///
/// # Errors
/// Those of the database.
pub(super) fn insert(db: &dyn Database, (total, hash): &(u64, String)) -> Result<(), LedgerError> {
    let total = i64::try_from(*total).unwrap_or(i64::MAX);
    let sql = "INSERT INTO note (name, value, mark) VALUES ('audit', ?1, ?2)";
    db.execute(sql, &[Integer(total), Bytes(hash.as_bytes())]).map(drop)
}

impl Ledger {
    /// Keeps the number and the hash (in hexadecimal) of the audit log's newest line. An earlier line never replaces a later one.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn keep_audit_head(&self, total: u64, hash: &str) -> Result<(), LedgerError> {
        let total = i64::try_from(total).unwrap_or(i64::MAX);
        let sql = "INSERT INTO note (name, value, mark) VALUES ('audit', ?1, ?2)
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value, mark = excluded.mark
                   WHERE note.value < excluded.value";
        self.db.execute_now(sql, &[Integer(total), Bytes(hash.as_bytes())]).map(drop)
    }

    /// Keeps the number and the hash of the line that the audit log is about to get: of an act that this ledger has. Where the
    /// command is killed before it keeps the head, the log tells whether it got that line.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn expect_audit_line(&self, total: u64, hash: &str) -> Result<(), LedgerError> {
        let total = i64::try_from(total).unwrap_or(i64::MAX);
        let sql = "INSERT INTO note (name, value, mark) VALUES ('audit_next', ?1, ?2)
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value, mark = excluded.mark";
        self.db.execute_now(sql, &[Integer(total), Bytes(hash.as_bytes())]).map(drop)
    }

    /// Forgets where the audit log stood: another one begins.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn forget_audit_head(&self) -> Result<(), LedgerError> {
        self.db.execute_now("DELETE FROM note WHERE name IN ('audit', 'audit_next')", &[]).map(drop)
    }

    /// The number and the hash (in hexadecimal) of the audit log's newest line that the ledger knows; `None` before the first.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn audit_head(&self) -> Result<Option<(u64, String)>, LedgerError> {
        self.audit_line("audit")
    }

    /// The number and the hash of the line that [`Ledger::expect_audit_line`] kept last, where it is behind the newest that the
    /// ledger knows. Only the log knows whether it has that line.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn expected_audit_line(&self) -> Result<Option<(u64, String)>, LedgerError> {
        let known = self.audit_head()?.map_or(0, |(total, _)| total);
        Ok(self.audit_line("audit_next")?.filter(|(total, _)| *total > known))
    }

    fn audit_line(&self, name: &str) -> Result<Option<(u64, String)>, LedgerError> {
        self.one("SELECT value, mark FROM note WHERE name = ?1", &[Text(name)], |row| {
            let hash = String::from_utf8_lossy(row.bytes(1)?.unwrap_or_default()).into_owned();
            Ok((row.need_count(0)?, hash))
        })
    }
}
