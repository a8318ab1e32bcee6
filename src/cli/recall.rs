//! `pli recall`

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;

use super::Outcome;
use super::acts::Act;
use super::approve::RequestKey;
use super::console::Console;
use super::names::{self, Kind};
use super::piece_list::PieceList;
use super::run::today;
use crate::failure::Failure;
use crate::inserting::{MailerReleased, RecallOrder, RecallReport, Recalled, recall as recall_pieces};
use crate::job::Job;
use crate::ledger::{Author, PieceStatus};
use foreign::legible;
use mail::card::CardNumber;
use mail::lot::WrittenLot;
use mail::piece::PieceKind;

/// Pull pieces before they leave.
#[derive(Debug, Args)]
#[command(
    group = clap::ArgGroup::new("what").args(["pieces", "list", "lot", "card"]).required(true),
    after_help = "Examples:\n  pli recall job.toml L26327A000908 --reason \"wrong address\"\n  pli recall job.toml --card 2400140649 --reason \"card revoked\"\n  pli recall job.toml --lot L26327A --reason \"wrong paper\"\n\nExit codes: 0 pull what the sheets list; 1 some of it has left; 2 usage, or no such piece; 3 an approval is missing; 4 failed midway, the same command\nresumes."
)]
pub(super) struct Arguments {
    /// The job file, or the folder that holds it
    job: PathBuf,
    #[command(flatten)]
    pieces: PieceList,
    /// A whole lot
    #[arg(long, value_parser = names::lot)]
    lot: Option<WrittenLot>,
    /// All pieces of a card
    #[arg(long, value_parser = CardNumber::parse)]
    card: Option<CardNumber>,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = names::reason)]
    reason: String,
    /// The kind, where names do not say it
    #[arg(long)]
    kind: Option<Kind>,
    /// The day on the sheets; default: today
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::night_date::parse)]
    date: Option<Date>,
    /// Who says so; default: this user
    #[arg(long, value_name = "NAME", value_parser = names::person)]
    by: Option<String>,
    #[command(flatten)]
    request: RequestKey,
}

impl Arguments {
    /// What the audit log has of it: never the card's number.
    pub(super) fn act(&self) -> Act {
        let lot = self.lot.as_ref().map(|lot| lot.or_kind(self.kind.map(PieceKind::from)));
        let act = Act::new(&self.job, "recall")
            .requests(self.request.requests())
            .lot(lot.as_ref())
            .by(self.by.as_deref());
        self.pieces.noted(act, self.kind).option(self.card.is_some(), "of_a_card")
    }
}

pub(super) fn recall(arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    let job = Job::load(&arguments.job)?;
    let what = match (&arguments.lot, &arguments.card) {
        (Some(lot), _) => {
            let (name, kind) = names::lot_of(&job, lot, arguments.kind)?;
            Recalled::Lot(name, kind)
        }
        (_, Some(card)) => Recalled::Card(card.to_string()),
        (None, None) => Recalled::Pieces(arguments.pieces.references(&names::view(&job)?, arguments.kind)?),
    };
    let author = Author::named(arguments.by.as_deref());
    let report = recall_pieces(&RecallOrder {
        job: &job,
        what: &what,
        reason: &arguments.reason,
        author: &author,
        day: arguments.date.unwrap_or_else(today),
        asking: arguments.request.asking()?,
    })?;
    console.result(&report, |console| text(&report, console))?;
    Ok(if report.needs_a_person() { Outcome::NeedsAPerson } else { Outcome::Done })
}

fn text(report: &RecallReport, console: &Console) -> String {
    let mut lines = Vec::new();
    let place = |piece: &PieceStatus| {
        format!("  {}  {} page {}", piece.piece_id, legible(&piece.file), piece.first_page)
    };
    if !report.recalled.is_empty() {
        lines.push(format!("recalled {}: pull them from the stack", report.recalled.len()));
        lines.extend(report.recalled.iter().map(place));
    }
    if !report.already.is_empty() {
        lines.push(format!("recalled before {}", report.already.len()));
        lines.extend(report.already.iter().map(place));
    }
    for piece in &report.not_recalled {
        lines.push(
            console.alert(&format!("  ! {} is {}: there is nothing to pull", piece.piece_id, piece.state)),
        );
    }
    for MailerReleased { letter, mailer, .. } in &report.mailers_left {
        let message = format!("  ! the mailer {mailer} of letter {letter} has left");
        lines.push(console.alert(&message));
    }
    lines.extend(report.sheets.iter().map(|sheet| format!("sheet: {}", legible(sheet))));
    lines.join("\n")
}
