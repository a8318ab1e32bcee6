//! The job file's `[approvals]` and `[roles]`: who approves what nobody does alone, and which users print letters and mailers
//! (docs/approvals.md).

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Deserialize;

use super::{Job, KeyLocation};
use mail::piece::PieceKind;

/// The folder of requests and votes, in the job's folder.
const FOLDER: &str = "approvals";

/// The most keys that may be listed.
const MOST_KEYS: usize = 100;

/// Who approves.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ApprovalSettings {
    /// The files of the public keys (PEM, Ed25519) of those who approve. Without any, no act takes an approval.
    pub keys: Vec<PathBuf>,
    /// How many of them must sign.
    pub required: u32,
    /// How many mailers of reason `codes_reissue` a night, and a day of the clock, may send without an approval.
    pub codes_reissues: u32,
}

impl Default for ApprovalSettings {
    fn default() -> ApprovalSettings {
        ApprovalSettings { keys: Vec::new(), required: 2, codes_reissues: 20 }
    }
}

impl ApprovalSettings {
    /// The first value that can't be used: its key and the advice.
    pub(super) fn fault(&self) -> Option<(String, String)> {
        let fault = |key: &str, message: String| Some((format!("approvals.{key}"), message));
        let count = self.keys.len();
        if count == 0 {
            return None;
        }
        let different: BTreeSet<&PathBuf> = self.keys.iter().collect();
        if different.len() < count {
            return fault("keys", "a key is listed twice; list each once".to_owned());
        }
        if count > MOST_KEYS {
            return fault("keys", format!("list at most {MOST_KEYS} keys"));
        }
        if count < 2 {
            return fault("keys", "one key alone approves nothing; list two or more".to_owned());
        }
        if !(2..=count).contains(&(self.required as usize)) {
            return fault("required", format!("write 2 to {count}, the number of `keys`"));
        }
        None
    }
}

/// Which users of the system print what.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RoleSettings {
    /// The users who print letters, by name or number.
    pub letters: Vec<String>,
    /// The users who print mailers.
    pub mailers: Vec<String>,
    /// The key with which a user signs requests and approvals, by the user.
    pub keys: BTreeMap<String, KeyLocation>,
}

impl RoleSettings {
    /// Whether letters and mailers have operators of their own.
    pub(crate) fn separate(&self) -> bool {
        !self.letters.is_empty() || !self.mailers.is_empty()
    }

    /// The users who print a kind.
    pub(crate) fn users(&self, kind: PieceKind) -> &[String] {
        match kind {
            PieceKind::Letter => &self.letters,
            PieceKind::Mailer => &self.mailers,
        }
    }

    /// The first value that can't be used: its key and the advice.
    pub(super) fn fault(&self) -> Option<(String, String)> {
        let fault = |key: &str, message: String| Some((format!("roles.{key}"), message));
        for (key, users, other) in
            [("letters", &self.letters, &self.mailers), ("mailers", &self.mailers, &self.letters)]
        {
            if users.is_empty() && !other.is_empty() {
                return fault(key, "nobody is named; name a user for either kind".to_owned());
            }
            if users.iter().any(|user| user.trim().is_empty()) {
                return fault(key, "write the names or numbers of the system's users".to_owned());
            }
            if let Some(user) = users.iter().find(|user| other.contains(user)) {
                return fault(
                    key,
                    format!("`{user}` prints letters and mailers; name different users for either kind"),
                );
            }
        }
        None
    }
}

impl Job {
    /// Who approves.
    pub(crate) fn approvals(&self) -> &ApprovalSettings {
        &self.sections.approvals
    }

    /// Whether there are acts that take an approval.
    pub(crate) fn lists_approvers(&self) -> bool {
        !self.sections.approvals.keys.is_empty()
    }

    /// Which users of the system print what.
    pub(crate) fn roles(&self) -> &RoleSettings {
        &self.sections.roles
    }

    /// The folder of requests and votes.
    pub(crate) fn approvals_folder(&self) -> PathBuf {
        self.path(FOLDER)
    }

    /// SHA-256 of the job file as it was read, in hexadecimal.
    pub(crate) fn digest(&self) -> &str {
        &self.digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_of_the_listed_keys_must_sign() {
        let fault = |text: &str| toml::from_str::<ApprovalSettings>(text).unwrap().fault();
        for fine in
            ["", "required = 9", "keys = [\"a\", \"b\"]", "keys = [\"a\", \"b\", \"c\"]\nrequired = 3"]
        {
            assert_eq!(fault(fine), None, "{fine}");
        }
        for (wrong, key) in [
            ("keys = [\"a\"]", "approvals.keys"),
            ("keys = [\"a\", \"a\"]", "approvals.keys"),
            ("keys = [\"a\", \"b\"]\nrequired = 1", "approvals.required"),
            ("keys = [\"a\", \"b\"]\nrequired = 3", "approvals.required"),
        ] {
            assert_eq!(fault(wrong).unwrap().0, key, "{wrong}");
        }
    }

    #[test]
    fn nobody_prints_letters_and_mailers() {
        let fault = |text: &str| toml::from_str::<RoleSettings>(text).unwrap().fault();
        assert_eq!(fault(""), None);
        assert_eq!(fault("letters = [\"anna\"]\nmailers = [\"bruno\"]"), None);
        assert_eq!(fault("[keys]\nanna = \"keys/anna.pem\""), None);
        for (wrong, key) in [
            ("letters = [\"anna\"]", "roles.mailers"),
            ("mailers = [\"anna\"]", "roles.letters"),
            ("letters = [\"anna\"]\nmailers = [\"bruno\", \"anna\"]", "roles.letters"),
            ("letters = [\"\"]\nmailers = [\"bruno\"]", "roles.letters"),
        ] {
            assert_eq!(fault(wrong).unwrap().0, key, "{wrong}");
        }
    }
}
