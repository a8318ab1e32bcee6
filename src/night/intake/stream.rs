//! The record files of a night as a stream of examined rows: one thread reads files, a batch at a time, while the rows of
//! the batch before are examined on all cores. Duplicate card numbers are found over all files.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

use rayon::prelude::*;

use super::examiner::{Examined, Fault};
use super::record_reader::RecordReader;
use super::records::{Fields, Shape};
use super::row_layout::RowLayout;
use super::{
    AcceptedRow, Declared, ExaminedRow, Finding, IntakeError, IntakeFile, IntakeSettings, RecordFile, cells,
    rules,
};
use crate::failure::{agreeing, counted};
use crate::job::Column;
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
        let mut examiner = RowExaminer { settings, cards: HashMap::new(), files: Vec::new(), layout: None };
        for part in parts {
            match part.map_err(StreamError::Intake)? {
                Part::Begin(name, layout) => examiner.begin_file(name, layout),
                Part::Rows(rows) => receive(examiner.examine(&rows)).map_err(StreamError::Receiver)?,
                Part::End(sha256) => examiner.end_file(sha256),
            }
        }
        Ok(examiner.files)
    })
}

/// A row that is not examined yet.
pub(super) struct RawRow {
    /// The line on which it begins, from 1.
    pub(super) line: u64,
    /// How it came out of the file.
    pub(super) shape: Shape,
    /// Its fields.
    pub(super) fields: Fields,
}

/// A part of a file: its name and the layout of its rows, a batch of its rows, or its SHA-256.
enum Part {
    Begin(String, Arc<RowLayout>),
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
    let (mut reader, layout) = RecordReader::open(file, settings)?;
    if !send(Part::Begin(file.name().to_owned(), layout)) {
        return Ok(false);
    }
    loop {
        let rows = reader.next_rows(BATCH)?;
        if rows.is_empty() {
            return Ok(send(Part::End(reader.sha256())));
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
    /// The layout of the last file.
    layout: Option<Arc<RowLayout>>,
}

impl RowExaminer<'_> {
    fn begin_file(&mut self, name: String, layout: Arc<RowLayout>) {
        self.files.push(IntakeFile { name, sha256: String::new(), rows: 0 });
        self.layout = Some(layout);
    }

    fn end_file(&mut self, sha256: String) {
        if let Some(file) = self.files.last_mut() {
            file.sha256 = sha256;
        }
    }

    /// Examines a batch on all cores, while the next one is read.
    fn examine(&mut self, rows: &[RawRow]) -> Vec<ExaminedRow> {
        let Some(layout) = self.layout.clone() else { return Vec::new() };
        let settings = self.settings;
        let examined: Vec<Examined> =
            rows.par_iter().with_min_len(16).map(|row| examine(&layout, row, settings)).collect();
        let complete = rows.iter().zip(examined).map(|(row, examined)| self.complete(&layout, row, examined));
        complete.collect()
    }

    /// Accepts or rejects an examined row: a card number that an earlier row has is a fault too.
    fn complete(&mut self, layout: &RowLayout, row: &RawRow, mut examined: Examined) -> ExaminedRow {
        let file = self.files.len() - 1;
        self.files[file].rows += 1;
        let duplicate = examined.card_number.and_then(|number| self.duplicate(number, file, row.line));
        examined.faults.extend(duplicate);
        let client_ref = std::mem::take(&mut examined.client_ref);
        let findings = |faults: Vec<Fault>| match faults.is_empty() {
            true => Vec::new(),
            false => self.findings(faults, layout, row, &client_ref),
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

    /// The findings of a row's faults or warnings. A message begins with the issuer's name of the column.
    fn findings(
        &self,
        faults: Vec<Fault>,
        layout: &RowLayout,
        row: &RawRow,
        client_ref: &str,
    ) -> Vec<Finding> {
        let file = self.files.last().map_or("", |file| file.name.as_str());
        let card_number = layout.written_card_number(&row.fields);
        let finding = |fault: Fault| {
            let message = match layout.theirs(&fault.field) {
                Some(theirs) => Words::of(
                    format!("{}\u{202F}: {}", theirs.french(), fault.message.french()),
                    format!("{theirs}: {}", fault.message),
                ),
                None => fault.message,
            };
            let finding = Finding {
                source_file: file.to_owned(),
                line: row.line,
                card_number: card_number.clone(),
                code: fault.code.to_owned(),
                field: fault.field,
                client_ref: client_ref.to_owned(),
                ..Finding::default()
            };
            finding.saying(&message, self.settings.language)
        };
        faults.into_iter().map(finding).collect()
    }
}

/// Examines a row by itself.
fn examine(layout: &RowLayout, row: &RawRow, settings: &IntakeSettings) -> Examined {
    match shape_fault(layout, row) {
        Some(fault) => Examined::rejected(fault),
        None => rules::examine(&layout.row(&row.fields, settings), settings),
    }
}

/// The fault of a row that does not have the shape of a record.
fn shape_fault(layout: &RowLayout, record: &RawRow) -> Option<Fault> {
    let (found, wanted) = (record.fields.len(), layout.width());
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
        Shape::Cut => Some(cut_fault(layout, record)),
        Shape::Short(length) => row("fixed_short", {
            let beyond = layout.beyond(length);
            Words::of(
                format!(
                    "la ligne a {length} {}, et {} du format finissent plus loin\u{202F}; envoyez-la entière, ou écrivez «\u{A0}trimmed = true\u{A0}» dans «\u{A0}[input.fixed]\u{A0}» si l’émetteur omet les espaces en fin de ligne",
                    agreeing(length, "caractère", "caractères"),
                    beyond.french()
                ),
                format!(
                    "the line has {}, and {beyond} of the layout end later; send it whole, or write `trimmed = true` in `[input.fixed]` if the issuer leaves out the spaces at the ends of lines",
                    counted(length, "character")
                ),
            )
        }),
        Shape::Outside(character) => row(
            "fixed_outside",
            Words::of(
                format!(
                    "le caractère {character} de la ligne n’est d’aucune colonne\u{202F}; corrigez les places dans «\u{A0}[input.fixed.columns]\u{A0}», ou ajoutez «\u{A0}[{character}, 1]\u{A0}» ou plus à «\u{A0}ignore\u{A0}» dans «\u{A0}[input.fixed]\u{A0}»"
                ),
                format!(
                    "character {character} of the line belongs to no column; correct the places in `[input.fixed.columns]`, or add `[{character}, 1]` or more to `ignore` in `[input.fixed]`"
                ),
            ),
        ),
        Shape::NotUtf8(position) => row(
            "encoding",
            Words::of(
                format!(
                    "l’octet {position} de la ligne n’est pas de l’UTF-8\u{202F}; enregistrez le fichier en UTF-8, ou réglez input.encoding = \"windows-1252\""
                ),
                format!(
                    "byte {position} of the line is not UTF-8; save the file as UTF-8, or set input.encoding = \"windows-1252\""
                ),
            ),
        ),
        Shape::Whole if found < wanted || !record.fields.are_blank_from(wanted) => row(
            "field_count",
            Words::of(
                format!(
                    "la ligne a {found} {} et l’en-tête nomme {wanted} {}\u{202F}; cherchez un séparateur manquant, ou sans guillemets",
                    agreeing(found, "champ", "champs"),
                    agreeing(wanted, "colonne", "colonnes")
                ),
                format!(
                    "the row has {} and the header names {}; look for a missing or unquoted delimiter",
                    counted(found, "field"),
                    counted(wanted, "column")
                ),
            ),
        ),
        Shape::Whole => None,
    }
}

/// The fault of a line that is longer than any record: its first field that is too long, if any.
fn cut_fault(layout: &RowLayout, record: &RawRow) -> Fault {
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
    let field = long.and_then(|index| layout.name(index)).unwrap_or_default();
    Fault { field: field.to_owned(), code, message }
}
