//! `pli reprint`

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;

use super::Outcome;
use super::acts::Act;
use super::approve::RequestKey;
use super::console::Console;
use super::names::{self, Kind, marked};
use super::piece_list::PieceList;
use super::progress::ProgressBars;
use super::run::{ProveLevel, today};
use crate::failure::Failure;
use crate::job::Job;
use crate::ledger::Author;
use crate::night::{Destruction, ReprintOrder, ReprintReport, reprint as print_again};

/// Print damaged or missing pieces again, in a lot of their own.
#[derive(Debug, Args)]
#[command(
    group = clap::ArgGroup::new("what").args(["pieces", "list"]).required(true).multiple(true),
    after_help = "Examples:\n  pli reprint job.toml L26327A000908 --reason \"torn in the folder\" --card-in-hand\n  pli reprint job.toml --list inserting/L26327A.reprint.csv --reason \"spoiled by the inserter\" --card-in-hand\n  pli reprint job.toml M26327A000001 --reason torn --destroyed-by \"A. Martin\" --witness \"B. Petit\"\n\nExit codes: 0 printed again, or printed before; 1 a card is to be made anew, codes may have been seen, or a\nmailer was released before its letter is printed again;\n2 usage or configuration; 3 refused for safety, nothing printed; 4 failed midway, the same command resumes."
)]
pub(super) struct Arguments {
    /// The job file, or the folder that holds it
    job: PathBuf,
    #[command(flatten)]
    pieces: PieceList,
    /// Why, in your words; the ledger keeps it
    #[arg(long, value_name = "TEXT", value_parser = names::reason)]
    reason: String,
    /// The kind, where references do not say it
    #[arg(long)]
    kind: Option<Kind>,
    /// The cards of these letters are in hand. Without it no letter is printed, and the cards are to be made anew; given later, it
    /// takes that back until the new record is taken in
    #[arg(long)]
    card_in_hand: bool,
    /// Who destroyed what was left of these mailers
    #[arg(long, value_name = "NAME", value_parser = names::person, requires = "witness")]
    destroyed_by: Option<String>,
    /// Who saw it: another person
    #[arg(long, value_name = "NAME", value_parser = names::person, requires = "destroyed_by")]
    witness: Option<String>,
    /// Who orders it; default: the system's user
    #[arg(long, value_name = "NAME", value_parser = names::person)]
    by: Option<String>,
    /// The day that the pieces show and in whose folder they lie; default: today
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::night_date::parse)]
    date: Option<Date>,
    /// How much of the letters is read back before release
    #[arg(long, default_value = "all")]
    prove: ProveLevel,
    #[command(flatten)]
    request: RequestKey,
}

impl Arguments {
    /// What the audit log has of it.
    pub(super) fn act(&self) -> Act {
        let act = Act::new(&self.job, "reprint")
            .requests(self.request.requests())
            .night(self.date.unwrap_or_else(today));
        let act = self.pieces.noted(act, self.kind).by(self.by.as_deref());
        act.option(self.card_in_hand, "card_in_hand").option(self.destroyed_by.is_some(), "destroyed")
    }
}

pub(super) fn reprint(arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    let job = Job::load(&arguments.job)?;
    let pieces = arguments.pieces.references(&names::view(&job)?, arguments.kind)?;
    let persons = (&arguments.destroyed_by, &arguments.witness);
    let destroyed = match persons {
        (Some(by), Some(witness)) => Some(Destruction { by: by.clone(), witness: witness.clone() }),
        _ => None,
    };
    let order = ReprintOrder {
        job: &job,
        day: arguments.date.unwrap_or_else(today),
        pieces,
        reason: &arguments.reason,
        card_in_hand: arguments.card_in_hand,
        destroyed,
        author: Author::named(arguments.by.as_deref()),
        prove: arguments.prove.into(),
        asking: arguments.request.asking()?,
    };
    let report = print_again(&order, &ProgressBars::new(console.shows_progress()))?;
    console.result(&report, |console| summary(&report, console))?;
    Ok(if report.needs_a_person() { Outcome::NeedsAPerson } else { Outcome::Done })
}

/// A report as text.
fn summary(report: &ReprintReport, console: &Console) -> String {
    let mut lines = Vec::new();
    for lot in &report.lots {
        let (name, original) = (marked(&lot.lot, &lot.kind), marked(&lot.reprint_of, &lot.kind));
        lines.push(console.strong(&format!("Lot {name}: {} of {original} printed again", lot.pieces.len())));
        lines.extend(lot.pieces.iter().map(|piece| format!("  {}  for {}", piece.piece_id, piece.original)));
        lines.extend(lot.files.iter().map(|file| console.dim(&format!("  {}/{}", report.folder, file.path))));
    }
    for piece in &report.already {
        lines.push(format!(
            "{} was printed again before: {}, lot {}",
            piece.piece_id, piece.reprint, piece.lot
        ));
    }
    for piece in &report.remakes {
        let text =
            format!("! {}: not printed ({}); its card is to be made anew", piece.piece_id, piece.state);
        lines.push(console.alert(&text));
    }
    if !report.remakes.is_empty() {
        lines.push(
            "  if a card is in hand after all, the same command with `--card-in-hand` takes that back and prints its letter,\n  until the issuer's new record is taken in"
                .to_owned(),
        );
    }
    for piece in &report.compromised {
        let text = format!("! {}: not printed; its codes may have been seen", piece.piece_id);
        lines.push(console.alert(&text));
    }
    for mailer in &report.mailers_out {
        let text = format!(
            "! the mailer {} of {} was released before ({}): recall it, or see that it does not meet its card",
            mailer.piece_id, mailer.letter, mailer.state
        );
        lines.push(console.alert(&text));
    }
    lines.extend(report.alerts.iter().map(|alert| console.alert(&format!("! {}", alert.message))));
    lines.join("\n")
}
