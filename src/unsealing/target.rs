//! Where opened mailers go: a named pipe, or a folder of a file system that lies in memory.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, fstatfs, linkat, open, openat};
use rustix::process::geteuid;

use super::shown;
use crate::failure::Failure;

/// The types of file systems that lie in memory (statfs(2)): tmpfs and ramfs.
const TMPFS_MAGIC: u64 = 0x0102_1994;
const RAMFS_MAGIC: u64 = 0x8584_58f6;
/// The list of the system's swap areas.
const SWAPS: &str = "/proc/swaps";
/// The largest such list that is read, in bytes.
const MAX_SWAPS: u64 = 1 << 20;

/// A target.
#[derive(Debug)]
pub(super) enum Target {
    /// A named pipe.
    Pipe(PathBuf),
    /// A folder in memory.
    Memory(PathBuf),
}

impl Target {
    /// What a path is. Opens no pipe yet.
    ///
    /// # Errors
    /// `unseal_target`: it is neither pipe nor folder, or not there; `unseal_disk`: a folder that does not lie in memory;
    /// `unseal_open_to_others`: it is another user's, or others may read the pipe or enter the folder.
    pub(super) fn find(path: &Path) -> Result<Target, Failure> {
        let neither = |problem: String| {
            Failure::usage("unseal_target", problem).in_file(shown(path)).with_advice(
                "name a pipe (`mkfifo -m 600 PIPE`) that the press's queue reads, or a folder in memory (`mkdir -m 700 /dev/shm/press`)",
            )
        };
        let metadata = std::fs::metadata(path).map_err(|error| neither(error.to_string()))?;
        let target = match metadata.file_type() {
            kind if kind.is_fifo() => Target::Pipe(path.to_owned()),
            kind if kind.is_dir() => {
                let folder = open(path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty());
                let kind = folder.map_err(io::Error::from).and_then(file_system);
                refuse_disk(path, kind.map_err(|error| neither(error.to_string()))?)?;
                Target::Memory(path.to_owned())
            }
            _ => return Err(neither("neither a named pipe nor a folder".to_owned())),
        };
        target.refuse_others(&metadata)?;
        Ok(target)
    }

    /// Refuses a target that is another user's, or that others can reach.
    fn refuse_others(&self, metadata: &Metadata) -> Result<(), Failure> {
        let (mode, user) = (metadata.permissions().mode() & 0o777, geteuid().as_raw());
        let (Target::Pipe(path) | Target::Memory(path)) = self;
        let problem = match (metadata.uid() == user, mode & 0o077) {
            (true, 0) => return Ok(()),
            (true, _) => {
                format!("other users of this machine can reach what is written there (mode {mode:03o})")
            }
            (false, _) => {
                format!("it belongs to the user {}, and this command works as {user}", metadata.uid())
            }
        };
        let advice = match self {
            Target::Pipe(_) => "make a pipe of this user's own (`mkfifo -m 600 PIPE`)".to_owned(),
            Target::Memory(_) => {
                format!("make a folder of this user's own within it: `mkdir -m 700 {}/press`", path.display())
            }
        };
        Err(Failure::refused("unseal_open_to_others", problem).in_file(shown(path)).with_advice(advice))
    }

    /// What a record calls it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Target::Pipe(_) => "pipe",
            Target::Memory(_) => "memory",
        }
    }

    /// Writes a file. `claim` is called once nothing but the last step can fail any more: a pipe has a reader, or the bytes lie in a
    /// file in memory that has no name yet. Returns where the bytes went.
    ///
    /// # Errors
    /// `unseal_there`: there is such a file; `unseal_write`; those of `claim`; `unseal_lost`: it failed after `claim`.
    pub(super) fn write(
        &self,
        name: &str,
        plain: &[u8],
        claim: impl FnOnce() -> Result<(), Failure>,
    ) -> Result<String, Failure> {
        match self {
            Target::Pipe(path) => {
                // Waits until somebody reads it.
                let failed = |error| not_written(path, &error);
                let mut pipe = OpenOptions::new().write(true).open(path).map_err(failed)?;
                let metadata = pipe.metadata().map_err(failed)?;
                if !metadata.file_type().is_fifo() {
                    return Err(not_written(path, &io::Error::other("it is no pipe any more")));
                }
                self.refuse_others(&metadata)?;
                claim()?;
                pipe.write_all(plain).map_err(|error| lost(path, &error))?;
                Ok(shown(path))
            }
            Target::Memory(folder) => {
                let path = folder.join(name);
                if path.symlink_metadata().is_ok() {
                    return Err(there(&path));
                }
                let failed = |error| not_written(&path, &error);
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
                let opened = open(folder, flags, Mode::empty()).map_err(io::Error::from).map_err(failed)?;
                let opened = File::from(opened);
                self.refuse_others(&opened.metadata().map_err(failed)?)?;
                let file = unnamed(&opened).map_err(failed)?;
                refuse_disk(folder, file_system(&file).map_err(failed)?)?;
                (&file).write_all(plain).map_err(failed)?;
                claim()?;
                name_it(&file, &opened, name).map_err(|error| lost(&path, &error))?;
                warn_of_swap(folder);
                Ok(shown(&path))
            }
        }
    }
}

/// A file without a name in an opened folder, mode 0600: it goes with its process, however that ends.
fn unnamed(folder: &File) -> io::Result<File> {
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    Ok(File::from(openat(folder, ".", flags, Mode::RUSR | Mode::WUSR)?))
}

/// Gives a file without a name its name in an opened folder. Replaces nothing.
fn name_it(file: &File, folder: &File, name: &str) -> io::Result<()> {
    let number = std::os::fd::AsRawFd::as_raw_fd(file);
    let unnamed = format!("/proc/self/fd/{number}");
    Ok(linkat(CWD, unnamed, folder, name, AtFlags::SYMLINK_FOLLOW)?)
}

/// The type of the file system on which a file lies, as statfs(2) has it.
pub(super) fn file_system(file: impl AsFd) -> io::Result<u64> {
    // The type has 32 bits; some systems extend its sign.
    Ok(fstatfs(file)?.f_type as u64 & 0xffff_ffff)
}

/// Whether a type of file system is that of memory.
pub(super) fn is_memory(kind: u64) -> bool {
    [TMPFS_MAGIC, RAMFS_MAGIC].contains(&kind)
}

fn refuse_disk(folder: &Path, kind: u64) -> Result<(), Failure> {
    if is_memory(kind) {
        return Ok(());
    }
    let problem = format!(
        "the folder lies on a disk or in a network (file system {kind:#x}), and codes in clear are never written there"
    );
    Err(Failure::refused("unseal_disk", problem).in_file(shown(folder)).with_advice(
        "name a folder in memory (`mkdir -m 700 /dev/shm/press`), or a pipe that the press's queue reads",
    ))
}

/// Warns where the system may move what lies in memory to a disk.
fn warn_of_swap(folder: &Path) {
    let areas = foreign::read_text(Path::new(SWAPS), MAX_SWAPS).map(|text| text.lines().skip(1).count());
    if areas.is_ok_and(|areas| areas > 0) {
        tracing::warn!(
            code = "memory_swaps",
            "{}: this system swaps, so memory may be written to a disk; run `swapoff -a`, or mount a tmpfs with `noswap`",
            shown(folder)
        );
    }
}

fn there(path: &Path) -> Failure {
    Failure::refused("unseal_there", "there is such a file already")
        .in_file(shown(path))
        .with_advice("empty the folder first: what the press has printed is removed at once")
}

fn not_written(path: &Path, error: &io::Error) -> Failure {
    Failure::midway("unseal_write", format!("can't be written: {error}"))
        .in_file(shown(path))
        .with_advice("see that the memory has room and the target is there, then run the same command again: it opens what is not opened yet")
}

/// The failure of the last step, after the opening was noted. The same command does not go on from here.
fn lost(path: &Path, error: &io::Error) -> Failure {
    Failure::refused("unseal_lost", format!("it was noted as opened, and could not be written whole: {error}"))
        .in_file(shown(path))
        .with_advice("have its mailers destroyed, and printed again in a lot of their own (`pli reprint`); a job that lists approvers may let the file be opened once more (`--file`)")
}
