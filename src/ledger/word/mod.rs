//! What the issuer is told: which days have news, and the rows of a day.
//!
//! A day's rows follow from the ledger alone, so that a file of a day may be written again. Two notes say how far the issuer
//! has been told: `feedback`, the last event; `feedback_runs`, the last run. `receipts` is the last run whose files were
//! all acknowledged.

mod intake;
mod pieces;

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Deserialize;

use super::database::Value::{Integer, Text};
use super::{Ledger, LedgerError, Row, State, UNDONE, Value};

pub(crate) use intake::RecordWord;
pub(crate) use pieces::PieceWord;

/// Notes everything in the ledger as told: what an earlier version released is no news.
pub(super) const ALL_TOLD: &str = "
    INSERT INTO note (name, value) SELECT 'feedback', coalesce(max(id), 0) FROM event;
    INSERT INTO note (name, value) SELECT 'feedback_runs', coalesce(max(id), 0) FROM run;
    INSERT INTO note (name, value) SELECT 'receipts', coalesce(max(id), 0) FROM run;";

/// The states whose events are told with the day on which they happened.
const TOLD: [State; 11] = [
    State::Inserted,
    State::InsertedByHand,
    State::Missing,
    State::Reprinted,
    State::Recalled,
    State::Dispatched,
    State::Returned,
    State::Destroyed,
    State::CardLost,
    State::CardSpoiled,
    State::CodesCompromised,
];

/// The states of pieces whose cards the issuer makes again.
const REMADE: [State; 2] = [State::CardLost, State::CardSpoiled];

/// States as a list of SQL.
fn codes(states: &[State]) -> String {
    states.iter().map(|state| format!("'{}'", state.code())).collect::<Vec<_>>().join(", ")
}

/// What the issuer has not been told yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct News {
    /// The days whose files have new rows.
    pub days: BTreeSet<Date>,
    /// Whether cards are to be made again.
    pub remakes: bool,
    /// The days whose tables of returns have changed.
    pub returns: BTreeSet<Date>,
    /// The last event.
    event: i64,
    /// The last run, and the last that the issuer was told of.
    run: i64,
    run_told: i64,
}

impl News {
    /// Whether the issuer was not told of a run yet.
    pub(crate) fn has_run(&self, run: i64) -> bool {
        run > self.run_told
    }
}

/// A run whose files are to be acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnacknowledgedRun {
    /// Its number.
    pub run: i64,
    /// Its night.
    pub night: String,
    /// Its summary as JSON; `None` once purged.
    pub summary: Option<String>,
}

/// What a row says of a record. Both texts are empty once the names of the record are purged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Names {
    /// The client's reference.
    pub client_ref: String,
    /// The card's number.
    pub card_number: String,
}

impl Ledger {
    /// What the issuer has not been told yet.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn news(&self) -> Result<News, LedgerError> {
        let (event, run) = (self.noted("feedback")?, self.noted("feedback_runs")?);
        let mut days = BTreeSet::new();
        let mut add = |sql: &str, after: i64| {
            days.extend(self.days(sql, &[Integer(after)])?);
            Ok::<_, LedgerError>(())
        };
        add("SELECT DISTINCT night FROM run WHERE id > ?1 AND state = 'released'", run)?;
        add(
            "SELECT DISTINCT lot.night FROM event JOIN lot ON lot.id = event.lot
             WHERE event.id > ?1 AND event.state = 'released'",
            event,
        )?;
        let told = codes(&TOLD);
        add(
            &format!(
                "SELECT DISTINCT substr(at, 1, 10) FROM event
                 WHERE id > ?1 AND (state IN ({told}) OR (sequence IS NOT NULL AND cause LIKE '{UNDONE}%'))"
            ),
            event,
        )?;
        let remade = codes(&REMADE);
        let sql = format!("SELECT count(*) FROM event WHERE id > ?1 AND state IN ({remade}, 'reprinted')");
        let remakes = self.count(&sql, &[Integer(event)])? > 0;
        let returns = self.days(
            &format!(
                "SELECT DISTINCT returned.day FROM event
                 JOIN returned ON returned.lot = event.lot AND returned.sequence = event.sequence
                 WHERE event.id > ?1 AND (event.state = 'returned' OR event.cause LIKE '{UNDONE}%')"
            ),
            &[Integer(event)],
        )?;
        let last = |sql| Ok::<_, LedgerError>(self.number(sql, &[])?.unwrap_or_default());
        Ok(News {
            days,
            remakes,
            returns,
            event: event.max(last("SELECT max(id) FROM event")?),
            run_told: run,
            run: run.max(last("SELECT max(id) FROM run WHERE state = 'released'")?),
        })
    }

    /// Notes that the issuer has been told: the files of all days are in place.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn note_told(&self, news: &News) -> Result<(), LedgerError> {
        let transaction = self.change()?;
        self.set_note("feedback", news.event)?;
        self.set_note("feedback_runs", news.run)?;
        transaction.commit()
    }

    /// The runs whose files were not all acknowledged, in their order.
    ///
    /// # Errors
    /// Those of the database and of the keys.
    pub(crate) fn unacknowledged_runs(&self) -> Result<Vec<UnacknowledgedRun>, LedgerError> {
        let sql =
            "SELECT id, body, night, key_month FROM run WHERE id > ?1 AND state = 'released' ORDER BY id";
        self.list(sql, &[Integer(self.noted("receipts")?)], |row| {
            let summary = match row.bytes(1)?.map(|_| self.summary(row)).transpose() {
                Err(error) if error.is_of_forgotten_month() => None,
                opened => opened?,
            };
            Ok(UnacknowledgedRun { run: row.need_integer(0)?, night: row.need_text(2)?.to_owned(), summary })
        })
    }

    /// Notes that the files of all runs up to this one were acknowledged.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn note_acknowledged(&self, run: i64) -> Result<(), LedgerError> {
        self.set_note("receipts", run)
    }

    /// Notes that a purge begins on a day, unless an earlier one is still to be ended. Returns the day from which purged
    /// records count.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn begin_purge_of_word(&self, day: Date) -> Result<Date, LedgerError> {
        let number = i64::from(day.year()) * 10_000 + i64::from(day.month()) * 100 + i64::from(day.day());
        let sql = "INSERT INTO note (name, value) VALUES ('feedback_purge', ?1)
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value WHERE excluded.value < note.value";
        self.db.execute_now(sql, &[Integer(number)])?;
        let noted = self.noted("feedback_purge")?;
        let (year, month, day_of_month) = (noted / 10_000, noted / 100 % 100, noted % 100);
        let parts = (i16::try_from(year), i8::try_from(month), i8::try_from(day_of_month));
        let (Ok(year), Ok(month), Ok(day_of_month)) = parts else { return Ok(day) };
        Ok(Date::new(year, month, day_of_month).unwrap_or(day))
    }

    /// Notes that the rows of purged records were written again.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn end_purge_of_word(&self) -> Result<(), LedgerError> {
        self.db.execute_now("DELETE FROM note WHERE name = 'feedback_purge'", &[]).map(drop)
    }

    /// The days after `after` with rows of records whose names were purged on `since` or later. Such a record's lots are of
    /// nights up to `nights`.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn days_of_purged(
        &self,
        since: Date,
        after: Date,
        nights: Date,
    ) -> Result<BTreeSet<Date>, LedgerError> {
        let record = "JOIN duty ON duty.id = piece.duty JOIN record ON record.id = duty.record";
        let event = format!(
            "SELECT substr(event.at, 1, 10) FROM event JOIN lot ON lot.id = event.lot
             WHERE event.state IN ({}) AND substr(event.at, 1, 10) > ?2 AND lot.night <= ?3",
            codes(&TOLD)
        );
        let sql = format!(
            "{event} AND event.sequence IS NOT NULL AND EXISTS (SELECT 1 FROM piece {record}
                 WHERE piece.lot = event.lot AND piece.sequence = event.sequence AND record.purged >= ?1)
             UNION {event} AND event.sequence IS NULL AND EXISTS (SELECT 1 FROM piece {record}
                 WHERE piece.lot = event.lot AND record.purged >= ?1)"
        );
        let [since, after, nights] = [since, after, nights].map(|day| day.to_string());
        self.days(&sql, &[Text(&since), Text(&after), Text(&nights)])
    }

    /// The days of an answer of one column.
    fn days(&self, sql: &str, values: &[Value]) -> Result<BTreeSet<Date>, LedgerError> {
        let days = self.list(sql, values, |row| Ok(row.text(0)?.and_then(|day| day.parse::<Date>().ok())))?;
        Ok(days.into_iter().flatten().collect())
    }

    fn noted(&self, name: &str) -> Result<i64, LedgerError> {
        Ok(self.number("SELECT value FROM note WHERE name = ?1", &[Text(name)])?.unwrap_or_default())
    }

    pub(super) fn set_note(&self, name: &str, value: i64) -> Result<(), LedgerError> {
        let sql = "INSERT INTO note (name, value) VALUES (?1, ?2)
                   ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        self.db.execute_now(sql, &[Text(name), Integer(value)]).map(drop)
    }

    /// Opens a record for its two names; `None` once its names are purged. `columns`: those of the record's number, body,
    /// night and month of the key. `body` holds the record as JSON afterwards.
    pub(in crate::ledger) fn names(
        &self,
        row: &dyn Row,
        [id, sealed, night, key_month]: [usize; 4],
        body: &mut Vec<u8>,
    ) -> Result<Option<Names>, LedgerError> {
        /// The two fields that are read of a record.
        #[derive(Deserialize)]
        struct Named<'b> {
            #[serde(borrow)]
            card_number: Cow<'b, str>,
            #[serde(borrow, default)]
            client_ref: Cow<'b, str>,
        }

        body.clear();
        let Some(sealed) = row.bytes(sealed)? else { return Ok(None) };
        let id = row.need_integer(id)?;
        match self.unseal_record(id, Some(sealed), row.need_text(night)?, row.text(key_month)?, body) {
            Err(error) if error.is_of_forgotten_month() => {
                body.clear();
                return Ok(None);
            }
            opened => opened?,
        }
        let Named { card_number, client_ref } =
            serde_json::from_slice(body).map_err(|error| self.damaged("record", id, error))?;
        Ok(Some(Names { client_ref: client_ref.into_owned(), card_number: card_number.into_owned() }))
    }
}
