//! The faults of `[inserter]`, and the limits of a control code.

use super::results::ResultsFault;

/// The placeholders of a control code. None of them names a person, a card or a PIN.
pub(super) const PLACEHOLDERS: [&str; 5] = ["kind", "lot", "sequence", "sheet", "sheets"];

/// The longest `code_content`, in characters.
pub(super) const MAX_CONTENT: usize = 60;

/// A value of `[inserter]` that no machine can work with. The message says what to write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InserterFault {
    /// A measure out of its range.
    #[error("write {range}")]
    Range {
        /// The key of the job file.
        key: &'static str,
        /// The allowed range.
        range: &'static str,
    },
    /// A mark that occurs twice on the strip.
    #[error("names a mark twice")]
    RepeatedMark,
    /// A strip without its benchmark at one end.
    #[error("must begin or end with \"benchmark\", by which the machine finds the strip")]
    NoBenchmark,
    /// A strip without an end of set.
    #[error("must have \"end_of_set\", by which the machine closes a piece")]
    NoEndOfSet,
    /// Sequence marks that do not count from one without a gap.
    #[error("must have the sequence marks from \"sequence_1\" on, without a gap")]
    SequenceGap,
    /// A modulus that the sequence marks can't count to.
    #[error("write 2 to {largest}, which is what the sequence marks of `omr_marks` can count")]
    Modulus {
        /// The largest modulus.
        largest: u32,
    },
    /// A placeholder without its closing brace.
    #[error("a `{{` is not closed")]
    UnclosedPlaceholder,
    /// A placeholder that does not exist.
    #[error("a control code can't say `{{{name}}}`; it has {}", placeholders(), name = .0)]
    UnknownPlaceholder(String),
    /// A character between the placeholders that takes a code more room than it is worth.
    #[error("between the placeholders write capitals, digits, space and -./: only")]
    ContentCharacter,
    /// A text that is too long.
    #[error("write at most {MAX_CONTENT} characters")]
    ContentLength,
    /// A text that does not name the piece.
    #[error("must have {{lot}} and {{sequence}}, which name the piece")]
    PieceNotNamed,
    /// A description of files that can't be read.
    #[error("{fault}")]
    Results {
        /// The table that describes them.
        table: &'static str,
        /// What is wrong with it.
        fault: ResultsFault,
    },
}

impl InserterFault {
    /// The key of the job file that holds the value.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Range { key, .. } => key,
            Self::RepeatedMark | Self::NoBenchmark | Self::NoEndOfSet | Self::SequenceGap => "omr_marks",
            Self::Modulus { .. } => "sequence_modulus",
            Self::Results { fault, .. } => fault.key(),
            _ => "code_content",
        }
    }

    /// The stable code of this kind of fault.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Range { .. } => "inserter_range",
            Self::RepeatedMark => "inserter_repeated_mark",
            Self::NoBenchmark => "inserter_no_benchmark",
            Self::NoEndOfSet => "inserter_no_end_of_set",
            Self::SequenceGap => "inserter_sequence_gap",
            Self::Modulus { .. } => "inserter_modulus",
            Self::UnclosedPlaceholder => "inserter_unclosed_placeholder",
            Self::UnknownPlaceholder(_) => "inserter_unknown_placeholder",
            Self::ContentCharacter => "inserter_content_character",
            Self::ContentLength => "inserter_content_length",
            Self::PieceNotNamed => "inserter_piece_not_named",
            Self::Results { fault, .. } => fault.code(),
        }
    }

    /// The key, with the table that it is in where other tables of the job file have keys of the same name.
    pub fn path(&self) -> String {
        match self {
            Self::Results { table, fault } => format!("{table}.{}", fault.key()),
            _ => self.key().to_owned(),
        }
    }
}

/// The placeholders as a message lists them.
fn placeholders() -> String {
    PLACEHOLDERS.map(|name| format!("{{{name}}}")).join(" ")
}
