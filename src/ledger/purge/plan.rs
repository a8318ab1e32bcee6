//! What a purge removes, and what stays.

use std::collections::{BTreeMap, BTreeSet};

use super::{PurgeOrder, Purged, Staying, WhyStaying};
use crate::ledger::database::Value::Text;
use crate::ledger::{Ledger, LedgerError, Row, sealing};
use crate::vault::Month;

/// Why a record stays, as a number: a hold, a piece that waits, a piece whose days are not over; 0 where none of these.
/// `?1`: the last day of dispatch that is due.
const RECORDS: &str = "
    SELECT record.id, record.night, record.key_month, CASE
        WHEN EXISTS (SELECT 1 FROM hold WHERE hold.card = record.card) THEN 1
        WHEN EXISTS (SELECT 1 FROM duty WHERE duty.record = record.id AND duty.state = 'waiting') THEN 2
        WHEN EXISTS (SELECT 1 FROM duty JOIN piece ON piece.duty = duty.id JOIN lot ON lot.id = piece.lot
            WHERE duty.record = record.id
            AND coalesce(piece.state, lot.state) IN ('missing', 'spoiled', 'recalled')) THEN 2
        WHEN EXISTS (SELECT 1 FROM duty JOIN piece ON piece.duty = duty.id JOIN lot ON lot.id = piece.lot
            WHERE duty.record = record.id AND (lot.night > ?1 OR EXISTS (SELECT 1 FROM event
                WHERE event.lot = lot.id AND event.state = 'dispatched' AND substr(event.at, 1, 10) > ?1))) THEN 3
        ELSE 0 END
    FROM record WHERE record.body IS NOT NULL AND record.night <= ?1 ORDER BY record.id";

const FINDINGS: &str = "
    SELECT finding.id, finding.night, finding.key_month,
        CASE WHEN EXISTS (SELECT 1 FROM hold WHERE hold.card = finding.card) THEN 1 ELSE 0 END
    FROM finding WHERE finding.night <= ?1 ORDER BY finding.id";

const RUNS: &str = "
    SELECT id, night, key_month, CASE WHEN night <= ?2 THEN 0 ELSE 3 END
    FROM run WHERE body IS NOT NULL AND night <= ?1 ORDER BY id";

/// The texts of labels. Those of a card that is held stay.
const LABELS: &str = "
    SELECT returned.id, returned.day, returned.key_month, CASE WHEN EXISTS (
        SELECT 1 FROM piece JOIN duty ON duty.id = piece.duty JOIN record ON record.id = duty.record
        JOIN hold ON hold.card = record.card
        WHERE piece.lot = returned.lot AND piece.sequence = returned.sequence) THEN 1 ELSE 0 END
    FROM returned WHERE returned.body IS NOT NULL AND returned.day <= ?1 ORDER BY returned.id";

const PICTURES: &str = "
    SELECT picture.id, picture.day, picture.key_month, CASE WHEN EXISTS (
        SELECT 1 FROM picture_piece JOIN piece ON piece.lot = picture_piece.lot AND piece.sequence = picture_piece.sequence
        JOIN duty ON duty.id = piece.duty JOIN record ON record.id = duty.record
        JOIN hold ON hold.card = record.card WHERE picture_piece.picture = picture.id) THEN 1 ELSE 0 END
    FROM picture WHERE picture.day <= ?1 ORDER BY picture.id";

/// The condition of events that end: `?1` is the last day. Those of a lot with a piece that is held stay.
pub(super) const ENDING_EVENTS: &str = "substr(at, 1, 10) <= ?1 AND lot NOT IN (
    SELECT piece.lot FROM hold JOIN record ON record.card = hold.card JOIN duty ON duty.record = record.id
    JOIN piece ON piece.duty = duty.id)";

/// The condition of returns of which only day and reason stay: `?1` is the last day.
pub(super) const ENDING_RETURNS: &str = "day <= ?1 AND (by_whom <> '' OR batch <> '' OR address IS NOT NULL)
    AND lot NOT IN (
    SELECT piece.lot FROM hold JOIN record ON record.card = hold.card JOIN duty ON duty.record = record.id
    JOIN piece ON piece.duty = duty.id)";

/// A table with sealed bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    Record,
    Finding,
    Run,
    /// The text of a return's label.
    Label,
    Picture,
}

impl Table {
    /// Its name, to which its bodies are bound.
    pub(super) fn name(self) -> &'static str {
        match self {
            Table::Record => "record",
            Table::Finding => "finding",
            Table::Run => "run",
            Table::Label => "returned",
            Table::Picture => "picture",
        }
    }

    /// The query of a row's body, night and month of the key.
    pub(super) fn body(self) -> &'static str {
        match self {
            Table::Record => "SELECT body, night, key_month FROM record WHERE id = ?1",
            Table::Finding => "SELECT body, night, key_month FROM finding WHERE id = ?1",
            Table::Run => "SELECT body, night, key_month FROM run WHERE id = ?1",
            Table::Label => "SELECT body, day, key_month FROM returned WHERE id = ?1",
            Table::Picture => "SELECT body, day, key_month FROM picture WHERE id = ?1",
        }
    }

    /// Sets a row's body and the month of its key.
    pub(super) fn set_body(self) -> &'static str {
        match self {
            Table::Record => "UPDATE record SET body = ?2, key_month = ?3 WHERE id = ?1",
            Table::Finding => "UPDATE finding SET body = ?2, key_month = ?3 WHERE id = ?1",
            Table::Run => "UPDATE run SET body = ?2, key_month = ?3 WHERE id = ?1",
            Table::Label => "UPDATE returned SET body = ?2, key_month = ?3 WHERE id = ?1",
            Table::Picture => "UPDATE picture SET body = ?2, key_month = ?3 WHERE id = ?1",
        }
    }
}

/// What a purge removes, by the numbers of rows, and what stays.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Records whose bodies are removed.
    pub(super) records: Vec<i64>,
    /// Findings that are removed.
    pub(super) findings: Vec<i64>,
    /// Runs whose summaries are removed.
    pub(super) runs: Vec<i64>,
    /// Returns whose label's text is removed.
    pub(super) labels: Vec<i64>,
    /// Pictures of which is forgotten what was said.
    pub(super) pictures: Vec<i64>,
    /// Rows that are sealed under the key of the present month.
    pub(super) sealed_again: Vec<(Table, i64)>,
    /// Months whose keys are destroyed.
    pub(super) months: BTreeSet<Month>,
    counts: BTreeMap<&'static str, BTreeMap<String, u64>>,
    stay: BTreeMap<(String, WhyStaying), u64>,
}

/// A row that a purge looks at.
struct Candidate {
    id: i64,
    /// The month of its night.
    month: Month,
    /// The month of its key.
    key: Month,
    /// Why it stays.
    why: i64,
}

impl Candidate {
    fn read(row: &dyn Row) -> Result<Candidate, LedgerError> {
        let (night, key) = (row.need_text(1)?, row.text(2)?);
        Ok(Candidate {
            id: row.need_integer(0)?,
            month: sealing::month_of(night)?,
            key: sealing::key_month(night, key)?,
            why: row.need_integer(3)?,
        })
    }
}

impl Plan {
    /// Looks at each row whose days may be over. Belongs into the transaction that carries the plan out.
    pub(super) fn make(ledger: &Ledger, order: &PurgeOrder) -> Result<Plan, LedgerError> {
        let days = order.retention;
        let names = order.limit(days.names);
        let over = |month: &Month| month.last_day() <= names;
        let mut plan =
            Plan { months: ledger.keys.months()?.into_iter().filter(over).collect(), ..Plan::default() };
        let limit = |days| order.limit(days).to_string();
        let (names, findings, events) = (limit(days.names), limit(days.findings), limit(days.events));
        ledger.db.query(RECORDS, &[Text(&names)], &mut |row| {
            plan.record(&Candidate::read(row)?);
            Ok(())
        })?;
        ledger.db.query(FINDINGS, &[Text(&findings)], &mut |row| {
            plan.row(Table::Finding, &Candidate::read(row)?);
            Ok(())
        })?;
        ledger.db.query(RUNS, &[Text(&names), Text(&events)], &mut |row| {
            plan.row(Table::Run, &Candidate::read(row)?);
            Ok(())
        })?;
        for (table, sql) in [(Table::Label, LABELS), (Table::Picture, PICTURES)] {
            ledger.db.query(sql, &[Text(&names)], &mut |row| {
                plan.row(table, &Candidate::read(row)?);
                Ok(())
            })?;
        }
        for (kind, table, at, ending) in
            [("events", "event", "at", ENDING_EVENTS), ("returns", "returned", "day", ENDING_RETURNS)]
        {
            let sql = format!(
                "SELECT substr({at}, 1, 7), count(*) FROM {table} WHERE {ending} GROUP BY substr({at}, 1, 7)"
            );
            ledger.db.query(&sql, &[Text(&events)], &mut |row| {
                plan.counts.entry(kind).or_default().insert(row.need_text(0)?.to_owned(), row.need_count(1)?);
                Ok(())
            })?;
        }
        Ok(plan)
    }

    fn record(&mut self, record: &Candidate) {
        let reason = match record.why {
            1 => Some(WhyStaying::Held),
            2 => Some(WhyStaying::PieceWaits),
            _ => None,
        };
        if let Some(reason) = reason {
            *self.stay.entry((record.month.to_string(), reason)).or_default() += 1;
        }
        self.row(Table::Record, record);
    }

    /// Removes a row, or seals it again where it stays and the month of its key is over.
    fn row(&mut self, table: Table, row: &Candidate) {
        if row.why != 0 {
            if self.months.contains(&row.key) {
                self.sealed_again.push((table, row.id));
            }
            return;
        }
        let (kind, rows) = match table {
            Table::Record => ("records", &mut self.records),
            Table::Finding => ("findings", &mut self.findings),
            Table::Run => ("run_reports", &mut self.runs),
            Table::Label => ("labels", &mut self.labels),
            Table::Picture => ("pictures", &mut self.pictures),
        };
        rows.push(row.id);
        *self.counts.entry(kind).or_default().entry(row.month.to_string()).or_default() += 1;
    }

    /// Whether events end.
    pub(super) fn has_events(&self) -> bool {
        self.counts.contains_key("events")
    }

    /// Whether returns end.
    pub(super) fn has_returns(&self) -> bool {
        self.counts.contains_key("returns")
    }

    /// Whether anything is deleted or replaced.
    pub(super) fn removes_rows(&self) -> bool {
        !self.counts.is_empty() || !self.sealed_again.is_empty()
    }

    /// The plan in numbers.
    pub(super) fn summary(&self) -> Purged {
        let stay = self.stay.iter();
        Purged {
            rows: self.counts.clone(),
            keys: self.months.iter().map(Month::to_string).collect(),
            sealed_again: self.sealed_again.len() as u64,
            stay: stay
                .map(|((month, reason), records)| Staying {
                    month: month.clone(),
                    reason: *reason,
                    records: *records,
                })
                .collect(),
            forgotten_again: 0,
        }
    }
}
