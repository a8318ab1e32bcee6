//! Queries on a plan, and changes by the check.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::{ArrangedMailers, DuePiece, Entry, FindingRow, Mailing, Outcome, Plan, Severity, SpooledRecord};
use crate::failure::Failure;
use crate::ledger::Finding;
use crate::vault::MailerOrder;
use mail::Worded;
use mail::card::CardNumber;
use mail::piece::PieceKind;

impl Plan {
    /// Cards whose codes a person released, and whose codes no record of tonight needs released.
    pub(crate) fn unused_releases(&self) -> Vec<CardNumber> {
        let used: BTreeSet<&CardNumber> = self.released_codes.iter().map(|(card, _)| card).collect();
        self.rules.reissues.iter().map(|(card, _)| *card).filter(|card| !used.contains(card)).collect()
    }

    /// How many entries are duties that waited in the ledger.
    pub(crate) fn carried(&self) -> usize {
        self.duties.len()
    }

    /// The code of an entry's reason.
    pub(crate) fn reason(&self, entry: &Entry) -> &'static str {
        self.facts.known[usize::from(entry.facts)][0]
    }

    /// The entry with this index.
    pub(crate) fn entry(&self, index: u32) -> &Entry {
        &self.entries[index as usize]
    }

    /// The name of an entry's file.
    pub(crate) fn source_file(&self, entry: &Entry) -> &str {
        self.names.get(entry.file)
    }

    /// The name of an entry's file, shared.
    pub(crate) fn shared_source_file(&self, entry: &Entry) -> Arc<str> {
        Arc::clone(self.names.get(entry.file))
    }

    /// A finding about an entry.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn finding(
        &mut self,
        index: u32,
        field: &str,
        code: &str,
        message: impl Worded,
    ) -> Result<Finding, Failure> {
        let client_ref = self.client_ref(index)?;
        let entry = self.entry(index);
        let row = FindingRow::of(self.source_file(entry), entry.line, entry.card, &client_ref);
        Ok(row.finding(self.rules.language, field, code, &message))
    }

    /// The client's reference of an entry's record; empty where there is none.
    ///
    /// # Errors
    /// I/O errors; a record that is not what was written.
    pub(super) fn client_ref(&mut self, index: u32) -> Result<String, Failure> {
        Ok(self.stored(index)?.issuance()?.client_ref)
    }

    /// Rejects an entry's piece.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn reject(&mut self, index: u32, findings: &[Finding]) -> Result<(), Failure> {
        self.entries[index as usize].outcome = Outcome::Rejected;
        self.note(Severity::Reject, findings)
    }

    /// Holds an entry's piece back for another night, with a warning.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn defer(
        &mut self,
        index: u32,
        code: &str,
        message: &(impl Worded + ?Sized),
    ) -> Result<(), Failure> {
        self.hold_back(index);
        let finding = self.finding(index, "card_number", code, message)?;
        self.note(Severity::Warning, &[finding])
    }

    /// Holds an entry's piece back for another night; its warning is among the findings already.
    pub(crate) fn hold_back(&mut self, index: u32) {
        self.held += 1;
        self.entries[index as usize].outcome = Outcome::Deferred;
    }

    /// Adds a warning about an input file as a whole, or a row of it that is of no record.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn warn_of_file(&mut self, finding: Finding) -> Result<(), Failure> {
        self.note(Severity::Warning, &[finding])
    }

    /// Adds a warning about a piece that leaves.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn warn(
        &mut self,
        index: u32,
        field: &str,
        code: &str,
        message: &(impl Worded + ?Sized),
    ) -> Result<(), Failure> {
        let finding = self.finding(index, field, code, message)?;
        self.note(Severity::Warning, &[finding])
    }

    /// The facts of the mailers that tonight's records lead to, tonight or later, each combination once.
    pub(crate) fn facts_of_new_mailers(&self) -> BTreeSet<[&'static str; 5]> {
        let mailed = |entry: &&Entry| matches!(entry.mailing, Mailing::LetterThenMailer | Mailing::Mailer);
        self.facts_of(self.entries[self.carried()..].iter().filter(mailed))
    }

    /// Sets the order of the lot of mailers. Without it they lie in the order of the entries, which tells the order of the
    /// letters and of the records.
    pub(crate) fn arrange_mailers(&mut self, order: MailerOrder) {
        let rank = |index: u32| (order.rank(self.entry(index).card.as_str()), index);
        let mut ranked: Vec<_> =
            self.pieces(PieceKind::Mailer).collect::<Vec<_>>().into_par_iter().map(rank).collect();
        ranked.par_sort_unstable();
        let entries = ranked.into_iter().map(|(_, index)| index).collect();
        self.mailers = Some(ArrangedMailers { entries, order });
    }

    /// The order of the lot of mailers, if it is set.
    pub(crate) fn mailer_order(&self) -> Option<&MailerOrder> {
        self.mailers.as_ref().map(|mailers| &mailers.order)
    }

    /// All entries that may have a piece of this kind, in lot order, from a position on.
    fn candidates(&self, kind: PieceKind, from: u32) -> impl Iterator<Item = u32> + '_ {
        let arranged = match kind {
            PieceKind::Letter => self.letters.as_ref(),
            PieceKind::Mailer => self.mailers.as_ref().map(|mailers| &mailers.entries),
        };
        let (range, arranged) = match arranged {
            Some(entries) => (0..0, entries.get(from as usize..).unwrap_or_default()),
            None => (from..self.entries.len() as u32, &[][..]),
        };
        range.chain(arranged.iter().copied())
    }

    /// The indices of the entries whose piece of this kind leaves, in lot order.
    pub(crate) fn pieces(&self, kind: PieceKind) -> impl Iterator<Item = u32> + '_ {
        self.candidates(kind, 0).filter(move |index| self.entry(*index).leaves(kind))
    }

    /// Like [`Plan::pieces`], from position `next` on and at most `most` of them; moves `next` past the last.
    pub(crate) fn next_pieces(&self, kind: PieceKind, next: &mut u32, most: usize) -> Vec<u32> {
        let mut batch = Vec::with_capacity(most);
        for index in self.candidates(kind, *next) {
            *next += 1;
            if self.entry(index).leaves(kind) {
                batch.push(index);
                if batch.len() == most {
                    break;
                }
            }
        }
        batch
    }

    /// The facts of a kind's pieces, each combination once.
    pub(crate) fn facts(&self, kind: PieceKind) -> BTreeSet<[&'static str; 5]> {
        self.facts_of(self.entries.iter().filter(|entry| entry.leaves(kind)))
    }

    fn facts_of<'e>(&self, entries: impl Iterator<Item = &'e Entry>) -> BTreeSet<[&'static str; 5]> {
        // Marks the combinations first, so that each is collected only once.
        let mut found = vec![false; self.facts.known.len()];
        for entry in entries {
            found[usize::from(entry.facts)] = true;
        }
        self.facts.known.iter().zip(found).filter(|(_, found)| *found).map(|(facts, _)| *facts).collect()
    }

    /// Loads the pieces of these entries from the spool.
    ///
    /// # Errors
    /// I/O errors; a record that is not what was written.
    pub(crate) fn load(&mut self, indices: &[u32]) -> Result<Vec<DuePiece>, Failure> {
        let stored: Vec<(u32, SpooledRecord)> =
            indices.iter().map(|index| Ok((*index, self.stored(*index)?))).collect::<Result<_, Failure>>()?;
        let unpack = |(entry, stored): (u32, SpooledRecord)| -> Result<DuePiece, Failure> {
            Ok(DuePiece { entry, issuance: stored.issuance()? })
        };
        stored.into_par_iter().with_min_len(16).map(unpack).collect()
    }

    /// An entry's record, as the spool has it.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn stored(&mut self, index: u32) -> Result<SpooledRecord, Failure> {
        let span = self.entry(index).span;
        Ok(SpooledRecord::of_bytes(self.records.read(span)?))
    }

    /// How many entries have this outcome.
    pub(crate) fn count(&self, outcome: Outcome) -> u64 {
        self.entries.iter().filter(|entry| entry.outcome == outcome).count() as u64
    }

    /// How many new records of each file were accepted.
    pub(crate) fn accepted(&self) -> BTreeMap<&str, u64> {
        let mut accepted = BTreeMap::new();
        let new = self.entries.iter().skip(self.carried());
        for entry in new.filter(|entry| entry.outcome != Outcome::Rejected) {
            *accepted.entry(self.source_file(entry)).or_default() += 1;
        }
        accepted
    }

    /// Rejected rows and entries.
    pub(crate) fn rejected(&self) -> u64 {
        self.rejected_rows + self.count(Outcome::Rejected)
    }
}
