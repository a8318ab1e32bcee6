//! The export of a ledger: JSON Lines, the same of either database.
//!
//! The first line names the ledger and counts the rows of each table; each row is a line, with bytes in base64; the last line
//! is a SHA-256 over all lines before it. What is sealed stays sealed, and mailers lead to no record without the ledger's keys
//! unless that is asked for.

use std::collections::BTreeMap;
use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use foreign::legible_json;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use super::super::database::{Row, Value};
use super::super::error::VERSION;
use super::super::tables::{TABLES, Table};
use super::super::{Ledger, LedgerError};
use super::opaque::{MailerLinks, OpaqueRows, Turn};
use crate::files::hexadecimal;
use mail::piece::PieceKind;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Header {
    /// The version of the tables.
    pub pli_ledger: i64,
    /// The ledger's identity; empty before its first release.
    pub id: String,
    /// Its last release.
    pub release: u64,
    /// How mailers are tied to their records.
    #[serde(default, skip_serializing_if = "MailerLinks::are_personal")]
    pub mailers: MailerLinks,
    /// How many rows each table has.
    pub rows: BTreeMap<String, u64>,
}

/// The line of a row.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    /// The table.
    pub t: String,
    /// The columns.
    pub r: Map<String, Json>,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Sum {
    /// SHA-256 over all lines before, in hexadecimal.
    pub sha256: String,
}

impl Ledger {
    /// Writes all rows of one moment as JSON Lines. Returns how many there are. Opaque links need the ledger's keys.
    ///
    /// # Errors
    /// Those of the database and of `out`.
    pub(crate) fn export(&self, mailers: MailerLinks, out: &mut dyn Write) -> Result<u64, LedgerError> {
        let _snapshot = self.snapshot()?;
        let reach = self.reach()?;
        let mut rows = BTreeMap::new();
        for table in TABLES.iter() {
            rows.insert(
                table.name.to_owned(),
                self.count(&format!("SELECT count(*) FROM {}", table.source), &[])?,
            );
        }
        let total = rows.values().sum();
        let opaque = (mailers == MailerLinks::Opaque).then(|| OpaqueRows::new(self.keys.opaque_ids()));
        let mut lines = Lines { out, digest: Sha256::new(), opaque, behind: Vec::new() };
        lines.write(&Header { pli_ledger: VERSION, id: reach.id, release: reach.release, mailers, rows })?;
        for table in TABLES.iter() {
            self.db.query(&table.select, &[], &mut |row| lines.row(line(table, row)?))?;
            lines.write_behind()?;
        }
        let sha256 = hexadecimal(lines.digest.clone().finalize());
        lines.write(&Sum { sha256 })?;
        Ok(total)
    }
}

fn line(table: &Table, row: &dyn Row) -> Result<Line, LedgerError> {
    let columns = table.columns.iter().zip(table.values(row)?).map(|((name, _), value)| {
        let json = match value {
            Value::Null => Json::Null,
            Value::Integer(number) => number.into(),
            Value::Text(text) => text.into(),
            Value::Bytes(bytes) => STANDARD.encode(bytes).into(),
        };
        ((*name).to_owned(), json)
    });
    Ok(Line { t: table.name.to_owned(), r: columns.collect() })
}

struct Lines<'o> {
    out: &'o mut dyn Write,
    digest: Sha256,
    /// What hides the records of mailers.
    opaque: Option<OpaqueRows>,
    /// The rows of mailers' duties, by their opaque numbers: next to the letter's duty each would be known.
    behind: Vec<(i64, Line)>,
}

impl Lines<'_> {
    /// Writes a row, or keeps it for [`Lines::write_behind`].
    fn row(&mut self, mut line: Line) -> Result<(), LedgerError> {
        let Some(opaque) = &mut self.opaque else { return self.write(&line) };
        opaque.turn(Turn::Hide, &line.t, &mut line.r);
        let is_mailer = line.r.get("kind").and_then(Json::as_str) == Some(PieceKind::Mailer.code());
        match line.r.get("id").and_then(Json::as_i64).filter(|_| is_mailer && line.t == "duty") {
            Some(number) => self.behind.push((number, line)),
            None => self.write(&line)?,
        }
        Ok(())
    }

    /// Writes the rows that were kept, in the order of their opaque numbers.
    fn write_behind(&mut self) -> Result<(), LedgerError> {
        let mut behind = std::mem::take(&mut self.behind);
        behind.sort_unstable_by_key(|(number, _)| *number);
        behind.iter().try_for_each(|(_, line)| self.write(line))
    }

    fn write(&mut self, value: &impl Serialize) -> Result<(), LedgerError> {
        // It may be shown on a terminal, and names of files are others'.
        let json = serde_json::to_string(value).map_err(std::io::Error::from)?;
        let line = format!("{}\n", legible_json(&json));
        self.digest.update(&line);
        Ok(self.out.write_all(line.as_bytes())?)
    }
}
