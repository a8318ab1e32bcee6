//! Several workers read files at the same time; what they read comes back with the number of its file.

use std::num::NonZero;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{Scope, available_parallelism};

use foreign::Worker;

use super::super::crop::Crop;
use super::page::PageRead;
use super::questions::{Answer, Fault, Held, LIMITS, Question, Shown, TASK};

/// How many workers a file may kill before the rest of it is left unread.
const MOST_DEAD: u32 = 3;

/// What is wanted of a file.
pub(in super::super) enum Task {
    /// The symbols of its pages, and with `grade` how well they are printed.
    Read { grade: bool },
    /// Small pictures of some of its pages.
    Show(Vec<Shown>),
}

/// What was done with a file.
pub(in super::super) enum Done {
    /// Its pages; one fault where the file itself can't be read.
    Pages(Vec<Result<PageRead, Fault>>),
    /// The pictures of its pages, as they were asked for; `None` where a page can't be shown.
    Pictures(Vec<Option<Crop>>),
}

/// Workers that read files.
pub(in super::super) struct Pool {
    files: SyncSender<(usize, Arc<Vec<u8>>, Task)>,
    done: Receiver<(usize, Done)>,
}

impl Pool {
    /// Starts one worker for each core.
    pub(in super::super) fn start<'scope>(scope: &'scope Scope<'scope, '_>) -> Pool {
        let size = available_parallelism().map_or(1, NonZero::get);
        let (files, waiting) = sync_channel::<(usize, Arc<Vec<u8>>, Task)>(size);
        // Without a bound: who gives files takes none meanwhile.
        let (found, done) = channel();
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..size {
            let (waiting, found) = (waiting.clone(), found.clone());
            scope.spawn(move || {
                let mut reader = Reader::default();
                loop {
                    let next = waiting.lock().ok().and_then(|waiting| waiting.recv().ok());
                    let Some((number, bytes, task)) = next else { break };
                    // Nobody listens once the pile is given up.
                    if found.send((number, reader.work(&bytes, task))).is_err() {
                        break;
                    }
                }
            });
        }
        Pool { files, done }
    }

    /// Gives a file to the workers. Waits while all are busy.
    pub(in super::super) fn give(&self, number: usize, bytes: Vec<u8>, task: Task) {
        // The workers end only after this end of the channel.
        let _ = self.files.send((number, Arc::new(bytes), task));
    }

    /// The next file that is done, by its number; `None` where no worker is left.
    pub(in super::super) fn next(&self) -> Option<(usize, Done)> {
        self.done.recv().ok()
    }
}

/// One worker, started when it is needed and again when it is dead.
#[derive(Default)]
struct Reader {
    worker: Option<Worker>,
    /// Reads in this process, where this program can't start itself.
    here: Held,
}

impl Reader {
    fn work(&mut self, bytes: &[u8], task: Task) -> Done {
        match task {
            Task::Read { grade } => Done::Pages(self.read(bytes, grade)),
            Task::Show(pages) => {
                let held = self.hold(bytes).is_ok();
                let mut show = |page: Shown| match self.ask(bytes, &Question::Crop(page)) {
                    Ok(Answer::Crop(crop)) => crop,
                    _ => None,
                };
                Done::Pictures(pages.into_iter().map(|page| held.then(|| show(page)).flatten()).collect())
            }
        }
    }

    /// The pages of a file.
    fn read(&mut self, bytes: &[u8], grade: bool) -> Vec<Result<PageRead, Fault>> {
        let count = match self.hold(bytes) {
            Ok(count) => count,
            Err(fault) => return vec![Err(fault)],
        };
        let mut dead = 0;
        let mut pages = Vec::new();
        for page in 1..=count {
            let mut read = self.page(bytes, page, grade);
            if read.as_ref().is_err_and(|fault| fault.passing && !fault.of_the_system) && dead < MOST_DEAD {
                dead += 1;
                read = self.page(bytes, page, grade);
            }
            let given_up = dead >= MOST_DEAD;
            pages.push(read);
            if given_up {
                let left = (page + 1..=count).map(|_| Err(Fault::given_up()));
                pages.extend(left);
                break;
            }
        }
        pages
    }

    fn page(&mut self, bytes: &[u8], page: u32, grade: bool) -> Result<PageRead, Fault> {
        match self.ask(bytes, &Question::Read { page, grade })? {
            Answer::Read(read) => Ok(read),
            Answer::Fault(fault) => Err(fault),
            _ => Err(another_answer()),
        }
    }

    /// Gives the file to the worker; how many pages it has.
    fn hold(&mut self, bytes: &[u8]) -> Result<u32, Fault> {
        match self.question(&[b"F", bytes], |here| here.take(bytes.to_vec()))? {
            Answer::Pages(count) => Ok(count),
            Answer::Fault(fault) => Err(fault),
            _ => Err(another_answer()),
        }
    }

    /// Asks about a file that was given; gives it again to a worker that was started anew.
    fn ask(&mut self, bytes: &[u8], question: &Question) -> Result<Answer, Fault> {
        if self.worker.is_none() {
            self.hold(bytes)?;
        }
        let text =
            serde_json::to_vec(question).map_err(|error| Fault::of_file(error.to_string(), None, UNASKED))?;
        self.question(&[b"P", &text], |here| here.answer(question))
    }

    fn question(&mut self, parts: &[&[u8]], here: impl FnOnce(&mut Held) -> Answer) -> Result<Answer, Fault> {
        if self.worker.is_none() {
            match Worker::start(&["--json", "confined", TASK], LIMITS) {
                None => return Ok(here(&mut self.here)),
                Some(worker) => self.worker = Some(worker.map_err(|error| Fault::no_worker(&error))?),
            }
        }
        let Some(worker) = &mut self.worker else { return Err(another_answer()) };
        let answer = worker.ask(parts);
        if answer.is_err() {
            self.worker = None;
        }
        let answer = answer.map_err(|error| Fault::no_answer(&error))?;
        serde_json::from_slice(&answer).map_err(|_| another_answer())
    }
}

/// Questions and answers of workers that do not fit, in French.
const UNASKED: &str = "la lecture a donné une autre réponse que celle qui était demandée";

fn another_answer() -> Fault {
    Fault::of_file("the worker gave another answer than was asked for", None, UNASKED)
}
