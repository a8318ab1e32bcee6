//! A child process that answers many questions on foreign input, one after the other, and may die without taking its parent
//! along.
//!
//! Questions and answers are frames.

use std::ffi::OsStr;
use std::io::{self, BufReader};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use super::child::{ChildError, Limits, ended, this_program};
use super::frames::{read_frame, write_frame};

/// A worker that was started. It is killed where it is dropped.
#[derive(Debug)]
pub struct Worker {
    child: Child,
    questions: Option<ChildStdin>,
    answers: Receiver<io::Result<Vec<u8>>>,
    limits: Limits,
}

impl Worker {
    /// Starts this program as a worker with these arguments. `limits.seconds` is the time for each answer, and
    /// `limits.output` its length. `None` where this program answers to none
    /// ([`this_program_may_run_itself`](crate::this_program_may_run_itself) was not called).
    ///
    /// # Errors
    /// [`ChildError::Start`].
    pub fn start<A: AsRef<OsStr>>(arguments: &[A], limits: Limits) -> Option<Result<Worker, ChildError>> {
        let command = this_program()?;
        Some(command.map_err(ChildError::from).and_then(|mut command| {
            let command = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
            Worker::of(command.stderr(Stdio::null()).spawn()?, limits)
        }))
    }

    fn of(mut child: Child, limits: Limits) -> Result<Worker, ChildError> {
        let (answered, answers) = sync_channel(1);
        let questions = child.stdin.take();
        if let Some(pipe) = child.stdout.take() {
            std::thread::Builder::new().spawn(move || {
                let mut pipe = BufReader::new(pipe);
                loop {
                    let frame = read_frame(&mut pipe, limits.output);
                    let last = !matches!(frame, Ok(Some(_)));
                    let answer = frame.and_then(|frame| frame.ok_or(io::ErrorKind::UnexpectedEof.into()));
                    // Nobody listens once the worker is dropped.
                    if answered.send(answer).is_err() || last {
                        break;
                    }
                }
            })?;
        }
        Ok(Worker { child, questions, answers, limits })
    }

    /// Asks a question of several parts, and waits for the answer. After an error the worker is of no more use.
    ///
    /// # Errors
    /// [`ChildError`]: the time is over, the answer is too long, or the worker is dead.
    pub fn ask(&mut self, parts: &[&[u8]]) -> Result<Vec<u8>, ChildError> {
        self.ask_within(parts, self.limits.seconds)
    }

    /// Asks a question that has a time of its own, in seconds. As [`Worker::ask`] in all else.
    ///
    /// # Errors
    /// As for [`Worker::ask`].
    pub fn ask_within(&mut self, parts: &[&[u8]], seconds: u64) -> Result<Vec<u8>, ChildError> {
        let Some(mut pipe) = self.questions.take() else { return Err(ChildError::Died(self.limits.memory)) };
        let time = Duration::from_secs(seconds);
        let (answer, pipe) = std::thread::scope(|scope| {
            // A worker that does not read holds the writer up, and not the clock.
            let writer = scope.spawn(move || {
                let written = write_frame(&mut pipe, parts);
                written.map(|()| pipe)
            });
            let answer = self.answers.recv_timeout(time);
            let ends = matches!(&answer, Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof);
            if !matches!(answer, Ok(Ok(_))) && !ends {
                // A child that has ended can't be killed.
                let _ = self.child.kill();
            }
            (answer, writer.join())
        });
        match answer {
            Ok(Ok(answer)) => {
                self.questions = pipe.ok().and_then(Result::ok);
                Ok(answer)
            }
            Err(RecvTimeoutError::Timeout) => Err(ChildError::Time(seconds)),
            Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => {
                Err(ChildError::Output(self.limits.output))
            }
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => Err(self.why_dead()),
        }
    }

    /// Why the worker is dead.
    fn why_dead(&mut self) -> ChildError {
        match self.child.wait() {
            Err(error) => ChildError::Start(error),
            Ok(status) => match ended(status, Vec::new(), self.limits) {
                // It ended by itself, without an answer.
                Ok(_) => ChildError::Died(self.limits.memory),
                Err(error) => error,
            },
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The task of a worker: answers the questions that come on standard input, until there are no more.
///
/// # Errors
/// I/O errors of the pipes; a question of more than `longest` bytes.
pub fn serve(longest: u64, mut answer: impl FnMut(Vec<u8>) -> Vec<u8>) -> io::Result<()> {
    let (mut questions, mut answers) = (io::stdin().lock(), io::stdout().lock());
    while let Some(question) = read_frame(&mut questions, longest)? {
        write_frame(&mut answers, &[&answer(question)])?;
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;

    use super::*;

    const LIMITS: Limits = Limits { memory: 1 << 30, seconds: 10, output: 1 << 10 };

    fn shell(script: &str, limits: Limits) -> Result<Worker, ChildError> {
        let mut command = Command::new("/bin/sh");
        let command = command.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
        Worker::of(command.spawn()?, limits)
    }

    #[test]
    fn questions_are_answered_one_after_the_other() {
        let mut worker = shell("cat", LIMITS).unwrap();
        for question in [&b"one"[..], b"", b"three"] {
            assert_eq!(worker.ask(&[question, b"!"]).unwrap(), [question, b"!"].concat());
        }
    }

    #[test]
    fn a_worker_that_dies_or_sleeps_or_talks_too_much_is_given_up() {
        assert!(matches!(shell("kill -SEGV $$", LIMITS).unwrap().ask(&[b"x"]), Err(ChildError::Died(_))));
        assert!(matches!(shell("exit 0", LIMITS).unwrap().ask(&[b"x"]), Err(ChildError::Died(_))));
        let hurried = Limits { seconds: 1, ..LIMITS };
        let mut asleep = shell("exec sleep 60", hurried).unwrap();
        // More than the pipe holds.
        assert!(matches!(asleep.ask(&[&vec![0; 1 << 20]]), Err(ChildError::Time(1))));
        assert!(asleep.ask(&[b"x"]).is_err(), "it is of no more use");
        assert!(matches!(
            shell("cat", LIMITS).unwrap().ask(&[&vec![0; 2000]]),
            Err(ChildError::Output(1024))
        ));
    }
}
