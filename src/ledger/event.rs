//! Events: what happens to pieces after their release.
//!
//! An event of a lot stands for all pieces that have not departed from it; a piece's own events begin where it departs. The
//! present state follows from them and is kept beside each piece, so that it is found at once.

use super::database::Value::{Integer, Null, Text};
use super::{Author, Ledger, LedgerError, State, author};
use mail::lot::LotName;
use mail::piece::PieceKind;

/// A piece by its place in a lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PiecePlace {
    /// Its lot.
    pub lot: LotName,
    /// Its kind.
    pub kind: PieceKind,
    /// Its sequence in that lot, from 1.
    pub sequence: u32,
}

impl PiecePlace {
    /// The piece in a message: the printed reference of an original, the place of a reprint in its lot.
    pub(super) fn shown(&self) -> String {
        let PiecePlace { lot, kind, sequence } = self;
        match lot.reprint_number() {
            None => lot.piece_id(*kind, *sequence),
            Some(_) => format!("number {sequence} of lot {}", lot.marked(*kind)),
        }
    }
}

/// What happened, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change<'a> {
    /// The state that follows.
    pub state: State,
    /// Why.
    pub cause: &'a str,
    /// By whom.
    pub author: &'a Author,
}

impl Ledger {
    /// Moves pieces, all or none of them.
    ///
    /// # Errors
    /// [`LedgerError::Unknown`]: there is no such piece; [`LedgerError::NotAllowed`]: its state does not allow it; those of
    /// the database.
    pub(crate) fn move_pieces(&self, pieces: &[PiecePlace], change: &Change) -> Result<(), LedgerError> {
        let transaction = self.change()?;
        // Takes the turn among those who append events, before states are read.
        self.last_event()?;
        for piece in pieces {
            self.move_piece(piece, change, None)?;
        }
        transaction.commit()
    }

    /// Moves one piece, within a transaction; `run` is the number of the run that does it.
    pub(super) fn move_piece(
        &self,
        piece: &PiecePlace,
        change: &Change,
        run: Option<i64>,
    ) -> Result<(), LedgerError> {
        let PiecePlace { lot, kind, sequence } = piece;
        let sql = "SELECT lot.id, coalesce(piece.state, lot.state) FROM piece JOIN lot ON lot.id = piece.lot
                   WHERE lot.name = ?1 AND lot.kind = ?2 AND sequence = ?3";
        let values = [Text(lot.as_str()), Text(kind.code()), Integer(i64::from(*sequence))];
        let found = self.one(sql, &values, |row| Ok((row.need_integer(0)?, row.need_text(1)?.to_owned())))?;
        let id = piece.shown();
        let Some((lot, state)) = found else {
            return Err(LedgerError::Unknown { what: format!("piece `{id}`") });
        };
        let from = self.state(&state, lot)?;
        if !from.allows(change.state) {
            return Err(LedgerError::NotAllowed { piece: id, from, to: change.state });
        }
        let sql = "UPDATE piece SET state = ?3 WHERE lot = ?1 AND sequence = ?2";
        let sequence = i64::from(*sequence);
        self.db.execute(sql, &[Integer(lot), Integer(sequence), Text(change.state.code())])?;
        self.append_event(lot, Some(sequence), change.state, change.cause, run, change.author)
    }

    /// Moves a lot with all its pieces that have not departed from it. Those that have departed move with it where their own
    /// state allows it: an envelope that was filled by hand leaves with its lot, a missing one does not.
    ///
    /// # Errors
    /// As [`Ledger::move_pieces`].
    #[cfg(test)]
    pub(crate) fn move_lot(
        &self,
        name: &LotName,
        kind: PieceKind,
        change: &Change,
    ) -> Result<(), LedgerError> {
        let transaction = self.change()?;
        self.last_event()?;
        self.move_whole_lot(name, kind, change, |own| own.allows(change.state))?;
        transaction.commit()
    }

    /// Moves a lot, within a transaction, and those of its pieces that have departed from it and `follow` by their own state.
    pub(super) fn move_whole_lot(
        &self,
        name: &LotName,
        kind: PieceKind,
        change: &Change,
        follow: impl Fn(State) -> bool,
    ) -> Result<(), LedgerError> {
        let sql = "SELECT id, state FROM lot WHERE name = ?1 AND kind = ?2";
        let found = self.one(sql, &[Text(name.as_str()), Text(kind.code())], |row| {
            Ok((row.need_integer(0)?, row.need_text(1)?.to_owned()))
        })?;
        let Some((lot, state)) = found else {
            return Err(LedgerError::Unknown { what: format!("{kind} lot `{name}`") });
        };
        let from = self.state(&state, lot)?;
        if !from.allows(change.state) {
            return Err(LedgerError::NotAllowed { piece: format!("lot {name}"), from, to: change.state });
        }
        let Change { state, cause, author } = *change;
        let sql = "SELECT sequence, state FROM piece WHERE lot = ?1 AND state IS NOT NULL ORDER BY sequence";
        let departed = self
            .list(sql, &[Integer(lot)], |row| Ok((row.need_integer(0)?, State::parse(row.need_text(1)?))))?;
        self.append_event(lot, None, state, cause, None, author)?;
        self.db.execute("UPDATE lot SET state = ?2 WHERE id = ?1", &[Integer(lot), Text(state.code())])?;
        for (sequence, _) in departed.iter().filter(|(_, own)| own.is_some_and(&follow)) {
            let sql = "UPDATE piece SET state = ?3 WHERE lot = ?1 AND sequence = ?2";
            self.db.execute(sql, &[Integer(lot), Integer(*sequence), Text(state.code())])?;
            self.append_event(lot, Some(*sequence), state, cause, None, author)?;
        }
        Ok(())
    }
}

impl Ledger {
    /// The state of a code that a row has.
    pub(super) fn state(&self, code: &str, lot: i64) -> Result<State, LedgerError> {
        State::parse(code).ok_or_else(|| self.damaged("lot", lot, format!("unknown state `{code}`")))
    }

    /// Appends an event, within a transaction. Numbers have no gap: the row that counts them is locked until the commit.
    pub(super) fn append_event(
        &self,
        lot: i64,
        sequence: Option<i64>,
        state: State,
        cause: &str,
        run: Option<i64>,
        author: &Author,
    ) -> Result<(), LedgerError> {
        let id = self.last_event()? + 1;
        self.set_last_event(id)?;
        self.insert_event(id, (lot, sequence), state, cause, run, author)
    }

    /// Inserts an event of a piece, or of a lot, within a transaction that counts them.
    pub(super) fn insert_event(
        &self,
        id: i64,
        (lot, sequence): (i64, Option<i64>),
        state: State,
        cause: &str,
        run: Option<i64>,
        author: &Author,
    ) -> Result<(), LedgerError> {
        let sql = "INSERT INTO event (id, at, lot, sequence, state, cause, run, by_whom)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let at = author::present();
        let values = [
            Integer(id),
            Text(&at),
            Integer(lot),
            sequence.map_or(Null, Integer),
            Text(state.code()),
            Text(cause),
            run.map_or(Null, Integer),
            Text(&author.name),
        ];
        self.db.execute(sql, &values)
    }

    /// Notes the number of the last event, within a transaction.
    pub(super) fn set_last_event(&self, id: i64) -> Result<(), LedgerError> {
        self.db.execute("UPDATE note SET value = ?1 WHERE name = 'events'", &[Integer(id)])
    }

    /// The number of the last event. Locks the row that counts them, so that other writers wait.
    pub(super) fn last_event(&self) -> Result<i64, LedgerError> {
        let sql = "INSERT INTO note (name, value) VALUES ('events', 0)
                   ON CONFLICT (name) DO UPDATE SET value = note.value";
        self.db.execute_now(sql, &[])?;
        Ok(self.number("SELECT value FROM note WHERE name = 'events'", &[])?.unwrap_or_default())
    }
}
