//! What a plan tells of its entries and pieces, and what becomes of those that can't be made.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use super::{DuePiece, Entry, Fate, Plan, Sends, finding};
use crate::failure::Failure;
use crate::ledger::Finding;
use crate::night::findings::Weight;
use mail::piece::PieceKind;

impl Plan {
    /// How many entries the ledger held.
    pub fn carried(&self) -> usize {
        self.duties.len()
    }

    /// The code of an entry's reason.
    pub fn reason(&self, entry: &Entry) -> &'static str {
        self.facts.known[usize::from(entry.facts)][0]
    }

    /// An entry by its place.
    pub fn entry(&self, index: u32) -> &Entry {
        &self.entries[index as usize]
    }

    /// The name of an entry's file.
    pub fn source_file(&self, entry: &Entry) -> &str {
        &self.names[usize::from(entry.file)]
    }

    /// The same, to be kept.
    pub fn shared_source_file(&self, entry: &Entry) -> Arc<str> {
        Arc::clone(&self.names[usize::from(entry.file)])
    }

    /// A finding about an entry.
    pub fn finding(&self, index: u32, field: &str, code: &str, message: impl Into<String>) -> Finding {
        let entry = self.entry(index);
        finding(self.source_file(entry), entry, field, code, message)
    }

    /// Takes a piece out of the night: refused for good.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn reject(&mut self, index: u32, findings: &[Finding]) -> Result<(), Failure> {
        self.entries[index as usize].fate = Fate::Rejected;
        self.note(Weight::Reject, findings)
    }

    /// Takes a piece out of the night: it waits for another.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn defer(&mut self, index: u32, code: &str, message: &str) -> Result<(), Failure> {
        self.hold_back(index);
        let finding = self.finding(index, "card_number", code, message);
        self.note(Weight::Warning, &[finding])
    }

    /// Takes a piece out of the night that waits for another, and for which a reason was found before.
    pub fn hold_back(&mut self, index: u32) {
        self.held += 1;
        self.entries[index as usize].fate = Fate::Deferred;
    }

    /// Warns about a piece that leaves.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn warn(&mut self, index: u32, field: &str, code: &str, message: &str) -> Result<(), Failure> {
        let finding = self.finding(index, field, code, message);
        self.note(Weight::Warning, &[finding])
    }

    /// Whether tonight's records lead to mailers, tonight or later.
    pub fn leads_to_mailers(&self) -> bool {
        let mut new = self.entries[self.carried()..].iter();
        new.any(|entry| matches!(entry.sends, Sends::LetterThenMailer | Sends::Mailer))
    }

    /// The pieces of a kind that leave, in lot order, by the places of their entries.
    pub fn pieces(&self, kind: PieceKind) -> impl Iterator<Item = u32> + '_ {
        (0..).zip(&self.entries).filter(move |(_, entry)| entry.leaves(kind)).map(|(index, _)| index)
    }

    /// The next pieces of a kind, at most so many, from the entry `next` on, which moves past them.
    pub fn next_pieces(&self, kind: PieceKind, next: &mut u32, most: usize) -> Vec<u32> {
        let leaving = (*next..).zip(&self.entries[*next as usize..]).filter(|(_, entry)| entry.leaves(kind));
        let share: Vec<u32> = leaving.map(|(index, _)| index).take(most).collect();
        *next = share.last().map_or(self.entries.len() as u32, |last| last + 1);
        share
    }

    /// What the facts of a kind's pieces are, each combination once.
    pub fn facts(&self, kind: PieceKind) -> BTreeSet<[&'static str; 5]> {
        // Marked first: a set is made from a list of all that go into it.
        let mut found = vec![false; self.facts.known.len()];
        for entry in self.entries.iter().filter(|entry| entry.leaves(kind)) {
            found[usize::from(entry.facts)] = true;
        }
        self.facts.known.iter().zip(found).filter(|(_, found)| *found).map(|(facts, _)| *facts).collect()
    }

    /// The pieces at these places, from the spool.
    ///
    /// # Errors
    /// Those of the disk, and a record that is not what was put there.
    pub fn load(&mut self, indices: &[u32]) -> Result<Vec<DuePiece>, Failure> {
        let bodies: Vec<(u32, Vec<u8>)> =
            indices.iter().map(|index| Ok((*index, self.body(*index)?))).collect::<Result<_, Failure>>()?;
        let parse = |(entry, body): (u32, Vec<u8>)| -> Result<DuePiece, Failure> {
            let issuance = serde_json::from_slice(&body).map_err(std::io::Error::from)?;
            Ok(DuePiece { entry, issuance })
        };
        bodies.into_par_iter().with_min_len(16).map(parse).collect()
    }

    /// A record as the ledger keeps it.
    ///
    /// # Errors
    /// Those of the disk.
    pub fn body(&mut self, index: u32) -> Result<Vec<u8>, Failure> {
        let place = self.entry(index).place;
        Ok(self.records.read(place)?)
    }

    /// How many entries end in this way.
    pub fn count(&self, fate: Fate) -> u64 {
        self.entries.iter().filter(|entry| entry.fate == fate).count() as u64
    }

    /// Rejected rows and entries.
    pub fn rejected(&self) -> u64 {
        self.rejected_rows + self.count(Fate::Rejected)
    }
}
