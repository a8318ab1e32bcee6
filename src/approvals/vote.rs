//! A vote: somebody signs the hash of a request.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use twoddoc::SigningKey;

use super::public_key::PublicKey;
use super::request::{SignedRequest, written};
use super::signed::{Document, Signed};
use crate::failure::Failure;
use crate::ledger::SystemUser;

/// A vote, without its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Ballot {
    format: String,
    /// The hash of the request.
    request: String,
    /// The name of the user who signs.
    user: String,
    /// The number of that user.
    uid: u32,
    /// The key of that user.
    key: String,
    /// When, UTC.
    at: String,
}

impl Document for Ballot {
    const FORMAT: &'static str = "pli-approval-vote-1";

    fn format(&self) -> &str {
        &self.format
    }

    fn key(&self) -> &str {
        &self.key
    }
}

/// A vote whose signature is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Vote(Signed<Ballot>);

impl Vote {
    /// Signs a request.
    ///
    /// # Errors
    /// As [`Signed::sign`].
    pub(super) fn sign(
        request: &SignedRequest,
        user: &SystemUser,
        key: &SigningKey,
        now: Timestamp,
    ) -> Result<Vote, Failure> {
        let ballot = Ballot {
            format: Ballot::FORMAT.to_owned(),
            request: request.hash(),
            user: user.name.clone(),
            uid: user.number,
            key: PublicKey::of(key.verifying_key()).map(|key| key.text()).unwrap_or_default(),
            at: written(now),
        };
        Signed::sign(ballot, key).map(Vote)
    }

    /// Reads a vote and verifies its signature.
    ///
    /// # Errors
    /// Why it can't be used, in words.
    pub(crate) fn parse(file: &[u8]) -> Result<Vote, String> {
        Signed::<Ballot>::parse(file).map(Vote)
    }

    /// The text of its file.
    pub(super) fn text(&self) -> String {
        self.0.text()
    }

    /// Whether it is for this request.
    pub(crate) fn is_for(&self, request: &SignedRequest) -> bool {
        self.0.document.request == request.hash()
    }

    /// The key that signed it.
    pub(crate) fn key(&self) -> &PublicKey {
        &self.0.key
    }

    /// The number of the user who signed it.
    pub(crate) fn uid(&self) -> u32 {
        self.0.document.uid
    }

    /// The name of the user who signed it.
    pub(crate) fn user(&self) -> &str {
        &self.0.document.user
    }
}
