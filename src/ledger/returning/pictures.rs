//! Pictures that were read: the same page is known again by the digest of its file.

use jiff::civil::Date;

use super::super::database::Value::{Bytes, Integer, Text};
use super::super::{Ledger, LedgerError, PiecePlace, Row, sealing};
use super::of_place;
use super::writer::{ReturnWriter, next};
use crate::vault::Month;

/// A page of a picture that was read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SeenPicture<'a> {
    /// SHA-256 of its file, in hexadecimal digits.
    pub sha256: &'a str,
    /// The page, from 1.
    pub page: u32,
    /// What was said of it: a JSON array. Stored sealed.
    pub outcomes: &'a str,
    /// The day on which it was read.
    pub on: Date,
    /// The pieces that it shows.
    pub places: &'a [PiecePlace],
}

impl Ledger {
    /// What was said of a page that was read before, as JSON; `None` where it was not, or where that is purged.
    ///
    /// # Errors
    /// Those of the database and of the keys.
    pub(crate) fn seen_picture(&self, sha256: &str, page: u32) -> Result<Option<String>, LedgerError> {
        let sql = "SELECT id, body, day, key_month FROM picture WHERE sha256 = ?1 AND page = ?2";
        let values = [Text(sha256), Integer(i64::from(page))];
        Ok(self.one(sql, &values, |row| self.outcomes(row))?.flatten())
    }

    /// What was said of a picture, whose number, sealed body, day and month of the key are a row's first columns; `None` once it is
    /// forgotten.
    pub(super) fn outcomes(&self, row: &dyn Row) -> Result<Option<String>, LedgerError> {
        self.sealed_text(row, "picture")
    }
}

impl ReturnWriter<'_> {
    /// Notes what was said of a page. An earlier note of the same page is replaced.
    ///
    /// # Errors
    /// [`LedgerError::Unknown`]: there is no such piece; those of the database and of the keys.
    pub(crate) fn note_picture(&self, seen: &SeenPicture) -> Result<(), LedgerError> {
        self.forget_picture(seen.sha256, seen.page)?;
        let id = next(&self.picture);
        let db = &*self.ledger.db;
        let month = Month::of(seen.on);
        let sealed = sealing::seal(&self.ledger.keys, month, "picture", id, seen.outcomes.as_bytes())?;
        let sql = "INSERT INTO picture (id, sha256, page, day, body) VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = [
            Integer(id),
            Text(seen.sha256),
            Integer(i64::from(seen.page)),
            Text(&seen.on.to_string()),
            Bytes(&sealed),
        ];
        db.execute(sql, &values)?;
        for place in seen.places {
            let sql = "INSERT INTO picture_piece (picture, lot, sequence)
                       SELECT CAST(?4 AS BIGINT), piece.lot, piece.sequence FROM piece JOIN lot ON lot.id = piece.lot
                       WHERE lot.name = ?1 AND lot.kind = ?2 AND piece.sequence = ?3 ON CONFLICT DO NOTHING";
            let [lot, kind, sequence] = of_place(place);
            db.execute(sql, &[lot, kind, sequence, Integer(id)])?;
        }
        Ok(())
    }

    /// Forgets what was said of a page, so that it is read again.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn forget_picture(&self, sha256: &str, page: u32) -> Result<(), LedgerError> {
        let db = &*self.ledger.db;
        let values = [Text(sha256), Integer(i64::from(page))];
        let sql = "DELETE FROM picture_piece WHERE picture IN
                   (SELECT id FROM picture WHERE sha256 = ?1 AND page = ?2)";
        db.execute(sql, &values)?;
        db.execute("DELETE FROM picture WHERE sha256 = ?1 AND page = ?2", &values)
    }
}
