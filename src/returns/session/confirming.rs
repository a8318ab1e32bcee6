//! Bars without agreement: two pictures of one return that read the same number confirm each other.

use super::super::judging::Claim;
use super::super::notes::Note;
use super::super::outcome::{Outcome, Verdict};
use super::Session;
use super::remarks::another_picture_of_it;
use crate::failure::Failure;
use crate::ledger::{Ledger, ReturnWriter};

/// From which confidence on bars whose bands do not agree may be confirmed by another picture.
const CONFIRMABLE: f32 = 0.15;

/// A page, by the digest of its file and its number.
pub(super) type SeenPage = (String, u32);

impl Session<'_> {
    /// Notes a number that bars of a page read before without agreement.
    pub(super) fn note_unconfirmed(&mut self, outcome: &Outcome) {
        let lone = outcome.symbols.iter().find(|symbol| {
            outcome.verdict == Verdict::Unreadable && !symbol.agreed && symbol.confidence >= CONFIRMABLE
        });
        if let Some(symbol) = lone {
            let page = (outcome.sha256.clone(), outcome.page);
            self.unconfirmed.entry(symbol.text.clone()).or_insert((page, self.outcomes.len()));
        }
    }

    /// Whether bars without agreement read what those of another picture of the pile have read.
    pub(super) fn confirms(&mut self, claim: &Claim, outcome: &Outcome) -> bool {
        let Some((number, false)) = &claim.bars else { return false };
        let certain = claim.symbols.iter().any(|index| {
            let symbol = outcome.symbols.get(*index);
            symbol.is_some_and(|symbol| symbol.text == number.as_str() && symbol.confidence >= CONFIRMABLE)
        });
        if claim.block.is_some() || !certain {
            return false;
        }
        let page = (outcome.sha256.clone(), outcome.page);
        match self.unconfirmed.get(number.as_str()) {
            Some((earlier, _)) => *earlier != page,
            None => {
                self.unconfirmed.insert(number.to_string(), (page, self.outcomes.len()));
                false
            }
        }
    }

    /// The earlier picture whose number this one confirms shows the same piece.
    pub(super) fn confirm_earlier(
        &mut self,
        confirmed: &Outcome,
        writer: Option<&ReturnWriter>,
        ledger: &Ledger,
    ) -> Result<(), Failure> {
        let number = confirmed.card_number.clone().unwrap_or_default();
        let Some((_, place)) = self.unconfirmed.remove(&number) else { return Ok(()) };
        let Some(earlier) = self.outcomes.get_mut(place) else { return Ok(()) };
        earlier.verdict = Verdict::Matched;
        earlier.remark = another_picture_of_it();
        (earlier.kind, earlier.piece_id) = (confirmed.kind.clone(), confirmed.piece_id.clone());
        earlier.card_number = Some(number);
        earlier.return_reason = confirmed.return_reason.clone();
        let earlier = earlier.clone();
        self.confirmed.insert(place);
        let Some(writer) = writer else { return Ok(()) };
        let Some(mut note) = Note::of_page(ledger, &earlier.sha256, earlier.page)? else { return Ok(()) };
        note.replace(&earlier);
        note.write(writer, ledger)
    }
}
