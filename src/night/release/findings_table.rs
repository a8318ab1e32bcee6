//! `rejects.csv` and `warnings.csv` (contract: outputs of one night).

use std::io;
use std::path::Path;

use crate::files::harmless_cell;
use crate::ledger::Finding;

/// Writes `rejects.csv` or `warnings.csv`.
pub(crate) struct FindingsTable {
    table: csv::Writer<io::BufWriter<fs_err::File>>,
}

impl FindingsTable {
    /// Creates a table with its header.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn create(path: &Path) -> io::Result<FindingsTable> {
        let output = io::BufWriter::new(fs_err::File::create(path)?);
        let mut table = csv::WriterBuilder::new().has_headers(false).from_writer(output);
        table.write_record([
            "source_file",
            "line",
            "card_number",
            "field",
            "code",
            "message",
            "client_ref",
        ])?;
        Ok(FindingsTable { table })
    }

    /// Writes a finding.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn row(&mut self, finding: &Finding) -> io::Result<()> {
        let Finding { source_file, line, card_number, field, code, message, client_ref, .. } = finding;
        let line = line.to_string();
        let row = [source_file, &line, card_number, field, code, message];
        let guarded = row.map(|cell| harmless_cell(cell));
        // The client's reference is for the client's programs: not a character is added.
        let cells = guarded.iter().map(|cell| &**cell).chain([client_ref.as_str()]);
        self.table.write_record(cells).map_err(io::Error::other)
    }

    /// Syncs the table.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn finish(self) -> io::Result<()> {
        let buffered = self.table.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
        buffered.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    }
}
