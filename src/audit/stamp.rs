//! The stamp: how far the log went, kept beside the kept templates. It tells a log that was put back to an earlier state.

use std::io;
use std::path::Path;

use super::Checkpoint;
use super::day::audit_io;
use crate::failure::Failure;
use crate::files::{private_folder, sync_folders, write_private};

/// The largest stamp that is read, in bytes.
const MAX_STAMP: u64 = 256;

/// Reads the stamp; `None` where there is none.
///
/// # Errors
/// `audit_stamp`: it holds no checkpoint; `audit_io`: this user can't read it.
pub(super) fn read(path: &Path) -> Result<Option<Checkpoint>, Failure> {
    if !path.exists() {
        return Ok(None);
    }
    let text = match foreign::read_text(path, MAX_STAMP) {
        Err(unreadable) if unreadable.error.kind() == io::ErrorKind::PermissionDenied => {
            return Err(audit_io(path, &unreadable.error));
        }
        text => text.ok(),
    };
    let found = text.and_then(|text| Checkpoint::parse(text.trim_end()));
    found.map(Some).ok_or_else(|| {
        Failure::refused(
            "audit_stamp",
            "holds no checkpoint of the audit log, so that nothing tells whether the log was cut",
        )
        .in_file(path.display())
        .with_advice("restore this file from a backup, or end the log and begin a new one with `pli audit JOB restart`")
    })
}

/// The stamp, for a verification.
///
/// # Errors
/// As [`read`].
pub(crate) fn kept(path: &Path) -> Result<Vec<(&'static str, Checkpoint)>, Failure> {
    Ok(read(path)?.map(|head| ("`kept/audit.stamp`", head)).into_iter().collect())
}

/// Writes the stamp, whole and synced.
///
/// # Errors
/// I/O errors.
pub(super) fn write(path: &Path, checkpoint: &Checkpoint) -> Result<(), Failure> {
    if let Some(folder) = path.parent() {
        private_folder(folder)?;
    }
    write_private(path, format!("{checkpoint}\n").as_bytes())?;
    Ok(sync_folders(path.parent().unwrap_or(path), &[])?)
}
