//! Codes that a person released: cards whose codes are sent again although the ledger does not know card or address.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

use foreign::UnreadableFile;

use crate::failure::{Failure, Position};
use mail::card::CardNumber;

/// The largest file of releases, in bytes.
const MAX_SIZE: u64 = 4 << 20;
/// The longest reason, in characters.
const MAX_REASON: usize = 200;

/// The cards of a file of releases, each with its reason.
#[derive(Debug, Clone, Default)]
pub(crate) struct ReleasedReissues(Arc<BTreeMap<CardNumber, String>>);

impl ReleasedReissues {
    /// Reads a file: CSV with the columns `card_number` and `reason`, delimiter `,` or `;`.
    ///
    /// # Errors
    /// `reissues`: the file can't be read, or a line has no card number or no reason.
    pub(crate) fn read(path: &Path) -> Result<ReleasedReissues, Failure> {
        let file = path.display();
        let text = foreign::read_text(path, MAX_SIZE).map_err(unreadable)?;
        let text = text.trim_start_matches('\u{feff}');
        let header = text.lines().next().unwrap_or_default();
        let delimiter = if header.contains(';') { b';' } else { b',' };
        let mut table = csv::ReaderBuilder::new();
        let table = table.delimiter(delimiter).trim(csv::Trim::All);
        let mut table = table.from_reader(text.as_bytes());
        let at = |line| Position::line(&file, line);
        let named = table.headers().is_ok_and(|header| header == vec!["card_number", "reason"]);
        if !named {
            return Err(invalid("the header is not `card_number,reason`").at(at(1)));
        }
        let mut cards = BTreeMap::new();
        for row in table.records() {
            let row = row.map_err(|error| {
                let line = error.position().map_or(1, csv::Position::line);
                invalid("the row has not two columns, `card_number` and `reason`").at(at(line))
            })?;
            let line = row.position().map_or(1, csv::Position::line);
            let card = CardNumber::parse(&row[0])
                .map_err(|fault| invalid(format!("`card_number`: {fault}")).at(at(line)))?;
            let reason = &row[1];
            if reason.is_empty() || reason.chars().count() > MAX_REASON || reason.contains(char::is_control) {
                let problem = format!("`reason`: write why, in 1 to {MAX_REASON} characters on one line");
                return Err(invalid(problem).at(at(line)));
            }
            if cards.insert(card, reason.to_owned()).is_some() {
                return Err(invalid(format!("`card_number`: card `{card}` is listed twice")).at(at(line)));
            }
        }
        Ok(ReleasedReissues(Arc::new(cards)))
    }

    /// The reason for which a card's codes are released; `None` where they are not.
    pub(crate) fn release(&self, card: &str) -> Option<String> {
        self.0.get(&CardNumber::parse(card).ok()?).cloned()
    }

    /// The cards and their reasons, by card number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&CardNumber, &String)> {
        self.0.iter()
    }
}

/// A file that can't be read. Text of another encoding is the file's fault; anything else is one of its path.
fn unreadable(error: UnreadableFile) -> Failure {
    let advice = match error.error.kind() {
        ErrorKind::InvalidData => "save the file as UTF-8",
        _ => foreign::advice(&error.error).unwrap_or(
            "correct the path behind `--release-reissues`, or let the user that runs `pli` read the file",
        ),
    };
    Failure::usage("reissues", error.to_string()).with_advice(advice).in_file(&error.file).caused_by(error)
}

fn invalid(problem: impl Into<String>) -> Failure {
    Failure::usage("reissues", problem)
        .with_advice("write one card a line, as `card_number,reason`, below that header")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ReleasedReissues, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("reissues.csv");
        fs_err::write(&path, text).unwrap();
        ReleasedReissues::read(&path)
    }

    #[test]
    fn cards_and_reasons_are_read() {
        for text in [
            "card_number,reason\n2400140649,moved; seen by phone\n",
            "\u{feff}card_number;reason\r\n2400140649; moved; \r\n".trim_end_matches("; \r\n"),
        ] {
            let read = read(text).unwrap();
            assert!(read.release("2400140649").unwrap().starts_with("moved"));
            assert_eq!(read.release("2400140650"), None);
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_a_path_to_correct() {
        let failure = ReleasedReissues::read(Path::new("no/such/reissues.csv")).unwrap_err();
        let advice = failure.advice().unwrap_or_default();
        assert!(failure.exit().code() == 2 && advice.contains("correct the path"), "{failure}");
    }

    #[test]
    fn a_line_that_says_no_reason_is_named() {
        for (text, line) in [
            ("card,why\n", 1),
            ("card_number,reason\n2400140649,\n", 2),
            ("card_number,reason\n2400140649,moved\n240014064,moved\n", 3),
            ("card_number,reason\n2400140649,moved\n2400140649,moved\n", 3),
            ("card_number,reason\n2400140649\n", 2),
        ] {
            let failure = read(text).unwrap_err();
            assert_eq!(failure.position().unwrap().line, Some(line), "{failure}");
            assert_eq!(failure.exit().code(), 2);
        }
    }
}
