//! What a clerk orders, and who is told what is said of each page.

use std::path::PathBuf;

use jiff::civil::Date;
use sha2::{Digest, Sha256};
use twoddoc::trust::TrustStore;

use super::super::booking::Pile;
use super::super::outcome::Outcome;
use crate::failure::Failure;
use crate::files::hexadecimal;
use crate::job::Job;
use crate::ledger::Author;

/// What a clerk wants to be done with a pile.
pub(crate) struct ScanOrder<'j> {
    /// The job.
    pub job: &'j Job,
    /// Whose signatures are trusted.
    pub trust: TrustStore,
    /// Why the pieces came back, where nothing in the pile says it: a code of `[returns]`.
    pub reason: Option<String>,
    /// The box into which they go.
    pub box_number: Option<u32>,
    /// The day.
    pub day: Date,
    /// Who books.
    pub author: Author,
    /// Books nothing.
    pub dry_run: bool,
    /// The files and folders of the pile.
    pub paths: &'j [PathBuf],
    /// Whether the print of the symbols is graded.
    pub grade: bool,
    /// Whether the report shows pictures.
    pub pictures: bool,
}

impl ScanOrder<'_> {
    /// What tells this pile from every other one: the same paths on the same day, into the same box, are one pile.
    pub(in crate::returns) fn batch(&self) -> String {
        let mut digest = Sha256::new();
        for path in self.paths {
            let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.clone());
            digest.update(path.as_os_str().as_encoded_bytes());
            digest.update([0]);
        }
        digest.update(format!("{} {:?}", self.day, self.box_number));
        hexadecimal(&digest.finalize()[..8])
    }

    /// What the returns of this pile have in common.
    pub(in crate::returns) fn pile(&self) -> Pile {
        Pile { on: self.day, batch: self.batch(), box_number: self.box_number }
    }
}

/// Receives what is said of each page.
pub(crate) trait Receiver {
    /// What is said of a piece on a page, once it is booked.
    ///
    /// # Errors
    /// The receiver's own; they end the work.
    fn receive(&mut self, outcome: &Outcome) -> Result<(), Failure>;
    /// A file is done.
    fn file(&mut self);
}
