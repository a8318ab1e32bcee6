//! False acceptance: strangers and damaged letters against a ledger of numbers in sequence.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::ops::Range;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fastrand::Rng;
use image::GrayImage;
use returns_bench::strangers::{Drawn, Stranger, in_ledger, ledger_number, stranger};
use returns_bench::{Fault, FileFormat, Kind, Letters, Page, damage_file};
use serde::{Deserialize, Serialize};

use crate::journal::Journal;
use crate::readers::{Budget, Judge, ours};
use crate::times::summary;

/// Symbols of each other format that strangers choose from.
const EACH_FORMAT: usize = 12;

/// Formats of zxing-cpp, whether each has bars, and what it is given.
const FORMATS: [(&str, bool, Text); 11] = [
    ("Code128", true, Text::Number),
    ("Code93", true, Text::Number),
    ("Codabar", true, Text::Framed),
    ("ITF", true, Text::Number),
    ("EAN13", true, Text::TwelveDigits),
    ("EAN8", true, Text::SevenDigits),
    ("PDF417", false, Text::Number),
    ("QRCode", false, Text::Number),
    ("Aztec", false, Text::Number),
    ("DataMatrix", false, Text::Number),
    ("DataBarLtd", true, Text::TwelveDigits),
];

/// What a format is given.
#[derive(Clone, Copy)]
enum Text {
    /// A number of the ledger.
    Number,
    /// A number of the ledger with two digits before it.
    TwelveDigits,
    /// A number of the ledger between Codabar's letters.
    Framed,
    /// Its last seven digits.
    SevenDigits,
}

/// A symbol as `judges.py draw` answers it.
#[derive(Deserialize)]
struct Answer {
    width: u32,
    height: u32,
    pixels: String,
}

/// What became of a page.
#[derive(Serialize, Deserialize)]
struct Line {
    page: usize,
    /// The sort of the page.
    sort: String,
    kind: String,
    /// Whether the page's own number was accepted.
    right: bool,
    /// Whether another number was accepted that the ledger knows.
    wrong: bool,
    /// Whether another text of a Code 39 was read, accepted or not: what stands on a stranger is such a text.
    other_read: bool,
    milliseconds: f64,
}

/// What became of one sort of page.
#[derive(Default)]
struct Sort {
    pages: usize,
    right: usize,
    wrong: usize,
    other_read: usize,
    milliseconds: Vec<f64>,
}

/// The pages that are read, and how.
pub struct FalseAcceptance<'a> {
    pub letters: &'a Letters,
    /// Symbols of other formats.
    pub bank: &'a [Drawn],
    /// The pages of the set, half of them strangers.
    pub pages: Range<usize>,
    /// The time that our readers may take for a picture.
    pub budget: Budget,
    /// Where pages with a wrong number are kept.
    pub wrong: &'a Path,
    /// Where what was read is kept, so that the run can go on.
    pub journal: Option<&'a Path>,
}

/// Symbols of other formats, drawn by zxing-cpp.
pub fn bank(judge: &mut Judge) -> Result<Vec<Drawn>, Fault> {
    let mut rng = Rng::with_seed(13);
    let mut bank = Vec::new();
    for (format, bars, text) in FORMATS {
        for _ in 0..EACH_FORMAT {
            let number = ledger_number(&mut rng).to_string();
            let text = match text {
                Text::Number => number,
                Text::Framed => format!("A{number}B"),
                Text::TwelveDigits => format!("01{number}"),
                Text::SevenDigits => number[3..].to_owned(),
            };
            let answer: Answer = judge.ask(&format!("{format}\t{text}"))?;
            let pixels = STANDARD.decode(answer.pixels).unwrap_or_default();
            let modules = GrayImage::from_raw(answer.width, answer.height, pixels);
            bank.extend(modules.map(|modules| Drawn { modules, bars }));
        }
    }
    Ok(bank)
}

/// Page `index` of the set: every other one is a stranger. The name of its sort, and the damage that it gets.
pub fn page(letters: &Letters, bank: &[Drawn], index: usize) -> Result<(String, Page, Kind), Fault> {
    let (kinds, strangers) = (Kind::all(), Stranger::all());
    let letter = letters.page(index)?;
    let pair = index / 2;
    let kind = kinds[pair % kinds.len()];
    if index.is_multiple_of(2) {
        return Ok(("letters".to_owned(), letter, kind));
    }
    // Both numbers are even: each round of the kinds begins with another stranger.
    let strange = strangers[(pair + pair / kinds.len()) % strangers.len()];
    Ok((strange.name().to_owned(), stranger(strange, &letter, bank, index as u64), kind))
}

impl FalseAcceptance<'_> {
    /// Reads the pages that the journal does not have, and reports on all in Markdown.
    pub fn table(&self) -> Result<String, Fault> {
        let settings = format!("strangers, {}", self.budget);
        let (mut journal, mut lines) = Journal::open::<Line>(self.journal, &settings)?;
        let known: HashSet<usize> = lines.iter().map(|line| line.page).collect();
        for index in self.pages.clone().filter(|index| !known.contains(index)) {
            let line = self.read(index)?;
            journal.add(&line)?;
            lines.push(line);
        }
        Ok(markdown(&lines))
    }

    fn read(&self, index: usize) -> Result<Line, Fault> {
        let (sort, page, kind) = page(self.letters, self.bank, index)?;
        let (file, truth) = damage_file(&page, kind, index as u64)?;
        let reading = ours(&file, self.budget);
        let other = |text: &String| *text != truth.card_number;
        let line = Line {
            page: index,
            sort,
            kind: kind.name().to_owned(),
            right: reading.accepted.contains(&truth.card_number),
            wrong: reading.accepted.iter().any(|text| other(text) && in_ledger(text)),
            other_read: reading.code39.iter().any(other),
            milliseconds: reading.milliseconds,
        };
        if line.wrong {
            fs_err::create_dir_all(self.wrong)?;
            let name = format!("{}-{kind}-{index:05}.{}", line.sort, FileFormat::of(kind).ending());
            fs_err::write(self.wrong.join(name), file)?;
        }
        Ok(line)
    }
}

fn markdown(lines: &[Line]) -> String {
    let mut sorts: BTreeMap<&str, Sort> = BTreeMap::new();
    for line in lines {
        for name in [line.sort.as_str(), "~ all"] {
            let sort = sorts.entry(name).or_default();
            sort.pages += 1;
            sort.right += usize::from(line.right);
            sort.wrong += usize::from(line.wrong);
            sort.other_read += usize::from(line.other_read);
            sort.milliseconds.push(line.milliseconds);
        }
    }
    let mut text = "| pages of | pages | own number accepted | other text read | wrong number accepted | \
                    ms: mean; p50; p99; worst |\n|---|---|---|---|---|---|\n"
        .to_owned();
    for (name, sort) in &sorts {
        let Sort { pages, right, other_read, wrong, milliseconds } = sort;
        let (name, times) = (name.trim_start_matches("~ "), summary(milliseconds));
        let _ = writeln!(text, "| {name} | {pages} | {right} | {other_read} | {wrong} | {times} |");
    }
    text
}
