//! What a reader notices about a code besides its values.

use serde::Serialize;
use std::fmt;

/// How much a finding weighs. The signature's verdict is apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth knowing; breaks no rule that we are sure of.
    Note,
    /// Breaks a rule of the specification, and what is meant is still clear.
    Departure,
    /// Not a sound code: parts can't be read, or told from one another.
    Invalid,
}

/// A finding, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its weight.
    pub level: Level,
    /// What was found.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// The findings of one code, being gathered.
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

    /// The findings, gravest first, otherwise in the order of the code.
    pub(super) fn into_sorted(mut self) -> Vec<Finding> {
        self.0.sort_by_key(|finding| std::cmp::Reverse(finding.level));
        self.0
    }

    fn add(&mut self, level: Level, message: String) {
        self.0.push(Finding { level, message });
    }
}
