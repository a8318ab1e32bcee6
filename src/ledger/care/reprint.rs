//! What is needed to compose a released piece again.

use jiff::civil::Date;

use super::super::database::Value::{Integer, Text};
use super::super::{Ledger, LedgerError};
use mail::issuance::Issuance;
use mail::lot::LotName;
use mail::piece::PieceKind;

/// A piece that was released, with its record.
#[derive(Debug)]
pub(crate) struct ReleasedPiece {
    /// The printed reference.
    pub piece_id: String,
    /// Its kind.
    pub kind: PieceKind,
    /// Its lot.
    pub lot: LotName,
    /// Its sequence in the lot, from 1.
    pub sequence: u32,
    /// The night it left.
    pub night: Date,
    /// The identifier of what is kept of its template; `None` where an earlier version kept nothing.
    pub kept: Option<String>,
    /// A mailer's tracking number.
    pub tracking: Option<u64>,
    /// Its record; `None` where it was forgotten.
    pub issuance: Option<Issuance>,
}

impl Ledger {
    /// The piece with this printed reference and its record.
    ///
    /// # Errors
    /// Those of the database and of the keys; [`LedgerError::Damaged`]: the record can't be read.
    pub(crate) fn released_piece(&self, piece_id: &str) -> Result<Option<ReleasedPiece>, LedgerError> {
        let Some((lot, kind, sequence)) = LotName::of_piece(piece_id) else { return Ok(None) };
        let sql = "SELECT record.id, record.body, record.night, record.key_month, lot.night, lot.template,
                   lot.first_tracking FROM piece JOIN lot ON lot.id = piece.lot
                   JOIN duty ON duty.id = piece.duty JOIN record ON record.id = duty.record
                   WHERE lot.name = ?1 AND lot.kind = ?2 AND sequence = ?3";
        let values = [Text(lot.as_str()), Text(kind.code()), Integer(i64::from(sequence))];
        self.one(sql, &values, |row| {
            let record = row.need_integer(0)?;
            let sealed = row.bytes(1)?;
            let mut body = Vec::new();
            if sealed.is_some() {
                self.unseal_record(record, sealed, row.need_text(2)?, row.text(3)?, &mut body)?;
            }
            let issuance = sealed.is_some().then(|| serde_json::from_slice(&body)).transpose();
            let night = row.need_text(4)?;
            let first = row.integer(6)?.map(i64::unsigned_abs);
            Ok(ReleasedPiece {
                piece_id: piece_id.to_owned(),
                kind,
                lot: lot.clone(),
                sequence,
                night: night.parse().map_err(|_| self.damaged("record", record, "its night is no date"))?,
                kept: kept_of(row.need_text(5)?),
                tracking: first.map(|first| first + u64::from(sequence) - 1),
                issuance: issuance.map_err(|error| self.damaged("record", record, error))?,
            })
        })
    }
}

/// The identifier of what is kept, behind a template's name and version.
fn kept_of(label: &str) -> Option<String> {
    let is_digest = |text: &&str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut parts = label.rsplit(' ');
    let kept = parts.next().filter(is_digest)?;
    // A name may have spaces, and an earlier version wrote no identifier behind the version.
    parts.next().filter(is_digest).map(|_| kept.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_stands_behind_name_and_version() {
        let (version, kept) = ("a".repeat(64), "b".repeat(64));
        assert_eq!(kept_of(&format!("card letter {version} {kept}")), Some(kept));
        assert_eq!(kept_of(&format!("card letter {version}")), None);
        assert_eq!(kept_of("card-letter 00"), None);
    }
}
