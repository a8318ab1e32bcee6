//! What is needed to compose a released piece again, and what its reprints are called.

use std::num::NonZeroU32;

use jiff::civil::Date;

use super::super::database::Value::{Integer, Text};
use super::super::{Ledger, LedgerError, Row, State};
use mail::issuance::Issuance;
use mail::lot::{LotName, LotPosition, WrittenPiece};
use mail::piece::PieceKind;

/// A piece that was released, with its record.
#[derive(Debug)]
pub(crate) struct ReleasedPiece {
    /// The printed reference.
    pub piece_id: String,
    /// Its kind.
    pub kind: PieceKind,
    /// The lot in which it was printed.
    pub lot: LotName,
    /// The number of that lot in the ledger.
    pub lot_number: i64,
    /// Its sequence in that lot, from 1.
    pub sequence: u32,
    /// The lot and the sequence of its original, which the printed reference names.
    pub original: (LotName, u32),
    /// 0 for the original, `n` for the `n`th reprint.
    pub attempt: u32,
    /// The last attempt of its duty.
    pub last_attempt: u32,
    /// The number of its duty.
    pub duty: i64,
    /// Its state.
    pub state: State,
    /// Whether it passed twice, which nobody has decided yet.
    pub doubled: bool,
    /// The night it left.
    pub night: Date,
    /// The night its original left.
    pub first_night: Date,
    /// The identifier of what is kept of its template; `None` where an earlier version kept nothing.
    pub kept: Option<String>,
    /// A mailer's tracking number.
    pub tracking: Option<u64>,
    /// Its record; `None` where it was forgotten.
    pub issuance: Option<Issuance>,
}

impl ReleasedPiece {
    /// Its position in the lot in which it was printed.
    pub(crate) fn position(&self) -> LotPosition<'_> {
        LotPosition { lot: &self.lot, kind: self.kind, sequence: self.sequence }
    }

    /// The printed reference of an attempt of its duty.
    pub(crate) fn attempt_id(&self, attempt: u32) -> String {
        let (lot, sequence) = &self.original;
        lot.attempt_id(self.kind, *sequence, attempt)
    }
}

/// A piece with its record and its original, which is `first` in the lot `origin`.
const RELEASED: &str =
    "SELECT record.id, record.body, record.night, record.key_month, lot.night, lot.template,
    lot.first_tracking, lot.name, piece.sequence, coalesce(piece.state, lot.state), piece.duty, origin.night,
    (SELECT max(attempt) FROM piece later WHERE later.duty = piece.duty), lot.id,
    (SELECT count(*) FROM alarm WHERE alarm.lot = piece.lot AND alarm.sequence = piece.sequence
     AND alarm.kind = 'duplicate' AND decided IS NULL)
    FROM piece first JOIN lot origin ON origin.id = first.lot
    JOIN piece ON piece.duty = first.duty JOIN lot ON lot.id = piece.lot
    JOIN duty ON duty.id = piece.duty JOIN record ON record.id = duty.record
    WHERE first.attempt = 0 AND origin.name = ?1 AND origin.kind = ?2 AND first.sequence = ?3
    AND piece.attempt = ?4";

impl Ledger {
    /// The piece with this printed reference and its record.
    ///
    /// # Errors
    /// Those of the database and of the keys; [`LedgerError::Damaged`]: the record can't be read.
    pub(crate) fn released_piece(&self, piece_id: &str) -> Result<Option<ReleasedPiece>, LedgerError> {
        // Without a kind and a backslash, a reference is that of a letter.
        let Some(written) = WrittenPiece::parse(piece_id) else { return Ok(None) };
        let kind = written.kind.unwrap_or(PieceKind::Letter);
        let (sequence, attempt) = (Integer(written.sequence.into()), Integer(written.attempt.into()));
        let values = [Text(written.lot.as_str()), Text(kind.code()), sequence, attempt];
        self.one(RELEASED, &values, |row| self.released(row, &written, kind))
    }

    /// A row of [`RELEASED`].
    fn released(
        &self,
        row: &dyn Row,
        written: &WrittenPiece,
        kind: PieceKind,
    ) -> Result<ReleasedPiece, LedgerError> {
        let record = row.need_integer(0)?;
        let sealed = row.bytes(1)?;
        let mut body = Vec::new();
        if sealed.is_some() {
            self.unseal_record(record, sealed, row.need_text(2)?, row.text(3)?, &mut body)?;
        }
        let issuance = sealed.is_some().then(|| serde_json::from_slice(&body)).transpose();
        let lot = row.need_integer(13)?;
        let damaged = |what: &str| self.damaged("lot", lot, what);
        let night = |column| row.need_text(column)?.parse().map_err(|_| damaged("its night is no date"));
        let number = |column| {
            u32::try_from(row.need_integer(column)?)
                .map_err(|_| damaged("a number of its pieces is too large"))
        };
        let sequence = number(8)?;
        let first_tracking = row.integer(6)?.map(i64::unsigned_abs);
        Ok(ReleasedPiece {
            piece_id: written.piece_id(kind),
            kind,
            lot: LotName::parse(row.need_text(7)?).ok_or_else(|| damaged("its name is none"))?,
            lot_number: lot,
            sequence,
            original: (written.lot.clone(), written.sequence),
            attempt: written.attempt,
            last_attempt: number(12)?,
            duty: row.need_integer(10)?,
            state: self.state(row.need_text(9)?, lot)?,
            doubled: row.need_count(14)? > 0,
            night: night(4)?,
            first_night: night(11)?,
            kept: kept_of(row.need_text(5)?),
            tracking: first_tracking.map(|first| first + u64::from(sequence) - 1),
            issuance: issuance.map_err(|error| self.damaged("record", record, error))?,
        })
    }

    /// The name of the next reprint lot of a lot.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn next_reprint_lot(&self, lot: &LotName, kind: PieceKind) -> Result<LotName, LedgerError> {
        let names = self.list(
            "SELECT name FROM lot WHERE kind = ?1 AND name LIKE ?2",
            &[Text(kind.code()), Text(&format!("{lot}.%"))],
            |row| Ok(LotName::parse(row.need_text(0)?)),
        )?;
        let last = names.into_iter().flatten().filter_map(|name| name.reprint_number()).max();
        Ok(lot.reprint(last.map_or(NonZeroU32::MIN, |last| last.saturating_add(1))))
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
