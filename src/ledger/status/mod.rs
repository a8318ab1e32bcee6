//! What the ledger answers about lots and pieces. Says nothing of a holder: no name, no address.

mod account;
mod deadline;
mod past;
mod piece;
mod waiting;

use std::collections::BTreeMap;

use serde::Serialize;

use super::database::Value::{Integer, Null, Text};
use super::{Ledger, LedgerError};
use mail::lot::LotName;
use mail::piece::PieceKind;

pub(crate) use account::{Account, Tally};
pub(crate) use deadline::{DeadlineRule, Timing};
pub(crate) use past::{EventStatus, PieceDetail};
pub(crate) use piece::{PieceFilter, PieceStatus};
pub(crate) use waiting::{PlannedPiece, WaitingDay};

/// A lot in a status report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LotStatus {
    /// The lot.
    pub lot: String,
    /// Its kind.
    pub kind: String,
    /// The night it left.
    pub night: String,
    /// The state of its pieces that have not departed from it.
    pub state: String,
    /// How many pieces it has.
    pub pieces: i64,
    /// How many of its pieces are in each state, by the state's code.
    pub states: BTreeMap<String, i64>,
    /// The template and its version.
    pub template: String,
    /// Its files.
    pub files: Vec<String>,
    /// Its number in the ledger.
    #[serde(skip)]
    id: i64,
    /// The tracking number of its first mailer.
    #[serde(skip)]
    first_tracking: Option<i64>,
}

impl Ledger {
    /// The lots, newest first; with `name`, only those of this name.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn lots(&self, name: Option<&str>) -> Result<Vec<LotStatus>, LedgerError> {
        let condition = "CAST(?1 AS TEXT) IS NULL OR name = ?1";
        let mut lots = self.lots_where(condition, &[name.map_or(Null, Text)])?;
        let only = if let [lot] = &lots[..] { Integer(lot.id) } else { Null };
        let sql = "SELECT lot, state, count(*) FROM piece
                   WHERE state IS NOT NULL AND (CAST(?1 AS BIGINT) IS NULL OR lot = ?1) GROUP BY lot, state";
        let departed = self.list(sql, &[only], |row| {
            Ok((row.need_integer(0)?, row.need_text(1)?.to_owned(), row.need_integer(2)?))
        })?;
        let mut by_lot: BTreeMap<i64, Vec<(String, i64)>> = BTreeMap::new();
        for (lot, state, pieces) in departed {
            by_lot.entry(lot).or_default().push((state, pieces));
        }
        for lot in &mut lots {
            lot.count(by_lot.remove(&lot.id).unwrap_or_default());
        }
        Ok(lots)
    }

    /// The lot of a name and a kind; `None` where there is none. Its states are not counted.
    ///
    /// # Errors
    /// Those of the database.
    fn lot(&self, name: &LotName, kind: PieceKind) -> Result<Option<LotStatus>, LedgerError> {
        let values = [Text(name.as_str()), Text(kind.code())];
        Ok(self.lots_where("name = ?1 AND kind = ?2", &values)?.pop())
    }

    /// The lots for which a condition holds, newest first. Their states are not counted.
    fn lots_where(&self, condition: &str, values: &[super::Value]) -> Result<Vec<LotStatus>, LedgerError> {
        let sql = format!(
            "SELECT id, name, kind, night, state, pieces, template, first_tracking FROM lot
             WHERE {condition} ORDER BY night DESC, name DESC, kind"
        );
        let mut lots = self.list(&sql, values, |row| {
            Ok(LotStatus {
                lot: row.need_text(1)?.to_owned(),
                kind: row.need_text(2)?.to_owned(),
                night: row.need_text(3)?.to_owned(),
                state: row.need_text(4)?.to_owned(),
                pieces: row.need_integer(5)?,
                states: BTreeMap::new(),
                template: row.need_text(6)?.to_owned(),
                files: Vec::new(),
                id: row.need_integer(0)?,
                first_tracking: row.integer(7)?,
            })
        })?;
        let sql = "SELECT path FROM print_file WHERE lot = ?1 ORDER BY number";
        for lot in &mut lots {
            lot.files = self.list(sql, &[Integer(lot.id)], |row| Ok(row.need_text(0)?.to_owned()))?;
        }
        Ok(lots)
    }
}

impl LotStatus {
    /// Counts its pieces by state, given those that have departed from it.
    fn count(&mut self, departed: Vec<(String, i64)>) {
        let together = self.pieces - departed.iter().map(|(_, pieces)| pieces).sum::<i64>();
        if together != 0 {
            self.states.insert(self.state.clone(), together);
        }
        for (state, pieces) in departed {
            *self.states.entry(state).or_default() += pieces;
        }
    }

    /// The printed reference of an original of this lot, and of its `attempt`th reprint.
    fn reference(&self, sequence: i64, attempt: i64) -> String {
        let number = |number: i64| u32::try_from(number).unwrap_or_default();
        let (lot, kind) = (LotName::parse(&self.lot), PieceKind::parse(&self.kind));
        lot.zip(kind).map_or_else(
            || format!("{} {sequence}.{attempt}", self.lot),
            |(lot, kind)| lot.attempt_id(kind, number(sequence), number(attempt)),
        )
    }
}
