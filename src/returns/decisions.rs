//! What a person decided of the doubtful pages, as the report saves it (`decisions.json`).
//!
//! A JSON array. Each object names a page by path, number and digest, says who decided, and has exactly one of `card_number`,
//! `piece_id` and `none`. Whether a decision still holds for the pile is not judged here.

use std::fmt;
use std::path::Path;

use foreign::{UnreadableFile, is_unprintable, legible, plain_words};
use mail::card::CardNumber;
use mail::lot::WrittenPiece;
use serde::Deserialize;

use crate::failure::{Exit, Explained, Failure, Position};

/// The largest file, in bytes.
const MAX_FILE: u64 = 32 << 20;
/// The most decisions of a file.
const MAX_DECISIONS: usize = 50_000;
/// The most faults of which each is reported.
const MAX_FAULTS: usize = 20;
/// The most characters of a name.
const MAX_NAME: usize = 200;

/// What a person decided of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    /// The picture file, as the report names it.
    pub path: String,
    /// The page, from 1.
    pub page: u32,
    /// SHA-256 of the file, in lower-case hexadecimal digits.
    pub sha256: String,
    /// What the page is.
    pub decided: Decided,
    /// Who decided, not empty.
    pub by: String,
    /// Where the decision begins in its file.
    pub position: Position,
}

/// What a person says a page is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decided {
    /// The letter of this card.
    CardNumber(CardNumber),
    /// This piece.
    Piece(WrittenPiece),
    /// Nothing of ours.
    NotOurs,
}

/// A file of decisions that can't be used. None of its decisions counts.
#[derive(Debug, thiserror::Error)]
#[error("{problem}")]
pub(crate) struct DecisionsError {
    file: String,
    problem: DecisionsProblem,
}

/// Why a file of decisions can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum DecisionsProblem {
    /// The file can't be read.
    #[error(transparent)]
    Unreadable(#[from] UnreadableFile),
    /// It is not the JSON of decisions.
    #[error("{what}")]
    Form {
        /// What is wrong, in plain words.
        what: String,
        /// What to write instead, if that is known.
        advice: Option<String>,
        /// Line, from 1.
        line: u64,
        /// Column, from 1.
        column: u64,
    },
    /// More decisions than are read.
    #[error("{0} decisions, more than {MAX_DECISIONS}")]
    TooMany(usize),
    /// Decisions that say nothing, or too much.
    #[error("{0} of the decisions can't be used")]
    Faults(usize, Vec<DecisionFault>),
}

/// What is wrong with a decision.
#[derive(Debug, Clone)]
pub(crate) struct DecisionFault {
    /// Its place in the array, from 1.
    number: usize,
    position: Position,
    key: &'static str,
    problem: String,
    advice: &'static str,
}

impl fmt::Display for DecisionFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "decision {}, `{}`: {}", self.number, self.key, self.problem)
    }
}

impl Explained for DecisionsError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn code(&self) -> &'static str {
        match self.problem {
            DecisionsProblem::Unreadable(_) => "decisions_unreadable",
            DecisionsProblem::Form { .. } => "decisions_form",
            DecisionsProblem::TooMany(_) => "decisions_too_many",
            DecisionsProblem::Faults(..) => "decisions",
        }
    }

    fn advice(&self) -> Option<String> {
        const SAVE: &str = "save the decisions in the report again (key S), and name the file that it saves";
        match &self.problem {
            DecisionsProblem::Unreadable(unreadable) => {
                let named = "name the `decisions.json` that the report saved";
                Some(foreign::advice(&unreadable.error).unwrap_or(named).to_owned())
            }
            DecisionsProblem::Form { advice, .. } => Some(advice.clone().unwrap_or_else(|| SAVE.to_owned())),
            DecisionsProblem::TooMany(_) => {
                Some("split the array into several files and accept one after the other".to_owned())
            }
            DecisionsProblem::Faults(..) => None,
        }
    }

    fn position(&self) -> Option<Position> {
        Some(match self.problem {
            DecisionsProblem::Form { line, column, .. } => Position::column(&self.file, line, column),
            _ => Position::file(&self.file),
        })
    }

    fn parts(&self) -> Vec<Failure> {
        let DecisionsProblem::Faults(_, faults) = &self.problem else { return Vec::new() };
        let part = |fault: &DecisionFault| {
            Failure::usage("decision", fault.to_string()).with_advice(fault.advice).at(fault.position.clone())
        };
        faults.iter().map(part).collect()
    }
}

/// Reads a file of decisions.
///
/// # Errors
/// [`DecisionsError`]: the file can't be read or is too large; it is not the JSON of decisions; decisions that say nothing,
/// contradict themselves, or stand there twice, each with its place. None of its decisions is used then.
pub(crate) fn read_decisions(path: &Path) -> Result<Vec<Decision>, DecisionsError> {
    let file = legible(&path.display().to_string()).into_owned();
    let read = foreign::read_text(path, MAX_FILE).map_err(DecisionsProblem::from);
    let decisions = read.and_then(|text| parse(&file, &text));
    decisions.map_err(|problem| DecisionsError { file, problem })
}

/// A decision as it is written.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    path: String,
    page: u32,
    sha256: String,
    card_number: Option<String>,
    piece_id: Option<String>,
    none: Option<bool>,
    by: String,
}

/// A key that is wrong, what is wrong, and what to do.
type Wrong = (&'static str, String, &'static str);

fn parse(file: &str, text: &str) -> Result<Vec<Decision>, DecisionsProblem> {
    let text = text.trim_start_matches('\u{feff}');
    let written: Vec<Written> = serde_json::from_str(text).map_err(|error| form(&error))?;
    if written.len() > MAX_DECISIONS {
        return Err(DecisionsProblem::TooMany(written.len()));
    }
    let (mut decisions, mut faults, mut found): (Vec<Decision>, Vec<DecisionFault>, usize) =
        (Vec::new(), Vec::new(), 0);
    let mut pages = std::collections::HashMap::new();
    for ((number, written), (line, column)) in (1..).zip(written).zip(object_positions(text)) {
        let position = Position::column(file, line, column);
        let decision = written.checked(&position).and_then(|decision| {
            let page = (decision.path.clone(), decision.page, decision.decided.to_string());
            match pages.insert(page, number) {
                Some(earlier) => {
                    Err(("path", format!("decision {earlier} is the same"), "delete one of the two"))
                }
                None => Ok(decision),
            }
        });
        match decision {
            Ok(decision) => decisions.push(decision),
            Err((key, problem, advice)) => {
                found += 1;
                if faults.len() < MAX_FAULTS {
                    faults.push(DecisionFault { number, position, key, problem, advice });
                }
            }
        }
    }
    match found {
        0 => Ok(decisions),
        found => Err(DecisionsProblem::Faults(found, faults)),
    }
}

impl fmt::Display for Decided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Decided::CardNumber(number) => f.write_str(number.as_str()),
            Decided::Piece(piece) => write!(f, "{piece}"),
            Decided::NotOurs => f.write_str("none"),
        }
    }
}

impl Written {
    fn checked(self, position: &Position) -> Result<Decision, Wrong> {
        let is_digest = self.sha256.len() == 64 && self.sha256.bytes().all(|b| b.is_ascii_hexdigit());
        if !is_digest {
            let problem = "it is no SHA-256 in 64 hexadecimal digits".to_owned();
            return Err((
                "sha256",
                problem,
                "copy it from the report's `decisions.json` or from `pli scan --json`",
            ));
        }
        if self.path.is_empty() {
            return Err((
                "path",
                "it is empty".to_owned(),
                "write the picture's path as `pli scan --json` does",
            ));
        }
        if self.page == 0 {
            return Err(("page", "pages begin with 1".to_owned(), "write the page's number from 1"));
        }
        let by = self.by.trim();
        if by.is_empty() || by.chars().count() > MAX_NAME || by.chars().any(is_unprintable) {
            return Err((
                "by",
                "nobody is named, or a character of the name can't be printed".to_owned(),
                "write the name of who decided, at most 200 characters on one line",
            ));
        }
        let decided = decided(self.card_number.as_deref(), self.piece_id.as_deref(), self.none)?;
        let (sha256, by) = (self.sha256.to_ascii_lowercase(), by.to_owned());
        Ok(Decision { path: self.path, page: self.page, sha256, decided, by, position: position.clone() })
    }
}

fn decided(card_number: Option<&str>, piece_id: Option<&str>, none: Option<bool>) -> Result<Decided, Wrong> {
    const ONE: &str = "keep exactly one of `card_number`, `piece_id` and `\"none\": true`";
    match (card_number, piece_id, none) {
        (Some(number), None, None) => CardNumber::parse(number).map(Decided::CardNumber).map_err(|_| {
            ("card_number", "it is no card number".to_owned(), "write its 10 digits and nothing else, in quotes")
        }),
        (None, Some(piece), None) => WrittenPiece::parse(piece).map(Decided::Piece).ok_or_else(|| {
            let problem = format!("`{}` is no reference of a piece", legible(piece));
            ("piece_id", problem, "write it as printed: `26327A000001`; a mailer's in JSON `26327A\\\\000001` or `M26327A000001`")
        }),
        (None, None, Some(true)) => Ok(Decided::NotOurs),
        (None, None, Some(false)) => Err(("none", "it is false, which decides nothing".to_owned(), ONE)),
        (None, None, None) => Err(("none", "nothing is decided".to_owned(), ONE)),
        _ => Err(("none", "more than one thing is decided".to_owned(), ONE)),
    }
}

fn form(error: &serde_json::Error) -> DecisionsProblem {
    let (line, column) = (error.line() as u64, (error.column() as u64).max(1));
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    let (what, advice) = match error.classify() {
        serde_json::error::Category::Data => plain_words(message),
        _ => (format!("not JSON: {}", legible(message)), None),
    };
    // The advice of settings speaks of their lines.
    let advice = advice.filter(|advice| !advice.starts_with("add a line"));
    DecisionsProblem::Form { what, advice, line, column }
}

/// Line and column of each object of an array, in text that is known to be the JSON of an array of objects.
fn object_positions(text: &str) -> impl Iterator<Item = (u64, u64)> {
    let (mut line, mut column, mut depth) = (1, 0, 0);
    let (mut in_string, mut escaped) = (false, false);
    text.chars().filter_map(move |character| {
        column += 1;
        match character {
            '\n' => (line, column) = (line + 1, 0),
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            _ if in_string => {}
            '[' | '{' => {
                depth += 1;
                return (depth == 2).then_some((line, column));
            }
            ']' | '}' => depth -= 1,
            _ => {}
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    fn object(rest: &str) -> String {
        format!(r#"{{"path":"box 1/a \"}}[.tif","page":2,"sha256":"{SHA}","by":"C. Durand"{rest}}}"#)
    }

    fn failure(text: &str) -> Failure {
        let error =
            parse("d.json", text).map_err(|problem| DecisionsError { file: "d.json".to_owned(), problem });
        Failure::from(error.expect_err("a fault"))
    }

    #[test]
    fn each_kind_of_decision_is_read() {
        let text = format!(
            "\u{feff}[{},\n  {},\n{}]",
            object(r#","card_number":"2400140649""#),
            object(r#","piece_id":"26327A\\000001.1""#),
            object(r#","none":true"#)
        );
        let decisions = parse("d.json", &text).expect("decisions");
        let decided: Vec<String> = decisions.iter().map(|decision| decision.decided.to_string()).collect();
        assert_eq!(decided[0], "2400140649");
        assert!(
            matches!(&decisions[1].decided, Decided::Piece(piece) if WrittenPiece::parse("26327A\\000001.1").as_ref() == Some(piece))
        );
        assert_eq!(decisions[2].decided, Decided::NotOurs);
        assert_eq!((decisions[0].path.as_str(), decisions[0].page), ("box 1/a \"}[.tif", 2));
        assert_eq!(decisions[1].position, Position::column("d.json", 2, 3));
        assert_eq!(parse("d.json", "[]").expect("none"), []);
    }

    #[test]
    fn a_fault_names_decision_key_and_place() {
        for (rest, key) in [
            ("", "`none`: nothing"),
            (r#","none":false"#, "`none`: it is false"),
            (r#","none":true,"piece_id":"26327A000001""#, "`none`: more than one"),
            (r#","card_number":"24001""#, "`card_number`"),
            (r#","piece_id":"26327A""#, "`piece_id`: `26327A`"),
        ] {
            let failure = failure(&format!("[{},\n {}]", object(r#","none":true"#), object(rest)));
            let part = &failure.parts()[0];
            assert!(part.message().contains("decision 2") && part.message().contains(key), "{part}");
            assert_eq!(part.position(), Some(&Position::column("d.json", 2, 2)));
            assert!(
                part.advice().is_some() && failure.code() == "decisions" && failure.exit() == Exit::Usage
            );
        }
        let twice = format!("[{0},{0}]", object(r#","none":true"#));
        assert!(failure(&twice).parts()[0].message().contains("decision 1 is the same"));
        let nobody = object(r#","none":true"#).replace("C. Durand", "  ");
        assert!(failure(&format!("[{nobody}]")).to_string().contains("`by`"));
        let digest = object(r#","none":true"#).replace(SHA, "9f86");
        assert!(failure(&format!("[{digest}]")).to_string().contains("`sha256`"));
    }

    #[test]
    fn a_number_is_never_in_a_fault() {
        let failure = failure(&format!("[{}]", object(r#","card_number":"240014064""#)));
        assert!(!failure.to_string().contains("240014064"), "{failure}");
    }

    #[test]
    fn what_is_no_array_of_decisions_is_refused_with_line_and_column() {
        for (text, line, word) in [
            ("", 1, "not JSON"),
            ("[\n{\"path\":1}]", 2, "text"),
            (&*format!("[\n{}]", object(r#","extra":1"#)), 2, "`extra`"),
            ("[{}]", 1, "missing"),
            ("{}", 1, "list"),
        ] {
            let failure = failure(text);
            assert_eq!(failure.code(), "decisions_form");
            assert_eq!(failure.position().and_then(|position| position.line), Some(line), "{failure}");
            assert!(failure.to_string().contains(word), "{failure}");
            assert!(failure.advice().is_some());
        }
    }

    #[test]
    fn faults_are_counted_and_the_first_are_listed() {
        let many = vec![object(""); 30].join(",");
        let failure = failure(&format!("[{many}]"));
        assert!(failure.message().starts_with("30 of"));
        assert_eq!(failure.parts().len(), MAX_FAULTS);
    }
}
