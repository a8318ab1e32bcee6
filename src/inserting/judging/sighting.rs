//! The reads of all reports, each once, and what their texts name.

use std::collections::HashMap;

use foreign::legible;
use mail::inserter::{InsertStatus, Lists};
use mail::lot::WrittenPiece;

use super::super::read::{MachineReport, Read};
use super::judgement::{Alarm, Counts};
use super::key::{ReadKey, keys};
use super::{LotInHand, Named};

/// What the text of a read names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Text {
    /// A piece of the lot.
    Piece(u32),
    /// A piece of another lot.
    Elsewhere(String),
    /// Nobody, though it has the form of a card number or a piece's reference.
    Stranger,
    /// Nothing: it has no such form.
    Noise,
    /// It is empty.
    Blank,
}

/// A read, once, however many files have it: as it stands in the longest of them.
#[derive(Debug)]
pub(super) struct Sighting<'a> {
    /// The row.
    pub read: &'a Read,
    /// Its file.
    pub file: &'a str,
    /// The index of its report.
    pub report: usize,
    /// Its index in [`Sightings::rows`] of its report.
    pub row: usize,
    /// Its stream, and its index there; `None` where the report's rows are no reads.
    pub passing: Option<(usize, usize)>,
    /// What the rows of its report stand for.
    pub lists: Lists,
    /// Its identity.
    pub key: ReadKey,
    /// What the machine did with the piece.
    pub status: InsertStatus,
    /// The index of its camera in [`Sightings::cameras`].
    pub camera: usize,
    /// What its text names.
    pub text: Text,
}

impl Sighting<'_> {
    /// What the read says of a piece.
    pub(super) fn alarm(&self, sequence: u32) -> Alarm {
        Alarm { sequence, key: self.key, file: self.file.to_owned(), line: self.read.line }
    }
}

/// The reads of one camera in one report of [`Lists::Reads`], in the order in which they passed: by position where every one has it,
/// else by row.
#[derive(Debug)]
pub(super) struct Stream {
    /// The index of the report.
    pub report: usize,
    /// The index of the camera.
    pub camera: usize,
    /// Whether the report ends.
    pub closed: bool,
    /// Indices of sightings.
    pub reads: Vec<usize>,
}

/// The reads of all reports.
#[derive(Debug, Default)]
pub(super) struct Sightings<'a> {
    /// Each read once, in the order of the files.
    pub all: Vec<Sighting<'a>>,
    /// The streams of reads.
    pub streams: Vec<Stream>,
    /// The sighting of each row, for each report; rows without status are left out.
    pub rows: Vec<Vec<usize>>,
    /// The names of the cameras.
    pub cameras: Vec<&'a str>,
    /// The index of each read.
    pub by_key: HashMap<ReadKey, usize>,
}

impl<'a> Sightings<'a> {
    /// Gathers the reads of all reports. `end`: nothing more will be reported.
    pub(super) fn gather(
        lot: &impl LotInHand,
        reports: &'a [MachineReport],
        end: bool,
        counts: &mut Counts,
    ) -> Sightings<'a> {
        let mut gathered = Sightings::default();
        let mut cameras = HashMap::new();
        for (index, report) in reports.iter().enumerate() {
            let rows = gathered.take(lot, (reports, index), &mut cameras, counts);
            if report.lists == Lists::Reads {
                gathered.split(index, end || report.ended, &rows);
            }
            gathered.rows.push(rows);
        }
        counts.cameras = gathered.cameras.iter().map(|name| (legible(name).into_owned(), 0)).collect();
        for sighting in &gathered.all {
            counts.cameras[sighting.camera].1 += 1;
        }
        counts.cameras.sort();
        gathered
    }

    /// Takes the rows of a report; returns the sighting of each.
    fn take(
        &mut self,
        lot: &impl LotInHand,
        (reports, index): (&'a [MachineReport], usize),
        cameras: &mut HashMap<&'a str, usize>,
        counts: &mut Counts,
    ) -> Vec<usize> {
        let report = &reports[index];
        let mut rows = Vec::with_capacity(report.reads.len());
        for (read, key) in report.reads.iter().zip(keys(report)) {
            let (file, row) = (report.file.as_str(), rows.len());
            counts.reads += 1;
            let status = status(report.lists, read.status);
            if status == InsertStatus::None {
                counts.unset += 1;
                continue;
            }
            if let Some(known) = self.by_key.get(&key) {
                counts.repeated += 1;
                rows.push(*known);
                let sighting = &mut self.all[*known];
                if report.reads.len() > reports[sighting.report].reads.len() {
                    (sighting.read, sighting.file, sighting.report, sighting.row) = (read, file, index, row);
                }
                continue;
            }
            let camera = *cameras.entry(&read.camera).or_insert_with(|| {
                self.cameras.push(&read.camera);
                self.cameras.len() - 1
            });
            let (lists, text, passing) = (report.lists, text(lot, &read.value), None);
            self.by_key.insert(key, self.all.len());
            rows.push(self.all.len());
            let report = index;
            self.all.push(Sighting { read, file, report, row, passing, lists, key, status, camera, text });
        }
        rows
    }

    /// Splits the rows of a report into the streams of its cameras.
    fn split(&mut self, report: usize, closed: bool, rows: &[usize]) {
        let mut of_camera: HashMap<usize, usize> = HashMap::new();
        let first = self.streams.len();
        for id in rows {
            let camera = self.all[*id].camera;
            let stream = *of_camera.entry(camera).or_insert(self.streams.len());
            if stream == self.streams.len() {
                self.streams.push(Stream { report, camera, closed, reads: Vec::new() });
            }
            self.streams[stream].reads.push(*id);
        }
        for (number, stream) in self.streams.iter_mut().enumerate().skip(first) {
            if stream.reads.iter().all(|id| self.all[*id].read.position.is_some()) {
                stream.reads.sort_by_key(|id| self.all[*id].read.position);
            }
            for (index, id) in stream.reads.iter().enumerate() {
                if self.all[*id].report == report {
                    self.all[*id].passing = Some((number, index));
                }
            }
        }
    }
}

/// What a row says that the machine did. A row of a list of bad pieces is never good: without another status a person must look.
fn status(lists: Lists, status: InsertStatus) -> InsertStatus {
    match (lists, status) {
        (Lists::Bad, InsertStatus::Ok | InsertStatus::None) => InsertStatus::Attention,
        _ => status,
    }
}

/// What a text names.
fn text(lot: &impl LotInHand, value: &str) -> Text {
    if value.is_empty() {
        return Text::Blank;
    }
    match lot.identify(value) {
        Named::Piece(sequence) => Text::Piece(sequence),
        Named::Elsewhere(piece_id) => Text::Elsewhere(piece_id),
        Named::Nobody if is_card_number(value) || WrittenPiece::parse(value).is_some() => Text::Stranger,
        Named::Nobody => Text::Noise,
    }
}

/// Whether a text has the form of a card number: ten digits.
pub(super) fn is_card_number(text: &str) -> bool {
    text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The pieces of the lot whose text differs from this one in one character.
pub(super) fn lookalikes(lot: &impl LotInHand, text: &str) -> Vec<u32> {
    const LONGEST: usize = 20;
    const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let mut found = Vec::new();
    if text.len() > LONGEST || !text.is_ascii() {
        return found;
    }
    let mut other = text.to_owned();
    for index in 0..text.len() {
        let own = &text[index..=index];
        for digit in DIGITS.into_iter().filter(|digit| *digit != own) {
            other.replace_range(index..=index, digit);
            if let Some(sequence) = lot.piece(&other) {
                found.push(sequence);
            }
        }
        other.replace_range(index..=index, own);
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether two texts differ in one character.
pub(super) fn differ_in_one(left: &str, right: &str) -> bool {
    left.len() == right.len()
        && left.bytes().zip(right.bytes()).filter(|(left, right)| left != right).count() == 1
}
