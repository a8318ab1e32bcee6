//! What the verification of a log found.

use serde::Serialize;

use super::Checkpoint;

/// What is wrong with a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Tampering {
    /// A line is no line of a log, or not the one that the next line or the head follows.
    Edited,
    /// Lines were removed.
    Removed,
    /// A line stands twice.
    Doubled,
    /// A line stands elsewhere than it was written.
    Moved,
    /// The end of a day was cut.
    Cut,
    /// Lines or days have no head that covers them.
    Unsealed,
    /// The files of a day are another day's.
    Exchanged,
    /// A day is missing.
    DayMissing,
    /// A head is signed with another key.
    AnotherKey,
    /// A head is not what was signed.
    HeadAltered,
    /// A day is not closed, and another follows.
    NotClosed,
    /// The log is shorter than an anchor says.
    Shorter,
    /// The log is another than an anchor says.
    Rewritten,
    /// A file is none of the log's.
    StrangeFile,
    /// The register of keys lacks a retirement of the log.
    Unretired,
}

/// A fault of a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Fault {
    /// Its kind.
    pub kind: Tampering,
    /// The file, within the log's folder.
    pub file: String,
    /// The line of the file, from 1.
    pub line: Option<u64>,
    /// What is wrong, in words.
    pub message: String,
}

/// What was found of a log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Verification {
    /// How many days it has.
    pub days: usize,
    /// How many lines it has.
    pub lines: u64,
    /// The newest head.
    pub head: Option<Checkpoint>,
    /// What is wrong, in the order of the days: one fault a day.
    pub faults: Vec<Fault>,
    /// The number of the last line that an anchor covers; `None` where none does.
    pub anchored: Option<u64>,
}

impl Verification {
    /// Whether nothing is wrong.
    pub(crate) fn is_consistent(&self) -> bool {
        self.faults.is_empty()
    }

    /// In one word: `broken`, `anchored`, or `consistent, not anchored`.
    pub(crate) fn in_words(&self) -> &'static str {
        match (self.is_consistent(), self.anchored) {
            (false, _) => "broken",
            (true, Some(_)) => "anchored",
            (true, None) => "consistent, not anchored",
        }
    }
}
