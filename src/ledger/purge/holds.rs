//! Holds: cards of which a purge forgets nothing until a person lets them go.

use jiff::civil::Date;
use serde::Serialize;

use super::super::database::Value::{Bytes, Text};
use super::super::{Author, Ledger, LedgerError};

/// A hold, without the number of its card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Hold {
    /// The reference that says why.
    pub reason: String,
    /// Since when.
    pub day: String,
    /// By whom.
    pub by_whom: String,
    /// How many records of its card the ledger has.
    pub records: u64,
}

impl Ledger {
    /// Holds cards, given by their numbers: a purge forgets nothing of them. A card that is held already gets this reason.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn hold(
        &self,
        cards: &[String],
        reason: &str,
        day: Date,
        author: &Author,
    ) -> Result<(), LedgerError> {
        let transaction = self.change()?;
        let day = day.to_string();
        for card in cards {
            let sql = "INSERT INTO hold (card, reason, day, by_whom) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT (card) DO UPDATE SET reason = excluded.reason, day = excluded.day, by_whom = excluded.by_whom";
            let values = [Bytes(&self.hash(card)), Text(reason), Text(&day), Text(&author.name)];
            self.db.execute_now(sql, &values)?;
        }
        transaction.commit()
    }

    /// Lets cards go; returns how many were held.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn let_go(&self, cards: &[String]) -> Result<u64, LedgerError> {
        let transaction = self.change()?;
        let sql = "DELETE FROM hold WHERE card = ?1";
        let counts = cards.iter().map(|card| self.db.execute_now(sql, &[Bytes(&self.hash(card))]));
        let held = counts.sum::<Result<u64, LedgerError>>()?;
        transaction.commit()?;
        Ok(held)
    }

    /// All holds, the oldest first.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn holds(&self) -> Result<Vec<Hold>, LedgerError> {
        let sql = "SELECT reason, day, by_whom, (SELECT count(*) FROM record WHERE record.card = hold.card) FROM hold
            ORDER BY day, reason";
        self.list(sql, &[], |row| {
            Ok(Hold {
                reason: row.need_text(0)?.to_owned(),
                day: row.need_text(1)?.to_owned(),
                by_whom: row.need_text(2)?.to_owned(),
                records: row.need_count(3)?,
            })
        })
    }
}
