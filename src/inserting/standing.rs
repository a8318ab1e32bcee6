//! How a lot stands: the status of each piece, what a person must decide, and whether the lot may leave.

use std::collections::{BTreeSet, HashSet};

use serde::Serialize;

use crate::ledger::{AlarmKind, Ledger, LotInHand, ReleasedMailer, State};

/// How a lot stands (contract: the JSON of `reconcile`). Pieces are named by their printed references.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Standing {
    /// The lot.
    pub lot: String,
    /// Its kind.
    pub kind: String,
    /// How many pieces it has.
    pub pieces: u64,
    /// Pieces that are in their envelopes, by machine or by hand, and of which nothing is to be decided.
    pub good: u64,
    /// Of these, those that a person put there.
    pub by_hand: u64,
    /// Pieces that were not seen.
    pub missing: Vec<String>,
    /// Pieces that passed twice.
    pub duplicate: Vec<String>,
    /// Pieces beside which another card was read.
    pub mismatch: Vec<String>,
    /// Strangers, by what was read.
    pub foreign: Vec<String>,
    /// Pieces that passed and must not leave.
    pub passed: Vec<String>,
    /// Pieces for which the machine asks for a person.
    pub attention: Vec<String>,
    /// Pieces that passed unread.
    pub unread: Vec<String>,
    /// Pieces of which nothing is known yet.
    pub pending: u64,
    /// How many passages could not be read.
    pub unreadable: u64,
    /// Pieces that are damaged.
    pub spoiled: u64,
    /// Pieces that were pulled.
    pub recalled: u64,
    /// Pieces that were printed again.
    pub reprinted: u64,
    /// Pieces that are lost to the lot otherwise: card lost or spoiled, codes compromised, destroyed.
    pub lost: u64,
    /// What a person has accepted: pieces, and strangers by what is kept of their numbers.
    pub accepted: Vec<String>,
    /// Whether every piece has its status.
    pub settled: bool,
    /// The day on which it was first settled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settled_on: Option<String>,
    /// The day on which it left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dispatched_on: Option<String>,
    /// Why the lot may not leave, a line each.
    pub stops: Vec<String>,
    /// Mailers of letters that do not leave, which were released already.
    pub mailers_released: Vec<MailerReleased>,
}

/// A mailer that was released for a letter that does not leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct MailerReleased {
    /// The letter.
    pub letter: String,
    /// The mailer.
    pub mailer: String,
    /// Its state.
    pub state: State,
}

/// How a piece stands in its lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PieceStanding {
    Good,
    Pending,
    Missing,
    Unread,
    Duplicate,
    Mismatch,
    Attention,
    Spoiled,
    Recalled,
    Reprinted,
    Lost,
}

impl PieceStanding {
    /// How a piece of a lot stands.
    pub(super) fn of(lot: &LotInHand, sequence: u32) -> PieceStanding {
        let Some(piece) = lot.piece(sequence) else { return PieceStanding::Pending };
        let alarmed = |kind| lot.open_alarms(sequence).any(|alarm| alarm.kind == kind);
        match piece.state {
            State::Spoiled => PieceStanding::Spoiled,
            State::Recalled => PieceStanding::Recalled,
            State::Reprinted => PieceStanding::Reprinted,
            State::CardLost | State::CardSpoiled | State::CodesCompromised | State::Destroyed => {
                PieceStanding::Lost
            }
            // A piece that left with its lot before a camera's report came.
            State::Dispatched if alarmed(AlarmKind::Missing) => PieceStanding::Missing,
            // What was booked of a piece alone was reported: by hand, or accepted.
            State::Dispatched
                if lot.settled.is_none() && !piece.apart && !lot.passages.contains_key(&sequence) =>
            {
                PieceStanding::Pending
            }
            _ if alarmed(AlarmKind::Mismatch) => PieceStanding::Mismatch,
            _ if alarmed(AlarmKind::Duplicate) => PieceStanding::Duplicate,
            _ if alarmed(AlarmKind::Attention) => PieceStanding::Attention,
            State::Missing if alarmed(AlarmKind::Unreadable) => PieceStanding::Unread,
            State::Missing => PieceStanding::Missing,
            State::Planned | State::Composed | State::Released => {
                match lot.passages.contains_key(&sequence) {
                    true => PieceStanding::Good,
                    false => PieceStanding::Pending,
                }
            }
            State::Inserted | State::InsertedByHand | State::Dispatched | State::Returned => {
                PieceStanding::Good
            }
        }
    }
}

impl Standing {
    /// How a lot stands; `max_missing_percent` of its pieces may be missing without stopping it.
    pub(crate) fn of(lot: &LotInHand, max_missing_percent: f64) -> Standing {
        let mut standing = Standing {
            lot: lot.name.to_string(),
            kind: lot.kind.code().to_owned(),
            pieces: lot.pieces.len() as u64,
            settled_on: lot.settled.map(|day| day.to_string()),
            dispatched_on: lot.dispatched.map(|day| day.to_string()),
            ..Standing::default()
        };
        for (sequence, piece) in (1..).zip(&lot.pieces) {
            standing.add(lot, sequence, piece.state);
        }
        standing.add_alarms(lot);
        standing.settled = standing.pending == 0 && lot.settled.is_some();
        standing.stops = standing.find_stops(lot, max_missing_percent);
        standing
    }

    fn add(&mut self, lot: &LotInHand, sequence: u32, state: State) {
        let mut name = |list: fn(&mut Standing) -> &mut Vec<String>| {
            let piece = lot.piece_id(sequence);
            list(self).push(piece);
        };
        match PieceStanding::of(lot, sequence) {
            PieceStanding::Missing => name(|all| &mut all.missing),
            PieceStanding::Unread => name(|all| &mut all.unread),
            PieceStanding::Duplicate => name(|all| &mut all.duplicate),
            PieceStanding::Mismatch => name(|all| &mut all.mismatch),
            PieceStanding::Attention => name(|all| &mut all.attention),
            PieceStanding::Good => {
                self.good += 1;
                self.by_hand += u64::from(state == State::InsertedByHand);
            }
            PieceStanding::Pending => self.pending += 1,
            PieceStanding::Spoiled => self.spoiled += 1,
            PieceStanding::Recalled => self.recalled += 1,
            PieceStanding::Reprinted => self.reprinted += 1,
            PieceStanding::Lost => self.lost += 1,
        }
    }

    fn add_alarms(&mut self, lot: &LotInHand) {
        self.unreadable = self.unread.len() as u64;
        let mut listed = HashSet::new();
        for alarm in &lot.alarms {
            let name = match (alarm.sequence, &alarm.said) {
                (Some(sequence), _) => lot.piece_id(sequence),
                (None, said) => said.clone().unwrap_or_default(),
            };
            let (list, which) = match alarm.kind {
                _ if alarm.is_accepted() => (&mut self.accepted, "accepted"),
                AlarmKind::Foreign if alarm.is_open() => (&mut self.foreign, "foreign"),
                AlarmKind::Passed if alarm.is_open() => (&mut self.passed, "passed"),
                _ => continue,
            };
            // What is kept of two numbers may be the same: they are two strangers all the same.
            if listed.insert((which, name.clone(), alarm.mark())) {
                list.push(name);
            }
        }
        self.missing.retain(|piece| !listed.contains(&("accepted", piece.clone(), None)));
    }

    fn find_stops(&self, lot: &LotInHand, max_missing_percent: f64) -> Vec<String> {
        let mut stops = Vec::new();
        let mut stop = |count: usize, one: &str, many: &str| match count {
            0 => {}
            1 => stops.push(one.to_owned()),
            count => stops.push(format!("{count} {many}")),
        };
        stop(self.duplicate.len(), "a piece passed twice", "pieces passed twice");
        stop(self.mismatch.len(), "a piece with another's card", "pieces with another's card");
        stop(self.foreign.len(), "a stranger among the pieces", "strangers among the pieces");
        stop(self.passed.len(), "a piece passed that must not leave", "pieces passed that must not leave");
        stop(self.attention.len(), "a piece for a person to look at", "pieces for a person to look at");
        let unseen = self.missing.len() + self.unread.len();
        if unseen as f64 * 100.0 > max_missing_percent * self.pieces as f64 {
            stop(unseen, "a piece was not seen", "pieces were not seen");
        }
        // A lot without a camera has passages of no piece, and leaves as it was printed.
        let begun = !lot.passages.is_empty() || lot.settled.is_some();
        if begun && lot.dispatched.is_none() {
            let pending = usize::try_from(self.pending).unwrap_or(usize::MAX);
            stop(pending, "a piece without a status", "pieces without a status");
        }
        stops
    }

    /// The pieces that nobody reported, where others were; none of a lot without any report, which leaves as it was printed. That
    /// a piece came back is no report of the lot.
    pub(crate) fn unreported(&self, lot: &LotInHand) -> Vec<String> {
        let good = |sequence| PieceStanding::of(lot, sequence) == PieceStanding::Good;
        let pieces = (1..).zip(&lot.pieces);
        let came_back = pieces.filter(|(sequence, piece)| piece.state == State::Returned && good(*sequence));
        if self.good == came_back.count() as u64 {
            return Vec::new();
        }
        let pending = |sequence: &u32| PieceStanding::of(lot, *sequence) == PieceStanding::Pending;
        (1..=lot.pieces.len() as u32).filter(pending).map(|sequence| lot.piece_id(sequence)).collect()
    }

    /// Whether a person must look at the lot.
    pub(crate) fn needs_a_person(&self) -> bool {
        let lists = [&self.missing, &self.duplicate, &self.mismatch, &self.foreign, &self.passed];
        let more = [&self.attention, &self.unread];
        lists.iter().chain(&more).any(|list| !list.is_empty()) || !self.mailers_released.is_empty()
    }

    /// Names strangers by what was read, where it was read just now; the ledger keeps a part of their numbers only.
    pub(super) fn name_strangers(&mut self, ledger: &Ledger, lot: &LotInHand, read: &[String]) {
        let strangers = lot.alarms.iter().filter(|alarm| alarm.sequence.is_none() && alarm.is_open());
        let marks = ledger.marks_of(read);
        let names: BTreeSet<(String, Option<&[u8]>)> = strangers
            .map(|alarm| {
                let text = alarm.mark().and_then(|mark| marks.get(mark)).map(|text| (*text).to_owned());
                (text.or_else(|| alarm.said.clone()).unwrap_or_default(), alarm.mark())
            })
            .collect();
        self.foreign = names.into_iter().map(|(name, _)| name).collect();
    }

    /// Adds the mailers that were released for letters which do not leave.
    pub(super) fn add_mailers(&mut self, lot: &LotInHand, mailers: Vec<ReleasedMailer>) {
        self.mailers_released = mailers
            .into_iter()
            .map(|ReleasedMailer { letter, piece_id, state }| MailerReleased {
                letter: lot.piece_id(letter),
                mailer: piece_id,
                state,
            })
            .collect();
    }
}
