//! Receipts: for each record file that was taken in, what it was and how many of its rows were accepted, signed.
//!
//! The signature lies beside the receipt: 64 bytes of Ed25519, or ECDSA with SHA-256 in DER, which OpenSSL verifies. A
//! receipt is written once and names nobody.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use twoddoc::{Algorithm, SignError, SigningKey};

use crate::failure::Failure;
use crate::files::{private_folder, sync_folders, write_whole};
use crate::job::Job;
use crate::ledger::{Ledger, News};
use crate::vault::{KeyError, KeyRegister, KeySummary, load_signing_key};

/// The folder of receipts, in that of the issuer's files.
pub(super) const FOLDER: &str = "receipts";
/// The largest receipt that is read, in bytes.
const MAX_RECEIPT: u64 = 1 << 16;
/// The longest part of an input file's name that a receipt's has, in characters.
const LONGEST_NAME: usize = 100;

/// What is read of a run's summary.
#[derive(Debug, Default, Deserialize)]
struct Summary {
    #[serde(default)]
    inputs: Vec<Input>,
}

/// A record file of a run.
#[derive(Debug, Deserialize)]
struct Input {
    path: String,
    sha256: String,
    rows: u64,
    /// Missing in the summaries of earlier versions, whose files are not acknowledged.
    accepted: Option<u64>,
}

/// A receipt, its keys in the order of canonical JSON (RFC 8785).
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Receipt<'a> {
    accepted: u64,
    bureau: &'a str,
    file: &'a str,
    night: &'a str,
    rejected: u64,
    rows: u64,
    sha256: &'a str,
}

/// Writes the receipts that are missing and returns how many. They wait where the key can't be opened or does not sign;
/// a warning says so with the run that took the files in.
///
/// # Errors
/// Those of the ledger and its keys; I/O errors.
pub(super) fn write(job: &Job, ledger: &Ledger, news: &News) -> Result<usize, Failure> {
    let mut waiting = Vec::new();
    for run in ledger.unacknowledged_runs()? {
        let summary = run.summary.as_deref().and_then(|text| serde_json::from_str(text).ok());
        let Summary { inputs } = summary.unwrap_or_default();
        waiting.push((run.run, run.night, inputs));
    }
    let Some(last) = waiting.last().map(|(run, ..)| *run) else { return Ok(0) };
    if waiting.iter().all(|(.., inputs)| inputs.is_empty()) {
        ledger.note_acknowledged(last)?;
        return Ok(0);
    }
    let warn = |failure: Failure| {
        if waiting.iter().any(|(run, _, inputs)| news.has_run(*run) && !inputs.is_empty()) {
            let why = failure.in_one_line();
            tracing::warn!(
                code = "receipts_wait",
                "receipts of tonight's files wait for a command that can sign them: {why}"
            );
        }
    };
    let last_night = waiting.iter().filter_map(|(_, night, _)| night.parse().ok()).max();
    let key = match key_of(job, last_night) {
        Ok(key) => key,
        Err(error) => {
            warn(error.into());
            return Ok(0);
        }
    };
    let folder = job.feedback_folder().join(FOLDER);
    private_folder(&folder)?;
    let mut written = 0;
    for (_, night, inputs) in &waiting {
        for input in inputs {
            match acknowledge(job, &folder, night, input, &key) {
                Ok(new) => written += usize::from(new),
                Err(Unwritten::Unsigned(error)) => {
                    warn(Failure::midway("receipt_unsigned", error.to_string()));
                    return Ok(written);
                }
                Err(Unwritten::Failed(failure)) => return Err(failure),
            }
        }
    }
    sync_folders(&folder, &[])?;
    ledger.note_acknowledged(last)?;
    Ok(written)
}

/// The signing key, where its dates let it sign a receipt of that night.
fn key_of(job: &Job, night: Option<Date>) -> Result<SigningKey, KeyError> {
    let settings = job.letters();
    let key = load_signing_key(&settings.key, settings.profile)?;
    if let Some(night) = night {
        let summary = KeySummary::of_signing_key(&settings.key, &key)?;
        KeyRegister::of_job(job)?.require(&summary, night, None, "signing.key")?;
    }
    Ok(key)
}

/// Why a receipt is not written.
enum Unwritten {
    /// The key does not sign.
    Unsigned(SignError),
    /// The disk fails.
    Failed(Failure),
}

impl From<std::io::Error> for Unwritten {
    fn from(error: std::io::Error) -> Unwritten {
        Unwritten::Failed(error.into())
    }
}

/// Writes the receipt of a file; false where it is there already, or where its rows were not counted.
fn acknowledge(
    job: &Job,
    folder: &Path,
    night: &str,
    input: &Input,
    key: &SigningKey,
) -> Result<bool, Unwritten> {
    let Some(accepted) = input.accepted else { return Ok(false) };
    let receipt = Receipt {
        accepted,
        bureau: &job.bureau().name,
        file: &input.path,
        night,
        rejected: input.rows.saturating_sub(accepted),
        rows: input.rows,
        sha256: &input.sha256,
    };
    let text = serde_json::to_vec(&receipt).map_err(std::io::Error::from)?;
    let path = path_of(folder, night, input, &text);
    let signature = path.with_added_extension("sig");
    if path.exists() && signature.exists() {
        return Ok(false);
    }
    // The signature first: a receipt that is there has one.
    write_whole(&signature, &sign(key, &text).map_err(Unwritten::Unsigned)?)?;
    write_whole(&path, &text)?;
    Ok(true)
}

/// Where a receipt lies. Files of one name and night are told apart by their digests.
fn path_of(folder: &Path, night: &str, input: &Input, text: &[u8]) -> PathBuf {
    let name = safe_name(&input.path);
    let plain = folder.join(format!("{night}-{name}.json"));
    let is_other =
        |path: &Path| path.exists() && foreign::read(path, MAX_RECEIPT).map_or(true, |found| found != text);
    if !is_other(&plain) {
        return plain;
    }
    let digest: String = input.sha256.chars().take(8).collect();
    folder.join(format!("{night}-{name}-{digest}.json"))
}

/// The name of an input file in the name of its receipt.
fn safe_name(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let safe = |character: char| match character.is_ascii_alphanumeric() || ".-_".contains(character) {
        true => character,
        false => '_',
    };
    name.chars().take(LONGEST_NAME).map(safe).collect()
}

/// A signature as OpenSSL takes it.
fn sign(key: &SigningKey, bytes: &[u8]) -> Result<Vec<u8>, SignError> {
    let signature = key.sign(bytes)?;
    if key.algorithm() == Algorithm::Ed25519 {
        return Ok(signature.to_vec());
    }
    let signature = p256::ecdsa::Signature::from_slice(&signature).map_err(|_| SignError::Invalid)?;
    Ok(signature.to_der().as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_canonical_and_its_name_safe() {
        let receipt = Receipt {
            accepted: 34,
            bureau: "ASIP Santé",
            file: "inbox/cards.csv",
            night: "2026-11-20",
            rejected: 3,
            rows: 37,
            sha256: "ab",
        };
        let text = serde_json::to_string(&receipt).unwrap();
        // A map of serde_json is sorted.
        let sorted: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
        let mut keys: Vec<&String> = sorted.keys().collect();
        keys.sort();
        let places: Vec<usize> = keys.iter().map(|key| text.find(&format!("\"{key}\":")).unwrap()).collect();
        assert!(places.is_sorted() && !text.contains(": "), "{text}");
        for (path, name) in [
            ("inbox/cards 1.csv", "cards_1.csv"),
            ("../../etc/passwd", "passwd"),
            ("inbox/é\n..", "__.."),
            ("cards.csv", "cards.csv"),
        ] {
            assert_eq!(safe_name(path), name, "{path}");
        }
        assert_eq!(safe_name(&"a".repeat(300)).len(), LONGEST_NAME);
    }
}
