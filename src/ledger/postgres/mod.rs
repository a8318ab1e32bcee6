//! A ledger on a PostgreSQL server, for several operators and shards at once.
//!
//! Everything of the ledger lies in the schema `pli`. Each transaction sets what it needs for itself and prepares its own
//! statements, so that a pooler may give every transaction another connection. The personal columns come sealed, and the keys
//! that open them never come here.

mod care;
mod connection;
mod credentials;
mod fault;
mod pipeline;
mod schema;
mod statement;
mod tls;

#[cfg(test)]
pub(super) mod tests;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::pin::pin;

use futures_util::StreamExt as _;
use tokio_postgres::{RowStream, Statement};

use super::LedgerError;
use super::database::{Database, Purpose, Value, Visit};
use crate::job::ServerAddress;
use connection::Connection;
use fault::{Kind, ServerFault};
use pipeline::Pipeline;
use statement::{Answer, Parameter, nested, translated};

/// What queues the writers of a ledger, of any machine: a lock of the transaction, which a pooler keeps too.
const WRITERS: &str = "SELECT pg_advisory_xact_lock(8101822416431051879)";

/// What each transaction sets for itself. A server whose commits do not wait for the disk waits for those of the ledger; a
/// machine that vanished does not hold the writers up for long.
const SETTINGS: &str = "
    SET LOCAL search_path = pli, pg_temp;
    SET LOCAL lock_timeout = '5min';
    SET LOCAL statement_timeout = '1h';
    SET LOCAL idle_in_transaction_session_timeout = '6h';
    SET LOCAL tcp_keepalives_idle = 60;
    SET LOCAL tcp_keepalives_interval = 10;
    SET LOCAL tcp_keepalives_count = 3;
    SELECT set_config('synchronous_commit', 'on', true)
        WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write');";

/// A connection to a ledger on a server.
pub(super) struct Postgres {
    connection: Connection,
    place: String,
    transaction: Cell<Option<Purpose>>,
    /// A statement of the transaction failed, so that the server takes no more of it.
    failed: Cell<bool>,
    /// Rows of an answer are still to come.
    answering: Cell<bool>,
    pipeline: RefCell<Pipeline>,
    statements: RefCell<HashMap<String, Known>>,
}

/// A statement that was used before.
struct Known {
    /// The statement with PostgreSQL's parameters.
    sql: String,
    /// It was used in this transaction.
    used: bool,
    prepared: Option<Statement>,
}

/// How a statement is sent.
enum Asked {
    /// With its text.
    Once(String),
    /// By its name.
    Prepared(Statement),
}

impl Postgres {
    /// Opens a ledger for writing; creates its tables where the schema `pli` is not there or empty.
    ///
    /// # Errors
    /// The server can't be reached, does not take the role, or holds another program's schema or another version.
    pub(super) fn open(address: &ServerAddress) -> Result<Postgres, LedgerError> {
        let db = Postgres::connected(address)?;
        schema::prepare(&db)?;
        Ok(db)
    }

    /// Opens a ledger for queries, on a standby or by a role that may only read; `None` where the database holds no ledger yet.
    ///
    /// # Errors
    /// As [`Postgres::open`].
    pub(super) fn view(address: &ServerAddress) -> Result<Option<Postgres>, LedgerError> {
        let db = Postgres::connected(address)?;
        Ok(schema::is_ledger(&db)?.then_some(db))
    }

    /// Whether the ledger knows keys of personal columns.
    ///
    /// # Errors
    /// Those of the server.
    pub(super) fn has_keys(&self) -> Result<bool, LedgerError> {
        let mut known = false;
        self.query("SELECT count(*) FROM note WHERE name = 'keys'", &[], &mut |row| {
            known = row.integer(0)?.is_some_and(|count| count > 0);
            Ok(())
        })?;
        Ok(known)
    }

    fn connected(address: &ServerAddress) -> Result<Postgres, ServerFault> {
        let connection = Connection::open(address)?;
        let place = connection.place().to_owned();
        Ok(Postgres {
            connection,
            place,
            transaction: Cell::new(None),
            failed: Cell::new(false),
            answering: Cell::new(false),
            pipeline: RefCell::default(),
            statements: RefCell::default(),
        })
    }

    /// Runs `work` in the open transaction, or in one of its own.
    fn within<T>(
        &self,
        purpose: Purpose,
        work: impl FnOnce() -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        if self.transaction.get().is_some() {
            return work();
        }
        self.begin(purpose)?;
        match work() {
            Ok(value) => self.commit().map(|()| value),
            Err(error) => {
                self.rollback();
                Err(error)
            }
        }
    }

    /// Runs a part of the transaction. After a fault the server takes no more of it.
    fn attempt<T>(&self, work: impl FnOnce() -> Result<T, ServerFault>) -> Result<T, LedgerError> {
        self.ready()?;
        work().map_err(|fault| {
            self.failed.set(true);
            self.pipeline.borrow_mut().forget();
            fault.into()
        })
    }

    /// Whether a statement can be sent.
    fn ready(&self) -> Result<(), LedgerError> {
        match (self.answering.get(), self.failed.get()) {
            (true, _) => Err(nested(&self.place)),
            (_, true) => Err(self.fault("an earlier statement of the transaction failed")),
            (false, false) => Ok(()),
        }
    }

    fn fault(&self, reason: &str) -> LedgerError {
        ServerFault::new(&self.place, Kind::Statement, reason).into()
    }

    fn settle(&self) -> Result<(), ServerFault> {
        self.pipeline.borrow_mut().settle(&self.connection)
    }

    /// How a statement is sent: by its name from the second time in a transaction, or at once where it is `hot`.
    fn asked(&self, sql: &str, values: &[Parameter], hot: bool) -> Result<Asked, ServerFault> {
        let mut statements = self.statements.borrow_mut();
        if !statements.contains_key(sql) {
            statements.insert(sql.to_owned(), Known { sql: translated(sql), used: false, prepared: None });
        }
        let Some(known) = statements.get_mut(sql) else { return Ok(Asked::Once(translated(sql))) };
        if let Some(prepared) = &known.prepared {
            return Ok(Asked::Prepared(prepared.clone()));
        }
        if !hot && !known.used {
            known.used = true;
            return Ok(Asked::Once(known.sql.clone()));
        }
        // A fault of an earlier statement is reported as its own.
        self.settle()?;
        let types: Vec<_> = values.iter().map(Parameter::kind).collect();
        let prepared = self.connection.wait(self.connection.client().prepare_typed(&known.sql, &types))?;
        known.prepared = Some(prepared.clone());
        Ok(Asked::Prepared(prepared))
    }

    /// Sends a statement and waits until its rows begin.
    fn rows(&self, sql: &str, values: &[Value]) -> Result<RowStream, ServerFault> {
        let values = Parameter::all(values);
        let asked = self.asked(sql, &values, false)?;
        self.settle()?;
        let client = self.connection.client();
        match asked {
            Asked::Prepared(statement) => self.connection.wait(client.query_raw(&statement, values)),
            Asked::Once(sql) => {
                let typed = values.into_iter().map(|value| {
                    let kind = value.kind();
                    (value, kind)
                });
                self.connection.wait(client.query_typed_raw(&sql, typed))
            }
        }
    }

    /// Calls `visit` for each row that is still to come.
    fn each(&self, rows: RowStream, visit: &mut Visit) -> Result<(), LedgerError> {
        let mut rows = pin!(rows);
        loop {
            let next = async { rows.next().await.transpose() };
            let Some(row) = self.attempt(|| self.connection.wait(next))? else { return Ok(()) };
            self.answering.set(true);
            let visited = visit(&Answer { row: &row, place: &self.place });
            self.answering.set(false);
            visited?;
        }
    }

    fn batch(&self, sql: &str) -> Result<(), ServerFault> {
        self.connection.wait(self.connection.client().batch_execute(sql))
    }

    /// Forgets what belonged to the transaction. Its statements are closed before it ends: the next one may be on another
    /// connection.
    fn forget(&self) {
        self.pipeline.borrow_mut().forget();
        for known in self.statements.borrow_mut().values_mut() {
            known.used = false;
            known.prepared = None;
        }
    }
}

impl Database for Postgres {
    fn place(&self) -> &str {
        &self.place
    }

    fn execute(&self, sql: &'static str, values: &[Value]) -> Result<(), LedgerError> {
        if self.transaction.get().is_none() {
            return self.execute_now(sql, values).map(drop);
        }
        self.attempt(|| {
            let values = Parameter::all(values);
            match self.asked(sql, &values, true)? {
                Asked::Prepared(statement) => {
                    self.pipeline.borrow_mut().push(&self.connection, statement, values)
                }
                Asked::Once(_) => Ok(()),
            }
        })
    }

    fn execute_now(&self, sql: &str, values: &[Value]) -> Result<u64, LedgerError> {
        self.within(Purpose::Writing, || {
            self.attempt(|| {
                let mut rows = pin!(self.rows(sql, values)?);
                self.connection.wait(async {
                    while rows.next().await.transpose()?.is_some() {}
                    Ok(())
                })?;
                Ok(rows.rows_affected().unwrap_or_default())
            })
        })
    }

    fn query(&self, sql: &str, values: &[Value], visit: &mut Visit) -> Result<(), LedgerError> {
        self.ready()?;
        self.within(Purpose::Reading, || {
            let rows = self.attempt(|| self.rows(sql, values))?;
            self.each(rows, visit)
        })
    }

    fn script(&self, sql: &str) -> Result<(), LedgerError> {
        self.within(Purpose::Writing, || {
            self.attempt(|| {
                self.settle()?;
                self.batch(sql)
            })
        })
    }

    fn begin(&self, purpose: Purpose) -> Result<(), LedgerError> {
        self.ready()?;
        if self.transaction.get().is_some() {
            return Err(self.fault("a transaction within another"));
        }
        let sql = match purpose {
            Purpose::Reading => format!("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {SETTINGS}"),
            Purpose::Writing => {
                format!("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; {SETTINGS} {WRITERS}")
            }
        };
        self.transaction.set(Some(purpose));
        self.batch(&sql).map_err(|fault| {
            self.rollback();
            fault.into()
        })
    }

    fn commit(&self) -> Result<(), LedgerError> {
        if self.transaction.get().is_none() {
            return Err(self.fault("no transaction to commit"));
        }
        // The server answers a commit of a failed transaction with a rollback that is no error.
        if let Err(error) = self.attempt(|| self.settle()) {
            self.rollback();
            return Err(error);
        }
        self.forget();
        let done = self.batch("COMMIT");
        self.transaction.set(None);
        done.map_err(LedgerError::from)
    }

    fn integrity(&self) -> Result<Vec<String>, LedgerError> {
        care::integrity(self)
    }

    fn clean(&self) -> Result<(), LedgerError> {
        care::clean(self)
    }

    fn rollback(&self) {
        if self.transaction.take().is_none() {
            return;
        }
        self.forget();
        self.answering.set(false);
        self.failed.set(false);
        // Where it fails the connection is lost, and with it the transaction.
        let _ = self.batch("ROLLBACK");
    }
}
