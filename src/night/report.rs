//! The report of a run: `run.json`, and what `pli run` prints.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::lot::{PrintFile, Proof};
use crate::ledger::ReleaseMark;
use crate::vault::RecipientSummary;

/// A run's summary (contract: JSON, `run`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Report {
    /// The night's date.
    pub night: String,
    /// The folder that `files` are relative to.
    pub folder: String,
    /// Whether an earlier run had done it all.
    #[serde(default)]
    pub already_done: bool,
    /// The only kind that was sent: `letters` or `mailers`. Pieces of the other kind that waited are in no count except
    /// `waiting`, and those which its records cancel and recall.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<String>,
    /// Why pieces were printed again, where the run is a reprint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reprint: Option<String>,
    /// Whether it was a rehearsal: nothing was released.
    #[serde(default)]
    pub dry_run: bool,
    /// Records in tonight's files.
    pub rows: u64,
    /// Pieces that waited for tonight.
    pub carried_over: u64,
    /// Letters that leave.
    pub letters: u64,
    /// Mailers that leave.
    pub mailers: u64,
    /// Records, and pieces that had waited, that were refused; `rejects.csv` has a line for each fault, of each code for the
    /// first thousands.
    pub rejects: u64,
    /// Warnings; of each code `warnings.csv` lists the first thousands and counts the others.
    pub warnings: u64,
    /// Records, and pieces that had waited, of which nothing leaves tonight and something will later.
    pub deferred: u64,
    /// Records that send nothing.
    pub nothing_to_send: u64,
    /// Pieces that were due and had to wait: codes that are missing, a letter that has not left.
    #[serde(default)]
    pub held: u64,
    /// Pieces that had waited and are cancelled: their card was revoked, or replaced at once.
    #[serde(default)]
    pub cancelled: u64,
    /// Released pieces that are recalled: their card was revoked, or replaced at once, before they left.
    #[serde(default)]
    pub recalled: u64,
    /// Codes that were asked for again from an unknown card or address, and released by a person.
    #[serde(default)]
    pub released_reissues: u64,
    /// Pieces that the ledger holds for later: deferred ones, and mailers whose letters leave tonight.
    pub waiting: u64,
    /// The record files taken in.
    #[serde(default)]
    pub inputs: Vec<InputSummary>,
    /// What was moved into the archive, relative to it; only in what the command prints.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub archived: Vec<String>,
    /// The lots.
    pub lots: Vec<LotSummary>,
    /// The print files.
    pub files: Vec<PrintFile>,
    /// Seconds spent, by station.
    pub seconds: Seconds,
    /// What proofing found.
    pub proof: ProofSummary,
    /// Templates by kind, with the version of each.
    pub templates: BTreeMap<String, String>,
    /// Fingerprints of the keys used.
    pub keys: BTreeMap<String, String>,
    /// Who can open the sealed mailers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recipients: Vec<RecipientSummary>,
    /// What a person should know of the night, whatever its records say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<Alert>,
    /// The program and its version.
    pub program: String,
    /// The release of the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger: Option<ReleaseMark>,
    /// The shares that the night was merged from, where it was not run whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged: Option<MergeSummary>,
}

/// What a person should know of a night, whatever its records say.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Alert {
    /// The stable code.
    pub code: String,
    /// The problem, then what to do.
    pub message: String,
}

impl Alert {
    /// An alert with its stable code.
    pub(crate) fn of(code: &str, message: impl Into<String>) -> Alert {
        Alert { code: code.to_owned(), message: message.into() }
    }
}

/// What a night was merged from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MergeSummary {
    /// How many shares.
    pub shares: u32,
    /// SHA-256 of what they agree on.
    pub agreement: String,
}

/// A record file in a report.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct InputSummary {
    /// Its path, relative to the job's folder.
    pub path: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Its records.
    pub rows: u64,
    /// How many of them were accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<u64>,
}

/// A lot in a report.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LotSummary {
    /// Its name.
    pub lot: String,
    /// Its kind.
    pub kind: String,
    /// How many pieces.
    pub pieces: u64,
    /// Its first piece.
    pub first_piece: String,
    /// Its last piece.
    pub last_piece: String,
    /// Its work order, relative to the night's folder.
    pub work_order: String,
    /// Its manifest, relative to the night's folder.
    pub manifest: String,
    /// Its control file, relative to the night's folder.
    #[serde(default)]
    pub control_file: String,
    /// Its job ticket, relative to the night's folder.
    #[serde(default)]
    pub job_ticket: String,
    /// Its deposit table, relative to the night's folder.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub deposit: String,
    /// Its certificate, relative to the night's folder; empty where it has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub certificate: String,
    /// The lot whose pieces are printed again in it; empty for a lot of a night.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reprint_of: String,
    /// What is kept of its template: the name of a folder below `kept/templates/`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kept: String,
}

/// Seconds spent, by station.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Seconds {
    /// Reading and checking records.
    pub intake: f64,
    /// Deciding what leaves.
    pub planning: f64,
    /// Templates, composition and print files.
    pub composition: f64,
    /// Reading back.
    pub proof: f64,
    /// Ledger and renaming.
    pub release: f64,
    /// All of it.
    pub total: f64,
}

/// What proofing found, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ProofSummary {
    /// Pieces that were read back.
    pub pieces: u64,
    /// Symbols that were read back and right.
    pub barcodes: u64,
    /// Lines of text that were read back and right.
    #[serde(default)]
    pub texts: u64,
    /// Signatures that were verified.
    #[serde(default)]
    pub signatures: u64,
    /// Pieces that were drawn and read as a scanner reads them.
    #[serde(default)]
    pub optical: u64,
    /// What was not right.
    pub failures: u64,
}

impl From<&Proof> for ProofSummary {
    fn from(proof: &Proof) -> ProofSummary {
        let Proof { pieces, barcodes, texts, signatures, optical, failures, .. } = proof;
        ProofSummary {
            pieces: *pieces,
            barcodes: *barcodes,
            texts: *texts,
            signatures: *signatures,
            optical: *optical,
            failures: failures.len() as u64,
        }
    }
}

impl Report {
    /// Whether a person has to look at something.
    pub(crate) fn needs_a_person(&self) -> bool {
        let people = [
            self.rejects,
            self.held,
            self.cancelled,
            self.recalled,
            self.released_reissues,
            self.proof.failures,
        ];
        people.iter().any(|count| *count > 0)
    }

    /// The report as JSON.
    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}
