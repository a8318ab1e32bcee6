//! The list `erased`: the cards of persons who were erased, by hash, each with the day. It outlives the ledger's backups, so
//! that a restored one brings no erased person back.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::LedgerKeys;
use super::error::LedgerKeysError;
use super::folder::{KeyFolder, from_hexadecimal, read_list};
use crate::files::hexadecimal;

/// Hashes of card numbers, each with the day on which the card's holder was erased.
pub(crate) type ErasedCards = BTreeMap<[u8; 16], Date>;

impl LedgerKeys {
    /// The cards whose holders were erased, each with the day.
    ///
    /// # Errors
    /// [`LedgerKeysError::Io`], [`LedgerKeysError::ErasedList`].
    pub(crate) fn erased(&self) -> Result<ErasedCards, LedgerKeysError> {
        self.folder.as_ref().map_or(Ok(ErasedCards::new()), KeyFolder::erased)
    }

    /// Puts cards on the list of erased ones, durably: what the ledger took in of them until that day is forgotten.
    ///
    /// # Errors
    /// Those of [`LedgerKeys::erased`].
    pub(crate) fn list_as_erased(&self, cards: &ErasedCards) -> Result<(), LedgerKeysError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let _lock = folder.lock()?;
        folder.list_as_erased(cards)
    }
}

impl KeyFolder {
    /// The cards on the list.
    pub(super) fn erased(&self) -> Result<ErasedCards, LedgerKeysError> {
        let list = self.path().join("erased");
        read_list(&list, erased_card, |file, line| LedgerKeysError::ErasedList { file, line })
    }

    /// Adds cards to the list, durably. One that is on it gets the later day. Needs the lock.
    pub(super) fn list_as_erased(&self, cards: &ErasedCards) -> Result<(), LedgerKeysError> {
        let before = self.erased()?;
        let mut after = before.clone();
        for (card, day) in cards {
            let known = after.entry(*card).or_insert(*day);
            *known = (*known).max(*day);
        }
        if after != before {
            let lines: String = after.iter().map(|(card, day)| line_of_erased(card, *day)).collect();
            self.write_list(&self.path().join("erased"), &lines)?;
        }
        Ok(())
    }
}

/// The line of an erased card: its hash and the day.
pub(super) fn line_of_erased(card: &[u8; 16], day: Date) -> String {
    format!("{} {day}\n", hexadecimal(card))
}

/// The card of a line of the list.
pub(super) fn erased_card(line: &str) -> Option<([u8; 16], Date)> {
    let (hash, day) = line.trim().split_once(' ')?;
    let mut card = [0; 16];
    from_hexadecimal(hash, &mut card)?;
    Some((card, day.parse().ok()?))
}
