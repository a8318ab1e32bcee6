//! The command line: arguments become calls; reports become text or JSON, and an exit code.
//!
//! One file for each command. Everything is printed through `console`. Only this module asks the clock for today's date.

mod acts;
mod approve;
mod arguments;
mod audit;
mod check;
mod confined;
mod console;
mod demo;
mod dispatch;
mod doctor;
mod error_document;
mod init;
mod keys;
mod ledger;
mod log;
mod man;
mod merge;
mod metrics;
mod names;
mod night_date;
mod output_path;
mod piece_list;
mod preview;
mod progress;
mod prove;
mod recall;
mod reconcile;
mod render;
mod reprint;
mod returns;
mod run;
mod sample;
mod scan;
#[cfg(test)]
mod schema_tests;
mod shard_option;
mod status;
mod template;
#[cfg(target_os = "linux")]
mod unseal;
mod verdict_box;
mod verify;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{ArgAction, CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use crate::failure::{Exit, Failure};
use crate::files::keep_private;
use acts::{Act, panic_text};
use console::Console;
use metrics::Metrics;

/// Print-ready card letters and PIN/PUK mailers from card-issuance records, proved and accounted for.
#[derive(Debug, Parser)]
#[command(
    name = "pli",
    version,
    propagate_version = true,
    after_help = "Examples:\n  pli demo\n  pli run job.toml --date 2026-11-23\n\nDocuments, such as docs/messages.md with the cause and cure of every code, lie in /usr/share/doc/pli with the Debian package."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Print one JSON document on standard output, and nothing else there
    #[arg(long, global = true)]
    json: bool,
    /// Say less: errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say more; twice for everything
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show everything on an empty machine: sample records, a letter night, a mailer night, pictures
    Demo(demo::Arguments),
    /// Run a night: records to proved, released print files
    Run(run::Arguments),
    /// Merge the shares of a night and release it
    Merge(merge::Arguments),
    /// Say what a night would reject, warn about and produce
    Check(check::Arguments),
    /// Make a production job: folders, keys, a commented job file
    Init(init::Arguments),
    /// Look at a job before the night does
    Doctor(doctor::Arguments),
    /// Make a ready job folder with synthetic records
    Sample(sample::Arguments),
    /// Make and describe keys
    #[command(subcommand, after_help = "Example:\n  pli keys new signing --output keys/signing.pem")]
    Keys(keys::Command),
    /// Read, check and verify any 2D-DOC
    Verify(verify::Arguments),
    /// Prove a lot again from its files alone
    Prove(prove::Arguments),
    /// Open mailers at the press, into a pipe or into memory
    #[cfg(target_os = "linux")]
    Unseal(unseal::Arguments),
    /// Hold what the inserter's machine, its camera or a hand scanner read against a lot
    Reconcile(reconcile::Arguments),
    /// Pull pieces before they leave
    Recall(recall::Arguments),
    /// Say that a lot has left
    Dispatch(dispatch::Arguments),
    /// Print damaged or missing pieces again
    Reprint(reprint::Arguments),
    /// Read returned envelopes and letters, and book what came back
    Scan(scan::Arguments),
    /// Decide what becomes of mail that came back
    #[command(subcommand, after_help = "Example:\n  pli returns held job.toml")]
    Returns(returns::Command),
    /// Approve what nobody does alone
    Approve(approve::Arguments),
    /// Show what the ledger knows
    Status(status::Arguments),
    /// Care for the ledger
    Ledger(ledger::Arguments),
    /// Verify the audit log, export a day of it, cosign it, or say what a breach notice needs
    Audit(audit::Arguments),
    /// Print one piece of a template to PDF or PNG
    Render(render::Arguments),
    /// Show a template as it prints, in the browser, while it is written
    Preview(preview::Arguments),
    /// Work on templates
    #[command(subcommand, after_help = "Example:\n  pli template check templates/card-letter")]
    Template(template::Command),
    /// Do a task of this program's own, within limits
    #[command(subcommand, hide = true)]
    Confined(confined::Task),
    /// Write the manual pages
    Man(man::Arguments),
    /// Print a shell's completions
    #[command(after_help = "Example:\n  pli completions bash > /etc/bash_completion.d/pli")]
    Completions {
        /// The shell
        shell: Shell,
    },
}

impl Command {
    /// The act that the audit log has of this command; `None` where it only reads, and for a rehearsal.
    fn act(&self) -> Option<Act> {
        match self {
            Command::Run(arguments) => arguments.act(),
            Command::Merge(arguments) => Some(arguments.act()),
            Command::Keys(command) => command.act(),
            Command::Reconcile(arguments) => Some(arguments.act()),
            Command::Recall(arguments) => Some(arguments.act()),
            Command::Dispatch(arguments) => Some(arguments.act()),
            Command::Reprint(arguments) => Some(arguments.act()),
            Command::Scan(arguments) => arguments.act(),
            Command::Returns(command) => command.act(),
            Command::Ledger(arguments) => arguments.act(),
            Command::Audit(arguments) => arguments.act(),
            Command::Approve(arguments) => arguments.act(),
            #[cfg(target_os = "linux")]
            Command::Unseal(arguments) => arguments.act(),
            _ => None,
        }
    }
}

impl Command {
    /// The job that it writes into without an act: rehearsals and shares keep laid-out stock, and another log is begun.
    fn job_of_no_act(&self) -> Option<&Path> {
        match self {
            Command::Run(arguments) => Some(&arguments.job),
            Command::Check(arguments) => Some(arguments.job()),
            Command::Audit(arguments) => arguments.restarts(),
            _ => None,
        }
    }

    /// Whether it writes for designers or of what is public: files that a team may share, with the caller's umask.
    fn writes_for_all(&self) -> bool {
        matches!(
            self,
            Command::Template(_)
                | Command::Preview(_)
                | Command::Verify(_)
                | Command::Man(_)
                | Command::Completions { .. }
        )
    }
}

/// Runs the program on the process's arguments.
pub fn main() -> ExitCode {
    if let Err(failure) = arguments::refuse_private_keys(std::env::args_os()) {
        let json = std::env::args_os().any(|argument| argument == "--json");
        Console::new(json, false, 0).failure(&failure);
        return ExitCode::from(failure.exit().code());
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return console::usage(&error),
    };
    if !arguments.command.writes_for_all() {
        keep_private();
    }
    let console = Console::new(arguments.json, arguments.quiet, arguments.verbose);
    console.start_log(matches!(arguments.command, Command::Confined(_)));
    let metrics = match &arguments.command {
        Command::Run(run) => run.metrics(),
        Command::Merge(merge) => merge.metrics(),
        _ => None,
    };
    let command = AssertUnwindSafe(|| {
        metrics.as_ref().map_or(Ok(()), Metrics::refuse_other_file)?;
        outlive_file_limit();
        limit_threads()?;
        let act = arguments.command.act();
        if let Some(job) = act.as_ref().map(Act::job).or(arguments.command.job_of_no_act()) {
            acts::refuse_another_user(job)?;
        }
        acts::recorded(act, || run(arguments.command, &console))
    });
    let outcome = catch_unwind(command).unwrap_or_else(|panic| Err(Failure::bug(panic_text(&*panic))));
    let outcome = match metrics {
        Some(metrics) => metrics.write(outcome),
        None => outcome,
    };
    match outcome {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::NeedsAPerson) => ExitCode::from(1),
        Ok(Outcome::Refused) => ExitCode::from(Exit::Refused.code()),
        Ok(Outcome::WouldStop) => ExitCode::from(Exit::Usage.code()),
        Err(failure) => {
            console.failure(&failure);
            ExitCode::from(failure.exit().code())
        }
    }
}

fn run(command: Command, console: &Console) -> Result<Outcome, Failure> {
    match command {
        Command::Demo(arguments) => demo::demo(&arguments, console),
        Command::Run(arguments) => run::run(&arguments, console),
        Command::Merge(arguments) => merge::merge(&arguments, console),
        Command::Check(arguments) => check::check(&arguments, console),
        Command::Init(arguments) => init::init(&arguments, console),
        Command::Doctor(arguments) => doctor::doctor(&arguments, console),
        Command::Sample(arguments) => sample::sample(&arguments, console),
        Command::Keys(command) => keys::keys(&command, console),
        Command::Verify(arguments) => verify::verify(&arguments, console),
        Command::Prove(arguments) => prove::prove(&arguments, console),
        #[cfg(target_os = "linux")]
        Command::Unseal(arguments) => unseal::unseal(&arguments, console),
        Command::Reconcile(arguments) => reconcile::reconcile(&arguments, console),
        Command::Recall(arguments) => recall::recall(&arguments, console),
        Command::Dispatch(arguments) => dispatch::dispatch(&arguments, console),
        Command::Reprint(arguments) => reprint::reprint(&arguments, console),
        Command::Scan(arguments) => scan::scan(&arguments, console),
        Command::Returns(command) => returns::returns(&command, console),
        Command::Approve(arguments) => approve::approve(&arguments, console),
        Command::Status(arguments) => status::status(&arguments, console),
        Command::Ledger(arguments) => ledger::ledger(&arguments, console),
        Command::Audit(arguments) => audit::audit(&arguments, console),
        Command::Render(arguments) => render::render(&arguments, console),
        Command::Preview(arguments) => preview::preview(&arguments, console),
        Command::Template(command) => template::template(&command, console),
        Command::Confined(task) => confined::confined(&task, console),
        Command::Man(arguments) => man::man(&arguments, Arguments::command(), console),
        Command::Completions { shell } => {
            console.completions(shell, &mut Arguments::command()).map(|()| Outcome::Done)
        }
    }
}

/// Lets a write over the system's limit of file sizes (`ulimit -f`) fail as one to a full disk does; the signal would end
/// the process without a word.
#[cfg(unix)]
fn outlive_file_limit() {
    // SIGXFSZ.
    const FILE_SIZE_OVER: i32 = 25;
    // Where the system takes no handler, the signal ends the process as before.
    let _ = signal_hook::flag::register(FILE_SIZE_OVER, Arc::default());
}

/// Other systems have no such limit.
#[cfg(not(unix))]
fn outlive_file_limit() {}

/// The most threads that `RAYON_NUM_THREADS` may ask for.
const MAX_THREADS: usize = 64;

/// Works with [`MAX_THREADS`] threads, or four for each core where that is more, if more are asked for.
///
/// # Errors
/// `threads`: the system starts no such number of threads.
fn limit_threads() -> Result<(), Failure> {
    let asked = std::env::var("RAYON_NUM_THREADS").ok().and_then(|number| number.trim().parse().ok());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let most = MAX_THREADS.max(4 * cores);
    if asked.is_none_or(|asked: usize| asked <= most) {
        return Ok(());
    }
    let built = rayon::ThreadPoolBuilder::new().num_threads(most).build_global();
    built.map_err(|error| {
        Failure::midway("threads", format!("{most} threads can't be started: {error}"))
            .with_advice("set `RAYON_NUM_THREADS` to the number of cores, then run the same command again")
            .caused_by(error)
    })
}

/// The outcome of a command that did its work.
enum Outcome {
    /// Nothing is left to do (exit code 0).
    Done,
    /// A person must look at rejects or verdicts (exit code 1).
    NeedsAPerson,
    /// What was looked at can't be relied on (exit code 3).
    Refused,
    /// What was looked at would stop a night (exit code 2).
    WouldStop,
}
