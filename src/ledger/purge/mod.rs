//! Forgetting: rows that were kept long enough are removed, and with them the keys of months of which nothing is kept.
//!
//! One transaction removes what is due and seals under the present month's key what must stay of a month that is over; then
//! the database clears the places of deleted rows; then the months' keys are destroyed. A purge that is killed anywhere is
//! finished by the next one. Hashes of cards, holders and addresses stay, so that a late return is still known.

mod files;
mod forgotten;
mod holds;
mod plan;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

pub(crate) use files::LotFile;
pub(crate) use holds::Hold;
use plan::{Plan, Table};

use super::database::Value::{Bytes, Integer, Text};
use super::{Ledger, LedgerError, sealing};
use crate::job::Retention;
use crate::vault::Month;

/// A purge that is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PurgeOrder {
    /// The day from which all times are counted.
    pub day: Date,
    /// How long is kept what names people.
    pub retention: Retention,
    /// Whether nothing is to be changed.
    pub dry_run: bool,
}

impl PurgeOrder {
    /// The last day that was `days` ago or earlier.
    pub(crate) fn limit(&self, days: u32) -> Date {
        self.day.saturating_sub(jiff::Span::new().days(i64::from(days)))
    }
}

/// What a purge removes from the ledger, or would remove.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Purged {
    /// Rows by kind (`records`, `findings`, `run_reports`, `labels`, `pictures`, `events`, `returns`) and by the month they are of.
    pub rows: BTreeMap<&'static str, BTreeMap<String, u64>>,
    /// The months whose keys are destroyed.
    pub keys: Vec<String>,
    /// How many rows of these months stay, sealed under the key of the present month.
    pub sealed_again: u64,
    /// Records that stay past their day, by the month of their night.
    pub stay: Vec<Staying>,
    /// Rows of a ledger that was restored, and of persons and months that had been forgotten before.
    pub forgotten_again: u64,
}

/// Records that stay past their day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Staying {
    /// The month of their night.
    pub month: String,
    /// Why they stay.
    pub reason: WhyStaying,
    /// How many.
    pub records: u64,
}

/// Why a record stays past its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum WhyStaying {
    /// A piece of it waits, or is missing, spoiled or recalled and may be printed again.
    PieceWaits,
    /// A person holds it.
    Held,
}

impl Purged {
    /// Whether a record stays past its day for a piece that a person should look at.
    pub(crate) fn needs_a_person(&self) -> bool {
        self.stay.iter().any(|staying| staying.reason == WhyStaying::PieceWaits)
    }
}

impl Ledger {
    /// Removes what was kept long enough, and destroys the keys of months of which nothing is kept.
    ///
    /// # Errors
    /// Those of the database and of the keys. The next purge finishes what a failed one began.
    pub(crate) fn purge(&mut self, order: &PurgeOrder) -> Result<Purged, LedgerError> {
        let again = if order.dry_run { 0 } else { self.apply_forgotten()?.rows };
        let transaction = self.change()?;
        let plan = Plan::make(self, order)?;
        let purged = Purged { forgotten_again: again, ..plan.summary() };
        if order.dry_run {
            return Ok(purged);
        }
        self.carry_out(&plan, order)?;
        transaction.commit()?;
        self.db.clean()?;
        for month in &plan.months {
            self.keys.destroy(*month, order.day)?;
        }
        Ok(purged)
    }

    fn carry_out(&self, plan: &Plan, order: &PurgeOrder) -> Result<(), LedgerError> {
        let present = Month::of(order.day);
        for (table, id) in &plan.sealed_again {
            self.seal_again(*table, *id, present)?;
        }
        let day = order.day.to_string();
        for record in &plan.records {
            let sql = "UPDATE record SET body = NULL, key_month = NULL, purged = ?2 WHERE id = ?1";
            self.db.execute(sql, &[Integer(*record), Text(&day)])?;
        }
        for finding in &plan.findings {
            self.db.execute("DELETE FROM finding WHERE id = ?1", &[Integer(*finding)])?;
        }
        for run in &plan.runs {
            self.db
                .execute("UPDATE run SET body = NULL, key_month = NULL WHERE id = ?1", &[Integer(*run)])?;
        }
        for returned in &plan.labels {
            let sql = "UPDATE returned SET body = NULL, key_month = NULL WHERE id = ?1";
            self.db.execute(sql, &[Integer(*returned)])?;
        }
        for picture in &plan.pictures {
            self.db.execute("DELETE FROM picture_piece WHERE picture = ?1", &[Integer(*picture)])?;
            self.db.execute("DELETE FROM picture WHERE id = ?1", &[Integer(*picture)])?;
        }
        if plan.has_events() {
            self.end_events(order)?;
        }
        if plan.has_returns() {
            self.end_returns(order)?;
        }
        if plan.removes_rows() { self.note_cleaning() } else { Ok(()) }
    }

    fn end_events(&self, order: &PurgeOrder) -> Result<(), LedgerError> {
        let limit = order.limit(order.retention.events).to_string();
        self.db.execute_now("INSERT INTO note (name, value) VALUES ('purging', 1)", &[])?;
        self.db.execute_now(&format!("DELETE FROM event WHERE {}", plan::ENDING_EVENTS), &[Text(&limit)])?;
        self.db.execute_now("DELETE FROM note WHERE name = 'purging'", &[]).map(drop)
    }

    /// Leaves of returns what a late second return is known by: day and reason.
    fn end_returns(&self, order: &PurgeOrder) -> Result<(), LedgerError> {
        let limit = order.limit(order.retention.events).to_string();
        let sql = format!(
            "UPDATE returned SET batch = '', by_whom = '', witness = NULL, address = NULL, box = NULL WHERE {}",
            plan::ENDING_RETURNS
        );
        self.db.execute_now(&sql, &[Text(&limit)])?;
        self.db.execute_now("DELETE FROM return_release WHERE day <= ?1", &[Text(&limit)]).map(drop)
    }

    /// Notes that deleted rows may still lie in free pages.
    pub(super) fn note_cleaning(&self) -> Result<(), LedgerError> {
        let sql = "INSERT INTO note (name, value) VALUES ('cleaning', 1) ON CONFLICT (name) DO NOTHING";
        self.db.execute_now(sql, &[]).map(drop)
    }

    /// Seals a row that stays under the key of another month.
    fn seal_again(&self, table: Table, id: i64, month: Month) -> Result<(), LedgerError> {
        let sealed = self.one(table.body(), &[Integer(id)], |row| {
            let key = sealing::key_month(row.need_text(1)?, row.text(2)?)?;
            let mut clear = zeroize::Zeroizing::new(Vec::new());
            let sealed = row.bytes(0)?.unwrap_or_default();
            self.keys.unseal(key, id.unsigned_abs(), table.name(), sealed, &mut clear)?;
            sealing::seal(&self.keys, month, table.name(), id, &clear)
        })?;
        let Some(sealed) = sealed else { return Ok(()) };
        let month = month.to_string();
        self.db.execute(table.set_body(), &[Integer(id), Bytes(&sealed), Text(&month)])
    }
}
