//! Intake: the record files of a night become valid records, and a finding for everything that is wrong.
//!
//! Every row is accepted or rejected, so rows are always accepted plus rejected; blank lines are not rows. An accepted row
//! becomes an [`Issuance`], and may have warnings. A rejected row has at least one finding. A bad row never stops the
//! intake: only a file that can't be read as a whole ends it, with an [`IntakeError`]. A bounded part of a row is kept in
//! memory, and messages shorten long values.
//!
//! | codes of rejects | meaning |
//! |---|---|
//! | `field_count`, `unclosed_quote`, `stray_quote`, `empty_row` | the row does not have the shape of a record |
//! | `field_too_long`, `nul_byte`, `encoding`, `control_character` | a field can't be read as text |
//! | `missing_value` | an empty field that this card or reason needs |
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
//! | codes of warnings | meaning |
//! |---|---|
//! | `address_recipient_supplied` | line 1 was empty and holds the recipient now |
//! | `address_not_capitals` | line 4 or 5 in lower case or with accents |
//! | `country_mismatch`, `departement_mismatch` | the postcode lies elsewhere than the country or the structure |
//! | `replaced_card_missing` | a renewal, change or incident names no replaced card |
//! | `civility_without_name` | a civility or a title is left out, because the card has no holder |

mod card_index;
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
use card_index::CardIndex;
pub use error::IntakeError;
use examiner::{Examined, Fault};
use header::{Column, Header};
use lines::Lines;
use mail::card::{CardNumber, Issuance};
use mail::excerpt;
pub(super) use record_file::RecordFile;
use records::{Fields, Records, Shape};
pub(super) use sources::{RecordSources, codes_digests, codes_of_night, record_files};

/// How the record files of a job are read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IntakeSettings {
    /// The encoding of every file.
    pub encoding: Encoding,
    /// Columns to ignore. A column of the contract is read even if it is named here.
    pub ignore: Vec<String>,
}

/// Everything that the record files of a night hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intake {
    /// The files, in the order given.
    pub files: Vec<IntakeFile>,
    /// The valid records, by file and line.
    pub records: Vec<AcceptedRow>,
    /// The faults of rejected rows, at least one for each.
    pub rejects: Vec<Finding>,
    /// The warnings on accepted rows.
    pub warnings: Vec<Finding>,
    /// How many rows the files have, accepted and rejected together.
    pub rows: u64,
    /// How many rows were rejected.
    pub rejected_rows: u64,
    /// Cards that rejected rows declare revoked. Nothing may be sent for them.
    pub revoked: Vec<CardNumber>,
}

/// A record file that was read to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IntakeFile {
    /// Its path as findings name it.
    pub name: String,
    /// The SHA-256 of its bytes, in lower-case hexadecimal.
    pub sha256: String,
    /// How many rows it has.
    pub rows: u64,
}

/// A valid record, with its file and line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedRow {
    /// The index of its file in [`Intake::files`].
    pub file: usize,
    /// The line on which the record begins; the header is line 1.
    pub line: u64,
    /// The record.
    pub issuance: Issuance,
}

/// A row, accepted or rejected.
#[derive(Debug)]
pub(super) enum ExaminedRow {
    /// A valid record and its warnings.
    Accepted(Box<AcceptedRow>, Vec<Finding>),
    /// The faults, and the card where the row declares it revoked.
    Rejected(Vec<Finding>, Option<CardNumber>),
}

/// Rows that are examined at a time, on all cores.
const BATCH: usize = 1024;
/// Batches that may wait to be examined.
const BATCHES_AHEAD: usize = 2;

/// Reads record files.
///
/// # Errors
/// [`IntakeError`]: a file can't be read or is no record file.
pub fn take_in(files: &[PathBuf], settings: &IntakeSettings) -> Result<Intake, IntakeError> {
    let mut intake = Intake::default();
    let files: Vec<RecordFile> =
        files.iter().map(|path| RecordFile::at(path.clone(), Path::new(""))).collect();
    let read = stream(&files, settings, &mut |rows| {
        rows.into_iter().for_each(|row| intake.add(row));
        Ok::<_, Infallible>(())
    });
    match read {
        Ok(files) => intake.files = files,
        Err(StreamError::Intake(error)) => return Err(error),
        Err(StreamError::Receiver(never)) => match never {},
    }
    intake.rows = intake.files.iter().map(|file| file.rows).sum();
    Ok(intake)
}

impl Intake {
    fn add(&mut self, row: ExaminedRow) {
        match row {
            ExaminedRow::Accepted(record, warnings) => {
                self.records.push(*record);
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

/// Why [`stream`] ended early.
#[derive(Debug)]
pub(super) enum StreamError<E> {
    /// A file can't be read or is no record file.
    Intake(IntakeError),
    /// The receiver of the rows failed.
    Receiver(E),
}

/// Reads record files and passes their examined rows to `receive`, a batch at a time, in the order of files and lines.
///
/// # Errors
/// [`StreamError::Intake`]: a file can't be read or is no record file; [`StreamError::Receiver`]: `receive` failed.
pub(super) fn stream<E>(
    files: &[RecordFile],
    settings: &IntakeSettings,
    receive: &mut dyn FnMut(Vec<ExaminedRow>) -> Result<(), E>,
) -> Result<Vec<IntakeFile>, StreamError<E>> {
    std::thread::scope(|scope| {
        let (sender, parts) = sync_channel(BATCHES_AHEAD);
        scope.spawn(move || read(files, settings, &sender));
        let mut examiner =
            RowExaminer { settings, cards: CardIndex::default(), files: Vec::new(), header: None };
        for part in parts {
            match part.map_err(StreamError::Intake)? {
                Part::Begin(name, header) => examiner.begin_file(name, header),
                Part::Rows(rows) => receive(examiner.examine(&rows)).map_err(StreamError::Receiver)?,
                Part::End(sha256) => examiner.end_file(sha256),
            }
        }
        Ok(examiner.files)
    })
}

/// A row that is not examined yet.
struct RawRow {
    line: u64,
    shape: Shape,
    fields: Fields,
}

/// A part of a file: its name and header, a batch of its rows, or its SHA-256.
enum Part {
    Begin(String, Box<Header>),
    Rows(Vec<RawRow>),
    End(String),
}

/// Reads files one after the other. Ends early at the first one that can't be read, or once the receiver is gone.
fn read(files: &[RecordFile], settings: &IntakeSettings, sender: &SyncSender<Result<Part, IntakeError>>) {
    for file in files {
        match read_file(file, settings, &mut |part| sender.send(Ok(part)).is_ok()) {
            Ok(true) => {}
            Ok(false) => return,
            // The receiver is gone only if it has failed itself.
            Err(error) => return sender.send(Err(error)).unwrap_or_default(),
        }
    }
}

/// Reads a file and sends its parts. Returns `false` if `send` does, which ends the reading.
fn read_file(
    file: &RecordFile,
    settings: &IntakeSettings,
    send: &mut dyn FnMut(Part) -> bool,
) -> Result<bool, IntakeError> {
    let shown = file.shown();
    let unreadable = |source| IntakeError::Unreadable { file: shown.clone(), source };
    let mut lines = Lines::new(file.open().map_err(unreadable)?);
    let header = Header::read(&mut lines, &shown, settings)?;
    let mut records = Records::new(lines, header.delimiter(), header.width());
    if !send(Part::Begin(file.name().to_owned(), Box::new(header))) {
        return Ok(false);
    }
    loop {
        let rows = next_batch(&mut records).map_err(unreadable)?;
        if rows.is_empty() {
            return Ok(send(Part::End(records.into_lines().sha256())));
        }
        if !send(Part::Rows(rows)) {
            return Ok(false);
        }
    }
}

/// Examines the rows of all files, and finds card numbers that several rows of the night have.
struct RowExaminer<'s> {
    settings: &'s IntakeSettings,
    cards: CardIndex,
    files: Vec<IntakeFile>,
    /// The header of the last file.
    header: Option<Box<Header>>,
}

impl RowExaminer<'_> {
    fn begin_file(&mut self, name: String, header: Box<Header>) {
        self.files.push(IntakeFile { name, sha256: String::new(), rows: 0 });
        self.header = Some(header);
    }

    fn end_file(&mut self, sha256: String) {
        if let Some(file) = self.files.last_mut() {
            file.sha256 = sha256;
        }
    }

    /// Examines a batch on all cores, while the next one is read.
    fn examine(&mut self, rows: &[RawRow]) -> Vec<ExaminedRow> {
        let Some(header) = self.header.take() else { return Vec::new() };
        let settings = self.settings;
        let examined: Vec<Examined> =
            rows.par_iter().with_min_len(16).map(|row| examine(&header, row, settings)).collect();
        let complete = rows.iter().zip(examined).map(|(row, examined)| self.complete(&header, row, examined));
        let complete = complete.collect();
        self.header = Some(header);
        complete
    }

    /// Accepts or rejects an examined row: a card number that an earlier row has is a fault too.
    fn complete(&mut self, header: &Header, row: &RawRow, mut examined: Examined) -> ExaminedRow {
        let file = self.files.len() - 1;
        self.files[file].rows += 1;
        let duplicate = examined.card_number.and_then(|number| self.duplicate(number, file, row.line));
        examined.faults.extend(duplicate);
        let findings = |faults: Vec<Fault>| match faults.is_empty() {
            true => Vec::new(),
            false => self.findings(faults, row.line, &header.written_card_number(&row.fields)),
        };
        match examined.issuance {
            Some(issuance) if examined.faults.is_empty() => {
                let record = AcceptedRow { file, line: row.line, issuance };
                ExaminedRow::Accepted(Box::new(record), findings(examined.warnings))
            }
            _ => {
                let revoked = examined.card_number.filter(|_| examined.revoked);
                ExaminedRow::Rejected(findings(examined.faults), revoked)
            }
        }
    }

    /// Adds a card number to the index. Returns a fault if an earlier row of the night has it.
    fn duplicate(&mut self, number: CardNumber, file: usize, line: u64) -> Option<Fault> {
        let (file, line) = self.cards.add(number, file, line)?;
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
fn next_batch<R: std::io::Read>(records: &mut Records<R>) -> std::io::Result<Vec<RawRow>> {
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

/// The fault of a row that does not have the shape of a record.
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

/// The fault of a line that is longer than any record: its first field that is too long, if any.
fn cut_fault(header: &Header, record: &RawRow) -> Fault {
    let long = (0..record.fields.len()).find(|index| cells::is_too_long(record.fields.get(*index)));
    let (code, message) = match long {
        Some(index) if record.fields.get(index).contains(&0) => {
            ("nul_byte", cells::CellFault::Nul.to_string())
        }
        Some(_) => ("field_too_long", cells::CellFault::TooLong.to_string()),
        None => ("field_count", "the line is longer than any record; look for missing line ends".to_owned()),
    };
    let field = long.and_then(|index| header.name(index)).unwrap_or_default();
    Fault { field: field.to_owned(), code, message }
}
