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
pub struct PassedOver {
    /// The file, relative to the folder.
    pub file: String,
    /// What it is instead.
    pub reason: String,
}

/// Why a certificate or a revocation list can't be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum Damage {
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

impl fmt::Display for PassedOver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` is passed over: {}", self.file, self.reason)
    }
}
