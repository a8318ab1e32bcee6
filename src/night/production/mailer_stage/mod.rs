//! The mailer stage: a process of its own makes the mailers, and its memory goes with it.
//!
//! The run starts this program once more and speaks to it over a socket ([`message`]); codes that are piped to the run are read by
//! the child, whose standard input that is. The child alone opens codes files, composes,
//! proves and seals ([`maker`], [`again`]); it keeps its memory to itself and ends with its parent. The run answers its questions
//! from the plan ([`desk`]): records go one way, and counts, digests, findings and numbers come back, never a code. Where this
//! program answers to no arguments (a test, a program that uses it as a library) a thread takes the child's part.

mod again;
mod desk;
mod link;
mod look;
mod maker;
mod message;
mod source;

pub(in crate::night) use desk::{Answers, PlanDesk, PrintedPieces};
pub(crate) use look::{OpenedCodes, open_waiting_codes};
pub(crate) use maker::make_mailers;
pub(in crate::night) use message::{AgainMailer, AgainTask, LotOrder, MadeLot, NightTask, StageOrder, Task};

use std::io::{self, BufReader, PipeReader, PipeWriter};
use std::process::Stdio;

use foreign::{ADVICE_ON_CHILDREN, LONGEST_FRAME, Session, read_frame, write_frame};
use tracing::level_filters::LevelFilter;

use super::StockCache;
use crate::failure::Failure;
use crate::job::{Job, ObjectUrl};
use crate::night::order::Progress;
use link::Link;
use message::Report;

/// The variables of the environment that the child gets: how many threads, where temporary files go, where libraries lie, no
/// colours.
const VARIABLES: [&str; 4] = ["RAYON_NUM_THREADS", "TMPDIR", "LD_LIBRARY_PATH", "NO_COLOR"];

/// What an object store is reached with, where codes files lie in one.
const OF_STORES: [&str; 8] = [
    "HOME",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "NO_PROXY",
    "no_proxy",
];

/// The beginnings of the names of the variables that hold a store's credentials and addresses.
const STORES: [&str; 3] = ["AWS_", "AZURE_", "GOOGLE_"];

/// The stage, as the run speaks to it.
pub(in crate::night) struct Stage<'a> {
    end: End,
    progress: &'a dyn Progress,
    stock: &'a StockCache,
}

/// The other end.
enum End {
    /// A process of its own.
    Process(Session),
    /// A thread of this process.
    Thread(PipeWriter, BufReader<PipeReader>),
}

/// Starts the stage of a job, does the work with it, and ends it. What the stage does is shown as `progress`; what a person should
/// know of the laid-out stock is added to `stock`.
///
/// # Errors
/// `mailer_stage`: no process can be started; those of the work.
pub(in crate::night) fn with_stage<T>(
    job: &Job,
    progress: &dyn Progress,
    stock: &StockCache,
    work: impl FnOnce(&mut Stage) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let not_started = |error: io::Error| {
        Failure::midway(
            "mailer_stage",
            format!("the process that makes the mailers can't be started: {error}"),
        )
        .with_advice(ADVICE_ON_CHILDREN)
        .caused_by(error)
    };
    let variables = variables(job);
    let variables: Vec<&str> = variables.iter().map(String::as_str).collect();
    let input = if job.input().codes_piped { Stdio::inherit() } else { Stdio::null() };
    if let Some(session) = Session::start(&arguments(job), &variables, input) {
        let end = End::Process(session.map_err(not_started)?);
        return work(&mut Stage { end, progress, stock });
    }
    let ((asked, to), (from, answered)) =
        (io::pipe().map_err(not_started)?, io::pipe().map_err(not_started)?);
    std::thread::scope(|scope| {
        scope.spawn(|| maker::serve(Ok(job), &Link::new(BufReader::new(asked), answered)));
        // The thread ends once its pipe does.
        work(&mut Stage { end: End::Thread(to, BufReader::new(from)), progress, stock })
    })
}

/// The arguments of the child: what it is to do, and to log as much as this process does.
fn arguments(job: &Job) -> Vec<std::ffi::OsString> {
    let level = match LevelFilter::current() {
        LevelFilter::OFF | LevelFilter::ERROR => Some("-q"),
        LevelFilter::WARN => None,
        LevelFilter::INFO => Some("-v"),
        _ => Some("-vv"),
    };
    let named = level.into_iter().chain(["confined", "mailers", "--"]).map(Into::into);
    named.chain([job.file.clone().into_os_string()]).collect()
}

/// The variables of the environment that the child of a job gets.
fn variables(job: &Job) -> Vec<String> {
    let mut names: Vec<String> = VARIABLES.iter().map(|name| (*name).to_owned()).collect();
    if job.input().codes.iter().any(|pattern| ObjectUrl::parse(pattern).is_some()) {
        names.extend(OF_STORES.iter().map(|name| (*name).to_owned()));
        let set = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
        names.extend(set.filter(|name| STORES.iter().any(|store| name.starts_with(store))));
    }
    names
}

impl Stage<'_> {
    /// Has the stage do a task, and answers what it asks meanwhile. Returns the lot that it made, where it made one.
    ///
    /// # Errors
    /// Those of the task; `mailer_stage_ended`: the process ended before it was done.
    pub(in crate::night) fn ask(
        &mut self,
        order: &StageOrder,
        desk: &mut dyn Answers,
    ) -> Result<Option<MadeLot>, Failure> {
        let order = serde_json::to_vec(order).map_err(io::Error::from)?;
        self.send(&order)?;
        loop {
            match self.receive()? {
                Report::Begin(phase, total) => self.progress.begin(phase, total),
                Report::Advance(by) => self.progress.advance(by),
                Report::End => self.progress.end(),
                Report::Alerts(alerts) => self.stock.take_over(alerts),
                Report::Made(lot) => return Ok(lot.map(|lot| *lot)),
                Report::Failed(failure) => return Err(failure),
                report => {
                    if let Some(answer) = desk.answer(report)? {
                        self.send(&answer)?;
                    }
                }
            }
        }
    }

    fn send(&mut self, frame: &[u8]) -> Result<(), Failure> {
        let sent = match &mut self.end {
            End::Process(session) => session.send(frame),
            End::Thread(to, _) => write_frame(to, &[frame]),
        };
        sent.map_err(|_| self.ended())
    }

    fn receive(&mut self) -> Result<Report, Failure> {
        let received = match &mut self.end {
            End::Process(session) => session.receive(),
            End::Thread(_, from) => read_frame(from, LONGEST_FRAME),
        };
        match received {
            Ok(Some(frame)) => serde_json::from_slice(&frame)
                .map_err(|_| Failure::bug("the mailer stage says what nobody knows")),
            Ok(None) | Err(_) => Err(self.ended()),
        }
    }

    /// The failure of a stage that ended too early.
    fn ended(&mut self) -> Failure {
        let how = match &mut self.end {
            End::Process(session) => session.end(),
            End::Thread(..) => "its thread broke off".to_owned(),
        };
        let problem = format!(
            "the process that makes the mailers ended before it was done ({how}); nothing was released"
        );
        Failure::midway("mailer_stage_ended", problem).with_advice(
            "run the same command again; if it was killed for want of memory, lower `output.pieces_per_file`",
        )
    }
}
