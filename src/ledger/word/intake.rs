//! The records that a night took in, with what each leads to.

use jiff::civil::Date;

use super::super::database::Value::{Bytes, Text};
use super::super::{Finding, Ledger, LedgerError, Row};
use super::Names;
use mail::piece::PieceKind;

/// A record that a night accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RecordWord {
    /// What names it.
    pub names: Names,
    /// The record as JSON; empty once its names are purged.
    pub body: Vec<u8>,
    /// The pieces that it leads to, in the order in which they are due.
    pub duties: Vec<PlannedDuty>,
}

/// A piece that a record leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PlannedDuty {
    /// Its kind.
    pub kind: PieceKind,
    /// The night on which it was first printed; `None` where it was not.
    pub left: Option<Date>,
}

impl Ledger {
    /// Calls `visit` for the records that a night took in, in their order, without those of persons who were erased. Only one
    /// is held at a time.
    ///
    /// # Errors
    /// Those of the database, of the keys and of `visit`.
    pub(crate) fn each_record_of_night<E: From<LedgerError>>(
        &self,
        night: Date,
        mut visit: impl FnMut(&RecordWord) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = "SELECT record.id, record.body, record.night, record.key_month, duty.kind, lot.night
                   FROM record LEFT JOIN duty ON duty.record = record.id
                   LEFT JOIN piece ON piece.duty = duty.id AND piece.attempt = 0
                   LEFT JOIN lot ON lot.id = piece.lot
                   WHERE record.night = ?1 AND record.marks IS NOT NULL ORDER BY record.id, duty.id";
        let mut last = None;
        let mut word = RecordWord::default();
        self.each(sql, &[Text(&night.to_string())], |row| {
            let id = row.need_integer(0)?;
            if last != Some(id) {
                if last.replace(id).is_some() {
                    visit(&word)?;
                }
                let names = self.names(row, [0, 1, 2, 3], &mut word.body)?;
                word.names = names.unwrap_or_default();
                word.duties.clear();
            }
            word.duties.extend(duty(row)?);
            Ok::<_, E>(())
        })?;
        if last.is_some() { visit(&word) } else { Ok(()) }
    }

    /// When a night was recorded: the time of its first lot, otherwise the night.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn time_of_night(&self, night: Date) -> Result<String, LedgerError> {
        let sql = "SELECT min(event.at) FROM event JOIN lot ON lot.id = event.lot
                   WHERE lot.night = ?1 AND event.state = 'composed' AND lot.name NOT LIKE '%.%'";
        let night = night.to_string();
        let at = self.one(sql, &[Text(&night)], |row| Ok(row.text(0)?.map(str::to_owned)))?;
        Ok(at.flatten().unwrap_or(night))
    }

    /// The kind of the piece that a warning held back: the letter, where the card has one that had not left by that night.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn kind_held(&self, finding: &Finding, night: Date) -> Result<PieceKind, LedgerError> {
        let sql = "SELECT count(*) FROM record JOIN duty ON duty.record = record.id
                   WHERE record.card = ?1 AND duty.kind = 'letter' AND NOT EXISTS (
                       SELECT 1 FROM piece JOIN lot ON lot.id = piece.lot
                       WHERE piece.duty = duty.id AND piece.attempt = 0 AND lot.night <= ?2)";
        let values = [Bytes(&self.hash(&finding.card_number)), Text(&night.to_string())];
        let waits = self.count(sql, &values)? > 0;
        Ok(if waits { PieceKind::Letter } else { PieceKind::Mailer })
    }
}

fn duty(row: &dyn Row) -> Result<Option<PlannedDuty>, LedgerError> {
    let kind = row.text(4)?.and_then(PieceKind::parse);
    let left = row.text(5)?.and_then(|night| night.parse().ok());
    Ok(kind.map(|kind| PlannedDuty { kind, left }))
}
