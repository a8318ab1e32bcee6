//! The account of a lot: what became of each of its pieces, reprints included, from the events.
//!
//! Each piece stands once, by what was done with it before it left: a piece that was dispatched, or came back, still counts as
//! inserted.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::Serialize;

use super::super::State::{self, *};
use super::super::database::Value::Integer;
use super::super::{Ledger, LedgerError, Row, UNDONE};
use super::past::EventStatus;
use crate::failure::{agreeing, counted};
use mail::lot::LotName;
use mail::piece::PieceKind;

/// What became of pieces. The first group stands for each piece once; the second counts what happened to it besides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Tally {
    /// How many pieces.
    pub pieces: u64,
    /// Those that the inserter put into their envelopes.
    pub inserted: u64,
    /// Those that a person put into their envelopes.
    pub inserted_by_hand: u64,
    /// Those that the camera did not see.
    pub missing: u64,
    /// Those that were damaged.
    pub spoiled: u64,
    /// Those that were pulled.
    pub recalled: u64,
    /// Those whose card was lost before they left.
    pub card_lost: u64,
    /// Those whose card was damaged before they left.
    pub card_spoiled: u64,
    /// Those whose codes may have been seen before they left.
    pub codes_compromised: u64,
    /// Those of which nothing is reported.
    pub not_reported: u64,
    /// Of all these, those that left.
    pub dispatched: u64,
    /// Of all these, those that came back.
    pub returned: u64,
    /// Of all these, those that were destroyed.
    pub destroyed: u64,
    /// Of all these, those that were printed again.
    pub reprinted: u64,
}

/// The reprints of a lot's pieces that stand in one other lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ReprintTally {
    /// The lot in which they were printed.
    pub lot: String,
    /// What became of them.
    #[serde(flatten)]
    pub tally: Tally,
}

/// The account of a lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Account {
    /// The lot.
    pub lot: String,
    /// Its kind.
    pub kind: String,
    /// The night it left.
    pub night: String,
    /// What became of its pieces.
    #[serde(flatten)]
    pub tally: Tally,
    /// What became of their reprints, by lot.
    pub reprints: Vec<ReprintTally>,
    /// Whether it balances.
    pub balances: bool,
    /// Why it does not balance, a line each.
    pub faults: Vec<String>,
}

/// What happened to a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fate {
    /// What was done with it before it left; [`Released`] where nothing is reported.
    outcome: State,
    dispatched: bool,
    returned: bool,
    destroyed: bool,
    reprinted: bool,
}

impl Fate {
    /// What happened to a piece, by its events and its present state, which stands for events that are purged.
    fn of<'e>(events: impl Iterator<Item = &'e EventStatus>, present: State) -> Fate {
        let mut fate = Fate {
            outcome: Released,
            dispatched: false,
            returned: false,
            destroyed: false,
            reprinted: false,
        };
        let mut last = None;
        for event in events {
            fate.follow(event.state);
            fate.returned &= !event.cause.starts_with(UNDONE);
            last = Some(event.state);
        }
        if last != Some(present) {
            fate.follow(present);
        }
        fate
    }

    fn follow(&mut self, state: State) {
        match state {
            Planned | Composed | Released => {}
            Dispatched => self.dispatched = true,
            Returned => self.returned = true,
            Destroyed => self.destroyed = true,
            Reprinted => self.reprinted = true,
            Inserted | InsertedByHand | Missing | Spoiled | Recalled | CardLost | CardSpoiled
            | CodesCompromised => {
                if !self.dispatched {
                    self.outcome = state;
                }
            }
        }
    }
}

impl Tally {
    fn add(&mut self, fate: &Fate, pieces: u64) {
        self.pieces += pieces;
        *self.column(fate.outcome) += pieces;
        for (happened, column) in [
            (fate.dispatched, &mut self.dispatched),
            (fate.returned, &mut self.returned),
            (fate.destroyed, &mut self.destroyed),
            (fate.reprinted, &mut self.reprinted),
        ] {
            *column += if happened { pieces } else { 0 };
        }
    }

    fn column(&mut self, outcome: State) -> &mut u64 {
        match outcome {
            Inserted => &mut self.inserted,
            InsertedByHand => &mut self.inserted_by_hand,
            Missing => &mut self.missing,
            Spoiled => &mut self.spoiled,
            Recalled => &mut self.recalled,
            CardLost => &mut self.card_lost,
            CardSpoiled => &mut self.card_spoiled,
            CodesCompromised => &mut self.codes_compromised,
            Planned | Composed | Released | Reprinted | Dispatched | Returned | Destroyed => {
                &mut self.not_reported
            }
        }
    }

    /// The counts that stand for each piece once, with their names.
    pub(crate) fn outcomes(&self) -> [(&'static str, u64); 9] {
        [
            ("inserted", self.inserted),
            ("inserted by hand", self.inserted_by_hand),
            ("missing", self.missing),
            ("spoiled", self.spoiled),
            ("recalled", self.recalled),
            ("card lost", self.card_lost),
            ("card spoiled", self.card_spoiled),
            ("codes compromised", self.codes_compromised),
            ("not reported", self.not_reported),
        ]
    }

    /// The counts of what happened besides, with their names.
    pub(crate) fn besides(&self) -> [(&'static str, u64); 4] {
        [
            ("dispatched", self.dispatched),
            ("returned", self.returned),
            ("destroyed", self.destroyed),
            ("printed again", self.reprinted),
        ]
    }
}

/// The fates of a lot's pieces.
struct Fates {
    /// That of the pieces that are where their lot is, and how many they are.
    together: (Fate, u64),
    /// Those of the pieces that departed, by their sequence.
    departed: BTreeMap<i64, Fate>,
}

impl Fates {
    fn of(&self, sequence: i64) -> &Fate {
        self.departed.get(&sequence).unwrap_or(&self.together.0)
    }
}

impl Ledger {
    /// The account of a lot; `None` where there is none of this name and kind.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn account(&self, name: &LotName, kind: PieceKind) -> Result<Option<Account>, LedgerError> {
        let Some(lot) = self.lot(name, kind)? else { return Ok(None) };
        let (fates, mut faults) = self.fates(lot.id)?;
        let mut tally = Tally::default();
        tally.add(&fates.together.0, fates.together.1);
        fates.departed.values().for_each(|fate| tally.add(fate, 1));
        if tally.pieces != lot.pieces.unsigned_abs() {
            faults.push(format!(
                "the lot has {}, and the ledger {}",
                counted(lot.pieces, "piece"),
                tally.pieces
            ));
        }
        let reprints = self.reprints(lot.id, &fates, &mut faults)?;
        let outcomes: u64 = tally.outcomes().iter().map(|(_, pieces)| pieces).sum();
        let balances = faults.is_empty() && outcomes == tally.pieces;
        let (lot, kind, night) = (lot.lot, lot.kind, lot.night);
        Ok(Some(Account { lot, kind, night, tally, reprints, balances, faults }))
    }

    /// What happened to each piece of a lot, and the pieces whose events and present state contradict each other.
    fn fates(&self, lot: i64) -> Result<(Fates, Vec<String>), LedgerError> {
        let past = self.past_of_lot(lot)?;
        let sql =
            "SELECT state, (SELECT count(*) FROM piece WHERE piece.lot = lot.id AND piece.state IS NULL)
                   FROM lot WHERE id = ?1";
        let read = |row: &dyn Row| Ok((row.need_text(0)?.to_owned(), row.need_count(1)?));
        let (state, together) = self.one(sql, &[Integer(lot)], read)?.unwrap_or_default();
        let state = self.state(&state, lot)?;
        let sql = "SELECT sequence, state FROM piece WHERE lot = ?1 AND state IS NOT NULL ORDER BY sequence";
        let departed = self.list(sql, &[Integer(lot)], |row| {
            Ok((row.need_integer(0)?, self.state(row.need_text(1)?, lot)?))
        })?;
        let lot = contradiction("the lot", past.together().last(), state);
        let mut faults: Vec<String> = lot.into_iter().collect();
        // Events are purged from the oldest: none is where that of the release still stands.
        let is_whole = past.together().iter().any(|event| event.state == Released);
        let mut fates = BTreeMap::new();
        for (sequence, own) in departed {
            let events = past.of(sequence, true);
            faults.extend(contradiction(&format!("piece {sequence}"), events.last().copied(), own));
            if events.is_empty() && is_whole {
                faults.push(format!("piece {sequence} is {own}, and no event says so"));
            }
            fates.insert(sequence, Fate::of(events.into_iter(), own));
        }
        let together = (Fate::of(past.together().iter(), state), together);
        Ok((Fates { together, departed: fates }, faults))
    }

    /// What became of the reprints of a lot's pieces. A piece that was printed again has a later attempt, and no original
    /// that was not has one.
    fn reprints(
        &self,
        lot: i64,
        fates: &Fates,
        faults: &mut Vec<String>,
    ) -> Result<Vec<ReprintTally>, LedgerError> {
        let sql = "SELECT piece.sequence, piece.attempt, later.lot, later.sequence
                   FROM piece JOIN piece later ON later.duty = piece.duty AND later.attempt > piece.attempt
                   WHERE piece.lot = ?1 ORDER BY later.lot, later.sequence";
        let rows = self.list(sql, &[Integer(lot)], |row| {
            Ok([row.need_integer(0)?, row.need_integer(1)?, row.need_integer(2)?, row.need_integer(3)?])
        })?;
        let mut followed = BTreeMap::new();
        let mut tallies: BTreeMap<i64, Tally> = BTreeMap::new();
        let mut elsewhere: BTreeMap<i64, Fates> = BTreeMap::new();
        for [sequence, attempt, other, place] in rows {
            followed.insert(sequence, attempt);
            let fates = match elsewhere.entry(other) {
                Entry::Occupied(fates) => fates.into_mut(),
                Entry::Vacant(vacant) => vacant.insert(self.fates(other)?.0),
            };
            tallies.entry(other).or_default().add(fates.of(place), 1);
        }
        let unmarked =
            followed.iter().filter(|(sequence, attempt)| **attempt == 0 && !fates.of(**sequence).reprinted);
        faults.extend(unmarked.map(|(sequence, _)| {
            format!("piece {sequence} has a reprint, and is not marked as printed again")
        }));
        let marked = fates.departed.iter().filter(|(_, fate)| fate.reprinted).map(|(sequence, _)| sequence);
        faults.extend(
            marked
                .filter(|sequence| !followed.contains_key(*sequence))
                .map(|sequence| format!("piece {sequence} is marked as printed again, and has no reprint")),
        );
        let (together, pieces) = &fates.together;
        let of_these =
            followed.keys().filter(|sequence| !fates.departed.contains_key(*sequence)).count() as u64;
        if together.reprinted && of_these != *pieces {
            faults.push(format!(
                "{} {} marked as printed again, and the ledger has reprints of {of_these}",
                counted(pieces, "piece"),
                agreeing(pieces, "is", "are")
            ));
        }
        let named = tallies
            .into_iter()
            .map(|(other, tally)| Ok(ReprintTally { lot: self.name_of_lot(other)?, tally }));
        named.collect()
    }

    fn name_of_lot(&self, lot: i64) -> Result<String, LedgerError> {
        let sql = "SELECT name FROM lot WHERE id = ?1";
        let name = self.one(sql, &[Integer(lot)], |row| Ok(row.need_text(0)?.to_owned()))?;
        name.ok_or_else(|| self.damaged("lot", lot, "it is missing"))
    }
}

/// What contradicts: a last event that is not the state of `whose`. There is none where all are purged.
fn contradiction(whose: &str, last: Option<&EventStatus>, state: State) -> Option<String> {
    let last = last.map(|event| event.state).filter(|last| *last != state)?;
    Some(format!("{whose} is {state}, and its last event says {last}"))
}
