//! Cancellations: cards that tonight's records revoke, or replace at once, and the waiting pieces that are cancelled with
//! them.

use super::objections::stranger_replaced;
use super::{Outcome, Plan, Severity, finding};
use crate::failure::Failure;
use crate::ledger::Ledger;
use mail::card::CardNumber;
use mail::issuance::Issuance;

/// A card for which nothing is sent from tonight on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cancellation {
    /// The card.
    pub card: CardNumber,
    /// The card that replaces it at once; `None` where it is revoked.
    pub by: Option<CardNumber>,
    /// The index of the file that says so.
    pub file: u32,
    /// The line.
    pub line: u32,
}

/// A record that names the card which its own replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Claim {
    /// The replaced card.
    pub replaced: CardNumber,
    /// The index of the record's entry.
    pub entry: u32,
    /// Whether the replaced card is cancelled at once.
    pub cancels: bool,
}

impl Plan {
    /// Decides which cards are cancelled, once every row is in. A record that replaces a card which another holder gets
    /// tonight is rejected. Each waiting piece that is cancelled is a warning.
    ///
    /// # Errors
    /// Ledger and I/O errors.
    pub(super) fn settle_cancellations(&mut self, ledger: &Ledger) -> Result<(), Failure> {
        self.claims.sort_unstable();
        self.reject_claims_on_strangers()?;
        for claim in std::mem::take(&mut self.claims) {
            let entry = &self.entries[claim.entry as usize];
            if claim.cancels && entry.outcome != Outcome::Rejected {
                let by = Some(entry.card);
                let cancellation =
                    Cancellation { card: claim.replaced, by, file: entry.file, line: entry.line };
                self.cancelled_cards.push(cancellation);
            }
        }
        // A card that is revoked and replaced counts as revoked.
        self.cancelled_cards.sort_unstable();
        self.cancelled_cards.dedup_by_key(|cancelled| cancelled.card);
        for index in 0..self.cancelled_cards.len() {
            self.warn_of_cancelled_pieces(index, ledger)?;
        }
        Ok(())
    }

    fn reject_claims_on_strangers(&mut self) -> Result<(), Failure> {
        if self.claims.is_empty() {
            return Ok(());
        }
        let claimed = |card| self.claims.binary_search_by_key(&card, |claim| claim.replaced).is_ok();
        let tonight = (0..).zip(&self.entries).filter(|(_, entry)| claimed(entry.card));
        let tonight: Vec<u32> = tonight.map(|(index, _)| index).collect();
        for index in tonight {
            let card = self.entry(index).card;
            let known = self.issuance(index)?;
            let first = self.claims.partition_point(|claim| claim.replaced < card);
            let of_card = self.claims[first..].iter().take_while(|claim| claim.replaced == card);
            let claimants: Vec<u32> = of_card.map(|claim| claim.entry).collect();
            for claimant in claimants {
                let sent = self.entry(claimant).outcome != Outcome::Rejected;
                if sent && !self.issuance(claimant)?.has_holder_of(&known) {
                    let remark = stranger_replaced();
                    let finding = self.finding(claimant, remark.field, remark.code, remark.message);
                    self.entries[claimant as usize].mailing = super::Mailing::Nothing;
                    self.reject(claimant, &[finding])?;
                }
            }
        }
        Ok(())
    }

    fn issuance(&mut self, index: u32) -> Result<Issuance, Failure> {
        let body = self.body(index)?;
        Ok(serde_json::from_slice(&body).map_err(std::io::Error::from)?)
    }

    fn warn_of_cancelled_pieces(&mut self, index: usize, ledger: &Ledger) -> Result<(), Failure> {
        let Cancellation { card, by, file, line } = self.cancelled_cards[index];
        let pieces = ledger.waiting_of_card(card.as_str())?;
        self.cancelled_pieces += pieces;
        if pieces == 0 {
            return Ok(());
        }
        let (code, how) = match by {
            Some(by) => ("cancelled_by_replacement", format!("card `{by}` replaces card `{card}` at once")),
            None => ("cancelled_by_revocation", format!("card `{card}` is revoked")),
        };
        let waited = if pieces == 1 { "its piece that waited is" } else { "its pieces that waited are" };
        let message = format!("{how}: {waited} cancelled; if that is wrong, tell the issuer");
        for _ in 0..pieces {
            let mut warning = finding(self.names.get(file), line, card, "status", code, &*message);
            if by.is_some() {
                "replaced_card_number".clone_into(&mut warning.field);
            }
            self.findings.add(Severity::Warning, &warning)?;
        }
        Ok(())
    }

    /// Whether nothing is sent for a card from tonight on.
    pub(super) fn is_cancelled(&self, card: CardNumber) -> bool {
        self.cancelled_cards.binary_search_by_key(&card, |cancelled| cancelled.card).is_ok()
    }
}
