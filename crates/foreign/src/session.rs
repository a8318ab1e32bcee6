//! A child process of this program that works for its parent, and is spoken to in both directions for as long as that takes.
//!
//! It has no limits of time or memory: it does this program's own work, apart from its parent's memory. It begins with those
//! variables of the environment alone that it is given by name, and ends with its parent's interest: once the [`Session`] is
//! dropped it is killed. Both speak over one socket, which is the child's standard output ([`parent`]): its standard input is
//! free for what the parent must not see.

use std::ffi::OsStr;
use std::io::{self, BufReader};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Child, Stdio};

use super::child::this_program;
use super::frames::{read_frame, write_frame};

/// The longest frame of a session, in bytes.
pub const LONGEST_FRAME: u64 = 256 << 20;

/// A child that was started. It is killed where it is dropped.
#[derive(Debug)]
pub struct Session {
    child: Child,
    to: UnixStream,
    from: BufReader<UnixStream>,
}

/// The socket to the parent, in a child that a [`Session`] started.
///
/// # Errors
/// I/O errors: standard output is closed.
pub fn parent() -> io::Result<UnixStream> {
    io::stdout().as_fd().try_clone_to_owned().map(UnixStream::from)
}

impl Session {
    /// Starts this program with these arguments, these variables of the environment, which need not be set, and this standard
    /// input. What it logs goes where this process's log goes. `None` where this program answers to no arguments
    /// ([`this_program_may_run_itself`](crate::this_program_may_run_itself) was not called).
    ///
    /// # Errors
    /// I/O errors: the system starts no process.
    pub fn start<A: AsRef<OsStr>>(
        arguments: &[A],
        variables: &[&str],
        input: Stdio,
    ) -> Option<io::Result<Session>> {
        let command = this_program()?;
        Some(command.and_then(|mut command| {
            let kept = variables.iter().filter_map(|name| Some((*name, std::env::var_os(name)?)));
            command.args(arguments).env_clear().envs(kept);
            let (to, of_child) = UnixStream::pair()?;
            let from = BufReader::new(to.try_clone()?);
            let child = command.stdin(input).stdout(OwnedFd::from(of_child)).spawn()?;
            Ok(Session { child, to, from })
        }))
    }

    /// Sends a frame.
    ///
    /// # Errors
    /// I/O errors: the child is dead.
    pub fn send(&mut self, frame: &[u8]) -> io::Result<()> {
        write_frame(&mut self.to, &[frame])
    }

    /// Waits for the next frame; `None` once the child has ended.
    ///
    /// # Errors
    /// I/O errors; a frame that was cut off.
    pub fn receive(&mut self) -> io::Result<Option<Vec<u8>>> {
        read_frame(&mut self.from, LONGEST_FRAME)
    }

    /// How a child that does not answer ended, in words. It is killed if it has not.
    pub fn end(&mut self) -> String {
        // A child that is about to end by itself says why, if it is left a moment.
        for _ in 0..20 {
            if let Ok(Some(status)) = self.child.try_wait() {
                return status.to_string();
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        let _ = self.child.kill();
        self.child.wait().map_or_else(|error| error.to_string(), |status| status.to_string())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // A child that has ended can't be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
