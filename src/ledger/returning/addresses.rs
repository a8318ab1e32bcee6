//! Addresses from which mail comes back, by the marks of records: the hold list.

use std::collections::HashMap;

use jiff::civil::Date;

use super::super::database::Value::{Bytes, Integer};
use super::super::sealing::RecordKey;
use super::super::{Ledger, LedgerError, PiecePlace, Row};
use super::of_place;
use mail::issuance::Issuance;

/// An address from which mail came back.
#[derive(Debug, Clone)]
pub(crate) struct HeldAddress {
    /// The days of the returns that count, the first first: those that stand, since it was last taken off the list.
    pub days: Vec<Date>,
    /// The pieces that came back, in the same order.
    pub pieces: Vec<PiecePlace>,
    /// The latest of these pieces' records; `None` once purged.
    pub record: Option<Issuance>,
}

/// A card whose mail came back more than once.
#[derive(Debug, Clone)]
pub(crate) struct RepeatedReturn {
    /// The days, the first first.
    pub days: Vec<Date>,
    /// The pieces that came back, in the same order.
    pub pieces: Vec<PiecePlace>,
    /// The card's latest record; `None` once purged.
    pub record: Option<Issuance>,
}

/// The mark of an address from which mail came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AddressMark(pub(super) Vec<u8>);

impl AddressMark {
    fn read(row: &dyn Row) -> Result<AddressMark, LedgerError> {
        Ok(AddressMark(row.bytes(0)?.unwrap_or_default().to_vec()))
    }
}

/// The addresses from which mail came back often, by their marks.
#[derive(Debug, Clone, Default)]
pub(crate) struct HoldList(HashMap<Vec<u8>, u32>);

impl HoldList {
    /// How many returns the address of a record has; `None` where it is not on the list.
    pub(crate) fn returns(&self, key: &RecordKey) -> Option<u32> {
        self.0.get(key.address()).copied()
    }
}

/// The condition of returns that count for the hold list.
const COUNTED: &str = "returned.undone IS NULL AND returned.id > coalesce(
    (SELECT max(upto) FROM return_release WHERE return_release.address = returned.address), 0)";

/// Returns with the places of their pieces and their records; a condition follows.
const RETURNS: &str = "SELECT lot.name, lot.kind, returned.sequence, lot.id, returned.day,
    record.id, record.body, record.night, record.key_month, record.card, returned.address
    FROM returned JOIN lot ON lot.id = returned.lot
    JOIN piece ON piece.lot = returned.lot AND piece.sequence = returned.sequence
    JOIN duty ON duty.id = piece.duty JOIN record ON record.id = duty.record WHERE";

/// Returns of one address or of one card.
#[derive(Default)]
struct Group {
    days: Vec<Date>,
    pieces: Vec<PiecePlace>,
    /// The number of the latest record, and the record.
    record: (i64, Option<Issuance>),
}

impl Ledger {
    /// The addresses with at least so many returns that count.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn hold_list(&self, at_least: u32) -> Result<HoldList, LedgerError> {
        let sql = format!(
            "SELECT address, count(*) FROM returned WHERE address IS NOT NULL AND {COUNTED}
             GROUP BY address HAVING count(*) >= ?1"
        );
        let rows = self.list(&sql, &[Integer(i64::from(at_least))], |row| {
            let count = u32::try_from(row.need_integer(1)?).unwrap_or(u32::MAX);
            Ok((row.bytes(0)?.unwrap_or_default().to_vec(), count))
        })?;
        Ok(HoldList(rows.into_iter().collect()))
    }

    /// How many returns count for an address, by its mark.
    pub(super) fn counted_returns(&self, address: &[u8]) -> Result<u32, LedgerError> {
        let sql = format!("SELECT count(*) FROM returned WHERE returned.address = ?1 AND {COUNTED}");
        Ok(u32::try_from(self.count(&sql, &[Bytes(address)])?).unwrap_or(u32::MAX))
    }

    /// The addresses from which mail of a card came back.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn return_addresses_of_card(
        &self,
        card_number: &str,
    ) -> Result<Vec<AddressMark>, LedgerError> {
        let sql = "SELECT DISTINCT returned.address FROM returned
                   JOIN piece ON piece.lot = returned.lot AND piece.sequence = returned.sequence
                   JOIN duty ON duty.id = piece.duty JOIN record ON record.id = duty.record
                   WHERE record.card = ?1 AND undone IS NULL AND returned.address IS NOT NULL";
        self.list(sql, &[Bytes(&self.hash(card_number))], AddressMark::read)
    }

    /// The address from which a piece came back; `None` where it did not, or once the address is purged.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn return_address_of_piece(
        &self,
        place: &PiecePlace,
    ) -> Result<Option<AddressMark>, LedgerError> {
        let sql = "SELECT returned.address FROM returned JOIN lot ON lot.id = returned.lot
                   WHERE lot.name = ?1 AND lot.kind = ?2 AND returned.sequence = ?3
                   AND undone IS NULL AND returned.address IS NOT NULL";
        self.one(sql, &of_place(place), AddressMark::read)
    }
    /// The addresses with at least so many returns that count, the one with the earliest return first.
    ///
    /// # Errors
    /// Those of the database and of the keys.
    pub(crate) fn held_addresses(&self, at_least: u32) -> Result<Vec<HeldAddress>, LedgerError> {
        let condition = format!(
            "returned.address IN (SELECT address FROM returned WHERE address IS NOT NULL AND {COUNTED}
             GROUP BY address HAVING count(*) >= ?1) AND {COUNTED}"
        );
        let groups = self.groups(&condition, at_least, 10)?;
        let held = groups.into_iter().map(|Group { days, pieces, record }| HeldAddress {
            days,
            pieces,
            record: record.1,
        });
        Ok(held.collect())
    }

    /// The cards whose mail came back at least so many times, the one with the earliest return first.
    ///
    /// # Errors
    /// Those of the database and of the keys.
    pub(crate) fn repeated_returns(&self, at_least: u32) -> Result<Vec<RepeatedReturn>, LedgerError> {
        let condition = "undone IS NULL AND record.card IN (
            SELECT record.card FROM returned JOIN piece ON piece.lot = returned.lot AND piece.sequence = returned.sequence
            JOIN duty ON duty.id = piece.duty JOIN record ON record.id = duty.record
            WHERE returned.undone IS NULL GROUP BY record.card HAVING count(*) >= ?1)";
        let groups = self.groups(condition, at_least, 9)?;
        let repeated = groups.into_iter().map(|Group { days, pieces, record }| RepeatedReturn {
            days,
            pieces,
            record: record.1,
        });
        Ok(repeated.collect())
    }

    /// Returns that fulfil a condition, together by a column of [`RETURNS`].
    fn groups(&self, condition: &str, at_least: u32, column: usize) -> Result<Vec<Group>, LedgerError> {
        let sql = format!("{RETURNS} {condition} ORDER BY returned.id");
        let (mut groups, mut places) = (Vec::<Group>::new(), HashMap::<Vec<u8>, usize>::new());
        self.each(&sql, &[Integer(i64::from(at_least))], |row| {
            let key = row.bytes(column)?.unwrap_or_default();
            let place = *places.entry(key.to_vec()).or_insert(groups.len());
            if place == groups.len() {
                groups.push(Group::default());
            }
            self.add(&mut groups[place], row)
        })?;
        Ok(groups)
    }

    fn add(&self, group: &mut Group, row: &dyn Row) -> Result<(), LedgerError> {
        let record = row.need_integer(5)?;
        group.pieces.push(self.place_of(row)?);
        group.days.extend(row.need_text(4)?.parse::<Date>());
        if group.record.0 <= record {
            group.record = (record, self.issuance(row, 5)?);
        }
        Ok(())
    }
}
