//! A request: the act that somebody wants to do, on exact pieces, under exact templates, keys and job.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use twoddoc::SigningKey;

use super::public_key::PublicKey;
use super::signed::{Document, Signed};
use crate::failure::Failure;
use crate::files::hexadecimal;
use crate::ledger::SystemUser;

/// How long a request can be approved and used: three days, so that it outlasts a weekend.
pub(super) const LIFETIME: SignedDuration = SignedDuration::from_hours(72);

/// How far the clocks of two machines may be apart.
const CLOCKS: SignedDuration = SignedDuration::from_hours(1);

/// How many hexadecimal digits of a request's hash name it.
pub(super) const ID_LENGTH: usize = 16;

/// An act that nobody does alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Act {
    /// Mailers are printed again.
    ReprintMailers,
    /// Mailers are pulled before they leave.
    RecallMailers,
    /// A run that was cut while it printed mailers goes on.
    ResumeMailers,
    /// A template or a key is used in production for the first time.
    FirstUse,
    /// Pieces that passed twice are accepted.
    AcceptDuplicates,
    /// What was kept long enough is removed for good.
    Purge,
    /// A night sends codes again to more cards than the job allows.
    ManyReissues,
    /// Mailers that were opened at the press are opened once more.
    UnsealAgain,
    /// A key gets its successor.
    RotateKey,
    /// A key is used for nothing more from a day on.
    RetireKey,
    /// A broken audit log is ended, and another begun.
    RestartLog,
}

impl Act {
    /// The act in words, as the end of "This asks for leave to …".
    pub(crate) fn words(self) -> &'static str {
        match self {
            Act::ReprintMailers => "print mailers again",
            Act::RecallMailers => "recall mailers",
            Act::ResumeMailers => "resume a run that was cut while it printed mailers",
            Act::FirstUse => "use a template or a key in production for the first time",
            Act::AcceptDuplicates => "accept pieces that passed twice",
            Act::Purge => "remove for good what was kept long enough",
            Act::ManyReissues => "send codes again to more cards in a night than the job allows",
            Act::UnsealAgain => "open mailers at the press once more",
            Act::RotateKey => "make the successor of a key",
            Act::RetireKey => "retire a key",
            Act::RestartLog => "end a broken audit log and begin another",
        }
    }
}

/// What is asked for. The same command on the same job has the same subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Subject {
    /// The act.
    pub act: Act,
    /// The exact pieces, files or records, sorted.
    pub pieces: Vec<String>,
    /// What else the command says, by name: day, reason, witness.
    pub details: BTreeMap<String, String>,
    /// What the act depends on, by name: job, templates, keys. SHA-256 in hexadecimal.
    pub hashes: BTreeMap<String, String>,
}

impl Subject {
    /// An act on pieces; `details` are names and values.
    pub(crate) fn new<const N: usize>(
        act: Act,
        mut pieces: Vec<String>,
        details: [(&str, String); N],
    ) -> Subject {
        pieces.sort();
        let details = details.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Subject { act, pieces, details, hashes: BTreeMap::new() }
    }

    /// The same subject, which depends on something with this hash.
    #[must_use]
    pub(crate) fn under(mut self, name: impl Into<String>, hash: impl Into<String>) -> Subject {
        self.hashes.insert(name.into(), hash.into());
        self
    }
}

/// A request, without its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    format: String,
    /// What is asked for.
    pub subject: Subject,
    /// The name of the user who asks.
    pub user: String,
    /// The number of that user.
    pub uid: u32,
    /// The key of that user: base64 of SubjectPublicKeyInfo in DER.
    key: String,
    /// The moment after which it is void (RFC 3339, UTC).
    pub not_after: String,
    /// Sixteen random bytes in hexadecimal: no two requests are the same.
    nonce: String,
}

impl Document for Request {
    const FORMAT: &'static str = "pli-approval-request-1";

    fn format(&self) -> &str {
        &self.format
    }

    fn key(&self) -> &str {
        &self.key
    }
}

/// A request whose signature is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SignedRequest(Signed<Request>);

impl SignedRequest {
    /// Signs a new request.
    ///
    /// # Errors
    /// As [`Signed::sign`].
    pub(super) fn make(
        subject: Subject,
        user: &SystemUser,
        key: &SigningKey,
        nonce: [u8; 16],
        now: Timestamp,
    ) -> Result<SignedRequest, Failure> {
        let request = Request {
            format: Request::FORMAT.to_owned(),
            subject,
            user: user.name.clone(),
            uid: user.number,
            key: PublicKey::of(key.verifying_key()).map(|key| key.text()).unwrap_or_default(),
            not_after: written(now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX)),
            nonce: hexadecimal(nonce),
        };
        Signed::sign(request, key).map(SignedRequest)
    }

    /// Reads a request and verifies its signature.
    ///
    /// # Errors
    /// Why it can't be used, in words.
    pub(crate) fn parse(file: &[u8]) -> Result<SignedRequest, String> {
        let signed = Signed::<Request>::parse(file)?;
        match signed.document.not_after.parse::<Timestamp>() {
            Ok(_) => Ok(SignedRequest(signed)),
            Err(_) => Err("it does not say until when it is valid".to_owned()),
        }
    }

    /// The text of its file.
    pub(super) fn text(&self) -> String {
        self.0.text()
    }

    /// What it says.
    pub(crate) fn request(&self) -> &Request {
        &self.0.document
    }

    /// The key that signed it.
    pub(crate) fn key(&self) -> &PublicKey {
        &self.0.key
    }

    /// SHA-256 of what is signed, in hexadecimal.
    pub(crate) fn hash(&self) -> String {
        hexadecimal(Sha256::digest(&self.0.bytes))
    }

    /// The first digits of the hash, which name its file.
    pub(crate) fn id(&self) -> String {
        self.hash()[..ID_LENGTH].to_owned()
    }

    /// Whether it is void at a moment. A request that claims a longer life than requests have is void, too.
    pub(crate) fn is_expired(&self, now: Timestamp) -> bool {
        let not_after = self.request().not_after.parse::<Timestamp>().unwrap_or(Timestamp::MIN);
        let latest = now.saturating_add(LIFETIME + CLOCKS).unwrap_or(Timestamp::MAX);
        now > not_after || not_after > latest
    }
}

/// A moment as requests and votes write it: UTC, to the second.
pub(super) fn written(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
