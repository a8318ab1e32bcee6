//! What happened to pieces on a day: an event of a lot stands for each piece that had not departed from it by then.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::super::database::Value::{Integer, Text};
use super::super::{Ledger, LedgerError, Row, State, UNDONE, Value};
use super::{Names, REMADE, TOLD, codes};
use mail::lot::LotName;
use mail::piece::PieceKind;

/// What happened to a piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PieceWord {
    /// What names its record.
    pub names: Names,
    /// Its kind.
    pub kind: PieceKind,
    /// The printed reference.
    pub piece_id: String,
    /// The printed reference of the next print of the same piece, whether or not there is one.
    pub next_id: String,
    /// The state that followed; [`State::Released`] where it was printed.
    pub state: State,
    /// When: UTC.
    pub at: String,
    /// Why.
    pub cause: String,
}

impl PieceWord {
    /// Why a return of the piece was undone; `None` where something else happened.
    pub(crate) fn undone(&self) -> Option<&str> {
        self.cause.strip_prefix(UNDONE)
    }
}

/// A piece whose card the issuer makes again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Remake {
    /// The day.
    pub day: String,
    /// The piece, and what happened to its card.
    pub piece: PieceWord,
}

/// An event that is told.
struct Told {
    id: i64,
    at: String,
    lot: i64,
    sequence: Option<i64>,
    state: State,
    cause: String,
    kind: PieceKind,
}

/// The pieces of a lot with their records and originals; a condition follows.
const PIECES: &str =
    "SELECT record.id, record.body, record.night, record.key_month, piece.sequence, piece.attempt, piece.state,
    first_lot.name, first.sequence FROM piece JOIN duty ON duty.id = piece.duty
    JOIN record ON record.id = duty.record
    JOIN piece first ON first.duty = piece.duty AND first.attempt = 0 JOIN lot first_lot ON first_lot.id = first.lot
    WHERE record.marks IS NOT NULL AND piece.lot = ?1";

impl Ledger {
    /// Calls `visit` for what happened to pieces on a day: first those that its night printed, then what was done with
    /// pieces on that day, in its order. Those of persons who were erased are left out. Only one is held at a time.
    ///
    /// # Errors
    /// Those of the database, of the keys and of `visit`.
    pub(crate) fn each_piece_word<E: From<LedgerError>>(
        &self,
        day: Date,
        mut visit: impl FnMut(&PieceWord) -> Result<(), E>,
    ) -> Result<(), E> {
        let day = day.to_string();
        let printed = "lot.night = ?1 AND event.sequence IS NULL AND event.state = 'released'";
        let done = format!(
            "substr(event.at, 1, 10) = ?1 AND (event.state IN ({}) OR (event.sequence IS NOT NULL AND event.cause LIKE '{UNDONE}%'))",
            codes(&TOLD)
        );
        for condition in [printed, &done] {
            for told in self.told(condition, &[Text(&day)])? {
                self.each_piece_of(&told, &mut visit)?;
            }
        }
        Ok(())
    }

    /// Calls `visit` for all pieces whose cards the issuer makes again, in the order in which that was said. A card that was found,
    /// and its letter printed again, is none of them.
    ///
    /// # Errors
    /// Those of the database, of the keys and of `visit`.
    pub(crate) fn each_remake<E: From<LedgerError>>(
        &self,
        mut visit: impl FnMut(&Remake) -> Result<(), E>,
    ) -> Result<(), E> {
        let condition = format!(
            "event.state IN ({}) AND NOT EXISTS (SELECT 1 FROM piece WHERE piece.lot = event.lot
             AND piece.sequence = event.sequence AND piece.state = 'reprinted')",
            codes(&REMADE)
        );
        for told in self.told(&condition, &[])? {
            let day = told.at.get(..10).unwrap_or(&told.at).to_owned();
            self.each_piece_of(&told, &mut |piece| {
                visit(&Remake { day: day.clone(), piece: piece.clone() })
            })?;
        }
        Ok(())
    }

    fn told(&self, condition: &str, values: &[Value]) -> Result<Vec<Told>, LedgerError> {
        let sql = format!(
            "SELECT event.id, event.at, event.lot, event.sequence, event.state, event.cause, lot.kind
             FROM event JOIN lot ON lot.id = event.lot WHERE {condition} ORDER BY event.id"
        );
        self.list(&sql, values, |row| {
            let lot = row.need_integer(2)?;
            let kind = row.need_text(6)?;
            Ok(Told {
                id: row.need_integer(0)?,
                at: row.need_text(1)?.to_owned(),
                lot,
                sequence: row.integer(3)?,
                state: self.state(row.need_text(4)?, lot)?,
                cause: row.need_text(5)?.to_owned(),
                kind: PieceKind::parse(kind)
                    .ok_or_else(|| self.damaged("lot", lot, format!("unknown kind `{kind}`")))?,
            })
        })
    }

    fn each_piece_of<E: From<LedgerError>>(
        &self,
        told: &Told,
        visit: &mut impl FnMut(&PieceWord) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut body = Vec::new();
        if let Some(sequence) = told.sequence {
            let sql = format!("{PIECES} AND piece.sequence = ?2");
            let values = [Integer(told.lot), Integer(sequence)];
            return self.each(&sql, &values, |row| visit(&self.piece_word(told, row, &mut body)?));
        }
        let departures = self.departures(told.lot)?;
        let sql = format!("{PIECES} ORDER BY piece.sequence");
        self.each(&sql, &[Integer(told.lot)], |row| {
            let departed = match departures.get(&row.need_integer(4)?) {
                Some(departure) => *departure < told.id,
                // The events of a piece that has departed may be purged.
                None => row.text(6)?.is_some(),
            };
            if departed { Ok(()) } else { visit(&self.piece_word(told, row, &mut body)?) }
        })
    }

    /// The first event of each piece that has departed from a lot.
    fn departures(&self, lot: i64) -> Result<BTreeMap<i64, i64>, LedgerError> {
        let sql =
            "SELECT sequence, min(id) FROM event WHERE lot = ?1 AND sequence IS NOT NULL GROUP BY sequence";
        let rows = self.list(sql, &[Integer(lot)], |row| Ok((row.need_integer(0)?, row.need_integer(1)?)))?;
        Ok(rows.into_iter().collect())
    }

    fn piece_word(&self, told: &Told, row: &dyn Row, body: &mut Vec<u8>) -> Result<PieceWord, LedgerError> {
        let number =
            |column| row.need_integer(column).map(|number| u32::try_from(number).unwrap_or_default());
        let (attempt, sequence) = (number(5)?, number(8)?);
        let name = row.need_text(7)?;
        let lot = LotName::parse(name)
            .ok_or_else(|| self.damaged("lot", told.lot, format!("`{name}` is no name of a lot")))?;
        Ok(PieceWord {
            names: self.names(row, [0, 1, 2, 3], body)?.unwrap_or_default(),
            kind: told.kind,
            piece_id: lot.attempt_id(told.kind, sequence, attempt),
            next_id: lot.attempt_id(told.kind, sequence, attempt + 1),
            state: told.state,
            at: told.at.clone(),
            cause: told.cause.clone(),
        })
    }
}
