//! The job file's `[ledger]` and `[retention]`: where the ledger and its keys lie, and how long is kept what names people.

use std::path::PathBuf;

use serde::Deserialize;

use super::ServerAddress;
use crate::failure::counted;

/// Where the ledger and its keys are.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct LedgerSettings {
    /// `sqlite:` and a path, or the address of a PostgreSQL database.
    pub url: String,
    /// The folder of the keys of the ledger's personal columns.
    pub keys: PathBuf,
    /// The recipients to which the backup of these keys is sealed (age), as files or `age1…` texts.
    pub recovery: Vec<String>,
    /// The day from which a letter's mailer counts.
    pub dispatch: Dispatch,
}

impl Default for LedgerSettings {
    fn default() -> LedgerSettings {
        LedgerSettings {
            url: "sqlite:ledger.db".to_owned(),
            keys: "keys/ledger".into(),
            recovery: Vec::new(),
            dispatch: Dispatch::Release,
        }
    }
}

/// The day from which a letter's mailer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Dispatch {
    /// The day on which it is released.
    Release,
    /// The day on which the camera settled its lot.
    Settled,
}

impl LedgerSettings {
    /// What is wrong with the URL.
    fn url_fault(&self) -> Option<(&'static str, String)> {
        if let Some(address) = ServerAddress::parse(&self.url) {
            return Some(("url", address.err()?.to_string()));
        }
        let path = self.url.strip_prefix("sqlite:").unwrap_or_default();
        let message = if self.url.contains("://") {
            "the ledger is a file of this machine, or of a file system that it mounts, or a database, never an object; write `sqlite:` and its path, or `postgres://user@host/database`"
        } else if path.is_empty() || path.contains([':', '?']) {
            "write `sqlite:` and the path of a file, or `postgres://user@host/database`"
        } else {
            return None;
        };
        Some(("url", message.to_owned()))
    }

    /// The first value that can't be used: its key and the advice.
    pub(super) fn fault(&self) -> Option<(&'static str, String)> {
        let fault = |key, message: &str| Some((key, message.to_owned()));
        if let Some((key, message)) = self.url_fault() {
            return fault(key, &message);
        }
        if self.keys.as_os_str().is_empty() {
            return fault("keys", "write the path of a folder");
        }
        None
    }
}

/// How long is kept what names people, in days, as the job file says it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RetentionSettings {
    /// Names and addresses in the ledger.
    names_days: Option<u32>,
    /// Rejects and warnings: in the ledger, `rejects.csv`, `warnings.csv`.
    findings_days: Option<u32>,
    /// Print files and manifests.
    files_days: Option<u32>,
    /// The record and codes files that were taken in.
    inputs_days: Option<u32>,
    /// Events, run reports and logs.
    events_days: Option<u32>,
}

/// How long is kept what names people, in days (docs/keeping.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Retention {
    /// Names and addresses in the ledger, from the day on which the piece was dispatched.
    pub names: u32,
    /// Rejects and warnings, in the ledger and in `rejects.csv` and `warnings.csv`, from their night.
    pub findings: u32,
    /// Print files, manifests and what goes with them to press and inserter, from their night.
    pub files: u32,
    /// The record and codes files that were taken in, from their night.
    pub inputs: u32,
    /// Events, run reports and logs, from the day on which they were written.
    pub events: u32,
}

/// The defaults. Those of files that name people are shortened to `names_days` where it is less.
const DEFAULTS: Retention = Retention { names: 90, findings: 90, files: 30, inputs: 30, events: 365 };
/// The longest time, a century: nobody means more.
const LONGEST: u32 = 36_525;

impl RetentionSettings {
    /// The settings with their defaults.
    pub(crate) fn complete(&self) -> Retention {
        let names = self.names_days.unwrap_or(DEFAULTS.names);
        Retention {
            names,
            findings: self.findings_days.unwrap_or(DEFAULTS.findings.min(names)),
            files: self.files_days.unwrap_or(DEFAULTS.files.min(names)),
            inputs: self.inputs_days.unwrap_or(DEFAULTS.inputs.min(names)),
            events: self.events_days.unwrap_or(DEFAULTS.events.max(names)),
        }
    }

    /// The first value that can't be used: its key, the problem and the advice.
    pub(super) fn fault(&self) -> Option<(&'static str, String)> {
        let Retention { names, findings, files, inputs, events } = self.complete();
        let naming = [
            ("names_days", names, "a piece's name and address are needed until it can't come back any more"),
            ("findings_days", findings, "rejects and warnings are read after the night, to mend the records"),
            ("files_days", files, "print files and manifests go to the press after the night"),
            ("inputs_days", inputs, "a night that is cut short is run again from its files"),
        ];
        let all = naming.into_iter().chain([("events_days", events, "events say where a piece is")]);
        if let Some((key, _, why)) = all.clone().find(|(_, days, _)| *days == 0) {
            return Some((key, format!("0 would forget at once, and {why}; write 1 or more days")));
        }
        if let Some((key, ..)) = all.clone().find(|(_, days, _)| *days > LONGEST) {
            return Some((key, format!("nothing is kept that long; write at most {LONGEST} days")));
        }
        if let Some((key, ..)) = naming.into_iter().find(|(_, days, _)| *days > names) {
            return Some((
                key,
                format!(
                    "it would keep names that the ledger has forgotten; write at most the {} of `names_days`",
                    counted(names, "day")
                ),
            ));
        }
        (events < names).then(|| {
            let message = format!(
                "what happened to a piece would be forgotten before its name; write at least the {} of `names_days`",
                counted(names, "day")
            );
            ("events_days", message)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str) -> RetentionSettings {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn what_names_people_never_outlives_the_names() {
        assert_eq!(settings("").complete(), DEFAULTS);
        let short = settings("names_days = 20").complete();
        assert_eq!(short, Retention { names: 20, findings: 20, files: 20, inputs: 20, events: 365 });
        assert_eq!(settings("names_days = 400").complete().events, 400);
        for fine in [
            "",
            "names_days = 1",
            "names_days = 400\nfiles_days = 400",
            "events_days = 90",
            "events_days = 36525",
        ] {
            assert_eq!(settings(fine).fault(), None, "{fine}");
        }
        for (wrong, key, word) in [
            ("names_days = 0", "names_days", "come back"),
            ("files_days = 0", "files_days", "press"),
            ("inputs_days = 0", "inputs_days", "cut short"),
            ("findings_days = 0", "findings_days", "mend"),
            ("events_days = 0", "events_days", "where a piece is"),
            ("events_days = 89", "events_days", "at least the 90 days"),
            ("files_days = 91", "files_days", "at most the 90 days"),
            ("names_days = 20\ninputs_days = 30", "inputs_days", "at most the 20 days"),
            ("findings_days = 100", "findings_days", "at most the 90 days"),
            ("names_days = 40000", "names_days", "at most 36525 days"),
        ] {
            let (found, message) = settings(wrong).fault().expect(wrong);
            assert!(found == key && message.contains(word), "{wrong}: {found}: {message}");
        }
    }
}
