//! One row of a report: from its line to what was read.

use std::borrow::Cow;

use mail::inserter::{InsertStatus, Lists, ReportField, Results};

use super::cells::cells;
use super::fault::{RowFault, RowProblem};
use super::layout::{Layout, PlacedField};
use crate::inserting::read::Read;
use crate::inserting::value::plain_value;

/// Reads rows.
#[derive(Debug)]
pub(super) struct RowReader<'r> {
    results: &'r Results,
    layout: Layout,
}

/// The parts of a row.
enum Parts<'t> {
    Cells(Vec<Cow<'t, str>>),
    Characters(&'t str),
}

impl<'r> RowReader<'r> {
    /// Reads rows of this layout.
    pub(super) fn new(results: &'r Results, layout: Layout) -> RowReader<'r> {
        RowReader { results, layout }
    }

    /// Whether a line holds nothing except blanks and delimiters.
    pub(super) fn is_blank(&self, text: &str) -> bool {
        text.chars().all(|c| c.is_whitespace() || Some(c) == self.layout.delimiter)
    }

    /// What a row says.
    ///
    /// # Errors
    /// [`RowFault`]: the first thing that can't be read.
    pub(super) fn read(&self, line: u64, text: &str) -> Result<Read, RowFault> {
        let whole_row = |problem| RowFault { line, column: String::new(), problem };
        let parts = self.parts(text).map_err(whole_row)?;
        let mut read = Read { line, ..Read::default() };
        for placed in &self.layout.fields {
            let cell = parts.cell(placed);
            self.take(placed.field, cell.trim(), &mut read).map_err(|problem| RowFault {
                line,
                column: placed.name.clone(),
                problem,
            })?;
        }
        Ok(read)
    }

    fn parts<'t>(&self, text: &'t str) -> Result<Parts<'t>, RowProblem> {
        if text.contains('\0') {
            return Err(RowProblem::Nul);
        }
        let wanted = self.layout.width;
        let Some(delimiter) = self.layout.delimiter else {
            let found = text.chars().count();
            return if found < wanted {
                Err(RowProblem::TooShort { found, wanted })
            } else {
                Ok(Parts::Characters(text))
            };
        };
        let cells = cells(text, delimiter).map_err(|_| RowProblem::Quote)?;
        let found = cells.len();
        let more = cells.iter().skip(wanted).any(|cell| !cell.is_empty());
        match () {
            () if found < wanted => Err(RowProblem::TooFewColumns { found, wanted }),
            () if more && self.layout.is_exact => Err(RowProblem::TooManyColumns { found, wanted }),
            () => Ok(Parts::Cells(cells)),
        }
    }

    fn take(&self, field: ReportField, cell: &str, read: &mut Read) -> Result<(), RowProblem> {
        if cell.contains('\u{fffd}') {
            return Err(RowProblem::Encoding(cell.to_owned()));
        }
        match field {
            ReportField::Value => read.value = plain_value(cell).to_owned(),
            ReportField::CardValue => read.card_value = plain_value(cell).to_owned(),
            ReportField::Camera => read.camera = cell.to_owned(),
            ReportField::ReadAt => read.at = self.time(cell)?,
            ReportField::Position => read.position = position(cell)?,
            ReportField::Status => read.status = self.status(cell)?,
        }
        Ok(())
    }

    fn time(&self, cell: &str) -> Result<String, RowProblem> {
        if cell.is_empty() {
            return Ok(String::new());
        }
        let fault = || RowProblem::Time { value: cell.to_owned(), format: self.results.time_format.clone() };
        self.results.time(cell).map(|time| time.to_string()).ok_or_else(fault)
    }

    /// An empty status says nothing in a list of all pieces; a read without one is a read as any other.
    fn status(&self, cell: &str) -> Result<InsertStatus, RowProblem> {
        match (self.results.status_of(cell), self.results.lists) {
            (Some(status), _) => Ok(status),
            (None, Lists::Reads) if cell.is_empty() => Ok(InsertStatus::Ok),
            (None, Lists::All) if cell.is_empty() => Ok(InsertStatus::None),
            (None, _) => Err(RowProblem::Status(cell.to_owned())),
        }
    }
}

impl Parts<'_> {
    /// The text of a field. A row has every field of its layout.
    fn cell(&self, placed: &PlacedField) -> Cow<'_, str> {
        match self {
            Parts::Cells(cells) => Cow::Borrowed(cells.get(placed.start).map_or("", |cell| cell)),
            Parts::Characters(line) if line.is_ascii() => {
                Cow::Borrowed(line.get(placed.start..placed.start + placed.length).unwrap_or_default())
            }
            Parts::Characters(line) => {
                line.chars().skip(placed.start).take(placed.length).collect::<String>().into()
            }
        }
    }
}

/// A number of digits only; `None` where there is none.
fn position(cell: &str) -> Result<Option<u64>, RowProblem> {
    let fault = || RowProblem::Position(cell.to_owned());
    match cell {
        "" => Ok(None),
        digits if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().map(Some).map_err(|_| fault()),
        _ => Err(fault()),
    }
}
