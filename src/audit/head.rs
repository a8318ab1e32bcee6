//! The head of a day: how many lines it has, the last one's hash, and the head of the day before.

use std::fmt;

use jiff::civil::Date;

use super::note::SignedNote;
use super::{Checkpoint, NOTHING};

/// The first line of a head, with the version of its form.
const TITLE: &str = "pli audit head 1";

/// What a day's head says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// The day, UTC.
    pub day: Date,
    /// Whether no line can follow on this day.
    pub closed: bool,
    /// How many lines the day has so far.
    pub lines: u64,
    /// How many lines the log has up to here.
    pub total: u64,
    /// SHA-256 of the log's last line up to here, in hexadecimal; zeros where there is none.
    pub last: String,
    /// SHA-256 of the closed head of the day before, in hexadecimal; zeros on the first day.
    pub previous: String,
}

impl Head {
    /// The head of the log's first day before its first line.
    pub(super) fn first(day: Date) -> Head {
        let nothing = || NOTHING.to_owned();
        Head { day, closed: false, lines: 0, total: 0, last: nothing(), previous: nothing() }
    }

    /// The head of the next day before its first line. `self` is closed, and `digest` is its note's.
    pub(super) fn next_day(&self, day: Date, digest: String) -> Head {
        Head { day, closed: false, lines: 0, total: self.total, last: self.last.clone(), previous: digest }
    }

    /// Reads the text of a note; `None` for one that is no head.
    pub(super) fn parse(text: &str) -> Option<Head> {
        let mut lines = text.lines();
        if lines.next()? != TITLE {
            return None;
        }
        let mut value = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
        let head = Head {
            day: value("day")?.parse().ok()?,
            closed: match value("state")? {
                "closed" => true,
                "open" => false,
                _ => return None,
            },
            lines: value("lines")?.parse().ok()?,
            total: value("total")?.parse().ok()?,
            last: hash(value("last")?)?,
            previous: hash(value("previous")?)?,
        };
        // There is one way to write a head.
        (head.to_string() == text).then_some(head)
    }

    /// The note of this head, without signatures.
    pub(super) fn note(&self) -> SignedNote {
        SignedNote::new(self.to_string())
    }

    /// Where the log stood then, as it is printed and kept elsewhere.
    pub(crate) fn checkpoint(&self) -> Checkpoint {
        Checkpoint { total: self.total, last: self.last.clone() }
    }
}

/// A SHA-256 in hexadecimal.
fn hash(text: &str) -> Option<String> {
    let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (text.len() == NOTHING.len() && digits).then(|| text.to_owned())
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Head { day, closed, lines, total, last, previous } = self;
        let state = if *closed { "closed" } else { "open" };
        write!(
            f,
            "{TITLE}\nday {day}\nstate {state}\nlines {lines}\ntotal {total}\nlast {last}\nprevious {previous}\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_written_in_one_way() {
        let day = jiff::civil::date(2026, 11, 23);
        let head = Head { closed: true, lines: 3, total: 40, ..Head::first(day) };
        let text = head.to_string();
        assert_eq!(Head::parse(&text), Some(head));
        for (from, to) in [
            ("lines 3", "lines 03"),
            ("closed", "Closed"),
            ("total 40", "total -4"),
            ("head 1", "head 2"),
            ("last 0", "last g"),
            ("2026-11-23", "2026-11-31"),
        ] {
            assert_eq!(Head::parse(&text.replace(from, to)), None, "{to}");
        }
        assert_eq!(Head::parse(&format!("{text}more\n")), None);
    }
}
