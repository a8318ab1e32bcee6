//! What most rows of a file are rejected for, to be said first where a night is refused.

use std::collections::BTreeMap;

use crate::ledger::Finding;

/// How many different messages of a cause are counted. Beyond that they differ from row to row.
const MESSAGES: usize = 100;

/// The causes of rejects, counted by file, column and code.
#[derive(Debug, Default)]
pub(super) struct Causes(BTreeMap<(String, String, String), Cause>);

#[derive(Debug, Default)]
struct Cause {
    rows: u64,
    line: u64,
    /// The message of the first row.
    first: String,
    messages: BTreeMap<String, u64>,
}

/// What most rows of a file are rejected for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommonCause {
    /// The file, as findings name it.
    pub file: String,
    /// The column; empty for rows as a whole.
    pub field: String,
    /// How many rows.
    pub rows: u64,
    /// The line of the first.
    pub line: u64,
    /// The problem, then what to do, in English. What differs from row to row is left out of it.
    pub message: String,
}

impl Causes {
    /// Counts a reject. One that belongs to no file is not counted.
    pub(super) fn add(&mut self, finding: &Finding) {
        if finding.source_file.is_empty() {
            return;
        }
        let key = (finding.source_file.clone(), finding.field.clone(), finding.code.clone());
        let cause = self.0.entry(key).or_default();
        if cause.rows == 0 {
            finding.in_english().clone_into(&mut cause.first);
            cause.line = finding.line;
        }
        cause.rows += 1;
        if let Some(count) = cause.messages.get_mut(finding.in_english()) {
            *count += 1;
        } else if cause.messages.len() < MESSAGES {
            cause.messages.insert(finding.in_english().to_owned(), 1);
        }
    }

    /// The cause of most rejects; of several the first by file, column and code.
    pub(super) fn commonest(&self) -> Option<CommonCause> {
        let ((file, field, _), cause) = self.0.iter().rev().max_by_key(|(_, cause)| cause.rows)?;
        let same = cause.messages.iter().rev().max_by_key(|(_, count)| **count);
        let (rows, message) = match same.filter(|(_, count)| **count * 2 > cause.rows) {
            Some((message, count)) => (*count, message.clone()),
            None => (cause.rows, without_values(&cause.first)),
        };
        Some(CommonCause { file: file.clone(), field: field.clone(), rows, line: cause.line, message })
    }
}

/// A message without the values of its row, which stand in backticks. Names of columns and of settings stay.
fn without_values(message: &str) -> String {
    let mut kept = String::with_capacity(message.len());
    let mut rest = message;
    while let Some((before, quoted)) = rest.split_once('`') {
        let (value, after) = quoted.split_once('`').unwrap_or((quoted, ""));
        kept.push_str(before);
        let named = kept.ends_with("column ") || value.starts_with('[') || value.starts_with("input.");
        kept.extend(["`", if named { value } else { "…" }, "`"]);
        rest = after;
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(line: u64, code: &str, message: &str) -> Finding {
        Finding {
            source_file: "inbox/cards.csv".to_owned(),
            line,
            card_number: "2400000001".to_owned(),
            field: code.to_owned(),
            code: code.to_owned(),
            message: message.to_owned(),
            english: String::new(),
            client_ref: String::new(),
        }
    }

    #[test]
    fn the_cause_of_most_rows_is_said_with_its_cure() {
        let mut causes = Causes::default();
        assert_eq!(causes.commonest(), None);
        for line in 2..8 {
            causes.add(&finding(line, "reason", "`01` is no reason; add a line"));
        }
        causes.add(&finding(8, "reason", "`02` is no reason; add a line"));
        (2..8).for_each(|line| causes.add(&finding(line, "date", &format!("`{line}` is no date; mend it"))));
        let cause = causes.commonest().unwrap();
        assert_eq!((cause.rows, cause.line, &*cause.message), (6, 2, "`01` is no reason; add a line"));
    }

    #[test]
    fn values_that_differ_from_row_to_row_are_left_out() {
        let mut causes = Causes::default();
        for line in 2..1000 {
            let message = format!("column `NOM`: `MARTIN {line}` is no name; see `[input.values.x]`, or `D`");
            causes.add(&finding(line, "name", &message));
        }
        let cause = causes.commonest().unwrap();
        assert_eq!(cause.rows, 998);
        assert_eq!(cause.message, "column `NOM`: `…` is no name; see `[input.values.x]`, or `…`");
    }

    #[test]
    fn the_cause_is_english_whatever_the_bureau_speaks() {
        let said = mail::Words::new("«\u{A0}01\u{A0}» n’est pas un motif", "`01` is no reason");
        let mut causes = Causes::default();
        causes.add(&finding(2, "reason", "").saying(&said, mail::Language::French));
        assert_eq!(causes.commonest().unwrap().message, "`01` is no reason");
    }
}
