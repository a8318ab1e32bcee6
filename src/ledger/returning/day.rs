//! The returns of a day, as the client's table has them.

use jiff::civil::Date;

use super::super::database::Value::Text;
use super::super::{Ledger, LedgerError, PiecePlace, Row};
use super::{PastReturn, past};
use mail::issuance::Issuance;
use mail::piece::PieceKind;

/// A return of a day.
#[derive(Debug, Clone)]
pub(crate) struct DayReturn {
    /// The piece.
    pub place: PiecePlace,
    /// The printed reference.
    pub piece_id: String,
    /// The return.
    pub past: PastReturn,
    /// The record; `None` once purged.
    pub record: Option<Issuance>,
    /// A mailer's tracking number.
    pub tracking: Option<u64>,
    /// The night of the piece's lot.
    pub night: Date,
    /// The day on which its lot was dispatched; `None` where nobody said so.
    pub dispatched: Option<Date>,
}

impl Ledger {
    /// The returns of a day that stand, in the order in which they were booked.
    ///
    /// # Errors
    /// Those of the database and of the keys; [`LedgerError::Damaged`].
    pub(crate) fn returns_of_day(&self, day: Date) -> Result<Vec<DayReturn>, LedgerError> {
        let sql = format!(
            "SELECT lot.name, lot.kind, returned.sequence, lot.id, {}, record.id, record.body, record.night,
             record.key_month, lot.first_tracking, lot.night, milestone.day, piece.duty, piece.attempt
             FROM returned JOIN lot ON lot.id = returned.lot
             JOIN piece ON piece.lot = returned.lot AND piece.sequence = returned.sequence
             JOIN duty ON duty.id = piece.duty JOIN record ON record.id = duty.record
             LEFT JOIN milestone ON milestone.lot = lot.id AND milestone.name = 'dispatched'
             WHERE returned.day = ?1 AND returned.undone IS NULL ORDER BY returned.id",
            super::PAST
        );
        let rows = self.list(&sql, &[Text(&day.to_string())], |row| {
            let duty = (row.need_integer(17)?, row.need_integer(18)?);
            Ok(self.day_return(row)?.map(|found| (found, duty)))
        })?;
        let with_reference = |(found, (duty, attempt)): (DayReturn, (i64, i64))| {
            let piece_id = match attempt {
                0 => found.piece_id,
                attempt => self.reference(duty, attempt)?,
            };
            Ok(DayReturn { piece_id, ..found })
        };
        rows.into_iter().flatten().map(with_reference).collect()
    }

    /// A row of [`Ledger::returns_of_day`], under the reference of an original.
    fn day_return(&self, row: &dyn Row) -> Result<Option<DayReturn>, LedgerError> {
        let place = self.place_of(row)?;
        let Some(past) = past(row, 4)? else { return Ok(None) };
        let night = row.need_text(15)?;
        let night = night.parse().map_err(|error| self.damaged("lot", 0, error))?;
        let first = row.integer(14)?.map(i64::unsigned_abs).filter(|_| place.kind == PieceKind::Mailer);
        Ok(Some(DayReturn {
            piece_id: place.lot.piece_id(place.kind, place.sequence),
            past,
            record: self.issuance(row, 10)?,
            tracking: first.map(|first| first + u64::from(place.sequence) - 1),
            night,
            dispatched: row.text(16)?.and_then(|day| day.parse().ok()),
            place,
        }))
    }
}
