//! One record file: opened, its layout known, its rows read a batch at a time.

use std::io::Read;
use std::sync::Arc;

use super::fixed_rows::FixedRows;
use super::header::Header;
use super::lines::Lines;
use super::records::Records;
use super::row_layout::RowLayout;
use super::stream::RawRow;
use super::unpacking::{RecordText, TextDigest};
use super::{IntakeError, IntakeSettings, RecordFile};

/// The text of a record file.
type Text = Box<dyn Read + Send>;

/// Reads the rows of a file.
pub(super) struct RecordReader<'s> {
    shown: String,
    rows: Rows<'s>,
    digest: TextDigest,
}

/// The rows of a file with a header, or of one without delimiters.
enum Rows<'s> {
    Delimited(Box<Records<Text>>),
    Fixed(FixedRows<'s, Text>),
}

impl<'s> RecordReader<'s> {
    /// Opens a file and reads its header. Returns the layout of its rows too.
    ///
    /// # Errors
    /// [`IntakeError`]: it can't be read or is no record file.
    pub(super) fn open(
        file: &RecordFile,
        settings: &'s IntakeSettings,
    ) -> Result<(RecordReader<'s>, Arc<RowLayout>), IntakeError> {
        let shown = file.shown();
        let (text, digest) = RecordText::open(file, settings)?.into_parts();
        let mut lines = Lines::new(text);
        if let Some(places) = settings.mapping.layout(file.name(), &shown) {
            let rows = Rows::Fixed(FixedRows::begin(lines, &shown, settings, places)?);
            return Ok((RecordReader { shown, rows, digest }, Arc::new(RowLayout::of_places(places))));
        }
        let Header { delimiter, layout } = Header::read(&mut lines, &shown, settings)?;
        let rows = Rows::Delimited(Box::new(Records::new(lines, delimiter, layout.width())));
        Ok((RecordReader { shown, rows, digest }, Arc::new(layout)))
    }

    /// The next rows, `count` at most; none at the end of the file.
    ///
    /// # Errors
    /// [`IntakeError`]: the file can't be read on.
    pub(super) fn next_rows(&mut self, count: usize) -> Result<Vec<RawRow>, IntakeError> {
        let mut rows = Vec::with_capacity(count);
        while rows.len() < count {
            let row = match &mut self.rows {
                Rows::Delimited(records) => {
                    let record =
                        records.next().map_err(|error| IntakeError::of_reading(&self.shown, error))?;
                    record.map(|record| RawRow {
                        line: record.line,
                        shape: record.shape,
                        fields: record.fields.clone(),
                    })
                }
                Rows::Fixed(rows) => rows.next()?,
            };
            match row {
                Some(row) => rows.push(row),
                None => break,
            }
        }
        Ok(rows)
    }

    /// The SHA-256 of the file as it arrived, in hexadecimal, once no row is left.
    pub(super) fn sha256(self) -> String {
        self.digest.finish()
    }
}
