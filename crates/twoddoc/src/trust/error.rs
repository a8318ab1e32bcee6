//! What goes wrong with a trust folder: the folder itself, or a file in it.

use std::fmt;
use std::path::PathBuf;
use thiserror::Error;

/// A trust folder that can't be read. A file that can't be opened stops the reading: it may be the one that
/// revokes.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrustError {
    /// Folder or file; the message names it.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Nothing is there.
    #[error("the trust folder `{}` does not exist", _0.display())]
    Absent(PathBuf),
    /// A file or something else is there.
    #[error("the trust folder `{}` is a file; give the folder that holds it", _0.display())]
    NoFolder(PathBuf),
    /// More than a trust folder can be.
    #[error("`{}` holds more than {limit} files or folders: is it a trust folder?", folder.display())]
    TooMany {
        /// The folder.
        folder: PathBuf,
        /// How many may be there.
        limit: usize,
    },
}

/// Something in a file of the folder that is damaged or can't be used. The rest is used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrustFault {
    /// The file, relative to the folder.
    pub file: String,
    /// Where in it, if it holds more than one thing: `block 2`.
    pub place: Option<String>,
    /// What is wrong.
    pub message: String,
}

/// A file, or a part of one, that is nothing a trust folder uses.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SkippedFile {
    /// The file, relative to the folder.
    pub file: String,
    /// What it is instead.
    pub reason: String,
    /// Whether it may hold certificates or revocation lists in a form that is not read here: then something may be
    /// missing.
    pub notable: bool,
}

/// The most faults that are reported of one file.
const MAX_FAULTS_PER_FILE: usize = 20;

/// Faults in the order of their files, cut where one file has too many.
pub(super) fn limit_per_file(faults: Vec<TrustFault>) -> Vec<TrustFault> {
    let mut reported = Vec::new();
    for of_file in faults.chunk_by(|one, next| one.file == next.file) {
        reported.extend(of_file.iter().take(MAX_FAULTS_PER_FILE).cloned());
        if let Some((first, more)) =
            of_file.first().zip(of_file.get(MAX_FAULTS_PER_FILE..).filter(|more| !more.is_empty()))
        {
            let message = format!("and {} more faults in this file", more.len());
            reported.push(TrustFault { file: first.file.clone(), place: None, message });
        }
    }
    reported
}

/// Why a certificate or a revocation list can't be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum DecodeError {
    /// Not the ASN.1 it begins as.
    #[error("damaged: {0}")]
    Der(#[from] x509_cert::der::Error),
    /// It ends before it should.
    #[error("damaged: it is cut short")]
    Short,
    /// RFC 5280 §4.1.1.2 wants the same algorithm inside and outside.
    #[error("damaged: it names two signature algorithms")]
    Algorithms,
    /// A time that is none.
    #[error("damaged: a date in it is none")]
    Date,
    /// RFC 5280 §5.3.3.
    #[error(
        "this list revokes certificates of other issuers, which is not read here: ask for their own lists"
    )]
    Indirect,
}

impl fmt::Display for TrustFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TrustFault { file, place, message } = self;
        match place {
            Some(place) => write!(formatter, "`{file}`, {place}: {message}"),
            None => write!(formatter, "`{file}`: {message}"),
        }
    }
}

impl fmt::Display for SkippedFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` is passed over: {}", self.file, self.reason)
    }
}
