//! Codes files: the offset of each card's line is kept, and a card's codes are read when its mailer is composed.

use zeroize::{Zeroize, Zeroizing};

use super::codes::{AssistanceCode, CardCodes, Pin, Puk};
use crate::failure::{Exit, Explained, Position};

/// A codes file that can't be used at all.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct CodesError {
    /// The file.
    pub file: String,
    /// Line, from 1.
    pub line: u64,
    /// The problem and what to do, without any value of the file.
    pub message: String,
}

impl Explained for CodesError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn code(&self) -> &'static str {
        "codes_columns"
    }

    fn advice(&self) -> Option<String> {
        Some("ask for a codes file with these four columns".to_owned())
    }

    fn position(&self) -> Option<Position> {
        Some(Position::line(&self.file, self.line))
    }
}

/// Why one card's codes can't be used. Names the column, never its value.
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
    pub message: &'static str,
}

/// One opened codes file: its bytes, and the offset of each card's line.
pub struct CodesFile {
    name: String,
    plain: Zeroizing<Vec<u8>>,
    columns: Columns,
    delimiter: u8,
    /// Sorted by card, then by offset.
    lines: Vec<CardLine>,
    /// The offset of every [`COUNTED`]th line, the header first.
    counted: Vec<usize>,
    unread_lines: u64,
}

/// A card and the offset of its line.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct CardLine {
    card: u64,
    offset: u64,
}

#[derive(Clone, Copy)]
struct Columns {
    card_number: usize,
    pin: usize,
    puk: usize,
    assistance_code: usize,
}

const COLUMNS: [&str; 4] = ["card_number", "pin", "puk", "assistance_code"];
const TEST_PIN: &str = "1234";
/// The offset of one in this many lines is kept; the numbers of lines are counted from there.
const COUNTED: usize = 4096;

impl CodesFile {
    /// Finds the cards of an opened codes file. The codes are not copied.
    ///
    /// # Errors
    /// [`CodesError`]: the header lacks a column or has an unknown one.
    pub fn read(name: &str, plain: Zeroizing<Vec<u8>>) -> Result<CodesFile, CodesError> {
        let bytes: &[u8] = plain.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&plain);
        let skipped = plain.len() - bytes.len();
        let header_end = bytes.iter().position(|&byte| byte == b'\n').unwrap_or(bytes.len());
        let header = String::from_utf8_lossy(&bytes[..header_end]).trim_end().to_owned();
        let delimiter = if header.contains(';') { b';' } else { b',' };
        let columns = columns(name, &header, delimiter)?;
        let lines = Vec::with_capacity(bytes.iter().filter(|byte| **byte == b'\n').count());
        let name = name.to_owned();
        let mut file = CodesFile {
            name,
            plain: Zeroizing::default(),
            columns,
            delimiter,
            lines,
            counted: vec![0],
            unread_lines: 0,
        };
        let mut start = skipped + (header_end + 1).min(bytes.len());
        for number in 1.. {
            if start >= plain.len() {
                break;
            }
            if number % COUNTED == 0 {
                file.counted.push(start);
            }
            let line = line_at(&plain, start);
            match card(value(line, delimiter, columns.card_number)) {
                Some(card) => file.lines.push(CardLine { card, offset: start as u64 }),
                None => file.unread_lines += u64::from(!line.trim_ascii().is_empty()),
            }
            start += line.len() + 1;
        }
        file.lines.sort_unstable();
        file.plain = plain;
        Ok(file)
    }

    /// The lines of a card, in the file's order.
    fn lines_of(&self, card: u64) -> &[CardLine] {
        let begin = self.lines.partition_point(|line| line.card < card);
        let count = self.lines[begin..].partition_point(|line| line.card == card);
        &self.lines[begin..begin + count]
    }

    fn text(&self, line: CardLine) -> &[u8] {
        line_at(&self.plain, line.offset as usize)
    }

    /// The line's number in the file, from 1.
    fn number(&self, line: CardLine) -> u64 {
        let offset = line.offset as usize;
        let index = self.counted.partition_point(|counted| *counted <= offset) - 1;
        let since = self.plain[self.counted[index]..offset].iter().filter(|byte| **byte == b'\n').count();
        (index * COUNTED + since) as u64 + 1
    }

    /// Whether two lines mean the same codes, even if they are written differently.
    fn same_codes(&self, a: CardLine, b: CardLine) -> bool {
        let same = || Some(self.codes_of(a).ok()?.same_as(&self.codes_of(b).ok()?));
        self.same_cells(self.text(a), self.text(b)) || same().unwrap_or(false)
    }

    /// Whether two lines have the same text in the columns of codes.
    fn same_cells(&self, a: &[u8], b: &[u8]) -> bool {
        let Columns { pin, puk, assistance_code, .. } = self.columns;
        let columns = [pin, puk, assistance_code].into_iter();
        columns.fold(true, |same, column| {
            same & (value(a, self.delimiter, column) == value(b, self.delimiter, column))
        })
    }

    /// How many lines have no valid card number and were skipped.
    pub(crate) fn unread_lines(&self) -> u64 {
        self.unread_lines
    }

    fn contradiction(&self, line: CardLine) -> CodesFault {
        CodesFault {
            file: self.name.clone(),
            line: self.number(line),
            field: "card_number",
            code: "codes_contradicted",
            message: "the codes files give this card different codes; leave the right ones, and ask its codes again",
        }
    }

    /// The codes of a card's lines; `None` where there is no line. Lines that repeat the same codes count once, different
    /// codes are a fault.
    fn codes(&self, lines: &[CardLine]) -> Option<Result<CardCodes, CodesFault>> {
        let (&first, others) = lines.split_first()?;
        let same = others.iter().all(|line| self.same_codes(first, *line));
        Some(if same { self.codes_of(first) } else { Err(self.contradiction(first)) })
    }

    fn codes_of(&self, line: CardLine) -> Result<CardCodes, CodesFault> {
        let text = self.text(line);
        let column = |index| value(text, self.delimiter, index);
        let fault = |field, code, message| {
            Err(CodesFault { file: self.name.clone(), line: self.number(line), field, code, message })
        };
        let (pin, puk) = (column(self.columns.pin), column(self.columns.puk));
        let assistance = column(self.columns.assistance_code);
        let digits = |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(pin, 4) {
            return fault(
                "pin",
                "pin_format",
                "a PIN has four digits; correct the codes file, and ask the codes again",
            );
        }
        if pin == TEST_PIN {
            return fault(
                "pin",
                "test_pin",
                "this is the PIN of test cards, which production refuses; make the card anew",
            );
        }
        if !digits(puk, 8) {
            return fault(
                "puk",
                "puk_format",
                "a PUK has eight digits; correct the codes file, and ask the codes again",
            );
        }
        let assistance_fits = assistance.len() <= 10 && assistance.bytes().all(|b| b.is_ascii_alphanumeric());
        if !assistance_fits {
            return fault(
                "assistance_code",
                "assistance_code_format",
                "an assistance code has at most ten letters or digits; correct the codes file, and ask the codes again",
            );
        }
        let assistance = if assistance.is_empty() { &puk[..3] } else { assistance };
        Ok(CardCodes { pin: Pin::new(pin), puk: Puk::new(puk), assistance: AssistanceCode::new(assistance) })
    }
}

fn columns(name: &str, header: &str, delimiter: u8) -> Result<Columns, CodesError> {
    let names: Vec<&str> =
        header.split(char::from(delimiter)).map(|name| name.trim().trim_matches('"')).collect();
    let error = |message| CodesError { file: name.to_owned(), line: 1, message };
    if names.len() > COLUMNS.len() || names.iter().any(|name| !COLUMNS.contains(name)) {
        return Err(error(format!("the columns must be {}", COLUMNS.join(", "))));
    }
    let find = |wanted: &str| {
        let index = names.iter().position(|name| *name == wanted);
        index.ok_or_else(|| error(format!("the column `{wanted}` is missing")))
    };
    Ok(Columns {
        card_number: find("card_number")?,
        pin: find("pin")?,
        puk: find("puk")?,
        assistance_code: find("assistance_code")?,
    })
}

/// The line at an offset, without its end.
fn line_at(plain: &[u8], offset: usize) -> &[u8] {
    let rest = &plain[offset..];
    &rest[..rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len())]
}

/// A card number as an integer; `None` unless it has ten digits.
fn card(text: &str) -> Option<u64> {
    let well_formed = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| well_formed)
}

/// A column of a line, without quotes; empty where the line has none. Borrowed, so that codes are not copied.
fn value(line: &[u8], delimiter: u8, column: usize) -> &str {
    let field = line.split(|&byte| byte == delimiter).nth(column).unwrap_or_default();
    std::str::from_utf8(field).unwrap_or_default().trim().trim_matches('"')
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

    /// A card's codes; `None` where no file has the card. Files with different codes for it are a fault.
    pub fn of_card(&self, card_number: &str) -> Option<Result<CardCodes, CodesFault>> {
        let number = card(card_number)?;
        let mut known = self.files.iter().filter_map(|file| {
            let lines = file.lines_of(number);
            Some((file, *lines.first()?, file.codes(lines)?))
        });
        let (_, _, first) = known.next()?;
        let Ok(codes) = first else { return Some(first) };
        for (other, line, again) in known {
            match again {
                Ok(again) if again.same_as(&codes) => {}
                Ok(_) => return Some(Err(other.contradiction(line))),
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
