//! Records of openings: a file for each sealed file that was opened, by the SHA-256 of its bytes. It is made before the first
//! byte leaves, appears whole, and is never replaced: so each file is opened once, and once more for each approval.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::files::{private_folder, sync_folders, write_new};

/// The largest record that is read, in bytes.
const MAX_RECORD_SIZE: u64 = 64 << 10;

/// An opening. Names no card and no person but the one who opened it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OpeningRecord {
    /// The lot with its kind.
    pub(super) lot: String,
    /// The sealed file's name.
    pub(super) file: String,
    /// SHA-256 of its sealed bytes.
    pub(super) sha256: String,
    /// Who opened it.
    pub(super) by: String,
    /// When, in UTC.
    pub(super) at: String,
    /// `pipe` or `memory`.
    pub(super) to: String,
}

/// The folder of the records.
#[derive(Debug)]
pub(super) struct Records {
    folder: PathBuf,
}

impl Records {
    /// The records in a folder, which may be missing.
    pub(super) fn in_folder(folder: &Path) -> Records {
        Records { folder: folder.to_owned() }
    }

    /// The record of an opening of the bytes with this digest, counted from 1.
    fn path(&self, sha256: &str, time: u32) -> PathBuf {
        match time {
            1 => self.folder.join(format!("{sha256}.json")),
            _ => self.folder.join(format!("{sha256}.{time}.json")),
        }
    }

    /// The time, counted from 1, for which a file would be opened now.
    pub(super) fn next_time(&self, sha256: &str) -> u32 {
        let there = |time: &u32| {
            let found = self.path(sha256, *time).symlink_metadata();
            !found.is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
        };
        (1..u32::MAX).find(|time| !there(time)).unwrap_or(u32::MAX)
    }

    /// The refusal to open a file once more.
    pub(super) fn refusal(&self, file: &str, sha256: &str) -> Failure {
        opened_before(file, &self.path(sha256, self.next_time(sha256).saturating_sub(1).max(1)))
    }

    /// Notes the opening of a file for this time, durably.
    ///
    /// # Errors
    /// `unsealed_before`: another process was first; I/O errors.
    pub(super) fn claim(&self, record: &OpeningRecord, time: u32) -> Result<(), Failure> {
        private_folder(&self.folder)?;
        let path = self.path(&record.sha256, time);
        let text = serde_json::to_string(record).map_err(|error| Failure::bug(error.to_string()))?;
        match write_new(&path, format!("{text}\n"), 0o600) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                Err(opened_before(&record.file, &path))
            }
            written => Ok(written.and_then(|()| sync_folders(&self.folder, &[]))?),
        }
    }
}

fn opened_before(file: &str, record: &Path) -> Failure {
    let known = foreign::read_text(record, MAX_RECORD_SIZE).ok();
    let known = known.and_then(|text| serde_json::from_str::<OpeningRecord>(&text).ok());
    let problem = match known {
        Some(OpeningRecord { by, at, .. }) => format!("`{file}` was opened already, on {at} by {by}"),
        None => format!("`{file}` was opened already"),
    };
    Failure::refused("unsealed_before", problem).in_file(record.display()).with_advice(
        "each file is opened once; have mailers that were lost at the press destroyed, and printed again in a lot of their own (`pli reprint`); a job that lists approvers may let it be opened once more"
    )
}
