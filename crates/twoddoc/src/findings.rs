//! Findings: rules that a parsed code breaks, by severity.

use serde::Serialize;
use std::fmt;

/// The severity of a finding. It is independent of the signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth knowing; no rule that is certain is broken.
    Note,
    /// Breaks a rule of the specification; the values are still unambiguous.
    Departure,
    /// Parts of the code can't be read, or can't be told apart.
    Invalid,
}

/// Something noticed about a parsed code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Finding {
    /// Its severity.
    pub level: Level,
    /// What was found.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// Collects the findings of one code.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn note(&mut self, message: impl Into<String>) {
        self.add(Level::Note, message.into());
    }

    pub(super) fn departure(&mut self, message: impl Into<String>) {
        self.add(Level::Departure, message.into());
    }

    pub(super) fn invalid(&mut self, message: impl Into<String>) {
        self.add(Level::Invalid, message.into());
    }

    /// The findings, most severe first; those of one level in the order of the code.
    pub(super) fn into_sorted(mut self) -> Vec<Finding> {
        self.0.sort_by_key(|finding| std::cmp::Reverse(finding.level));
        self.0
    }

    fn add(&mut self, level: Level, message: String) {
        self.0.push(Finding { level, message });
    }
}
