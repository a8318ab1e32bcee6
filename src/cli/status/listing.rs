//! Pieces in lists, and single pieces with their past.

use foreign::legible;
use serde::Serialize;

use super::Report;
use super::rows::{Csv, PieceRow, Row, header};
use crate::cli::console::{Console, Stream};
use crate::cli::names;
use crate::failure::Failure;
use crate::ledger::{
    Alarm, Decision, EventStatus, LotStatus, PieceDetail, PieceFilter, PieceStatus, Reissue, ReturnStatus,
    State,
};
use mail::card::CardNumber;
use mail::lot::WrittenPiece;
use mail::piece::PieceKind;
use mail::tracking::TrackingId;

/// How many rows of CSV are made before they are printed.
const ROWS_AT_ONCE: usize = 256;

/// A piece with its past, or one that waits.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub(in crate::cli) enum Known {
    Piece(Box<PieceRow<PieceDetail>>),
    // A row of one that waits.
    Planned(#[cfg_attr(test, schemars(with = "super::rows::PlannedRow"))] Box<Row>),
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct KnownOfCard<'k> {
    pieces: &'k [Known],
}

/// A list, which is printed while it is read.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct List<'l> {
    /// The lot of `--lot`.
    lots: Vec<&'l LotStatus>,
    /// How many pieces wait, of any kind.
    waiting: u64,
    pieces: Vec<Row>,
}

impl Report<'_> {
    /// The piece of a reference, or letter and mailer.
    pub(super) fn piece(&self, written: &WrittenPiece) -> Result<(), Failure> {
        let pieces = names::pieces(written, self.arguments.kind, |id| Ok(self.ledger.piece(id)?))?;
        self.few(pieces, false)
    }

    /// The mailer of a tracking identifier.
    pub(super) fn tracking(&self, id: TrackingId) -> Result<(), Failure> {
        let asked = &self.judge.tracking_prefix;
        if !id.compact().starts_with(asked.as_str()) {
            let problem = format!("`{id}` does not begin with `{asked}`, as this job's mailers do");
            return Err(Failure::usage("tracking_prefix", problem).with_advice(
                "name the job that sent it, or set `mailers.tracking_prefix` for the mailers of another time",
            ));
        }
        let pieces = self.ledger.mailers_of_tracking(id.number())?;
        if pieces.is_empty() {
            return Err(Failure::usage("unknown_piece", format!("the ledger knows no mailer `{id}`"))
                .with_advice(
                    "compare it with the mailer, or with `tracking_id` in the manifests of mailers",
                ));
        }
        self.few(pieces, false)
    }

    /// The pieces of a card.
    pub(super) fn card(&self, card: &CardNumber) -> Result<(), Failure> {
        let filter = self.filter()?;
        let pieces = self.ledger.pieces_of_card(card.as_str())?;
        let planned = self.ledger.planned_of_card(card.as_str())?;
        if pieces.is_empty() && planned.is_empty() && !self.ledger.knows_card(card.as_str())? {
            return Err(Failure::usage("unknown_card", "the ledger knows no record of this card")
                .with_advice(
                    "compare the number with the card's record; a rejected record is not in the ledger",
                ));
        }
        let mut known = Vec::new();
        for piece in pieces.into_iter().filter(|piece| filter.admits(piece)) {
            known.extend(self.known(piece, true)?);
        }
        let day = self.arguments.day.map(|day| day.to_string());
        let waits = planned.into_iter().filter(|piece| {
            PieceKind::parse(&piece.kind).is_some_and(|kind| self.asks_for_planned(kind))
                && (day.is_none() || piece.due == day)
        });
        let rows = waits.map(|piece| self.judge.planned(piece)).filter(|row| self.is_asked(row));
        known.extend(rows.map(|row| Known::Planned(Box::new(row))));
        self.print(&known, |console, text| console.result(&KnownOfCard { pieces: &known }, |_| text))
    }

    /// A few pieces with their past: one as an object, several as an array.
    fn few(&self, pieces: Vec<PieceStatus>, of_card: bool) -> Result<(), Failure> {
        let filter = self.filter()?;
        let mut known = Vec::new();
        for piece in pieces.into_iter().filter(|piece| filter.admits(piece)) {
            known.extend(self.known(piece, of_card)?);
        }
        self.print(&known, |console, text| match &known[..] {
            [piece] => console.result(piece, |_| text),
            several => console.result(&several, |_| text),
        })
    }

    /// A piece with its past, if it is asked for.
    fn known(&self, piece: PieceStatus, of_card: bool) -> Result<Option<Known>, Failure> {
        let (tracking_id, timing) = (self.judge.tracking_id(&piece), self.judge.deadline.of_piece(&piece));
        if self.arguments.late && !timing.late {
            return Ok(None);
        }
        let piece = self.ledger.detail(piece, of_card)?;
        Ok(Some(Known::Piece(Box::new(PieceRow { piece, tracking_id, timing }))))
    }

    fn print(
        &self,
        known: &[Known],
        print: impl FnOnce(&Console, String) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        if !self.arguments.csv {
            let texts: Vec<String> = known.iter().map(Known::text).collect();
            let text = if texts.is_empty() { "no pieces".to_owned() } else { texts.join("\n\n") };
            return print(self.console, text);
        }
        let mut csv = Csv::new();
        for piece in known {
            match piece {
                Known::Planned(row) => csv.row(row),
                Known::Piece(row) => csv.row(&self.judge.piece(row.piece.piece.clone())),
            }
        }
        let mut stream = self.console.stream(true);
        stream.bytes(&csv.take())?;
        stream.end()
    }

    /// The pieces of `--lot`, `--day`, `--state`, `--kind` and `--late`.
    pub(super) fn list(&self) -> Result<(), Failure> {
        let mut filter = self.filter()?;
        if self.arguments.late && filter.lot.is_none() && filter.night.is_none() && filter.states.is_none() {
            filter.states = Some(self.judge.deadline.open_states());
        }
        let mut sink = self.sink()?;
        self.each_row(&filter, |row| sink.row(&row))?;
        sink.end()
    }

    fn sink(&self) -> Result<Sink<'_>, Failure> {
        let form = match (self.console.is_json(), self.arguments.csv) {
            (true, _) => Form::Json,
            (_, true) => Form::Csv(Box::new(Csv::new())),
            _ => Form::Table,
        };
        let mut stream = self.console.stream(self.arguments.csv);
        let lot = match &self.arguments.lot {
            Some(written) => Some(self.lot(written)?.2),
            None => None,
        };
        match &form {
            Form::Json => {
                let waiting = self.ledger.waiting_count()?;
                let list = List { lots: lot.iter().collect(), waiting, pieces: Vec::new() };
                let list = serde_json::to_string(&list).map_err(|error| Failure::bug(error.to_string()))?;
                stream.json(list.trim_end_matches("]}"))?;
            }
            Form::Table => {
                if let Some(lot) = &lot {
                    stream.line(&super::overview::lot_line(lot))?;
                }
                stream.line(&header())?;
            }
            Form::Csv(_) => {}
        }
        Ok(Sink { stream, form, rows: 0 })
    }

    /// Calls `visit` for each row of the list.
    fn each_row(
        &self,
        filter: &PieceFilter,
        mut visit: impl FnMut(Row) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        if PieceKind::ALL.into_iter().any(|kind| self.asks_for_planned(kind)) {
            self.ledger.each_planned(filter.kind, filter.night, self.names_letters, |piece| {
                let row = self.judge.planned(piece);
                if self.is_asked(&row) { visit(row) } else { Ok(()) }
            })?;
        }
        if filter.states.as_deref() == Some(&[State::Planned]) {
            return Ok(());
        }
        self.ledger.each_piece(filter, |piece| {
            let row = self.judge.piece(piece);
            if self.is_asked(&row) { visit(row) } else { Ok(()) }
        })
    }

    /// Whether `--lot`, `--state` and `--kind` leave pieces of a kind that wait.
    fn asks_for_planned(&self, kind: PieceKind) -> bool {
        self.arguments.lot.is_none()
            && self.arguments.state.is_none_or(|state| state == State::Planned)
            && self.arguments.kind.is_none_or(|asked| PieceKind::from(asked) == kind)
    }

    fn is_asked(&self, row: &Row) -> bool {
        !self.arguments.late || row.timing().late
    }
}

/// The form of a list.
enum Form {
    Table,
    Csv(Box<Csv>),
    Json,
}

/// An alarm of a piece: what it is about, what says so, and how it was decided.
fn alarm_line(alarm: &Alarm) -> String {
    let Alarm { kind, at, place, decision, .. } = alarm;
    let place = if place.is_empty() { String::new() } else { format!(", {}", legible(place)) };
    let decided = match decision {
        None => "open".to_owned(),
        Some(Decision { at, verdict, reason, by_whom }) => {
            let reason = if reason.is_empty() { String::new() } else { format!(": {}", legible(reason)) };
            format!("{} {at} by {}{reason}", verdict.replace('_', " "), legible(by_whom))
        }
    };
    format!("    {at}  alarm: {}{place}; {decided}", kind.code())
}

/// A list that is printed while it is read.
struct Sink<'s> {
    stream: Stream<'s>,
    form: Form,
    rows: usize,
}

impl Sink<'_> {
    fn row(&mut self, row: &Row) -> Result<(), Failure> {
        self.rows += 1;
        match &mut self.form {
            Form::Table => self.stream.line(&row.line()),
            Form::Csv(csv) => {
                csv.row(row);
                if self.rows.is_multiple_of(ROWS_AT_ONCE) { self.stream.bytes(&csv.take()) } else { Ok(()) }
            }
            Form::Json => {
                let json = serde_json::to_string(row).map_err(|error| Failure::bug(error.to_string()))?;
                self.stream.bytes(if self.rows == 1 { b"\n" } else { b",\n" })?;
                self.stream.json(&json)
            }
        }
    }

    fn end(mut self) -> Result<(), Failure> {
        match &mut self.form {
            Form::Table if self.rows == 0 => self.stream.line("no pieces")?,
            Form::Table => {}
            Form::Csv(csv) => self.stream.bytes(&csv.take())?,
            Form::Json => self.stream.bytes(b"\n]}\n")?,
        }
        self.stream.end()
    }
}

impl Known {
    /// A piece and its past, in lines.
    fn text(&self) -> String {
        let row = match self {
            Known::Planned(row) => return row.line().trim_start().to_owned(),
            Known::Piece(row) => row,
        };
        let PieceDetail { piece, client_ref, attempts, history, alarms, returned } = &row.piece;
        let PieceStatus { piece_id, kind, state, night, file, first_page, lot, sequence, .. } = piece;
        let mut lines =
            vec![format!("{piece_id}  {kind}, {state}, of the night of {night}: {file}, page {first_page}")];
        if piece.attempt > 0 {
            lines.push(format!("    printed again as piece {sequence} of lot {}", names::marked(lot, kind)));
        }
        let days = row.timing.working_days.map(|days| {
            let unit = if days == 1 { "day" } else { "days" };
            format!(", {days} working {unit}{}", if row.timing.late { ": late" } else { "" })
        });
        lines.push(format!("    requested on {}{}", piece.requested, days.unwrap_or_default()));
        lines.extend(row.tracking_id.as_ref().map(|id| format!("    tracking {id}")));
        lines.extend(client_ref.as_ref().map(|reference| format!("    client's reference {reference}")));
        lines.extend(piece.purged.as_ref().map(|day| format!("    purged on {day}")));
        lines.extend(history.iter().map(event_line));
        lines.extend(alarms.iter().map(alarm_line));
        lines.extend(returned.iter().flat_map(return_lines));
        let others = attempts.iter().filter(|attempt| attempt.attempt != piece.attempt);
        lines.extend(others.map(|other| format!("    also {}, {}", other.piece_id, other.state)));
        lines.join("\n")
    }
}

/// How a piece came back, and what was issued in its place.
fn return_lines(returned: &ReturnStatus) -> Vec<String> {
    let ReturnStatus { past, label, reissue } = returned;
    let reason = if past.reason.is_empty() { "no reason" } else { &past.reason };
    let in_box = past.box_number.map(|number| format!(", box {number}")).unwrap_or_default();
    let mut lines = vec![format!("    came back on {}: {reason}{in_box}", past.on)];
    lines.extend(label.as_ref().map(|text| format!("    the post's label says {}", legible(text))));
    lines.extend(past.destroyed.map(|day| format!("    destroyed on {day}")));
    lines.extend(reissue.as_ref().map(|Reissue { night, piece_id }| match piece_id {
        Some(piece_id) => format!("    issued again by a record of {night}: {piece_id}"),
        None => format!("    a record of {night} issues it again"),
    }));
    lines
}

fn event_line(event: &EventStatus) -> String {
    let EventStatus { at, state, cause, run, by_whom, .. } = event;
    let run = run.map(|run| format!(", run {run}")).unwrap_or_default();
    let by = if by_whom.is_empty() { String::new() } else { format!(", by {by_whom}") };
    format!("    {at:<20}  {state}: {cause}{run}{by}")
}
