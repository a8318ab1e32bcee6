//! Cards and their holders: what the ledger last took in of a card, and why nothing is sent for it any more.

use jiff::civil::Date;
use rusqlite::OptionalExtension;

use super::{Ledger, LedgerError};
use mail::card::CardNumber;
use mail::issuance::Issuance;

/// A card for which nothing is sent any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeadCard {
    /// The night on which it was revoked or replaced.
    pub night: Date,
    /// The card that replaced it at once; `None` where it was revoked.
    pub replaced_by: Option<CardNumber>,
}

impl Ledger {
    /// The latest accepted record of a card.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`]; [`LedgerError::Damaged`]: the record can't be read.
    pub(crate) fn last_record(&self, card_number: &str) -> Result<Option<Issuance>, LedgerError> {
        let sql = "SELECT id, body FROM record WHERE card_number = ?1 ORDER BY id DESC LIMIT 1";
        let mut statement = self.check(self.db.prepare_cached(sql))?;
        let found = statement.query_row([card_number], |row| Ok((row.get(0)?, row.get(1)?))).optional();
        let Some((record, body)): Option<(i64, String)> = self.check(found)? else { return Ok(None) };
        let damaged = |error: serde_json::Error| LedgerError::Damaged {
            file: self.file.clone(),
            record,
            reason: error.to_string(),
        };
        serde_json::from_str(&body).map(Some).map_err(damaged)
    }

    /// Since when nothing is sent for a card, and why; `None` for a card that is valid as far as the ledger knows.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn dead_card(&self, card_number: &str) -> Result<Option<DeadCard>, LedgerError> {
        let sql = "SELECT night, replaced_by FROM dead_card WHERE card_number = ?1";
        let mut statement = self.check(self.db.prepare_cached(sql))?;
        let found = statement.query_row([card_number], |row| Ok((row.get(0)?, row.get(1)?))).optional();
        let found: Option<(String, Option<String>)> = self.check(found)?;
        Ok(found.and_then(|(night, by)| {
            let replaced_by = by.and_then(|by| CardNumber::parse(&by).ok());
            Some(DeadCard { night: night.parse().ok()?, replaced_by })
        }))
    }

    /// The night on which the codes of a card were released with this reason.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn reissue_released(
        &self,
        card_number: &str,
        reason: &str,
    ) -> Result<Option<String>, LedgerError> {
        let sql = "SELECT night FROM reissue_release WHERE card_number = ?1 AND reason = ?2 LIMIT 1";
        let mut statement = self.check(self.db.prepare_cached(sql))?;
        self.check(statement.query_row([card_number, reason], |row| row.get(0)).optional())
    }

    /// Whether the latest record of a card was requested after a night, and nothing of the card has left.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`]; [`LedgerError::Damaged`]: the record can't be read.
    pub(crate) fn waits_for_the_future(&self, card_number: &str, night: Date) -> Result<bool, LedgerError> {
        let Some(record) = self.last_record(card_number)? else { return Ok(false) };
        let sql = "SELECT count(*) FROM duty JOIN record ON record.id = duty.record
                   WHERE record.card_number = ?1 AND duty.state = 'released'";
        let left: i64 = self.check(self.db.query_row(sql, [card_number], |row| row.get(0)))?;
        Ok(left == 0 && record.requested_at.date() > night)
    }

    /// How many pieces of a card wait.
    ///
    /// # Errors
    /// [`LedgerError::Sqlite`].
    pub(crate) fn waiting_of_card(&self, card_number: &str) -> Result<u64, LedgerError> {
        let sql = "SELECT count(*) FROM duty JOIN record ON record.id = duty.record
                   WHERE duty.state = 'waiting' AND record.card_number = ?1";
        let mut statement = self.check(self.db.prepare_cached(sql))?;
        let count: i64 = self.check(statement.query_row([card_number], |row| row.get(0)))?;
        Ok(count.unsigned_abs())
    }
}
