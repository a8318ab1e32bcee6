//! What this process creates is its owner's alone.

/// Lets this process create files with mode 0600 and folders with mode 0700 at most, whatever the caller's umask (Unix). What
/// others may read is given its mode after it was made.
#[cfg(unix)]
pub(crate) fn keep_private() {
    use rustix::fs::Mode;
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
}

/// Other systems have no such permissions.
#[cfg(not(unix))]
pub(crate) fn keep_private() {}
