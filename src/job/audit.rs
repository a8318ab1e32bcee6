//! The job file's `[audit]`: how the audit log is signed and anchored (docs/audit.md).

use std::path::PathBuf;

use serde::Deserialize;

use super::{Job, KeyLocation};

/// The folder of the log, in the job's folder.
const FOLDER: &str = "audit";
/// The file that says how far the log went, in the job's folder.
const STAMP: &str = "kept/audit.stamp";
/// The list of whose marks are whose, in the job's folder.
const STAFF: &str = "kept/audit-staff.csv";

/// How the audit log is signed and anchored.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct AuditSettings {
    /// The key that signs the heads: Ed25519, in a file or on a token. A file is made with the log's first line.
    pub key: KeyLocation,
    /// Whether a log that nothing anchors needs a person.
    pub require_anchor: bool,
}

impl Default for AuditSettings {
    fn default() -> AuditSettings {
        AuditSettings { key: KeyLocation::File("keys/audit.key".into()), require_anchor: false }
    }
}

impl Job {
    /// The folder of the audit log.
    pub(crate) fn audit_folder(&self) -> PathBuf {
        self.path(FOLDER)
    }

    /// The key that signs the heads of the audit log.
    pub(crate) fn audit_key(&self) -> KeyLocation {
        self.sections.audit.key.resolved(|path| self.path(path))
    }

    /// The file that says how far the audit log went.
    pub(crate) fn audit_stamp(&self) -> PathBuf {
        self.path(STAMP)
    }

    /// The list of whose marks in the audit log are whose.
    pub(crate) fn audit_staff(&self) -> PathBuf {
        self.path(STAFF)
    }

    /// Whether an audit log that nothing anchors needs a person.
    pub(crate) fn requires_anchor(&self) -> bool {
        self.sections.audit.require_anchor
    }
}
