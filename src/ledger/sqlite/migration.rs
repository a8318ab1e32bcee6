//! Brings a ledger of an earlier version up to date, each step all at once or not at all.

use rusqlite::{Connection, Params, params};

use super::{SCHEMA, Sqlite};
use crate::ledger::history::{ReleaseMark, head};
use crate::ledger::sealing::{self, RecordKey};
use crate::ledger::word::ALL_TOLD;
use crate::ledger::{Finding, LedgerError, LedgerKeys};
use mail::issuance::Issuance;

/// The table of pieces of version 2.
const PIECES_OF_2: &str = include_str!("before/piece_of_version_2.sql");
/// What version 3 added.
const HISTORY_OF_3: &str = include_str!("before/version_3.sql");

/// What version 5 added.
const TABLES_OF_5: &str = include_str!("after_the_press.sql");
/// What version 6 added.
const TABLES_OF_6: &str = include_str!("returns.sql");

/// Gives the tables of version 3 other names and creates those of version 6.
const ASIDE: &str = "
    DROP INDEX record_card; DROP INDEX duty_waiting; DROP INDEX duty_record; DROP INDEX piece_duty;
    ALTER TABLE intake_file RENAME TO intake_file_3; ALTER TABLE record RENAME TO record_3;
    ALTER TABLE duty RENAME TO duty_3; ALTER TABLE dead_card RENAME TO dead_card_3;
    ALTER TABLE reissue_release RENAME TO reissue_release_3; ALTER TABLE lot RENAME TO lot_3;
    ALTER TABLE print_file RENAME TO print_file_3; ALTER TABLE piece RENAME TO piece_3;
    ALTER TABLE run RENAME TO run_3; ALTER TABLE finding RENAME TO finding_3;
    ALTER TABLE release RENAME TO release_3;";

/// Copies what needs no key. The number of a print file is its place in its lot.
const COPY: &str = "
    INSERT INTO intake_file SELECT sha256, name, night, rows FROM intake_file_3;
    INSERT INTO duty SELECT id, record, kind, due, state FROM duty_3;
    INSERT INTO lot SELECT rowid, lot, kind, night, CASE state WHEN 'releasing' THEN 'composed' ELSE state END, pieces,
        template, (SELECT min(tracking) FROM piece_3 WHERE piece_3.lot = lot_3.lot AND piece_3.kind = lot_3.kind)
        FROM lot_3;
    INSERT INTO print_file SELECT lot.id, row_number() OVER (PARTITION BY lot.id ORDER BY print_file_3.rowid) - 1, path,
        sha256, NULL FROM print_file_3 JOIN lot ON lot.name = print_file_3.lot AND lot.kind = print_file_3.kind;
    INSERT INTO piece SELECT lot.id, sequence, duty, 0, print_file.number, first_page, piece_3.pages, NULL
        FROM piece_3 JOIN lot ON lot.name = piece_3.lot AND lot.kind = piece_3.kind
        JOIN print_file ON print_file.lot = lot.id AND print_file.path = piece_3.file;
    INSERT INTO event (at, lot, sequence, state, cause, run, by_whom)
        SELECT night, id, NULL, state, 'released by an earlier version', NULL, '' FROM lot ORDER BY id;
    INSERT INTO note (name, value) VALUES ('events', (SELECT count(*) FROM event));
    INSERT INTO note (name, value) VALUES ('cleaning', 1);
    INSERT INTO release SELECT number, ledger, night, head FROM release_3;";

const DROP: &str = "
    DROP TABLE finding_3; DROP TABLE piece_3; DROP TABLE print_file_3; DROP TABLE lot_3; DROP TABLE duty_3;
    DROP TABLE record_3; DROP TABLE run_3; DROP TABLE dead_card_3; DROP TABLE reissue_release_3;
    DROP TABLE intake_file_3; DROP TABLE release_3; PRAGMA user_version = 6;";

impl Sqlite {
    /// Migrates a ledger of an earlier version.
    ///
    /// # Errors
    /// [`LedgerError::Database`], [`LedgerError::Damaged`]; errors of the keys.
    pub(super) fn migrate(&self, keys: &LedgerKeys) -> Result<(), LedgerError> {
        loop {
            let transaction = self.check(self.db.unchecked_transaction())?;
            match self.user_version()? {
                1 => self.check(transaction.execute_batch(&format!(
                    "ALTER TABLE piece RENAME TO piece_1; DROP INDEX piece_id; DROP INDEX piece_duty; {PIECES_OF_2}
                     INSERT INTO piece SELECT * FROM piece_1; DROP TABLE piece_1; PRAGMA user_version = 2;"
                )))?,
                2 => {
                    self.check(transaction.execute_batch(HISTORY_OF_3))?;
                    self.check(runs_become_history(&transaction))?;
                    self.check(transaction.execute_batch("PRAGMA user_version = 3"))?;
                }
                3 => {
                    self.check(transaction.execute_batch(&format!("PRAGMA defer_foreign_keys = ON; {ASIDE}")))?;
                    self.check(transaction.execute_batch(SCHEMA))?;
                    self.seal_records(keys)?;
                    self.check(transaction.execute_batch(COPY))?;
                    self.seal_runs(keys)?;
                    self.hash_cards(keys)?;
                    self.check(transaction.execute_batch(DROP))?;
                    self.check(transaction.execute_batch(ALL_TOLD))?;
                }
                4 => self.check(
                    transaction.execute_batch(&format!("{TABLES_OF_5} {ALL_TOLD} PRAGMA user_version = 5;")),
                )?,
                5 => self.check(transaction.execute_batch(&format!("{TABLES_OF_6} PRAGMA user_version = 6;")))?,
                _ => return Ok(()),
            }
            self.check(transaction.commit())?;
        }
    }

    fn insert(&self, sql: &str, values: impl Params) -> Result<(), LedgerError> {
        self.check(self.db.prepare_cached(sql).and_then(|mut statement| statement.execute(values)).map(drop))
    }

    fn seal_records(&self, keys: &LedgerKeys) -> Result<(), LedgerError> {
        let sql = "SELECT id, card_number, reason, night, source_file, line, body FROM record_3 ORDER BY id";
        let mut statement = self.check(self.db.prepare(sql))?;
        let mut rows = self.check(statement.query([]))?;
        while let Some(row) = self.check(rows.next())? {
            let id: i64 = self.check(row.get(0))?;
            let night: String = self.check(row.get(3))?;
            let body: String = self.check(row.get(6))?;
            let issuance: Issuance = serde_json::from_str(&body).map_err(|error| LedgerError::Damaged {
                place: self.place.clone(),
                table: "record",
                number: id,
                reason: error.to_string(),
            })?;
            let key = RecordKey::of(&issuance, keys);
            let sealed = sealing::seal(keys, sealing::month_of(&night)?, "record", id, body.as_bytes())?;
            self.insert(
                "INSERT INTO record VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL, ?9, NULL)",
                params![
                    id,
                    key.card(),
                    key.marks(),
                    self.check(row.get::<_, String>(2))?,
                    night,
                    key.requested(),
                    self.check(row.get::<_, String>(4))?,
                    self.check(row.get::<_, i64>(5))?,
                    sealed
                ],
            )?;
        }
        Ok(())
    }

    fn seal_runs(&self, keys: &LedgerKeys) -> Result<(), LedgerError> {
        let mut statement = self.check(self.db.prepare("SELECT id, night, state, body FROM run_3"))?;
        let mut rows = self.check(statement.query([]))?;
        while let Some(row) = self.check(rows.next())? {
            let (id, night): (i64, String) = (self.check(row.get(0))?, self.check(row.get(1))?);
            let (state, body): (String, String) = (self.check(row.get(2))?, self.check(row.get(3))?);
            let sealed = sealing::seal(keys, sealing::month_of(&night)?, "run", id, body.as_bytes())?;
            let sql = "INSERT INTO run VALUES (?1, ?2, ?3, ?4, ?5, NULL)";
            self.insert(sql, params![id, night, state, sealing::recipients_of(&body), sealed])?;
        }
        let sql = "SELECT finding_3.rowid, run, finding_3.kind, night, source_file, line, card_number, field, code, message
                   FROM finding_3 JOIN run ON run.id = run ORDER BY finding_3.rowid";
        let mut statement = self.check(self.db.prepare(sql))?;
        let mut rows = self.check(statement.query([]))?;
        while let Some(row) = self.check(rows.next())? {
            let (id, run): (i64, i64) = (self.check(row.get(0))?, self.check(row.get(1))?);
            let (kind, night): (String, String) = (self.check(row.get(2))?, self.check(row.get(3))?);
            let finding = self.check(finding(row))?;
            let sealed = sealing::seal_finding(keys, sealing::month_of(&night)?, id, &finding)?;
            let card = sealing::card_of_finding(keys, &finding);
            let sql = "INSERT INTO finding VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL)";
            self.insert(sql, params![id, run, kind, night, finding.code, card, sealed])?;
        }
        Ok(())
    }

    fn hash_cards(&self, keys: &LedgerKeys) -> Result<(), LedgerError> {
        let sql = "SELECT card_number, night, replaced_by FROM dead_card_3";
        let mut statement = self.check(self.db.prepare(sql))?;
        let mut rows = self.check(statement.query([]))?;
        while let Some(row) = self.check(rows.next())? {
            let (card, night): (String, String) = (self.check(row.get(0))?, self.check(row.get(1))?);
            let by: Option<String> = self.check(row.get(2))?;
            let by = by.map(|by| sealing::card(keys, &by));
            let sql = "INSERT INTO dead_card VALUES (?1, ?2, ?3)";
            self.insert(sql, params![sealing::card(keys, &card), night, by])?;
        }
        let sql = "SELECT card_number, night, reason FROM reissue_release_3";
        let mut statement = self.check(self.db.prepare(sql))?;
        let mut rows = self.check(statement.query([]))?;
        while let Some(row) = self.check(rows.next())? {
            let (card, night): (String, String) = (self.check(row.get(0))?, self.check(row.get(1))?);
            let reason: String = self.check(row.get(2))?;
            let sql = "INSERT INTO reissue_release VALUES (?1, ?2, ?3)";
            let reason = sealing::reason(keys, &reason);
            self.insert(sql, params![sealing::card(keys, &card), night, reason])?;
        }
        Ok(())
    }
}

fn finding(row: &rusqlite::Row) -> rusqlite::Result<Finding> {
    Ok(Finding {
        source_file: row.get(4)?,
        line: row.get::<_, i64>(5)?.unsigned_abs(),
        card_number: row.get(6)?,
        field: row.get(7)?,
        code: row.get(8)?,
        message: row.get(9)?,
        english: String::new(),
        client_ref: String::new(),
    })
}

/// Gives the runs of a ledger of version 2 their place in the history.
fn runs_become_history(db: &Connection) -> rusqlite::Result<()> {
    let mut statement = db.prepare("SELECT night, body FROM run ORDER BY id")?;
    let runs = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut last: Option<(ReleaseMark, String)> = None;
    for run in runs {
        let (night, body): (String, String) = run?;
        let (mark, before) = match &last {
            Some((mark, head)) => (mark.next(), head.as_str()),
            None => (ReleaseMark::first(&night, std::iter::once(body.as_str())), ""),
        };
        let head = head(before, &night, &body);
        let sql = "INSERT INTO release (number, ledger, night, head) VALUES (?1, ?2, ?3, ?4)";
        db.execute(sql, params![mark.release as i64, mark.id, night, head])?;
        last = Some((mark, head));
    }
    Ok(())
}
