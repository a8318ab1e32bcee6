//! Codes files: read through once for their faults and an index, then a card's codes when its mailer is composed.
//!
//! The plain text is never in memory as a whole: [`OpenedText`] opens one chunk at a time, and wipes it.

use std::io;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use mail::{Worded, Words};

use super::code_statistics::{CodeStatistics, PackedCodes};
use super::codes::{AssistanceCode, CardCodes, Pin, Puk};
use super::codes_cells::{card, codes_of_row, cut_short};
use super::codes_error::{CodesError, CodesFault};
use super::codes_header::{Columns, read_header};
use super::codes_index::{CardRow, RowIndex};
use super::codes_last_row::LastRow;
use super::codes_rows::{Cells, RowReader};
use super::opened_text::OpenedText;
use crate::failure::agreeing;

/// One opened codes file.
pub struct CodesFile {
    name: String,
    open: Mutex<OpenRows>,
    columns: Columns,
    index: RowIndex,
    warnings: Vec<CodesFault>,
    /// The offset of the last row, where the file may have been cut short in it.
    cut: Option<u64>,
    /// Why it can't be read any more.
    broken: OnceLock<CodesError>,
}

/// The text of a file, and what reads its rows.
struct OpenRows {
    text: OpenedText,
    reader: RowReader,
}

/// How many rows without a card number are reported one by one.
const REPORTED_ROWS: usize = 20;
/// The shortest sound row, in bytes: a card number, a PIN, a PUK, three delimiters and a line feed.
const SHORTEST_ROW: u64 = 10 + 4 + 8 + 3 + 1;
/// How many rows of cards that have several are compared at a time.
const COMPARED_AT_ONCE: usize = 1 << 16;

impl CodesFile {
    /// Checks the rows of an opened codes file, and notes where each card's row is. The codes are not kept.
    ///
    /// # Errors
    /// [`CodesError`]: the file is no CSV in UTF-8, its header is wrong, a quote is not closed, or the file was altered.
    pub fn read(name: &str, mut text: OpenedText) -> Result<CodesFile, CodesError> {
        let (columns, mut reader) = read_header(name, &mut text)?;
        let unreadable = |error: io::Error| CodesError::of_second_reading(name, &error);
        let most_rows = (text.length() / SHORTEST_ROW) as usize + 2;
        let mut index = RowIndex::with_capacity(most_rows);
        let mut statistics = CodeStatistics::with_capacity(most_rows);
        let (mut warnings, mut unread, mut last) = (Vec::new(), 0, LastRow::default());
        let mut cells = Cells::default();
        while let Some(row) = reader.next(&mut text, &mut cells).map_err(unreadable)? {
            index.pass(row.offset, row.line);
            if row.open_quote {
                return Err(open_quote(name, row.line));
            }
            match card(cells.get(columns.card_number)) {
                _ if cells.are_empty() => last.pass_other(),
                None => {
                    last.pass_other();
                    unread += 1;
                    if unread <= REPORTED_ROWS {
                        warnings.push(without_card(name, row.line));
                    }
                }
                Some(card) => {
                    index.add(CardRow::new(card, row.offset));
                    match codes_of_row(&columns, &cells) {
                        Ok([pin, puk, assistance]) => {
                            last.pass(row.offset, assistance.len());
                            statistics.add(&PackedCodes::of(card, pin, puk, assistance));
                        }
                        Err(_) => last.pass_other(),
                    }
                }
            }
        }
        index.sort();
        let open_end = reader.ends_within_row(&mut text).map_err(unreadable)?;
        let cut = last.shorter().filter(|_| open_end && columns.assistance_code + 1 == columns.count);
        let (open, broken) = (Mutex::new(OpenRows { text, reader }), OnceLock::new());
        let mut file = CodesFile { name: name.to_owned(), open, columns, index, warnings, cut, broken };
        let statistics = statistics.without(file.repetitions().map_err(unreadable)?);
        file.open().text.wipe();
        file.warn(unread, statistics);
        Ok(file)
    }

    /// The codes of the rows that repeat the codes of their card. A card's first 65,536 rows are compared.
    fn repetitions(&self) -> io::Result<CodeStatistics> {
        let rows = self.index.repeated().map(|rows| rows.len().min(COMPARED_AT_ONCE));
        let mut again = CodeStatistics::with_capacity(rows.sum());
        let mut batch: Vec<CardRow> = Vec::new();
        for rows in self.index.repeated() {
            let rows = &rows[..rows.len().min(COMPARED_AT_ONCE)];
            if batch.len() + rows.len() > COMPARED_AT_ONCE {
                self.compare(&mut batch, &mut again)?;
            }
            batch.extend_from_slice(rows);
        }
        self.compare(&mut batch, &mut again)?;
        Ok(again)
    }

    /// Adds the codes of those of some rows that repeat the codes of their card. Leaves no row.
    fn compare(&self, rows: &mut Vec<CardRow>, again: &mut CodeStatistics) -> io::Result<()> {
        rows.sort_unstable_by_key(|row| row.offset());
        let mut packed: Vec<PackedCodes> = Vec::with_capacity(rows.len());
        let mut cells = Cells::default();
        for row in rows.drain(..) {
            self.read_row(row, &mut cells)?;
            if let Ok([pin, puk, assistance]) = codes_of_row(&self.columns, &cells) {
                packed.push(PackedCodes::of(row.card(), pin, puk, assistance));
            }
        }
        packed.sort_unstable();
        packed.windows(2).filter(|pair| pair[0] == pair[1]).for_each(|pair| again.add(&pair[0]));
        Ok(())
    }

    /// Notes what a person should know of the whole file.
    fn warn(&mut self, unread: usize, statistics: CodeStatistics) {
        let fault =
            |field, code, message| CodesFault { file: self.name.clone(), line: 1, field, code, message };
        let more = unread.saturating_sub(REPORTED_ROWS);
        let more = (more > 0).then(|| {
            let message = Words::of(
                format!(
                    "{more} {} pas de numéro de carte à dix chiffres\u{202F}; corrigez le fichier de codes",
                    agreeing(more, "ligne de plus n’a", "lignes de plus n’ont")
                ),
                format!(
                    "{} no card number of ten digits; correct the codes file",
                    agreeing(more, "1 more row has", &format!("{more} more rows have"))
                ),
            );
            fault("card_number", "codes_card_number", message)
        });
        let patterns = statistics.patterns().into_iter().map(|pattern| {
            let (cards, of) = (pattern.cards, pattern.of);
            let what = pattern.what;
            let (verb, fr_verb) = (agreeing(cards, "has", "have"), agreeing(cards, "a", "ont"));
            let fr_cards = agreeing(cards, "carte", "cartes");
            let message = Words::of(
                format!(
                    "{cards} {fr_cards} sur {of} {fr_verb} {}\u{202F}; demandez à qui fait les codes si c’est voulu",
                    what.french()
                ),
                format!("{cards} of {of} cards {verb} {what}; ask whoever makes the codes whether that is meant"),
            );
            fault(pattern.field, pattern.code, message)
        });
        let of_file: Vec<CodesFault> = more.into_iter().chain(patterns).collect();
        self.warnings.extend(of_file);
    }

    /// Its name, as findings have it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// How many rows it has that name a card.
    pub(crate) fn row_count(&self) -> u64 {
        self.index.len() as u64
    }

    /// What a person should know of the file.
    pub(super) fn warnings(&self) -> &[CodesFault] {
        &self.warnings
    }

    /// The rows of a card, in the file's order.
    pub(super) fn rows_of(&self, card: u64) -> &[CardRow] {
        self.index.of_card(card)
    }

    /// Why it can't be read any more; `None` while it can.
    pub(super) fn broken(&self) -> Option<&CodesError> {
        self.broken.get()
    }

    /// The codes of a card's rows; `None` where there is no row. Rows that repeat the same codes count once, different codes
    /// are a fault.
    pub(super) fn codes(&self, rows: &[CardRow]) -> Option<Result<CardCodes, CodesFault>> {
        let (&first, others) = rows.split_first()?;
        let codes = self.codes_of(first);
        let same = |row: &CardRow| match (&codes, self.codes_of(*row)) {
            (Ok(codes), Ok(again)) => again.same_as(codes),
            _ => false,
        };
        let all_same = others.iter().all(same);
        Some(match (codes, self.broken()) {
            (_, Some(broken)) => Err(broken.of_card()),
            (Ok(_), None) if !all_same => Err(self.contradiction(first)),
            (codes, None) => codes,
        })
    }

    fn codes_of(&self, row: CardRow) -> Result<CardCodes, CodesFault> {
        let mut cells = Cells::default();
        self.read_row(row, &mut cells).map_err(|error| self.give_up(&error))?;
        let [pin, puk, assistance] = codes_of_row(&self.columns, &cells)
            .map_err(|(field, code, message)| self.fault(row, field, code, message))?;
        if self.cut == Some(row.offset()) {
            let (field, code, message) = cut_short();
            return Err(self.fault(row, field, code, message));
        }
        let assistance = if assistance.is_empty() { &puk[..3] } else { assistance };
        Ok(CardCodes { pin: Pin::new(pin), puk: Puk::new(puk), assistance: AssistanceCode::new(assistance) })
    }

    /// Reads the row of a card again.
    ///
    /// # Errors
    /// I/O errors; the file, or this row's card, is not what it was.
    fn read_row(&self, row: CardRow, cells: &mut Cells) -> io::Result<()> {
        let OpenRows { text, reader } = &mut *self.open();
        reader.go_to(row.offset());
        let read = reader.next(text, cells)?;
        let same = read.is_some_and(|read| read.offset == row.offset())
            && card(cells.get(self.columns.card_number)) == Some(row.card());
        match same {
            true => Ok(()),
            false => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    fn open(&self) -> MutexGuard<'_, OpenRows> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that the file can't be read any more. The fault of the first time stays.
    fn give_up(&self, error: &io::Error) -> CodesFault {
        self.broken.get_or_init(|| CodesError::of_second_reading(&self.name, error)).of_card()
    }

    /// The number of the line on which a row begins, from 1.
    fn line(&self, row: CardRow) -> io::Result<u64> {
        let (mut offset, mut line) = self.index.counted_before(row.offset());
        let mut open = self.open();
        while offset < row.offset() {
            let rest = open.text.at(offset)?;
            let rest = &rest[..rest.len().min((row.offset() - offset) as usize)];
            if rest.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            line += rest.iter().filter(|byte| **byte == b'\n').count() as u64;
            offset += rest.len() as u64;
        }
        Ok(line)
    }

    /// A fault of a row, with its line.
    fn fault(&self, row: CardRow, field: &'static str, code: &'static str, message: Words) -> CodesFault {
        match self.line(row) {
            Ok(line) => CodesFault { file: self.name.clone(), line, field, code, message },
            Err(error) => self.give_up(&error),
        }
    }

    /// The fault of a card whose rows have different codes.
    pub(super) fn contradiction(&self, row: CardRow) -> CodesFault {
        let message = Words::new(
            "les fichiers de codes donnent à cette carte des codes différents\u{202F}; laissez les bons, et redemandez ses codes",
            "the codes files give this card different codes; leave the right ones, and ask its codes again",
        );
        self.fault(row, "card_number", "codes_contradicted", message)
    }
}

fn without_card(file: &str, line: u64) -> CodesFault {
    let message = Words::new(
        "la ligne n’a pas de numéro de carte à dix chiffres, ses codes ne sont donc à personne\u{202F}; corrigez le fichier de codes",
        "the row has no card number of ten digits, so its codes are nobody's; correct the codes file",
    );
    CodesFault { file: file.to_owned(), line, field: "card_number", code: "codes_card_number", message }
}

fn open_quote(file: &str, line: u64) -> CodesError {
    CodesError {
        file: file.to_owned(),
        line,
        code: "codes_quotes",
        message: "a quote (`\"`) of this row is not closed, so the cells after it can't be told apart"
            .to_owned(),
        advice: "close the quote, or remove it, in the codes file, and have the file sealed again",
    }
}

#[cfg(test)]
#[path = "codes_file_tests.rs"]
mod tests;
