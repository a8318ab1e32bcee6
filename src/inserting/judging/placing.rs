//! Gives reads that name no piece of the lot to the pieces whose reads they should have been.
//!
//! A wrong text is never believed: the best that place and neighbours can do is to say that it is no alarm, or which piece could not
//! be read.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use mail::inserter::Lists;

use super::fate::{Fate, Seen};
use super::march::March;
use super::sighting::{Sightings, Stream, Text, lookalikes};
use super::{Booked, LotInHand, Standing};

/// Rows of one file this far apart may be of one passage.
const NEAR_ROWS: usize = 2;

/// Reads of two cameras this far apart may be of one passage, in seconds.
const NEAR_SECONDS: i64 = 2;

/// The reads, and what is known of them while they are placed.
pub(super) struct Placing<'a, L> {
    lot: &'a L,
    sightings: &'a Sightings<'a>,
    marches: &'a [March],
    seen: &'a Seen,
    /// The pieces one character away from each read that names none.
    lookalikes: BTreeMap<usize, Vec<u32>>,
    /// Reads that name a piece, by time in milliseconds.
    times: Vec<(i64, usize)>,
    fates: Vec<Fate>,
}

impl<'a, L: LotInHand> Placing<'a, L> {
    /// Begins with what the texts say by themselves.
    pub(super) fn new(
        lot: &'a L,
        sightings: &'a Sightings<'a>,
        marches: &'a [March],
        seen: &'a Seen,
    ) -> Placing<'a, L> {
        let plain = |text: &Text| match text {
            Text::Piece(sequence) => Fate::Names(*sequence),
            Text::Elsewhere(_) | Text::Stranger => Fate::Foreign,
            Text::Noise | Text::Blank => Fate::Unplaced,
        };
        let fates = sightings.all.iter().map(|sighting| plain(&sighting.text)).collect();
        let open = sightings.all.iter().enumerate().filter(|(_, sighting)| {
            sighting.lists == Lists::Reads && !matches!(sighting.text, Text::Piece(_) | Text::Elsewhere(_))
        });
        let lookalikes: BTreeMap<_, _> =
            open.map(|(id, sighting)| (id, lookalikes(lot, &sighting.read.value))).collect();
        let times = if lookalikes.is_empty() { Vec::new() } else { times(sightings) };
        Placing { lot, sightings, marches, seen, lookalikes, times, fates }
    }

    /// Places all reads; returns the fate of each.
    pub(super) fn fates(mut self) -> Vec<Fate> {
        let open: Vec<usize> = self.lookalikes.keys().copied().collect();
        for id in open {
            if let Some(sequence) = self.mate(id) {
                self.place(id, Fate::Beside(sequence));
            }
        }
        for (stream, march) in self.sightings.streams.iter().zip(self.marches) {
            self.fill_gaps(stream, march);
        }
        let open: Vec<usize> = self.lookalikes.keys().copied().collect();
        for id in open {
            if let Some(sequence) = self.neighbour(id) {
                self.place(id, Fate::Beside(sequence));
            }
        }
        self.leave_the_end_open();
        self.fates
    }

    fn place(&mut self, id: usize, fate: Fate) {
        self.fates[id] = fate;
        self.lookalikes.remove(&id);
    }

    fn looks_like(&self, id: usize, sequence: u32) -> bool {
        self.lookalikes.get(&id).is_some_and(|pieces| pieces.contains(&sequence))
    }

    /// The piece that was read at the same position. Another camera's counts only where this one did not read the piece, so streams
    /// that are shifted against each other excuse nothing. A number is excused only by a piece one character away.
    fn mate(&self, id: usize) -> Option<u32> {
        let own = &self.sightings.all[id];
        let mates = self.seen.at(own.read.position).iter().filter_map(|mate| {
            let other = &self.sightings.all[*mate];
            let Text::Piece(sequence) = other.text else { return None };
            let same_passage = if other.camera == own.camera {
                other.report == own.report
            } else {
                !self.seen.by(own.camera, sequence)
            };
            let excused = own.text != Text::Stranger || self.looks_like(id, sequence);
            (same_passage && excused).then_some(sequence)
        });
        mates.min()
    }

    /// Places the open reads of a stream by the gaps in which they stand.
    fn fill_gaps(&mut self, stream: &Stream, march: &March) {
        let mut gaps: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (index, id) in stream.reads.iter().enumerate() {
            if self.lookalikes.contains_key(id) {
                gaps.entry(march.gap(index)).or_default().push(*id);
            }
        }
        for (gap, reads) in gaps {
            let Some(bounds) = march.bounds(gap, stream.closed) else { continue };
            if !march.spine.is_empty() {
                self.fill(stream.camera, march, bounds, &reads);
            }
        }
    }

    /// Places the open reads of one gap: first those that are one character away from pieces that are due, then those that have no
    /// form and look like no neighbour.
    fn fill(&mut self, camera: usize, march: &March, (low, high): (u32, u32), reads: &[usize]) {
        let mut given = Vec::new();
        for id in reads {
            let inside = |sequence: &u32| {
                let rank = march.rank(*sequence);
                low < rank && rank < high && self.is_due(camera, *sequence)
            };
            let alike: Vec<u32> = self.lookalikes[id].iter().copied().filter(inside).collect();
            match alike.as_slice() {
                [] => {}
                [only] => {
                    given.push(*only);
                    self.give(*id, *only);
                }
                _ => self.place(*id, Fate::Unplaced),
            }
        }
        let tells_nothing = |id: &usize| {
            let open = self.lookalikes.contains_key(id) && self.sightings.all[*id].text != Text::Stranger;
            open && self.neighbour(*id).is_none()
        };
        let formless: Vec<usize> = reads.iter().copied().filter(tells_nothing).collect();
        if !formless.is_empty() {
            let left = |sequence: &u32| !given.contains(sequence) && self.is_due(camera, *sequence);
            let ranks = (low + 1..high).map(|rank| march.rank(rank));
            let left: Vec<u32> = ranks.filter(left).take(formless.len() + 1).collect();
            self.fill_formless(&formless, &left);
        }
    }

    /// Gives reads without form to the pieces left in their gap, if they are as many or only one is. Where no piece is left they are
    /// noise.
    fn fill_formless(&mut self, reads: &[usize], left: &[u32]) {
        for (index, id) in reads.iter().enumerate() {
            match left {
                [] => self.place(*id, Fate::Noise),
                [only] => self.give(*id, *only),
                several if several.len() == reads.len() => self.give(*id, several[index]),
                _ => {}
            }
        }
    }

    /// Whether a piece should have been read by a camera, and was not.
    fn is_due(&self, camera: usize, sequence: u32) -> bool {
        let by_other_files = |read: &Booked| !self.sightings.by_key.contains_key(&read.key);
        let settled_before = self.lot.standing(sequence) == Standing::Good
            || self.lot.booked(sequence).iter().any(by_other_files);
        !self.seen.by(camera, sequence) && (self.seen.anywhere(sequence) || !settled_before)
    }

    /// Gives a read to the piece that is due at its place.
    fn give(&mut self, id: usize, sequence: u32) {
        let read_elsewhere = self.seen.anywhere(sequence);
        self.place(id, if read_elsewhere { Fate::Beside(sequence) } else { Fate::Unreadable(sequence) });
    }

    /// The piece one character away that was read in a neighbouring row, or at the same time by another camera.
    fn neighbour(&self, id: usize) -> Option<u32> {
        let own = &self.sightings.all[id];
        let near_rows = near(&self.sightings.rows[own.report], own.row);
        let near_passing =
            own.passing.map_or(&[][..], |(stream, index)| near(&self.sightings.streams[stream].reads, index));
        let mut candidates = near_rows.iter().chain(near_passing).copied().chain(self.at_the_same_time(id));
        candidates.find_map(|other| match self.sightings.all[other].text {
            Text::Piece(sequence) if self.looks_like(id, sequence) => Some(sequence),
            _ => None,
        })
    }

    /// Reads of other cameras within two seconds.
    fn at_the_same_time(&self, id: usize) -> impl Iterator<Item = usize> {
        let own = &self.sightings.all[id];
        let time = milliseconds(&own.read.at);
        let reach = NEAR_SECONDS * 1000;
        let from =
            time.map_or(self.times.len(), |time| self.times.partition_point(|(at, _)| *at < time - reach));
        let near =
            self.times[from..].iter().take_while(move |(at, _)| time.is_some_and(|time| *at <= time + reach));
        near.map(|(_, other)| *other).filter(|other| self.sightings.all[*other].camera != own.camera)
    }

    /// Lets unknown numbers behind the last read in order of a report that goes on wait for the rows behind them, which can
    /// tell more of those alone that look like a piece which is still due.
    fn leave_the_end_open(&mut self) {
        for (stream, march) in self.sightings.streams.iter().zip(self.marches) {
            if stream.closed || !march.in_order {
                continue;
            }
            let end = march.spine.last().map_or(0, |(index, _)| index + 1);
            for id in &stream.reads[end..] {
                let sighting = &self.sightings.all[*id];
                let unknown = self.fates[*id] == Fate::Foreign && sighting.text == Text::Stranger;
                if unknown && sighting.report == stream.report && self.may_be_due(*id) {
                    self.place(*id, Fate::Waiting);
                }
            }
        }
    }

    /// Whether a piece one character away from a read is still due at its camera.
    fn may_be_due(&self, id: usize) -> bool {
        let camera = self.sightings.all[id].camera;
        let alike = self.lookalikes.get(&id).map_or(&[][..], Vec::as_slice);
        alike.iter().any(|sequence| self.is_due(camera, *sequence))
    }
}

/// The entries within two places of one.
fn near(entries: &[usize], at: usize) -> &[usize] {
    let end = (at + NEAR_ROWS + 1).min(entries.len());
    &entries[at.saturating_sub(NEAR_ROWS).min(end)..end]
}

/// The reads that name a piece, by time.
fn times(sightings: &Sightings<'_>) -> Vec<(i64, usize)> {
    let named =
        sightings.all.iter().enumerate().filter(|(_, sighting)| matches!(sighting.text, Text::Piece(_)));
    let mut times: Vec<_> =
        named.filter_map(|(id, sighting)| Some((milliseconds(&sighting.read.at)?, id))).collect();
    times.sort_unstable();
    times
}

/// A time in milliseconds; `None` where it is none.
fn milliseconds(at: &str) -> Option<i64> {
    let time: DateTime = at.parse().ok()?;
    let day = time.date().since(jiff::civil::date(2000, 1, 1)).ok()?.get_days();
    let clock = time.time();
    let seconds = i64::from(clock.hour()) * 3600 + i64::from(clock.minute()) * 60 + i64::from(clock.second());
    Some((i64::from(day) * 86_400 + seconds) * 1000 + i64::from(clock.millisecond()))
}
