//! What goes wrong with a ledger on a server: how the work ends, and what to do. No message holds a password.

use std::error::Error as _;
use std::io;

use tokio_postgres::error::{DbError, SqlState};

use crate::ledger::LedgerError;

/// What to do about a server without TLS.
pub(super) const NO_TLS: Kind = Kind::Access(
    "switch TLS on at the server (`ssl = on`), or add `?sslmode=disable` to `ledger.url` on a network of your own (all goes in clear)",
);
/// What to do about a role, a password or a database that the server does not take.
pub(super) const ROLE: Kind = Kind::Access(
    "correct role and database in `ledger.url`, and the password in `PGPASSWORD` or `~/.pgpass` (docs/postgresql.md)",
);
/// What to do about a role that lacks a right.
pub(super) const RIGHTS: Kind = Kind::Access(
    "give the role the rights that the command needs, as the database's owner: docs/postgresql.md has the statements",
);
/// What to do about a server that only answers queries.
pub(super) const PRIMARY: Kind =
    Kind::Access("name the primary server in `ledger.url`: a standby answers `pli status` alone");
/// What to do about a server's certificate that is not to be trusted.
pub(super) const AUTHORITY: Kind = Kind::Access(
    "give the authority that signed the server's certificate in `PGSSLROOTCERT`, or add `?sslmode=require` to `ledger.url` (encrypted, not checked; docs/postgresql.md)",
);

/// A ledger on a server can't be used.
#[derive(Debug)]
pub(super) struct ServerFault {
    /// The ledger's address, without a password.
    place: String,
    kind: Kind,
    reason: String,
}

/// What kind of fault it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The server does not answer, or not any more.
    Away,
    /// Another command was in the way.
    Busy,
    /// The server lets this role in no further, or not by this connection; with what to do.
    Access(&'static str),
    /// The schema is another program's, or is damaged.
    Damaged,
    /// The ledger is of another version of the program, which is this.
    Version(i64),
    /// A statement that the server does not take.
    Statement,
}

impl ServerFault {
    /// A fault with its reason in words.
    pub(super) fn new(place: &str, kind: Kind, reason: impl Into<String>) -> ServerFault {
        ServerFault { place: place.to_owned(), kind, reason: reason.into() }
    }

    /// The ledger is of version `found`.
    pub(super) fn version(place: &str, found: i64) -> ServerFault {
        ServerFault::new(place, Kind::Version(found), "another version")
    }

    /// The schema is no ledger.
    pub(super) fn foreign(place: &str) -> ServerFault {
        ServerFault::new(place, Kind::Damaged, "the schema `pli` of this database is another program's")
    }

    /// A wait that took too long.
    pub(super) fn silent(place: &str, seconds: u64) -> ServerFault {
        ServerFault::new(place, Kind::Away, format!("the server has not answered for {seconds} seconds"))
    }

    /// The error of a statement or of the connection.
    pub(super) fn of(place: &str, error: &tokio_postgres::Error) -> ServerFault {
        match error.as_db_error() {
            Some(answer) => ServerFault::new(place, Kind::of_answer(answer.code()), words(answer)),
            None => ServerFault::new(place, Kind::of_connection(error), cause(error)),
        }
    }
}

impl Kind {
    /// The kind of an error that the server reports.
    fn of_answer(state: &SqlState) -> Kind {
        match state.code() {
            "40001" | "40P01" | "55P03" => Kind::Busy,
            "28000" | "28P01" | "3D000" => ROLE,
            "42501" => RIGHTS,
            "25006" | "0A000" => PRIMARY,
            "XX001" | "XX002" | "42P01" | "42703" => Kind::Damaged,
            // Only rows that contradict each other break a constraint.
            code if code.starts_with("23") => Kind::Damaged,
            // The server goes down, comes up, has no room or too many connections, or cancelled the statement.
            code if ["08", "25P03", "53", "57", "58"].iter().any(|class| code.starts_with(class)) => {
                Kind::Away
            }
            _ => Kind::Statement,
        }
    }

    /// The kind of an error of the connection itself.
    fn of_connection(error: &tokio_postgres::Error) -> Kind {
        let text = error.to_string();
        let source = error.source();
        let system = source.and_then(|source| source.downcast_ref::<io::Error>()).map(io::Error::kind);
        match system {
            Some(io::ErrorKind::PermissionDenied) => ROLE,
            // The handshake itself may be cut off.
            Some(kind) if text.contains("TLS") && kind != io::ErrorKind::InvalidData => Kind::Away,
            _ if source.is_some_and(|source| source.to_string().contains("not support TLS")) => NO_TLS,
            _ if text.contains("TLS") => AUTHORITY,
            _ if text.contains("authentication") || text.contains("configuration") => ROLE,
            _ if text.contains("serializ") || text.contains("parameters") => Kind::Statement,
            _ => Kind::Away,
        }
    }
}

/// The server's message; its detail could hold a row.
fn words(answer: &DbError) -> String {
    format!("the server answers: {} ({})", answer.message(), answer.code().code())
}

/// The root of an error of the connection.
fn cause(error: &tokio_postgres::Error) -> String {
    let mut root: &dyn std::error::Error = error;
    while let Some(source) = root.source() {
        root = source;
    }
    match (error.is_closed(), root.to_string()) {
        (true, _) => "the server has closed the connection".to_owned(),
        (false, root) if root == error.to_string() => root,
        (false, root) => format!("{error}: {root}"),
    }
}

/// The ledger's own error, which the rest of the program knows.
impl From<ServerFault> for LedgerError {
    fn from(fault: ServerFault) -> LedgerError {
        let ServerFault { place, kind, reason } = fault;
        match kind {
            Kind::Away | Kind::Statement => LedgerError::Database { place, reason },
            Kind::Busy => LedgerError::Busy { place },
            Kind::Damaged => LedgerError::NoLedger { place, reason },
            Kind::Version(found) => LedgerError::Version { place, found },
            Kind::Access(advice) => LedgerError::NoAccess { place, reason, advice: advice.to_owned() },
        }
    }
}
