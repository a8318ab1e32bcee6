//! The import of an export. Any line that is not as an export writes it is refused by its number.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use super::super::database::{Database, Value};
use super::super::error::{SEALED_SINCE, VERSION};
use super::super::tables::{Kind, MOST_COLUMNS, TABLES, Table};
use super::super::{Ledger, LedgerError};
use super::export::{Header, Line, Sum};
use super::opaque::{MailerLinks, OpaqueRows, Turn};
use crate::files::hexadecimal;
use crate::vault::{LedgerKeys, LedgerKeysError};
use foreign::legible;

/// The longest line that is read, in bytes: the summary of a run of very many files.
const MAX_LINE: u64 = 96 << 20;
/// The longest first and last line that is read, in bytes.
const MAX_FRAME: usize = 16 << 10;

/// An export that is being read.
pub(crate) struct Import {
    file: String,
    reader: BufReader<File>,
    line: u64,
    digest: Sha256,
    header: Header,
    /// The keys that show the records of mailers, and what they turn.
    opaque: Option<(LedgerKeys, OpaqueRows)>,
}

/// The value of a column, as a line has it.
enum Cell {
    Null,
    Integer(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Import {
    /// Reads the first line of an export that is open; messages call it `file`. Where it ties mailers to their records by
    /// opaque numbers, the keys in the folder `keys` turn them back.
    ///
    /// # Errors
    /// [`LedgerError::Io`]; [`LedgerError::Line`]: it is no export of this version; [`LedgerError::Keys`]: there are no keys.
    pub(crate) fn begin(file: &Path, opened: File, keys: &Path) -> Result<Import, LedgerError> {
        let mut import = Import {
            file: file.display().to_string(),
            reader: BufReader::with_capacity(1 << 18, opened),
            line: 0,
            digest: Sha256::new(),
            header: Header {
                pli_ledger: 0,
                id: String::new(),
                release: 0,
                mailers: MailerLinks::Personal,
                rows: BTreeMap::new(),
            },
            opaque: None,
        };
        let mut text = Vec::new();
        import.next(&mut text)?;
        let header = (text.len() <= MAX_FRAME).then(|| serde_json::from_slice(&text).ok()).flatten();
        import.header = header.ok_or_else(|| import.fault("this is no export of a ledger"))?;
        if !(SEALED_SINCE..=VERSION).contains(&import.header.pli_ledger) {
            let found = import.header.pli_ledger;
            let reason = format!("an export of version {found}, and this program reads version {VERSION}");
            return Err(import.fault(&reason));
        }
        if import.header.mailers == MailerLinks::Opaque {
            let keys = LedgerKeys::open(keys)?.ok_or_else(|| LedgerKeysError::missing(keys))?;
            let rows = OpaqueRows::new(keys.opaque_ids());
            import.opaque = Some((keys, rows));
        }
        Ok(import)
    }

    /// Inserts all rows into a database whose transaction is open, and holds them against the first and the last line.
    ///
    /// # Errors
    /// [`LedgerError::Line`]; those of the database.
    pub(crate) fn insert(&mut self, into: &dyn Database) -> Result<(), LedgerError> {
        let (mut text, mut table) = (Vec::new(), 0);
        let mut rows: BTreeMap<String, u64> = TABLES.iter().map(|table| (table.name.to_owned(), 0)).collect();
        loop {
            let before = self.digest.clone();
            if !self.next(&mut text)? {
                return Err(self.fault("the export ends here, before its last line"));
            }
            if text.len() <= MAX_FRAME && text.starts_with(b"{\"sha256\"") {
                // Waits for the faults of rows that are still on their way.
                let sql = "UPDATE note SET value = value WHERE name = ''";
                self.taken(into.execute_now(sql, &[]).map(drop))?;
                return self.end(&text, before, &rows);
            }
            let Ok(Line { t, r }) = serde_json::from_slice(&text) else {
                return Err(self.fault("this line is no row of a table"));
            };
            // Rows come in the order of the tables, since they refer to earlier ones.
            while TABLES.get(table).is_some_and(|table| table.name != t) {
                table += 1;
            }
            let Some(found) = TABLES.get(table) else {
                return Err(self.fault(&format!("no rows of a table `{}` belong here", legible(&t))));
            };
            self.insert_row(into, found, r)?;
            rows.entry(t).and_modify(|count| *count += 1);
        }
    }

    /// Checks the last line.
    fn end(&mut self, text: &[u8], before: Sha256, rows: &BTreeMap<String, u64>) -> Result<(), LedgerError> {
        let sum: Option<Sum> = serde_json::from_slice(text).ok();
        let found = hexadecimal(before.finalize());
        if sum.is_none_or(|sum| sum.sha256 != found) {
            return Err(self.fault("the export was changed: its last line has another SHA-256"));
        }
        let counts = |(table, count): (&String, &u64)| {
            // An export of an earlier version has fewer tables.
            (self.header.rows.get(table).unwrap_or(&0) != count).then(|| table.clone())
        };
        if let Some(table) = rows.iter().find_map(counts) {
            return Err(self.fault(&format!("the first line counts other rows of `{table}`")));
        }
        if self.next(&mut Vec::new())? {
            return Err(self.fault("a line after the last one"));
        }
        Ok(())
    }

    /// Checks that the ledger is the one that the first line names.
    ///
    /// # Errors
    /// [`LedgerError::Line`]; those of the database.
    pub(crate) fn approve(&self, ledger: &Ledger) -> Result<(), LedgerError> {
        let reach = ledger.reach()?;
        if (&reach.id, reach.release) == (&self.header.id, self.header.release) {
            return Ok(());
        }
        let reason = "the first line names another ledger or release than the rows".to_owned();
        Err(LedgerError::Line { file: self.file.clone(), line: 1, reason })
    }

    fn insert_row(
        &mut self,
        into: &dyn Database,
        table: &'static Table,
        mut row: Map<String, Json>,
    ) -> Result<(), LedgerError> {
        if let Some((_, opaque)) = &mut self.opaque {
            opaque.turn(Turn::Show, table.name, &mut row);
        }
        let mut cells: [Cell; MOST_COLUMNS] = std::array::from_fn(|_| Cell::Null);
        for (cell, (name, kind)) in cells.iter_mut().zip(table.columns) {
            let found = row.remove(*name).and_then(|json| Cell::read(json, *kind));
            *cell = found.ok_or_else(|| {
                self.fault(&format!("`{name}` of `{}` is missing or of another type", table.name))
            })?;
        }
        if let Some(more) = row.keys().next() {
            return Err(self.fault(&format!("`{}` has no column `{}`", table.name, legible(more))));
        }
        if let (Some((keys, _)), "note", [Cell::Text(name), _, Cell::Bytes(mark), ..]) =
            (&self.opaque, table.name, &cells)
            && name == "keys"
        {
            keys.confirm(mark)?;
        }
        let values = cells.each_ref().map(Cell::value);
        self.taken(into.execute(&table.insert, &values[..table.columns.len()]))
    }

    /// A row that contradicts others is a fault of the export.
    fn taken(&self, result: Result<(), LedgerError>) -> Result<(), LedgerError> {
        result.map_err(|error| match error {
            LedgerError::NoLedger { .. } => {
                self.fault("the ledger does not take this row, or one before: it contradicts another")
            }
            error => error,
        })
    }

    /// Reads the next line, without its end; false at the end of the file.
    fn next(&mut self, line: &mut Vec<u8>) -> Result<bool, LedgerError> {
        line.clear();
        let read = (&mut self.reader).take(MAX_LINE).read_until(b'\n', line)?;
        if read == 0 {
            return Ok(false);
        }
        self.line += 1;
        self.digest.update(&line);
        match line.pop() {
            Some(b'\n') => Ok(true),
            _ if read as u64 == MAX_LINE => Err(self.fault("the line is too long")),
            _ => Err(self.fault("the export ends within this line")),
        }
    }

    fn fault(&self, reason: &str) -> LedgerError {
        LedgerError::Line { file: self.file.clone(), line: self.line.max(1), reason: reason.to_owned() }
    }
}

impl Cell {
    /// The value of a column of this kind; `None` for a value of another one.
    fn read(json: Json, kind: Kind) -> Option<Cell> {
        Some(match (json, kind) {
            (Json::Null, _) => Cell::Null,
            (Json::Number(number), Kind::Integer) => Cell::Integer(number.as_i64()?),
            (Json::String(text), Kind::Text) if !text.contains('\0') => Cell::Text(text),
            (Json::String(text), Kind::Bytes) => Cell::Bytes(STANDARD.decode(text).ok()?),
            _ => return None,
        })
    }

    fn value(&self) -> Value<'_> {
        match self {
            Cell::Null => Value::Null,
            Cell::Integer(number) => Value::Integer(*number),
            Cell::Text(text) => Value::Text(text),
            Cell::Bytes(bytes) => Value::Bytes(bytes),
        }
    }
}
