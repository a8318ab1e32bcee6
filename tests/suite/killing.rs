//! Kills the program before any one change that it makes to files: not at a moment, which another machine misses, but at
//! a call, one after the other.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};

use tempfile::TempDir;

use crate::tools::{text, tool};

/// What kills.
pub struct Killer {
    folder: TempDir,
}

impl Killer {
    /// Compiles `kill_at.c`. `None` except on Linux, and without a C compiler where a missing judge skips the test.
    pub fn new() -> Option<Killer> {
        if !cfg!(target_os = "linux") {
            let _ = writeln!(std::io::stderr(), "skipped: killing at calls is for Linux");
            return None;
        }
        let killer = Killer { folder: tempfile::tempdir().expect("a folder") };
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/kill_at.c");
        tool("cc", &["-shared", "-fPIC", "-O1", "-o", text(&killer.library()), source, "-ldl"])?;
        Some(killer)
    }

    /// Tries every `step`-th change of a command until it comes to its end. `attempt` kills before the change that it is
    /// told, looks at what that left, and says whether the command was killed.
    pub fn sweep(step: usize, mut attempt: impl FnMut(u32) -> bool) {
        let last = (1..).step_by(step).find(|change| !attempt(*change));
        assert!(last > Some(100), "a command makes many changes");
    }

    fn library(&self) -> PathBuf {
        self.folder.path().join("kill_at.so")
    }

    /// Kills a command before its `change`-th change of a file; false where it makes fewer and comes to its end.
    pub fn kills(&self, command: &mut Command, change: u32) -> bool {
        let killed = command
            .env("LD_PRELOAD", self.library())
            .env("KILL_AT", change.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("the program starts");
        was_killed(killed)
    }
}

#[cfg(unix)]
fn was_killed(status: ExitStatus) -> bool {
    const SIGKILL: i32 = 9;
    std::os::unix::process::ExitStatusExt::signal(&status) == Some(SIGKILL)
}

#[cfg(not(unix))]
fn was_killed(_: ExitStatus) -> bool {
    false
}
