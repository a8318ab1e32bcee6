//! The judge's tests: each rule by hand, and simulated lots whose truth is known.

mod rules;
mod simulated;

use std::collections::HashMap;

use mail::inserter::{InsertStatus, Lists};

use super::{Booked, Judgement, LotInHand, Named, Standing};
use crate::inserting::read::{MachineReport, Read};

/// A lot with consecutive card numbers, the hardest to tell apart.
pub(super) struct InventedLot {
    names: HashMap<String, Named>,
    standings: Vec<Standing>,
    booked: Vec<Vec<Booked>>,
}

impl InventedLot {
    /// `pieces` open pieces; the numbers of another lot begin at [`other`]`(1)`.
    pub(super) fn of(pieces: u32) -> InventedLot {
        let own = (1..=pieces).map(|sequence| (number(sequence), Named::Piece(sequence)));
        let others = (1..=30).map(|sequence| (other(sequence), elsewhere(sequence)));
        let all = pieces as usize + 1;
        let (standings, booked) = (vec![Standing::Open; all], vec![Vec::new(); all]);
        InventedLot { names: own.chain(others).collect(), standings, booked }
    }

    /// The lot with a piece that stands elsewhere than open.
    pub(super) fn with(mut self, sequence: u32, standing: Standing) -> InventedLot {
        self.standings[sequence as usize] = standing;
        self
    }

    /// Books what a judgement says, as the ledger would.
    pub(super) fn book(mut self, judgement: &Judgement) -> InventedLot {
        for passage in &judgement.passages {
            let booked = Booked { camera: passage.camera.clone(), key: passage.key };
            self.booked[passage.sequence as usize].push(booked);
        }
        let out =
            judgement.damaged.iter().chain(&judgement.pulled).map(|alarm| (alarm.sequence, Standing::Out));
        let lists =
            [&judgement.duplicates, &judgement.mismatches, &judgement.unreadable, &judgement.attention];
        let stopped = lists.into_iter().flatten().map(|alarm| (alarm.sequence, Standing::Stopped));
        let missing = judgement.missing.iter().map(|sequence| (*sequence, Standing::Missing));
        let found = judgement.found.iter().map(|sequence| (*sequence, Standing::Good));
        for (sequence, standing) in stopped.chain(out).chain(missing).chain(found) {
            self.standings[sequence as usize] = standing;
        }
        self
    }
}

impl LotInHand for InventedLot {
    fn pieces(&self) -> u32 {
        self.standings.len() as u32 - 1
    }

    fn standing(&self, sequence: u32) -> Standing {
        self.standings[sequence as usize]
    }

    fn identify(&self, text: &str) -> Named {
        self.names.get(text).cloned().unwrap_or(Named::Nobody)
    }

    fn piece(&self, text: &str) -> Option<u32> {
        match self.names.get(text) {
            Some(Named::Piece(sequence)) => Some(*sequence),
            _ => None,
        }
    }

    fn booked(&self, sequence: u32) -> &[Booked] {
        &self.booked[sequence as usize]
    }
}

/// Judges, and checks that every read and every piece is counted once.
pub(super) fn judge(lot: &InventedLot, reports: &[MachineReport], end: bool) -> Judgement {
    let judgement = super::judge(lot, reports, end);
    assert!(judgement.counts.balances(), "{:?}", judgement.counts);
    assert_eq!(judgement.tally.pieces(), lot.pieces(), "{:?}", judgement.tally);
    judgement
}

/// The card number of a piece of the lot.
pub(super) fn number(sequence: u32) -> String {
    format!("{:010}", 2_000_000 + sequence)
}

/// The card number of a piece of another lot.
pub(super) fn other(sequence: u32) -> String {
    format!("{:010}", 80_000_000 + sequence)
}

fn elsewhere(sequence: u32) -> Named {
    Named::Elsewhere(format!("26327B{sequence:06}"))
}

/// A number that nobody has, one character away from a piece's.
pub(super) fn misread(sequence: u32) -> String {
    number(sequence).replacen('0', "7", 1)
}

/// A report of reads that goes on; its lines are numbered, those without time get one.
pub(super) fn report(reads: Vec<Read>) -> MachineReport {
    let numbered = reads.into_iter().enumerate().map(|(index, read)| {
        let second = index + 1;
        let at = format!("2026-11-24T09:{:02}:{:02}", second / 12 % 60, second % 12 * 5);
        Read { line: index as u64 + 2, at: if read.at.is_empty() { at } else { read.at }, ..read }
    });
    MachineReport {
        file: "camera.csv".into(),
        lists: Lists::Reads,
        reads: numbered.collect(),
        ..MachineReport::default()
    }
}

/// A report that reads these pieces one after the other.
pub(super) fn of_pieces(sequences: impl IntoIterator<Item = u32>) -> MachineReport {
    report(sequences.into_iter().map(|sequence| read(&number(sequence))).collect())
}

/// A read of a text.
pub(super) fn read(value: &str) -> Read {
    Read {
        line: 0,
        at: String::new(),
        value: value.into(),
        position: None,
        camera: String::new(),
        card_value: String::new(),
        status: InsertStatus::Ok,
    }
}

/// Builders of a read.
impl Read {
    pub(super) fn by(self, camera: &str) -> Read {
        Read { camera: camera.into(), ..self }
    }

    pub(super) fn at(self, at: &str) -> Read {
        Read { at: at.into(), ..self }
    }

    pub(super) fn on(self, position: u64) -> Read {
        Read { position: Some(position), ..self }
    }

    pub(super) fn card(self, card: &str) -> Read {
        Read { card_value: card.into(), ..self }
    }

    pub(super) fn status(self, status: InsertStatus) -> Read {
        Read { status, ..self }
    }
}
