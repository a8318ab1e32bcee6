//! Cuts the program short before any one change that it makes to files: not at a moment, which another machine misses, but
//! at a call, one after the other. It is killed, finds the disk full from there on, or loses its machine's power.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use tempfile::TempDir;

use crate::power::{Disk, Loss};
use crate::tools::{text, tool};

/// How a command is cut short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// It is killed.
    Kill,
    /// From a change on the disk is full, and the command says so: exit code 4.
    Full,
    /// The power is lost, also once the command has come to its end.
    Power(Loss),
}

/// The cuts of a sweep, by change.
pub type CutAt = fn(u32) -> Cut;

/// Kills only.
pub const KILL: CutAt = |_| Cut::Kill;
/// Full disks only.
pub const FULL: CutAt = |_| Cut::Full;
/// Another loss at each change.
pub const POWER: CutAt = |change| Cut::Power(Loss::of(change));

/// How a command ended.
pub struct Ended {
    /// Whether it came to the change at which it is cut short.
    pub is_cut: bool,
    /// Whether it came to its end and has done all.
    pub is_done: bool,
}

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

    /// Tries every `step`-th change of a command until it comes to its end. `attempt` cuts it short at the change that it is
    /// told, looks at what that left, and says whether the command was cut short.
    pub fn sweep(step: usize, mut attempt: impl FnMut(u32) -> bool) {
        let last = (1..).step_by(step).find(|change| !attempt(*change));
        assert!(last > Some(20), "a command makes many changes: {last:?}");
    }

    /// Cuts a command short that works in a folder, at its `change`-th change of a file.
    pub fn cuts(&self, command: &mut Command, change: u32, cut: Cut, folder: &Path) -> Ended {
        let killed = |command: &mut Command| {
            let is_cut = self.kills(command, change);
            Ended { is_cut, is_done: !is_cut }
        };
        match cut {
            Cut::Kill => killed(command),
            Cut::Full => self.fills(command, change),
            Cut::Power(loss) => {
                let disk = Disk::of(folder);
                disk.watches(command);
                let ended = killed(command);
                disk.lose(loss);
                ended
            }
        }
    }

    /// Lets a command find the disk full from its `change`-th change of a file on. It may be done by then except for what
    /// SQLite tidies at the end.
    fn fills(&self, command: &mut Command, change: u32) -> Ended {
        let mark = self.folder.path().join(format!("full-{change}"));
        let command = command.env("LD_PRELOAD", self.library()).env("FULL_MARK", &mark);
        let ran = command.env("FULL_AT", change.to_string()).output().expect("the program starts");
        let (is_cut, is_done) = (mark.exists(), matches!(ran.status.code(), Some(0 | 1)));
        let errors = String::from_utf8_lossy(&ran.stderr);
        assert!(
            is_done || ran.status.code() == Some(4),
            "full from change {change} on: {:?}: {errors}",
            ran.status
        );
        let _ = fs_err::remove_file(mark);
        Ended { is_cut, is_done }
    }

    /// Has the process that a command starts to make mailers killed before its `change`-th change of a file, or find the disk
    /// full from there on.
    pub fn cuts_stage(&self, command: &mut Command, change: u32, cut: Cut) {
        let name = if cut == Cut::Kill { "STAGE_KILL_AT" } else { "STAGE_FULL_AT" };
        command.env("LD_PRELOAD", self.library()).env(name, change.to_string());
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
