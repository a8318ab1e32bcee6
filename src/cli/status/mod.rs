//! `pli status`

pub(in crate::cli) mod listing;
pub(in crate::cli) mod overview;
mod rows;
mod sheet;

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValue, TypedValueParser};
use jiff::civil::Date;

use super::Outcome;
use super::console::Console;
use super::names::{self, Kind};
use super::night_date;
use super::run::today;
use crate::approvals::permit;
use crate::failure::Failure;
use crate::job::{Job, LedgerLocation};
use crate::ledger::{DeadlineRule, Ledger, LotStatus, PieceFilter, State};
use mail::card::CardNumber;
use mail::lot::{LotName, WrittenLot, WrittenPiece};
use mail::piece::PieceKind;
use mail::tracking::TrackingId;
use rows::Judge;

/// Show what the ledger knows.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  pli status job.toml\n  pli status job.toml --lot L26327A --state missing\n  pli status job.toml --piece M26327A000001\n  pli status job.toml --lot L26327A --account\n  pli status job.toml --day 2026-11-23 --csv",
    group = clap::ArgGroup::new("named").args(["card", "lot", "piece", "tracking", "day", "state", "late"]).multiple(true)
)]
pub(super) struct Arguments {
    /// The job file, or the folder that holds it
    job: PathBuf,
    /// Only that lot: `L26327A` of letters, `M26327A` of mailers
    #[arg(long, value_parser = names::lot)]
    lot: Option<WrittenLot>,
    /// Only the piece of that reference: as printed, or `L26327A000001`, `M26327A000001`
    #[arg(long, value_parser = names::piece, conflicts_with_all = ["card", "tracking"])]
    piece: Option<WrittenPiece>,
    /// Only the pieces of that card, those that wait too
    #[arg(long, value_parser = CardNumber::parse, conflicts_with = "tracking")]
    card: Option<CardNumber>,
    /// Only the mailer with that tracking identifier, as printed
    #[arg(long, value_name = "NUMBER", value_parser = TrackingId::parse)]
    tracking: Option<TrackingId>,
    /// Only what left on that night or is due on that day
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = night_date::parse)]
    day: Option<Date>,
    /// Only pieces in that state
    #[arg(long, value_parser = StateParser)]
    state: Option<State>,
    /// Only pieces that took longer from request to dispatch than `limits.max_working_days`; without a lot or a day, those that
    /// still wait or must be printed again
    #[arg(long)]
    late: bool,
    /// The kind of the pieces, or of the lot or piece where its name does not say it
    #[arg(long, requires = "named")]
    kind: Option<Kind>,
    /// What became of all pieces of the lot, reprints included, and whether it balances
    #[arg(long, requires = "lot", conflicts_with_all = ["card", "piece", "tracking", "day", "state", "late", "csv"])]
    account: bool,
    /// Print CSV: a header, and a line for each piece
    #[arg(long, requires = "named")]
    csv: bool,
    /// The day against which a piece counts that is not dispatched yet; default: today
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = night_date::parse)]
    date: Option<Date>,
    /// Another file of this ledger, such as a backup
    #[arg(long, value_name = "FILE")]
    ledger: Option<PathBuf>,
}

/// Reads a state by its code, in small or capital letters; help and completions list the codes.
#[derive(Clone)]
struct StateParser;

impl TypedValueParser for StateParser {
    type Value = State;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<State, clap::Error> {
        let parser: fn(&str) -> Result<State, String> = state;
        parser.parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(State::all().map(|state| PossibleValue::new(state.code()))))
    }
}

/// Reads a state by its code.
fn state(text: &str) -> Result<State, String> {
    let code = text.trim().to_ascii_lowercase().replace([' ', '-'], "_");
    State::parse(&code).ok_or_else(|| {
        let codes: Vec<&str> = State::all().map(State::code).collect();
        format!("it is no state; write one of {}", codes.join(", "))
    })
}

pub(super) fn status(arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    if arguments.csv && console.is_json() {
        return Err(Failure::usage("arguments", "`--csv` and `--json` are two forms of one answer")
            .with_advice("leave one of them out"));
    }
    let job = Job::load(&arguments.job)?;
    let mut ledger = open(arguments, &job)?;
    if arguments.card.is_some() {
        ledger = ledger.with_keys()?;
    }
    let _one_state = ledger.snapshot()?;
    // A letter that waits has no reference yet. Who prints mailers alone sees no card.
    let names_letters = permit(&job, Some(PieceKind::Letter)).is_ok();
    let judge = judge(arguments, &job);
    let report = Report { arguments, ledger: &ledger, judge, names_letters, console };
    match (&arguments.lot, &arguments.piece, &arguments.card, &arguments.tracking) {
        (_, Some(written), ..) => report.piece(written)?,
        (_, _, Some(card), _) => report.card(card)?,
        (_, _, _, Some(id)) => report.tracking(*id)?,
        (Some(lot), ..) if arguments.account => return report.account(lot),
        _ if arguments.is_filtered() => report.list()?,
        _ => overview::print(&ledger, &report.judge, console)?,
    }
    Ok(Outcome::Done)
}

/// Opens the job's ledger, or another file of it, for reading.
fn open(arguments: &Arguments, job: &Job) -> Result<Ledger, Failure> {
    let mut home = job.ledger();
    if let Some(file) = &arguments.ledger {
        home.location = LedgerLocation::File(file.clone());
    }
    if let Some(ledger) = Ledger::find(&home)? {
        return Ok(ledger);
    }
    let (problem, advice) = match arguments.ledger {
        None => ("there is no ledger yet", "run a night first"),
        Some(_) => {
            ("there is no ledger", "name a file that is one, such as a backup, or leave `--ledger` out")
        }
    };
    Err(Failure::usage("no_ledger", problem).in_file(home.place()).with_advice(advice))
}

fn judge(arguments: &Arguments, job: &Job) -> Judge {
    let deadline = DeadlineRule {
        calendar: job.calendar(),
        working_days: job.max_working_days(),
        dispatch: job.dispatch(),
        today: arguments.date.unwrap_or_else(today),
    };
    Judge { deadline, tracking_prefix: job.mailers().tracking_prefix.to_owned() }
}

impl Arguments {
    fn is_filtered(&self) -> bool {
        self.lot.is_some() || self.day.is_some() || self.state.is_some() || self.late
    }
}

/// A question, and what answers it.
struct Report<'r> {
    arguments: &'r Arguments,
    ledger: &'r Ledger,
    judge: Judge,
    /// Whether letters that wait are named by their cards.
    names_letters: bool,
    console: &'r Console,
}

impl Report<'_> {
    /// The lot that is meant, as the ledger has it.
    fn lot(&self, written: &WrittenLot) -> Result<(LotName, PieceKind, LotStatus), Failure> {
        names::one_lot(written, self.arguments.kind, |name, kind| {
            let lots = self.ledger.lots(Some(name.as_str()))?;
            let lot = lots.into_iter().find(|lot| lot.kind == kind.code());
            Ok(lot.map(|lot| (name.clone(), kind, lot)))
        })
    }

    /// What `--lot`, `--day`, `--state` and `--kind` ask for.
    fn filter(&self) -> Result<PieceFilter, Failure> {
        let lot = self.arguments.lot.as_ref().map(|written| self.lot(written)).transpose()?;
        Ok(PieceFilter {
            lot: lot.map(|(name, kind, _)| (name, kind)),
            kind: self.arguments.kind.map(PieceKind::from),
            night: self.arguments.day,
            states: self.arguments.state.map(|state| vec![state]),
        })
    }

    fn account(&self, written: &WrittenLot) -> Result<Outcome, Failure> {
        let (name, kind, _) = self.lot(written)?;
        let account = self.ledger.account(&name, kind)?;
        let Some(account) = account else {
            return Err(Failure::usage("unknown_lot", format!("the ledger knows no lot `{written}`")));
        };
        self.console.result(&account, |_| sheet::text(&account))?;
        Ok(if account.balances { Outcome::Done } else { Outcome::NeedsAPerson })
    }
}
