//! A lot as those need it who hold what passed against it: its pieces, their cards as hashes, what passed before.

use std::collections::HashMap;

use jiff::civil::Date;

use super::database::Value::{Bytes, Integer, Text};
use super::sealing::CardHash;
use super::{Alarm, Ledger, LedgerError, Row, State};
use crate::failure::counted;
use mail::lot::LotName;
use mail::piece::PieceKind;

/// A piece of a lot in hand.
#[derive(Debug, Clone)]
pub(crate) struct PieceInHand {
    /// Its state.
    pub state: State,
    /// Whether an alarm holds it where it was released.
    pub held: bool,
    /// Whether something was booked of it alone, and not of its lot.
    pub apart: bool,
    /// 0 for an original, `n` for the `n`th reprint.
    pub attempt: u32,
    /// The lot and sequence of its original, where it is a reprint.
    original: Option<(LotName, u32)>,
    card: CardHash,
}

/// A lot in hand.
#[derive(Debug)]
pub(crate) struct LotInHand {
    /// Its number in the ledger.
    pub id: i64,
    /// Its name.
    pub name: LotName,
    /// Its kind.
    pub kind: PieceKind,
    /// Its night.
    pub night: Date,
    /// The state of its pieces that have not departed.
    pub state: State,
    /// The tracking number of its first mailer.
    pub first_tracking: Option<u64>,
    /// Its pieces; the first has sequence 1.
    pub pieces: Vec<PieceInHand>,
    /// The passages that were booked: camera and digest, by sequence.
    pub passages: HashMap<u32, Vec<(String, [u8; 16])>>,
    /// Its alarms, also those that were decided.
    pub alarms: Vec<Alarm>,
    /// The day on which it was first settled.
    pub settled: Option<Date>,
    /// The day on which it was dispatched.
    pub dispatched: Option<Date>,
    by_card: HashMap<CardHash, u32>,
    /// The places in `alarms` of the open ones, by sequence.
    open: HashMap<u32, Vec<usize>>,
}

impl LotInHand {
    /// The piece with a sequence; `None` past the end.
    pub(crate) fn piece(&self, sequence: u32) -> Option<&PieceInHand> {
        self.pieces.get(usize::try_from(sequence).ok()?.checked_sub(1)?)
    }

    /// The printed reference of a piece.
    pub(crate) fn piece_id(&self, sequence: u32) -> String {
        match self.piece(sequence) {
            Some(PieceInHand { attempt, original: Some((lot, first)), .. }) => {
                lot.attempt_id(self.kind, *first, *attempt)
            }
            _ => self.name.piece_id(self.kind, sequence),
        }
    }

    /// The piece with a printed reference, by the original's lot and sequence and the attempt.
    pub(crate) fn of_reference(&self, lot: &LotName, sequence: u32, attempt: u32) -> Option<u32> {
        if attempt == 0 && *lot == self.name {
            return self.piece(sequence).filter(|piece| piece.attempt == 0).map(|_| sequence);
        }
        let is_it = |piece: &PieceInHand| {
            piece.attempt == attempt
                && piece.original.as_ref().is_some_and(|of| *of == (lot.clone(), sequence))
        };
        self.pieces.iter().position(is_it).and_then(|index| u32::try_from(index + 1).ok())
    }

    /// The open alarms of a piece.
    pub(crate) fn open_alarms(&self, sequence: u32) -> impl Iterator<Item = &Alarm> {
        self.open.get(&sequence).into_iter().flatten().map(|place| &self.alarms[*place])
    }
}

impl Ledger {
    /// A lot with all that is known of its pieces; `None` where there is none of this name and kind.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn in_hand(&self, name: &LotName, kind: PieceKind) -> Result<Option<LotInHand>, LedgerError> {
        let sql = "SELECT id, state, first_tracking, pieces, night FROM lot WHERE name = ?1 AND kind = ?2";
        let found = self.one(sql, &[Text(name.as_str()), Text(kind.code())], |row| {
            let id = row.need_integer(0)?;
            let state = self.state(row.need_text(1)?, id)?;
            let night = row.need_text(4)?.parse().map_err(|error| self.damaged("lot", id, error))?;
            Ok((id, state, row.integer(2)?.map(i64::unsigned_abs), row.need_count(3)?, night))
        })?;
        let Some((id, state, first_tracking, count, night)) = found else { return Ok(None) };
        let pieces = self.pieces_in_hand(id, state)?;
        if pieces.len() as u64 != count {
            let reason = format!("it has {}, and {} entered", counted(count, "piece"), pieces.len());
            return Err(self.damaged("lot", id, reason));
        }
        let by_card = (1..).zip(&pieces).map(|(sequence, piece)| (piece.card, sequence)).collect();
        let mut passages: HashMap<u32, Vec<(String, [u8; 16])>> = HashMap::new();
        self.each("SELECT sequence, camera, read FROM passage WHERE lot = ?1", &[Integer(id)], |row| {
            let read = row.bytes(2)?.and_then(|read| read.try_into().ok()).unwrap_or_default();
            let passage = (row.need_text(1)?.to_owned(), read);
            passages.entry(row.need_integer(0)? as u32).or_default().push(passage);
            Ok::<_, LedgerError>(())
        })?;
        let alarms = self.alarms(id)?;
        let mut open: HashMap<u32, Vec<usize>> = HashMap::new();
        for (place, alarm) in alarms.iter().enumerate().filter(|(_, alarm)| alarm.is_open()) {
            open.entry(alarm.sequence.unwrap_or_default()).or_default().push(place);
        }
        Ok(Some(LotInHand {
            id,
            name: name.clone(),
            kind,
            night,
            state,
            first_tracking,
            pieces,
            passages,
            alarms,
            settled: self.milestone(id, "settled")?,
            dispatched: self.milestone(id, "dispatched")?,
            by_card,
            open,
        }))
    }

    fn pieces_in_hand(&self, lot: i64, together: State) -> Result<Vec<PieceInHand>, LedgerError> {
        let sql = "SELECT piece.state, piece.attempt, record.card, first_lot.name, first.sequence
                   FROM piece JOIN duty ON duty.id = piece.duty JOIN record ON record.id = duty.record
                   LEFT JOIN piece first ON first.duty = piece.duty AND first.attempt = 0 AND piece.attempt > 0
                   LEFT JOIN lot first_lot ON first_lot.id = first.lot
                   WHERE piece.lot = ?1 ORDER BY piece.sequence";
        self.list(sql, &[Integer(lot)], |row| {
            let own = row.text(0)?.map(|own| self.state(own, lot)).transpose()?;
            let original = row.text(3)?.and_then(LotName::parse).zip(row.integer(4)?);
            Ok(PieceInHand {
                state: own.unwrap_or(together),
                held: own == Some(State::Released),
                apart: own.is_some(),
                attempt: row.need_integer(1)? as u32,
                original: original.map(|(lot, sequence)| (lot, sequence as u32)),
                card: row.bytes(2)?.and_then(|card| card.try_into().ok()).unwrap_or_default(),
            })
        })
    }

    /// The piece of a lot in hand that carries a card, by the card's number.
    pub(crate) fn of_card(&self, lot: &LotInHand, card_number: &str) -> Option<u32> {
        lot.by_card.get(&self.hash(card_number)).copied()
    }

    /// Where else a card has a piece of this kind: the lots and the printed references, the newest first.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn places_of_card(
        &self,
        card_number: &str,
        kind: PieceKind,
    ) -> Result<Vec<(LotName, String)>, LedgerError> {
        let sql = "SELECT lot.name, first_lot.name, first.sequence, piece.attempt
                   FROM record JOIN duty ON duty.record = record.id JOIN piece ON piece.duty = duty.id
                   JOIN lot ON lot.id = piece.lot JOIN piece first ON first.duty = duty.id AND first.attempt = 0
                   JOIN lot first_lot ON first_lot.id = first.lot
                   WHERE record.card = ?1 AND duty.kind = ?2 ORDER BY piece.lot DESC";
        let values = [Bytes(&self.hash(card_number)), Text(kind.code())];
        let places = self.list(sql, &values, |row: &dyn Row| {
            let lots = LotName::parse(row.need_text(0)?).zip(LotName::parse(row.need_text(1)?));
            let (sequence, attempt) = (row.need_integer(2)? as u32, row.need_integer(3)? as u32);
            Ok(lots.map(|(lot, first)| (lot, first.attempt_id(kind, sequence, attempt))))
        })?;
        Ok(places.into_iter().flatten().collect())
    }

    /// The day on which a lot was first settled or dispatched.
    pub(super) fn milestone(&self, lot: i64, name: &'static str) -> Result<Option<Date>, LedgerError> {
        let sql = "SELECT day FROM milestone WHERE lot = ?1 AND name = ?2";
        let day = self.one(sql, &[Integer(lot), Text(name)], |row| Ok(row.need_text(0)?.parse().ok()))?;
        Ok(day.flatten())
    }
}
