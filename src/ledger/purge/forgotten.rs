//! What was forgotten before stays forgotten, also in a ledger that was restored from an older backup.

use super::super::database::Value::{Bytes, Text};
use super::super::{Ledger, LedgerError};

/// What a restored ledger had of what was forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Restored {
    /// Rows that were removed.
    pub rows: u64,
    /// Pieces that waited and can't be sent any more: their records open no more.
    pub lost_pieces: u64,
}

impl Ledger {
    /// Removes the rows of months whose keys were destroyed, and of persons who were erased. A restoration ends with this,
    /// and each purge begins with it.
    ///
    /// # Errors
    /// Those of the database and of the keys.
    pub(crate) fn apply_forgotten(&self) -> Result<Restored, LedgerError> {
        self.keys.finish_destruction()?;
        let mut restored = Restored::default();
        let transaction = self.change()?;
        for (month, day) in self.keys.destroyed()? {
            let bounds = [month.to_string(), month.first_day().to_string(), month.last_day().to_string()];
            let [month, first, last] = &bounds;
            let day = day.to_string();
            let values = [Text(month), Text(first), Text(last)];
            let sql = "UPDATE duty SET state = 'rejected' WHERE state = 'waiting' AND record IN (SELECT id FROM record
                WHERE body IS NOT NULL AND (key_month = ?1 OR (key_month IS NULL AND night >= ?2 AND night <= ?3)))";
            restored.lost_pieces += self.db.execute_now(sql, &values)?;
            let sql = "UPDATE record SET body = NULL, key_month = NULL, purged = ?4 WHERE body IS NOT NULL
                AND (key_month = ?1 OR (key_month IS NULL AND night >= ?2 AND night <= ?3))";
            restored.rows += self.db.execute_now(sql, &[values[0], values[1], values[2], Text(&day)])?;
            let sql = "UPDATE run SET body = NULL, key_month = NULL WHERE body IS NOT NULL
                AND (key_month = ?1 OR (key_month IS NULL AND night >= ?2 AND night <= ?3))";
            restored.rows += self.db.execute_now(sql, &values)?;
            let sql = "DELETE FROM finding
                WHERE key_month = ?1 OR (key_month IS NULL AND night >= ?2 AND night <= ?3)";
            restored.rows += self.db.execute_now(sql, &values)?;
        }
        for (card, day) in self.keys.erased()? {
            restored.rows += self.remove_card(&card, &day.to_string())?;
        }
        if restored.rows > 0 {
            self.note_cleaning()?;
        }
        transaction.commit()?;
        self.db.clean()?;
        Ok(restored)
    }

    /// Removes what names the holder of a card in the rows of nights up to a day, within a transaction. Returns how many rows
    /// had something.
    pub(in crate::ledger) fn remove_card(&self, card: &[u8], day: &str) -> Result<u64, LedgerError> {
        let values = [Bytes(card), Text(day)];
        let sql =
            "UPDATE record SET body = NULL, marks = NULL, key_month = NULL, purged = coalesce(purged, ?2)
            WHERE card = ?1 AND night <= ?2 AND (body IS NOT NULL OR marks IS NOT NULL)";
        let records = self.db.execute_now(sql, &values)?;
        let findings = self.db.execute_now("DELETE FROM finding WHERE card = ?1 AND night <= ?2", &values)?;
        Ok(records + findings)
    }
}
