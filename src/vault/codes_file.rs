//! Codes files: CSV in memory that is wiped. The offset of each card's row is kept, and a card's codes are read when its
//! mailer is composed.

use std::borrow::Cow;

use zeroize::{Zeroize, Zeroizing};

use super::code_statistics::CodeStatistics;
use super::codes::{AssistanceCode, CardCodes, Pin, Puk};
use super::codes_cells::{card, codes_of_row};
use super::codes_header::{Columns, read_header};
use super::codes_rows::{Cells, RowReader};
use crate::failure::{Exit, Explained, Position};

/// A codes file that can't be used at all.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct CodesError {
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: u64,
    /// The stable code.
    pub code: &'static str,
    /// The problem, without any value of the file.
    pub message: String,
    /// What to do.
    pub advice: &'static str,
}

impl Explained for CodesError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn code(&self) -> &'static str {
        self.code
    }

    fn advice(&self) -> Option<String> {
        Some(self.advice.to_owned())
    }

    fn position(&self) -> Option<Position> {
        Some(Position::line(&self.file, self.line))
    }
}

/// Why one card's codes can't be used, or what a person should know of a file. Names the column, never its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodesFault {
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: u64,
    /// The column.
    pub field: &'static str,
    /// The fault's code.
    pub code: &'static str,
    /// The problem and what to do.
    pub message: Cow<'static, str>,
}

/// One opened codes file: its bytes, and the offset of each card's row.
pub struct CodesFile {
    name: String,
    plain: Zeroizing<Vec<u8>>,
    columns: Columns,
    delimiter: u8,
    /// Sorted by card, then by offset.
    rows: Vec<CardRow>,
    /// Offset and line of one in [`COUNTED`] rows, the first row first.
    counted: Vec<(usize, u64)>,
    warnings: Vec<CodesFault>,
}

/// A card and the offset of its row.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct CardRow {
    card: u64,
    offset: u64,
}

/// The offset of one in this many rows is kept; the numbers of lines are counted from there.
const COUNTED: usize = 4096;
/// How many rows without a card number are reported one by one.
const REPORTED_ROWS: usize = 20;

impl CodesFile {
    /// Finds the cards of an opened codes file. The codes are not copied.
    ///
    /// # Errors
    /// [`CodesError`]: the file is no CSV in UTF-8, its header is wrong, or a quote is not closed.
    pub fn read(name: &str, plain: Zeroizing<Vec<u8>>) -> Result<CodesFile, CodesError> {
        let (columns, delimiter, mut reader) = read_header(name, &plain)?;
        let lines = plain.iter().filter(|byte| **byte == b'\n').count() + 1;
        let mut file = CodesFile {
            name: name.to_owned(),
            plain: Zeroizing::default(),
            columns,
            delimiter,
            rows: Vec::with_capacity(lines),
            counted: Vec::with_capacity(lines / COUNTED + 1),
            warnings: Vec::new(),
        };
        let mut statistics = CodeStatistics::with_capacity(lines);
        let mut cells = Cells::default();
        let mut unread = 0;
        for number in 0.. {
            let Some(row) = reader.next(&plain, &mut cells) else { break };
            if number % COUNTED == 0 {
                file.counted.push((row.offset, row.line));
            }
            if row.open_quote {
                return Err(open_quote(name, row.line));
            }
            match card(cells.get(columns.card_number)) {
                _ if cells.are_empty() => {}
                None => {
                    unread += 1;
                    if unread <= REPORTED_ROWS {
                        file.warnings.push(file.without_card(row.line));
                    }
                }
                Some(card) => {
                    file.rows.push(CardRow { card, offset: row.offset as u64 });
                    if let Ok([pin, puk, assistance]) = codes_of_row(&columns, &cells) {
                        statistics.add(card, pin, puk, assistance);
                    }
                }
            }
        }
        file.rows.sort_unstable();
        file.plain = plain;
        file.warn(unread, statistics);
        Ok(file)
    }

    /// Notes what a person should know of the whole file.
    fn warn(&mut self, unread: usize, statistics: CodeStatistics) {
        let fault =
            |field, code, message| CodesFault { file: self.name.clone(), line: 1, field, code, message };
        let more = unread.saturating_sub(REPORTED_ROWS);
        let more = (more > 0).then(|| {
            let message =
                format!("{more} more rows have no card number of ten digits; correct the codes file");
            fault("card_number", "codes_card_number", message.into())
        });
        let patterns = statistics.patterns().into_iter().map(|pattern| {
            let (cards, of) = (pattern.cards, pattern.of);
            let verb = if cards == 1 { "has" } else { "have" };
            let message = format!(
                "{cards} of {of} cards {verb} {}; ask whoever makes the codes whether that is meant",
                pattern.what
            );
            fault(pattern.field, pattern.code, message.into())
        });
        let of_file: Vec<CodesFault> = more.into_iter().chain(patterns).collect();
        self.warnings.extend(of_file);
    }

    fn without_card(&self, line: u64) -> CodesFault {
        let message =
            "the row has no card number of ten digits, so its codes are nobody's; correct the codes file";
        CodesFault {
            file: self.name.clone(),
            line,
            field: "card_number",
            code: "codes_card_number",
            message: message.into(),
        }
    }

    /// The rows of a card, in the file's order.
    fn rows_of(&self, card: u64) -> &[CardRow] {
        let begin = self.rows.partition_point(|row| row.card < card);
        let count = self.rows[begin..].partition_point(|row| row.card == card);
        &self.rows[begin..begin + count]
    }

    /// The number of the line on which a row begins, from 1.
    fn line(&self, row: CardRow) -> u64 {
        let offset = row.offset as usize;
        let index = self.counted.partition_point(|(counted, _)| *counted <= offset);
        let (from, line) = index.checked_sub(1).map_or((offset, 1), |index| self.counted[index]);
        line + self.plain[from..offset].iter().filter(|byte| **byte == b'\n').count() as u64
    }

    /// Whether two rows mean the same codes, even if they are written differently.
    fn same_codes(&self, a: CardRow, b: CardRow) -> bool {
        match (self.codes_of(a), self.codes_of(b)) {
            (Ok(a), Ok(b)) => a.same_as(&b),
            _ => false,
        }
    }

    /// How many rows it has that name a card.
    pub(crate) fn row_count(&self) -> u64 {
        self.rows.len() as u64
    }

    /// What a person should know of the file.
    pub(crate) fn warnings(&self) -> &[CodesFault] {
        &self.warnings
    }

    fn contradiction(&self, row: CardRow) -> CodesFault {
        CodesFault {
            file: self.name.clone(),
            line: self.line(row),
            field: "card_number",
            code: "codes_contradicted",
            message: "the codes files give this card different codes; leave the right ones, and ask its codes again"
                .into(),
        }
    }

    /// The codes of a card's rows; `None` where there is no row. Rows that repeat the same codes count once, different codes
    /// are a fault.
    fn codes(&self, rows: &[CardRow]) -> Option<Result<CardCodes, CodesFault>> {
        let (&first, others) = rows.split_first()?;
        let same = others.iter().all(|row| self.same_codes(first, *row));
        let codes = self.codes_of(first);
        Some(if same || codes.is_err() { codes } else { Err(self.contradiction(first)) })
    }

    fn codes_of(&self, row: CardRow) -> Result<CardCodes, CodesFault> {
        let mut cells = Cells::default();
        RowReader::new(self.delimiter, row.offset as usize).next(&self.plain, &mut cells);
        let [pin, puk, assistance] =
            codes_of_row(&self.columns, &cells).map_err(|(field, code, message)| CodesFault {
                file: self.name.clone(),
                line: self.line(row),
                field,
                code,
                message,
            })?;
        let assistance = if assistance.is_empty() { &puk[..3] } else { assistance };
        Ok(CardCodes { pin: Pin::new(pin), puk: Puk::new(puk), assistance: AssistanceCode::new(assistance) })
    }
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

/// All the codes files of a night.
#[derive(Default)]
pub struct CodesOfNight {
    files: Vec<CodesFile>,
}

impl CodesOfNight {
    /// Adds a file.
    pub fn add(&mut self, file: CodesFile) {
        self.files.push(file);
    }

    /// What a person should know of the files.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = &CodesFault> {
        self.files.iter().flat_map(CodesFile::warnings)
    }

    /// A card's codes; `None` where no file has the card. Files with different codes for it are a fault.
    pub fn of_card(&self, card_number: &str) -> Option<Result<CardCodes, CodesFault>> {
        let number = card(card_number.as_bytes())?;
        let mut known = self.files.iter().filter_map(|file| {
            let rows = file.rows_of(number);
            Some((file, *rows.first()?, file.codes(rows)?))
        });
        let (_, _, first) = known.next()?;
        let Ok(codes) = first else { return Some(first) };
        for (other, row, again) in known {
            match again {
                Ok(again) if again.same_as(&codes) => {}
                Ok(_) => return Some(Err(other.contradiction(row))),
                Err(fault) => return Some(Err(fault)),
            }
        }
        Some(Ok(codes))
    }
}

impl Drop for CodesFile {
    fn drop(&mut self) {
        self.plain.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes_of(text: &str) -> CodesOfNight {
        let mut codes = CodesOfNight::default();
        let plain = Zeroizing::new(text.as_bytes().to_vec());
        codes.add(CodesFile::read("codes.csv", plain).unwrap_or_else(|error| panic!("{error}")));
        codes
    }

    fn fault(text: &str) -> &'static str {
        match codes_of(text).of_card("2400140649") {
            Some(Err(fault)) => fault.code,
            Some(Ok(_)) => "ok",
            None => "missing",
        }
    }

    const HEADER: &str = "card_number,pin,puk,assistance_code\n";

    #[test]
    fn an_empty_assistance_code_is_the_beginning_of_the_puk() {
        let codes = codes_of(&format!("{HEADER}2400140649,4821,90817263,\r\n"));
        let card = codes.of_card("2400140649").and_then(Result::ok);
        assert!(card.is_some_and(|card| card.assistance.expose() == "908" && card.pin.expose() == "4821"));
    }

    #[test]
    fn faults_are_named_by_column_and_never_by_value() {
        assert_eq!(fault(&format!("{HEADER}2400140649,1234,90817263,\n")), "test_pin");
        assert_eq!(fault(&format!("{HEADER}2400140649,482,90817263,\n")), "pin_format");
        assert_eq!(fault(&format!("{HEADER}2400140649,4821,9081726,\n")), "puk_format");
        assert_eq!(fault(&format!("{HEADER}2400140649,4821,90817263,a b\n")), "assistance_code_format");
        let twice = format!("{HEADER}2400140649,4821,90817263,\n2400140649,4821,90817263,\n");
        assert_eq!(fault(&twice), "ok", "the same line again says nothing new");
        assert_eq!(fault(&twice.replacen("4821", "4822", 1)), "codes_contradicted");
        assert_eq!(
            fault(&twice.replacen("63,", "63,908", 1)),
            "ok",
            "what an empty assistance code stands for"
        );
        assert_eq!(fault(&twice.replacen("63,", "63,909", 1)), "codes_contradicted");
        assert_eq!(fault(HEADER), "missing");
    }

    #[test]
    fn columns_come_in_any_order_with_either_delimiter() {
        let text = "\u{FEFF}puk;card_number;assistance_code;pin\n90817263;2400140649;A1B2;4821\n";
        assert!(codes_of(text).of_card("2400140649").is_some_and(|codes| codes.is_ok()));
        let plain = |text: &str| Zeroizing::new(text.as_bytes().to_vec());
        assert!(CodesFile::read("c", plain("card_number,pin,puk\n")).is_err());
        assert!(CodesFile::read("c", plain("card_number,pin,puk,assistance_code,name\n")).is_err());
    }
}
