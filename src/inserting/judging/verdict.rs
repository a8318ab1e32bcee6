//! Where each piece of the lot ends.

use std::cmp::Reverse;
use std::collections::HashSet;

use mail::inserter::{InsertStatus, Lists};

use super::fate::{Fate, Fates};
use super::judgement::{Judgement, Passage};
use super::pairing::Pairing;
use super::sighting::{Sighting, Sightings};
use super::unseen::Unseen;
use super::{LotInHand, Standing};

/// Goes through the pieces of the lot.
pub(super) struct Verdicts<'a, L> {
    lot: &'a L,
    sightings: &'a Sightings<'a>,
    fates: &'a Fates,
    unseen: Unseen<'a>,
    /// Pieces and their reads in the order of time: those that name the piece, and wrong texts beside them.
    reads: Vec<(u32, usize)>,
}

impl<'a, L: LotInHand> Verdicts<'a, L> {
    /// Sorts the reads by piece.
    pub(super) fn new(
        lot: &'a L,
        sightings: &'a Sightings<'a>,
        fates: &'a Fates,
        unseen: Unseen<'a>,
    ) -> Verdicts<'a, L> {
        let of_piece = |(id, fate): (usize, &Fate)| match fate {
            Fate::Names(sequence) | Fate::Beside(sequence) => Some((*sequence, id)),
            _ => None,
        };
        let mut reads: Vec<_> = fates.of.iter().enumerate().filter_map(of_piece).collect();
        reads.sort_by_key(|(sequence, id)| {
            let sighting = &sightings.all[*id];
            (*sequence, sighting.read.at.as_str(), sighting.read.position, *id)
        });
        Verdicts { lot, sightings, fates, unseen, reads }
    }

    /// Passes a verdict on every piece.
    pub(super) fn pass(&self, judgement: &mut Judgement) {
        let pairing = Pairing::of(self.lot, self.sightings, self.fates, &mut judgement.counts);
        let mut rest = self.reads.as_slice();
        for sequence in 1..=self.lot.pieces() {
            let (own, others) = rest.split_at(rest.partition_point(|(other, _)| *other <= sequence));
            rest = others;
            let all: Vec<usize> = own.iter().map(|(_, id)| *id).collect();
            let named: Vec<usize> = all.iter().copied().filter(|id| self.names(*id)).collect();
            self.book(sequence, &named, judgement);
            if self.lot.standing(sequence) == Standing::Out {
                self.out(sequence, &named, judgement);
            } else if named.is_empty() {
                self.unseen(sequence, judgement);
            } else {
                let wrong =
                    pairing.mismatches(self.lot, self.sightings, (sequence, &all), &mut judgement.counts);
                self.seen(sequence, (&all, &named), &wrong, judgement);
            }
        }
    }

    fn names(&self, id: usize) -> bool {
        matches!(self.fates.of[id], Fate::Names(_))
    }

    fn is_booked(&self, sequence: u32, sighting: &Sighting<'_>) -> bool {
        self.lot.booked(sequence).iter().any(|booked| booked.key == sighting.key)
    }

    /// Lists the passages that are new.
    fn book(&self, sequence: u32, named: &[usize], judgement: &mut Judgement) {
        let placed = self.fates.unreadable.get(&sequence).filter(|_| named.is_empty());
        for id in named.iter().chain(placed) {
            let sighting = &self.sightings.all[*id];
            if !self.is_booked(sequence, sighting) {
                let (camera, at) = (sighting.read.camera.clone(), sighting.read.at.clone());
                judgement.passages.push(Passage { sequence, camera, key: sighting.key, at });
            }
        }
    }

    /// A piece that must not pass. What was booked before it was put out is no alarm; neither is a machine that takes it out.
    fn out(&self, sequence: u32, named: &[usize], judgement: &mut Judgement) {
        judgement.tally.out += 1;
        let placed = self.fates.unreadable.get(&sequence).filter(|_| named.is_empty());
        for id in named.iter().chain(placed) {
            let sighting = &self.sightings.all[*id];
            if sighting.status != InsertStatus::Pulled && !self.is_booked(sequence, sighting) {
                judgement.passed.push(sighting.alarm(sequence));
            }
        }
    }

    /// A piece that no read names.
    fn unseen(&self, sequence: u32, judgement: &mut Judgement) {
        let standing = self.lot.standing(sequence);
        let tally = &mut judgement.tally;
        if standing == Standing::Good {
            tally.good += 1;
        } else if let Some(id) = self.fates.unreadable.get(&sequence) {
            tally.unreadable += 1;
            judgement.unreadable.push(self.sightings.all[*id].alarm(sequence));
        } else if standing == Standing::Missing {
            tally.missing += 1;
        } else if standing == Standing::Stopped || !self.lot.booked(sequence).is_empty() {
            tally.stopped += 1;
        } else {
            self.never_seen(sequence, judgement);
        }
    }

    /// An open piece that was not seen before either.
    fn never_seen(&self, sequence: u32, judgement: &mut Judgement) {
        let missing = match &self.unseen {
            Unseen::Good => {
                judgement.tally.good += 1;
                judgement.good.push(sequence);
                return;
            }
            Unseen::Missing => true,
            Unseen::Behind(marches) => marches.iter().any(|march| march.has_passed(sequence)),
            Unseen::Pending => false,
        };
        if missing {
            judgement.tally.missing += 1;
            judgement.missing.push(sequence);
        } else {
            judgement.tally.pending += 1;
        }
    }

    /// A piece that reads name: `named`. `all` has the wrong texts beside them too, whose status counts as theirs. What an earlier run judged and a person let be good stays good.
    fn seen(
        &self,
        sequence: u32,
        (all, named): (&[usize], &[usize]),
        wrong: &[usize],
        judgement: &mut Judgement,
    ) {
        let standing = self.lot.standing(sequence);
        if standing == Standing::Good && named.iter().chain(wrong).all(|id| self.was_judged(*id)) {
            judgement.tally.good += 1;
            return;
        }
        let alarms =
            |ids: &[usize]| ids.iter().map(|id| self.sightings.all[*id].alarm(sequence)).collect::<Vec<_>>();
        let doubles = self.doubles(sequence, named);
        judgement.mismatches.extend(alarms(wrong));
        judgement.duplicates.extend(alarms(&doubles));
        let machine = self.machine(sequence, all, judgement);
        let doubted = self.fates.unreadable.get(&sequence).filter(|_| standing != Standing::Good);
        judgement.unreadable.extend(doubted.map(|id| self.sightings.all[*id].alarm(sequence)));
        let tally = &mut judgement.tally;
        let count = match (standing, machine) {
            _ if !wrong.is_empty() => &mut tally.mismatch,
            _ if !doubles.is_empty() => &mut tally.duplicate,
            (Standing::Stopped, _) => &mut tally.stopped,
            (_, InsertStatus::Pulled) => &mut tally.pulled,
            (_, InsertStatus::Damaged) => &mut tally.damaged,
            (_, InsertStatus::Attention) => &mut tally.attention,
            _ if doubted.is_some() => &mut tally.unreadable,
            (Standing::Open, _) => {
                judgement.good.push(sequence);
                &mut tally.good
            }
            (Standing::Missing, _) => {
                judgement.found.push(sequence);
                &mut tally.good
            }
            (Standing::Good | Standing::Out, _) => &mut tally.good,
        };
        *count += 1;
    }

    /// Whether an earlier run judged a read.
    fn was_judged(&self, id: usize) -> bool {
        match self.fates.of[id] {
            Fate::Names(sequence) => self.is_booked(sequence, &self.sightings.all[id]),
            _ => false,
        }
    }

    /// Lists what the machine did with a piece that is not good; returns it.
    fn machine(&self, sequence: u32, reads: &[usize], judgement: &mut Judgement) -> InsertStatus {
        let (status, id) = self.worst(reads);
        let list = match status {
            InsertStatus::Pulled => &mut judgement.pulled,
            InsertStatus::Damaged => &mut judgement.damaged,
            InsertStatus::Attention => &mut judgement.attention,
            InsertStatus::Ok | InsertStatus::None => return status,
        };
        list.push(self.sightings.all[id].alarm(sequence));
        status
    }

    /// The worst that a machine did with a piece, and the read that says so. A piece that a person looked at and fed again is good at
    /// that camera.
    fn worst(&self, reads: &[usize]) -> (InsertStatus, usize) {
        let mut cameras: Vec<(usize, InsertStatus, usize)> = Vec::new();
        for id in reads {
            let Sighting { camera, status, .. } = self.sightings.all[*id];
            match cameras.iter_mut().find(|(own, ..)| *own == camera) {
                None => cameras.push((camera, status, *id)),
                Some((_, before, by)) => {
                    let fed_again = *before == InsertStatus::Attention && status == InsertStatus::Ok;
                    if fed_again || gravity(status) > gravity(*before) {
                        (*before, *by) = (status, *id);
                    }
                }
            }
        }
        let worst = cameras.into_iter().max_by_key(|(_, status, id)| (gravity(*status), Reverse(*id)));
        worst.map_or((InsertStatus::Ok, 0), |(_, status, id)| (status, id))
    }

    /// The good reads of a piece beyond its first at a camera. A read without camera may be of any; a row of [`Lists::All`] is double
    /// beside another of its own report only.
    fn doubles(&self, sequence: u32, named: &[usize]) -> Vec<usize> {
        let good = |id: &usize| self.sightings.all[*id].status == InsertStatus::Ok;
        let mut reads: Vec<usize> = named.iter().copied().filter(good).collect();
        reads.sort_by_key(|id| !self.is_booked(sequence, &self.sightings.all[*id]));
        let mut seen: HashSet<usize> = HashSet::new();
        let mut cameras: Vec<&str> = Vec::new();
        let is_double = |id: &usize| {
            let own = &self.sightings.all[*id];
            if own.lists != Lists::Reads {
                return !seen.insert(own.report);
            }
            let camera = own.read.camera.as_str();
            let clashes = |other: &str| other == camera || other.is_empty() || camera.is_empty();
            let double = cameras.iter().any(|other| clashes(other)) || self.was_seen(sequence, own, clashes);
            if !cameras.contains(&camera) {
                cameras.push(camera);
            }
            double
        };
        reads.into_iter().filter(is_double).collect()
    }

    /// Whether a read that is new meets a passage that was booked from a file that is not at hand.
    fn was_seen(&self, sequence: u32, own: &Sighting<'_>, clashes: impl Fn(&str) -> bool) -> bool {
        let elsewhere = |key| !self.sightings.by_key.contains_key(key);
        let booked = self.lot.booked(sequence);
        !self.is_booked(sequence, own)
            && booked.iter().any(|passage| elsewhere(&passage.key) && clashes(&passage.camera))
    }
}

/// How bad a status is.
fn gravity(status: InsertStatus) -> u8 {
    match status {
        InsertStatus::Ok | InsertStatus::None => 0,
        InsertStatus::Attention => 1,
        InsertStatus::Damaged => 2,
        InsertStatus::Pulled => 3,
    }
}
