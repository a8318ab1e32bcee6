//! Pieces that are set aside: printed again, or given up because a card or its codes can't be relied on any more.

use super::database::Value::Text;
use super::event::{Change, PiecePlace};
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

impl NightWriter<'_> {
    /// Sets pieces aside and ends their alarms, with what this run writes.
    ///
    /// # Errors
    /// As [`Ledger::set_aside`].
    pub(crate) fn set_aside(&self, pieces: &[SetAside]) -> Result<(), LedgerError> {
        self.ledger().set_aside_within(pieces, self.author())
    }
}
