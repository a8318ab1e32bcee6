//! Why a ledger can't be used.

use super::State;
use crate::failure::{Exit, Explained, Position};
use crate::vault::LedgerKeysError;

/// The version of the ledger's tables that this program writes.
pub(super) const VERSION: i64 = 6;
/// The first version whose personal columns are sealed under keys of its own.
pub(super) const SEALED_SINCE: i64 = 4;

/// What to do about a ledger that is not the right one.
pub(crate) const RESTORE: &str = "restore the ledger from its backup (`pli ledger JOB restore FILE`); if `ledger.url` in the job names another ledger than before, correct it";

/// The ledger can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum LedgerError {
    /// The file can't be created.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The database failed, or the connection to it.
    #[error("{reason}")]
    Database {
        /// Where the ledger is.
        place: String,
        /// What the database says.
        reason: String,
    },
    /// Another command writes the ledger.
    #[error("another command is writing the ledger")]
    Busy {
        /// Where the ledger is.
        place: String,
    },
    /// The database lets this user in no further.
    #[error("{reason}")]
    NoAccess {
        /// Where the ledger is.
        place: String,
        /// What the database says.
        reason: String,
        /// What to do.
        advice: String,
    },
    /// The database holds no ledger, or a damaged one.
    #[error("{reason}")]
    NoLedger {
        /// Where the ledger is.
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// The ledger is of a later version of the program.
    #[error("a ledger of version {found}, and this program knows versions up to {VERSION}")]
    Version {
        /// Where the ledger is.
        place: String,
        /// Its version.
        found: i64,
    },
    /// A ledger on a server, of an earlier version: whoever only reads can't bring it up to date.
    #[error("a ledger of version {found}, and this program reads version {VERSION}")]
    Outdated {
        /// Where the ledger is.
        place: String,
        /// Its version.
        found: i64,
    },
    /// A ledger of an earlier version, where one of this version is needed.
    #[error("a ledger of version {found}, and not of version {VERSION}")]
    Earlier {
        /// Where it is.
        place: String,
        /// Its version.
        found: i64,
    },
    /// A line of an export can't be used.
    #[error("{reason}")]
    Line {
        /// The export's file.
        file: String,
        /// Line, from 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// A run was interrupted, and its last rows are not in the file yet.
    #[error("a run was cut short, and its last rows still lie in `{place}-wal`")]
    Unsettled {
        /// The ledger's file.
        place: String,
    },
    /// A stored row can't be read.
    #[error("{table} {number} can't be read: {reason}")]
    Damaged {
        /// Where the ledger is.
        place: String,
        /// The row's table.
        table: &'static str,
        /// The row's number.
        number: i64,
        /// Why.
        reason: String,
    },
    /// The keys of the personal columns are missing, or are another ledger's.
    #[error(transparent)]
    Keys(#[from] LedgerKeysError),
    /// A piece can't take a state.
    #[error("piece {piece} is {from} and can't become {to}")]
    NotAllowed {
        /// The piece.
        piece: String,
        /// Its state.
        from: State,
        /// The state that was asked for.
        to: State,
    },
    /// The ledger does not know a piece or a lot.
    #[error("the ledger knows no {what}")]
    Unknown {
        /// What was asked for.
        what: String,
    },
    /// The visitor of a query stopped it; its own error says why.
    #[error("the query was stopped")]
    Stopped,
}

impl LedgerError {
    /// Whether what was asked for can't be opened because its month is forgotten.
    pub(super) fn is_of_forgotten_month(&self) -> bool {
        matches!(self, LedgerError::Keys(LedgerKeysError::Destroyed { .. }))
    }
}

impl Explained for LedgerError {
    fn exit(&self) -> Exit {
        match self {
            LedgerError::Earlier { .. } | LedgerError::Outdated { .. } | LedgerError::Line { .. } => {
                Exit::Usage
            }
            LedgerError::Version { .. } | LedgerError::NoAccess { .. } | LedgerError::Unknown { .. } => {
                Exit::Usage
            }
            LedgerError::Unsettled { .. }
            | LedgerError::NoLedger { .. }
            | LedgerError::Damaged { .. }
            | LedgerError::NotAllowed { .. } => Exit::Refused,
            LedgerError::Keys(error) => error.exit(),
            LedgerError::Io(_)
            | LedgerError::Database { .. }
            | LedgerError::Busy { .. }
            | LedgerError::Stopped => Exit::Midway,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            LedgerError::Io(_) | LedgerError::Database { .. } | LedgerError::Stopped => "ledger_io",
            LedgerError::Busy { .. } => "ledger_busy",
            LedgerError::NoAccess { .. } => "ledger_access",
            LedgerError::Version { .. } | LedgerError::Outdated { .. } | LedgerError::Earlier { .. } => {
                "ledger_version"
            }
            LedgerError::Line { .. } => "import_line",
            LedgerError::Unsettled { .. } => "ledger_unsettled",
            LedgerError::NoLedger { .. } | LedgerError::Damaged { .. } => "ledger_damaged",
            LedgerError::Keys(error) => error.code(),
            LedgerError::NotAllowed { .. } => "state_not_allowed",
            LedgerError::Unknown { .. } => "unknown_piece",
        }
    }

    fn advice(&self) -> Option<String> {
        let advice = match self {
            LedgerError::Io(_) | LedgerError::Database { .. } | LedgerError::Stopped => {
                "the ledger must be a file that this user can write, on a disk with room, or a database that answers; then run the same command again"
            }
            LedgerError::Busy { .. } => "run the same command again when the other one has ended",
            LedgerError::NoAccess { advice, .. } => advice,
            LedgerError::Version { .. } => {
                "use the program that made it, and never begin with an empty ledger: all would be sent again"
            }
            LedgerError::Outdated { .. } => {
                "the next command that writes the ledger, such as `pli run`, brings it up to date"
            }
            LedgerError::Earlier { .. } => {
                "a file of an earlier version is the ledger itself: copy it to the path of `ledger.url`, and the next run brings it up to date"
            }
            LedgerError::Line { .. } => {
                "nothing was imported; export the ledger again, and bring the file here whole"
            }
            LedgerError::Unsettled { .. } => {
                "run the same command again, or `pli status` with the job: either brings the ledger in order"
            }
            LedgerError::NoLedger { .. } | LedgerError::Damaged { .. } => RESTORE,
            LedgerError::Keys(error) => return error.advice(),
            LedgerError::NotAllowed { .. } => {
                "see where the piece is with `pli status`; docs/states.md lists what may follow what"
            }
            LedgerError::Unknown { .. } => "references look like 26327A000908, lots like 26327A",
        };
        Some(advice.to_owned())
    }

    fn position(&self) -> Option<Position> {
        match self {
            LedgerError::Keys(error) => error.position(),
            LedgerError::Io(_)
            | LedgerError::Stopped
            | LedgerError::NotAllowed { .. }
            | LedgerError::Unknown { .. } => None,
            LedgerError::Line { file, line, .. } => Some(Position::line(file, *line)),
            LedgerError::Earlier { place, .. }
            | LedgerError::Outdated { place, .. }
            | LedgerError::Database { place, .. }
            | LedgerError::Busy { place }
            | LedgerError::NoAccess { place, .. }
            | LedgerError::Version { place, .. }
            | LedgerError::Unsettled { place }
            | LedgerError::NoLedger { place, .. }
            | LedgerError::Damaged { place, .. } => Some(Position::file(place)),
        }
    }
}
