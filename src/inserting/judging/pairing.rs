//! Whether card and letter of a read belong together.

use std::collections::{HashMap, HashSet};

use super::fate::{Fate, Fates};
use super::judgement::Counts;
use super::sighting::{Sighting, Sightings, is_card_number, lookalikes};
use super::{LotInHand, Named};

/// What the card of a read says of its letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pair {
    /// Nothing: no letter of the lot, or no card that could be read.
    Silent,
    /// They belong together.
    Right,
    /// The card is another's.
    Wrong,
    /// Nobody has a card with this number.
    Unknown,
}

/// The pairs of all reads.
pub(super) struct Pairing {
    pairs: Vec<Pair>,
    /// Letters whose card was read in another's envelope, with the read.
    astray: HashMap<u32, usize>,
}

impl Pairing {
    /// Compares what was read on cards and on letters.
    pub(super) fn of(
        lot: &impl LotInHand,
        sightings: &Sightings<'_>,
        fates: &Fates,
        counts: &mut Counts,
    ) -> Pairing {
        let looks = |sighting: &&Sighting<'_>| !sighting.read.card_value.is_empty();
        let looking: HashSet<usize> =
            sightings.all.iter().filter(looks).map(|sighting| sighting.report).collect();
        let mut pairing = Pairing { pairs: Vec::with_capacity(sightings.all.len()), astray: HashMap::new() };
        for (id, (sighting, fate)) in sightings.all.iter().zip(&fates.of).enumerate() {
            let card = &sighting.read.card_value;
            let pair = match fate {
                Fate::Names(sequence) | Fate::Beside(sequence) | Fate::Unreadable(sequence)
                    if is_card_number(card) =>
                {
                    pairing.compare(lot, Some(*sequence), card, id)
                }
                Fate::Foreign if is_card_number(card) => pairing.compare(lot, None, card, id),
                Fate::Names(_) if looking.contains(&sighting.report) => {
                    counts.cards_unread += 1;
                    Pair::Silent
                }
                _ => Pair::Silent,
            };
            pairing.pairs.push(pair);
        }
        pairing
    }

    /// Compares a card with the letter in whose envelope it was read: a piece of the lot, or a foreign one.
    fn compare(&mut self, lot: &impl LotInHand, sequence: Option<u32>, card: &str, id: usize) -> Pair {
        match lot.identify(card) {
            Named::Piece(other) if Some(other) == sequence => Pair::Right,
            Named::Piece(other) => {
                self.astray.entry(other).or_insert(id);
                Pair::Wrong
            }
            Named::Elsewhere(_) => Pair::Wrong,
            Named::Nobody => Pair::Unknown,
        }
    }

    /// The reads that say that a piece has another's card, or that its own card is in another's envelope. `reads`: those that name it,
    /// and wrong texts beside them.
    pub(super) fn mismatches(
        &self,
        lot: &impl LotInHand,
        sightings: &Sightings<'_>,
        (sequence, reads): (u32, &[usize]),
        counts: &mut Counts,
    ) -> Vec<usize> {
        let mut wrong = Vec::new();
        for id in reads {
            match self.pairs[*id] {
                Pair::Unknown if self.is_misread(lot, sightings, (sequence, reads), *id) => {
                    counts.cards_misread += 1
                }
                Pair::Wrong | Pair::Unknown => wrong.push(*id),
                Pair::Right | Pair::Silent => {}
            }
        }
        let confirmed = reads.iter().any(|id| self.pairs[*id] == Pair::Right);
        if let Some(id) = self.astray.get(&sequence).filter(|_| wrong.is_empty() && !confirmed) {
            wrong.push(*id);
        }
        wrong
    }

    /// Whether a card's number that nobody has is a misread: it is one character away from the right one, which another camera read.
    fn is_misread(
        &self,
        lot: &impl LotInHand,
        sightings: &Sightings<'_>,
        (sequence, reads): (u32, &[usize]),
        id: usize,
    ) -> bool {
        let camera = sightings.all[id].camera;
        let right =
            |other: &usize| self.pairs[*other] == Pair::Right && sightings.all[*other].camera != camera;
        reads.iter().any(right) && lookalikes(lot, &sightings.all[id].read.card_value).contains(&sequence)
    }
}
