//! What a hand scanner wrote: the sheets that were spoiled, and the envelopes that a person filled.
//!
//! A line is a scan or a command. A scan is a card number, a piece's reference or a control code; a command is a barcode on the
//! foreman's sheet. Knows no lot and no ledger.

use std::io::{self, BufRead, BufReader, ErrorKind, stdin};
use std::path::Path;

use foreign::{UnreadableFile, legible};

use super::results::{MAX_FILE, MAX_LINE, MAX_ROWS};
use super::value::plain_value;
use crate::failure::{Exit, Explained, Position};

/// What a person did with a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandAct {
    /// Put it into its envelope.
    ByHand,
    /// Took it out because it is spoiled.
    Spoiled,
}

/// A scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandScan {
    /// Its line, from 1.
    pub line: u64,
    /// What was read, without what scanners add to it; never empty.
    pub value: String,
    /// What was done with the piece.
    pub act: HandAct,
}

/// What a hand scanner wrote. Its lines are its scans, `taken_back`, `commands` and `blank` together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HandScans {
    /// The scans that count, in their order.
    pub scans: Vec<HandScan>,
    /// How many scans were taken back.
    pub taken_back: u64,
    /// How many lines are commands.
    pub commands: u64,
    /// How many lines hold nothing, or say that nothing was read.
    pub blank: u64,
}

/// A command, by its barcode.
enum Command {
    /// The scans that follow say this.
    Switch(HandAct),
    /// The last scan does not count.
    Undo,
}

impl Command {
    fn parse(value: &str) -> Option<Command> {
        let commands = [
            ("BY HAND", Command::Switch(HandAct::ByHand)),
            ("SPOILED", Command::Switch(HandAct::Spoiled)),
            ("UNDO", Command::Undo),
        ];
        commands.into_iter().find(|(text, _)| text.eq_ignore_ascii_case(value)).map(|(_, command)| command)
    }
}

/// What a hand scanner wrote can't be used. Nothing of it counts.
#[derive(Debug, thiserror::Error)]
#[error("{problem}")]
pub struct HandError {
    /// The file, legible, or `standard input`.
    pub file: String,
    /// The line, from 1; `None` where it is the whole file.
    pub line: Option<u64>,
    /// What is wrong.
    pub problem: HandProblem,
}

/// Why what a hand scanner wrote can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandProblem {
    /// The file can't be read.
    #[error(transparent)]
    Unreadable(#[from] UnreadableFile),
    /// The system failed while it was read.
    #[error("can't be read: {0}")]
    Io(#[from] io::Error),
    /// A line that is not text.
    #[error("the line holds a zero byte, so this is no text of a hand scanner")]
    NotText,
    /// A line of more bytes than any scan has.
    #[error("the line is longer than {} KiB", MAX_LINE / 1024)]
    LineTooLong,
    /// More lines or bytes than are read.
    #[error("more than {MAX_ROWS} lines or {} MiB", MAX_FILE >> 20)]
    TooLarge,
}

impl HandError {
    /// Whether one line is at fault, and those behind it can be read.
    pub(crate) fn is_of_a_line(&self) -> bool {
        matches!(self.problem, HandProblem::NotText | HandProblem::LineTooLong)
    }
}

impl Explained for HandError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn code(&self) -> &'static str {
        match self.problem {
            HandProblem::Unreadable(_) | HandProblem::Io(_) => "hand_unreadable",
            HandProblem::NotText => "hand_not_text",
            HandProblem::LineTooLong => "hand_line_too_long",
            HandProblem::TooLarge => "hand_too_large",
        }
    }

    fn advice(&self) -> Option<String> {
        let error = match &self.problem {
            HandProblem::Unreadable(unreadable) => Some(&unreadable.error),
            HandProblem::Io(error) => Some(error),
            _ => None,
        };
        let advice = match self.problem {
            HandProblem::NotText => "save it as UTF-8: `iconv -f UTF-16 -t UTF-8 FILE > NEW`",
            HandProblem::LineTooLong => "give each scan a line: set the scanner to end each with a line end",
            HandProblem::TooLarge => "split it into smaller files and name them one after the other",
            _ => "name the file that the scanner wrote, or `-` for standard input",
        };
        Some(error.and_then(foreign::advice).unwrap_or(advice).to_owned())
    }

    fn position(&self) -> Option<Position> {
        Some(match self.line {
            Some(line) => Position::line(&self.file, line),
            None => Position::file(&self.file),
        })
    }
}

/// Reads the scans of a file, or of standard input where the path is `-`. `begin` is what the first scans say.
///
/// # Errors
/// As [`read_hand`]; the file can't be opened.
pub(crate) fn read_hand_file(path: &Path, begin: HandAct) -> Result<HandScans, HandError> {
    if path == Path::new("-") {
        return read_hand("standard input", stdin().lock(), begin);
    }
    let name = legible(&path.display().to_string()).into_owned();
    match foreign::open_regular(path) {
        Ok(file) => read_hand(&name, BufReader::new(file), begin),
        Err(unreadable) => Err(HandError { file: name, line: None, problem: unreadable.into() }),
    }
}

/// Reads scans line by line; `file` names the input in errors, and `begin` is what the first scans say.
///
/// # Errors
/// [`HandError`]: I/O errors; not text; a line, or all of it, is longer than is read.
pub fn read_hand(file: &str, input: impl BufRead, begin: HandAct) -> Result<HandScans, HandError> {
    let mut lines = ScanLines::new(input);
    let (mut found, mut act) = (HandScans::default(), begin);
    let mut bytes = Vec::new();
    loop {
        match lines.next(&mut bytes) {
            Ok(true) => found.add(lines.number, &String::from_utf8_lossy(&bytes), &mut act),
            Ok(false) => return Ok(found),
            Err(problem) => return Err(lines.error(file, problem)),
        }
    }
}

impl HandScans {
    fn add(&mut self, line: u64, text: &str, act: &mut HandAct) {
        let text = if line == 1 { text.trim_start_matches('\u{feff}') } else { text };
        let value = plain_value(text);
        match Command::parse(value) {
            _ if value.is_empty() => self.blank += 1,
            None => self.scans.push(HandScan { line, value: value.to_owned(), act: *act }),
            Some(command) => {
                self.commands += 1;
                match command {
                    Command::Switch(next) => *act = next,
                    Command::Undo => self.taken_back += u64::from(self.scans.pop().is_some()),
                }
            }
        }
    }
}

/// The lines of a scanner, which end in LF, CR or CR LF. A line is given as soon as its end is there: nothing is waited for.
pub(crate) struct ScanLines<R> {
    input: R,
    number: u64,
    read: u64,
    after_return: bool,
    /// The last line was at fault; `true` where its end is still to come.
    faulty: Option<bool>,
}

impl<R: BufRead> ScanLines<R> {
    /// Begins with the first line.
    pub(crate) fn new(input: R) -> ScanLines<R> {
        ScanLines { input, number: 0, read: 0, after_return: false, faulty: None }
    }

    /// The next scan without what scanners add to it, and the number of its line, from 1; empty where nothing was read. `None`
    /// at the end. After an error of a line ([`HandError::is_of_a_line`]) it goes on with the next line.
    ///
    /// # Errors
    /// As [`read_hand`]; `file` names the input.
    pub(crate) fn next_scan(&mut self, file: &str) -> Result<Option<(u64, String)>, HandError> {
        let mut bytes = Vec::new();
        match self.next(&mut bytes) {
            Ok(false) => Ok(None),
            Ok(true) => {
                let text = String::from_utf8_lossy(&bytes);
                let text = if self.number == 1 { text.trim_start_matches('\u{feff}') } else { &text };
                Ok(Some((self.number, plain_value(text).to_owned())))
            }
            Err(problem) => Err(self.error(file, problem)),
        }
    }

    fn error(&self, file: &str, problem: HandProblem) -> HandError {
        let error = HandError { file: file.to_owned(), line: None, problem };
        HandError { line: error.is_of_a_line().then_some(self.number + 1), ..error }
    }

    /// Passes over what is left of a line that was at fault.
    fn pass_over(&mut self) -> Result<(), HandProblem> {
        let Some(mut open) = self.faulty.take() else { return Ok(()) };
        self.number += 1;
        while open {
            let buffer = match self.input.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                buffer => buffer?,
            };
            let end = buffer.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            self.after_return = end.is_some_and(|end| buffer[end] == b'\r');
            open = end.is_none() && !buffer.is_empty();
            let taken = end.map_or(buffer.len(), |end| end + 1);
            self.input.consume(taken);
            self.read += taken as u64;
            if self.read > MAX_FILE {
                return Err(HandProblem::TooLarge);
            }
        }
        Ok(())
    }

    /// Puts the next line into `line`; `false` at the end.
    fn next(&mut self, line: &mut Vec<u8>) -> Result<bool, HandProblem> {
        line.clear();
        self.pass_over()?;
        loop {
            let buffer = match self.input.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                buffer => buffer?,
            };
            if buffer.is_empty() {
                let any = !line.is_empty();
                self.number += u64::from(any);
                return Ok(any);
            }
            let begin = usize::from(self.after_return && buffer[0] == b'\n');
            let end = buffer[begin..].iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let text = &buffer[begin..end.map_or(buffer.len(), |end| begin + end)];
            line.extend_from_slice(text);
            self.after_return = end.is_some_and(|end| buffer[begin + end] == b'\r');
            let taken = begin + text.len() + usize::from(end.is_some());
            self.input.consume(taken);
            self.read += taken as u64;
            let problem = match () {
                () if self.read > MAX_FILE || self.number >= MAX_ROWS => HandProblem::TooLarge,
                () if line.contains(&0) => HandProblem::NotText,
                () if line.len() > MAX_LINE => HandProblem::LineTooLong,
                () if end.is_none() => continue,
                () => {
                    self.number += 1;
                    return Ok(true);
                }
            };
            self.faulty = Some(end.is_none());
            return Err(problem);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Failure;

    fn scans(text: &[u8]) -> HandScans {
        read_hand("hand.txt", text, HandAct::Spoiled).expect("text")
    }

    fn values(found: &HandScans) -> Vec<(u64, &str, HandAct)> {
        found.scans.iter().map(|scan| (scan.line, scan.value.as_str(), scan.act)).collect()
    }

    #[test]
    fn every_line_is_a_scan_a_command_or_blank() {
        use HandAct::{ByHand, Spoiled};
        let text = b"\xef\xbb\xbf]A0*2400140649*\r\n\r\nL26327A000012\r\nBY HAND\r\n26327A\\000001.1\r\n]d1L26327A0000130101\r\n\
            NOREAD\r\nUNDO\r\nspoiled\r\n2400140650";
        let found = scans(text);
        let wanted = [
            (1, "2400140649", Spoiled),
            (3, "L26327A000012", Spoiled),
            (5, "26327A\\000001.1", ByHand),
            (10, "2400140650", Spoiled),
        ];
        assert_eq!(values(&found), wanted);
        assert_eq!((found.taken_back, found.commands, found.blank), (1, 3, 2));
    }

    #[test]
    fn undo_takes_one_scan_back_each_time_and_never_more_than_there_are() {
        let found = scans(b"1\n2\nUNDO\nUNDO\nUNDO\n3\n");
        assert_eq!(values(&found), [(6, "3", HandAct::Spoiled)]);
        assert_eq!((found.taken_back, found.commands), (2, 3));
    }

    #[test]
    fn line_ends_of_every_scanner() {
        for text in [&b"1\n2\n"[..], b"1\r2\r", b"1\r\n2\r\n", b"1\r\n2"] {
            let lines: Vec<u64> = scans(text).scans.iter().map(|scan| scan.line).collect();
            assert_eq!(lines, [1, 2], "{text:?}");
            // A scanner sends what it has, byte by byte.
            let slow =
                read_hand("hand.txt", BufReader::with_capacity(1, text), HandAct::Spoiled).expect("text");
            assert_eq!(slow, scans(text));
        }
        assert_eq!(scans(b""), HandScans::default());
    }

    #[test]
    fn what_is_no_text_of_a_scanner() {
        let failed =
            |bytes: &[u8]| Failure::from(read_hand("hand.txt", bytes, HandAct::ByHand).expect_err("no text"));
        let utf16 = failed(b"\xff\xfe1\0\n\0");
        assert_eq!((utf16.code(), utf16.exit()), ("hand_not_text", Exit::Usage));
        let long = failed(&[b"1\n".to_vec(), vec![b'x'; MAX_LINE + 1]].concat());
        assert_eq!(
            (long.code(), long.position().and_then(|position| position.line)),
            ("hand_line_too_long", Some(2))
        );
        assert_eq!(failed(&b"\n".repeat(MAX_ROWS as usize + 1)).code(), "hand_too_large");
        let missing =
            Failure::from(read_hand_file(Path::new("/no/such/file"), HandAct::ByHand).expect_err("no file"));
        assert_eq!(missing.code(), "hand_unreadable");
        assert!(missing.advice().is_some_and(|advice| advice.contains("`-`")));
    }

    #[test]
    fn behind_a_line_at_fault_the_next_one_is_read() {
        let long = "x".repeat(MAX_LINE + 9);
        let text = format!("1\n{long}\r\n2\n\0 a\0\n3\r\0");
        for capacity in [1, 7, 1 << 20] {
            let mut lines = ScanLines::new(BufReader::with_capacity(capacity, text.as_bytes()));
            let mut read = Vec::new();
            loop {
                match lines.next_scan("-") {
                    Ok(None) => break,
                    Ok(Some((line, value))) => read.push((line, value)),
                    Err(error) => {
                        assert!(error.is_of_a_line());
                        read.push((error.line.expect("a line"), Failure::from(error).code().to_owned()));
                    }
                }
            }
            let wanted = [
                (1, "1"),
                (2, "hand_line_too_long"),
                (3, "2"),
                (4, "hand_not_text"),
                (5, "3"),
                (6, "hand_not_text"),
            ];
            assert_eq!(read, wanted.map(|(line, text)| (line, text.to_owned())), "{capacity}");
        }
    }

    #[test]
    fn a_file_is_read_as_standard_input_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("hand.txt");
        fs_err::write(&path, "2400140649\n").expect("written");
        assert_eq!(read_hand_file(&path, HandAct::Spoiled).expect("text"), scans(b"2400140649\n"));
    }
}
