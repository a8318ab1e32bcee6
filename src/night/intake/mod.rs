//! Intake: the record files of a night become valid records, and a finding for everything that is wrong.
//!
//! Takes the paths of `cards.csv` files and how to read them. Gives every valid row as an [`Issuance`] with
//! its place, every other row as one or more rejects, and warnings on rows that were taken in. `rows` is
//! always the records plus the rejected rows; a row is any record but a blank line.
//! Never stops for a bad row, keeps more than a bounded part of one in memory, or repeats a long value in a
//! message. Only a file that can't be understood as a whole ends the intake, with an [`IntakeError`].
//!
//! | codes of rejects | what they say |
//! |---|---|
//! | `field_count`, `unclosed_quote`, `stray_quote`, `empty_row` | the row has not the shape of a record |
//! | `field_too_long`, `nul_byte`, `encoding`, `control_character` | a field can't be read as text |
//! | `missing_value` | a field is empty that this card or reason needs |
//! | `card_number`, `duplicate_card_number`, `replaced_card_number`, `replaced_same_card` | card numbers |
//! | `card_family`, `reason`, `status`, `civility`, `title`, `replaced_generation` | not one of the allowed words |
//! | `date`, `date_time`, `date_time_no_time`, `date_time_offset`, `date_range`, `date_order` | dates |
//! | `renewal_not_for_cpf` | a CPF is never renewed |
//! | `ps_id_nat_` … `type`, `deprecated_type`, `not_on_cards`, `internal_id`, `length`, `character`, `check_digit`, `departement`, `third_character` | the holder's identifier |
//! | `structure_id_` … `type`, `deprecated_type`, `not_on_cards`, `length`, `character`, `check_digit`, `departement`, `third_character` | the structure's identifier |
//! | `profession_unknown`, `profession_deprecated` | profession |
//! | `name_character`, `name_no_letter`, `name_length`, `organisation_length` | names |
//! | `address_length`, `address_character`, `address_postcode`, `address_postcode_unknown`, `address_locality`, `address_cedex`, `country_unknown` | address |
//!
//! | codes of warnings | what they say |
//! |---|---|
//! | `address_recipient_supplied` | line 1 was empty and holds the recipient now |
//! | `address_not_capitals` | line 4 or 5 in lower case or with accents |
//! | `country_mismatch`, `departement_mismatch` | the postcode lies elsewhere than the country or the structure |
//! | `replaced_card_missing` | a renewal, change or incident names no replaced card |
//! | `civility_without_name` | a civility or a title is left out, because the card has no holder |

mod cells;
mod dates;
mod error;
mod examiner;
mod header;
mod lines;
mod persons;
mod record_file;
mod records;
mod rules;
mod seen;
mod sources;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};

use rayon::prelude::*;
use serde::Serialize;

pub use crate::job::Encoding;
pub use crate::ledger::Finding;
pub use error::IntakeError;
use examiner::{Examined, Fault};
use header::{Column, Header};
use lines::Lines;
use mail::card::CardNumber;
use mail::excerpt;
use mail::issuance::Issuance;
pub use record_file::RecordFile;
use records::{Fields, Records, Shape};
use seen::Seen;
pub use sources::{RecordSources, codes_digests, codes_of_night, record_files};

/// How the record files of a job are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IntakeSettings {
    /// The encoding of every file.
    pub encoding: Encoding,
    /// Columns that are left alone. A column of the contract is read even when it is named here.
    pub ignore: Vec<String>,
}

/// Everything that the record files of a night hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intake {
    /// The files, in the order given.
    pub files: Vec<IntakeFile>,
    /// The valid records, by file and line.
    pub records: Vec<TakenIn>,
    /// What is wrong with the rows that were not taken in, at least one finding each.
    pub rejects: Vec<Finding>,
    /// What should be mended in rows that were taken in.
    pub warnings: Vec<Finding>,
    /// The rows of all files: records and rejected rows together.
    pub rows: u64,
    /// The rows that were not taken in.
    pub rejected_rows: u64,
    /// Cards that a row which was not taken in says are revoked: nothing may be sent for them all the same.
    pub revoked: Vec<CardNumber>,
}

/// A record file that was read to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IntakeFile {
    /// Its path, as given.
    pub name: String,
    /// The SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// Its rows.
    pub rows: u64,
}

/// A valid record and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenIn {
    /// The file, by its index in [`Intake::files`].
    pub file: usize,
    /// The line on which the record begins; the header is line 1.
    pub line: u64,
    /// The record.
    pub issuance: Issuance,
}

/// What became of a row.
#[derive(Debug)]
pub enum ExaminedRow {
    /// It is a record, with what is odd about it.
    Taken(Box<TakenIn>, Vec<Finding>),
    /// It is none: why, and the card it says is revoked.
    Rejected(Vec<Finding>, Option<CardNumber>),
}

/// How many rows are examined at a time, on all cores.
const BATCH: usize = 1024;
/// How many batches may wait for that.
const BATCHES_AHEAD: usize = 2;

/// Reads the record files of a night.
///
/// # Errors
/// [`IntakeError`] when a file can't be read or understood as a whole; nothing of the night is given then.
pub fn take_in(files: &[PathBuf], settings: &IntakeSettings) -> Result<Intake, IntakeError> {
    let mut intake = Intake::default();
    let files: Vec<RecordFile> =
        files.iter().map(|path| RecordFile::at(path.clone(), Path::new(""))).collect();
    let read = stream(&files, settings, &mut |outcomes| {
        outcomes.into_iter().for_each(|outcome| intake.file_away(outcome));
        Ok::<_, Infallible>(())
    });
    match read {
        Ok(files) => intake.files = files,
        Err(Stopped::File(error)) => return Err(error),
        Err(Stopped::Taker(never)) => match never {},
    }
    intake.rows = intake.files.iter().map(|file| file.rows).sum();
    Ok(intake)
}

impl Intake {
    fn file_away(&mut self, outcome: ExaminedRow) {
        match outcome {
            ExaminedRow::Taken(taken, warnings) => {
                self.records.push(*taken);
                self.warnings.extend(warnings);
            }
            ExaminedRow::Rejected(rejects, revoked) => {
                self.rejected_rows += 1;
                self.revoked.extend(revoked);
                self.rejects.extend(rejects);
            }
        }
    }
}

/// Why rows stopped coming.
#[derive(Debug)]
pub enum Stopped<E> {
    /// A file can't be read or understood as a whole.
    File(IntakeError),
    /// Whoever took the rows.
    Taker(E),
}

/// Reads the record files of a night and gives what became of their rows to `take`, by file and line, a batch at a
/// time.
///
/// # Errors
/// A file that can't be read or understood as a whole, and those of `take`.
pub fn stream<E>(
    files: &[RecordFile],
    settings: &IntakeSettings,
    take: &mut dyn FnMut(Vec<ExaminedRow>) -> Result<(), E>,
) -> Result<Vec<IntakeFile>, Stopped<E>> {
    std::thread::scope(|scope| {
        let (give, parts) = sync_channel(BATCHES_AHEAD);
        scope.spawn(move || read(files, settings, &give));
        let mut desk = Desk { settings, seen: Seen::default(), files: Vec::new(), header: None };
        for part in parts {
            match part.map_err(Stopped::File)? {
                Part::Begin(name, header) => desk.begin_file(name, header),
                Part::Rows(rows) => take(desk.examine(&rows)).map_err(Stopped::Taker)?,
                Part::End(sha256) => desk.end_file(sha256),
            }
        }
        Ok(desk.files)
    })
}

/// A row as it came out of its file.
struct RawRow {
    line: u64,
    shape: Shape,
    fields: Fields,
}

/// What comes out of a file: its name and header, its rows a batch at a time, its SHA-256.
enum Part {
    Begin(String, Box<Header>),
    Rows(Vec<RawRow>),
    End(String),
}

/// Reads files one after the other, until there are no more, one can't be read, or nobody takes what they hold.
fn read(files: &[RecordFile], settings: &IntakeSettings, give: &SyncSender<Result<Part, IntakeError>>) {
    for file in files {
        match read_file(file, settings, &mut |part| give.send(Ok(part)).is_ok()) {
            Ok(true) => {}
            Ok(false) => return,
            // Who does not take it is gone for another reason.
            Err(error) => return give.send(Err(error)).unwrap_or_default(),
        }
    }
}

/// Reads a file to its end, or until `give` says that nobody takes what it holds; gives which.
fn read_file(
    file: &RecordFile,
    settings: &IntakeSettings,
    give: &mut dyn FnMut(Part) -> bool,
) -> Result<bool, IntakeError> {
    let shown = file.shown();
    let unreadable = |source| IntakeError::Unreadable { file: shown.clone(), source };
    let mut lines = Lines::new(file.open().map_err(unreadable)?);
    let header = Header::read(&mut lines, &shown, settings)?;
    let mut records = Records::new(lines, header.delimiter(), header.width());
    if !give(Part::Begin(file.name().to_owned(), Box::new(header))) {
        return Ok(false);
    }
    loop {
        let rows = gather(&mut records).map_err(unreadable)?;
        if rows.is_empty() {
            return Ok(give(Part::End(records.into_lines().sha256())));
        }
        if !give(Part::Rows(rows)) {
            return Ok(false);
        }
    }
}

/// Works through the files, and remembers the card numbers of the night.
struct Desk<'s> {
    settings: &'s IntakeSettings,
    seen: Seen,
    files: Vec<IntakeFile>,
    /// That of the last file.
    header: Option<Box<Header>>,
}

impl Desk<'_> {
    fn begin_file(&mut self, name: String, header: Box<Header>) {
        self.files.push(IntakeFile { name, sha256: String::new(), rows: 0 });
        self.header = Some(header);
    }

    fn end_file(&mut self, sha256: String) {
        if let Some(file) = self.files.last_mut() {
            file.sha256 = sha256;
        }
    }

    /// Examines rows on all cores, while the next ones are read.
    fn examine(&mut self, rows: &[RawRow]) -> Vec<ExaminedRow> {
        let Some(header) = self.header.take() else { return Vec::new() };
        let settings = self.settings;
        let examined: Vec<Examined> =
            rows.par_iter().with_min_len(16).map(|row| examine(&header, row, settings)).collect();
        let judged = rows.iter().zip(examined).map(|(row, examined)| self.judge(&header, row, examined));
        let outcomes = judged.collect();
        self.header = Some(header);
        outcomes
    }

    /// Files a row as a record or a reject.
    fn judge(&mut self, header: &Header, row: &RawRow, mut examined: Examined) -> ExaminedRow {
        let file = self.files.len() - 1;
        self.files[file].rows += 1;
        let duplicate = examined.card_number.and_then(|number| self.duplicate(number, file, row.line));
        examined.faults.extend(duplicate);
        let findings = |faults: Vec<Fault>| match faults.is_empty() {
            true => Vec::new(),
            false => self.findings(faults, row.line, &header.spelled_card_number(&row.fields)),
        };
        match examined.issuance {
            Some(issuance) if examined.faults.is_empty() => {
                let taken = TakenIn { file, line: row.line, issuance };
                ExaminedRow::Taken(Box::new(taken), findings(examined.warnings))
            }
            _ => {
                let revoked = examined.card_number.filter(|_| examined.revoked);
                ExaminedRow::Rejected(findings(examined.faults), revoked)
            }
        }
    }

    /// Remembers a card number; a fault when an earlier row of the night had it.
    fn duplicate(&mut self, number: CardNumber, file: usize, line: u64) -> Option<Fault> {
        let (file, line) = self.seen.add(number, file, line)?;
        let name = excerpt(&self.files[file].name);
        let message =
            format!("card `{number}` stands already in `{name}`, line {line}; keep one of the two rows");
        Some(Fault::new(Column::CardNumber, "duplicate_card_number", message))
    }

    /// The findings of a row's faults or warnings.
    fn findings(&self, faults: Vec<Fault>, line: u64, card_number: &str) -> Vec<Finding> {
        let file = self.files.last().map_or("", |file| file.name.as_str());
        let finding = |fault: Fault| Finding {
            source_file: file.to_owned(),
            line,
            card_number: card_number.to_owned(),
            field: fault.field,
            code: fault.code.to_owned(),
            message: fault.message,
        };
        faults.into_iter().map(finding).collect()
    }
}

/// Reads the rows of a batch; none at the end of the file.
fn gather<R: std::io::Read>(records: &mut Records<R>) -> std::io::Result<Vec<RawRow>> {
    let mut rows = Vec::with_capacity(BATCH);
    while rows.len() < BATCH
        && let Some(record) = records.next()?
    {
        rows.push(RawRow { line: record.line, shape: record.shape, fields: record.fields.clone() });
    }
    Ok(rows)
}

/// Examines a row by itself.
fn examine(header: &Header, row: &RawRow, settings: &IntakeSettings) -> Examined {
    match shape_fault(header, row) {
        Some(fault) => Examined::rejected(fault),
        None => rules::examine(&header.row(&row.fields, settings.encoding)),
    }
}

/// What is wrong with a row before its values are looked at.
fn shape_fault(header: &Header, record: &RawRow) -> Option<Fault> {
    let (found, wanted) = (record.fields.len(), header.width());
    let row = |code, message: String| Some(Fault::of_row(code, message));
    match record.shape {
        Shape::Unclosed => row(
            "unclosed_quote",
            "a quote is opened and never closed; close it, or double it if it belongs to the text".into(),
        ),
        Shape::StrayQuote => row(
            "stray_quote",
            "text follows a closing quote; double the quotes that belong to the text".into(),
        ),
        Shape::Cut => Some(cut_fault(header, record)),
        Shape::Whole if found != wanted => row(
            "field_count",
            format!(
                "the row has {found} fields and the header {wanted}; look for a missing or unquoted delimiter"
            ),
        ),
        Shape::Whole if record.fields.all_blank() => {
            row("empty_row", "every field is empty; delete the row".into())
        }
        Shape::Whole => None,
    }
}

/// What is wrong with a line that is longer than any record: a field that has no end.
fn cut_fault(header: &Header, record: &RawRow) -> Fault {
    let long = (0..record.fields.len()).find(|place| cells::is_too_long(record.fields.get(*place)));
    let (code, message) = match long {
        Some(place) if record.fields.get(place).contains(&0) => {
            ("nul_byte", cells::CellFault::Nul.to_string())
        }
        Some(_) => ("field_too_long", cells::CellFault::TooLong.to_string()),
        None => ("field_count", "the line is longer than any record; look for missing line ends".to_owned()),
    };
    let field = long.and_then(|place| header.name(place)).unwrap_or_default();
    Fault { field: field.to_owned(), code, message }
}
