//! The acts of a log that its ledger lacks, because the ledger was put back to an earlier state.
//!
//! A ledger keeps which line of the log it knows last. A command that finds acts behind that line says so in its own line
//! (`ledger_at=13`), so that they stay known after the ledger has gone on. An act that was done again is lacking no more.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Checkpoint;
use super::day::{DayLines, Days};
use super::line::hash_of;
use crate::failure::Failure;
use crate::ledger::Ledger;

/// What the option of an act begins with that met a ledger of an earlier line.
const LEDGER_AT: &str = "ledger_at=";

/// The acts that write into the ledger. A night and a reprint have releases besides, which the outputs know; an approval that
/// is lost is asked for again.
const WRITING: [&str; 12] = [
    "accept",
    "dispatch",
    "ledger person erase",
    "ledger person keep",
    "ledger person let go",
    "ledger purge",
    "recall",
    "reconcile",
    "reprint",
    "returns destroy",
    "returns release",
    "scan",
];

/// The option of an act that met a ledger which knows the log up to a line only.
pub(crate) fn ledger_at(line: u64) -> String {
    format!("{LEDGER_AT}{line}")
}

/// An act that the log has and the ledger lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LackedAct {
    /// The number of its line.
    pub line: u64,
    /// When, UTC.
    pub at: String,
    /// What.
    pub act: String,
    /// The lots that were named, without those of which it was done again.
    pub lots: Vec<String>,
    /// The pieces that were named, without those of which it was done again.
    pub pieces: Vec<String>,
    /// The options that changed what was done.
    pub options: Vec<String>,
    /// SHA-256 of the list that was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<String>,
}

impl LackedAct {
    /// Whether it pulls pieces that a dispatch must not send.
    pub(crate) fn pulls(&self) -> bool {
        self.act == "recall"
    }

    /// Whether it names no piece and no lot: the log has neither cards nor the lines of lists.
    fn names_nothing(&self) -> bool {
        self.lots.is_empty() && self.pieces.is_empty()
    }
}

impl fmt::Display for LackedAct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.act)?;
        self.lots.iter().chain(&self.pieces).try_for_each(|name| write!(f, " {name}"))?;
        match (self.names_nothing(), &self.list) {
            (true, Some(_)) => write!(f, " (the pieces of a list)"),
            (true, None) if self.options.iter().any(|option| option == "of_a_card") => {
                write!(f, " (of a card, which the log does not name)")
            }
            _ => Ok(()),
        }
    }
}

/// What a ledger lacks of its log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Lacking {
    /// The time of the last line that the ledger knows, UTC.
    pub known_to: String,
    /// The acts, the oldest first.
    pub acts: Vec<LackedAct>,
}

impl Lacking {
    /// The first acts in a row of words, such as `recall L26334A000003, dispatch L26331A, and 4 more`.
    pub(crate) fn in_words(&self, most: usize) -> String {
        let mut words: Vec<String> = self.acts.iter().take(most).map(ToString::to_string).collect();
        let more = self.acts.len().saturating_sub(most);
        words.extend((more > 0).then(|| format!("and {more} more")));
        words.join(", ")
    }
}

/// A line, as far as it matters here.
#[derive(Deserialize)]
struct Line {
    number: u64,
    at: String,
    act: String,
    outcome: String,
    #[serde(default)]
    lots: Vec<String>,
    #[serde(default)]
    pieces: Vec<String>,
    #[serde(default)]
    options: Vec<String>,
    #[serde(default)]
    hashes: BTreeMap<String, String>,
}

impl Line {
    /// Whether it wrote into the ledger.
    fn writes(&self) -> bool {
        writes_into_ledger(&self.act) && matches!(self.outcome.as_str(), "done" | "needs_a_person")
    }

    /// The line up to which this act's ledger knew the log, where it lacked acts.
    fn ledger_at(&self) -> Option<u64> {
        self.options.iter().find_map(|option| option.strip_prefix(LEDGER_AT)?.parse().ok())
    }

    fn lacked(&self) -> LackedAct {
        let options = self.options.iter().filter(|option| !option.starts_with(LEDGER_AT));
        LackedAct {
            line: self.number,
            at: self.at.clone(),
            act: self.act.clone(),
            lots: self.lots.clone(),
            pieces: self.pieces.clone(),
            options: options.cloned().collect(),
            list: self.hashes.get("list").cloned(),
        }
    }

    /// Takes what this act did again from those that are lacking. Of those that name nothing it takes one: that with its list, or
    /// else the first. Lists that were lost can so be done again by other ones, act by act.
    fn do_again(&self, lacked: &mut Vec<LackedAct>) {
        if !self.writes() {
            return;
        }
        let repeated = |act: &LackedAct| {
            act.act == self.act
                && act.names_nothing()
                && act.list.is_some() == self.hashes.contains_key("list")
                && act.options.iter().all(|option| self.options.contains(option))
        };
        let same = |act: &LackedAct| repeated(act) && act.list.as_ref() == self.hashes.get("list");
        if let Some(index) = lacked.iter().position(same).or_else(|| lacked.iter().position(repeated)) {
            lacked.remove(index);
        }
        lacked.retain_mut(|act| act.act != self.act || act.names_nothing() || !self.names_all_of(act));
    }

    /// Takes the names of this act from one that is lacking; whether none is left.
    fn names_all_of(&self, lacked: &mut LackedAct) -> bool {
        let lacks = |names: &[String], name: &String| !names.iter().any(|other| are_one(other, name));
        // A piece is named within a lot where both are.
        let named = !lacked.pieces.is_empty();
        lacked.pieces.retain(|piece| lacks(&self.pieces, piece));
        if named {
            return lacked.pieces.is_empty();
        }
        lacked.lots.retain(|lot| lacks(&self.lots, lot));
        lacked.lots.is_empty()
    }
}

/// Whether two names are of one lot or piece, as far as they say their kind.
fn are_one(name: &str, other: &str) -> bool {
    let bare = |name| str::trim_start_matches(name, ['L', 'M']);
    name == other || (bare(name) == bare(other) && (name == bare(name) || other == bare(other)))
}

/// The acts of a log that a ledger lacks which knows it up to a line; `None` where the log does not have that line: it is
/// another one, or forgot it. Nothing is verified.
///
/// # Errors
/// `audit_io`; I/O errors.
pub(crate) fn lacking(folder: &Path, known: &Checkpoint) -> Result<Option<Lacking>, Failure> {
    let (mut acts, mut lacked) = (Vec::<LackedAct>::new(), Vec::<LackedAct>::new());
    let mut known_to = None;
    for day in Days::of(folder)?.days.into_keys() {
        for line in DayLines::read(folder, day)?.whole() {
            let Ok(told) = serde_json::from_slice::<Line>(line) else { continue };
            if told.number == known.total && known.is_of(&hash_of(line)) {
                known_to = Some(told.at.clone());
            }
            if let Some(at) = told.ledger_at() {
                put_back(&mut lacked, &acts, at);
            }
            told.do_again(&mut lacked);
            if told.writes() {
                acts.push(told.lacked());
            }
        }
    }
    put_back(&mut lacked, &acts, known.total);
    Ok(known_to.map(|known_to| Lacking { known_to, acts: lacked }))
}

/// The acts of the log in a folder that a ledger lacks; `None` where it lacks none, or where its log is another one.
///
/// # Errors
/// As [`lacking`]; ledger errors.
pub(crate) fn lacked_by(ledger: &Ledger, folder: &Path) -> Result<Option<Lacking>, Failure> {
    for known in [ledger.expected_audit_line()?, ledger.audit_head()?].into_iter().flatten() {
        let (total, last) = known;
        // A line that was expected and never written is not in the log.
        if let Some(found) = lacking(folder, &Checkpoint { total, last })? {
            return Ok(Some(found).filter(|found| !found.acts.is_empty()));
        }
    }
    Ok(None)
}

/// Whether an act writes into the ledger, so that a ledger which was put back lacks it.
pub(crate) fn writes_into_ledger(act: &str) -> bool {
    WRITING.contains(&act)
}

/// Adds the acts behind the line that a ledger knows last.
fn put_back(lacked: &mut Vec<LackedAct>, acts: &[LackedAct], known: u64) {
    lacked.retain(|act| act.line <= known);
    lacked.extend(acts.iter().filter(|act| act.line > known).cloned());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log of these lines, as (act, pieces, options), and the checkpoint of each.
    fn log(folder: &Path, lines: &[(&str, &str, &str)]) -> Vec<Checkpoint> {
        let mut text = Vec::new();
        let mut checkpoints = Vec::new();
        for (number, (act, pieces, options)) in (1u64..).zip(lines) {
            let list = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            let line = serde_json::json!({
                "number": number, "at": format!("2026-11-28T20:00:{number:02}Z"), "act": act, "outcome": "done",
                "pieces": list(pieces), "options": list(options),
            });
            let line = line.to_string().into_bytes();
            checkpoints.push(Checkpoint { total: number, last: hash_of(&line) });
            text.extend([line, b"\n".to_vec()].concat());
        }
        fs_err::write(folder.join("2026-11-28.jsonl"), text).unwrap();
        checkpoints
    }

    fn words(folder: &Path, known: &Checkpoint) -> String {
        lacking(folder, known).unwrap().unwrap().in_words(9)
    }

    #[test]
    fn acts_behind_the_ledgers_line_are_lacking_until_they_are_done_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let mut lines = vec![
            ("run", "", ""),
            ("recall", "L26334A000001", ""),
            ("ledger backup", "", ""),
            ("recall", "L26334A000003 L26334A000004", ""),
            ("recall", "", "of_a_card"),
        ];
        let known = log(path, &lines);
        assert_eq!(words(path, &known[4]), "");
        let both = "recall L26334A000003 L26334A000004, recall (of a card, which the log does not name)";
        assert_eq!(words(path, &known[1]), both);
        // The restoration says where the ledger was, and the ledger goes on.
        lines.push(("ledger restore", "", "ledger_at=2"));
        let known = log(path, &lines);
        assert_eq!(words(path, &known[5]), both);
        lines.extend([("recall", "L26334A000003", ""), ("dispatch", "L26334A000004", "")]);
        let known = log(path, &lines);
        assert_eq!(words(path, &known[7]), both.replace(" L26334A000003", ""));
        lines.extend([("recall", "L26334A000004", ""), ("recall", "", "of_a_card")]);
        let known = log(path, &lines);
        assert_eq!(words(path, &known[9]), "");
        // Put back once more: what was done again is lacking, too.
        assert!(words(path, &known[5]).ends_with(
            "dispatch L26334A000004, recall L26334A000004, recall (of a card, which the log does not name)"
        ));
    }

    #[test]
    fn another_log_tells_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let known = log(folder.path(), &[("run", "", "")]);
        let other = Checkpoint { total: 1, last: "ab".repeat(32) };
        assert!(lacking(folder.path(), &known[0]).unwrap().is_some());
        assert_eq!(lacking(folder.path(), &other).unwrap(), None);
        assert_eq!(lacking(&folder.path().join("none"), &other).unwrap(), None);
    }

    #[test]
    fn each_recall_of_a_card_is_done_again_by_one_and_a_name_without_its_kind_by_either() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let mut lines = vec![
            ("run", "", ""),
            ("recall", "", "of_a_card"),
            ("recall", "", "of_a_card"),
            ("recall", "26334A000003", ""),
            ("recall", "L26334A000004", ""),
            ("ledger restore", "", "ledger_at=1"),
        ];
        let of_a_card = "recall (of a card, which the log does not name)";
        let rest = "recall 26334A000003, recall L26334A000004";
        let known = log(path, &lines);
        assert_eq!(words(path, &known[5]), format!("{of_a_card}, {of_a_card}, {rest}"));
        lines.push(("recall", "", "of_a_card"));
        let known = log(path, &lines);
        assert_eq!(words(path, &known[6]), format!("{of_a_card}, {rest}"));
        lines.extend([("recall", "M26334A000003 M26334A000004", ""), ("recall", "", "of_a_card")]);
        let known = log(path, &lines);
        assert_eq!(words(path, &known[8]), "recall L26334A000004");
    }
}
