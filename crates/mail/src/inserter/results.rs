//! The job file's `[inserter.letters.results]`: what the files look like in which a machine reports its pieces.

use serde::Deserialize;

/// What the rows of a report stand for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lists {
    /// What a camera read, a row a read. A piece without a row was not seen.
    #[default]
    Reads,
    /// Every piece of the lot with its status.
    All,
    /// The pieces that are not good. All others are.
    Bad,
}

/// What a machine did with a piece.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InsertStatus {
    /// It is in its envelope.
    #[default]
    Ok,
    /// It was damaged.
    Damaged,
    /// A person must look at it.
    Attention,
    /// It was taken out.
    Pulled,
    /// The machine says nothing of it.
    None,
}
