//! The export of a ledger: JSON Lines, the same of either database.
//!
//! The first line names the ledger and counts the rows of each table; each row is a line, with bytes in base64; the last line
//! is a SHA-256 over all lines before it. What is sealed stays sealed.

use std::collections::BTreeMap;
use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use super::super::database::{Row, Value};
use super::super::error::VERSION;
use super::super::tables::{TABLES, Table};
use super::super::{Ledger, LedgerError};
use crate::files::hexadecimal;

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    /// The version of the tables.
    pub pli_ledger: i64,
    /// The ledger's identity; empty before its first release.
    pub id: String,
    /// Its last release.
    pub release: u64,
    /// How many rows each table has.
    pub rows: BTreeMap<String, u64>,
}

/// The line of a row.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    /// The table.
    pub t: String,
    /// The columns.
    pub r: Map<String, Json>,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sum {
    /// SHA-256 over all lines before, in hexadecimal.
    pub sha256: String,
}

impl Ledger {
    /// Writes all rows of one moment as JSON Lines. Returns how many there are.
    ///
    /// # Errors
    /// Those of the database and of `out`.
    pub(crate) fn export(&self, out: &mut dyn Write) -> Result<u64, LedgerError> {
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
        let mut lines = Lines { out, digest: Sha256::new(), line: Vec::new() };
        lines.write(&Header { pli_ledger: VERSION, id: reach.id, release: reach.release, rows })?;
        for table in TABLES.iter() {
            self.db.query(&table.select, &[], &mut |row| lines.write(&line(table, row)?))?;
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
    line: Vec<u8>,
}

impl Lines<'_> {
    fn write(&mut self, value: &impl Serialize) -> Result<(), LedgerError> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, value).map_err(std::io::Error::from)?;
        self.line.push(b'\n');
        self.digest.update(&self.line);
        Ok(self.out.write_all(&self.line)?)
    }
}
