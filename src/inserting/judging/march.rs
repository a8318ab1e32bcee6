//! The order in which a stream reads its lot, and how far it has come.

use std::collections::HashSet;

use super::sighting::{Sightings, Stream, Text};

/// A read further than this past the one before it does not tell how far a stream has come, unless a second read is near it.
const LEAP: u32 = 25;

/// A step against the way of a stream that is no longer than this swaps neighbours.
const SWAP: u32 = 3;

/// How a stream goes through its lot. A rank is a sequence counted from the end at which the stream began.
#[derive(Debug)]
pub(super) struct March {
    /// Whether it begins with the last piece.
    descends: bool,
    /// Whether it is in order: see [`Steps::are_in_line`].
    pub in_order: bool,
    /// The longest run of reads in order, up to the frontier: index in the stream, and rank. Empty without order.
    pub spine: Vec<(usize, u32)>,
    pieces: u32,
}

impl March {
    /// Judges the order of a stream's first reads. Fewer than two say nothing: the stream is in order, and has come nowhere.
    pub(super) fn of(stream: &Stream, sightings: &Sightings<'_>, pieces: u32) -> March {
        let firsts = first_reads(stream, sightings);
        let pairs = firsts.len().saturating_sub(1);
        let steps = Steps::of(&firsts);
        let begins_low = firsts.first().is_none_or(|(_, sequence)| *sequence <= pieces / 2);
        let early = firsts.len() * 2 <= pieces as usize;
        let rises = steps.are_in_line(&steps.falling, early && begins_low);
        let falls = steps.are_in_line(&steps.rising, early && !begins_low);
        let (descends, in_order) = (falls && !rises, falls || rises);
        let mut march = March { descends, in_order, spine: Vec::new(), pieces };
        // Two reads in the second half of a long lot do not tell from which end it is fed.
        let says_nothing = pairs == 0 || (pairs == 1 && !begins_low && pieces > LEAP);
        if in_order && !says_nothing {
            let ranks: Vec<_> =
                firsts.iter().map(|(index, sequence)| (*index, march.rank(*sequence))).collect();
            march.spine = longest_run(&ranks);
            march.drop_outliers(&ranks);
        }
        march
    }

    /// The rank of a sequence, and the sequence of a rank.
    pub(super) fn rank(&self, sequence: u32) -> u32 {
        if self.descends { (self.pieces + 1).saturating_sub(sequence) } else { sequence }
    }

    /// Whether the stream has come past a piece.
    pub(super) fn has_passed(&self, sequence: u32) -> bool {
        self.spine.last().is_some_and(|(_, frontier)| self.rank(sequence) <= *frontier)
    }

    /// The number of reads of the spine before a place in the stream.
    pub(super) fn gap(&self, index: usize) -> usize {
        self.spine.partition_point(|(own, _)| *own < index)
    }

    /// The ranks between which the pieces of a gap lie, both excluded; `None` at the end of a stream that goes on.
    pub(super) fn bounds(&self, gap: usize, closed: bool) -> Option<(u32, u32)> {
        let low = gap.checked_sub(1).map_or(0, |before| self.spine[before].1);
        let high = self.spine.get(gap).map(|(_, rank)| *rank).or(closed.then_some(self.pieces + 1))?;
        Some((low, high))
    }

    /// Takes reads off the end that leap ahead without a second read near them.
    fn drop_outliers(&mut self, ranks: &[(usize, u32)]) {
        let mut sorted: Vec<u32> = ranks.iter().map(|(_, rank)| *rank).collect();
        sorted.sort_unstable();
        while let Some((_, last)) = self.spine.last().copied() {
            let before = self.spine.iter().rev().nth(1).map_or(0, |(_, rank)| *rank);
            let at = sorted.partition_point(|rank| *rank < last);
            let near = |other: Option<&u32>| other.is_some_and(|other| other.abs_diff(last) <= LEAP);
            let company =
                near(sorted.get(at + 1)) || at.checked_sub(1).is_some_and(|at| near(sorted.get(at)));
            if last - before <= LEAP || company {
                break;
            }
            self.spine.pop();
        }
    }
}

/// How far neighbouring first reads are apart.
struct Steps {
    rising: Vec<u32>,
    falling: Vec<u32>,
}

impl Steps {
    fn of(firsts: &[(usize, u32)]) -> Steps {
        let mut steps = Steps { rising: Vec::new(), falling: Vec::new() };
        for pair in firsts.windows(2) {
            let way = if pair[0].1 < pair[1].1 { &mut steps.rising } else { &mut steps.falling };
            way.push(pair[0].1.abs_diff(pair[1].1));
        }
        steps
    }

    /// Whether a stream goes one way, though these steps go `against` it: at most one in ten does, or one in four of which nearly
    /// all swap neighbours, or a single one in a stream that `begins` at its end. Few reads with a swapped pair are no file without
    /// order.
    fn are_in_line(&self, against: &[u32], begins: bool) -> bool {
        let pairs = self.rising.len() + self.falling.len();
        let far = against.iter().filter(|step| **step > SWAP).count();
        let few = against.len() * 10 <= pairs;
        let near = far * 10 <= pairs && against.len() * 4 <= pairs;
        few || near || (against.len() == 1 && begins)
    }
}

/// The first read of each piece in a stream: index in the stream, and sequence.
fn first_reads(stream: &Stream, sightings: &Sightings<'_>) -> Vec<(usize, u32)> {
    let mut seen = HashSet::new();
    let named = stream.reads.iter().enumerate().filter_map(|(index, id)| match sightings.all[*id].text {
        Text::Piece(sequence) => Some((index, sequence)),
        _ => None,
    });
    named.filter(|(_, sequence)| seen.insert(*sequence)).collect()
}

/// The longest run of rising ranks.
fn longest_run(ranks: &[(usize, u32)]) -> Vec<(usize, u32)> {
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(ranks.len());
    for (index, (_, rank)) in ranks.iter().enumerate() {
        let length = ends.partition_point(|end| ranks[*end].1 < *rank);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(length) {
            Some(end) => *end = index,
            None => ends.push(index),
        }
    }
    let mut run: Vec<_> = std::iter::successors(ends.last().copied(), |index| before[*index]).collect();
    run.reverse();
    run.into_iter().map(|index| ranks[index]).collect()
}
