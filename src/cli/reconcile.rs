//! `pli reconcile`

use std::path::PathBuf;

use clap::Args;
use foreign::legible;
use jiff::civil::Date;

use super::Outcome;
use super::acts::Act;
use super::approve::RequestKey;
use super::console::Console;
use super::names::{self, Kind};
use super::piece_list::{self, PieceList};
use super::run::today;
use crate::failure::{Failure, counted};
use crate::inserting::{
    FileFault, HandAct, HandFault, HandOrder, HandReport, MailerReleased, ReconcileOrder, ReconcileReport,
    Standing, book_hands, read_hand_file, reconcile as reconcile_lot,
};
use crate::job::Job;
use crate::ledger::Author;
use mail::lot::{LotName, WrittenLot, WrittenPiece};
use mail::piece::PieceKind;

/// Hold what the inserter's machine, its camera or a hand scanner read against a lot.
#[derive(Debug, Args)]
#[command(
    group = clap::ArgGroup::new("what").args(["files", "hand", "lot", "accept", "list"]).required(true).multiple(true),
    after_help = "Examples:\n  pli reconcile job.toml camera.csv --lot L26327A\n  pli reconcile job.toml camera.csv --lot L26327A --final\n  pli reconcile job.toml --lot L26327A --accept 26327A000908 --reason \"one envelope, read twice\"\n  pli reconcile job.toml --hand scans.txt --by JD\n  pli reconcile job.toml --hand - --spoiled --by JD\n\nExit codes: 0 all is good; 1 something needs a person; 2 usage, or files that can't be used; 3 an approval is missing;\n4 failed midway, the same command resumes."
)]
pub(super) struct Arguments {
    /// The job file, or the folder that holds it
    job: PathBuf,
    /// Files of the machine, as `[inserter.letters.results]` describes them; default: camera.csv
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The lot in hand; without it the reads tell it
    #[arg(long, value_parser = names::lot)]
    lot: Option<WrittenLot>,
    /// The kind, where the lot's name does not say it
    #[arg(long)]
    kind: Option<Kind>,
    /// Nothing more comes of the lot: what was not seen is missing
    #[arg(long = "final")]
    complete: bool,
    /// Accept a piece that was doubled, mismatched, foreign or missing: by its reference, or by what was read
    #[arg(long, value_name = "PIECE", requires = "reason")]
    accept: Vec<String>,
    /// A file of pieces to accept, one a line
    #[arg(long, value_name = "FILE", requires = "reason")]
    list: Option<PathBuf>,
    /// Why they are accepted
    #[arg(long, value_name = "TEXT", value_parser = names::reason)]
    reason: Option<String>,
    /// What a hand scanner read, one scan a line; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["files", "accept", "list", "complete"])]
    hand: Option<PathBuf>,
    /// The scans are of spoiled pieces, not of envelopes filled by hand
    #[arg(long, requires = "hand", conflicts_with_all = ["files", "accept", "list", "complete"])]
    spoiled: bool,
    /// Who does so; default: this user
    #[arg(long, value_name = "NAME", value_parser = names::person)]
    by: Option<String>,
    /// The day, where the reads do not say it; default: today
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::night_date::parse)]
    date: Option<Date>,
    #[command(flatten)]
    request: RequestKey,
}

impl Arguments {
    /// What the audit log has of it. What was read of a stranger may be a card's number and is counted only.
    pub(super) fn act(&self) -> Act {
        let accepts = !self.accept.is_empty() || self.list.is_some();
        let act = Act::new(&self.job, if accepts { "accept" } else { "reconcile" })
            .requests(self.request.requests());
        let kind = self.kind.map(PieceKind::from);
        let lot = self.lot.as_ref().map(|lot| lot.or_kind(kind));
        let pieces = self.accept.iter().filter_map(|text| Some(WrittenPiece::parse(text)?.or_kind(kind)));
        let pieces: Vec<WrittenPiece> = pieces.collect();
        let strangers = self.accept.len() - pieces.len();
        let act = act.lot(lot.as_ref()).pieces(&pieces).list(self.list.as_deref()).by(self.by.as_deref());
        let act = act.option(strangers > 0, format_args!("strangers={strangers}"));
        let act = act.option(self.complete, "final").option(self.hand.is_some(), "hand");
        act.option(self.spoiled, "spoiled")
    }
}

pub(super) fn reconcile(arguments: &Arguments, console: &Console) -> Result<Outcome, Failure> {
    let job = Job::load(&arguments.job)?;
    let author = Author::named(arguments.by.as_deref());
    match &arguments.hand {
        Some(file) => hands(arguments, file, &job, &author, console),
        None => reads(arguments, &job, &author, console),
    }
}

/// The lot that is named, or that of the first piece to accept.
fn lot_in_hand(
    arguments: &Arguments,
    job: &Job,
    accept: &[String],
) -> Result<Option<(LotName, PieceKind)>, Failure> {
    if let Some(lot) = &arguments.lot {
        return names::lot_of(job, lot, arguments.kind).map(Some);
    }
    if !arguments.files.is_empty() {
        return Ok(None);
    }
    match accept.iter().find_map(|text| WrittenPiece::parse(text)) {
        Some(first) => {
            let reference = piece_list::reference(&first, &names::view(job)?, arguments.kind)?;
            names::lot_of_piece(job, &reference).map(Some)
        }
        None => Err(Failure::usage("lot_unclear", "nothing says which lot is meant")
            .with_advice("name the lot in hand: `--lot L26327A`")),
    }
}

fn reads(arguments: &Arguments, job: &Job, author: &Author, console: &Console) -> Result<Outcome, Failure> {
    let listed = match &arguments.list {
        Some(list) => PieceList::in_file(list).references(&names::view(job)?, arguments.kind)?,
        None => Vec::new(),
    };
    let accept: Vec<String> = arguments.accept.iter().cloned().chain(listed).collect();
    let lot = lot_in_hand(arguments, job, &accept)?;
    let order = ReconcileOrder {
        job,
        files: &arguments.files,
        lot,
        complete: arguments.complete,
        accept: &accept,
        reason: arguments.reason.as_deref().unwrap_or_default(),
        author,
        today: arguments.date.unwrap_or_else(today),
        asking: arguments.request.asking()?,
    };
    let report = reconcile_lot(&order)?;
    console.result(&report, |console| read_text(&report, console))?;
    Ok(if report.needs_a_person() { Outcome::NeedsAPerson } else { Outcome::Done })
}

fn hands(
    arguments: &Arguments,
    file: &std::path::Path,
    job: &Job,
    author: &Author,
    console: &Console,
) -> Result<Outcome, Failure> {
    let lot = arguments.lot.as_ref().map(|lot| names::lot_of(job, lot, arguments.kind)).transpose()?;
    let act = if arguments.spoiled { HandAct::Spoiled } else { HandAct::ByHand };
    let read = read_hand_file(file, act)?;
    let order =
        HandOrder { job, scans: &read.scans, lot, author, today: arguments.date.unwrap_or_else(today) };
    let report = book_hands(&order)?;
    console.result(&report, |console| hand_text(&report, console))?;
    Ok(if report.needs_a_person() { Outcome::NeedsAPerson } else { Outcome::Done })
}

/// How many names of a list are shown.
const SHOWN: usize = 20;

fn row(name: &str, count: u64) -> String {
    format!("  {name:<22}{count:>8}")
}

/// How a lot stands.
fn standing_lines(standing: &Standing, console: &Console) -> Vec<String> {
    let lot = names::marked(&standing.lot, &standing.kind);
    let settled = match (&standing.settled_on, standing.settled) {
        (Some(day), true) => format!("settled on {day}"),
        _ => "not settled".to_owned(),
    };
    let mut lines =
        vec![console.strong(&format!("lot {lot}: {}, {settled}", counted(standing.pieces, "piece")))];
    lines.push(row("good", standing.good));
    for (name, count) in [
        ("of these by hand", standing.by_hand),
        ("pending", standing.pending),
        ("spoiled", standing.spoiled),
        ("recalled", standing.recalled),
        ("printed again", standing.reprinted),
        ("lost to the lot", standing.lost),
        ("accepted", standing.accepted.len() as u64),
    ] {
        lines.extend((count > 0).then(|| row(name, count)));
    }
    for (name, pieces) in [
        ("missing", &standing.missing),
        ("passed unread", &standing.unread),
        ("twice", &standing.duplicate),
        ("another\u{2019}s card", &standing.mismatch),
        ("foreign", &standing.foreign),
        ("must not leave", &standing.passed),
        ("to look at", &standing.attention),
    ] {
        if pieces.is_empty() {
            continue;
        }
        let shown: Vec<String> = pieces.iter().take(SHOWN).map(|piece| legible(piece).into_owned()).collect();
        let more = if pieces.len() > SHOWN { ", …" } else { "" };
        lines.push(console.alert(&format!("{}  {}{more}", row(name, pieces.len() as u64), shown.join(", "))));
    }
    for MailerReleased { letter, mailer, state } in &standing.mailers_released {
        let message =
            format!("  ! the mailer {mailer} of letter {letter} is {state}: recall it (`pli recall`)");
        lines.push(console.alert(&message));
    }
    lines.extend(standing.stops.iter().map(|stop| console.alert(&format!("  stopped: {stop}"))));
    lines
}

fn read_text(report: &ReconcileReport, console: &Console) -> String {
    let mut lines = standing_lines(&report.standing, console);
    let reads = &report.reads;
    if reads.reads > 0 {
        lines.push(format!("reads: {}", report.reads.in_words()));
    }
    for FileFault { file, line, problem, advice, .. } in report.faults.iter().take(SHOWN) {
        lines.push(console.alert(&format!("  ! {file}:{line}: {problem}; {advice}")));
    }
    if report.faults.len() > SHOWN {
        lines.push(console.alert(&format!(
            "  ! and {} that can\u{2019}t be used",
            counted(report.faults.len() - SHOWN, "more row")
        )));
    }
    if report.ended_open {
        lines.push(console.alert(
            "  ! the machine reports nothing more, and pieces have no status: look at them and book them with `--hand`",
        ));
    }
    lines.push(format!("to print again: {}", legible(&report.reprint_list)));
    lines.extend(report.destruction_sheet.iter().map(|sheet| format!("to destroy: {}", legible(sheet))));
    lines.join("\n")
}

fn hand_text(report: &HandReport, console: &Console) -> String {
    let mut lines = Vec::new();
    for (name, count) in [
        ("by hand", report.by_hand.len()),
        ("spoiled", report.spoiled.len()),
        ("booked before", report.already.len()),
    ] {
        lines.extend((count > 0).then(|| row(name, count as u64)));
    }
    for HandFault { line, value, problem } in report.unknown.iter().chain(&report.refused) {
        lines.push(console.alert(&format!("  ! line {line}: `{value}`: {problem}")));
    }
    lines.extend(report.lots.iter().flat_map(|standing| standing_lines(standing, console)));
    lines.extend(report.reprint_lists.iter().map(|list| format!("to print again: {}", legible(list))));
    lines.extend(report.destruction_sheets.iter().map(|sheet| format!("to destroy: {}", legible(sheet))));
    lines.join("\n")
}
