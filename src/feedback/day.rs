//! The file of a day: what its night took in, refused, planned, held back and printed, and what happened to pieces on it.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::civil::{Date, Time};

use super::row::{COLUMNS, Row, Table, write_table};
use crate::failure::Failure;
use crate::job::Job;
use crate::ledger::{Finding, Ledger, LedgerError, PieceWord, RecordWord, State};
use mail::calendar::Calendar;
use mail::issuance::Issuance;
use mail::piece::PieceKind;

/// The code of warnings that hold a mailer back whose codes are not there yet, besides those that begin with [`HELD`].
const CODES_MISSING: &str = "codes_missing";
/// The code of warnings that something of a revoked or replaced card has left.
const LEFT_BEFORE: &str = "left_before";
/// How the codes of other warnings begin that hold a piece back.
const HELD: &str = "held_";

/// Writes the file of a day.
///
/// # Errors
/// Those of the ledger and its keys; I/O errors.
pub(super) fn write(path: &Path, job: &Job, ledger: &Ledger, day: Date) -> Result<(), Failure> {
    let at = ledger.time_of_night(day)?;
    write_table(path, &COLUMNS, |table| {
        let mut rows = DayRows {
            table,
            mailer_cards: job.tells_mailer_cards(),
            at: &at,
            day,
            calendar: job.calendar(),
            cut_off: job.cut_off(),
        };
        ledger.each_record_of_night(day, |record| rows.record(record))?;
        rows.rejects(ledger)?;
        rows.held(ledger)?;
        rows.left(ledger)?;
        ledger.each_piece_word(day, |piece| rows.piece(piece))
    })
}

/// The rows of a day, as they are written.
struct DayRows<'a, 'o, 'f> {
    table: &'a mut Table<'o, 'f>,
    mailer_cards: bool,
    /// When the day's night was recorded.
    at: &'a str,
    day: Date,
    calendar: Calendar,
    cut_off: Time,
}

impl DayRows<'_, '_, '_> {
    fn put(&mut self, row: &Row) -> Result<(), Failure> {
        Ok(row.write(self.table, self.mailer_cards)?)
    }

    /// A record that was accepted, and those of its pieces that wait for another night.
    fn record(&mut self, record: &RecordWord) -> Result<(), Failure> {
        let (client_ref, card_number) = (&*record.names.client_ref, &*record.names.card_number);
        let accepted = Row { client_ref, card_number, event: "accepted", at: self.at, ..Row::default() };
        self.put(&accepted)?;
        let letter_left = record
            .duties
            .first()
            .is_some_and(|duty| duty.kind == PieceKind::Letter && duty.left == Some(self.day));
        for (index, duty) in record.duties.iter().enumerate() {
            if duty.left.is_some_and(|night| night <= self.day) {
                continue;
            }
            let detail = match index {
                0 => self.first_due(&record.body)?,
                _ if letter_left => due(self.calendar.mailer_due(self.day)),
                _ => "after its letter".to_owned(),
            };
            self.put(&Row { kind: Some(duty.kind), event: "planned", detail: &detail, ..accepted })?;
        }
        Ok(())
    }

    /// When the first piece of a record is due; empty once the record is purged.
    fn first_due(&self, body: &[u8]) -> Result<String, Failure> {
        if body.is_empty() {
            return Ok(String::new());
        }
        let issuance: Issuance = serde_json::from_slice(body).map_err(std::io::Error::from)?;
        Ok(due(self.calendar.first_piece_due(&issuance, self.cut_off)))
    }

    /// A row for each record that was refused, with all that is wrong with it.
    fn rejects(&mut self, ledger: &Ledger) -> Result<(), Failure> {
        let mut refused: Option<(Finding, String)> = None;
        ledger.findings(self.day, "reject", |finding| {
            match &mut refused {
                Some((first, codes)) if is_same_row(first, finding) => {
                    codes.push(' ');
                    codes.push_str(&finding.code);
                }
                _ => {
                    let next = (finding.clone(), finding.code.clone());
                    if let Some((first, codes)) = refused.replace(next) {
                        self.refused(&first, &codes)?;
                    }
                }
            }
            Ok::<_, Failure>(())
        })?;
        refused.map_or(Ok(()), |(first, codes)| self.refused(&first, &codes))
    }

    fn refused(&mut self, finding: &Finding, codes: &str) -> Result<(), Failure> {
        let detail = match finding.line {
            0 => format!("{codes}; {}", finding.message),
            line => format!("{codes}; {}:{line}", finding.source_file),
        };
        self.put(&Row { event: "rejected", detail: &detail, ..of_finding(finding, self.at) })
    }

    /// A row for each piece that was due and had to wait, also where several runs of the night held it back.
    fn held(&mut self, ledger: &Ledger) -> Result<(), Failure> {
        let mut held = Vec::new();
        let mut rows = BTreeSet::new();
        ledger.findings(self.day, "warning", |finding| {
            let holds = finding.code.starts_with(HELD) || finding.code == CODES_MISSING;
            if holds && rows.insert((finding.source_file.clone(), finding.line, finding.code.clone())) {
                held.push(finding.clone());
            }
            Ok::<_, LedgerError>(())
        })?;
        for finding in &held {
            let kind = match (finding.line, &*finding.code) {
                (0, _) => None,
                (_, "held_for_letter" | CODES_MISSING) => Some(PieceKind::Mailer),
                _ => Some(ledger.kind_held(finding, self.day)?),
            };
            let more = format!("{}; {}", finding.code, finding.message);
            let detail = if finding.line == 0 { &more } else { &finding.code };
            self.put(&Row { kind, event: "held", detail, ..of_finding(finding, self.at) })?;
        }
        Ok(())
    }

    /// A row for each record that revokes or replaces a card of which something has left.
    fn left(&mut self, ledger: &Ledger) -> Result<(), Failure> {
        let (mut left, mut rows) = (Vec::new(), BTreeSet::new());
        ledger.findings(self.day, "warning", |finding| {
            if finding.code == LEFT_BEFORE && rows.insert((finding.source_file.clone(), finding.line)) {
                left.push(finding.clone());
            }
            Ok::<_, LedgerError>(())
        })?;
        for finding in &left {
            let detail = "left before its card was revoked or replaced";
            self.put(&Row { event: State::Dispatched.code(), detail, ..of_finding(finding, self.at) })?;
        }
        Ok(())
    }

    /// What happened to a piece.
    fn piece(&mut self, piece: &PieceWord) -> Result<(), Failure> {
        let (event, detail) = match (piece.undone(), piece.state) {
            (Some(cause), _) => ("return_undone", cause),
            (None, State::Released) => ("printed", ""),
            (None, State::InsertedByHand) => (State::Inserted.code(), "by hand"),
            (None, State::Reprinted) => (piece.state.code(), &*piece.next_id),
            (None, state) => (state.code(), &*piece.cause),
        };
        self.put(&Row {
            client_ref: &piece.names.client_ref,
            card_number: &piece.names.card_number,
            kind: Some(piece.kind),
            piece_id: &piece.piece_id,
            event,
            at: &piece.at,
            detail,
        })
    }
}

/// The beginning of a row about a finding.
fn of_finding<'f>(finding: &'f Finding, at: &'f str) -> Row<'f> {
    let is_number = finding.card_number.bytes().all(|byte| byte.is_ascii_digit());
    let card_number = if is_number { &*finding.card_number } else { "" };
    Row { client_ref: &finding.client_ref, card_number, at, ..Row::default() }
}

fn due(day: Date) -> String {
    format!("due {day}")
}

/// Whether two findings are of one row of an input file.
fn is_same_row(first: &Finding, second: &Finding) -> bool {
    first.line > 0 && (&first.source_file, first.line) == (&second.source_file, second.line)
}
