//! What machines reported of one lot, held against that lot: where each read and each piece ends.
//!
//! Pure: no file, no ledger, no clock. A piece is good only by a read whose text names it. Place, order and neighbours make a wrong text
//! harmless, or say which piece could not be read; they never make a piece good.

mod fate;
mod judgement;
mod key;
mod march;
mod pairing;
mod placing;
mod sighting;
#[cfg(test)]
mod tests;
mod unseen;
mod verdict;

use super::read::MachineReport;
use fate::{Fate, Fates};
pub(crate) use judgement::Counts;
use judgement::Foreign;
pub(super) use judgement::{Alarm, Judgement};
pub(super) use key::ReadKey;
use march::March;
use sighting::{Sightings, Text};
use unseen::Unseen;
use verdict::Verdicts;

/// What the ledger knows of the lot in hand.
pub(super) trait LotInHand {
    /// How many pieces it has, numbered from 1.
    fn pieces(&self) -> u32;
    /// Where a piece stands.
    fn standing(&self, sequence: u32) -> Standing;
    /// What a text that was read names.
    fn identify(&self, text: &str) -> Named;
    /// The piece of this lot that a text names. Asked about a hundred times for a text that nobody has.
    fn piece(&self, text: &str) -> Option<u32>;
    /// The passages of a piece that were booked before.
    fn booked(&self, sequence: u32) -> &[Booked];
}

/// Where a piece stands before the reports are held against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Released, and no alarm of it is open.
    Open,
    /// In its envelope, by a machine or by hand, or accepted by a person.
    Good,
    /// An alarm of it waits for a person: no read makes it good.
    Stopped,
    /// Not seen by the camera.
    Missing,
    /// It must not pass: spoiled, reprinted, recalled, its card lost or spoiled, its codes compromised.
    Out,
}

/// What a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// A piece of the lot in hand, from 1 to [`LotInHand::pieces`].
    Piece(u32),
    /// A piece of another lot, by its printed reference.
    Elsewhere(String),
    /// Nothing that is known.
    Nobody,
}

/// A passage that was booked before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Booked {
    /// The camera; empty where the report named none.
    pub camera: String,
    /// The read.
    pub key: ReadKey,
}

/// Holds reports against a lot. `end`: nothing more will be reported, whatever the reports say.
pub(super) fn judge(lot: &impl LotInHand, reports: &[MachineReport], end: bool) -> Judgement {
    let mut judgement = Judgement::default();
    let sightings = Sightings::gather(lot, reports, end, &mut judgement.counts);
    let marches: Vec<March> =
        sightings.streams.iter().map(|stream| March::of(stream, &sightings, lot.pieces())).collect();
    let fates = Fates::decide(lot, &sightings, &marches);
    count(&sightings, &fates, &mut judgement);
    let unseen = Unseen::of(reports, &sightings, &marches, end);
    Verdicts::new(lot, &sightings, &fates, unseen).pass(&mut judgement);
    judgement.pending = judgement.tally.pending;
    judgement.settles = judgement.pending == 0 && judgement.counts.waiting == 0;
    let times = reports.iter().flat_map(|report| &report.reads).map(|read| &read.at);
    judgement.last_at = times.max().cloned().unwrap_or_default();
    debug_assert!(judgement.counts.balances(), "{:?}", judgement.counts);
    debug_assert_eq!(judgement.tally.pieces(), lot.pieces(), "{:?}", judgement.tally);
    judgement
}

/// Counts the reads by their fates, and names the foreign ones.
fn count(sightings: &Sightings<'_>, fates: &Fates, judgement: &mut Judgement) {
    for (sighting, fate) in sightings.all.iter().zip(&fates.of) {
        let counts = &mut judgement.counts;
        let count = match fate {
            Fate::Names(_) => &mut counts.named,
            Fate::Beside(_) | Fate::Noise if sighting.text == Text::Blank => &mut counts.blanks,
            Fate::Beside(_) | Fate::Noise => &mut counts.misreads,
            Fate::Unreadable(_) => &mut counts.placed,
            Fate::Unplaced => &mut counts.unreadable_reads,
            Fate::Waiting => &mut counts.waiting,
            Fate::Foreign => &mut counts.foreign,
        };
        *count += 1;
        if *fate == Fate::Foreign {
            let piece_id = match &sighting.text {
                Text::Elsewhere(piece_id) => Some(piece_id.clone()),
                _ => None,
            };
            let (text, file) = (sighting.read.value.clone(), sighting.file.to_owned());
            let (key, line) = (sighting.key, sighting.read.line);
            judgement.foreign.push(Foreign { text, piece_id, key, line, file });
        }
    }
}
