//! What goes wrong with a ledger on a server: how the work ends, and what to do. No message holds a password.

use std::error::Error as _;
use std::io;

use tokio_postgres::error::{DbError, SqlState};

use crate::failure::{Exit, Explained, Position};

/// The version of the schema that this program knows.
pub(super) const SCHEMA_VERSION: i64 = 4;

/// A ledger on a server can't be used.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub(crate) struct ServerFault {
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
    /// The server has no room.
    Full,
    /// The role and its password are not taken, or the database is not there.
    Access,
    /// The role lacks a right.
    Right,
    /// The server only answers queries.
    ReadOnly,
    /// The server's certificate is not one to be trusted.
    Tls,
    /// The server has no TLS.
    NoTls,
    /// The schema is another program's, or is damaged.
    Damaged,
    /// The ledger is of another version of the program.
    Version,
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
        let reason = format!("a ledger of version {found}, and this program knows version {SCHEMA_VERSION}");
        ServerFault::new(place, Kind::Version, reason)
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

    /// What kind of fault it is.
    pub(super) fn kind(&self) -> Kind {
        self.kind
    }
}

impl Kind {
    /// The kind of an error that the server reports.
    fn of_answer(state: &SqlState) -> Kind {
        match state.code() {
            "40001" | "40P01" | "55P03" => Kind::Busy,
            "28000" | "28P01" | "3D000" => Kind::Access,
            "42501" => Kind::Right,
            "25006" => Kind::ReadOnly,
            "XX001" | "XX002" | "42P01" | "42703" => Kind::Damaged,
            // Only rows that contradict each other break a constraint.
            code if code.starts_with("23") => Kind::Damaged,
            "53100" | "53200" | "53400" => Kind::Full,
            // The server goes down, comes up, has too many connections, or cancelled the statement.
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
            Some(io::ErrorKind::PermissionDenied) => Kind::Access,
            // The handshake itself may be cut off.
            Some(kind) if text.contains("TLS") && kind != io::ErrorKind::InvalidData => Kind::Away,
            _ if source.is_some_and(|source| source.to_string().contains("not support TLS")) => Kind::NoTls,
            _ if text.contains("TLS") => Kind::Tls,
            _ if text.contains("authentication") || text.contains("configuration") => Kind::Access,
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

impl Explained for ServerFault {
    fn exit(&self) -> Exit {
        match self.kind {
            Kind::Away | Kind::Busy | Kind::Full | Kind::Statement => Exit::Midway,
            Kind::Access | Kind::Right | Kind::ReadOnly | Kind::Tls | Kind::NoTls | Kind::Version => {
                Exit::Usage
            }
            Kind::Damaged => Exit::Refused,
        }
    }

    fn code(&self) -> &'static str {
        match self.kind {
            Kind::Away | Kind::Full | Kind::Statement => "ledger_io",
            Kind::Busy => "ledger_busy",
            Kind::Access | Kind::Right | Kind::ReadOnly | Kind::Tls | Kind::NoTls => "ledger_access",
            Kind::Damaged => "ledger_damaged",
            Kind::Version => "ledger_version",
        }
    }

    fn advice(&self) -> Option<String> {
        let advice = match self.kind {
            Kind::Away => "see that the server runs and can be reached, then run the same command again",
            Kind::Busy => "another command changed the ledger meanwhile: run the same command again",
            Kind::Full => "make room on the server, then run the same command again",
            Kind::Access => {
                "correct role and database in `ledger.url`, and the password in `PGPASSWORD` or `~/.pgpass` (docs/postgresql.md)"
            }
            Kind::Right => {
                "give the role the rights that the command needs, as the database's owner: docs/postgresql.md has the statements"
            }
            Kind::ReadOnly => "name the primary server in `ledger.url`: a standby answers `pli status` alone",
            Kind::Tls => {
                "give the authority that signed the server's certificate in `PGSSLROOTCERT`, or add `?sslmode=require` to `ledger.url` (encrypted, not checked; docs/postgresql.md)"
            }
            Kind::NoTls => {
                "switch TLS on at the server (`ssl = on`), or add `?sslmode=disable` to `ledger.url` on a network of your own (all goes in clear)"
            }
            Kind::Damaged => {
                "correct `ledger.url` if it names another database than before; otherwise restore the database from its backup"
            }
            Kind::Version => {
                "use the program that made it, and never begin with an empty ledger: all would be sent again"
            }
            Kind::Statement => {
                "run the same command again; if it ends the same way, keep the ledger as it is and report this"
            }
        };
        Some(advice.to_owned())
    }

    fn position(&self) -> Option<Position> {
        Some(Position::file(&self.place))
    }
}
