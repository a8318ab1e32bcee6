//! What is booked of a lot after the press: passages, alarms, the pieces that departed, the settlement, the dispatch.
//!
//! Each booking is one transaction: all of it, or nothing.

use jiff::civil::Date;

use super::alarm::{ACCEPTED, AlarmKind, FOUND, NewAlarm};
use super::database::Value::{Bytes, Integer, Text};
use super::event::{Change, PiecePlace};
use super::{Author, Ledger, LedgerError, LotInHand, State};
use mail::piece::PieceKind;

/// What is booked of a lot, all at once.
#[derive(Debug, Default)]
pub(crate) struct Booking {
    /// Reads that are new: sequence, camera, digest.
    pub passages: Vec<(u32, String, [u8; 16])>,
    /// Pieces that an alarm holds where they are, so that they are not inserted with their lot: sequence and cause.
    pub held: Vec<(u32, &'static str)>,
    /// Pieces that depart from their lot: sequence, state and cause.
    pub moves: Vec<(u32, State, String)>,
    /// Pieces that were missing and are seen after all.
    pub found: Vec<u32>,
    /// Pieces whose alarms end because of what was done with them, and what that was.
    pub decided: Vec<(u32, &'static str)>,
    /// Alarms that are raised.
    pub alarms: Vec<NewAlarm>,
    /// The day on which the lot is settled, where it is: every piece has its status.
    pub settled: Option<Date>,
}

impl Ledger {
    /// Books what was reported of a lot.
    ///
    /// # Errors
    /// [`LedgerError::NotAllowed`]: a state that may not follow; those of the database. Nothing is booked then.
    pub(crate) fn book(
        &self,
        lot: &LotInHand,
        booking: &Booking,
        author: &Author,
    ) -> Result<(), LedgerError> {
        let transaction = self.change()?;
        self.last_event()?;
        for (sequence, camera, read) in &booking.passages {
            let sql = "INSERT INTO passage (lot, sequence, camera, read) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
            let values = [Integer(lot.id), Integer(i64::from(*sequence)), Text(camera), Bytes(read)];
            self.db.execute(sql, &values)?;
        }
        for sequence in &booking.found {
            let change = Change { state: State::Inserted, cause: "seen by the camera after all", author };
            self.move_piece(&lot.place(*sequence), &change, None)?;
            self.decide(lot.id, i64::from(*sequence), FOUND, "", author)?;
        }
        for (sequence, cause) in &booking.held {
            self.hold_back(lot, *sequence, cause, author)?;
        }
        for (sequence, state, cause) in &booking.moves {
            self.move_piece(&lot.place(*sequence), &Change { state: *state, cause, author }, None)?;
        }
        for (sequence, verdict) in &booking.decided {
            self.decide(lot.id, i64::from(*sequence), verdict, "", author)?;
        }
        self.raise(lot.id, &booking.alarms)?;
        if let Some(day) = booking.settled {
            self.settle_lot(lot, day, author)?;
        }
        transaction.commit()
    }

    /// Marks the pieces that have not departed from their lot as inserted. Those that departed stay where they are.
    fn settle_lot(&self, lot: &LotInHand, day: Date, author: &Author) -> Result<(), LedgerError> {
        self.set_milestone(lot.id, "settled", day)?;
        if !lot.state.allows(State::Inserted) {
            return Ok(());
        }
        let change = Change { state: State::Inserted, cause: "every piece has its status", author };
        self.move_whole_lot(&lot.name, lot.kind, &change, |_| false)
    }

    /// Lets a released piece depart from its lot where it is: its event repeats the state.
    fn hold_back(
        &self,
        lot: &LotInHand,
        sequence: u32,
        cause: &str,
        author: &Author,
    ) -> Result<(), LedgerError> {
        let sql = "UPDATE piece SET state = 'released' WHERE lot = ?1 AND sequence = ?2 AND state IS NULL
                   AND EXISTS (SELECT 1 FROM lot WHERE id = ?1 AND state = 'released')";
        match self.db.execute_now(sql, &[Integer(lot.id), Integer(i64::from(sequence))])? {
            0 => Ok(()),
            _ => self.append_event(lot.id, Some(i64::from(sequence)), State::Released, cause, None, author),
        }
    }

    /// Accepts the open alarms of a piece, or of a stranger by what was read of it; returns how many there were. A piece that an
    /// alarm held is inserted then, as is a missing one whose passage is accepted. The codes of a mailer that is accepted as
    /// missing may have been seen.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn accept(
        &self,
        lot: &LotInHand,
        sequence: Option<u32>,
        text: &str,
        reason: &str,
        author: &Author,
    ) -> Result<u64, LedgerError> {
        let transaction = self.change()?;
        self.last_event()?;
        let accepted = match sequence {
            Some(sequence) => {
                let accepted = self.decide(lot.id, i64::from(sequence), ACCEPTED, reason, author)?;
                if let Some(state) = lot.accepted_as(sequence).filter(|_| accepted > 0) {
                    let cause = format!("accepted: {reason}");
                    self.move_piece(&lot.place(sequence), &Change { state, cause: &cause, author }, None)?;
                }
                accepted
            }
            None => self.accept_stranger(lot.id, text, reason, author)?,
        };
        transaction.commit()?;
        Ok(accepted)
    }

    /// Says that a lot has left, on this day. Pieces that were filled by hand leave with it, missing and spoiled ones do not.
    ///
    /// # Errors
    /// Those of [`Ledger::move_lot`].
    pub(crate) fn dispatch(&self, lot: &LotInHand, day: Date, author: &Author) -> Result<(), LedgerError> {
        let transaction = self.change()?;
        self.last_event()?;
        let cause = format!("left on {day}");
        let change = Change { state: State::Dispatched, cause: &cause, author };
        self.move_whole_lot(&lot.name, lot.kind, &change, |own| own.allows(State::Dispatched))?;
        self.set_milestone(lot.id, "dispatched", day)?;
        transaction.commit()
    }

    /// Recalls a lot with all its pieces that may still leave.
    ///
    /// # Errors
    /// Those of [`Ledger::move_lot`].
    pub(crate) fn recall_lot(
        &self,
        lot: &LotInHand,
        cause: &str,
        author: &Author,
    ) -> Result<(), LedgerError> {
        let transaction = self.change()?;
        self.last_event()?;
        let change = Change { state: State::Recalled, cause, author };
        self.move_whole_lot(&lot.name, lot.kind, &change, State::may_leave)?;
        transaction.commit()
    }

    fn set_milestone(&self, lot: i64, name: &'static str, day: Date) -> Result<(), LedgerError> {
        let sql =
            "INSERT INTO milestone (lot, name, day) VALUES (?1, ?2, ?3) ON CONFLICT (lot, name) DO NOTHING";
        self.db.execute(sql, &[Integer(lot), Text(name), Text(&day.to_string())])
    }
}

impl LotInHand {
    /// A piece by its place in the lot.
    pub(crate) fn place(&self, sequence: u32) -> PiecePlace {
        PiecePlace { lot: self.name.clone(), kind: self.kind, sequence }
    }

    /// What a piece becomes once its alarms are accepted; `None` where it stays what it is.
    fn accepted_as(&self, sequence: u32) -> Option<State> {
        let piece = self.piece(sequence)?;
        match piece.state {
            _ if piece.held || self.is_seen_after_all(sequence) => Some(State::Inserted),
            State::Missing if self.kind == PieceKind::Mailer => Some(State::CodesCompromised),
            _ => None,
        }
    }

    /// Whether a piece was missing, and has passed since with an alarm that is open.
    fn is_seen_after_all(&self, sequence: u32) -> bool {
        let passed = [AlarmKind::Duplicate, AlarmKind::Mismatch, AlarmKind::Attention, AlarmKind::Unreadable];
        self.piece(sequence).is_some_and(|piece| piece.state == State::Missing)
            && self.open_alarms(sequence).any(|alarm| passed.contains(&alarm.kind))
    }
}
