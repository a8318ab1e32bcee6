//! Rows as the issuer's files have them.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use crate::failure::Failure;
use crate::files::{harmless_cell, write_whole_with};
use foreign::legible;
use mail::piece::PieceKind;

/// The columns of a day's file.
pub(super) const COLUMNS: [&str; 7] =
    ["client_ref", "card_number", "kind", "piece_id", "event", "event_at", "detail"];

/// A table that is being written.
pub(super) type Table<'o, 'f> = csv::Writer<&'o mut BufWriter<&'f mut File>>;

/// A row of a day's file.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Row<'a> {
    /// The client's reference.
    pub client_ref: &'a str,
    /// The card's number.
    pub card_number: &'a str,
    /// The kind of the piece; `None` for a record.
    pub kind: Option<PieceKind>,
    /// The printed reference.
    pub piece_id: &'a str,
    /// What happened.
    pub event: &'a str,
    /// When.
    pub at: &'a str,
    /// Why, or what follows.
    pub detail: &'a str,
}

impl Row<'_> {
    /// Writes the row. Without `mailer_cards` a mailer's row has no card number: letters and mailers carry no handle in
    /// common except for the client's own reference.
    ///
    /// # Errors
    /// I/O errors.
    pub(super) fn write(&self, table: &mut Table, mailer_cards: bool) -> io::Result<()> {
        let Row { client_ref, kind, piece_id, event, at, detail, .. } = *self;
        let card_number = card_number(self.card_number, kind, mailer_cards);
        let kind = kind.map_or("", PieceKind::code);
        // The client's reference is for the client's programs: not a character is added.
        let detail = harmless(detail);
        table.write_record([client_ref, card_number, kind, piece_id, event, at, &detail])?;
        Ok(())
    }
}

/// A card's number as a row of this kind has it.
pub(super) fn card_number(number: &str, kind: Option<PieceKind>, mailer_cards: bool) -> &str {
    if kind == Some(PieceKind::Mailer) && !mailer_cards { "" } else { number }
}

/// A text of others as a cell: on one line, and no formula.
pub(super) fn harmless(text: &str) -> String {
    harmless_cell(&legible(text)).into_owned()
}

/// Writes a table whole, with its header.
///
/// # Errors
/// I/O errors and those of `write`; the file is as it was then.
pub(super) fn write_table(
    path: &Path,
    columns: &[&str],
    write: impl FnOnce(&mut Table) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut stopped = None;
    let written = write_whole_with(path, |out| {
        let mut table = csv::Writer::from_writer(out);
        table.write_record(columns)?;
        write(&mut table).map_err(|failure| {
            stopped = Some(failure);
            io::Error::other("stopped")
        })?;
        table.flush()
    });
    match stopped {
        Some(failure) => Err(failure),
        None => Ok(written?),
    }
}
