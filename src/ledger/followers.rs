//! The mailers of letters: what has been released for a card whose letter does not leave.

use super::database::Value::Integer;
use super::{Ledger, LedgerError, State};

/// A mailer that was released for the card of a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReleasedMailer {
    /// The letter's sequence in its lot.
    pub letter: u32,
    /// The mailer's printed reference.
    pub piece_id: String,
    /// Its state.
    pub state: State,
}

impl Ledger {
    /// The mailers that were released for the cards of letters, by the letters' sequences in their lot, and that are in hand or
    /// have left.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn released_mailers(
        &self,
        lot: i64,
        letters: &[u32],
    ) -> Result<Vec<ReleasedMailer>, LedgerError> {
        let sql = "SELECT piece.duty, piece.attempt, coalesce(piece.state, lot.state), lot.id
                   FROM piece letter JOIN duty of_letter ON of_letter.id = letter.duty
                   JOIN record of_card ON of_card.id = of_letter.record
                   JOIN record ON record.card = of_card.card
                   JOIN duty ON duty.record = record.id AND duty.kind = 'mailer'
                   JOIN piece ON piece.duty = duty.id JOIN lot ON lot.id = piece.lot
                   WHERE letter.lot = ?1 AND letter.sequence = ?2 ORDER BY lot.id, piece.sequence";
        let mut mailers = Vec::new();
        for letter in letters {
            let found = self.list(sql, &[Integer(lot), Integer(i64::from(*letter))], |row| {
                let state = self.state(row.need_text(2)?, row.need_integer(3)?)?;
                Ok((row.need_integer(0)?, row.need_integer(1)?, state))
            })?;
            for (duty, attempt, state) in found {
                if state.may_leave() || state == State::Dispatched {
                    let piece_id = self.reference(duty, attempt)?;
                    mailers.push(ReleasedMailer { letter: *letter, piece_id, state });
                }
            }
        }
        Ok(mailers)
    }
}
