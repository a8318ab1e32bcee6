//! False acceptance: strangers and damaged letters against a ledger of numbers in sequence.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fastrand::Rng;
use image::GrayImage;
use returns_bench::strangers::{Drawn, Stranger, in_ledger, ledger_number, stranger};
use returns_bench::{Fault, FileFormat, Kind, Letters, Page, damage_file};
use serde::Deserialize;

use crate::readers::{Judge, ours};

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

/// What became of one sort of page.
#[derive(Default)]
struct Sort {
    pages: usize,
    /// Pages of ours whose own number was accepted.
    right: usize,
    /// Pages on which another number was accepted that the ledger knows.
    wrong: usize,
    /// Pages on which another text of a Code 39 was read, accepted or not: what stands on a stranger is such a text.
    other_read: usize,
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

/// Reads `pages` pages, half of them strangers, and reports in Markdown. Pages with a wrong number go to `wrong`.
pub fn false_acceptance(
    letters: &Letters,
    bank: &[Drawn],
    pages: usize,
    budget: Duration,
    wrong: &PathBuf,
) -> Result<String, Fault> {
    let mut sorts: BTreeMap<String, Sort> = BTreeMap::new();
    for index in 0..pages {
        let (name, page, kind) = page(letters, bank, index)?;
        let (file, truth) = damage_file(&page, kind, index as u64)?;
        let reading = ours(&file, budget);
        let sort = sorts.entry(name.clone()).or_default();
        sort.pages += 1;
        sort.right += usize::from(reading.accepted.contains(&truth.card_number));
        sort.other_read += usize::from(reading.code39.iter().any(|text| *text != truth.card_number));
        if reading.accepted.iter().any(|text| *text != truth.card_number && in_ledger(text)) {
            sort.wrong += 1;
            fs_err::create_dir_all(wrong)?;
            let file_name = format!("{name}-{kind}-{index:05}.{}", FileFormat::of(kind).ending());
            fs_err::write(wrong.join(file_name), file)?;
        }
    }
    let mut text = String::new();
    let _ = writeln!(
        text,
        "| pages of | pages | own number accepted | other text read | wrong number accepted |"
    );
    let _ = writeln!(text, "|---|---|---|---|---|");
    for (name, sort) in &sorts {
        let Sort { pages, right, other_read, wrong } = sort;
        let _ = writeln!(text, "| {name} | {pages} | {right} | {other_read} | {wrong} |");
    }
    Ok(text)
}
