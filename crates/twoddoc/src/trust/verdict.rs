//! The verdict on a code: a status and the reason for it.

use super::super::Algorithm;
use serde::Serialize;

/// The status of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Signed with a trusted key, within its validity period if it has one, and without [invalid](crate::Level::Invalid) findings.
    Valid,
    /// Not to be accepted: without a signature, altered, revoked, signed outside the validity period, or with an
    /// [invalid](crate::Level::Invalid) finding.
    Invalid,
    /// Nothing trusted vouches for the signer.
    Untrusted,
    /// Not a 2D-DOC.
    Unreadable,
}

/// The verdict on a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Verdict {
    /// The status.
    pub status: Status,
    /// The algorithm of the key that was tried; `None` if no key was.
    pub algorithm: Option<Algorithm>,
    /// The holder of the key that was tried: `ORDRE NATIONAL DES INFIRMIERS (FR03/ONI1)`.
    pub signer: Option<String>,
    /// The reason, as a sentence for users.
    pub reason: String,
}

/// What is accepted in addition to what the trust folder vouches for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policy {
    /// Whether codes of test authorities (`XX00`) and test certificates (`0000`) may be valid: S326 p. 15-16.
    pub accept_test_authorities: bool,
}

impl Verdict {
    /// The verdict on content that is not a 2D-DOC.
    #[must_use]
    pub fn unreadable(reason: impl Into<String>) -> Verdict {
        Verdict::new(Status::Unreadable, reason)
    }

    pub(super) fn new(status: Status, reason: impl Into<String>) -> Verdict {
        Verdict { status, algorithm: None, signer: None, reason: reason.into() }
    }
}
