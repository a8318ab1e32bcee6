//! Whether a ledger is sound: its pages, its counts, its states, its history, and its keys.

use serde::Serialize;

use super::super::database::Value::Text;
use super::super::{Ledger, LedgerError, history, sealing};
use super::SEALED_MONTHS;
use super::replay::{LISTED, Replay};
use crate::failure::{agreeing, counted, in_one_line};
use crate::vault::LedgerKeysError;
use mail::lot::LotName;
use mail::piece::PieceKind;
use zeroize::Zeroizing;

/// What is wrong with a ledger, or with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Fault {
    /// What was looked at: `integrity`, `counts`, `states`, `history`, `keys`, `stamps`, `files`, `manifests`.
    pub part: &'static str,
    /// Whether the ledger itself is damaged. Otherwise a person should see to it.
    pub damaged: bool,
    /// The fault.
    pub message: String,
}

impl Fault {
    /// A fault of the ledger itself.
    fn damage(part: &'static str, message: String) -> Fault {
        Fault { part, damaged: true, message }
    }

    /// A fault that a person should see to.
    pub(crate) fn to_see(part: &'static str, message: String) -> Fault {
        Fault { part, damaged: false, message }
    }
}

/// How many rows the larger tables have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Counts {
    /// Records.
    pub records: u64,
    /// Duties.
    pub duties: u64,
    /// Lots.
    pub lots: u64,
    /// Pieces.
    pub pieces: u64,
    /// Events.
    pub events: u64,
    /// Rejects and warnings.
    pub findings: u64,
    /// Releases.
    pub releases: u64,
    /// Returns.
    pub returns: u64,
}

/// Rows that contradict each other: a query that counts them, and what they are.
const CONTRADICTIONS: [(&str, &str); 7] = [
    (
        "SELECT count(*) FROM duty WHERE state = 'released'
         AND NOT EXISTS (SELECT 1 FROM piece WHERE piece.duty = duty.id)",
        "duties are released and have no piece",
    ),
    (
        "SELECT count(*) FROM piece JOIN duty ON duty.id = piece.duty WHERE duty.state <> 'released'",
        "pieces are of duties that are not released",
    ),
    (
        "SELECT count(*) FROM piece LEFT JOIN print_file ON print_file.lot = piece.lot AND number = file
         WHERE number IS NULL",
        "pieces are in files that their lot does not have",
    ),
    (
        "SELECT count(*) FROM piece JOIN lot ON lot.id = piece.lot JOIN duty ON duty.id = piece.duty
         WHERE lot.kind <> duty.kind",
        "pieces are in lots of the other kind",
    ),
    (
        "SELECT count(*) FROM duty WHERE state = 'waiting' AND record IN
         (SELECT id FROM record WHERE body IS NULL)",
        "duties wait, and the names of their records are forgotten",
    ),
    (
        "SELECT count(*) FROM returned LEFT JOIN piece ON piece.lot = returned.lot AND piece.sequence = returned.sequence
         WHERE undone IS NULL AND coalesce(piece.state, 'released') NOT IN
         ('returned', 'destroyed', 'card_lost', 'card_spoiled', 'codes_compromised')",
        "returns stand, and their pieces have not come back",
    ),
    (
        "SELECT count(*) FROM (SELECT lot, sequence FROM returned WHERE undone IS NULL
         GROUP BY lot, sequence HAVING count(*) > 1) AS twice",
        "pieces came back twice",
    ),
];

impl Ledger {
    /// How many rows the larger tables have.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn counts(&self) -> Result<Counts, LedgerError> {
        let count = |table: &str| self.count(&format!("SELECT count(*) FROM {table}"), &[]);
        Ok(Counts {
            records: count("record")?,
            duties: count("duty")?,
            lots: count("lot")?,
            pieces: count("piece")?,
            events: count("event")?,
            findings: count("finding")?,
            releases: count("release")?,
            returns: count("returned")?,
        })
    }

    /// The faults of the ledger by itself, at one moment.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn faults(&self) -> Result<Vec<Fault>, LedgerError> {
        let mut faults = of("integrity", self.integrity()?);
        faults.extend(of("counts", self.count_faults()?));
        faults.extend(of("states", Replay::of(self)?.compare(self)?));
        faults.extend(of("history", self.history_faults()?));
        faults.extend(self.key_faults()?);
        Ok(faults)
    }

    fn count_faults(&self) -> Result<Vec<String>, LedgerError> {
        let mut faults = Vec::new();
        let sql = "SELECT name, kind, pieces, counted, first, last FROM lot LEFT JOIN
                   (SELECT lot AS of_lot, count(*) AS counted, min(sequence) AS first, max(sequence) AS last
                    FROM piece GROUP BY lot) AS numbered ON of_lot = lot.id ORDER BY lot.id";
        self.db.query(sql, &[], &mut |row| {
            let (name, kind, pieces) = (row.need_text(0)?, row.need_text(1)?, row.need_integer(2)?);
            let entered = row.integer(3)?.unwrap_or_default();
            let ends = (row.integer(4)?, row.integer(5)?);
            if entered != pieces && faults.len() < LISTED {
                faults.push(format!(
                    "the {kind} lot {name} has {}, and {entered} {} entered",
                    counted(pieces, "piece"),
                    agreeing(entered, "is", "are")
                ));
            } else if entered > 0 && ends != (Some(1), Some(entered)) && faults.len() < LISTED {
                faults.push(format!(
                    "the pieces of the {kind} lot {name} are not numbered from 1 without a gap"
                ));
            }
            Ok(())
        })?;
        for (sql, what) in CONTRADICTIONS {
            let count = self.count(sql, &[])?;
            if count > 0 {
                faults.push(format!("{count} {what}"));
            }
        }
        Ok(faults)
    }

    /// Numbers, identity and heads of the releases, against the runs whose summaries can be read.
    fn history_faults(&self) -> Result<Vec<String>, LedgerError> {
        let releases =
            self.list("SELECT number, ledger, night, head FROM release ORDER BY number", &[], |row| {
                let text = |column| row.need_text(column).map(str::to_owned);
                Ok((row.need_integer(0)?, text(1)?, text(2)?, text(3)?))
            })?;
        let runs = self.list("SELECT id, night FROM run ORDER BY id", &[], |row| {
            Ok((row.need_integer(0)?, row.need_text(1)?.to_owned()))
        })?;
        let mut faults = Vec::new();
        if releases.len() != runs.len() {
            faults.push(format!(
                "{}, and {}",
                counted(releases.len(), "release"),
                counted(runs.len(), "run")
            ));
        }
        let mut before = String::new();
        for (expected, ((number, id, night, head), (run, night_of_run))) in
            (1..).zip(releases.iter().zip(&runs))
        {
            let summary = self.summary_of(*run)?;
            let follows = summary.is_none_or(|body| history::head(&before, night, &body) == *head);
            if *number != expected || *id != releases[0].1 || night != night_of_run || !follows {
                faults.push(format!("release {number} does not follow from the one before and its run"));
            }
            before.clone_from(head);
        }
        faults.truncate(LISTED);
        Ok(faults)
    }

    /// The summary of a run; `None` where it is purged or can't be opened, which is a fault of the keys.
    fn summary_of(&self, run: i64) -> Result<Option<String>, LedgerError> {
        let sql = format!("{RUN_BODY} WHERE id = {run} AND body IS NOT NULL");
        let body = self.one(&sql, &[], |row| {
            let month = sealing::month_of(row.need_text(2)?)?;
            let mut body = Vec::new();
            let sealed = row.bytes(1)?.unwrap_or_default();
            match self.keys.unseal(month, run.unsigned_abs(), "run", sealed, &mut body) {
                Ok(()) => Ok(String::from_utf8(body).ok()),
                Err(_) => Ok(None),
            }
        })?;
        Ok(body.flatten())
    }

    /// Each month of sealed rows has its key, with which all of its rows open; each key is this ledger's.
    fn key_faults(&self) -> Result<Vec<Fault>, LedgerError> {
        if let Some(error) = &self.without_keys {
            return Ok(vec![Fault::to_see("keys", message(error))]);
        }
        let mut faults = Vec::new();
        for (table, months) in SEALED_MONTHS {
            for month in self.list(months, &[], |row| Ok(row.need_text(0)?.to_owned()))? {
                faults.extend(self.month_fault(table, &month)?);
            }
        }
        for month in self.keys.months()? {
            faults
                .extend(self.keys.require([month]).err().map(|error| Fault::to_see("keys", message(&error))));
        }
        faults.sort_by(|one, other| one.message.cmp(&other.message));
        faults.dedup();
        Ok(faults)
    }

    /// Opens the rows of a month. Where none opens the key is at fault, otherwise the rows are.
    fn month_fault(&self, table: &'static str, month: &str) -> Result<Option<Fault>, LedgerError> {
        let day = if matches!(table, "returned" | "picture") { "day" } else { "night" };
        let sql = format!(
            "SELECT id, body FROM {table} WHERE body IS NOT NULL AND coalesce(key_month, substr({day}, 1, 7)) = ?1
             ORDER BY id"
        );
        let key = sealing::month_of(month)?;
        let (mut rows, mut altered, mut first, mut clear) = (0_u64, 0_u64, None, Zeroizing::new(Vec::new()));
        self.db.query(&sql, &[Text(month)], &mut |row| {
            rows += 1;
            if matches!(&first, Some(error) if !matches!(error, LedgerKeysError::Altered { .. })) {
                return Ok(());
            }
            let sealed = row.bytes(1)?.unwrap_or_default();
            if let Err(error) = self.keys.unseal(key, row.need_count(0)?, table, sealed, &mut clear) {
                altered += 1;
                first.get_or_insert(error);
            }
            Ok(())
        })?;
        Ok(first.map(|error| match error {
            LedgerKeysError::Altered { .. } if altered < rows => Fault::damage(
                "integrity",
                format!("{altered} of {rows} rows can't be opened: {}", message(&error)),
            ),
            error => Fault::to_see("keys", message(&error)),
        }))
    }
}

/// A fault of the keys with what to do about it.
fn message(error: &LedgerKeysError) -> String {
    use crate::failure::Explained as _;
    in_one_line(error, error.advice())
}

/// Number, sealed body and month of a run.
const RUN_BODY: &str = "SELECT id, body, coalesce(key_month, substr(night, 1, 7)) FROM run";

fn of(part: &'static str, faults: Vec<String>) -> Vec<Fault> {
    faults.into_iter().map(|fault| Fault::damage(part, fault)).collect()
}

impl Ledger {
    /// The files of a lot with their SHA-256, relative to the night's folder, except those that a purge removed. None of a lot
    /// whose release is not complete.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn files_in_place(
        &self,
        lot: &LotName,
        kind: PieceKind,
    ) -> Result<Vec<(String, String)>, LedgerError> {
        let sql = "SELECT path, sha256 FROM print_file JOIN lot ON lot.id = print_file.lot
                   WHERE lot.name = ?1 AND lot.kind = ?2 AND lot.state <> 'composed' AND purged IS NULL
                   ORDER BY number";
        self.list(sql, &[Text(lot.as_str()), Text(kind.code())], |row| {
            Ok((row.need_text(0)?.to_owned(), row.need_text(1)?.to_owned()))
        })
    }

    /// Calls `visit` with the sequence of each piece of a lot; its reference, the name of its file, its first page and its pages as
    /// a manifest has them; and whether its record was forgotten, so that its row may be cut out of the manifest.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn pieces_of_lot(
        &self,
        lot: &LotName,
        kind: PieceKind,
        mut visit: impl FnMut(i64, [String; 4], bool),
    ) -> Result<(), LedgerError> {
        let sql = "SELECT piece.sequence, path, piece.first_page, piece.pages, record.purged, piece.attempt,
                   origin.name, first.sequence FROM piece
                   JOIN lot ON lot.id = piece.lot JOIN duty ON duty.id = piece.duty
                   JOIN record ON record.id = duty.record
                   LEFT JOIN piece first ON first.duty = piece.duty AND first.attempt = 0
                   LEFT JOIN lot origin ON origin.id = first.lot
                   LEFT JOIN print_file ON print_file.lot = piece.lot AND number = piece.file
                   WHERE lot.name = ?1 AND lot.kind = ?2 ORDER BY piece.sequence";
        self.db.query(sql, &[Text(lot.as_str()), Text(kind.code())], &mut |row| {
            let sequence = row.need_integer(0)?;
            let path = row.text(1)?.unwrap_or_default();
            let file = path.rsplit('/').next().unwrap_or(path).to_owned();
            let number = |number: i64| u32::try_from(number).unwrap_or_default();
            let origin = row.text(6)?.and_then(LotName::parse).zip(row.integer(7)?);
            let (origin, first) = origin.unwrap_or_else(|| (lot.clone(), sequence));
            let id = origin.attempt_id(kind, number(first), number(row.need_integer(5)?));
            let pages = [row.need_integer(2)?, row.need_integer(3)?].map(|number| number.to_string());
            let [first_page, pages] = pages;
            visit(sequence, [id, file, first_page, pages], row.text(4)?.is_some());
            Ok(())
        })
    }
}
