//! Pieces as rows: of a table, of CSV, of JSON.

use foreign::legible;
use serde::Serialize;

use crate::files::harmless_cell;
use crate::ledger::{DeadlineRule, PieceStatus, PlannedPiece, Timing};
use mail::tracking::TrackingId;

/// What the job adds to a piece.
pub(super) struct Judge {
    /// How long a piece may take.
    pub deadline: DeadlineRule,
    /// The product code of tracking identifiers.
    pub tracking_prefix: String,
}

/// A printed piece, with what the job adds.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct PieceRow<P> {
    #[serde(flatten)]
    pub piece: P,
    /// A mailer's tracking identifier.
    pub tracking_id: Option<String>,
    #[serde(flatten)]
    pub timing: Timing,
}

/// A piece that waits, with what the job adds.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct PlannedRow {
    /// There is none yet.
    piece_id: Option<String>,
    #[serde(flatten)]
    pub piece: PlannedPiece,
    #[serde(flatten)]
    pub timing: Timing,
}

/// A row of a list.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub(in crate::cli) enum Row {
    Piece(PieceRow<PieceStatus>),
    Planned(PlannedRow),
}

impl Judge {
    /// A printed piece.
    pub(super) fn piece(&self, piece: PieceStatus) -> Row {
        let (tracking_id, timing) = (self.tracking_id(&piece), self.deadline.of_piece(&piece));
        Row::Piece(PieceRow { piece, tracking_id, timing })
    }

    /// A piece that waits.
    pub(super) fn planned(&self, piece: PlannedPiece) -> Row {
        let timing = self.deadline.of_planned(&piece);
        Row::Planned(PlannedRow { piece_id: None, piece, timing })
    }

    /// The tracking identifier of a mailer, as printed.
    pub(super) fn tracking_id(&self, piece: &PieceStatus) -> Option<String> {
        let number = u64::try_from(piece.tracking_number?).ok()?;
        TrackingId::new(&self.tracking_prefix, number).ok().map(|id| id.to_string())
    }
}

/// The columns of CSV.
const COLUMNS: [&str; 21] = [
    "piece_id",
    "lot",
    "kind",
    "sequence",
    "attempt",
    "state",
    "since",
    "night",
    "file",
    "first_page",
    "pages",
    "tracking_number",
    "tracking_id",
    "requested",
    "due",
    "dispatched",
    "working_days",
    "late",
    "purged",
    "card_number",
    "client_ref",
];

/// The header of the table.
pub(super) fn header() -> String {
    table_line(["piece", "kind", "state", "since", "night", "days", "file, page"])
}

fn table_line([piece, kind, state, since, night, days, file]: [&str; 7]) -> String {
    format!("{piece:<16}  {kind:<6}  {state:<17}  {since:<20}  {night:<10}  {days:>4}  {file}")
        .trim_end()
        .to_owned()
}

impl Row {
    /// How long it took.
    pub(super) fn timing(&self) -> &Timing {
        match self {
            Row::Piece(row) => &row.timing,
            Row::Planned(row) => &row.timing,
        }
    }

    /// A line of the table.
    pub(super) fn line(&self) -> String {
        let timing = self.timing();
        let days = timing.working_days.map_or_else(String::new, |days| match timing.late {
            true => format!("{days}!"),
            false => days.to_string(),
        });
        match self {
            Row::Piece(PieceRow { piece, .. }) => table_line([
                &piece.piece_id,
                &piece.kind,
                &piece.state.to_string(),
                piece.since.as_deref().unwrap_or_default(),
                &piece.night,
                &days,
                &format!("{}, {}", piece.file, piece.first_page),
            ]),
            Row::Planned(PlannedRow { piece, .. }) => {
                let due = piece.due.as_deref().unwrap_or("its letter");
                let card = piece.card_number.as_ref().map(|card| format!("card {card}"));
                let reference =
                    piece.client_ref.as_ref().map(|text| format!("client's reference {}", legible(text)));
                let names: Vec<String> = card.into_iter().chain(reference).collect();
                table_line([
                    "",
                    &piece.kind,
                    &piece.state.to_string(),
                    &piece.since,
                    due,
                    &days,
                    &names.join(", "),
                ])
            }
        }
    }

    /// The cells of CSV, in the order of [`COLUMNS`].
    fn cells(&self) -> [String; 21] {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        let Timing { working_days, late } = self.timing();
        let days = number(working_days.map(i64::from));
        match self {
            Row::Piece(PieceRow { piece, tracking_id, .. }) => [
                piece.piece_id.clone(),
                piece.lot.clone(),
                piece.kind.clone(),
                piece.sequence.to_string(),
                piece.attempt.to_string(),
                piece.state.code().to_owned(),
                text(&piece.since),
                piece.night.clone(),
                piece.file.clone(),
                piece.first_page.to_string(),
                piece.pages.to_string(),
                number(piece.tracking_number),
                text(tracking_id),
                piece.requested.clone(),
                String::new(),
                text(&piece.dispatched),
                days,
                late.to_string(),
                text(&piece.purged),
                String::new(),
                String::new(),
            ],
            Row::Planned(PlannedRow { piece, .. }) => {
                let mut cells: [String; 21] = Default::default();
                cells[2] = piece.kind.clone();
                cells[5] = piece.state.code().to_owned();
                cells[6] = piece.since.clone();
                cells[13] = piece.requested.clone();
                cells[14] = text(&piece.due);
                cells[16] = days;
                cells[17] = late.to_string();
                cells[19] = text(&piece.card_number);
                cells[20] = harmless_cell(&text(&piece.client_ref)).into_owned();
                cells
            }
        }
    }
}

/// Rows as CSV.
pub(super) struct Csv {
    writer: csv::Writer<Vec<u8>>,
}

impl Csv {
    /// Begins with the header.
    pub(super) fn new() -> Csv {
        let mut csv = Csv { writer: csv::Writer::from_writer(Vec::new()) };
        csv.write(&COLUMNS);
        csv
    }

    /// Adds a row.
    pub(super) fn row(&mut self, row: &Row) {
        self.write(&row.cells());
    }

    fn write(&mut self, cells: &[impl AsRef<[u8]>]) {
        // Memory takes every row, and all rows have as many cells as the header.
        let _ = self.writer.write_record(cells);
    }

    /// What was added since the last call.
    pub(super) fn take(&mut self) -> Vec<u8> {
        let full = std::mem::replace(&mut self.writer, csv::Writer::from_writer(Vec::new()));
        full.into_inner().unwrap_or_default()
    }
}
