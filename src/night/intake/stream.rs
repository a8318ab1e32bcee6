//! The record files of a night as a stream of examined rows: one thread reads files, a batch at a time, while the rows of
//! the batch before are examined on all cores. Duplicate card numbers are found over all files.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::{self, Read};
use std::sync::mpsc::{SyncSender, sync_channel};

use rayon::prelude::*;

use super::examiner::{Examined, Fault};
use super::header::{Column, Header};
use super::lines::Lines;
use super::records::{Fields, Records, Shape};
use super::{
    AcceptedRow, Declared, ExaminedRow, Finding, IntakeError, IntakeFile, IntakeSettings, RecordFile, cells,
    rules,
};
use mail::card::CardNumber;
use mail::{Worded, Words, excerpt};

/// Rows that are examined at a time, on all cores.
const BATCH: usize = 1024;
/// Batches that may wait to be examined.
const BATCHES_AHEAD: usize = 2;

/// Why [`stream`] ended early.
#[derive(Debug)]
pub(in crate::night) enum StreamError<E> {
    /// A file can't be read or is no record file.
    Intake(IntakeError),
    /// The receiver of the rows failed.
    Receiver(E),
}

/// Reads record files and passes their examined rows to `receive`, a batch at a time, in the order of files and lines.
///
/// # Errors
/// [`StreamError::Intake`]: a file can't be read or is no record file; [`StreamError::Receiver`]: `receive` failed.
pub(in crate::night) fn stream<E>(
    files: &[RecordFile],
    settings: &IntakeSettings,
    receive: &mut dyn FnMut(Vec<ExaminedRow>) -> Result<(), E>,
) -> Result<Vec<IntakeFile>, StreamError<E>> {
    std::thread::scope(|scope| {
        let (sender, parts) = sync_channel(BATCHES_AHEAD);
        scope.spawn(move || read(files, settings, &sender));
        let mut examiner = RowExaminer { settings, cards: HashMap::new(), files: Vec::new(), header: None };
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
    /// File and line of the row in which each card number was first seen. Its hash is keyed anew in every process, so
    /// no file can be written whose numbers collide.
    cards: HashMap<CardNumber, (u32, u32)>,
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
        let client_ref = std::mem::take(&mut examined.client_ref);
        let findings = |faults: Vec<Fault>| match faults.is_empty() {
            true => Vec::new(),
            false => self.findings(faults, row.line, &header.written_card_number(&row.fields), &client_ref),
        };
        match examined.issuance {
            Some(issuance) if examined.faults.is_empty() => {
                let record = AcceptedRow { file, line: row.line, issuance };
                ExaminedRow::Accepted(Box::new(record), findings(examined.warnings))
            }
            _ => {
                let card = examined.card_number;
                let revoked = card.filter(|_| examined.revoked);
                let declared = Declared { revoked, lost: examined.lost, card };
                ExaminedRow::Rejected(findings(examined.faults), declared)
            }
        }
    }

    /// Adds a card number to the index. Returns a fault if an earlier row of the night has it.
    fn duplicate(&mut self, number: CardNumber, file: usize, line: u64) -> Option<Fault> {
        let (file, line) = match self.cards.entry(number) {
            Entry::Occupied(first) => *first.get(),
            Entry::Vacant(free) => {
                free.insert((file as u32, line as u32));
                return None;
            }
        };
        let name = excerpt(&self.files[file as usize].name);
        let message = Words::of(
            format!(
                "la carte «\u{A0}{number}\u{A0}» figure déjà dans «\u{A0}{name}\u{A0}», ligne {line}\u{202F}; gardez une des deux lignes"
            ),
            format!("card `{number}` stands already in `{name}`, line {line}; keep one of the two rows"),
        );
        Some(Fault::new(Column::CardNumber, "duplicate_card_number", message))
    }

    /// The findings of a row's faults or warnings.
    fn findings(&self, faults: Vec<Fault>, line: u64, card_number: &str, client_ref: &str) -> Vec<Finding> {
        let file = self.files.last().map_or("", |file| file.name.as_str());
        let finding = |fault: Fault| Finding {
            source_file: file.to_owned(),
            line,
            card_number: card_number.to_owned(),
            field: fault.field,
            code: fault.code.to_owned(),
            message: fault.message.words(self.settings.language),
            client_ref: client_ref.to_owned(),
        };
        faults.into_iter().map(finding).collect()
    }
}

/// Reads the rows of a batch; none at the end of the file.
fn next_batch<R: Read>(records: &mut Records<R>) -> io::Result<Vec<RawRow>> {
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
        None => rules::examine(&header.row(&row.fields, settings.encoding), settings.night),
    }
}

/// The fault of a row that does not have the shape of a record.
fn shape_fault(header: &Header, record: &RawRow) -> Option<Fault> {
    let (found, wanted) = (record.fields.len(), header.width());
    let row = |code, message: Words| Some(Fault::of_row(code, message));
    match record.shape {
        Shape::Unclosed => row(
            "unclosed_quote",
            Words::new(
                "un guillemet est ouvert et jamais fermé\u{202F}; fermez-le, ou doublez-le s’il appartient au texte",
                "a quote is opened and never closed; close it, or double it if it belongs to the text",
            ),
        ),
        Shape::StrayQuote => row(
            "stray_quote",
            Words::new(
                "du texte suit un guillemet fermant\u{202F}; doublez les guillemets qui appartiennent au texte",
                "text follows a closing quote; double the quotes that belong to the text",
            ),
        ),
        Shape::Cut => Some(cut_fault(header, record)),
        Shape::Whole if found < wanted || !record.fields.are_blank_from(wanted) => row(
            "field_count",
            Words::of(
                format!(
                    "la ligne a {found} champs et l’en-tête nomme {wanted} colonnes\u{202F}; cherchez un séparateur manquant, ou sans guillemets"
                ),
                format!(
                    "the row has {found} fields and the header names {wanted} columns; look for a missing or unquoted delimiter"
                ),
            ),
        ),
        Shape::Whole => None,
    }
}

/// The fault of a line that is longer than any record: its first field that is too long, if any.
fn cut_fault(header: &Header, record: &RawRow) -> Fault {
    let long = (0..record.fields.len()).find(|index| cells::is_too_long(record.fields.get(*index)));
    let (code, message) = match long {
        Some(index) if record.fields.get(index).contains(&0) => {
            ("nul_byte", Words::said(&cells::CellFault::Nul))
        }
        Some(_) => ("field_too_long", Words::said(&cells::CellFault::TooLong)),
        None => (
            "field_count",
            Words::new(
                "la ligne est plus longue qu’aucun enregistrement\u{202F}; cherchez des fins de ligne manquantes",
                "the line is longer than any record; look for missing line ends",
            ),
        ),
    };
    let field = long.and_then(|index| header.name(index)).unwrap_or_default();
    Fault { field: field.to_owned(), code, message }
}
