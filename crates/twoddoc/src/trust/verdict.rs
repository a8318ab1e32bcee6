//! What is said of a code: a word, and why.

use super::super::Algorithm;
use serde::Serialize;

/// What is to be thought of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Signed with a trusted key, on a day it was valid, and sound.
    Valid,
    /// Altered, revoked, out of its time, or not sound: not to be accepted.
    Invalid,
    /// Nothing trusted says who signed.
    Untrusted,
    /// No 2D-DOC could be read.
    Unreadable,
}

/// The verdict on a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Verdict {
    /// The word.
    pub status: Status,
    /// The algorithm of the key that was tried; `None` if no key was.
    pub algorithm: Option<Algorithm>,
    /// Whose key was tried: `ORDRE NATIONAL DES INFIRMIERS (FR03/ONI1)`.
    pub signer: Option<String>,
    /// Why, in words.
    pub reason: String,
}

/// What is accepted besides what the trust folder says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policy {
    /// Whether codes of test authorities (`XX00`) and test certificates (`0000`) may be valid: S326 p. 15-16.
    pub accept_test_authorities: bool,
}

impl Verdict {
    /// The verdict on a content that is no 2D-DOC.
    #[must_use]
    pub fn unreadable(reason: impl Into<String>) -> Verdict {
        Verdict::new(Status::Unreadable, reason)
    }

    pub(super) fn new(status: Status, reason: impl Into<String>) -> Verdict {
        Verdict { status, algorithm: None, signer: None, reason: reason.into() }
    }
}
