//! Where a job keeps its ledger.

use std::path::PathBuf;

use super::ServerAddress;

/// Where a ledger lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LedgerLocation {
    /// In a file of SQLite.
    File(PathBuf),
    /// In a database of a PostgreSQL server.
    Server(ServerAddress),
}

/// A ledger and the folder of its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LedgerHome {
    /// Where it lies.
    pub location: LedgerLocation,
    /// The folder of the keys of its personal columns.
    pub keys: PathBuf,
}

impl LedgerHome {
    /// Where the ledger is, for messages.
    pub(crate) fn place(&self) -> String {
        match &self.location {
            LedgerLocation::File(file) => file.display().to_string(),
            LedgerLocation::Server(address) => address.to_string(),
        }
    }
}
