//! `pli scan`

use std::collections::BTreeMap;
use std::io::stdin;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Args;
use foreign::legible;
use indicatif::{ProgressBar, ProgressStyle};
use jiff::civil::Date;
use serde::Serialize;

use super::Outcome as CommandOutcome;
use super::acts::Act;
use super::console::Console;
use super::names;
use super::output_path::refuse_unless_file;
use super::run::today;
use crate::failure::{Failure, agreeing, counted};
use crate::files::write_whole;
use crate::job::Job;
use crate::ledger::Author;
use crate::returns::{
    self, AcceptReport, Answer, LotGrades, MailerUnderWay, Outcome, Receiver, RefusedDecision, ScanOrder,
    ScanReport, Session, Verdict,
};
use mail::Language;

/// Read returned envelopes and letters, and book what came back.
#[derive(Debug, Args)]
#[command(
    group = clap::ArgGroup::new("what").args(["paths", "accept", "separators"]).required(true),
    after_help = "Examples:\n  pli scan job.toml scans/ --reason unknown\n  pli scan job.toml -                     a hand scanner, one scan a line\n  pli scan job.toml inbox/ --watch --jsonl\n  pli scan --separators separators.pdf    sheets that say why what follows came back\n  pli scan job.toml --accept decisions.json\n\nExit codes: 0 all is matched; 1 something needs a person; 2 usage, or files that are not there; 4 failed midway, the same\ncommand resumes."
)]
pub(super) struct Arguments {
    /// The job file, or the folder that holds it
    #[arg(required_unless_present = "separators")]
    job: Option<PathBuf>,
    /// Pictures (PNG, JPEG, TIFF, GIF, WebP, BMP, PDF) and folders of them; `-` is a hand scanner on standard input
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Why the pieces came back, where no separator or label says it: access_or_address, unknown, refused, unclaimed, other, or
    /// a reason of the job
    #[arg(long, value_name = "REASON")]
    reason: Option<String>,
    /// The box into which the pieces go
    #[arg(long = "box", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    box_number: Option<u32>,
    /// Go on with what comes into the folders, until this is interrupted
    #[arg(long, conflicts_with = "accept")]
    watch: bool,
    /// Print a line of JSON for each piece, as soon as it is booked
    #[arg(long)]
    jsonl: bool,
    /// Book what a clerk decided on the report's page
    #[arg(long, value_name = "FILE")]
    accept: Option<PathBuf>,
    /// Grade the print of each symbol, indicatively, and show the trend by lot and day
    #[arg(long)]
    grade: bool,
    /// Leave pictures out of the report
    #[arg(long)]
    no_pictures: bool,
    /// Say what would be booked, and book nothing
    #[arg(long)]
    dry_run: bool,
    /// Make the sheets that a clerk lays before a batch
    #[arg(long, value_name = "FILE.pdf")]
    separators: Option<PathBuf>,
    /// Trust these certificates and keys beside the job's own key; default: `keys/trust`
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,
    /// Who books; default: this user
    #[arg(long, value_name = "NAME", value_parser = names::person)]
    by: Option<String>,
    /// The day on which the pieces came back; default: today
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = super::night_date::parse)]
    date: Option<Date>,
}

impl Arguments {
    /// What the audit log has of it; `None` where nothing is booked.
    pub(super) fn act(&self) -> Option<Act> {
        let job = self.job.as_deref().filter(|_| !self.dry_run && self.separators.is_none())?;
        let act = Act::new(job, "scan").night(self.date.unwrap_or_else(today)).by(self.by.as_deref());
        let act = act.option(self.accept.is_some(), "accept").list(self.accept.as_deref());
        Some(act.option(self.watch, "watch"))
    }
}

pub(super) fn scan(arguments: &Arguments, console: &Console) -> Result<CommandOutcome, Failure> {
    let day = arguments.date.unwrap_or_else(today);
    let job = arguments.job.as_deref().map(Job::load).transpose()?;
    if let Some(file) = &arguments.separators {
        return separator_sheets(file, job.as_ref(), day, console);
    }
    let Some(job) = job else {
        return Err(Failure::usage("arguments", "no job is named").with_advice("name the job file first"));
    };
    let order = ScanOrder {
        trust: returns::trusted(&job, arguments.trust.as_deref())?,
        reason: arguments.reason.as_deref().map(|reason| reason_of(&job, reason)).transpose()?,
        box_number: arguments.box_number,
        day,
        author: Author::named(arguments.by.as_deref()),
        dry_run: arguments.dry_run,
        paths: &arguments.paths,
        grade: arguments.grade,
        pictures: !arguments.no_pictures,
        job: &job,
    };
    match &arguments.accept {
        Some(file) => decisions(&order, file, console),
        None if arguments.paths == [Path::new("-")] => hand_scanner(&order, arguments.jsonl, console),
        None => pictures(&order, arguments, console),
    }
}

/// Sheets that were made.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct SeparatorSheets<'s> {
    /// The codes of their reasons, a sheet each.
    reasons: Vec<&'s str>,
    /// The file.
    separators: &'s Path,
}

/// A booking that was taken back, a line of `--jsonl`.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Undone<'p> {
    /// The piece, by its reference.
    undone: &'p str,
}

/// Makes the sheets that a clerk lays before a batch: for the reasons of a job, or the built-in ones.
fn separator_sheets(
    file: &Path,
    job: Option<&Job>,
    day: Date,
    console: &Console,
) -> Result<CommandOutcome, Failure> {
    refuse_unless_file("separators_path", "--separators", file)?;
    let reasons = job.map(Job::return_reasons).unwrap_or_default();
    let language = job.map(Job::language).unwrap_or_default();
    let pdf = returns::separators(language, &reasons, day)?;
    write_whole(file, &pdf)?;
    let made = SeparatorSheets { reasons: reasons.codes().collect(), separators: file };
    console.result(&made, |_| format!("separator sheets: {}", legible(&file.display().to_string())))?;
    Ok(CommandOutcome::Done)
}

fn decisions(order: &ScanOrder, file: &Path, console: &Console) -> Result<CommandOutcome, Failure> {
    let decisions = returns::read_decisions(file)?;
    let report = returns::accept(order, &decisions)?;
    let AcceptReport { accepted, refused, mailers } = &report;
    console.result(&report, |console| {
        let mut lines = vec![format!("{} decisions booked", accepted.len())];
        for RefusedDecision { path, page, problem, advice } in refused {
            let path = legible(path);
            lines.push(console.alert(&format!("  ! {path}, page {page}: {}; {advice}", legible(problem))));
        }
        lines.extend(mailers.iter().map(|mailer| console.alert(&recall(mailer))));
        lines.join("\n")
    })?;
    let good = refused.is_empty() && mailers.is_empty();
    Ok(if good { CommandOutcome::Done } else { CommandOutcome::NeedsAPerson })
}

/// The code of a reason that is written as its code or in its words.
fn reason_of(job: &Job, text: &str) -> Result<String, Failure> {
    let reasons = job.return_reasons();
    reasons.find(text).map(str::to_owned).ok_or_else(|| {
        let known: Vec<&str> = reasons.codes().collect();
        Failure::usage("unknown_reason", format!("`{}` is no reason of this job", legible(text)))
            .with_advice(format!("write one of {}, or add it to `[returns.reasons]`", known.join(", ")))
    })
}

fn pictures(order: &ScanOrder, arguments: &Arguments, console: &Console) -> Result<CommandOutcome, Failure> {
    let files = if arguments.watch { Vec::new() } else { returns::files(order.paths)? };
    let mut session = Session::begin(order);
    let bar = if console.shows_progress() { ProgressBar::new(0) } else { ProgressBar::hidden() };
    if let Ok(style) =
        ProgressStyle::with_template("pages read  {bar:32} {pos}/{len} files  {per_sec}  {eta} left")
    {
        bar.set_style(style);
    }
    let mut printer = Printer { console, jsonl: arguments.jsonl, bar };
    if arguments.watch {
        returns::watch(&mut session, order.paths, &mut printer, &stop_on_signals())?;
    } else {
        printer.bar.inc_length(files.len() as u64);
        session.files(&files, &mut printer)?;
    }
    printer.bar.finish_and_clear();
    let report = session.finish()?;
    if !arguments.jsonl {
        console.result(&report.outcomes, |console| text(&report, console))?;
    }
    Ok(outcome(&report.outcomes, &report.mailers))
}

/// Set once the process is asked to end.
fn stop_on_signals() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [INTERRUPT, TERMINATE] {
        // Where the system takes no handler, the signal ends the process: what was booked stays booked.
        let _ = signal_hook::flag::register(signal, stop.clone());
    }
    stop
}

/// SIGINT and SIGTERM.
const INTERRUPT: i32 = 2;
const TERMINATE: i32 = 15;

fn outcome(outcomes: &[Outcome], mailers: &[MailerUnderWay]) -> CommandOutcome {
    match outcomes.iter().any(Outcome::is_doubtful) || !mailers.is_empty() {
        true => CommandOutcome::NeedsAPerson,
        false => CommandOutcome::Done,
    }
}

/// Prints lines of JSON while a pile is read.
struct Printer<'c> {
    console: &'c Console,
    jsonl: bool,
    bar: ProgressBar,
}

impl Receiver for Printer<'_> {
    fn receive(&mut self, outcome: &Outcome) -> Result<(), Failure> {
        if self.jsonl {
            line_of_json(outcome, self.console)?;
        }
        Ok(())
    }

    fn file(&mut self) {
        self.bar.inc(1);
    }
}

fn line_of_json(outcome: &impl Serialize, console: &Console) -> Result<(), Failure> {
    let mut line = serde_json::to_vec(outcome).map_err(std::io::Error::from)?;
    line.push(b'\n');
    console.answer(&line)
}

fn hand_scanner(order: &ScanOrder, jsonl: bool, console: &Console) -> Result<CommandOutcome, Failure> {
    let report = returns::wand(order, stdin().lock(), |answer| match (answer, jsonl) {
        (Answer::Piece(outcome), true) => line_of_json(outcome, console),
        (Answer::Undone(Some(piece)), true) => line_of_json(&Undone { undone: piece }, console),
        (_, true) => Ok(()),
        (answer, false) if !console.is_json() => say(answer, order.job, console),
        _ => Ok(()),
    })?;
    if console.is_json() && !jsonl {
        console.output(&report.outcomes, "")?;
    }
    Ok(outcome(&report.outcomes, &report.mailers))
}

/// Answers the wand's clerk: a line in green or red, and one bell or three.
fn say(answer: &Answer, job: &Job, console: &Console) -> Result<(), Failure> {
    let words = match answer {
        Answer::Piece(outcome) => {
            let what = outcome.piece_id.as_deref().unwrap_or("?");
            let reason =
                outcome.return_reason.as_deref().map(|code| format!(" [{code}]")).unwrap_or_default();
            format!("{:<18} {what}{reason}: {}", word(outcome.verdict), outcome.remark)
        }
        Answer::Reason(code) => {
            let reasons = job.return_reasons();
            format!("reason             {code}: {}", reasons.words_in(Language::English, code))
        }
        Answer::Undone(Some(piece)) => format!("taken back         {piece}"),
        Answer::Undone(None) => "nothing            there is nothing to take back".to_owned(),
        Answer::BoxEnded(number, count) => {
            let number = number.map_or("no number".to_owned(), |number| number.to_string());
            format!("end of box         {number}: {}", counted(count, "piece"))
        }
        Answer::NotRead => "not read           scan it again".to_owned(),
    };
    let colour = match answer {
        _ if answer.is_good() => "32;1",
        Answer::Piece(outcome) if outcome.verdict == Verdict::Duplicate => "33;1",
        _ => "31;1",
    };
    console.part(&console.paint(colour, &words))?;
    console.bell(if answer.is_good() { 1 } else { 3 })
}

/// A verdict as people read it.
fn word(verdict: Verdict) -> String {
    verdict.code().replace('_', " ")
}

/// A mailer that follows its letter's return into the post unless somebody acts.
fn recall(MailerUnderWay { letter, mailer, state }: &MailerUnderWay) -> String {
    format!("  ! the mailer {mailer} of letter {letter} is {state}: recall it (`pli recall`)")
}

/// How many pages to look at are shown.
const SHOWN: usize = 30;

fn text(report: &ScanReport, console: &Console) -> String {
    let ScanReport { outcomes, mailers, report, grades } = report;
    let mut by_verdict: BTreeMap<Verdict, usize> = BTreeMap::new();
    outcomes.iter().for_each(|outcome| *by_verdict.entry(outcome.verdict).or_default() += 1);
    let seen_in_all = outcomes.len();
    let mut lines =
        vec![console.strong(&format!(
            "{seen_in_all} {}",
            agreeing(seen_in_all, "piece or page", "pieces and pages")
        ))];
    lines.extend(by_verdict.iter().map(|(verdict, count)| format!("  {:<20}{count:>8}", word(*verdict))));
    let seen = outcomes.iter().filter(|outcome| outcome.seen_before).count();
    lines.extend((seen > 0).then(|| format!("  {:<20}{seen:>8}", "of these seen before")));
    let doubtful: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.is_doubtful()).collect();
    for outcome in doubtful.iter().take(SHOWN) {
        let place = format!("{}, page {}", legible(&outcome.path), outcome.page);
        let words =
            format!("  ! {place}: {}: {}", word(outcome.verdict), legible(&outcome.remark.to_string()));
        lines.push(console.alert(&words));
    }
    if doubtful.len() > SHOWN {
        lines.push(console.alert(&format!("  ! and {} more to look at", doubtful.len() - SHOWN)));
    }
    lines.extend(mailers.iter().map(|mailer| console.alert(&recall(mailer))));
    for LotGrades { lot, day, symbol, count, mean, least } in grades {
        let lot = if lot.is_empty() { "unknown" } else { lot };
        lines.push(format!(
            "  lot {lot}, {day}, {symbol}: {count} graded, mean {mean:.1}, least {least:.1} (indicative)"
        ));
    }
    let shown = |path: &PathBuf| format!("report: {}", legible(&path.display().to_string()));
    lines.extend(report.as_ref().map(shown));
    lines.join("\n")
}
