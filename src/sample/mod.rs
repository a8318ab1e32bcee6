//! Samples: a ready job folder of invented records, for demonstrations, tests and measurements.
//!
//! A sample is `job.toml`, keys, `inbox/cards.csv` and `inbox/codes.csv.age`, for the night of Friday 20 November 2026, and
//! `later/cards-2026-11-25.csv`, codes that are asked again for some of its cards. The
//! same seed and number of records produce the same records and codes; keys are new each time. Codes are written sealed
//! only, no file is overwritten, and persons are invented.

mod address;
mod codes;
mod defects;
mod files;
#[cfg(test)]
mod fixture_tests;
mod job_text;
mod localities;
mod names;
mod numbers;
mod random;
mod reasons;
mod record;
mod structures;
#[cfg(test)]
mod tests;

use crate::failure::{Exit, Explained, Position};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::files::write_whole_with;
use crate::job::{KeyLocation, SigningProfile};
use crate::vault::{self, KeyError, SealError};
use codes::CodesText;
use defects::{DEFECTS, Spoil};
use files::Layout;
use record::{CardRow, RecordGenerator};

/// The most records of a sample: their codes are kept in memory until they are sealed.
const MAX_RECORDS: u32 = 10_000_000;

/// Every tenth bad record is a good one whose card has the PIN of test cards.
const TEST_PIN_EVERY: u32 = 10;

/// The order of a sample.
#[derive(Debug, Clone)]
pub struct SampleOrder<'a> {
    /// How many records, the bad ones included.
    pub count: u32,
    /// The seed of records and codes.
    pub seed: u64,
    /// The share of bad records, in percent.
    pub bad_percent: f64,
    /// The job's folder, which is created if it is missing.
    pub out: &'a Path,
    /// Whether the job writes its mailers in clear, for demonstration only.
    pub unsealed: bool,
}

/// The files of a sample.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SampleSummary {
    /// The job file.
    pub job: PathBuf,
    /// The records' file.
    pub cards: PathBuf,
    /// The sealed codes.
    pub codes: PathBuf,
    /// Requests for codes again, for a later night: copy them to the inbox then.
    pub reissues: PathBuf,
    /// The keys, private and public.
    pub keys: Vec<PathBuf>,
    /// The records, the bad ones included.
    pub records: u32,
    /// The bad records, those with a test PIN included.
    pub bad_records: u32,
    /// The bad records that the intake accepts, because only the PIN of their card is wrong.
    pub test_pins: u32,
}

/// A sample that can't be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SampleError {
    /// The folder holds something that would be overwritten.
    #[error("`{}` is there already", .0.display())]
    Occupied(PathBuf),
    /// The share of bad records is not a percentage.
    #[error("`{0}` is no share of bad records")]
    BadPercent(f64),
    /// More records than a sample can have.
    #[error("{0} records are more than a sample can have")]
    TooMany(u32),
    /// A key can't be made.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The codes can't be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// A file can't be written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Explained for SampleError {
    fn exit(&self) -> Exit {
        match self {
            SampleError::Io(_) => Exit::Midway,
            _ => Exit::Usage,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            SampleError::Occupied(_) => "sample_occupied",
            SampleError::BadPercent(_) => "sample_bad_percent",
            SampleError::TooMany(_) => "sample_too_many",
            SampleError::Key(error) => error.code(),
            SampleError::Seal(error) => error.code(),
            SampleError::Io(_) => "io",
        }
    }

    fn advice(&self) -> Option<String> {
        match self {
            SampleError::Occupied(_) => {
                Some("name another folder with `--out`; nothing is ever overwritten".to_owned())
            }
            SampleError::BadPercent(_) => Some("write a percentage from 0 to 100".to_owned()),
            SampleError::TooMany(_) => Some(format!("{MAX_RECORDS} is the most")),
            SampleError::Key(error) => error.advice(),
            SampleError::Seal(error) => error.advice(),
            SampleError::Io(_) => None,
        }
    }

    fn position(&self) -> Option<Position> {
        match self {
            SampleError::Key(error) => error.position(),
            SampleError::Seal(error) => error.position(),
            _ => None,
        }
    }
}

/// Makes a sample.
///
/// # Errors
/// [`SampleError::BadPercent`], [`SampleError::TooMany`], [`SampleError::Occupied`]: nothing is written; `Key`, `Seal`, `Io`:
/// a file can't be written. The job file is written last, so a folder without it is incomplete.
pub fn make(order: &SampleOrder) -> Result<SampleSummary, SampleError> {
    let schedule = Schedule::new(order)?;
    let layout = Layout::new(order.out);
    if let Some(file) = layout.occupied() {
        return Err(SampleError::Occupied(file));
    }
    vault::new_signing_key(&KeyLocation::File(layout.signing_key.clone()), SigningProfile::Ed25519)?;
    for [identity, recipient] in [&layout.codes_key, &layout.press_key] {
        vault::new_identity(identity, recipient)?;
    }
    let mut codes = CodesText::new(order.seed, order.count)?;
    write_whole_with(&layout.cards, |out| write_records(out, order.seed, &schedule, &mut codes))?;
    seal_codes(&layout, &codes)?;
    write_whole_with(&layout.reissues, |out| write_reissues(out, order.seed, &schedule))?;
    let job = job_text::text(order.unsealed);
    write_whole_with(&layout.job, |out| out.write_all(job.as_bytes()))?;
    Ok(SampleSummary {
        keys: layout.keys(),
        records: order.count,
        bad_records: schedule.bad,
        test_pins: schedule.bad / TEST_PIN_EVERY,
        job: layout.job,
        cards: layout.cards,
        codes: layout.codes,
        reissues: layout.reissues,
    })
}

/// Which records are bad.
struct Schedule {
    count: u32,
    bad: u32,
}

impl Schedule {
    fn new(order: &SampleOrder) -> Result<Schedule, SampleError> {
        if !(0.0..=100.0).contains(&order.bad_percent) {
            return Err(SampleError::BadPercent(order.bad_percent));
        }
        if order.count > MAX_RECORDS {
            return Err(SampleError::TooMany(order.count));
        }
        let bad = (f64::from(order.count) * order.bad_percent / 100.0).round() as u32;
        Ok(Schedule { count: order.count, bad })
    }

    /// The kind of the record at an index; bad records are spread evenly.
    fn kind_at(&self, index: u32) -> RecordKind {
        let bad_before = |index: u64| {
            let count = u64::from(self.count);
            (index * u64::from(self.bad) + count / 2) / count
        };
        let before = bad_before(u64::from(index)) as u32;
        match bad_before(u64::from(index) + 1) > u64::from(before) {
            false => RecordKind::Good,
            true if before % TEST_PIN_EVERY == TEST_PIN_EVERY - 1 => RecordKind::TestPin,
            true => RecordKind::Bad((before - before / TEST_PIN_EVERY) as usize),
        }
    }
}

/// The kind of a record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RecordKind {
    /// Valid.
    Good,
    /// Valid, except that its card has the PIN of test cards.
    TestPin,
    /// With a defect; its index among such records, from 0.
    Bad(usize),
}

/// Writes the records, and the codes of all cards except those of records with a defect.
fn write_records(
    out: &mut impl Write,
    seed: u64,
    schedule: &Schedule,
    codes: &mut CodesText,
) -> io::Result<()> {
    let generator = RecordGenerator::new(seed);
    let mut earlier = None;
    out.write_all(&csv_line(CardRow::COLUMNS)?)?;
    for index in 0..schedule.count {
        let kind = schedule.kind_at(index);
        let row = match kind {
            RecordKind::Good => generator.record(index),
            RecordKind::TestPin => generator.plain(index),
            RecordKind::Bad(defect) => {
                out.write_all(&bad_line(generator.plain(index), defect, earlier.as_deref())?)?;
                continue;
            }
        };
        out.write_all(&csv_line(&row.values())?)?;
        codes.add(index, &row.card_number, kind == RecordKind::TestPin)?;
        earlier = Some(row.card_number);
    }
    Ok(())
}

/// Writes requests for codes again: every twentieth card whose mailer leaves with the sample's nights, and at least one.
fn write_reissues(out: &mut impl Write, seed: u64, schedule: &Schedule) -> io::Result<()> {
    const EVERY: usize = 20;
    let generator = RecordGenerator::new(seed);
    out.write_all(&csv_line(CardRow::COLUMNS)?)?;
    let good = (0..schedule.count).filter(|index| schedule.kind_at(*index) == RecordKind::Good);
    let sent = good.map(|index| generator.record(index)).filter(reasons::is_sent_at_once);
    for mut row in sent.step_by(EVERY) {
        reasons::write_again(&mut row);
        out.write_all(&csv_line(&row.values())?)?;
    }
    Ok(())
}

/// The line of a record with a defect, by its index in [`DEFECTS`], modulo their number; `earlier` is the card number of a
/// good record before it.
fn bad_line(mut row: CardRow, defect: usize, earlier: Option<&str>) -> io::Result<Vec<u8>> {
    match (&DEFECTS[defect % DEFECTS.len()].spoil, earlier) {
        (Spoil::Values(spoil), _) => {
            spoil(&mut row);
            csv_line(&row.values())
        }
        (Spoil::Bytes(spoil), _) => {
            let mut line = csv_line(&row.values())?;
            spoil(&mut line);
            Ok(line)
        }
        (Spoil::RepeatedNumber, Some(number)) => {
            number.clone_into(&mut row.card_number);
            csv_line(&row.values())
        }
        // There is no number to repeat yet: the next defect is used.
        (Spoil::RepeatedNumber, None) => bad_line(row, defect + 1, earlier),
    }
}

/// A line of a CSV file, quoted where it must be.
fn csv_line(values: &[&str]) -> io::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().buffer_capacity(1024).from_writer(Vec::with_capacity(512));
    writer.write_record(values)?;
    writer.into_inner().map_err(|error| io::Error::other(error.to_string()))
}

/// Seals the codes to the sample's key.
fn seal_codes(layout: &Layout, codes: &CodesText) -> Result<(), SampleError> {
    let [_, recipient] = &layout.codes_key;
    let recipient = fs_err::read_to_string(recipient)?.trim().to_owned();
    let recipients = vault::recipients(&[recipient], |path| PathBuf::from(path))?;
    let sealed = vault::seal_bytes(&recipients, codes.plain())?;
    Ok(write_whole_with(&layout.codes, |out| out.write_all(&sealed))?)
}
