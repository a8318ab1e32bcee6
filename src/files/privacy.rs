//! What this process creates is its owner's alone, and what others left open is told.

use std::path::Path;

/// Lets this process create files with mode 0600 and folders with mode 0700 at most, whatever the caller's umask (Unix). What
/// others may read is given its mode after it was made.
#[cfg(unix)]
pub(crate) fn keep_private() {
    use rustix::fs::Mode;
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
}

/// Whether others than its owner may read or write a file (Unix).
#[cfg(unix)]
pub(crate) fn open_to_others(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs_err::metadata(file).is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
}

/// Other systems have no such permissions.
#[cfg(not(unix))]
pub(crate) fn open_to_others(_file: &Path) -> bool {
    false
}

/// Other systems have no such permissions.
#[cfg(not(unix))]
pub(crate) fn keep_private() {}
