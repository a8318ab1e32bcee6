//! The files in which machines report their pieces: `camera.csv`, and those that the job's `[inserter.….results]` describes.
//!
//! Takes a file and the job's description of it, gives a [`MachineReport`]. Every line ends as a read, as a [`RowFault`], or is
//! blank, before the rows, the end mark or still being written. A file that is no such file at all is a [`ReportError`].
//! Knows no lot and no ledger.

mod cells;
mod error;
mod fault;
mod layout;
mod lines;
mod row;
#[cfg(test)]
mod tests;

use std::path::Path;

use foreign::legible;
use mail::Encoding;
use mail::inserter::Results;

use super::read::MachineReport;
use layout::{Layout, is_camera_file};
use lines::{BYTE_ORDER_MARK, Line, Lines, decoded};
use row::RowReader;

pub use error::{ReportError, ReportProblem};
pub use fault::{RowFault, RowProblem};

/// The largest report that is read, in bytes.
pub(super) const MAX_FILE: u64 = 256 << 20;

/// The most rows of a report.
pub(super) const MAX_ROWS: u64 = 2_000_000;

/// The longest line of a report, in bytes.
pub(super) const MAX_LINE: usize = 64 * 1024;

/// Reads a machine's report. `closed` says that nothing more will be written to the file: then its last line counts without
/// its line end.
///
/// # Errors
/// [`ReportError`]: the file can't be read, or is no report as `results` describes it.
pub(crate) fn read_report(
    path: &Path,
    results: &Results,
    closed: bool,
) -> Result<MachineReport, ReportError> {
    let file = legible(&path.display().to_string()).into_owned();
    match foreign::read(path, MAX_FILE) {
        Ok(bytes) => parse_report(&file, &bytes, results, closed),
        Err(unreadable) => Err(ReportError { file, problem: ReportProblem::Unreadable(unreadable) }),
    }
}

/// Reads a report from the bytes of a file of this name, as one is read from its path.
///
/// # Errors
/// [`ReportError`]: the bytes are no report as `results` describes it.
pub fn parse_report(
    file: &str,
    bytes: &[u8],
    results: &Results,
    closed: bool,
) -> Result<MachineReport, ReportError> {
    let failed = |problem| ReportError { file: file.to_owned(), problem };
    let of_camera = Results::default();
    let first = first_line(bytes, results).map_err(failed)?;
    let results = if is_camera_file(results, &first) { &of_camera } else { results };
    if bytes.starts_with(BYTE_ORDER_MARK) && results.encoding == Encoding::Windows1252 {
        return Err(failed(ReportProblem::EncodingContradicted));
    }
    let mut lines = Lines::new(bytes, closed);
    if let Some(last_skipped) = results.skip_lines.checked_sub(1) {
        lines.nth(last_skipped as usize);
    }
    let layout = layout_of(&mut lines, results).map_err(failed)?;
    let report = MachineReport { file: file.to_owned(), lists: results.lists, ..MachineReport::default() };
    let mut reading = Reading { rows: RowReader::new(results, layout), results, report };
    reading.read(lines).map_err(failed)?;
    Ok(reading.report)
}

/// The first line that is not blank, of a file that is text.
fn first_line(bytes: &[u8], results: &Results) -> Result<String, ReportProblem> {
    if let Some(problem) = error::foreign_kind(bytes) {
        return Err(problem);
    }
    let lines = Lines::new(bytes, true);
    if lines.is_blank() {
        return Err(ReportProblem::Empty);
    }
    let first = lines.map(|line| line.bytes).find(|bytes| !bytes.trim_ascii().is_empty()).unwrap_or_default();
    match first.contains(&0) {
        true => Err(ReportProblem::NotText),
        false => Ok(decoded(&first[..first.len().min(MAX_LINE)], results.encoding).into_owned()),
    }
}

/// Where the fields are, by the header if there is one; `lines` are those behind it then.
fn layout_of(lines: &mut Lines<'_>, results: &Results) -> Result<Layout, ReportProblem> {
    let is_text = |line: &Line<'_>| !line.bytes.trim_ascii().is_empty();
    if !results.has_header() {
        let first =
            lines.clone().find(is_text).map_or(&[][..], |line| &line.bytes[..line.bytes.len().min(MAX_LINE)]);
        return Ok(Layout::by_place(results, &decoded(first, results.encoding)));
    }
    let header = lines.find(is_text).filter(|line| line.whole).ok_or(ReportProblem::NoHeader)?;
    let text = decoded(&header.bytes[..header.bytes.len().min(MAX_LINE)], results.encoding);
    match text.contains('\u{fffd}') {
        true => Err(ReportProblem::HeaderEncoding { line: header.number }),
        false => Layout::by_header(results, header.number, &text),
    }
}

/// A report that is being read.
struct Reading<'r> {
    rows: RowReader<'r>,
    results: &'r Results,
    report: MachineReport,
}

impl Reading<'_> {
    fn read(&mut self, mut lines: Lines<'_>) -> Result<(), ReportProblem> {
        while let Some(line) = lines.next() {
            let text = decoded(&line.bytes[..line.bytes.len().min(MAX_LINE)], self.results.encoding);
            if self.is_end_mark(&text) {
                self.report.ended = true;
                self.add_behind_end(lines);
                break;
            }
            match line.whole {
                true => self.add(line, &text),
                false => self.report.unfinished = !self.rows.is_blank(&text),
            }
            if self.row_count() > MAX_ROWS {
                return Err(ReportProblem::TooManyRows);
            }
        }
        match self.report.faults.first() {
            Some(first) if self.report.reads.is_empty() => {
                Err(ReportProblem::NoRow { rows: self.row_count(), first: Box::new(first.clone()) })
            }
            _ => Ok(()),
        }
    }

    fn row_count(&self) -> u64 {
        (self.report.reads.len() + self.report.faults.len()) as u64
    }

    /// Whether a line ends the report. It may stand in quotes, as the cells of a row.
    fn is_end_mark(&self, text: &str) -> bool {
        let mark = &self.results.end_mark;
        let text = text.trim_start();
        !mark.is_empty() && text.strip_prefix('"').unwrap_or(text).starts_with(mark)
    }

    fn add(&mut self, line: Line<'_>, text: &str) {
        let whole_row = |problem| RowFault { line: line.number, column: String::new(), problem };
        match () {
            () if self.rows.is_blank(text) => {}
            () if line.bytes.len() > MAX_LINE => {
                self.report.faults.push(whole_row(RowProblem::TooLong(MAX_LINE)))
            }
            () => match self.rows.read(line.number, text) {
                Ok(read) => self.report.reads.push(read),
                Err(fault) => self.report.faults.push(fault),
            },
        }
    }

    /// What stands behind the end mark is one fault, so that a second report in the file is not lost.
    fn add_behind_end(&mut self, lines: Lines<'_>) {
        let mut rows = lines.filter(|line| !self.rows.is_blank(&decoded(line.bytes, self.results.encoding)));
        let Some(first) = rows.next() else { return };
        let problem = RowProblem::BehindEnd { rows: 1 + rows.count() as u64 };
        self.report.faults.push(RowFault { line: first.number, column: String::new(), problem });
    }
}
