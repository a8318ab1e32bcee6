//! `LOT.proof-pieces.csv`, and `LOT.proof-salts`, which stays with the bureau.

use serde::{Deserialize, Serialize};
use std::io::{self, BufWriter};
use std::path::Path;

use crate::files::{HashingWriter, finish_and_sync};

/// A piece and the digests of its texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PieceRow {
    /// The printed reference.
    pub piece_id: String,
    /// The print file, without its folder.
    pub file: String,
    /// Its first page, from 1.
    pub first_page: u32,
    /// How many pages.
    pub pages: u32,
    /// Its column on imposed sheets, from 1 at the left.
    pub position: u8,
    /// The numbers of the stock forms that its pages show in the certificate's list, from 1, joined by blanks; empty for a mailer.
    pub forms: String,
    /// The digests of its texts in hexadecimal, in the order in which they are painted, joined by blanks; empty for a mailer.
    pub texts: String,
    /// The digest of where everything stands; empty for a mailer.
    pub layout: String,
}

/// A piece and its salt.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SaltRow {
    /// The printed reference.
    pub piece_id: String,
    /// The salt in hexadecimal.
    pub salt: String,
}

/// Writes the table of pieces, row by row.
pub(crate) struct PieceTable(csv::Writer<HashingWriter>);

impl PieceTable {
    /// Creates the table.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn create(path: &Path) -> io::Result<PieceTable> {
        let file = BufWriter::new(fs_err::File::create(path)?.into_parts().0);
        Ok(PieceTable(csv::Writer::from_writer(HashingWriter::new(file))))
    }

    /// Writes a row.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn row(&mut self, row: &PieceRow) -> io::Result<()> {
        self.0.serialize(row).map_err(io::Error::other)
    }

    /// Syncs the table and returns its SHA-256 and its length in bytes.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn finish(self) -> io::Result<(String, u64)> {
        let hashing = self.0.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
        let (buffered, sha256, bytes) = hashing.finish();
        finish_and_sync(buffered)?;
        Ok((sha256, bytes))
    }
}
