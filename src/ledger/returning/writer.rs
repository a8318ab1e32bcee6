//! The transaction of a pile of returns.

use std::cell::Cell;

use jiff::civil::Date;

use super::super::database::Value::{Bytes, Integer, Null, Text};
use super::super::sealing::{self, Marks};
use super::super::{Author, Ledger, LedgerError, PiecePlace, State, Transaction, Value, author};
use super::{AddressMark, Booked, NewReturn, PAST, PastReturn, UNDONE, of_place, past};
use crate::vault::Month;

/// Books returns. Nothing is written unless [`ReturnWriter::commit`] is called.
pub(crate) struct ReturnWriter<'l> {
    transaction: Transaction<'l>,
    pub(super) ledger: &'l Ledger,
    author: Author,
    event: Cell<i64>,
    returned: Cell<i64>,
    release: Cell<i64>,
    pub(super) picture: Cell<i64>,
}

/// A piece, and its return that stands.
struct Found {
    /// The number of its lot.
    lot: i64,
    sequence: i64,
    state: State,
    /// The mark of its record's address; `None` once it is erased.
    address: Option<Vec<u8>>,
    /// The number of the return, the state that the piece had before, and the return.
    standing: Option<(i64, State, PastReturn)>,
}

impl<'l> ReturnWriter<'l> {
    pub(super) fn begin(ledger: &'l Ledger, author: &Author) -> Result<ReturnWriter<'l>, LedgerError> {
        let transaction = ledger.change()?;
        // Takes the turn among those who append events, before states are read.
        let event = ledger.last_event()?;
        let last = |sql| Ok::<_, LedgerError>(Cell::new(ledger.number(sql, &[])?.unwrap_or_default()));
        Ok(ReturnWriter {
            ledger,
            author: author.clone(),
            event: Cell::new(event),
            returned: last("SELECT max(id) FROM returned")?,
            release: last("SELECT max(id) FROM return_release")?,
            picture: last("SELECT max(id) FROM picture")?,
            transaction,
        })
    }

    /// The same transaction, in which another person acts from now on.
    pub(crate) fn by(mut self, name: &str) -> ReturnWriter<'l> {
        name.clone_into(&mut self.author.name);
        self
    }

    /// Books a return. A piece that came back in the same pile is not booked again; the text of its label is added where it has
    /// none.
    ///
    /// # Errors
    /// [`LedgerError::Unknown`]: there is no such piece; [`LedgerError::NotAllowed`]: it can't come back, because its print file
    /// was never in place or it was destroyed without having come back; those of the database and of the keys.
    pub(crate) fn book(&self, new: &NewReturn) -> Result<Booked, LedgerError> {
        let found = self.find(new.place)?;
        if let Some((id, _, past)) = found.standing {
            let same_pile = past.batch == new.batch && !new.batch.is_empty();
            if past.destroyed.is_some() || !same_pile {
                return Ok(Booked::Before(past));
            }
            self.add_text(id, new)?;
            return Ok(Booked::Joined(past));
        }
        if !found.state.allows(State::Returned) {
            return Err(not_allowed(new.place, found.state, State::Returned));
        }
        self.insert(&found, new)?;
        self.set_state(&found, State::Returned, new.reason)?;
        Ok(Booked::Returned)
    }

    fn insert(&self, found: &Found, new: &NewReturn) -> Result<(), LedgerError> {
        let id = next(&self.returned);
        let text = new.text.map(|text| self.sealed(id, new.on, text)).transpose()?;
        let sql = "INSERT INTO returned (id, lot, sequence, day, reason, body, batch, box, by_whom, address, state_before)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
        let values = [
            Integer(id),
            Integer(found.lot),
            Integer(found.sequence),
            Text(&new.on.to_string()),
            Text(new.reason),
            text.as_deref().map_or(Null, Bytes),
            Text(new.batch),
            new.box_number.map_or(Null, |number| Integer(i64::from(number))),
            Text(&self.author.name),
            found.address.as_deref().map_or(Null, Bytes),
            Text(found.state.code()),
        ];
        self.ledger.db.execute(sql, &values)
    }

    /// Adds the text of the label to a return that has none. It is sealed under the key of the return's own day.
    fn add_text(&self, id: i64, new: &NewReturn) -> Result<(), LedgerError> {
        let Some(text) = new.text else { return Ok(()) };
        let sealed = self.sealed(id, new.on, text)?;
        let month = Month::of(new.on).to_string();
        let sql = "UPDATE returned SET body = ?2, key_month = ?3 WHERE id = ?1 AND body IS NULL";
        self.ledger.db.execute(sql, &[Integer(id), Bytes(&sealed), Text(&month)])
    }

    fn sealed(&self, id: i64, day: Date, text: &str) -> Result<Vec<u8>, LedgerError> {
        sealing::seal(&self.ledger.keys, Month::of(day), "returned", id, text.as_bytes())
    }

    /// Undoes the return of a piece that was booked in error: the piece is what it was before. False where no return stands, or
    /// where something was done with the piece since.
    ///
    /// # Errors
    /// [`LedgerError::Unknown`]; those of the database.
    pub(crate) fn undo(&self, place: &PiecePlace, cause: &str) -> Result<bool, LedgerError> {
        let found = self.find(place)?;
        let Some((id, before, _)) = found.standing.as_ref().filter(|_| found.state == State::Returned) else {
            return Ok(false);
        };
        let sql = "UPDATE returned SET undone = ?2 WHERE id = ?1";
        self.ledger.db.execute(sql, &[Integer(*id), Text(&author::present())])?;
        self.set_state(&found, *before, &format!("{UNDONE}{cause}"))?;
        Ok(true)
    }

    /// Gives a return another reason. False where no return stands, or where it has this reason.
    ///
    /// # Errors
    /// [`LedgerError::Unknown`]; those of the database.
    pub(crate) fn correct_reason(&self, place: &PiecePlace, reason: &str) -> Result<bool, LedgerError> {
        let found = self.find(place)?;
        let Some((id, _, _)) = found.standing.as_ref().filter(|(_, _, past)| past.reason != reason) else {
            return Ok(false);
        };
        let sql = "UPDATE returned SET reason = ?2 WHERE id = ?1";
        self.ledger.db.execute(sql, &[Integer(*id), Text(reason)])?;
        if found.state == State::Returned {
            self.set_state(&found, State::Returned, reason)?;
        }
        Ok(true)
    }

    /// Destroys a piece before a witness. The author is who destroyed it.
    ///
    /// # Errors
    /// [`LedgerError::Unknown`]; [`LedgerError::NotAllowed`]; those of the database.
    pub(crate) fn destroy(&self, place: &PiecePlace, day: Date, witness: &str) -> Result<(), LedgerError> {
        let found = self.find(place)?;
        if !found.state.allows(State::Destroyed) {
            return Err(not_allowed(place, found.state, State::Destroyed));
        }
        if let Some((id, _, _)) = &found.standing {
            let sql = "UPDATE returned SET destroyed = ?2, witness = ?3 WHERE id = ?1";
            let values = [Integer(*id), Text(&day.to_string()), Text(witness)];
            self.ledger.db.execute(sql, &values)?;
        }
        self.set_state(&found, State::Destroyed, &format!("before the witness {witness}"))
    }

    /// Lets the mailer of a letter go that came back, for a person's reason. False where no return of the piece stands.
    ///
    /// # Errors
    /// [`LedgerError::Unknown`]; those of the database.
    pub(crate) fn let_go(&self, place: &PiecePlace, reason: &str, day: Date) -> Result<bool, LedgerError> {
        let found = self.find(place)?;
        let Some((id, _, _)) = found.standing else { return Ok(false) };
        let piece = [Integer(found.lot), Integer(found.sequence), Null];
        self.insert_release(piece, id, reason, day)?;
        Ok(true)
    }

    /// Takes an address off the hold list, for a person's reason: returns until now do not count any more. Returns how many there
    /// were.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn let_address_go(
        &self,
        address: &AddressMark,
        reason: &str,
        day: Date,
    ) -> Result<u32, LedgerError> {
        let counted = self.ledger.counted_returns(&address.0)?;
        if counted > 0 {
            let last = self.returned.get();
            self.insert_release([Null, Null, Bytes(&address.0)], last, reason, day)?;
        }
        Ok(counted)
    }

    fn insert_release(
        &self,
        [lot, sequence, address]: [Value; 3],
        upto: i64,
        reason: &str,
        day: Date,
    ) -> Result<(), LedgerError> {
        let sql = "INSERT INTO return_release (id, lot, sequence, address, upto, day, reason, by_whom)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let day = day.to_string();
        let values = [
            Integer(next(&self.release)),
            lot,
            sequence,
            address,
            Integer(upto),
            Text(&day),
            Text(reason),
            Text(&self.author.name),
        ];
        self.ledger.db.execute(sql, &values)
    }

    /// A piece and its return that stands.
    fn find(&self, place: &PiecePlace) -> Result<Found, LedgerError> {
        let sql = format!(
            "SELECT lot.id, coalesce(piece.state, lot.state), record.marks, returned.id, returned.state_before, {PAST}
             FROM piece JOIN lot ON lot.id = piece.lot JOIN duty ON duty.id = piece.duty
             JOIN record ON record.id = duty.record
             LEFT JOIN returned ON returned.lot = piece.lot AND returned.sequence = piece.sequence
                 AND returned.undone IS NULL
             WHERE lot.name = ?1 AND lot.kind = ?2 AND piece.sequence = ?3 ORDER BY returned.id DESC LIMIT 1"
        );
        let ledger = self.ledger;
        let found = ledger.one(&sql, &of_place(place), |row| {
            let lot = row.need_integer(0)?;
            let standing = match (row.integer(3)?, past(row, 5)?) {
                (Some(id), Some(past)) => Some((id, ledger.state(row.need_text(4)?, lot)?, past)),
                _ => None,
            };
            Ok(Found {
                lot,
                sequence: i64::from(place.sequence),
                state: ledger.state(row.need_text(1)?, lot)?,
                address: row.bytes(2)?.and_then(Marks::read).map(|marks| marks.address().to_vec()),
                standing,
            })
        })?;
        found.ok_or_else(|| LedgerError::Unknown { what: format!("piece `{}`", place.shown()) })
    }

    fn set_state(&self, found: &Found, state: State, cause: &str) -> Result<(), LedgerError> {
        let sql = "UPDATE piece SET state = ?3 WHERE lot = ?1 AND sequence = ?2";
        let values = [Integer(found.lot), Integer(found.sequence), Text(state.code())];
        self.ledger.db.execute(sql, &values)?;
        let piece = (found.lot, Some(found.sequence));
        self.ledger.insert_event(next(&self.event), piece, state, cause, None, &self.author)
    }

    /// Writes all of it.
    ///
    /// # Errors
    /// Those of the database; nothing is written then.
    pub(crate) fn commit(self) -> Result<(), LedgerError> {
        self.ledger.set_last_event(self.event.get())?;
        self.transaction.commit()
    }
}

fn not_allowed(place: &PiecePlace, from: State, to: State) -> LedgerError {
    LedgerError::NotAllowed { piece: place.shown(), from, to }
}

pub(super) fn next(number: &Cell<i64>) -> i64 {
    number.set(number.get() + 1);
    number.get()
}
