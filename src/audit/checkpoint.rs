//! Checkpoints: where the log stood once, kept outside it.

use std::fmt;
use std::path::Path;

use foreign::UnreadableFile;
use serde::Serialize;

use super::MAX_HEAD;
use super::head::Head;
use super::note::SignedNote;
use crate::failure::{Failure, Position};

/// The fewest digits of a hash that a checkpoint may have: 64 bits.
const FEWEST_DIGITS: usize = 16;
/// The digits of a hash that are printed on paper: 128 bits.
const PRINTED_DIGITS: usize = 32;

/// The number and the hash of a line. Printed as `345-0a1b…`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Checkpoint {
    /// The number of the line, from 1; 0 for an empty log.
    pub total: u64,
    /// SHA-256 of the line in hexadecimal, or its beginning.
    pub last: String,
}

impl Checkpoint {
    /// Reads a checkpoint as it is printed: the line's number, `-`, and 16 or more digits of its hash.
    pub(crate) fn parse(text: &str) -> Option<Checkpoint> {
        let (total, digits) = text.trim().split_once('-')?;
        let last: String = digits.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
        let usable =
            (FEWEST_DIGITS..=64).contains(&last.len()) && last.bytes().all(|b| b.is_ascii_hexdigit());
        let total = total.trim().parse().ok().filter(|total| *total > 0)?;
        usable.then_some(Checkpoint { total, last })
    }

    /// Reads what `--since` names: a printed checkpoint, or the file of a head.
    ///
    /// # Errors
    /// `checkpoint`: it is neither.
    pub(crate) fn named(text: &str) -> Result<Checkpoint, Failure> {
        if let Some(found) = Checkpoint::parse(text) {
            return Ok(found);
        }
        let advice = "write a checkpoint as a work order shows it (`345-0a1b…`), or name a head that was kept (`2026-11-23.head`)";
        let file = foreign::read(Path::new(text), MAX_HEAD).map_err(|UnreadableFile { file, error }| {
            Failure::usage("checkpoint", format!("is no checkpoint, and no file that can be read: {error}"))
                .at(Position::file(file))
                .with_advice(advice)
        })?;
        let head = SignedNote::parse(&file).and_then(|note| Head::parse(note.text()));
        head.map(|head| head.checkpoint()).ok_or_else(|| {
            Failure::usage("checkpoint", "this file is no head of an audit log")
                .in_file(text)
                .with_advice(advice)
        })
    }

    /// Whether a line with this hash is the one that is meant.
    pub(super) fn is_of(&self, hash: &str) -> bool {
        self.last.len() >= FEWEST_DIGITS && hash.starts_with(&self.last)
    }

    /// As it is printed on paper.
    pub(crate) fn printed(&self) -> String {
        format!("{}-{}", self.total, self.last.get(..PRINTED_DIGITS).unwrap_or(&self.last))
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.total, self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_read_as_it_is_printed() {
        let whole = Checkpoint { total: 345, last: "0a".repeat(32) };
        assert_eq!(Checkpoint::parse(&whole.to_string()), Some(whole.clone()));
        let printed = Checkpoint::parse(&whole.printed()).unwrap();
        assert!(printed.is_of(&whole.last) && !printed.is_of(&"0b".repeat(32)));
        assert!(Checkpoint::parse("345-0A0A 0A0A 0A0A 0A0A").is_some_and(|found| found.is_of(&whole.last)));
        for wrong in [
            "",
            "345",
            "0-0000000000000000",
            "345-0a0a",
            "x-0a0a0a0a0a0a0a0a",
            "3-0g0a0a0a0a0a0a0a0a",
            "-1-0a0a0a0a0a0a0a0a",
        ] {
            assert_eq!(Checkpoint::parse(wrong), None, "{wrong}");
        }
    }
}
