//! The past of pieces: their events, those of their lot until they departed from it, and all prints of one duty.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::database::Value::Integer;
use super::super::{Alarm, Ledger, LedgerError, ReturnStatus, Row, State, Value};
use super::piece::PieceStatus;
use crate::vault::LedgerKeysError;
use mail::issuance::Issuance;
use mail::piece::PieceKind;

/// An event as a report shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct EventStatus {
    /// When: UTC, or a day for what an earlier version entered.
    pub at: String,
    /// The state that followed.
    pub state: State,
    /// Why.
    pub cause: String,
    /// The number of the run that did it.
    pub run: Option<i64>,
    /// By whom.
    pub by_whom: String,
    #[serde(skip)]
    id: i64,
}

/// The events of a lot and of its pieces, in their order.
pub(super) struct LotPast {
    whole: Vec<EventStatus>,
    own: BTreeMap<i64, Vec<EventStatus>>,
}

impl LotPast {
    /// The events of all pieces that are where their lot is.
    pub(super) fn together(&self) -> &[EventStatus] {
        &self.whole
    }

    /// The events of a piece that has departed from its lot: those of its lot until then, and its own. The oldest may be
    /// purged.
    fn departed(&self, sequence: i64) -> impl Iterator<Item = &EventStatus> {
        let own = self.own.get(&sequence).map_or(&[][..], Vec::as_slice);
        let departure = own.first().map_or(0, |event| event.id);
        self.whole.iter().take_while(move |event| event.id < departure).chain(own)
    }

    /// The events of a piece.
    pub(super) fn of(&self, sequence: i64, departed: bool) -> Vec<&EventStatus> {
        if departed { self.departed(sequence).collect() } else { self.whole.iter().collect() }
    }
}

/// A piece with its whole past.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PieceDetail {
    /// The piece.
    #[serde(flatten)]
    pub piece: PieceStatus,
    /// The client's reference of its record; `None` where there is none, or where it is purged.
    pub client_ref: Option<String>,
    /// All prints of the same piece, the original first.
    pub attempts: Vec<PieceStatus>,
    /// Its events, the oldest first.
    pub history: Vec<EventStatus>,
    /// What a person must decide of it, or has decided.
    pub alarms: Vec<Alarm>,
    /// How it came back; `None` where it has not.
    pub returned: Option<ReturnStatus>,
}

impl Ledger {
    /// The events of a whole lot.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn past_of_lot(&self, lot: i64) -> Result<LotPast, LedgerError> {
        self.past("event.lot = ?1", &[Integer(lot)])
    }

    /// The events of a lot and of one of its pieces.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn past_of_piece(&self, lot: i64, sequence: i64) -> Result<LotPast, LedgerError> {
        let whole = self.past("event.lot = ?1 AND event.sequence IS NULL", &[Integer(lot)])?.whole;
        let values = [Integer(lot), Integer(sequence)];
        let own = self.past("event.lot = ?1 AND event.sequence = ?2", &values)?.own;
        Ok(LotPast { whole, own })
    }

    fn past(&self, condition: &str, values: &[Value]) -> Result<LotPast, LedgerError> {
        let sql = format!(
            "SELECT id, at, sequence, state, cause, run, by_whom, lot FROM event WHERE {condition} ORDER BY id"
        );
        let mut past = LotPast { whole: Vec::new(), own: BTreeMap::new() };
        self.each(&sql, values, |row| {
            let event = self.event(row)?;
            match row.integer(2)? {
                None => past.whole.push(event),
                Some(sequence) => past.own.entry(sequence).or_default().push(event),
            }
            Ok::<_, LedgerError>(())
        })?;
        Ok(past)
    }

    fn event(&self, row: &dyn Row) -> Result<EventStatus, LedgerError> {
        Ok(EventStatus {
            id: row.need_integer(0)?,
            at: row.need_text(1)?.to_owned(),
            state: self.state(row.need_text(3)?, row.need_integer(7)?)?,
            cause: row.need_text(4)?.to_owned(),
            run: row.integer(5)?,
            by_whom: row.need_text(6)?.to_owned(),
        })
    }

    /// A piece with its whole past. Where the ledger has its keys, the client's reference is added: to letters, and to mailers
    /// where `of_card` says that the card was asked for, because nothing else of a mailer leads to its card.
    ///
    /// # Errors
    /// Those of the database and of the keys.
    pub(crate) fn detail(&self, mut piece: PieceStatus, of_card: bool) -> Result<PieceDetail, LedgerError> {
        let attempts = self.attempts(&piece)?;
        let past = self.past_of_piece(piece.lot_number, piece.sequence)?;
        let history = past.of(piece.sequence, piece.departed).into_iter().cloned().collect();
        let alarms = self.alarms_of(piece.lot_number, piece.sequence)?;
        let mut client_ref = None;
        if piece.purged.is_none() && self.without_keys.is_none() {
            match self.client_ref(piece.record) {
                Ok(found) => client_ref = found.filter(|_| of_card || piece.kind == PieceKind::Letter.code()),
                Err(LedgerError::Keys(LedgerKeysError::Destroyed { day, .. })) => {
                    piece.purged = Some(day.to_string());
                }
                Err(error) => return Err(error),
            }
        }
        let returned = self.return_status(&piece)?;
        Ok(PieceDetail { piece, client_ref, attempts, history, alarms, returned })
    }

    /// The client's reference of a record; `None` where it has none, or where the record is purged.
    fn client_ref(&self, record: i64) -> Result<Option<String>, LedgerError> {
        let sql = "SELECT body, night, key_month FROM record WHERE id = ?1 AND body IS NOT NULL";
        let issuance = self.one(sql, &[Integer(record)], |row| {
            let mut body = Vec::new();
            self.unseal_record(record, row.bytes(0)?, row.need_text(1)?, row.text(2)?, &mut body)?;
            serde_json::from_slice::<Issuance>(&body).map_err(|error| self.damaged("record", record, error))
        })?;
        Ok(issuance.map(|issuance| issuance.client_ref).filter(|reference| !reference.is_empty()))
    }
}
