//! Pieces as a status report shows them, found by lot, night, kind, state, card or tracking number.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::Serialize;

use super::super::database::Value::{Bytes, Integer, Text};
use super::super::{Ledger, LedgerError, PiecePlace, Row, State, Value};
use super::LotStatus;
use super::past::LotPast;
use jiff::civil::Date;
use mail::lot::{LotName, WrittenPiece};
use mail::piece::PieceKind;
use mail::reason::Reason;

/// A piece in a status report. Says nothing of the holder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PieceStatus {
    /// The printed reference.
    pub piece_id: String,
    /// The lot in which it was printed.
    pub lot: String,
    /// Its kind.
    pub kind: String,
    /// Its sequence in that lot.
    pub sequence: i64,
    /// 0 for the original, `n` for the `n`th reprint.
    pub attempt: i64,
    /// Its state.
    pub state: State,
    /// When it came into this state: UTC, or a day for what an earlier version entered; `None` once that event is purged.
    pub since: Option<String>,
    /// The night it left.
    pub night: String,
    /// Its print file, relative to the night's folder.
    pub file: String,
    /// Its first page in that file.
    pub first_page: i64,
    /// How many pages it has.
    pub pages: i64,
    /// The running number of a mailer's tracking identifier.
    pub tracking_number: Option<i64>,
    /// The day on which it was requested.
    pub requested: String,
    /// The day of the event that dispatched it.
    pub dispatched: Option<String>,
    /// The day on which the names of its record were purged.
    pub purged: Option<String>,
    /// The day from which its working days are counted.
    #[serde(skip)]
    pub counted_from: String,
    /// Whether it has a state of its own.
    #[serde(skip)]
    pub(super) departed: bool,
    #[serde(skip)]
    pub(super) lot_number: i64,
    #[serde(skip)]
    pub(super) duty: i64,
    #[serde(skip)]
    pub(super) record: i64,
}

/// Which pieces are asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct PieceFilter {
    /// Of this lot.
    pub lot: Option<(LotName, PieceKind)>,
    /// Of this kind.
    pub kind: Option<PieceKind>,
    /// Of this night.
    pub night: Option<Date>,
    /// In one of these states.
    pub states: Option<Vec<State>>,
}

impl PieceStatus {
    /// The number of its lot in the ledger.
    pub(crate) fn lot_number(&self) -> i64 {
        self.lot_number
    }

    /// The number of its record in the ledger.
    pub(in crate::ledger) fn record(&self) -> i64 {
        self.record
    }

    /// Whether it has no state of its own, and moves with its lot.
    pub(crate) fn is_with_its_lot(&self) -> bool {
        !self.departed
    }

    /// Its place in its lot; `None` where the ledger's row is damaged.
    pub(crate) fn place(&self) -> Option<PiecePlace> {
        let (lot, kind) = LotName::parse(&self.lot).zip(PieceKind::parse(&self.kind))?;
        Some(PiecePlace { lot, kind, sequence: u32::try_from(self.sequence).ok()? })
    }
}

impl PieceFilter {
    /// All pieces of a lot.
    pub(crate) fn of_lot(name: &LotName, kind: PieceKind) -> PieceFilter {
        PieceFilter { lot: Some((name.clone(), kind)), ..PieceFilter::default() }
    }

    /// Whether a piece is one of those that are asked for.
    pub(crate) fn admits(&self, piece: &PieceStatus) -> bool {
        let of_lot =
            |(name, kind): &(LotName, PieceKind)| piece.lot == name.as_str() && piece.kind == kind.code();
        self.lot.as_ref().is_none_or(of_lot)
            && self.kind.is_none_or(|kind| piece.kind == kind.code())
            && self.night.is_none_or(|night| piece.night == night.to_string())
            && self.states.as_ref().is_none_or(|states| states.contains(&piece.state))
    }

    /// The condition of the lots that may have such pieces, with its values.
    fn of_lots(&self) -> (String, [String; 3]) {
        let mut condition =
            String::from("(?1 = '' OR name = ?1) AND (?2 = '' OR kind = ?2) AND (?3 = '' OR night = ?3)");
        if let Some(states) = &self.states {
            let codes = codes(states);
            condition += &format!(
                " AND (state IN ({codes}) OR id IN (SELECT piece.lot FROM piece WHERE piece.state IN ({codes})))"
            );
        }
        let name = self.lot.as_ref().map(|(name, _)| name.to_string());
        let kind = self.lot.as_ref().map(|(_, kind)| *kind).or(self.kind).map(|kind| kind.code().to_owned());
        let night = self.night.map(|night| night.to_string());
        (condition, [name, kind, night].map(Option::unwrap_or_default))
    }

    /// The condition of such pieces in a lot.
    fn in_lot(&self, lot: &LotStatus) -> String {
        match &self.states {
            None => String::new(),
            Some(states) if states.iter().any(|state| state.code() == lot.state) => {
                format!(" AND (piece.state IS NULL OR piece.state IN ({}))", codes(states))
            }
            Some(states) => format!(" AND piece.state IN ({})", codes(states)),
        }
    }
}

/// The codes of states as a list of SQL.
fn codes(states: &[State]) -> String {
    states.iter().map(|state| format!("'{}'", state.code())).collect::<Vec<_>>().join(", ")
}

/// Rows of pieces, with what their record says; a condition follows.
const ROWS: &str =
    "SELECT piece.lot, piece.sequence, piece.attempt, piece.state, piece.file, piece.first_page, piece.pages,
    piece.duty, duty.record, duty.due, record.reason, record.requested, record.purged
    FROM piece JOIN duty ON duty.id = piece.duty JOIN record ON record.id = duty.record WHERE ";

/// A row of [`ROWS`].
struct PieceRow {
    lot: i64,
    sequence: i64,
    attempt: i64,
    state: Option<String>,
    file: i64,
    first_page: i64,
    pages: i64,
    duty: i64,
    record: i64,
    counted_from: String,
    requested: String,
    purged: Option<String>,
}

impl PieceRow {
    fn read(row: &dyn Row) -> Result<PieceRow, LedgerError> {
        let requested = row.need_text(11)?;
        let counted_from = counted_from(row.need_text(10)?, requested, row.text(9)?);
        Ok(PieceRow {
            lot: row.need_integer(0)?,
            sequence: row.need_integer(1)?,
            attempt: row.need_integer(2)?,
            state: row.text(3)?.map(str::to_owned),
            file: row.need_integer(4)?,
            first_page: row.need_integer(5)?,
            pages: row.need_integer(6)?,
            duty: row.need_integer(7)?,
            record: row.need_integer(8)?,
            counted_from: counted_from.to_owned(),
            requested: requested.to_owned(),
            purged: row.text(12)?.map(str::to_owned),
        })
    }
}

/// The day from which working days are counted: that of the request. A renewal is requested long before the card expires,
/// and is sent a month before: it counts from the day on which it is due.
pub(super) fn counted_from<'a>(reason: &str, requested: &'a str, due: Option<&'a str>) -> &'a str {
    match due {
        Some(due) if reason == Reason::Renewal.code() => due.max(requested),
        _ => requested,
    }
}

impl Ledger {
    /// The piece with this printed reference.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn piece(&self, piece_id: &str) -> Result<Option<PieceStatus>, LedgerError> {
        // Without a kind and a backslash, a reference is that of a letter.
        let Some(written) = WrittenPiece::parse(piece_id) else { return Ok(None) };
        let kind = written.kind.unwrap_or(PieceKind::Letter);
        let Some(lot) = self.lot(&written.lot, kind)? else { return Ok(None) };
        let sequence = i64::from(written.sequence);
        let original = self.piece_of_lot(lot, sequence)?;
        match original.filter(|original| original.attempt == 0) {
            Some(original) if written.attempt > 0 => {
                let attempts = self.attempts(&original)?;
                Ok(attempts.into_iter().find(|piece| piece.attempt == i64::from(written.attempt)))
            }
            original => Ok(original),
        }
    }

    /// The piece with a sequence in a lot.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn piece_at(
        &self,
        lot: &LotName,
        kind: PieceKind,
        sequence: u32,
    ) -> Result<Option<PieceStatus>, LedgerError> {
        let Some(lot) = self.lot(lot, kind)? else { return Ok(None) };
        self.piece_of_lot(lot, i64::from(sequence))
    }

    fn piece_of_lot(&self, lot: LotStatus, sequence: i64) -> Result<Option<PieceStatus>, LedgerError> {
        let sql = format!("{ROWS}piece.lot = ?1 AND piece.sequence = ?2");
        let values = [Integer(lot.id), Integer(sequence)];
        Ok(self.shown(self.list(&sql, &values, PieceRow::read)?)?.pop())
    }

    /// All prints of the duty of a piece, the original first.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn attempts(&self, piece: &PieceStatus) -> Result<Vec<PieceStatus>, LedgerError> {
        let sql = format!("{ROWS}piece.duty = ?1 ORDER BY piece.attempt");
        self.shown(self.list(&sql, &[Integer(piece.duty)], PieceRow::read)?)
    }

    /// The pieces of a card, in the order in which they were due.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn pieces_of_card(&self, card_number: &str) -> Result<Vec<PieceStatus>, LedgerError> {
        let sql = format!("{ROWS}record.card = ?1 ORDER BY piece.duty, piece.attempt");
        let card = self.hash(card_number);
        self.shown(self.list(&sql, &[Bytes(&card)], PieceRow::read)?)
    }

    /// The pieces that the records of a night have recalled, each with who ran that night.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn recalled_by_night(&self, night: Date) -> Result<Vec<(PieceStatus, String)>, LedgerError> {
        let sql = "SELECT event.lot, event.sequence, event.by_whom FROM event JOIN run ON run.id = event.run
                   WHERE run.night = ?1 AND event.state = 'recalled' ORDER BY event.lot, event.sequence";
        let rows = self.list(sql, &[Text(&night.to_string())], |row| {
            Ok((row.need_integer(0)?, row.need_integer(1)?, row.need_text(2)?.to_owned()))
        })?;
        let mut pieces = Vec::new();
        for (lot, sequence, by) in rows {
            let piece = self.piece_of_lot(self.lot_of_number(lot)?, sequence)?;
            pieces.extend(piece.map(|piece| (piece, by)));
        }
        Ok(pieces)
    }

    /// Why pieces of a lot were recalled, each reason once.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn causes_of_recall(
        &self,
        lot: &LotName,
        kind: PieceKind,
    ) -> Result<Vec<String>, LedgerError> {
        let sql = "SELECT event.cause, min(event.id) FROM event JOIN lot ON lot.id = event.lot
                   WHERE lot.name = ?1 AND lot.kind = ?2 AND event.state = 'recalled' GROUP BY event.cause ORDER BY 2";
        self.list(sql, &[Text(lot.as_str()), Text(kind.code())], |row| Ok(row.need_text(0)?.to_owned()))
    }

    /// The day and time of the last event of a piece, UTC; `None` where it has none of its own.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn last_event_of(&self, lot: i64, sequence: u32) -> Result<Option<String>, LedgerError> {
        let sql = "SELECT at FROM event WHERE lot = ?1 AND sequence = ?2 ORDER BY id DESC LIMIT 1";
        let values = [Integer(lot), Integer(i64::from(sequence))];
        self.one(sql, &values, |row| Ok(row.need_text(0)?.to_owned()))
    }

    /// The mailers with a tracking number: one, or several where the numbers began again.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn mailers_of_tracking(&self, number: u64) -> Result<Vec<PieceStatus>, LedgerError> {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        let condition = "kind = 'mailer' AND first_tracking <= ?1 AND ?1 < first_tracking + pieces";
        let mut found = Vec::new();
        for lot in self.lots_where(condition, &[Integer(number)])? {
            let sequence = number - lot.first_tracking.unwrap_or(number) + 1;
            found.extend(self.piece_of_lot(lot, sequence)?);
        }
        Ok(found)
    }

    /// Calls `visit` for the pieces that are asked for, lot by lot, the newest first. Only one lot's are held at a time.
    ///
    /// # Errors
    /// Those of the database and of `visit`.
    pub(crate) fn each_piece<E: From<LedgerError>>(
        &self,
        filter: &PieceFilter,
        mut visit: impl FnMut(PieceStatus) -> Result<(), E>,
    ) -> Result<(), E> {
        let (condition, values) = filter.of_lots();
        let values = values.each_ref().map(|value| Text(value));
        for lot in self.lots_where(&condition, &values)? {
            let sql = format!("{ROWS}piece.lot = ?1{} ORDER BY piece.sequence", filter.in_lot(&lot));
            let rows = self.list(&sql, &[Integer(lot.id)], PieceRow::read)?;
            let past = self.past_of_lot(lot.id)?;
            for row in rows {
                visit(self.show(row, &lot, &past)?)?;
            }
        }
        Ok(())
    }

    /// A few rows as a report shows them.
    fn shown(&self, rows: Vec<PieceRow>) -> Result<Vec<PieceStatus>, LedgerError> {
        let mut lots: BTreeMap<i64, LotStatus> = BTreeMap::new();
        let mut shown = Vec::with_capacity(rows.len());
        for row in rows {
            let lot = match lots.entry(row.lot) {
                Entry::Occupied(lot) => lot.into_mut(),
                Entry::Vacant(vacant) => vacant.insert(self.lot_of_number(row.lot)?),
            };
            let past = self.past_of_piece(row.lot, row.sequence)?;
            shown.push(self.show(row, lot, &past)?);
        }
        Ok(shown)
    }

    fn lot_of_number(&self, lot: i64) -> Result<LotStatus, LedgerError> {
        let found = self.lots_where("id = ?1", &[Integer(lot)])?.pop();
        found.ok_or_else(|| self.damaged("lot", lot, "it is missing"))
    }

    /// A row as a report shows it.
    fn show(&self, row: PieceRow, lot: &LotStatus, past: &LotPast) -> Result<PieceStatus, LedgerError> {
        let reference = match row.attempt {
            0 => lot.reference(row.sequence, 0),
            attempt => self.reference(row.duty, attempt)?,
        };
        let events = past.of(row.sequence, row.state.is_some());
        let dispatched = events.iter().rfind(|event| event.state == State::Dispatched);
        let day = |at: &str| at.get(..10).unwrap_or(at).to_owned();
        let file = usize::try_from(row.file).ok().and_then(|file| lot.files.get(file));
        Ok(PieceStatus {
            piece_id: reference,
            lot: lot.lot.clone(),
            kind: lot.kind.clone(),
            sequence: row.sequence,
            attempt: row.attempt,
            state: self.state(row.state.as_deref().unwrap_or(&lot.state), row.lot)?,
            since: events.last().map(|event| event.at.clone()),
            night: lot.night.clone(),
            file: file.cloned().unwrap_or_default(),
            first_page: row.first_page,
            pages: row.pages,
            tracking_number: lot.first_tracking.map(|first| first + row.sequence - 1),
            requested: row.requested,
            dispatched: dispatched.map(|event| day(&event.at)),
            purged: row.purged,
            counted_from: row.counted_from,
            departed: row.state.is_some(),
            lot_number: row.lot,
            duty: row.duty,
            record: row.record,
        })
    }

    /// The printed reference of the print of a duty: that of the original, with the attempt behind it unless that is 0.
    pub(in crate::ledger) fn reference(&self, duty: i64, attempt: i64) -> Result<String, LedgerError> {
        let sql = "SELECT piece.lot, piece.sequence FROM piece WHERE piece.duty = ?1 AND piece.attempt = 0";
        let values: [Value; 1] = [Integer(duty)];
        let original = self.one(sql, &values, |row| Ok((row.need_integer(0)?, row.need_integer(1)?)))?;
        let (lot, sequence) =
            original.ok_or_else(|| self.damaged("duty", duty, "its original is missing"))?;
        Ok(self.lot_of_number(lot)?.reference(sequence, attempt))
    }
}
