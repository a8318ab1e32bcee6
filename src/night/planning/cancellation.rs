//! Cancellations: cards that tonight's records revoke, or replace at once, and the waiting pieces that are cancelled with
//! them.

use std::collections::BTreeMap;

use super::objections::{Remark, replaced_in_a_circle, stranger_replaced};
use super::{FindingRow, Mailing, Plan, Severity};
use crate::failure::Failure;
use crate::ledger::{Finding, Ledger, PiecePlace, State};
use crate::night::intake::{Declared, LostCard};
use mail::card::CardNumber;
use mail::issuance::Issuance;
use mail::piece::PieceKind;
use mail::{Language, Worded, Words};

/// The longest circle of records that replace each other's cards which is looked for.
const LONGEST_CIRCLE: usize = 64;

/// A card for which nothing is sent from tonight on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cancellation {
    /// The card.
    pub card: CardNumber,
    /// The card that replaces it at once; `None` where it is revoked.
    pub by: Option<CardNumber>,
    /// The index of the file that says so.
    pub file: u32,
    /// The line.
    pub line: u32,
    /// The client's reference of that row; empty where there is none.
    pub client_ref: String,
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

/// Why records recall pieces: in French, and as the ledger has it.
const REVOKED: (&str, &str) = ("sa carte est révoquée", "its card is revoked");
const REPLACED: (&str, &str) = ("sa carte est remplacée aussitôt", "its card is replaced at once");

/// Why a piece was recalled, in a language. What a person wrote stays as it is.
pub(in crate::night) fn cause_of_recall(language: Language, cause: String) -> String {
    match [REVOKED, REPLACED].into_iter().find(|(_, english)| *english == cause) {
        Some((french, english)) => language.of(french, english).to_owned(),
        None => cause,
    }
}

/// A released piece that a record of tonight recalls, because its card is revoked or replaced at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RecallByRecord {
    /// The piece.
    pub place: PiecePlace,
    /// Why, without a card's number.
    pub cause: &'static str,
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
        self.reject_circles()?;
        for claim in std::mem::take(&mut self.claims) {
            if claim.cancels {
                let client_ref = self.client_ref(claim.entry)?;
                let entry = &self.entries[claim.entry as usize];
                let (by, file, line) = (Some(entry.card), entry.file, entry.line);
                let cancellation = Cancellation { card: claim.replaced, by, file, line, client_ref };
                self.cancelled_cards.push(cancellation);
            }
        }
        // A card that is revoked and replaced counts as revoked.
        self.cancelled_cards.sort_unstable();
        self.cancelled_cards.dedup_by_key(|cancelled| cancelled.card);
        for index in 0..self.cancelled_cards.len() {
            self.warn_of_cancelled_pieces(index, ledger)?;
            self.recall_released_pieces(index, ledger)?;
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
                if !self.issuance(claimant)?.has_holder_of(&known) {
                    self.reject_claim(claimant, stranger_replaced())?;
                }
            }
        }
        Ok(())
    }

    /// Rejects records that replace each other's cards: they would leave nobody a card.
    fn reject_circles(&mut self) -> Result<(), Failure> {
        let cancelling = self.claims.iter().filter(|claim| claim.cancels);
        let replaced_by: BTreeMap<CardNumber, CardNumber> =
            cancelling.map(|claim| (self.entry(claim.entry).card, claim.replaced)).collect();
        let in_circle = |first: CardNumber| {
            let mut next = first;
            for _ in 0..LONGEST_CIRCLE {
                match replaced_by.get(&next) {
                    Some(replaced) if *replaced == first => return true,
                    Some(replaced) => next = *replaced,
                    None => return false,
                }
            }
            false
        };
        let claimants = self.claims.iter().filter(|claim| claim.cancels).map(|claim| claim.entry);
        let circle: Vec<u32> = claimants.filter(|entry| in_circle(self.entry(*entry).card)).collect();
        circle.into_iter().try_for_each(|claimant| self.reject_claim(claimant, replaced_in_a_circle()))
    }

    /// Rejects a record for the card that it replaces, which is then not cancelled.
    fn reject_claim(&mut self, claimant: u32, remark: Remark) -> Result<(), Failure> {
        self.claims.retain(|claim| claim.entry != claimant);
        let Remark { field, code, message } = remark;
        let finding = self.finding(claimant, field, code, message)?;
        self.entries[claimant as usize].mailing = Mailing::Nothing;
        self.reject(claimant, &[finding])
    }

    /// Heeds what a rejected row says of cards: a revoked one is cancelled, and one that its incident replaces too where the row
    /// names the holder that the ledger knows. Under another or no holder its pieces wait tonight.
    ///
    /// # Errors
    /// Ledger errors.
    pub(super) fn heed(
        &mut self,
        declared: &Declared,
        reject: &Finding,
        ledger: &Ledger,
    ) -> Result<(), Failure> {
        let (file, line) = (self.names.index_of(&reject.source_file), reject.line as u32);
        let cancellation =
            |card, by| Cancellation { card, by, file, line, client_ref: reject.client_ref.clone() };
        if let Some(card) = declared.revoked {
            self.cancelled_cards.push(cancellation(card, None));
        }
        let Some(LostCard { card, ps_id_nat }) = &declared.lost else { return Ok(()) };
        let known = ledger.holder_of(card.as_str())?.zip(ps_id_nat.as_ref());
        match known.is_some_and(|(known, named)| ledger.has_identifier(&known, named)) {
            true => self.cancelled_cards.push(cancellation(*card, declared.card)),
            false => self.doubtful_cards.push(*card),
        }
        Ok(())
    }

    fn issuance(&mut self, index: u32) -> Result<Issuance, Failure> {
        Ok(self.stored(index)?.issuance()?)
    }

    fn warn_of_cancelled_pieces(&mut self, index: usize, ledger: &Ledger) -> Result<(), Failure> {
        let Cancellation { card, by, file, line, client_ref } = self.cancelled_cards[index].clone();
        let pieces = ledger.waiting_of_card(card.as_str())?;
        self.cancelled_pieces += pieces;
        if pieces == 0 {
            return Ok(());
        }
        let (code, how) = match by {
            Some(by) => (
                "cancelled_by_replacement",
                Words::of(
                    format!("la carte «\u{A0}{by}\u{A0}» remplace aussitôt la carte «\u{A0}{card}\u{A0}»"),
                    format!("card `{by}` replaces card `{card}` at once"),
                ),
            ),
            None => (
                "cancelled_by_revocation",
                Words::of(
                    format!("la carte «\u{A0}{card}\u{A0}» est révoquée"),
                    format!("card `{card}` is revoked"),
                ),
            ),
        };
        let waited = match pieces {
            1 => Words::new("son pli en attente est annulé", "its piece that waited is cancelled"),
            _ => Words::new("ses plis en attente sont annulés", "its pieces that waited are cancelled"),
        };
        let message = Words::of(
            format!(
                "{}\u{202F}: {}\u{202F}; si c’est une erreur, avertissez l’émetteur",
                how.french(),
                waited.french()
            ),
            format!("{how}: {waited}; if that is wrong, tell the issuer"),
        );
        for _ in 0..pieces {
            let row = FindingRow::of(self.names.get(file), line, card, &client_ref);
            let mut warning = row.finding(self.rules.language, "status", code, &message);
            if by.is_some() {
                "replaced_card_number".clone_into(&mut warning.field);
            }
            self.findings.add(Severity::Warning, &warning)?;
        }
        Ok(())
    }

    /// Recalls what was released for a cancelled card and has not left, and says what has left.
    fn recall_released_pieces(&mut self, index: usize, ledger: &Ledger) -> Result<(), Failure> {
        let Cancellation { card, by, file, line, client_ref } = self.cancelled_cards[index].clone();
        let pieces = ledger.pieces_of_card(card.as_str())?;
        let (field, what, cause) = match by {
            Some(_) => {
                ("replaced_card_number", Words::new("remplacée aussitôt", "replaced at once"), REPLACED.1)
            }
            None => ("status", Words::new("révoquée", "revoked"), REVOKED.1),
        };
        let language = self.rules.language;
        for piece in pieces {
            let (kind, id) = (&piece.kind, &piece.piece_id);
            let french_kind = match PieceKind::parse(kind) {
                Some(PieceKind::Mailer) => "courrier codes",
                _ => "courrier carte",
            };
            let begin = format!(
                "la carte «\u{A0}{card}\u{A0}» est {}, et son {french_kind} «\u{A0}{id}\u{A0}» est",
                what.french()
            );
            let (code, message) = match piece.state {
                State::Dispatched => (
                    "left_before",
                    Words::of(
                        format!("{begin} parti"),
                        format!("card `{card}` is {what}, and its {kind} `{id}` has left"),
                    ),
                ),
                state if state.may_leave() => {
                    let (file, page) = (&piece.file, piece.first_page);
                    let french = state.name(Language::French);
                    (
                        "recalled_by_record",
                        Words::of(
                            format!(
                                "{begin} {french}\u{202F}: il est rappelé\u{202F}; retirez-le de {file}, page {page}"
                            ),
                            format!(
                                "card `{card}` is {what}, and its {kind} `{id}` is {state}: it is recalled; pull it from {file}, page {page}"
                            ),
                        ),
                    )
                }
                _ => continue,
            };
            let row = FindingRow::of(self.names.get(file), line, card, &client_ref);
            self.findings.add(Severity::Warning, &row.finding(language, field, code, &message))?;
            if code == "recalled_by_record" {
                self.recalls.extend(piece.place().map(|place| RecallByRecord { place, cause }));
            }
        }
        Ok(())
    }

    /// Whether nothing is sent for a card from tonight on.
    pub(crate) fn is_cancelled(&self, card: CardNumber) -> bool {
        self.cancelled_cards.binary_search_by_key(&card, |cancelled| cancelled.card).is_ok()
    }
}
