//! Cards and their holders: what the ledger last took in of a card, and why nothing is sent for it any more.
//!
//! Holders and addresses are compared by their marks, which outlive the names.

use jiff::civil::Date;

use super::database::Value::{Bytes, Text};
use super::sealing::{self, CardHash, Marks, RecordKey};
use super::{Ledger, LedgerError};
use mail::card::CardNumber;
use mail::identifiers::PsIdNat;
use mail::issuance::Issuance;

/// A card for which nothing is sent any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeadCard {
    /// The night on which it was revoked or replaced.
    pub night: Date,
    /// The card that replaced it at once, hashed; `None` where it was revoked.
    replaced_by: Option<CardHash>,
}

/// The holder and the address of the latest record of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KnownHolder(Marks);

impl Ledger {
    /// What the ledger will find a record by.
    pub(crate) fn record_key(&self, issuance: &Issuance) -> RecordKey {
        RecordKey::of(issuance, &self.keys)
    }

    /// Whom the ledger knows as the holder of a card; `None` for a card that it does not know.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn holder_of(&self, card_number: &str) -> Result<Option<KnownHolder>, LedgerError> {
        self.holder_of_hash(&self.hash(card_number))
    }

    fn holder_of_hash(&self, card: &CardHash) -> Result<Option<KnownHolder>, LedgerError> {
        let sql = "SELECT marks FROM record WHERE card = ?1 ORDER BY id DESC LIMIT 1";
        let marks = self.one(sql, &[Bytes(card)], |row| Ok(row.bytes(0)?.and_then(Marks::read)))?;
        Ok(marks.flatten().map(KnownHolder))
    }

    /// Whether a known holder is that of a record.
    pub(crate) fn is_holder(&self, known: &KnownHolder, issuance: &Issuance) -> bool {
        known.0.same_holder(&Marks::of(issuance, &self.keys))
    }

    /// Whether a known holder has this identifier.
    pub(crate) fn has_identifier(&self, known: &KnownHolder, ps_id_nat: &PsIdNat) -> bool {
        known.0.same_identifier(&Marks::of_holder(&ps_id_nat.to_string(), &self.keys))
    }

    /// Whether a known holder's address is that of a record.
    pub(crate) fn is_address(&self, known: &KnownHolder, issuance: &Issuance) -> bool {
        known.0.same_address(&Marks::of(issuance, &self.keys))
    }

    /// The holder of the card that replaced a dead one at once.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn holder_of_replacing(&self, dead: &DeadCard) -> Result<Option<KnownHolder>, LedgerError> {
        dead.replaced_by.as_ref().map_or(Ok(None), |card| self.holder_of_hash(card))
    }

    /// The number of the card that replaced a dead one at once; `None` where it was revoked or the number is purged.
    ///
    /// # Errors
    /// Those of the database and of the keys.
    pub(crate) fn replacing_card(&self, dead: &DeadCard) -> Result<Option<CardNumber>, LedgerError> {
        let Some(card) = &dead.replaced_by else { return Ok(None) };
        let sql = "SELECT id, body, night, key_month FROM record WHERE card = ?1 AND body IS NOT NULL
                   ORDER BY id DESC LIMIT 1";
        self.one(sql, &[Bytes(card)], |row| {
            let mut body = Vec::new();
            let record = row.need_integer(0)?;
            self.unseal_record(record, row.bytes(1)?, row.need_text(2)?, row.text(3)?, &mut body)?;
            let issuance: Issuance =
                serde_json::from_slice(&body).map_err(|error| self.damaged("record", record, error))?;
            Ok(issuance.card_number)
        })
    }

    /// Since when nothing is sent for a card, and why; `None` for a card that is valid as far as the ledger knows.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn dead_card(&self, card_number: &str) -> Result<Option<DeadCard>, LedgerError> {
        let sql = "SELECT night, replaced_by FROM dead_card WHERE card = ?1";
        let dead = self.one(sql, &[Bytes(&self.hash(card_number))], |row| {
            let replaced_by = row.bytes(1)?.and_then(|by| by.try_into().ok());
            let night = row.need_text(0)?.parse().ok();
            Ok(night.map(|night| DeadCard { night, replaced_by }))
        })?;
        Ok(dead.flatten())
    }

    /// The night on which the codes of a card were released with this reason.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn reissue_released(
        &self,
        card_number: &str,
        reason: &str,
    ) -> Result<Option<String>, LedgerError> {
        let sql = "SELECT night FROM reissue_release WHERE card = ?1 AND reason = ?2 LIMIT 1";
        let reason = sealing::reason(&self.keys, reason);
        let values = [Bytes(&self.hash(card_number)), Bytes(&reason)];
        self.one(sql, &values, |row| Ok(row.need_text(0)?.to_owned()))
    }

    /// Whether the latest record of a card was requested after a night, and nothing of the card has left.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn waits_for_the_future(&self, card_number: &str, night: Date) -> Result<bool, LedgerError> {
        let card = self.hash(card_number);
        let sql = "SELECT requested FROM record WHERE card = ?1 ORDER BY id DESC LIMIT 1";
        let requested = self.one(sql, &[Bytes(&card)], |row| Ok(row.need_text(0)?.to_owned()))?;
        if requested.is_none_or(|requested| requested <= night.to_string()) {
            return Ok(false);
        }
        let sql = "SELECT count(*) FROM duty JOIN record ON record.id = duty.record
                   WHERE record.card = ?1 AND duty.state = ?2";
        Ok(self.count(sql, &[Bytes(&card), Text("released")])? == 0)
    }

    /// How many pieces of a card wait.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn waiting_of_card(&self, card_number: &str) -> Result<u64, LedgerError> {
        let sql = "SELECT count(*) FROM duty JOIN record ON record.id = duty.record
                   WHERE duty.state = 'waiting' AND record.card = ?1";
        self.count(sql, &[Bytes(&self.hash(card_number))])
    }
}
