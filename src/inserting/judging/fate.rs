//! How each read ends: what the texts name, what place and neighbours add, and which reads are not believed.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::march::March;
use super::placing::Placing;
use super::sighting::{Sightings, Stream, Text, differ_in_one, lookalikes};
use super::{LotInHand, Standing};

/// More reads than this at one position are not of one passage.
const CROWD: usize = 16;

/// How a read ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It names this piece of the lot.
    Names(u32),
    /// It is a wrong text, or none, beside a good read of this piece.
    Beside(u32),
    /// It stands where no piece is due.
    Noise,
    /// Its place gives it to this piece, which nothing has read.
    Unreadable(u32),
    /// Nothing gives it to a piece.
    Unplaced,
    /// It does not belong to the lot.
    Foreign,
    /// The rows behind it will tell.
    Waiting,
}

/// The fates of all reads.
pub(super) struct Fates {
    /// The fate of each sighting.
    pub of: Vec<Fate>,
    /// Pieces that nothing names and whose place an unreadable read takes, and pieces whose only read is not believed; with the read.
    pub unreadable: BTreeMap<u32, usize>,
}

impl Fates {
    /// Decides how each read ends. `marches` are those of the streams.
    pub(super) fn decide(lot: &impl LotInHand, sightings: &Sightings<'_>, marches: &[March]) -> Fates {
        let seen = Seen::of(sightings);
        let of = Placing::new(lot, sightings, marches, &seen).fates();
        let placed = of.iter().enumerate().filter_map(|(id, fate)| match fate {
            Fate::Unreadable(sequence) => Some((*sequence, id)),
            _ => None,
        });
        let mut unreadable = BTreeMap::new();
        for (sequence, id) in placed {
            unreadable.entry(sequence).or_insert(id);
        }
        doubt_misplaced(lot, sightings, marches, &seen, &mut unreadable);
        doubt_contradicted(sightings, &seen, &mut unreadable);
        Fates { of, unreadable }
    }
}

/// Which pieces the reads name.
pub(super) struct Seen {
    /// The reads of each piece: how many, and the last.
    reads: HashMap<u32, (u32, usize)>,
    /// Camera and piece.
    by_camera: HashSet<(usize, u32)>,
    /// The reads that name a piece at each position.
    at_position: HashMap<u64, Vec<usize>>,
}

impl Seen {
    fn of(sightings: &Sightings<'_>) -> Seen {
        let mut reads = HashMap::with_capacity(sightings.all.len());
        let mut by_camera = HashSet::with_capacity(sightings.all.len());
        let mut at_position: HashMap<u64, Vec<usize>> = HashMap::with_capacity(sightings.all.len());
        for (id, sighting) in sightings.all.iter().enumerate() {
            let Text::Piece(sequence) = sighting.text else { continue };
            let (times, last) = reads.entry(sequence).or_insert((0, id));
            (*times, *last) = (*times + 1, id);
            by_camera.insert((sighting.camera, sequence));
            if let Some(position) = sighting.read.position {
                at_position.entry(position).or_default().push(id);
            }
        }
        Seen { reads, by_camera, at_position }
    }

    /// Whether any read names the piece.
    pub(super) fn anywhere(&self, sequence: u32) -> bool {
        self.reads.contains_key(&sequence)
    }

    /// Whether a read of this camera names the piece.
    pub(super) fn by(&self, camera: usize, sequence: u32) -> bool {
        self.by_camera.contains(&(camera, sequence))
    }

    /// The reads that name a piece at a position of their streams; none where the machine writes one position for many pieces.
    pub(super) fn at(&self, position: Option<u64>) -> &[usize] {
        let reads =
            position.and_then(|position| self.at_position.get(&position)).map_or(&[][..], Vec::as_slice);
        if reads.len() > CROWD { &[] } else { reads }
    }

    /// Whether a read is the only one of its piece.
    fn only(&self, sequence: u32, id: usize) -> bool {
        self.reads.get(&sequence) == Some(&(1, id))
    }
}

/// The only read of a piece, out of its place and one character away from the one unseen piece that is due there: a misread of that piece
/// has the same look. Neither piece is believed.
fn doubt_misplaced(
    lot: &impl LotInHand,
    sightings: &Sightings<'_>,
    marches: &[March],
    seen: &Seen,
    unreadable: &mut BTreeMap<u32, usize>,
) {
    for (stream, march) in sightings.streams.iter().zip(marches).filter(|(_, march)| !march.spine.is_empty())
    {
        let on_spine: HashSet<usize> = march.spine.iter().map(|(index, _)| *index).collect();
        let mut due_in: HashMap<usize, Option<u32>> = HashMap::new();
        for (index, id) in stream.reads.iter().enumerate().filter(|(index, _)| !on_spine.contains(index)) {
            let Text::Piece(sequence) = sightings.all[*id].text else { continue };
            if !seen.only(sequence, *id) {
                continue;
            }
            let gap = march.gap(index);
            let due = *due_in.entry(gap).or_insert_with(|| only_due(lot, stream, march, gap, seen));
            let value = &sightings.all[*id].read.value;
            if let Some(due) = due.filter(|due| lookalikes(lot, value).contains(due)) {
                unreadable.insert(sequence, *id);
                unreadable.entry(due).or_insert(*id);
            }
        }
    }
}

/// The unseen piece that is due in a gap; `None` where none or several are.
fn only_due(lot: &impl LotInHand, stream: &Stream, march: &March, gap: usize, seen: &Seen) -> Option<u32> {
    let (low, high) = march.bounds(gap, stream.closed)?;
    let waits = |sequence: &u32| {
        let open = matches!(lot.standing(*sequence), Standing::Open | Standing::Missing);
        open && !seen.anywhere(*sequence)
    };
    let mut due = (low + 1..high).map(|rank| march.rank(rank)).filter(waits);
    due.next().filter(|_| due.next().is_none())
}

/// The only reads of two pieces, at one position of two cameras and one character apart: one of them is a misread, and nothing says
/// which. Neither is believed.
fn doubt_contradicted(sightings: &Sightings<'_>, seen: &Seen, unreadable: &mut BTreeMap<u32, usize>) {
    if sightings.cameras.len() < 2 {
        return;
    }
    for (id, sighting) in sightings.all.iter().enumerate() {
        let Text::Piece(sequence) = sighting.text else { continue };
        let contradicts = |other: &&usize| {
            let rival = &sightings.all[**other];
            let Text::Piece(rival_sequence) = rival.text else { return false };
            rival_sequence != sequence
                && differ_in_one(&rival.read.value, &sighting.read.value)
                && !seen.by(sighting.camera, rival_sequence)
        };
        if seen.only(sequence, id) && seen.at(sighting.read.position).iter().any(|other| contradicts(&other))
        {
            unreadable.insert(sequence, id);
        }
    }
}
