//! What waits: pieces that are planned, by day and by card.

use jiff::civil::Date;
use serde::Serialize;

use super::super::database::Value::{Bytes, Text};
use super::super::{Ledger, LedgerError, Row, State, Value};
use super::piece::counted_from;
use mail::piece::PieceKind;

/// A piece that waits for its night.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PlannedPiece {
    /// Its kind.
    pub kind: String,
    /// `planned`.
    pub state: State,
    /// The day on which it is due; `None` while a mailer waits for its letter to leave.
    pub due: Option<String>,
    /// The night on which its record was taken in.
    pub since: String,
    /// The day on which it was requested.
    pub requested: String,
    /// The card of a letter, which has no reference yet; `None` where that was not asked for, for mailers, and once it is purged.
    pub card_number: Option<String>,
    /// The issuer's reference of a letter's record, as `card_number`.
    pub client_ref: Option<String>,
    /// The day from which its working days are counted.
    #[serde(skip)]
    pub counted_from: String,
}

/// How many pieces of a kind wait for a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct WaitingDay {
    /// The day; `None` for mailers that wait for their letters to leave.
    pub due: Option<String>,
    /// The kind.
    pub kind: String,
    /// How many.
    pub pieces: i64,
}

/// Duties that wait, with the day on which a mailer's letter is due; a condition follows.
const ROWS: &str = "SELECT duty.kind, duty.due, record.night, record.requested, record.reason,
    (SELECT max(letter.due) FROM duty letter WHERE letter.record = duty.record AND letter.kind = 'letter'),
    record.id, record.body, record.key_month FROM duty JOIN record ON record.id = duty.record WHERE duty.state = 'waiting'";

impl PlannedPiece {
    fn read(row: &dyn Row) -> Result<PlannedPiece, LedgerError> {
        let (due, requested) = (row.text(1)?, row.need_text(3)?);
        let from = counted_from(row.need_text(4)?, requested, due.or(row.text(5)?));
        Ok(PlannedPiece {
            kind: row.need_text(0)?.to_owned(),
            state: State::Planned,
            due: due.map(str::to_owned),
            since: row.need_text(2)?.to_owned(),
            requested: requested.to_owned(),
            card_number: None,
            client_ref: None,
            counted_from: from.to_owned(),
        })
    }

    /// Adds card and reference to a letter. A mailer leads to no card.
    fn name(&mut self, ledger: &Ledger, row: &dyn Row, body: &mut Vec<u8>) -> Result<(), LedgerError> {
        if self.kind == PieceKind::Letter.code()
            && let Some(names) = ledger.names(row, [6, 7, 2, 8], body)?
        {
            self.card_number = Some(names.card_number);
            self.client_ref = Some(names.client_ref).filter(|reference| !reference.is_empty());
        }
        Ok(())
    }
}

impl Ledger {
    /// How many pieces wait, by day and kind. Mailers that wait for their letters come last.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn waiting_by_day(&self) -> Result<Vec<WaitingDay>, LedgerError> {
        let sql = "SELECT due, kind, count(*) FROM duty WHERE state = 'waiting' GROUP BY due, kind
                   ORDER BY due IS NULL, due, kind";
        self.list(sql, &[], |row| {
            let due = row.text(0)?.map(str::to_owned);
            Ok(WaitingDay { due, kind: row.need_text(1)?.to_owned(), pieces: row.need_integer(2)? })
        })
    }

    /// The pieces of a card that wait.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn planned_of_card(&self, card_number: &str) -> Result<Vec<PlannedPiece>, LedgerError> {
        let sql = format!("{ROWS} AND record.card = ?1 ORDER BY duty.id");
        self.list(&sql, &[Bytes(&self.hash(card_number))], PlannedPiece::read)
    }

    /// Whether a record of a card was taken in.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn knows_card(&self, card_number: &str) -> Result<bool, LedgerError> {
        Ok(self.count("SELECT count(*) FROM record WHERE card = ?1", &[Bytes(&self.hash(card_number))])? > 0)
    }

    /// Calls `visit` for the pieces that wait: all, those of a kind, those due on a day. With `names` letters have their cards,
    /// if the ledger was opened with its keys.
    ///
    /// # Errors
    /// Those of the database and of `visit`.
    pub(crate) fn each_planned<E: From<LedgerError>>(
        &self,
        kind: Option<PieceKind>,
        due: Option<Date>,
        names: bool,
        mut visit: impl FnMut(PlannedPiece) -> Result<(), E>,
    ) -> Result<(), E> {
        let kind = kind.map_or("", PieceKind::code);
        let due = due.map(|day| day.to_string()).unwrap_or_default();
        let condition = "(?1 = '' OR duty.kind = ?1) AND (?2 = '' OR duty.due = ?2)";
        let sql = format!("{ROWS} AND {condition} ORDER BY duty.due IS NULL, duty.due, duty.id");
        let values: [Value; 2] = [Text(kind), Text(&due)];
        let (names, mut body) = (names && self.has_keys(), Vec::new());
        self.each(&sql, &values, |row| {
            let mut piece = PlannedPiece::read(row)?;
            if names {
                piece.name(self, row, &mut body)?;
            }
            visit(piece)
        })
    }
}
