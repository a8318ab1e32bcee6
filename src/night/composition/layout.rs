//! Fits variable text into its place: as it is, smaller, over several lines, or not at all. Never cut.

use unicode_normalization::UnicodeNormalization;

use crate::pdf::{FontProgram, GlyphRun, MissingGlyph, shape};
use crate::template::{Align, Fit, TextMark};

/// A line of text with its size and the baseline's beginning, in points from the page's top left corner.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedLine {
    /// The shaped text.
    pub run: GlyphRun,
    /// Its size.
    pub size: f64,
    /// Left edge.
    pub x: f64,
    /// Baseline.
    pub y: f64,
}

/// Why a text does not go into its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FitFault {
    /// The font lacks a character.
    Missing(MissingGlyph),
    /// Too long by the mark's policy.
    TooLong,
    /// More lines than there is place for.
    TooManyLines,
}

/// Step by which text shrinks, in points.
const STEP: f64 = 0.25;

/// Sets one text in its mark.
///
/// # Errors
/// The mark's policy does not let it in, or the font lacks a character.
pub fn set(mark: &TextMark, font: &FontProgram, text: &str) -> Result<Vec<PlacedLine>, FitFault> {
    let text: String = text.nfc().collect();
    if text.is_empty() {
        return Ok(Vec::new());
    }
    match mark.fit {
        Fit::Wrap => wrapped(mark, font, &text),
        Fit::Reject => placed(mark, font, &[text], mark.style.size).ok_or(FitFault::TooLong)?,
        Fit::Shrink => shrunk(mark, font, &[text]),
    }
}

/// Sets the lines of a block, all in one size.
///
/// # Errors
/// As for [`set`].
pub fn set_lines(mark: &TextMark, font: &FontProgram, lines: &[&str]) -> Result<Vec<PlacedLine>, FitFault> {
    if lines.len() > mark.lines {
        return Err(FitFault::TooManyLines);
    }
    let lines: Vec<String> = lines.iter().map(|line| line.nfc().collect()).collect();
    shrunk(mark, font, &lines)
}

/// The largest size, down to the mark's smallest, in which every line fits.
fn shrunk(mark: &TextMark, font: &FontProgram, lines: &[String]) -> Result<Vec<PlacedLine>, FitFault> {
    sizes(mark).find_map(|size| placed(mark, font, lines, size)).unwrap_or(Err(FitFault::TooLong))
}

fn sizes(mark: &TextMark) -> impl Iterator<Item = f64> {
    let (size, smallest) = (mark.style.size, mark.min_size);
    let steps = ((size - smallest) / STEP).ceil().max(0.0) as u32;
    (0..=steps).map(move |step| (size - f64::from(step) * STEP).max(smallest))
}

/// The lines at a size; `None` where one is too wide.
fn placed(
    mark: &TextMark,
    font: &FontProgram,
    lines: &[String],
    size: f64,
) -> Option<Result<Vec<PlacedLine>, FitFault>> {
    let mut out = Vec::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        let run = match shape(font, line) {
            Ok(run) => run,
            Err(missing) => return Some(Err(FitFault::Missing(missing))),
        };
        let width = run.width(size, mark.style.tracking);
        if width > mark.place.width + 0.01 {
            return None;
        }
        let shift = match mark.align {
            Align::Left => 0.0,
            Align::Center => (mark.place.width - width) / 2.0,
            Align::Right => mark.place.width - width,
        };
        let y = mark.place.y + index as f64 * mark.leading;
        out.push(PlacedLine { run, size, x: mark.place.x + shift, y });
    }
    Some(Ok(out))
}

/// Breaks at spaces into the mark's lines, in the largest size that fits.
fn wrapped(mark: &TextMark, font: &FontProgram, text: &str) -> Result<Vec<PlacedLine>, FitFault> {
    for size in sizes(mark) {
        let lines = broken(mark, font, text, size).map_err(FitFault::Missing)?;
        if lines.len() <= mark.lines
            && let Some(placed) = placed(mark, font, &lines, size)
        {
            return placed;
        }
    }
    Err(FitFault::TooLong)
}

fn broken(mark: &TextMark, font: &FontProgram, text: &str, size: f64) -> Result<Vec<String>, MissingGlyph> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let longer = lines.last().map(|line| format!("{line} {word}"));
        let fits = match &longer {
            Some(line) => shape(font, line)?.width(size, mark.style.tracking) <= mark.place.width + 0.01,
            None => false,
        };
        match (longer, lines.last_mut()) {
            (Some(line), Some(last)) if fits => *last = line,
            _ => lines.push(word.to_owned()),
        }
    }
    Ok(lines)
}
