//! What comes of holding reports against a lot.

use serde::Serialize;

use super::key::ReadKey;

/// What the reports say of a lot. Lists are in the order of the sequences.
///
/// An alarm whose reads are in the reports is raised again by each run, under the same key.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::inserting) struct Judgement {
    /// Reads that were not booked before and name a piece of the lot. A read that only its place gives to a piece is among them.
    pub passages: Vec<Passage>,
    /// Pieces that were open and are good.
    pub good: Vec<u32>,
    /// Pieces that were missing and are good.
    pub found: Vec<u32>,
    /// Pieces that were open and are missing.
    pub missing: Vec<u32>,
    /// Pieces that passed and could not be read with certainty, each with the read.
    pub unreadable: Vec<Alarm>,
    /// Each read of a piece beyond its first at a camera.
    pub duplicates: Vec<Alarm>,
    /// Pieces whose card and letter differ, each with the read that says so.
    pub mismatches: Vec<Alarm>,
    /// Reads of what does not belong to the lot, in the order of the files.
    pub foreign: Vec<Foreign>,
    /// Pieces that must not pass and did.
    pub passed: Vec<Alarm>,
    /// Pieces that the machine damaged.
    pub damaged: Vec<Alarm>,
    /// Pieces at which a person must look.
    pub attention: Vec<Alarm>,
    /// Pieces that were taken out.
    pub pulled: Vec<Alarm>,
    /// Pieces of which nothing is known yet.
    pub pending: u32,
    /// Whether every piece has its status, and no read waits for the rows behind it.
    pub settles: bool,
    /// The latest time of a read, as the machine writes it; empty where no row has one.
    pub last_at: String,
    /// Where each read ended.
    pub counts: Counts,
    /// Where each piece of the lot ended.
    pub tally: Tally,
}

/// A piece that passed a camera.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::inserting) struct Passage {
    /// The piece.
    pub sequence: u32,
    /// The camera; empty where the report names none.
    pub camera: String,
    /// The read.
    pub key: ReadKey,
    /// When, as the machine writes it.
    pub at: String,
}

/// A piece, and the read that says something of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::inserting) struct Alarm {
    /// The piece.
    pub sequence: u32,
    /// The read.
    pub key: ReadKey,
    /// Its file.
    pub file: String,
    /// Its line.
    pub line: u64,
}

/// A read of what does not belong to the lot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::inserting) struct Foreign {
    /// What was read.
    pub text: String,
    /// The piece of another lot; `None` where nobody knows the text.
    pub piece_id: Option<String>,
    /// The read.
    pub key: ReadKey,
    /// Its line.
    pub line: u64,
    /// Its file.
    pub file: String,
}

/// Where each read ended. Every row is counted in `reads` and in one of the counts down to `waiting`.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Counts {
    /// Rows of all reports.
    pub reads: u32,
    /// Rows that another file has too.
    pub repeated: u32,
    /// Rows by which the machine says nothing of a piece.
    pub unset: u32,
    /// Reads that name a piece of the lot.
    pub named: u32,
    /// Wrong texts beside a good read of the same piece, or where no piece is due.
    pub misreads: u32,
    /// Reads of nothing beside a good read, or where no piece is due.
    pub blanks: u32,
    /// Reads of what does not belong to the lot.
    pub foreign: u32,
    /// Unreadable reads whose place tells the piece.
    pub placed: u32,
    /// Unreadable reads that nothing gives to a piece.
    pub unreadable_reads: u32,
    /// Unknown numbers at the end of a report that goes on: the rows behind them will tell.
    pub waiting: u32,
    /// Reads of a piece whose card was not read, in reports that say what was read on cards.
    pub cards_unread: u32,
    /// Card numbers that were misread beside the right pair.
    pub cards_misread: u32,
    /// The reads of each camera, by its name.
    pub cameras: Vec<(String, u32)>,
}

impl Counts {
    /// The counts that are not zero, in words.
    pub(crate) fn in_words(&self) -> String {
        let counts = [
            (self.repeated, "booked before"),
            (self.named, "of a piece"),
            (self.misreads, "misread beside a good read"),
            (self.blanks, "of nothing beside a good read"),
            (self.foreign, "foreign"),
            (self.placed, "unread, of a piece that its place tells"),
            (self.unreadable_reads, "unread"),
            (self.unset, "without a status"),
            (self.waiting, "that the next rows will tell"),
            (self.cards_unread, "without the card's number"),
            (self.cards_misread, "with the card's number misread"),
        ];
        let told = counts.iter().filter(|(count, _)| *count > 0);
        let told: Vec<String> = told.map(|(count, what)| format!("{count} {what}")).collect();
        format!("{}: {}", self.reads, told.join(", "))
    }

    /// Whether every row ended in one count.
    pub(super) fn balances(&self) -> bool {
        let ends = [self.repeated, self.unset, self.named, self.misreads, self.blanks];
        let more = [self.foreign, self.placed, self.unreadable_reads, self.waiting];
        self.reads == ends.iter().chain(&more).sum::<u32>()
    }
}

/// Where each piece of the lot ended, those of earlier runs included. A piece with several alarms is counted by the first of these
/// names that fits: out, mismatch, duplicate, stopped, pulled, damaged, attention, unreadable.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::inserting) struct Tally {
    /// In their envelopes.
    pub good: u32,
    /// Not seen.
    pub missing: u32,
    /// Seen twice at one camera.
    pub duplicate: u32,
    /// With the card of another.
    pub mismatch: u32,
    /// Passed without being read.
    pub unreadable: u32,
    /// Damaged by the machine.
    pub damaged: u32,
    /// To be looked at.
    pub attention: u32,
    /// Taken out.
    pub pulled: u32,
    /// Must not leave, whether they passed or not.
    pub out: u32,
    /// Not reported yet.
    pub pending: u32,
    /// Reported by an earlier run, without a new finding: an alarm of it is open, or its passage is booked.
    pub stopped: u32,
}

impl Tally {
    /// All pieces that were counted.
    pub(super) fn pieces(&self) -> u32 {
        let bad = self.missing + self.duplicate + self.mismatch + self.unreadable;
        let machine = self.damaged + self.attention + self.pulled;
        self.good + bad + machine + self.out + self.pending + self.stopped
    }
}
