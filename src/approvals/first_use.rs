//! Templates and keys that production uses for the first time.

use std::collections::BTreeMap;

use mail::piece::PieceKind;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::request::{Act, Subject};
use crate::failure::Failure;
use crate::files::hexadecimal;
use crate::job::Job;
use crate::ledger::Ledger;
use crate::vault::{KeySummary, Recipients};

/// Templates and keys, by name, each with its SHA-256 in hexadecimal.
pub(crate) type Used = BTreeMap<String, String>;

/// A template, with its name and hash.
pub(crate) fn template(kind: PieceKind, version: &str) -> (String, String) {
    (format!("{kind} template"), version.to_owned())
}

/// A key that signs, with its name and hash.
pub(crate) fn signing_key(key: &KeySummary) -> (String, String) {
    (format!("signing key {}", key.fingerprint), hash(&key.public))
}

/// The keys to which mailers are sealed, with their names and hashes.
pub(crate) fn press_keys(recipients: Option<&Recipients>) -> impl Iterator<Item = (String, String)> {
    let summaries = recipients.map(Recipients::summaries).unwrap_or_default().into_iter();
    summaries.map(|key| (format!("press key {}", key.fingerprint), hash(&key.recipient)))
}

/// What a command may use from its approval on. Templates and keys are read again when they are used, and somebody may have
/// replaced them in between. Where nobody approves, everything may be used.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Allowed(Option<Used>);

impl Allowed {
    /// These templates and keys alone.
    pub(crate) fn only(used: Used) -> Allowed {
        Allowed(Some(used))
    }

    /// Refuses what is used now and is none of these.
    ///
    /// # Errors
    /// `approved_changed`, exit code 4.
    pub(crate) fn check(&self, used: impl IntoIterator<Item = (String, String)>) -> Result<(), Failure> {
        let Some(allowed) = &self.0 else { return Ok(()) };
        match used.into_iter().find(|(name, hash)| allowed.get(name) != Some(hash)) {
            None => Ok(()),
            Some((name, _)) => {
                let problem = format!(
                    "the {name} took the place of what was approved while this command ran; nothing was released"
                );
                Err(Failure::midway("approved_changed", problem).with_advice(
                    "find out who replaced it; put back what was approved, or have this one approved: the same command asks for it",
                ))
            }
        }
    }
}

/// SHA-256 of a public key's text, in hexadecimal.
pub(crate) fn hash(key: &str) -> String {
    hexadecimal(Sha256::digest(key))
}

/// The request to use what production has not used before; `None` where it has used everything, or nobody approves.
///
/// # Errors
/// Ledger errors.
pub(crate) fn first_use(job: &Job, ledger: &Ledger, used: &Used) -> Result<Option<Subject>, Failure> {
    if !job.lists_approvers() {
        return Ok(None);
    }
    let mut subject = Subject::new(Act::FirstUse, Vec::new(), []);
    for (name, hash) in used {
        if !ledger.knows_in_production(name, hash)? {
            subject = subject.under(name, hash);
        }
    }
    Ok((!subject.hashes.is_empty()).then_some(subject))
}

/// Notes what production uses from now on, once it was approved.
///
/// # Errors
/// Ledger errors.
pub(crate) fn note_use(job: &Job, ledger: &Ledger, used: &Used) -> Result<(), Failure> {
    if job.lists_approvers() {
        used.iter().try_for_each(|(name, hash)| ledger.note_in_production(name, hash))?;
    }
    Ok(())
}
