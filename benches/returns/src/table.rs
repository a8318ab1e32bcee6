//! The table of recall: every kind, every reader, over the same pictures.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use returns_bench::{Fault, FileFormat, Kind, Letters, Truth, damage_file};
use serde::{Deserialize, Serialize};

use crate::aims;
use crate::journal::Journal;
use crate::paired::Paired;
use crate::readers::{Budget, Judge, Reading, ours};
use crate::times::summary;

/// Readers in the order of the table: ours, then tasks of `judges.py`.
const READERS: [&str; 4] = ["ours", "zxing", "zxing-easy", "libdmtx"];
/// The reader that ours must never be below.
const PEER: usize = 1;
/// The fewest pages of a kind whose share says whether the generator is too mild or too harsh.
const LEAST_PAGES: usize = 24;
/// The symbols in the order of the table.
const SYMBOLS: [&str; 2] = ["Code 39", "2D-DOC"];

/// What a reader made of one symbol of a picture. Neither is nothing.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Found {
    /// The printed text was read.
    right: bool,
    /// Another text was read.
    wrong: bool,
}

/// What a reader made of a picture.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Outcome {
    /// By symbol.
    found: [Found; 2],
    milliseconds: f64,
}

/// A picture of the table.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Line {
    kind: String,
    page: usize,
    /// By reader; `None` for those left out.
    outcomes: [Option<Outcome>; READERS.len()],
    /// Whether our reader would book the printed number.
    accepted: bool,
    /// Whether it would book another one.
    accepted_wrong: bool,
}

/// How often a text was read.
#[derive(Debug, Clone, Copy, Default)]
struct Score {
    right: usize,
    wrong: usize,
    none: usize,
}

/// What the readers made of a kind.
#[derive(Debug, Clone, Default)]
struct Tally {
    pages: usize,
    scores: [[Score; 2]; READERS.len()],
    paired: [[Paired; 2]; READERS.len()],
    milliseconds: [Vec<f64>; READERS.len()],
    accepted: usize,
    accepted_wrong: usize,
}

/// What is compared.
pub struct Comparison<'a> {
    pub letters: &'a Letters,
    /// The pages, each once a kind.
    pub pages: Range<usize>,
    pub kinds: &'a [Kind],
    pub python: &'a Path,
    /// The time that our readers may take for a picture.
    pub budget: Budget,
    /// The readers to leave out.
    pub without: &'a [String],
    /// Where pictures lie while they are read.
    pub scratch: &'a Path,
    /// Where pictures are kept on which our readers missed a symbol or read another text.
    pub misses: Option<&'a PathBuf>,
    /// Where what was read is kept, so that the run can go on.
    pub journal: Option<&'a Path>,
}

impl Comparison<'_> {
    /// Makes the pictures that the journal does not have, has them read, and returns the table of all in Markdown.
    pub fn table(&self) -> Result<String, Fault> {
        fs_err::create_dir_all(self.scratch)?;
        let readers: Vec<&str> = self.shown().into_iter().map(|reader| READERS[reader]).collect();
        let settings = format!("table, {}, {}", self.budget, readers.join(" "));
        let (mut journal, mut lines) = Journal::open::<Line>(self.journal, &settings)?;
        let known: HashSet<(String, usize)> =
            lines.iter().map(|line| (line.kind.clone(), line.page)).collect();
        let others = readers.iter().filter(|&&reader| reader != READERS[0]);
        let mut judges: Vec<Judge> =
            others.map(|reader| Judge::start(self.python, reader)).collect::<Result<_, Fault>>()?;
        for index in self.pages.clone() {
            let new = |kind: &&Kind| !known.contains(&(kind.name().to_owned(), index));
            let kinds: Vec<Kind> = self.kinds.iter().filter(new).copied().collect();
            if kinds.is_empty() {
                continue;
            }
            let page = self.letters.page(index)?;
            for kind in kinds {
                let (file, truth) = damage_file(&page, kind, index as u64)?;
                let readings = self.readings(&file, kind, index, &mut judges)?;
                self.keep_miss(&file, kind, index, readings[0].as_ref(), &truth)?;
                let line = Line::of(kind, index, &readings, &truth);
                journal.add(&line)?;
                lines.push(line);
            }
        }
        Ok(self.markdown(&lines))
    }

    /// The readers that are not left out.
    fn shown(&self) -> Vec<usize> {
        let left_out = |reader: usize| self.without.iter().any(|name| name == READERS[reader]);
        (0..READERS.len()).filter(|&reader| reader == 0 || !left_out(reader)).collect()
    }

    /// What each reader of [`READERS`] reads; `None` of those left out.
    fn readings(
        &self,
        file: &[u8],
        kind: Kind,
        index: usize,
        judges: &mut [Judge],
    ) -> Result<[Option<Reading>; READERS.len()], Fault> {
        let path = self.scratch.join(format!("{kind}-{index:03}.{}", FileFormat::of(kind).ending()));
        fs_err::write(&path, file)?;
        let mut readings: [Option<Reading>; READERS.len()] = Default::default();
        readings[0] = Some(ours(file, self.budget));
        for judge in judges {
            let position = READERS.iter().position(|name| *name == judge.name()).unwrap_or_default();
            readings[position] = Some(judge.ask(&path.to_string_lossy())?);
        }
        fs_err::remove_file(&path)?;
        Ok(readings)
    }

    fn keep_miss(
        &self,
        file: &[u8],
        kind: Kind,
        index: usize,
        ours: Option<&Reading>,
        truth: &Truth,
    ) -> Result<(), Fault> {
        let (Some(folder), Some(ours)) = (self.misses, ours) else { return Ok(()) };
        let bars = ours.code39.iter().map(String::as_str).eq([truth.card_number.as_str()]);
        let block = ours.datamatrix.iter().map(String::as_str).eq([truth.twoddoc.as_str()]);
        if bars && block {
            return Ok(());
        }
        fs_err::create_dir_all(folder)?;
        let missed = match (bars, block) {
            (false, false) => "both",
            (false, true) => "code39",
            _ => "twoddoc",
        };
        let name = format!("{kind}-{index:03}-{missed}.{}", FileFormat::of(kind).ending());
        Ok(fs_err::write(folder.join(name), file)?)
    }

    fn markdown(&self, lines: &[Line]) -> String {
        let mut tallies: BTreeMap<Kind, Tally> = BTreeMap::new();
        let mut all = Tally::default();
        for line in lines {
            if let Some(kind) = Kind::named(&line.kind) {
                tallies.entry(kind).or_default().count(line);
                all.count(line);
            }
        }
        let shown = self.shown();
        let mut columns = vec!["kind".to_owned(), "pages".to_owned()];
        columns.extend(shown.iter().map(|&reader| format!("{}: Code 39; 2D-DOC", READERS[reader])));
        columns.extend(["against zxing".to_owned(), "accepted; wrong".to_owned()]);
        columns.extend(shown.iter().map(|&reader| format!("{} ms: mean; p50; p99; worst", READERS[reader])));
        let mut text =
            "Right/wrong/none. Against zxing: pictures that ours and it alone read, and the chance of that \
                        (McNemar, exact, one-sided).\n\n"
                .to_owned();
        let _ = writeln!(text, "| {} |\n|{}", columns.join(" | "), "---|".repeat(columns.len()));
        for (name, tally) in tallies.iter().map(|(kind, tally)| (kind.name(), tally)).chain([("all", &all)]) {
            let _ = writeln!(text, "| {} |", tally.cells(name, &shown).join(" | "));
        }
        let faults: Vec<String> =
            tallies.iter().flat_map(|(kind, tally)| tally.faults(*kind, &shown)).collect();
        let heading = if faults.is_empty() { "Nothing is below an aim." } else { "Below an aim:\n" };
        let _ = writeln!(text, "\n{heading}");
        faults.iter().for_each(|fault| {
            let _ = writeln!(text, "- {fault}");
        });
        text
    }
}

impl Line {
    fn of(kind: Kind, page: usize, readings: &[Option<Reading>; READERS.len()], truth: &Truth) -> Line {
        let found = |texts: &[String], printed: &str| Found {
            right: texts.iter().any(|text| text == printed),
            wrong: texts.iter().any(|text| text != printed),
        };
        let outcome = |reading: &Reading| Outcome {
            found: [found(&reading.code39, &truth.card_number), found(&reading.datamatrix, &truth.twoddoc)],
            milliseconds: reading.milliseconds,
        };
        let accepted = readings[0].as_ref().map(|ours| found(&ours.accepted, &truth.card_number));
        let Found { right, wrong } = accepted.unwrap_or_default();
        Line {
            kind: kind.name().to_owned(),
            page,
            outcomes: readings.each_ref().map(|reading| reading.as_ref().map(outcome)),
            accepted: right,
            accepted_wrong: wrong,
        }
    }
}

impl Tally {
    fn count(&mut self, line: &Line) {
        self.pages += 1;
        let Some(ours) = &line.outcomes[0] else { return };
        for (reader, outcome) in line.outcomes.iter().enumerate() {
            let Some(outcome) = outcome else { continue };
            for (symbol, found) in outcome.found.iter().enumerate() {
                let score = &mut self.scores[reader][symbol];
                score.right += usize::from(found.right);
                score.wrong += usize::from(found.wrong);
                score.none += usize::from(!found.right && !found.wrong);
                self.paired[reader][symbol].count(ours.found[symbol].right, found.right);
            }
            self.milliseconds[reader].push(outcome.milliseconds);
        }
        self.accepted += usize::from(line.accepted);
        self.accepted_wrong += usize::from(line.accepted_wrong);
    }

    fn cells(&self, name: &str, shown: &[usize]) -> Vec<String> {
        let score = |score: Score| format!("{}/{}/{}", score.right, score.wrong, score.none);
        let mut cells = vec![name.to_owned(), self.pages.to_string()];
        cells.extend(shown.iter().map(|&reader| self.scores[reader].map(score).join("; ")));
        cells.push(match shown.contains(&PEER) {
            true => self.paired[PEER].map(Paired::verdict).join("; "),
            false => "-".to_owned(),
        });
        cells.push(format!("{}; {}", self.accepted, self.accepted_wrong));
        cells.extend(shown.iter().map(|&reader| summary(&self.milliseconds[reader])));
        cells
    }

    /// What is below an aim, in words.
    fn faults(&self, kind: Kind, shown: &[usize]) -> Vec<String> {
        let share = |reader: usize, symbol: usize| {
            100.0 * self.scores[reader][symbol].right as f64 / self.pages.max(1) as f64
        };
        let mut faults = Vec::new();
        for (symbol, aim) in [Some(aims::code39(kind)), aims::twoddoc(kind)].into_iter().enumerate() {
            let read = share(0, symbol);
            if let Some(aim) = aim.filter(|&aim| read < aim) {
                faults.push(format!(
                    "{kind}: {} {read:.1} % of pages, and {aim} % are aimed at",
                    SYMBOLS[symbol]
                ));
            }
        }
        for (&reader, symbol) in shown[1..].iter().flat_map(|reader| [(reader, 0), (reader, 1)]) {
            if self.paired[reader][symbol].is_below() {
                let verdict = self.paired[reader][symbol].verdict();
                faults.push(format!("{kind}: {} against {}: {verdict}", SYMBOLS[symbol], READERS[reader]));
            }
        }
        let enough = shown.contains(&PEER) && self.pages >= LEAST_PAGES;
        let by_hand = aims::by_hand(kind).filter(|_| enough);
        for (symbol, eighths) in by_hand.into_iter().flat_map(|(bars, block)| [(0, bars), (1, block)]) {
            let (read, hand) = (share(PEER, symbol), 12.5 * f64::from(eighths));
            if (read - hand).abs() > 12.5 {
                faults.push(format!(
                    "{kind}: the generator: zxing-cpp reads {read:.1} % of {}, and {hand} % by hand",
                    SYMBOLS[symbol]
                ));
            }
        }
        if self.accepted_wrong > 0 {
            faults.push(format!("{kind}: {} wrong numbers would be booked", self.accepted_wrong));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below_an_aim_is_told() {
        let found = |right| Found { right, wrong: false };
        let outcome = |right| Some(Outcome { found: [found(right), found(true)], milliseconds: 1.0 });
        let line = |page: usize, ours, zxing| Line {
            kind: "postmark".to_owned(),
            page,
            outcomes: [outcome(ours), outcome(zxing), None, None],
            accepted: ours,
            accepted_wrong: false,
        };
        let mut tally = Tally::default();
        (0..18).for_each(|page| tally.count(&line(page, true, true)));
        (18..24).for_each(|page| tally.count(&line(page, false, true)));
        let faults = tally.faults(Kind::Postmark, &[0, 1]);
        let expected = [
            "postmark: Code 39 75.0 % of pages, and 98 % are aimed at",
            "postmark: Code 39 against zxing: below 0:6 (0.0156)",
            "postmark: the generator: zxing-cpp reads 100.0 % of Code 39, and 75 % by hand",
            "postmark: the generator: zxing-cpp reads 100.0 % of 2D-DOC, and 37.5 % by hand",
        ];
        assert_eq!(faults, expected);
        assert_eq!(tally.cells("postmark", &[0, 1])[1..4], ["24", "18/0/6; 24/0/0", "24/0/0; 24/0/0"]);
    }
}
