//! What was forgotten before stays forgotten, also in a ledger that was restored from an older backup.

use super::super::database::Value::{Bytes, Integer, Text};
use super::super::{Ledger, LedgerError, Value};

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
            restored.rows += self.remove_returns_of_month(&values)?;
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
        Ok(records + findings + self.remove_returns_of_card(&values)?)
    }

    /// Removes what is sealed of the returns of a month: `values` are the month, its first and its last day.
    fn remove_returns_of_month(&self, values: &[Value]) -> Result<u64, LedgerError> {
        let of_month = "(key_month = ?1 OR (key_month IS NULL AND day >= ?2 AND day <= ?3))";
        let sql = format!(
            "UPDATE returned SET body = NULL, key_month = NULL WHERE body IS NOT NULL AND {of_month}"
        );
        let labels = self.db.execute_now(&sql, values)?;
        let sql =
            format!("DELETE FROM picture_piece WHERE picture IN (SELECT id FROM picture WHERE {of_month})");
        self.db.execute_now(&sql, values)?;
        Ok(labels + self.db.execute_now(&format!("DELETE FROM picture WHERE {of_month}"), values)?)
    }

    /// Removes what names the holder of a card in returns and pictures up to a day: `values` are the card and the day.
    fn remove_returns_of_card(&self, values: &[Value]) -> Result<u64, LedgerError> {
        let sql = "UPDATE returned SET body = NULL, key_month = NULL, address = NULL
            WHERE (body IS NOT NULL OR address IS NOT NULL) AND day <= ?2 AND EXISTS (
                SELECT 1 FROM piece JOIN duty ON duty.id = piece.duty JOIN record ON record.id = duty.record
                WHERE piece.lot = returned.lot AND piece.sequence = returned.sequence AND record.card = ?1)";
        let returns = self.db.execute_now(sql, values)?;
        let of_card = "SELECT picture_piece.picture FROM record JOIN duty ON duty.record = record.id
            JOIN piece ON piece.duty = duty.id JOIN picture_piece
            ON picture_piece.lot = piece.lot AND picture_piece.sequence = piece.sequence
            JOIN picture ON picture.id = picture_piece.picture
            WHERE record.card = ?1 AND picture.day <= ?2";
        let pictures = self.list(of_card, values, |row| row.need_integer(0))?;
        let mut rows = returns;
        for picture in pictures {
            let picture = [Integer(picture)];
            self.db.execute_now("DELETE FROM picture_piece WHERE picture = ?1", &picture)?;
            rows += self.db.execute_now("DELETE FROM picture WHERE id = ?1", &picture)?;
        }
        Ok(rows)
    }
}
