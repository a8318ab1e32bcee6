//! `pli dispatch`

use std::path::PathBuf;

use clap::Args;
use jiff::civil::Date;

use super::Outcome;
use super::acts::Act;
use super::console::Console;
use super::names::{self, Kind};
use super::run::today;
use crate::failure::{Failure, agreeing, counted};
use crate::inserting::{DispatchReport, dispatch as dispatch_lot};
use crate::job::Job;
use crate::ledger::Author;
use mail::lot::WrittenLot;
use mail::piece::PieceKind;

/// How many pieces are named that nobody reported.
const LISTED: usize = 20;

/// Say that a lot has left.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  pli dispatch job.toml L26327A\n\nExit codes: 0 it has left; 1 it has left, with pieces that nobody reported though others were; 2 usage, or no such lot; 3 refused: the lot is stopped,\nits account does not balance, the ledger lacks a recall, or a mailer's letter does not leave; 4 failed midway, the same command resumes."
)]
pub(super) struct Arguments {
    /// The job file, or the folder that holds it
    job: PathBuf,
    /// The lot: `L26327A` of letters, `M26327A` of mailers
    #[arg(value_parser = names::lot)]
    lot: WrittenLot,
    /// The kind, where the lot's name does not say it
    #[arg(long)]
    kind: Option<Kind>,
    /// The day on which it left; default: today
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::night_date::parse)]
    date: Option<Date>,
    /// Who says so; default: this user
    #[arg(long, value_name = "NAME", value_parser = names::person)]
    by: Option<String>,
}

impl Arguments {
    /// What the audit log has of it.
    pub(super) fn act(&self) -> Act {
        let lot = self.lot.or_kind(self.kind.map(PieceKind::from));
        let act = Act::new(&self.job, "dispatch").lot(Some(&lot)).by(self.by.as_deref());
        act.night(self.date.unwrap_or_else(today))
    }
}

pub(super) fn dispatch(arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    let job = Job::load(&arguments.job)?;
    let (name, kind) = names::lot_of(&job, &arguments.lot, arguments.kind)?;
    let author = Author::named(arguments.by.as_deref());
    let report = dispatch_lot(&job, &name, kind, arguments.date.unwrap_or_else(today), &author)?;
    console.result(&report, |_| text(&name.marked(kind), &report))?;
    Ok(if report.unreported.is_empty() { Outcome::Done } else { Outcome::NeedsAPerson })
}

fn text(lot: &str, report: &DispatchReport) -> String {
    let DispatchReport { dispatched, already, day, unreported, standing } = report;
    let mut lines = vec![match already {
        true => {
            format!("lot {lot} left on {day}, with {dispatched} of {}", counted(standing.pieces, "piece"))
        }
        false => format!("lot {lot}: {dispatched} of {} left", counted(standing.pieces, "piece")),
    }];
    let stayed = [
        (standing.missing.len() as u64, "missing"),
        (standing.spoiled, "spoiled"),
        (standing.recalled, "recalled"),
        (standing.reprinted, "printed again in a lot of their own"),
        (standing.lost, "lost to the lot"),
    ];
    lines.extend(
        stayed.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("  {count} {what}")),
    );
    if !unreported.is_empty() {
        let mut named = unreported.iter().take(LISTED).cloned().collect::<Vec<_>>().join(", ");
        let more = unreported.len().saturating_sub(LISTED);
        named.extend((more > 0).then(|| format!(", and {more} more")));
        let (count, was) = (unreported.len(), agreeing(unreported.len(), "was", "were"));
        lines.push(format!(
            "  {count} of them {was} never reported: {named}\n    look for them; `pli reconcile JOB --lot {lot} --final` books what was not seen as missing"
        ));
    }
    lines.join("\n")
}
