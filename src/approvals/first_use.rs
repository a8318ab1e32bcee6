//! Templates and keys that production uses for the first time.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::request::{Act, Subject};
use crate::failure::Failure;
use crate::files::hexadecimal;
use crate::job::Job;
use crate::ledger::Ledger;

/// Templates and keys, by name, each with its SHA-256 in hexadecimal.
pub(crate) type Used = BTreeMap<String, String>;

/// The name of a key of the press, by its fingerprint.
pub(crate) fn press_key(fingerprint: &str) -> String {
    format!("press key {fingerprint}")
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
