//! The states of lots and pieces, derived from their events once more.

use std::collections::BTreeMap;

use super::super::{Ledger, LedgerError, State};

/// States as events have them: of lots by number, of pieces that departed by lot and sequence.
#[derive(Debug, Default)]
pub(super) struct Replay {
    lots: BTreeMap<i64, State>,
    pieces: BTreeMap<(i64, i64), State>,
    /// What contradicts.
    pub faults: Vec<String>,
    first: Option<i64>,
    last: i64,
}

/// How many faults of a kind are listed.
pub(super) const LISTED: usize = 20;

impl Replay {
    /// Takes all events in their order.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn of(ledger: &Ledger) -> Result<Replay, LedgerError> {
        let mut replay = Replay::default();
        let sql = "SELECT id, lot, sequence, state FROM event ORDER BY id";
        ledger.db.query(sql, &[], &mut |row| {
            replay.take(row.need_integer(0)?, row.need_integer(1)?, row.integer(2)?, row.need_text(3)?);
            Ok(())
        })?;
        let counted = ledger.count("SELECT value FROM note WHERE name = 'events'", &[])? as i64;
        if replay.first.is_some() && counted != replay.last {
            replay.fault(format!("the last event is {}, and {counted} were counted", replay.last));
        }
        Ok(replay)
    }

    fn take(&mut self, id: i64, lot: i64, sequence: Option<i64>, state: &str) {
        if self.first.is_some() && id != self.last + 1 {
            self.fault(format!("the events {} to {} are missing", self.last + 1, id - 1));
        }
        self.first.get_or_insert(id);
        self.last = id;
        let Some(state) = State::parse(state) else {
            return self.fault(format!("event {id} has an unknown state"));
        };
        let before = match sequence {
            None => self.lots.insert(lot, state),
            Some(sequence) => {
                let own = self.pieces.insert((lot, sequence), state);
                own.or_else(|| self.lots.get(&lot).copied())
            }
        };
        let repeated = sequence.is_some() && matches!(state, State::Released | State::Returned);
        let may = |before: &State| {
            let undone = sequence.is_some() && before.may_be_undone_to(state);
            before.allows(state) || undone || (repeated && *before == state)
        };
        if let Some(before) = before.filter(|before| !may(before)) {
            self.fault(format!(
                "event {id} follows `{}` with `{}`, which may not follow",
                before.code(),
                state.code()
            ));
        }
    }

    /// Whether a purge has ended the first events: what they said can't be derived any more.
    fn is_cut(&self) -> bool {
        self.first != Some(1)
    }

    /// Holds the derived states against the stored ones.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn compare(mut self, ledger: &Ledger) -> Result<Vec<String>, LedgerError> {
        let cut = self.is_cut();
        ledger.db.query("SELECT id, state FROM lot ORDER BY id", &[], &mut |row| {
            let (id, stored) = (row.need_integer(0)?, row.need_text(1)?);
            self.compare_one(&format!("lot {id}"), self.lots.get(&id).copied(), stored, cut);
            Ok(())
        })?;
        let mut departed = 0;
        let sql = "SELECT lot, sequence, state FROM piece WHERE state IS NOT NULL ORDER BY lot, sequence";
        ledger.db.query(sql, &[], &mut |row| {
            departed += 1;
            let (lot, sequence) = (row.need_integer(0)?, row.need_integer(1)?);
            let derived = self.pieces.get(&(lot, sequence)).copied();
            self.compare_one(&format!("piece {sequence} of lot {lot}"), derived, row.need_text(2)?, cut);
            Ok(())
        })?;
        if departed < self.pieces.len() {
            self.fault("a piece has events of its own and no state of its own".to_owned());
        }
        Ok(self.faults)
    }

    fn compare_one(&mut self, what: &str, derived: Option<State>, stored: &str, cut: bool) {
        match derived {
            Some(derived) if derived.code() == stored => {}
            None if cut => {}
            Some(derived) => {
                self.fault(format!("{what} is stored as `{stored}`, and its events say `{}`", derived.code()))
            }
            None => self.fault(format!("{what} is stored as `{stored}`, and has no event")),
        }
    }

    fn fault(&mut self, fault: String) {
        if self.faults.len() < LISTED {
            self.faults.push(fault);
        }
    }
}
