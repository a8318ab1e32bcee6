//! What came after a piece that came back: the post's label, and the record by which its card was issued again.

use jiff::civil::Date;
use serde::Serialize;

use super::super::database::Value::{Integer, Text};
use super::super::{Ledger, LedgerError, PieceStatus};
use super::{PastReturn, of_place};

/// A return as a report of one piece shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ReturnStatus {
    /// The return.
    #[serde(flatten)]
    pub past: PastReturn,
    /// The text of the post's label; `None` where there was none, once purged, and without the ledger's keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What was issued since in place of the piece.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reissue: Option<Reissue>,
}

/// A later record of the same card, or of the card that replaced it at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Reissue {
    /// The night that took it in.
    pub night: Date,
    /// Its piece of the same kind, the latest print; `None` while that waits, and where there is none.
    pub piece_id: Option<String>,
}

impl Ledger {
    /// The return of a piece that stands, with what came after it; `None` where it has not come back.
    ///
    /// # Errors
    /// Those of the database and of the keys.
    pub(in crate::ledger) fn return_status(
        &self,
        piece: &PieceStatus,
    ) -> Result<Option<ReturnStatus>, LedgerError> {
        let Some(place) = piece.place() else { return Ok(None) };
        let Some(past) = self.past_return(&place)? else { return Ok(None) };
        let sql = "SELECT returned.id, body, day, key_month FROM returned JOIN lot ON lot.id = returned.lot
                   WHERE lot.name = ?1 AND lot.kind = ?2 AND returned.sequence = ?3 AND undone IS NULL
                   AND body IS NOT NULL";
        let label = match self.without_keys {
            Some(_) => None,
            None => self.one(sql, &of_place(&place), |row| self.label(row))?.flatten(),
        };
        Ok(Some(ReturnStatus { past, label, reissue: self.reissue_of(piece)? }))
    }

    /// The first record after a piece's own that is of the same card, or of the card that replaced it at once.
    fn reissue_of(&self, piece: &PieceStatus) -> Result<Option<Reissue>, LedgerError> {
        let sql = "SELECT later.id, later.night FROM record JOIN record later ON later.id > record.id
                   AND (later.card = record.card
                        OR later.card = (SELECT replaced_by FROM dead_card WHERE dead_card.card = record.card))
                   WHERE record.id = ?1 ORDER BY later.id LIMIT 1";
        let later = self.one(sql, &[Integer(piece.record())], |row| {
            let night = row.need_text(1)?.parse();
            Ok((row.need_integer(0)?, night.map_err(|error| self.damaged("record", 0, error))?))
        })?;
        let Some((record, night)) = later else { return Ok(None) };
        let sql = "SELECT piece.duty, piece.attempt FROM duty JOIN piece ON piece.duty = duty.id
                   WHERE duty.record = ?1 AND duty.kind = ?2 ORDER BY piece.attempt DESC LIMIT 1";
        let printed = self.one(sql, &[Integer(record), Text(&piece.kind)], |row| {
            Ok((row.need_integer(0)?, row.need_integer(1)?))
        })?;
        let piece_id = printed.map(|(duty, attempt)| self.reference(duty, attempt)).transpose()?;
        Ok(Some(Reissue { night, piece_id }))
    }
}
