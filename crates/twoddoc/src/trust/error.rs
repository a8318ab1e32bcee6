//! Errors of a trust folder, and faults of the files in it.

use std::fmt;
use std::path::PathBuf;
use thiserror::Error;

/// Why a trust folder can't be read. A file that can't be opened is an error, because it may be a revocation list.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrustError {
    /// A folder or file can't be read; the message names it.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The folder does not exist.
    #[error("the trust folder `{}` does not exist", _0.display())]
    NotFound(PathBuf),
    /// The path is a file.
    #[error("the trust folder `{}` is a file", _0.display())]
    NotAFolder(PathBuf),
    /// The folder has too many entries.
    #[error("`{}` holds more than {limit} files or folders", folder.display())]
    TooMany {
        /// The folder.
        folder: PathBuf,
        /// Maximum number of entries.
        limit: usize,
    },
    /// The folder's files are too large together.
    #[error("the files in `{}` have more than {} MiB together", folder.display(), limit >> 20)]
    TooLarge {
        /// The folder.
        folder: PathBuf,
        /// Maximum size in bytes.
        limit: u64,
    },
}

impl TrustError {
    /// What the user can do about it, if there is something.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        match self {
            TrustError::NotAFolder(_) => Some("give the folder that holds it"),
            TrustError::TooMany { .. } | TrustError::TooLarge { .. } => {
                Some("check that it is the trust folder")
            }
            _ => None,
        }
    }
}

/// Damaged or unusable content of a file. The rest of the file is used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrustFault {
    /// The file, relative to the folder.
    pub file: String,
    /// Where in it, if it holds more than one thing: `block 2`.
    pub location: Option<String>,
    /// What is wrong.
    pub message: String,
}

/// A file, or a part of one, that is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SkippedFile {
    /// The file, relative to the folder.
    pub file: String,
    /// What it is instead.
    pub reason: String,
    /// Whether it may contain certificates or revocation lists in a format that is not supported.
    pub notable: bool,
}

/// Maximum number of faults reported for one file.
const MAX_FAULTS_PER_FILE: usize = 20;

/// Limits the faults of each file, and adds the number of those left out.
pub(super) fn limit_per_file(faults: Vec<TrustFault>) -> Vec<TrustFault> {
    let mut reported = Vec::new();
    for of_file in faults.chunk_by(|one, next| one.file == next.file) {
        reported.extend(of_file.iter().take(MAX_FAULTS_PER_FILE).cloned());
        if let Some((first, more)) =
            of_file.first().zip(of_file.get(MAX_FAULTS_PER_FILE..).filter(|more| !more.is_empty()))
        {
            let message = format!("and {} more faults in this file", more.len());
            reported.push(TrustFault { file: first.file.clone(), location: None, message });
        }
    }
    reported
}

/// Why a certificate or a revocation list can't be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum DecodeError {
    /// Not the expected ASN.1.
    #[error("damaged: {0}")]
    Der(#[from] x509_cert::der::Error),
    /// It is truncated.
    #[error("damaged: it is cut short")]
    Truncated,
    /// The inner and the outer signature algorithm differ (RFC 5280 §4.1.1.2).
    #[error("damaged: it names two signature algorithms")]
    Algorithms,
    /// A time is not in the calendar.
    #[error("damaged: a date in it is none")]
    Date,
    /// An indirect revocation list (RFC 5280 §5.3.3).
    #[error(
        "this list revokes certificates of other issuers, which is not read here: ask for their own lists"
    )]
    Indirect,
}

impl fmt::Display for TrustFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TrustFault { file, location, message } = self;
        match location {
            Some(location) => write!(formatter, "`{file}`, {location}: {message}"),
            None => write!(formatter, "`{file}`: {message}"),
        }
    }
}

impl fmt::Display for SkippedFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` is skipped: {}", self.file, self.reason)
    }
}
