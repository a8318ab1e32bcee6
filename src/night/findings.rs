//! The findings of a night: what was refused and what a person should know, each on the disk until it is told.

use std::io;
use std::path::Path;

use super::spool::{Place, Spool};
use crate::ledger::Finding;

/// What a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// A record or a piece was refused.
    Reject,
    /// It was not.
    Warning,
}

/// Rejects and warnings as they come; told by file and line, each record's together.
#[derive(Debug)]
pub(super) struct Findings {
    spool: Spool,
    files: Vec<String>,
    notes: Vec<Note>,
}

/// What a finding is ordered by, and where the rest lies.
#[derive(Debug, Clone, Copy)]
struct Note {
    file: u32,
    line: u64,
    weight: Weight,
    place: Place,
}

impl Findings {
    /// None yet.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn beside(place: &Path) -> io::Result<Findings> {
        Ok(Findings { spool: Spool::beside(place, "findings")?, files: Vec::new(), notes: Vec::new() })
    }

    /// Notes a finding.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn add(&mut self, weight: Weight, finding: &Finding) -> io::Result<()> {
        let known = self.files.iter().rposition(|file| *file == finding.source_file);
        let file = known.unwrap_or_else(|| {
            self.files.push(finding.source_file.clone());
            self.files.len() - 1
        });
        let place = self.spool.add(&serde_json::to_vec(finding)?)?;
        self.notes.push(Note { file: file as u32, line: finding.line, weight, place });
        Ok(())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.notes.len()
    }

    /// Tells those after the first so many, in the order they were found.
    ///
    /// # Errors
    /// Those of the disk and of `tell`.
    pub fn each_after(
        &mut self,
        first: usize,
        mut tell: impl FnMut(Weight, Finding) -> io::Result<()>,
    ) -> io::Result<()> {
        for note in &self.notes[first.min(self.notes.len())..] {
            let bytes = self.spool.read(note.place)?;
            tell(note.weight, serde_json::from_slice(&bytes)?)?;
        }
        Ok(())
    }

    /// How many of a weight.
    pub fn count(&self, weight: Weight) -> u64 {
        self.notes.iter().filter(|note| note.weight == weight).count() as u64
    }

    /// Tells those of a weight, by file and line; two of one place in the order they were found.
    ///
    /// # Errors
    /// Those of the disk and of `tell`.
    pub fn each<E: From<io::Error>>(
        &mut self,
        weight: Weight,
        mut tell: impl FnMut(&Finding) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut notes: Vec<Note> = self.notes.iter().filter(|note| note.weight == weight).copied().collect();
        notes.sort_by_key(|note| (&self.files[note.file as usize], note.line));
        for note in notes {
            let bytes = self.spool.read(note.place)?;
            tell(&serde_json::from_slice(&bytes).map_err(io::Error::from)?)?;
        }
        Ok(())
    }

    /// Those of a weight as a list, for a screen.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn list(&mut self, weight: Weight) -> io::Result<Vec<Finding>> {
        let mut list = Vec::new();
        self.each(weight, |finding| {
            list.push(finding.clone());
            io::Result::Ok(())
        })?;
        Ok(list)
    }
}
