//! Work on foreign input in a child process, where a library can't be stopped: limits of time, memory and output.
//!
//! The child is this same program. It begins with [`confine`], reads its input from standard input and writes its answer to
//! standard output. What it prints elsewhere is dropped: it could be foreign.

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

/// What a child may use.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Address space in bytes.
    pub memory: u64,
    /// Time on the clock in seconds. The processor time is limited to twice as much.
    pub seconds: u64,
    /// Answer in bytes.
    pub output: u64,
}

/// How a child ended by itself.
#[derive(Debug)]
pub struct Outcome {
    /// Its exit code.
    pub code: u8,
    /// What it wrote to standard output.
    pub output: Vec<u8>,
}

/// A child that gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    /// The system started no process, or the pipes broke.
    #[error("no child process can be started: {0}")]
    Start(#[from] io::Error),
    /// The time was over.
    #[error("not done within {0} s")]
    Time(u64),
    /// The answer was too long.
    #[error("more than {} MiB of output", .0 >> 20)]
    Output(u64),
    /// The system allows less than the child may use, or stopped it.
    #[error("the system stopped the child process: {0}")]
    System(String),
    /// The child died: out of memory, out of stack.
    #[error("more memory needed than the {} MiB that are allowed, or nested too deeply", .0 >> 20)]
    Died(u64),
}

impl ChildError {
    /// Whether the cause lies in the system that this program runs on, and not in the input.
    pub fn is_of_the_system(&self) -> bool {
        matches!(self, ChildError::Start(_) | ChildError::System(_))
    }
}

/// What to do about an error of the system ([`ChildError::is_of_the_system`]).
pub const ADVICE_ON_CHILDREN: &str = "raise what the system allows (`ulimit -a`: memory, processes, open files, processor time), then run the same command again";

/// Whether `main` of this process answers to the arguments of a child.
static MAY_RUN_ITSELF: AtomicBool = AtomicBool::new(false);

/// Declares that this process's program answers to the arguments of [`run_this_program`]. Called by `main` alone: a test
/// binary, or a program that uses this as a library, answers to none and works in its own process.
pub fn this_program_may_run_itself() {
    MAY_RUN_ITSELF.store(true, Ordering::Relaxed);
}

/// Runs this program as a child with these arguments and this input. `None` where it answers to none
/// ([`this_program_may_run_itself`] was not called).
///
/// # Errors
/// [`ChildError`]: not started, over a limit, or dead by a signal.
pub fn run_this_program<A: AsRef<OsStr>>(
    arguments: &[A],
    input: Vec<u8>,
    limits: Limits,
) -> Option<Result<Outcome, ChildError>> {
    let command = this_program()?;
    Some(
        command.map_err(ChildError::from).and_then(|mut command| run(command.args(arguments), input, limits)),
    )
}

/// This program as a command. `None` where it answers to no arguments of a child.
pub(super) fn this_program() -> Option<io::Result<Command>> {
    MAY_RUN_ITSELF.load(Ordering::Relaxed).then(|| {
        // On Linux the very file that runs, even where a newer one has taken its path.
        let program = match cfg!(target_os = "linux") {
            true => "/proc/self/exe".into(),
            false => std::env::current_exe()?,
        };
        Ok(Command::new(program))
    })
}

fn run(command: &mut Command, input: Vec<u8>, limits: Limits) -> Result<Outcome, ChildError> {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn()?;
    let (answered, answer) = mpsc::sync_channel(1);
    if let Some(mut pipe) = child.stdin.take() {
        // A child that stops reading breaks the pipe; its answer says why.
        std::thread::spawn(move || pipe.write_all(&input));
    }
    if let Some(pipe) = child.stdout.take() {
        std::thread::spawn(move || {
            let mut output = Vec::new();
            let read = pipe.take(limits.output.saturating_add(1)).read_to_end(&mut output);
            // Nobody listens once the time is over.
            let _ = answered.send(read.map(|_| output));
        });
    }
    let output = answer.recv_timeout(Duration::from_secs(limits.seconds));
    // Whatever it still does, it has answered or its time is over. A child that has ended can't be killed.
    if !matches!(&output, Ok(Ok(output)) if output.len() as u64 <= limits.output) {
        let _ = child.kill();
    }
    let status = child.wait()?;
    let output = output.map_err(|_| ChildError::Time(limits.seconds))??;
    if output.len() as u64 > limits.output {
        return Err(ChildError::Output(limits.output));
    }
    ended(status, output, limits)
}

/// An exit code is an answer; a signal is none.
pub(super) fn ended(status: ExitStatus, output: Vec<u8>, limits: Limits) -> Result<Outcome, ChildError> {
    match status.code() {
        // The system's own loader, before the program begins.
        Some(127) => Err(ChildError::System("its libraries can't be loaded".to_owned())),
        // What a child says of its input does not count where it failed for want of memory or time.
        Some(code) => match shortage(limits).filter(|_| code != 0) {
            Some(shortage) => Err(ChildError::System(shortage)),
            None => Ok(Outcome { code: u8::try_from(code).unwrap_or(u8::MAX), output }),
        },
        #[cfg(unix)]
        None if std::os::unix::process::ExitStatusExt::signal(&status) == Some(PROCESSOR_TIME_OVER) => {
            Err(shortage(limits).map_or(ChildError::Time(limits.seconds), ChildError::System))
        }
        None => Err(match shortage(limits) {
            Some(shortage) => ChildError::System(shortage),
            #[cfg(unix)]
            None if std::os::unix::process::ExitStatusExt::signal(&status) == Some(KILLED) => {
                ChildError::System("it was killed, as it is where the machine has no memory left".to_owned())
            }
            None => ChildError::Died(limits.memory),
        }),
    }
}

/// What this process is allowed far less of than the child may use.
#[cfg(unix)]
fn shortage(limits: Limits) -> Option<String> {
    use rustix::process::{Resource, getrlimit};
    let lower = |resource, wanted: u64| getrlimit(resource).maximum.filter(|&allowed| allowed < wanted / 2);
    let memory = lower(Resource::As, limits.memory);
    let memory = memory.map(|allowed| {
        format!("{} MiB of memory are allowed, and it may need {}", allowed >> 20, limits.memory >> 20)
    });
    let processor = || lower(Resource::Cpu, limits.seconds.saturating_mul(2));
    memory.or_else(|| Some(format!("{} s of processor time are allowed", processor()?)))
}

/// Other systems have no such limits.
#[cfg(not(unix))]
fn shortage(_limits: Limits) -> Option<String> {
    None
}

/// SIGKILL, which is not this program's where the child is not over its time.
#[cfg(unix)]
const KILLED: i32 = 9;

/// SIGXCPU.
#[cfg(unix)]
const PROCESSOR_TIME_OVER: i32 = 24;

/// Limits this process, which is a child: address space, processor time, no core dump. Stricter limits that hold already
/// stay.
///
/// # Errors
/// I/O errors: the system sets no such limit.
#[cfg(unix)]
pub fn confine(limits: Limits) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = |resource, value: u64| {
        let value = getrlimit(resource).maximum.map_or(value, |maximum| maximum.min(value));
        setrlimit(resource, Rlimit { current: Some(value), maximum: Some(value) })
    };
    limit(Resource::Core, 0)?;
    limit(Resource::As, limits.memory)?;
    let processor = limits.seconds.saturating_mul(2);
    // Two cores at most are busy all the time in what a child does. The signal of its own comes before the one that kills.
    let maximum = getrlimit(Resource::Cpu).maximum;
    let maximum = maximum.map_or(processor + 1, |maximum| maximum.min(processor + 1));
    setrlimit(Resource::Cpu, Rlimit { current: Some(processor.min(maximum)), maximum: Some(maximum) })?;
    Ok(())
}

/// Limits this process, which is a child: other systems set no limits; the parent's time and output limits hold.
///
/// # Errors
/// Never fails.
#[cfg(not(unix))]
pub fn confine(_limits: Limits) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { memory: 1 << 30, seconds: 20, output: 1 << 20 };

    fn shell(script: &str, input: &[u8], limits: Limits) -> Result<Outcome, ChildError> {
        run(Command::new("/bin/sh").args(["-c", script]), input.to_vec(), limits)
    }

    #[test]
    fn a_child_answers() {
        let outcome = shell("cat; exit 3", b"question", LIMITS).unwrap();
        assert_eq!((outcome.code, outcome.output.as_slice()), (3, &b"question"[..]));
    }

    #[test]
    fn a_child_that_goes_too_far_is_stopped() {
        let slow = Limits { seconds: 1, ..LIMITS };
        assert!(matches!(shell("sleep 60", b"", slow), Err(ChildError::Time(1))));
        let long = Limits { output: 10, ..LIMITS };
        assert!(matches!(shell("yes", b"", long), Err(ChildError::Output(10))));
        assert!(matches!(shell("kill -ABRT $$", b"", LIMITS), Err(ChildError::Died(_))));
        assert!(matches!(shell("kill -XCPU $$", b"", LIMITS), Err(ChildError::Time(20))));
    }

    #[test]
    fn what_the_system_stops_is_not_the_inputs_fault() {
        for script in ["kill -KILL $$", "exit 127"] {
            assert!(shell(script, b"", LIMITS).unwrap_err().is_of_the_system(), "{script}");
        }
        assert!(ChildError::from(io::Error::from_raw_os_error(24)).is_of_the_system());
    }

    #[test]
    fn a_test_binary_answers_to_no_arguments() {
        assert!(run_this_program(&["confined"], vec![], LIMITS).is_none());
    }
}
