//! The values of SQLite as the ledger's, and back.

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};

use super::super::LedgerError;
use super::super::database::{Row, Value};
use super::failed;

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// A row of an answer.
pub(super) struct SqliteRow<'r> {
    /// The row.
    pub row: &'r rusqlite::Row<'r>,
    /// The ledger's file, for errors.
    pub place: &'r str,
}

impl SqliteRow<'_> {
    fn wrong(&self, column: usize) -> LedgerError {
        let reason = format!("column {column} of an answer is of another type");
        LedgerError::NoLedger { place: self.place.to_owned(), reason }
    }

    fn value(&self, column: usize) -> Result<ValueRef<'_>, LedgerError> {
        self.row.get_ref(column).map_err(|error| failed(self.place, &error))
    }
}

impl Row for SqliteRow<'_> {
    fn integer(&self, column: usize) -> Result<Option<i64>, LedgerError> {
        let value = self.value(column)?;
        value.as_i64_or_null().map_err(|_| self.wrong(column))
    }

    fn text(&self, column: usize) -> Result<Option<&str>, LedgerError> {
        let value = self.value(column)?;
        value.as_str_or_null().map_err(|_| self.wrong(column))
    }

    fn bytes(&self, column: usize) -> Result<Option<&[u8]>, LedgerError> {
        let value = self.value(column)?;
        value.as_blob_or_null().map_err(|_| self.wrong(column))
    }
}
