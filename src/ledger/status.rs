//! What the ledger answers about lots and pieces.

use serde::Serialize;

use super::database::Value::{Integer, Null, Text};
use super::{Ledger, LedgerError, State};
use mail::lot::LotName;
use mail::piece::PieceKind;

/// A lot in a status report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LotStatus {
    /// The lot.
    pub lot: String,
    /// Its kind.
    pub kind: String,
    /// The night it left.
    pub night: String,
    /// The state of its pieces that have not departed from it.
    pub state: String,
    /// How many pieces it has.
    pub pieces: i64,
    /// The template and its version.
    pub template: String,
    /// Its files.
    pub files: Vec<String>,
}

/// A piece in a status report. Says nothing of the holder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PieceStatus {
    /// The printed reference.
    pub piece_id: String,
    /// The lot.
    pub lot: String,
    /// Its kind.
    pub kind: String,
    /// Its sequence in the lot.
    pub sequence: i64,
    /// Its state.
    pub state: State,
    /// The night it left.
    pub night: String,
    /// Its print file.
    pub file: String,
    /// Its first page in that file.
    pub first_page: i64,
}

impl Ledger {
    /// The lots, newest first; with `name`, only those of this name.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn lots(&self, name: Option<&str>) -> Result<Vec<LotStatus>, LedgerError> {
        let sql = "SELECT id, name, kind, night, state, pieces, template FROM lot
                   WHERE CAST(?1 AS TEXT) IS NULL OR name = ?1 ORDER BY night DESC, name DESC, kind";
        let lots = self.list(sql, &[name.map_or(Null, Text)], |row| {
            let lot = LotStatus {
                lot: row.need_text(1)?.to_owned(),
                kind: row.need_text(2)?.to_owned(),
                night: row.need_text(3)?.to_owned(),
                state: row.need_text(4)?.to_owned(),
                pieces: row.need_integer(5)?,
                template: row.need_text(6)?.to_owned(),
                files: Vec::new(),
            };
            Ok((row.need_integer(0)?, lot))
        })?;
        let with_files = |(id, lot): (i64, LotStatus)| {
            let sql = "SELECT path FROM print_file WHERE lot = ?1 ORDER BY number";
            let files = self.list(sql, &[Integer(id)], |row| Ok(row.need_text(0)?.to_owned()))?;
            Ok(LotStatus { files, ..lot })
        };
        lots.into_iter().map(with_files).collect()
    }

    /// The piece with this printed reference.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn piece(&self, piece_id: &str) -> Result<Option<PieceStatus>, LedgerError> {
        let Some((lot, kind, sequence)) = LotName::of_piece(piece_id) else { return Ok(None) };
        self.piece_at(&lot, kind, sequence)
    }

    fn piece_at(
        &self,
        lot: &LotName,
        kind: PieceKind,
        sequence: u32,
    ) -> Result<Option<PieceStatus>, LedgerError> {
        let sql = "SELECT lot.id, coalesce(piece.state, lot.state), night, path, first_page
                   FROM piece JOIN lot ON lot.id = piece.lot
                   LEFT JOIN print_file ON print_file.lot = lot.id AND number = file
                   WHERE lot.name = ?1 AND lot.kind = ?2 AND sequence = ?3";
        let values = [Text(lot.as_str()), Text(kind.code()), Integer(i64::from(sequence))];
        self.one(sql, &values, |row| {
            Ok(PieceStatus {
                piece_id: lot.piece_id(kind, sequence),
                lot: lot.to_string(),
                kind: kind.code().to_owned(),
                sequence: i64::from(sequence),
                state: self.state(row.need_text(1)?, row.need_integer(0)?)?,
                night: row.need_text(2)?.to_owned(),
                file: row.text(3)?.unwrap_or_default().to_owned(),
                first_page: row.need_integer(4)?,
            })
        })
    }
}
