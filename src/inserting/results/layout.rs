//! Where the fields of one file are: what the job says, held against the file's header.

use std::borrow::Cow;

use mail::excerpt;
use mail::inserter::{FieldPlace, Lists, ReportField, ReportFormat, Results};

use super::cells::cells;
use super::error::ReportProblem;

/// The delimiters that are looked for, the likeliest last.
const DELIMITERS: [char; 3] = [',', '\t', ';'];

/// The columns that every `camera.csv` has.
const CAMERA_COLUMNS: [&str; 3] = ["read_at", "value", "position"];

/// The most columns of a header that a message names.
const MOST_SHOWN: usize = 20;

/// Where the fields of one file are.
#[derive(Debug)]
pub(super) struct Layout {
    /// The character between columns; `None` for fields of fixed length.
    pub delimiter: Option<char>,
    /// How many columns a row must have, or how many characters a line.
    pub width: usize,
    /// Whether more columns than these are a fault, except empty ones.
    pub is_exact: bool,
    /// The fields that the file has.
    pub fields: Vec<PlacedField>,
}

/// A field and where it is.
#[derive(Debug)]
pub(super) struct PlacedField {
    /// The field.
    pub field: ReportField,
    /// The index of its column, or of its first character.
    pub start: usize,
    /// How many characters it has; a column has as many as it has.
    pub length: usize,
    /// The column or the characters as a message names them.
    pub name: String,
}

/// A column that is looked for in a header.
struct WantedColumn<'r> {
    field: ReportField,
    name: &'r str,
    is_required: bool,
}

impl Layout {
    /// The layout of a file whose header is this line.
    pub(super) fn by_header(results: &Results, number: u64, header: &str) -> Result<Layout, ReportProblem> {
        let wanted = wanted_columns(results);
        let quote = |_| ReportProblem::HeaderQuote { line: number };
        let found_by = |delimiter: char| {
            let split = |_| header.split(delimiter).map(Cow::Borrowed).collect();
            let names = cells(header, delimiter).unwrap_or_else(split);
            (wanted.iter().filter(|column| position(&names, column.name).is_some()).count(), names.len())
        };
        let sniffed = || DELIMITERS.into_iter().max_by_key(|delimiter| found_by(*delimiter)).unwrap_or(',');
        let delimiter = results.delimiter().unwrap_or_else(sniffed);
        let mut names = cells(header, delimiter).map_err(quote)?;
        while names.pop_if(|name| name.is_empty()).is_some() {}
        let mut layout =
            Layout { delimiter: Some(delimiter), width: names.len(), is_exact: true, fields: vec![] };
        let mut missing = Vec::new();
        for column in &wanted {
            match position(&names, column.name) {
                Some(index) if position(&names[index + 1..], column.name).is_some() => {
                    return Err(ReportProblem::DuplicateColumn {
                        line: number,
                        column: excerpt(column.name),
                    });
                }
                Some(index) => layout.add_column(column.field, index, names[index].to_string()),
                None if column.is_required => missing.push(format!("`{}`", excerpt(column.name))),
                None => {}
            }
        }
        if !missing.is_empty() {
            let mut found: Vec<String> =
                names.iter().take(MOST_SHOWN).map(|name| format!("`{}`", excerpt(name))).collect();
            if names.len() > MOST_SHOWN {
                found.push("…".to_owned());
            }
            let (missing, found) = (missing.join(", "), found.join(", "));
            return Err(ReportProblem::MissingColumns { line: number, missing, found });
        }
        layout.add_numbered(results);
        Ok(layout)
    }

    /// The layout of a file without a header, whose first row is this line.
    pub(super) fn by_place(results: &Results, first_row: &str) -> Layout {
        let columns = |delimiter: &char| cells(first_row, *delimiter).map_or(0, |cells| cells.len());
        let sniffed = || DELIMITERS.into_iter().max_by_key(columns).unwrap_or(',');
        let delimiter =
            (results.format == ReportFormat::Csv).then(|| results.delimiter().unwrap_or_else(sniffed));
        let mut layout = Layout { delimiter, width: 0, is_exact: false, fields: vec![] };
        layout.add_numbered(results);
        layout
    }

    /// Adds the fields whose places the job says in numbers.
    fn add_numbered(&mut self, results: &Results) {
        for (field, place) in results.fields.iter().flat_map(|fields| fields.places()) {
            match place {
                FieldPlace::Header(_) => {}
                FieldPlace::Column(number) => {
                    self.add_column(field, (*number as usize).saturating_sub(1), format!("column {number}"));
                }
                FieldPlace::Span(span) => {
                    let (start, length) = ((span.start as usize).saturating_sub(1), span.length as usize);
                    self.width = self.width.max(start + length);
                    let name = format!("characters {} to {}", span.start, start + length);
                    self.fields.push(PlacedField { field, start, length, name });
                }
            }
        }
    }

    fn add_column(&mut self, field: ReportField, index: usize, name: String) {
        self.width = self.width.max(index + 1);
        self.fields.push(PlacedField { field, start: index, length: usize::MAX, name });
    }
}

/// The columns that the job looks for by name. Where it names none, ours: then a file need not have all of them.
fn wanted_columns(results: &Results) -> Vec<WantedColumn<'_>> {
    let Some(fields) = &results.fields else {
        let needs_status = results.lists != Lists::Reads;
        let is_required = |field| field == ReportField::Value || field == ReportField::Status && needs_status;
        let ours =
            |field: ReportField| WantedColumn { field, name: field.name(), is_required: is_required(field) };
        return ReportField::ALL.map(ours).into();
    };
    let mut wanted = Vec::new();
    for (field, place) in fields.places() {
        if let FieldPlace::Header(name) = place {
            wanted.push(WantedColumn { field, name, is_required: true });
        }
    }
    wanted
}

/// Whether a file that begins with this line is a `camera.csv`, whatever the job says of the machine's own files. A file that
/// has all columns of the job's is the machine's.
pub(super) fn is_camera_file(results: &Results, first_line: &str) -> bool {
    let Some(fields) = &results.fields else { return false };
    let has = |delimiter: char, name: &str| {
        cells(first_line, delimiter).is_ok_and(|names| position(&names, name).is_some())
    };
    let of_camera =
        DELIMITERS.into_iter().find(|delimiter| CAMERA_COLUMNS.iter().all(|name| has(*delimiter, name)));
    of_camera.is_some_and(|delimiter| {
        let mut named = fields.places().filter_map(|(_, place)| match place {
            FieldPlace::Header(name) => Some(name.as_str()),
            _ => None,
        });
        !results.has_header() || named.any(|name| !has(delimiter, name))
    })
}

/// The index of the first column of this name. Small letters count as capitals, also those with accents.
fn position(names: &[Cow<'_, str>], wanted: &str) -> Option<usize> {
    let wanted = wanted.trim().to_lowercase();
    names.iter().position(|name| name.trim().to_lowercase() == wanted)
}
