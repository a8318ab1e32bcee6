//! Several workers read files at the same time; what they read comes back with the number of its file.

use std::num::NonZero;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::{Scope, available_parallelism};

use foreign::Worker;

use super::page::PageRead;
use super::questions::{Answer, Fault, Held, LIMITS, Question, TASK};

/// What was read of a file.
#[derive(Debug)]
pub(in super::super) struct FileRead {
    /// The number that came with the file.
    pub number: usize,
    /// Its pages; one fault where the file itself can't be read.
    pub pages: Vec<Result<PageRead, Fault>>,
}

/// Workers that read files.
pub(in super::super) struct Pool {
    files: SyncSender<(usize, Arc<Vec<u8>>)>,
    read: Receiver<FileRead>,
}

impl Pool {
    /// Starts one worker for each core.
    pub(in super::super) fn start<'scope>(scope: &'scope Scope<'scope, '_>) -> Pool {
        let size = available_parallelism().map_or(1, NonZero::get);
        let (files, waiting) = sync_channel::<(usize, Arc<Vec<u8>>)>(size);
        // Without a bound: who gives files takes none meanwhile.
        let (found, read) = channel();
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..size {
            let (waiting, found) = (waiting.clone(), found.clone());
            scope.spawn(move || {
                let mut reader = Reader::default();
                loop {
                    let next = waiting.lock().ok().and_then(|waiting| waiting.recv().ok());
                    let Some((number, bytes)) = next else { break };
                    // Nobody listens once the pile is given up.
                    if found.send(FileRead { number, pages: reader.read(&bytes) }).is_err() {
                        break;
                    }
                }
            });
        }
        Pool { files, read }
    }

    /// Gives a file to the workers. Waits while all are busy.
    pub(in super::super) fn give(&self, number: usize, bytes: Arc<Vec<u8>>) {
        // The workers end only after this end of the channel.
        let _ = self.files.send((number, bytes));
    }

    /// The next file that was read; `None` where no worker is left.
    pub(in super::super) fn next(&self) -> Option<FileRead> {
        self.read.recv().ok()
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
    /// The pages of a file.
    fn read(&mut self, bytes: &[u8]) -> Vec<Result<PageRead, Fault>> {
        let count = match self.hold(bytes) {
            Ok(count) => count,
            Err(fault) => return vec![Err(fault)],
        };
        let mut pages = Vec::new();
        for page in 1..=count {
            let answer = self.ask(bytes, &Question::Read { page });
            pages.push(match answer {
                Ok(Answer::Read(read)) => Ok(read),
                Ok(Answer::Fault(fault)) | Err(fault) => Err(fault),
                Ok(_) => Err(Fault::of_file("the worker gave another answer", None)),
            });
        }
        pages
    }

    /// Gives the file to the worker; how many pages it has.
    fn hold(&mut self, bytes: &[u8]) -> Result<u32, Fault> {
        match self.question(&[b"F", bytes], |here| here.take(bytes.to_vec()))? {
            Answer::Pages(count) => Ok(count),
            Answer::Fault(fault) => Err(fault),
            _ => Err(Fault::of_file("the worker gave another answer", None)),
        }
    }

    /// Asks about a file that was given; gives it again to a worker that was started anew.
    fn ask(&mut self, bytes: &[u8], question: &Question) -> Result<Answer, Fault> {
        if self.worker.is_none() {
            self.hold(bytes)?;
        }
        let text = serde_json::to_vec(question).map_err(|error| Fault::of_file(error.to_string(), None))?;
        self.question(&[b"P", &text], |here| here.answer(question))
    }

    fn question(&mut self, parts: &[&[u8]], here: impl FnOnce(&mut Held) -> Answer) -> Result<Answer, Fault> {
        if self.worker.is_none() {
            match Worker::start(&["--json", "confined", TASK], LIMITS) {
                None => return Ok(here(&mut self.here)),
                Some(worker) => self.worker = Some(worker?),
            }
        }
        let Some(worker) = &mut self.worker else { return Err(Fault::of_file("no worker", None)) };
        let answer = worker.ask(parts);
        if answer.is_err() {
            self.worker = None;
        }
        serde_json::from_slice(&answer?).map_err(|_| Fault::of_file("the worker gave no answer", None))
    }
}
