//! Pieces that are set aside: printed again, or given up because a card or its codes can't be relied on any more.

use super::care::ReleasedPiece;
use super::database::Value::{Integer, Text};
use super::event::{Change, PiecePlace};
use super::sealing::Marks;
use super::{Author, Ledger, LedgerError, NightWriter, State};

/// A piece that is set aside, and the states that it goes through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SetAside {
    /// The piece, by its place in the lot in which it was printed.
    pub place: PiecePlace,
    /// The states that follow one after the other, each with its cause.
    pub steps: Vec<(State, String)>,
}

impl Ledger {
    /// Sets pieces aside and ends their alarms, all or none of them.
    ///
    /// # Errors
    /// [`LedgerError::Unknown`]: there is no such piece; [`LedgerError::NotAllowed`]: its state does not allow it; those of
    /// the database.
    pub(crate) fn set_aside(&self, pieces: &[SetAside], author: &Author) -> Result<(), LedgerError> {
        let transaction = self.change()?;
        self.set_aside_within(pieces, author)?;
        transaction.commit()
    }

    /// As [`Ledger::set_aside`], within a transaction.
    fn set_aside_within(&self, pieces: &[SetAside], author: &Author) -> Result<(), LedgerError> {
        // Takes the turn among those who append events, before states are read.
        self.last_event()?;
        for SetAside { place, steps } in pieces {
            for (state, cause) in steps {
                self.move_piece(place, &Change { state: *state, cause, author }, None)?;
            }
            let sql = "SELECT id FROM lot WHERE name = ?1 AND kind = ?2";
            let lot = self.number(sql, &[Text(place.lot.as_str()), Text(place.kind.code())])?;
            if let (Some(lot), Some((state, cause))) = (lot, steps.last()) {
                self.decide(lot, i64::from(place.sequence), state.code(), cause, author)?;
            }
        }
        Ok(())
    }
}

impl Ledger {
    /// Whether something has come of it that the card of this piece was given up as damaged: a later record of the same card,
    /// or one of its holder that was requested or taken in since that day. False for a piece in any other state.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn remake_is_answered(&self, piece: &ReleasedPiece) -> Result<bool, LedgerError> {
        if piece.state != State::CardSpoiled {
            return Ok(false);
        }
        let sql = "SELECT at FROM event WHERE lot = ?1 AND sequence = ?2 AND state = 'card_spoiled'
                   ORDER BY id DESC LIMIT 1";
        let place = [Integer(piece.lot_number), Integer(i64::from(piece.sequence))];
        // Where a purge forgot that day, any later record counts.
        let said = self.one(sql, &place, |row| Ok(row.need_text(0)?.to_owned()))?.unwrap_or_default();
        let day = said.get(..10).unwrap_or_default();
        let sql = "SELECT CASE WHEN later.card = own.card THEN 1 ELSE 0 END, own.marks, later.marks
                   FROM duty JOIN record own ON own.id = duty.record JOIN record later ON later.id > own.id
                   WHERE duty.id = ?1 AND (later.card = own.card OR later.night >= ?2 OR later.requested >= ?2)";
        let answers = self.list(sql, &[Integer(piece.duty), Text(day)], |row| {
            let same_card = row.need_integer(0)? == 1;
            let (own, later) = (row.bytes(1)?.and_then(Marks::read), row.bytes(2)?.and_then(Marks::read));
            Ok(same_card || own.zip(later).is_some_and(|(own, later)| own.same_holder(&later)))
        })?;
        Ok(answers.contains(&true))
    }
}

impl NightWriter<'_> {
    /// Sets pieces aside and ends their alarms, with what this run writes.
    ///
    /// # Errors
    /// As [`Ledger::set_aside`].
    pub(crate) fn set_aside(&self, pieces: &[SetAside]) -> Result<(), LedgerError> {
        self.ledger().set_aside_within(pieces, self.author())
    }
}
