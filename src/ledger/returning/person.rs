//! What the ledger keeps of the returns of one person (RGPD art. 15).

use serde::Serialize;

use super::super::database::Value::Integer;
use super::super::{Ledger, LedgerError};

/// A return of a person's piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PersonReturn {
    /// The day.
    pub day: String,
    /// The code of the reason.
    pub reason: String,
    /// The text of the post's label; `None` where there was none, and once purged.
    pub label: Option<String>,
    /// The day on which the piece was destroyed.
    pub destroyed: Option<String>,
    /// When the return was undone: UTC.
    pub undone: Option<String>,
}

impl Ledger {
    /// The returns of a piece, also those that were undone.
    ///
    /// # Errors
    /// Those of the database and of the keys.
    pub(in crate::ledger) fn returns_of_piece(
        &self,
        lot: i64,
        sequence: i64,
    ) -> Result<Vec<PersonReturn>, LedgerError> {
        let sql = "SELECT id, body, day, key_month, reason, destroyed, undone FROM returned
                   WHERE lot = ?1 AND sequence = ?2 ORDER BY id";
        self.list(sql, &[Integer(lot), Integer(sequence)], |row| {
            let text = |column| row.text(column).map(|text| text.map(str::to_owned));
            let label = if row.bytes(1)?.is_some() { self.label(row)? } else { None };
            let (day, reason) = (row.need_text(2)?.to_owned(), row.need_text(4)?.to_owned());
            Ok(PersonReturn { day, reason, label, destroyed: text(5)?, undone: text(6)? })
        })
    }

    /// What was said of the pictures that show a piece.
    ///
    /// # Errors
    /// Those of the database and of the keys; [`LedgerError::Damaged`]: it is no JSON.
    pub(in crate::ledger) fn pictures_of_piece(
        &self,
        lot: i64,
        sequence: i64,
    ) -> Result<Vec<serde_json::Value>, LedgerError> {
        let sql = "SELECT picture.id, picture.body, picture.day, picture.key_month FROM picture_piece
                   JOIN picture ON picture.id = picture_piece.picture
                   WHERE picture_piece.lot = ?1 AND picture_piece.sequence = ?2 ORDER BY picture.id";
        let pictures = self.list(sql, &[Integer(lot), Integer(sequence)], |row| {
            let Some(text) = self.outcomes(row)? else { return Ok(None) };
            let id = row.need_integer(0)?;
            serde_json::from_str(&text).map(Some).map_err(|error| self.damaged("picture", id, error))
        })?;
        Ok(pictures.into_iter().flatten().collect())
    }
}
