//! Lots that are fed past cameras with every kind of fault, whose truth is known.

use std::collections::BTreeSet;

use mail::inserter::InsertStatus;
use proptest::prelude::*;

use super::super::judgement::Alarm;
use super::super::{Judgement, Standing};
use super::*;

/// Pieces between two faults, so that each has good neighbours.
const APART: u32 = 7;

/// What happens to a piece, or before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Lost,
    Double,
    SwappedCards,
    OfAnotherLot,
    OfNobody,
    MisreadBeside,
    MisreadAlone,
    BlankBeside,
    BlankAlone,
    Noise,
    Machine(InsertStatus),
    OutTurnsUp,
    OutStaysOut,
}

const FAULTS: [Fault; 15] = [
    Fault::Lost,
    Fault::Double,
    Fault::SwappedCards,
    Fault::OfAnotherLot,
    Fault::OfNobody,
    Fault::MisreadBeside,
    Fault::MisreadAlone,
    Fault::BlankBeside,
    Fault::BlankAlone,
    Fault::Noise,
    Fault::Machine(InsertStatus::Damaged),
    Fault::Machine(InsertStatus::Attention),
    Fault::Machine(InsertStatus::Pulled),
    Fault::OutTurnsUp,
    Fault::OutStaysOut,
];

/// What is true of the pieces of a lot, or what a judgement says of them.
#[derive(Debug, Default, PartialEq, Eq)]
struct Truth {
    good: BTreeSet<u32>,
    missing: BTreeSet<u32>,
    duplicates: BTreeSet<u32>,
    mismatches: BTreeSet<u32>,
    unreadable: BTreeSet<u32>,
    damaged: BTreeSet<u32>,
    attention: BTreeSet<u32>,
    pulled: BTreeSet<u32>,
    passed: BTreeSet<u32>,
    foreign: BTreeSet<String>,
    misreads: u32,
    blanks: u32,
    placed: u32,
}

impl Truth {
    fn said_by(judgement: &Judgement) -> Truth {
        let of = |alarms: &[Alarm]| alarms.iter().map(|alarm| alarm.sequence).collect();
        Truth {
            good: judgement.good.iter().copied().collect(),
            missing: judgement.missing.iter().copied().collect(),
            duplicates: of(&judgement.duplicates),
            mismatches: of(&judgement.mismatches),
            unreadable: of(&judgement.unreadable),
            damaged: of(&judgement.damaged),
            attention: of(&judgement.attention),
            pulled: of(&judgement.pulled),
            passed: of(&judgement.passed),
            foreign: judgement.foreign.iter().map(|foreign| foreign.text.clone()).collect(),
            misreads: judgement.counts.misreads,
            blanks: judgement.counts.blanks,
            placed: judgement.counts.placed,
        }
    }

    fn of_machine(&mut self, status: InsertStatus) -> &mut BTreeSet<u32> {
        match status {
            InsertStatus::Damaged => &mut self.damaged,
            InsertStatus::Attention => &mut self.attention,
            InsertStatus::Pulled => &mut self.pulled,
            InsertStatus::Ok | InsertStatus::None => &mut self.good,
        }
    }
}

/// A lot on its way past the cameras.
struct Pass {
    pieces: u32,
    cameras: Vec<&'static str>,
    /// How far the positions of the last camera run behind.
    shift: u64,
    descends: bool,
    faults: Vec<(u32, Fault)>,
    truth: Truth,
    /// The rows of each camera, each with the number of the event that caused it.
    rows: Vec<Vec<(u64, Read)>>,
    event: u64,
}

impl Pass {
    /// Invents a lot and its faults, and feeds it.
    fn invent(seed: u64, pieces: u32) -> Pass {
        let mut random = fastrand::Rng::with_seed(seed);
        let cameras = match random.u8(0..3) {
            0 => vec![""],
            1 => vec!["in", "out"],
            _ => vec!["in", "window", "out"],
        };
        let (shift, descends) = (random.u64(0..3), random.bool());
        let mut faults = Vec::new();
        let mut next = APART + random.u32(0..APART);
        while next + APART < pieces {
            faults.push((next, FAULTS[random.usize(0..FAULTS.len())]));
            next += APART + random.u32(0..APART);
        }
        let rows = vec![Vec::new(); cameras.len()];
        let mut pass =
            Pass { pieces, cameras, shift, descends, faults, truth: Truth::default(), rows, event: 0 };
        pass.feed(&mut random);
        pass
    }

    fn lot(&self) -> InventedLot {
        let out =
            self.faults.iter().filter(|(_, fault)| matches!(fault, Fault::OutTurnsUp | Fault::OutStaysOut));
        out.fold(InventedLot::of(self.pieces), |lot, (sequence, _)| lot.with(*sequence, Standing::Out))
    }

    fn feed(&mut self, random: &mut fastrand::Rng) {
        let mut order: Vec<u32> = (1..=self.pieces).collect();
        if self.descends {
            order.reverse();
        }
        let mut faults: HashMap<u32, Fault> = self.faults.iter().copied().collect();
        let mut swapped = None;
        for sequence in order {
            if let Some(partner) = swapped.take() {
                self.truth.mismatches.extend([sequence, partner]);
                self.rows_of(sequence, partner, InsertStatus::Ok);
                continue;
            }
            match faults.remove(&sequence) {
                Some(Fault::SwappedCards) => {
                    let partner = if self.descends { sequence - 1 } else { sequence + 1 };
                    self.rows_of(sequence, partner, InsertStatus::Ok);
                    swapped = Some(sequence);
                }
                Some(fault) => self.feed_faulty(sequence, fault, random),
                None => self.feed_good(sequence),
            }
        }
    }

    fn feed_good(&mut self, sequence: u32) {
        self.truth.good.insert(sequence);
        self.rows_of(sequence, sequence, InsertStatus::Ok);
    }

    fn feed_faulty(&mut self, sequence: u32, fault: Fault, random: &mut fastrand::Rng) {
        let many = self.cameras.len() as u32;
        match fault {
            Fault::Lost => drop(self.truth.missing.insert(sequence)),
            Fault::OutStaysOut | Fault::SwappedCards => {}
            Fault::Double => {
                self.truth.duplicates.insert(sequence);
                self.rows_of(sequence, sequence, InsertStatus::Ok);
                self.rows_of(sequence, sequence, InsertStatus::Ok);
            }
            Fault::OfAnotherLot => self.feed_stranger(sequence, &other(random.u32(1..30))),
            Fault::OfNobody => {
                self.feed_stranger(sequence, &format!("{}", random.u64(5_000_000_000..9_999_999_999)))
            }
            Fault::MisreadBeside => {
                self.truth.misreads += 1;
                self.feed_beside(sequence, &misread(sequence), random);
            }
            Fault::BlankBeside => {
                self.truth.blanks += 1;
                self.feed_beside(sequence, "", random);
            }
            Fault::Noise => {
                self.truth.misreads += 1;
                self.feed_good(sequence);
                let camera = random.usize(0..self.cameras.len());
                self.row(camera, "GLARE", "", InsertStatus::Ok);
            }
            Fault::MisreadAlone | Fault::BlankAlone => {
                self.truth.unreadable.insert(sequence);
                self.truth.placed += many;
                self.event += 1;
                let text = if fault == Fault::BlankAlone { String::new() } else { misread(sequence) };
                (0..self.cameras.len()).for_each(|camera| self.row(camera, &text, "", InsertStatus::Ok));
            }
            Fault::Machine(status) => {
                self.truth.of_machine(status).insert(sequence);
                self.rows_of(sequence, sequence, status);
            }
            Fault::OutTurnsUp => {
                self.truth.passed.insert(sequence);
                self.rows_of(sequence, sequence, InsertStatus::Ok);
            }
        }
    }

    fn feed_stranger(&mut self, sequence: u32, text: &str) {
        self.truth.foreign.insert(text.to_owned());
        self.event += 1;
        (0..self.cameras.len()).for_each(|camera| self.row(camera, text, text, InsertStatus::Ok));
        self.feed_good(sequence);
    }

    /// A piece that one of several cameras reads wrong, or that the only one reads wrong before it reads it right.
    fn feed_beside(&mut self, sequence: u32, text: &str, random: &mut fastrand::Rng) {
        self.truth.good.insert(sequence);
        self.event += 1;
        let blind = random.usize(0..self.cameras.len());
        for camera in 0..self.cameras.len() {
            if camera == blind {
                self.row(camera, text, "", InsertStatus::Ok);
            }
            if camera != blind || self.cameras.len() == 1 {
                self.row(camera, &number(sequence), "", InsertStatus::Ok);
            }
        }
    }

    /// A piece that every camera reads; the first one looks at the card too.
    fn rows_of(&mut self, sequence: u32, card: u32, status: InsertStatus) {
        self.event += 1;
        (0..self.cameras.len()).for_each(|camera| self.row(camera, &number(sequence), &number(card), status));
    }

    fn row(&mut self, camera: usize, value: &str, card: &str, status: InsertStatus) {
        let event = self.event;
        let tenths = event * 4 + camera as u64;
        let (hour, minute, second) = (8 + tenths / 36_000, tenths / 600 % 60, tenths / 10 % 60);
        let at = format!("2026-11-24T{hour:02}:{minute:02}:{second:02}.{}", tenths % 10);
        let last = camera > 0 && camera + 1 == self.cameras.len();
        let position = if last { event + self.shift } else { event };
        let card = if camera == 0 { card } else { "" };
        let read = read(value).by(self.cameras[camera]).at(&at).on(position).card(card).status(status);
        self.rows[camera].push((event, read));
    }

    /// The files up to an event: one for each camera, or one for all.
    fn files(&self, end: u64, apart: bool) -> Vec<MachineReport> {
        let until = |rows: &Vec<(u64, Read)>| {
            rows.iter().filter(|(event, _)| *event <= end).cloned().collect::<Vec<_>>()
        };
        let mut files: Vec<Vec<(u64, Read)>> = self.rows.iter().map(until).collect();
        if !apart {
            let mut rows = files.concat();
            rows.sort_by_key(|(event, _)| *event);
            files = vec![rows];
        }
        files.into_iter().map(|rows| report(rows.into_iter().map(|(_, read)| read).collect())).collect()
    }

    /// A piece far from every fault, and the event in which it passes its cameras.
    fn calm(&self) -> Option<(u32, u64)> {
        let near = |sequence: u32| self.faults.iter().any(|(fault, _)| fault.abs_diff(sequence) < 3);
        let calm = (self.pieces / 3..self.pieces).find(|sequence| !near(*sequence))?;
        let event = self.rows[0].iter().find(|(_, read)| read.value == number(calm))?.0;
        Some((calm, event))
    }
}

fn shuffle(report: &mut MachineReport, seed: u64) {
    fastrand::Rng::with_seed(seed).shuffle(&mut report.reads);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_cameras_read_in_order_is_judged_exactly(seed: u64, apart: bool, end: bool) {
        let pass = Pass::invent(seed, 90 + (seed % 160) as u32);
        let judgement = judge(&pass.lot(), &pass.files(u64::MAX, apart), end);
        prop_assert_eq!(&Truth::said_by(&judgement), &pass.truth);
        prop_assert!(judgement.settles);
    }

    #[test]
    fn shuffled_rows_with_positions_and_files_given_twice_change_nothing(seed: u64, apart: bool) {
        let pass = Pass::invent(seed, 120);
        let mut files = pass.files(u64::MAX, apart);
        let again = files.clone();
        files.iter_mut().for_each(|file| shuffle(file, seed));
        files.extend(again);
        let judgement = judge(&pass.lot(), &files, false);
        prop_assert_eq!(judgement.counts.repeated * 2, judgement.counts.reads);
        prop_assert_eq!(&Truth::said_by(&judgement), &pass.truth);
    }

    #[test]
    fn a_file_that_has_grown_tells_the_rest(seed: u64, apart: bool) {
        let pass = Pass::invent(seed, 150);
        let Some((calm, event)) = pass.calm() else { return Ok(()) };
        let ahead = |sequence: u32| if pass.descends { sequence < calm } else { sequence > calm };
        let first = judge(&pass.lot(), &pass.files(event, apart), false);
        let told = Truth::said_by(&first);
        prop_assert!(first.pending > 0 && !first.settles);
        prop_assert_eq!(told.missing.len(), pass.truth.missing.iter().filter(|own| !ahead(**own)).count());
        prop_assert!(told.good.iter().all(|sequence| !ahead(*sequence)));
        let second = judge(&pass.lot().book(&first), &pass.files(u64::MAX, apart), false);
        let mut whole = Truth::said_by(&second);
        whole.missing.extend(told.missing);
        whole.damaged.extend(told.damaged);
        whole.pulled.extend(told.pulled);
        whole.passed.extend(told.passed);
        prop_assert_eq!(&whole, &pass.truth);
        let booked = first.passages.len() + second.passages.len();
        let named: BTreeSet<_> = first.passages.iter().chain(&second.passages).map(|own| (own.sequence, own.key)).collect();
        prop_assert_eq!(booked, named.len(), "no passage is booked twice");
    }

    #[test]
    fn without_order_nothing_is_good_that_is_not(seed: u64, apart: bool) {
        let pass = Pass::invent(seed, 130);
        let mut files = pass.files(u64::MAX, apart);
        for file in &mut files {
            shuffle(file, seed);
            for read in &mut file.reads {
                (read.at, read.position) = (String::new(), None);
            }
        }
        let judgement = judge(&pass.lot(), &files, false);
        let (said, truth) = (Truth::said_by(&judgement), &pass.truth);
        prop_assert_eq!(&said.good, &truth.good);
        prop_assert_eq!(&said.duplicates, &truth.duplicates);
        prop_assert_eq!(&said.mismatches, &truth.mismatches);
        prop_assert_eq!((&said.damaged, &said.pulled, &said.passed), (&truth.damaged, &truth.pulled, &truth.passed));
        prop_assert!(said.missing.is_superset(&truth.missing) && said.foreign.is_superset(&truth.foreign));
        prop_assert!(said.missing.iter().all(|own| truth.missing.contains(own) || truth.unreadable.contains(own)));
        prop_assert!(judgement.settles);
    }

    /// The number of one piece is misread as that of another, which is lost.
    #[test]
    fn a_misread_that_hits_a_piece_of_the_lot_makes_no_lost_piece_good(
        (tens, unit) in (2_u32..10, 1_u32..10),
        read_as in 0_u32..10,
        descends: bool,
    ) {
        let (due, hit) = (tens * 10 + unit, read_as * 10 + unit);
        prop_assume!(due != hit);
        let mut rows: Vec<Read> = (1..=200)
            .filter(|own| *own != hit)
            .map(|own| read(&number(if own == due { hit } else { own })))
            .collect();
        if descends {
            rows.reverse();
        }
        let judgement = judge(&InventedLot::of(200), &[report(rows)], false);
        prop_assert!(!judgement.good.contains(&hit) && !judgement.good.contains(&due));
        prop_assert_eq!(judgement.good.len(), 198);
    }
}
