//! The first rows of each file as a mapping reads them, for `pli check`.

use serde::Serialize;

use super::record_reader::RecordReader;
use super::row_layout::ShownCell;
use super::{IntakeError, IntakeSettings, RecordFile};

/// How many rows of a file are shown.
const ROWS: usize = 3;

/// The first rows of a file.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ShownFile {
    /// The file, as findings name it.
    pub file: String,
    /// Its first rows.
    pub rows: Vec<ShownRow>,
}

/// A row, column by column.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ShownRow {
    /// The line on which it begins.
    pub line: u64,
    /// Its fields, in the order of our columns.
    pub cells: Vec<ShownCell>,
}

/// The first rows of files, as the job's mapping reads them; none where it maps nothing.
///
/// # Errors
/// [`IntakeError`]: a file can't be read or is no record file.
pub(crate) fn shown_files(
    files: &[RecordFile],
    settings: &IntakeSettings,
) -> Result<Vec<ShownFile>, IntakeError> {
    let files = if settings.mapping.is_plain() { &[] } else { files };
    let shown = files.iter().map(|file| {
        let (mut reader, layout) = RecordReader::open(file, settings)?;
        let rows = reader.next_rows(ROWS)?.into_iter();
        let rows = rows.map(|row| ShownRow { line: row.line, cells: layout.shown(&row.fields, settings) });
        Ok(ShownFile { file: file.name().to_owned(), rows: rows.collect() })
    });
    shown.collect()
}
