//! The boundary between the ledger and the database that keeps it.
//!
//! The ledger's rules are written once, in statements that SQLite and PostgreSQL both understand; a database adds its
//! schema, its connection and its way to be quick. Parameters are written `?1`, `?2` …, by number; whole numbers are 64 bits
//! wide, days and times are text.

use super::LedgerError;

/// A parameter of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value<'v> {
    /// No value.
    Null,
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(&'v str),
    /// Bytes.
    Bytes(&'v [u8]),
}

/// A row of an answer, by column from 0.
pub(crate) trait Row {
    /// A whole number; `None` where the column is empty.
    ///
    /// # Errors
    /// [`LedgerError::Database`]: the column is of another type.
    fn integer(&self, column: usize) -> Result<Option<i64>, LedgerError>;

    /// A text; `None` where the column is empty.
    ///
    /// # Errors
    /// [`LedgerError::Database`]: the column is of another type.
    fn text(&self, column: usize) -> Result<Option<&str>, LedgerError>;

    /// Bytes; `None` where the column is empty.
    ///
    /// # Errors
    /// [`LedgerError::Database`]: the column is of another type.
    fn bytes(&self, column: usize) -> Result<Option<&[u8]>, LedgerError>;
}

impl dyn Row + '_ {
    /// A whole number that is always there.
    ///
    /// # Errors
    /// Those of [`Row::integer`], and [`LedgerError::Damaged`] where the column is empty.
    pub(crate) fn need_integer(&self, column: usize) -> Result<i64, LedgerError> {
        self.integer(column)?.ok_or_else(|| empty(column))
    }

    /// A count that is always there.
    ///
    /// # Errors
    /// As [`Row::need_integer`].
    pub(crate) fn need_count(&self, column: usize) -> Result<u64, LedgerError> {
        self.need_integer(column).map(i64::unsigned_abs)
    }

    /// A text that is always there.
    ///
    /// # Errors
    /// Those of [`Row::text`], and [`LedgerError::Damaged`] where the column is empty.
    pub(crate) fn need_text(&self, column: usize) -> Result<&str, LedgerError> {
        self.text(column)?.ok_or_else(|| empty(column))
    }
}

fn empty(column: usize) -> LedgerError {
    let (place, reason) = ("the ledger".to_owned(), "it is empty".to_owned());
    LedgerError::Damaged { place, table: "column", number: column as i64, reason }
}

/// What is done with each row of an answer.
pub(crate) type Visit<'v> = dyn FnMut(&dyn Row) -> Result<(), LedgerError> + 'v;

/// A connection to a database that keeps a ledger.
pub(crate) trait Database: Send {
    /// Where the ledger is, for messages: a path, or an address without its password.
    fn place(&self) -> &str;

    /// Runs a statement that changes rows. It may wait for the next query, `execute_now` or commit, which then reports its
    /// fault.
    ///
    /// # Errors
    /// Those of the database.
    fn execute(&self, sql: &'static str, values: &[Value]) -> Result<(), LedgerError>;

    /// Runs a statement that changes rows and returns how many it changed.
    ///
    /// # Errors
    /// Those of the database.
    fn execute_now(&self, sql: &str, values: &[Value]) -> Result<u64, LedgerError>;

    /// Runs a query and calls `visit` for each row of its answer. `visit` must not use the same connection.
    ///
    /// # Errors
    /// Those of the database and of `visit`.
    fn query(&self, sql: &str, values: &[Value], visit: &mut Visit) -> Result<(), LedgerError>;

    /// Runs several statements without parameters.
    ///
    /// # Errors
    /// Those of the database.
    fn script(&self, sql: &str) -> Result<(), LedgerError>;

    /// Begins a transaction, which sees one state of the ledger until it ends. One that changes rows waits for those of
    /// other connections.
    ///
    /// # Errors
    /// Those of the database.
    fn begin(&self, purpose: Purpose) -> Result<(), LedgerError>;

    /// Ends a transaction; its changes are kept, on the disk when this returns.
    ///
    /// # Errors
    /// Those of the database; nothing is kept then.
    fn commit(&self) -> Result<(), LedgerError>;

    /// Ends a transaction; nothing of it is kept.
    fn rollback(&self);

    /// Whether rows and what they refer to are sound: a line for each fault.
    ///
    /// # Errors
    /// Those of the database.
    fn integrity(&self) -> Result<Vec<String>, LedgerError>;

    /// Clears what was deleted from the places where the database still keeps it, where the note `cleaning` says that it is
    /// due.
    ///
    /// # Errors
    /// Those of the database.
    fn clean(&self) -> Result<(), LedgerError>;
}

/// What a transaction is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Queries.
    Reading,
    /// Changes.
    Writing,
}
