//! A table of a lot, row by row.

use std::fs::File;
use std::io::{Read, Take};

use serde::de::DeserializeOwned;

use super::finding::FoundLot;
use super::report::{Fault, LotReport};

/// The largest table that is read, in bytes.
const MAX_SIZE: u64 = 1 << 32;

/// The rows of a table, up to the first that can't be read.
pub(super) struct Rows<T> {
    name: String,
    rows: csv::DeserializeRecordsIntoIter<Take<File>, T>,
    /// A row that was read and not taken yet.
    ahead: Option<T>,
    length: u64,
    problem: Option<String>,
}

impl<T: DeserializeOwned> Rows<T> {
    /// Opens a table; `None`, with a fault, where it can't be read. One that is missing is named already.
    pub(super) fn open(
        lot: &FoundLot,
        name: &str,
        what: &str,
        columns: &[&str],
        report: &mut LotReport,
    ) -> Option<Rows<T>> {
        if name.is_empty() {
            report.fault(Fault::of_file("certificate", "", format!("the certificate names no {what}")));
            return None;
        }
        let path = lot.folder.join(name);
        if !path.exists() {
            report.leave_out(format!("rows of the {what}"), format!("`{name}` is not there"));
            return None;
        }
        let unreadable = |reason: String| Fault::of_file("table_unreadable", name, reason);
        let file = match foreign::open_regular(&path) {
            Ok(file) => file,
            Err(error) => {
                report.fault(unreadable(error.error.to_string()));
                return None;
            }
        };
        let mut table = csv::Reader::from_reader(file.take(MAX_SIZE));
        let problem = match table.headers() {
            Err(_) => Some("its first line can't be read".to_owned()),
            Ok(header) => {
                let missing = columns.iter().find(|column| !header.iter().any(|name| name == **column));
                missing.map(|column| format!("it has no column `{column}`"))
            }
        };
        if let Some(problem) = problem {
            report.fault(unreadable(problem));
            return None;
        }
        Some(Rows {
            name: name.to_owned(),
            rows: table.into_deserialize(),
            ahead: None,
            length: 0,
            problem: None,
        })
    }

    /// The next row if it is one of those.
    pub(super) fn next_if(&mut self, is: impl FnOnce(&T) -> bool) -> Option<T> {
        self.ahead = self.next();
        match &self.ahead {
            Some(row) if is(row) => self.ahead.take(),
            _ => None,
        }
    }

    /// The table's name, how many rows it has, and why it can't be read to its end.
    pub(super) fn into_length(mut self) -> (String, u64, Option<String>) {
        while self.next().is_some() {}
        (self.name, self.length, self.problem)
    }
}

impl<T: DeserializeOwned> Iterator for Rows<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        if let Some(row) = self.ahead.take() {
            return Some(row);
        }
        if self.problem.is_some() {
            return None;
        }
        match self.rows.next()? {
            Ok(row) => {
                self.length += 1;
                Some(row)
            }
            // The error's own words quote cells.
            Err(error) => {
                let line = error.position().map(|position| format!(", line {}", position.line()));
                self.problem = Some(format!("its rows can't be read{}", line.unwrap_or_default()));
                None
            }
        }
    }
}
