//! Why a key can't be split into shares or recovered from them, and what to do. No message repeats a word of a share.

use super::share::MOST;
use super::words::{LineFault, WORDS};
use crate::failure::{Exit, Explained, Position};
use crate::vault::KeyError;

/// A key that can't be split or recovered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum SharesError {
    /// The key can't be read or written.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Numbers of shares that make no backup.
    #[error("{needed} of {count} shares make no backup")]
    Counts {
        /// How many are to recover the key.
        needed: u8,
        /// How many there are to be.
        count: u8,
    },
    /// A file that is too large for a sheet of paper.
    #[error("the key's file has {size} bytes, and shares hold {most} at most")]
    TooLarge {
        /// The file.
        file: String,
        /// Its bytes.
        size: usize,
        /// The most bytes.
        most: usize,
    },
    /// A line that is none of a share, or mistyped.
    #[error("{}", line_fault(.fault))]
    Line {
        /// The file, or `standard input`.
        file: String,
        /// Line, from 1.
        line: u64,
        /// What is wrong.
        fault: Option<LineFault>,
    },
    /// A line stands twice in a share, or is not there.
    #[error("the line `{label}` of the share {}", if *twice { "stands twice" } else { "is missing" })]
    Lines {
        /// Where the share begins.
        place: String,
        /// The line's label.
        label: String,
        /// Whether it stands twice.
        twice: bool,
    },
    /// A share whose digest is wrong, or whose value is not the one that was given out.
    #[error("this is no sound share: {0}", reason)]
    Wrong {
        /// Where it begins.
        place: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// A share of another set.
    #[error("share {index} is of another set ({set}) than most of the others ({expected})")]
    Foreign {
        /// Where it begins.
        place: String,
        /// Its number.
        index: u8,
        /// Its set.
        set: String,
        /// The others' set.
        expected: String,
    },
    /// A share that was given twice.
    #[error("share {index} was given before: {before}")]
    Doubled {
        /// Where it begins.
        place: String,
        /// Its number.
        index: u8,
        /// Where it stands first.
        before: String,
    },
    /// Fewer shares than needed.
    #[error("{there} of {needed} shares are there; {} more needed", missing(*.needed - *.there))]
    TooFew {
        /// How many are there.
        there: u8,
        /// How many are needed.
        needed: u8,
        /// The numbers of the others.
        others: Vec<u8>,
    },
    /// No share at all.
    #[error("there is no share in what was given")]
    None,
    /// The sealed key stands on no share.
    #[error("the lines `k1` and on, which are the same on all sheets, were given with no share")]
    NoKey,
    /// What the shares recover does not open the key.
    #[error("the shares do not recover the key: they were made up")]
    Altered,
}

fn missing(count: u8) -> String {
    if count == 1 { "1 is".to_owned() } else { format!("{count} are") }
}

fn line_fault(fault: &Option<LineFault>) -> String {
    match fault {
        None => "this is no line of a share".to_owned(),
        Some(LineFault::Count(count)) => format!("this line has {count} words, and {WORDS} are needed"),
        Some(LineFault::Word(number)) => format!("word {number} of this line is no word of a share"),
        Some(LineFault::Check) => "a word of this line is mistyped: its last word does not fit".to_owned(),
    }
}

impl Explained for SharesError {
    fn exit(&self) -> Exit {
        match self {
            SharesError::Key(error) => error.exit(),
            _ => Exit::Usage,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            SharesError::Key(error) => error.code(),
            SharesError::Counts { .. } => "share_count",
            SharesError::TooLarge { .. } => "key_too_large",
            SharesError::Line { .. } => "share_line",
            SharesError::Lines { .. } => "share_incomplete",
            SharesError::Wrong { .. } => "share_wrong",
            SharesError::Foreign { .. } => "share_foreign",
            SharesError::Doubled { .. } => "share_doubled",
            SharesError::TooFew { .. } | SharesError::None | SharesError::NoKey => "shares_missing",
            SharesError::Altered => "shares_altered",
        }
    }

    fn advice(&self) -> Option<String> {
        let text = match self {
            SharesError::Key(error) => return error.advice(),
            SharesError::Counts { .. } => {
                return Some(format!(
                    "write 2 or more for `--needed`, and for `--shares` at least as many and {MOST} at most"
                ));
            }
            SharesError::TooLarge { .. } => "split a file that holds this key alone",
            SharesError::Line { .. } => {
                "compare it with the sheet, letter by letter; a comment begins with `#`"
            }
            SharesError::Lines { twice: true, .. } => "leave one, and begin each share with its line `s1`",
            SharesError::Lines { .. } => "copy that line from the sheet",
            SharesError::Wrong { .. } => "take another holder's share, and find out what became of this one",
            SharesError::Foreign { .. } => "leave it out: each backup has a set of its own",
            SharesError::Doubled { .. } => "leave it out, and ask another holder",
            SharesError::TooFew { others, .. } => {
                let others: Vec<String> = others.iter().map(ToString::to_string).collect();
                return Some(format!("ask the holders of others: {}", others.join(", ")));
            }
            SharesError::None => "give the shares' files, or type their lines",
            SharesError::NoKey => "type them once, after the lines of any share",
            SharesError::Altered => "ask for shares of other holders, and find out who made these",
        };
        Some(text.to_owned())
    }

    fn position(&self) -> Option<Position> {
        match self {
            SharesError::Key(error) => error.position(),
            SharesError::TooLarge { file, .. } => Some(Position::file(file)),
            SharesError::Line { file, line, .. } => Some(Position::line(file, *line)),
            SharesError::Lines { place, .. }
            | SharesError::Wrong { place, .. }
            | SharesError::Foreign { place, .. }
            | SharesError::Doubled { place, .. } => Some(Position::file(place)),
            _ => None,
        }
    }
}
