//! The findings of a night: rejects and warnings, in a spool until they are written out.

use std::io;
use std::path::Path;

use crate::files::{Spool, SpoolSpan};
use crate::ledger::Finding;

/// How severe a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Severity {
    /// A record or a piece was rejected.
    Reject,
    /// A person should look at it; it leaves all the same.
    Warning,
}

/// Rejects and warnings, kept in the order they were found.
#[derive(Debug)]
pub(crate) struct Findings {
    spool: Spool,
    files: Vec<String>,
    notes: Vec<Note>,
}

/// The sort key of a finding, and the span of the finding in the spool.
#[derive(Debug, Clone, Copy)]
struct Note {
    file: u32,
    line: u64,
    severity: Severity,
    span: SpoolSpan,
}

impl Findings {
    /// Creates an empty list whose spool lies beside `path`.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn beside(path: &Path) -> io::Result<Findings> {
        Ok(Findings { spool: Spool::beside(path, "findings")?, files: Vec::new(), notes: Vec::new() })
    }

    /// Adds a finding.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn add(&mut self, severity: Severity, finding: &Finding) -> io::Result<()> {
        let known = self.files.iter().rposition(|file| *file == finding.source_file);
        let file = known.unwrap_or_else(|| {
            self.files.push(finding.source_file.clone());
            self.files.len() - 1
        });
        let span = self.spool.add(&serde_json::to_vec(finding)?)?;
        self.notes.push(Note { file: file as u32, line: finding.line, severity, span });
        Ok(())
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.notes.len()
    }

    /// Calls `visit` for all findings after the first `first`, in the order they were found.
    ///
    /// # Errors
    /// I/O errors and those of `visit`.
    pub(crate) fn each_after(
        &mut self,
        first: usize,
        mut visit: impl FnMut(Severity, Finding) -> io::Result<()>,
    ) -> io::Result<()> {
        for note in &self.notes[first.min(self.notes.len())..] {
            let bytes = self.spool.read(note.span)?;
            visit(note.severity, serde_json::from_slice(&bytes)?)?;
        }
        Ok(())
    }

    /// How many of a severity.
    pub(crate) fn count(&self, severity: Severity) -> u64 {
        self.notes.iter().filter(|note| note.severity == severity).count() as u64
    }

    /// Calls `visit` for the findings of a severity, by file and line; those of one line in the order they were found.
    ///
    /// # Errors
    /// I/O errors and those of `visit`.
    pub(crate) fn each<E: From<io::Error>>(
        &mut self,
        severity: Severity,
        mut visit: impl FnMut(&Finding) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut notes: Vec<Note> =
            self.notes.iter().filter(|note| note.severity == severity).copied().collect();
        notes.sort_by_key(|note| (&self.files[note.file as usize], note.line));
        for note in notes {
            let bytes = self.spool.read(note.span)?;
            visit(&serde_json::from_slice(&bytes).map_err(io::Error::from)?)?;
        }
        Ok(())
    }

    /// The findings of a severity as a list, for a screen.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn list(&mut self, severity: Severity) -> io::Result<Vec<Finding>> {
        let mut list = Vec::new();
        self.each(severity, |finding| {
            list.push(finding.clone());
            io::Result::Ok(())
        })?;
        Ok(list)
    }
}
