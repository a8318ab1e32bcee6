//! The table of recall: every kind, every reader, over the same pictures.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use returns_bench::{Fault, FileFormat, Kind, Letters, Truth, damage_file};

use crate::readers::{Judge, Reading, ours};

/// Readers in the order of the table: ours, then tasks of `judges.py`.
const READERS: [&str; 4] = ["ours", "zxing", "zxing-easy", "libdmtx"];
/// The reader that ours must never be below.
const PEER: usize = 1;

/// How often a text was read.
#[derive(Debug, Clone, Copy, Default)]
struct Score {
    /// Pictures on which the printed text was read.
    right: usize,
    /// Pictures on which another text was read.
    wrong: usize,
    /// Pictures on which nothing was read.
    none: usize,
}

impl Score {
    /// Counts a picture; whether the printed text was read.
    fn count(&mut self, texts: &[String], printed: &str) -> bool {
        let right = texts.iter().any(|text| text == printed);
        self.right += usize::from(right);
        self.wrong += usize::from(texts.iter().any(|text| text != printed));
        self.none += usize::from(texts.is_empty());
        right
    }
}

/// Pictures that one of two readers alone read.
#[derive(Debug, Clone, Copy, Default)]
struct Paired {
    ours_alone: u32,
    peer_alone: u32,
}

impl Paired {
    fn count(&mut self, ours: bool, peer: bool) {
        self.ours_alone += u32::from(ours && !peer);
        self.peer_alone += u32::from(peer && !ours);
    }

    /// The probability that the peer alone reads as many or more by chance: McNemar's test, exact and one-sided.
    fn chance(self) -> f64 {
        let pairs = self.ours_alone + self.peer_alone;
        let mut term = 0.5_f64.powi(pairs as i32);
        let mut sum = 0.0;
        for alone in 0..=pairs {
            if alone >= self.peer_alone {
                sum += term;
            }
            term *= f64::from(pairs - alone) / f64::from(alone + 1);
        }
        sum
    }

    /// Ours, or who is better at 5 %.
    fn verdict(self) -> &'static str {
        let reverse = Paired { ours_alone: self.peer_alone, peer_alone: self.ours_alone };
        match (self.chance() < 0.05, reverse.chance() < 0.05) {
            (true, _) => "below",
            (_, true) => "above",
            _ => "equal",
        }
    }
}

/// What the readers made of a kind.
#[derive(Debug, Clone, Default)]
struct KindTally {
    code39: [Score; READERS.len()],
    twoddoc: [Score; READERS.len()],
    paired: [Paired; 2],
    milliseconds: [Vec<f64>; READERS.len()],
    accepted: usize,
    accepted_wrong: usize,
}

/// What is compared.
pub struct Comparison<'a> {
    pub letters: &'a Letters,
    pub pages: usize,
    pub kinds: &'a [Kind],
    pub python: &'a Path,
    /// The time that our readers may take for a picture.
    pub budget: Duration,
    /// The readers to leave out.
    pub without: &'a [String],
    /// Where pictures lie while they are read.
    pub scratch: &'a Path,
    /// Where pictures are kept on which our readers missed a symbol or read another text.
    pub misses: Option<&'a PathBuf>,
}

impl Comparison<'_> {
    /// Makes the pictures, has them read, and returns the table in Markdown.
    pub fn table(&self) -> Result<String, Fault> {
        fs_err::create_dir_all(self.scratch)?;
        let others = self.shown().into_iter().filter(|&reader| reader > 0);
        let judges = others.map(|reader| Judge::start(self.python, READERS[reader]));
        let mut judges: Vec<Judge> = judges.collect::<Result<_, Fault>>()?;
        let mut tallies: BTreeMap<Kind, KindTally> = BTreeMap::new();
        for index in 0..self.pages {
            let page = self.letters.page(index)?;
            for &kind in self.kinds {
                let (file, truth) = damage_file(&page, kind, index as u64)?;
                let readings = self.readings(&file, kind, index, &mut judges)?;
                self.keep_miss(&file, kind, index, &readings[0], &truth)?;
                tallies.entry(kind).or_default().count(&readings, &truth);
            }
        }
        Ok(self.markdown(&tallies))
    }

    /// The readers that are not left out.
    fn shown(&self) -> Vec<usize> {
        let left_out = |reader: usize| self.without.iter().any(|name| name == READERS[reader]);
        (0..READERS.len()).filter(|&reader| reader == 0 || !left_out(reader)).collect()
    }

    /// What each reader of [`READERS`] reads; nothing for those left out.
    fn readings(
        &self,
        file: &[u8],
        kind: Kind,
        index: usize,
        judges: &mut [Judge],
    ) -> Result<Vec<Reading>, Fault> {
        let path = self.scratch.join(format!("{kind}-{index:03}.{}", FileFormat::of(kind).ending()));
        fs_err::write(&path, file)?;
        let mut readings = vec![Reading::default(); READERS.len()];
        readings[0] = ours(file, self.budget);
        for judge in judges {
            let position = READERS.iter().position(|name| *name == judge.name()).unwrap_or_default();
            readings[position] = judge.ask(&path.to_string_lossy())?;
        }
        fs_err::remove_file(&path)?;
        Ok(readings)
    }

    fn keep_miss(
        &self,
        file: &[u8],
        kind: Kind,
        index: usize,
        ours: &Reading,
        truth: &Truth,
    ) -> Result<(), Fault> {
        let Some(folder) = self.misses else { return Ok(()) };
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

    fn markdown(&self, tallies: &BTreeMap<Kind, KindTally>) -> String {
        let mut text = String::new();
        let mut columns: Vec<String> = Vec::new();
        columns.push("kind".to_owned());
        let shown = self.shown();
        columns.extend(shown.iter().map(|&reader| format!("{}: Code 39; 2D-DOC", READERS[reader])));
        columns.extend(["against zxing".to_owned(), "accepted; wrong".to_owned()]);
        columns.extend(shown.iter().map(|&reader| format!("{} ms: mean; p99; worst", READERS[reader])));
        let _ = writeln!(text, "{} pages a kind. Right/wrong/none.\n", self.pages);
        let _ = writeln!(text, "| {} |\n|{}", columns.join(" | "), "---|".repeat(columns.len()));
        for (kind, tally) in tallies {
            let _ = writeln!(text, "| {} |", tally.cells(*kind, &shown).join(" | "));
        }
        text
    }
}

impl KindTally {
    fn count(&mut self, readings: &[Reading], truth: &Truth) {
        let mut right = [[false; 2]; READERS.len()];
        for (reader, reading) in readings.iter().enumerate() {
            right[reader] = [
                self.code39[reader].count(&reading.code39, &truth.card_number),
                self.twoddoc[reader].count(&reading.datamatrix, &truth.twoddoc),
            ];
            self.milliseconds[reader].push(reading.milliseconds);
        }
        for (symbol, paired) in self.paired.iter_mut().enumerate() {
            paired.count(right[0][symbol], right[PEER][symbol]);
        }
        self.accepted += usize::from(readings[0].accepted.contains(&truth.card_number));
        self.accepted_wrong +=
            usize::from(readings[0].accepted.iter().any(|text| *text != truth.card_number));
    }

    fn cells(&self, kind: Kind, shown: &[usize]) -> Vec<String> {
        let score = |score: &Score| format!("{}/{}/{}", score.right, score.wrong, score.none);
        let mut cells = vec![kind.name().to_owned()];
        let scores =
            |&reader: &usize| format!("{}; {}", score(&self.code39[reader]), score(&self.twoddoc[reader]));
        cells.extend(shown.iter().map(scores));
        cells.push(format!("{}; {}", self.paired[0].verdict(), self.paired[1].verdict()));
        cells.push(format!("{}; {}", self.accepted, self.accepted_wrong));
        cells.extend(shown.iter().map(|&reader| times(&self.milliseconds[reader])));
        cells
    }
}

/// Mean, 99th percentile and longest of times.
fn times(all: &[f64]) -> String {
    let mut sorted = all.to_vec();
    sorted.sort_by(f64::total_cmp);
    let mean = sorted.iter().sum::<f64>() / sorted.len().max(1) as f64;
    let at = |share: f64| {
        sorted.get(((sorted.len() as f64 - 1.0) * share).ceil() as usize).copied().unwrap_or(0.0)
    };
    format!("{mean:.0}; {:.0}; {:.0}", at(0.99), at(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paired_test_sees_a_difference_that_chance_does_not_make() {
        let paired = |ours_alone, peer_alone| Paired { ours_alone, peer_alone };
        assert_eq!(paired(0, 0).verdict(), "equal");
        // Five of five by chance: 1 in 32; four of four: 1 in 16.
        assert_eq!(paired(0, 5).verdict(), "below");
        assert_eq!(paired(0, 4).verdict(), "equal");
        assert_eq!(paired(5, 0).verdict(), "above");
        assert!((paired(2, 2).chance() - 11.0 / 16.0).abs() < 1e-12);
    }
}
